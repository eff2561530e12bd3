"""When a name is the very one that was asked for: in written form, or by its lookup key.

The key drops what stands in brackets at the end. That may be a remark, 原某厂, and says nothing; it may be
another body, （二厂）, （龙岗分公司） or （成都）, and then the names are not the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.matching.places import Places, same_place
from eqcbatch.domain.matching.words import BRANCH, INSTITUTION
from eqcbatch.domain.names import lookup_key, query_for, written_form

_DROPPED_WITHIN = re.compile('[「」『』"]|及下属子企业')  # what a key drops anywhere (section 5.1)
_BODY = re.compile(f"{BRANCH.pattern}|{INSTITUTION.pattern}|(?:公司|[区期])$")
_REMARK = re.compile(r"\((?:原|曾用名|筹)[^()]*\)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """The name that was asked for: its key, the query, and how it is written in the sources."""

    lookup_key: str
    query: str
    variants: tuple[str, ...]


class Sameness:
    """What is the same name as one that was asked for."""

    def __init__(self, asked: Asked) -> None:
        self.query_form = written_form(asked.query)
        self._forms = {self.query_form, *map(written_form, asked.variants)}
        if len(asked.variants) > 1:  # what is said of a name may hide how else it is written
            self._forms |= {written_form(query_for([variant])) for variant in asked.variants}
        self._keys = {asked.lookup_key, lookup_key(asked.query)}
        self._key_forms = {*map(written_form, self._keys)}

    def by_form(self, form: str) -> bool:
        """Whether a name in written form is it."""
        return form in self._forms

    def by_key(self, name: str, form: str) -> bool:
        """Whether a name has its lookup key, and no other body stands in what that drops. form: its own."""
        if not any(key in form for key in self._key_forms) and not _DROPPED_WITHIN.search(form):
            return False  # a key is what is left of a name: most names need no closer look
        return lookup_key(name) in self._keys and _are_one_body(name, self.query_form)


def states_several_bodies(asked: Asked) -> bool:
    """Whether the ways in which a name is written state bodies that differ: no id fits all.

    Their places, or what stands at the end in brackets: （龙岗分公司）, （北区）. Where only some have such a
    bracket it may be a remark, if it does not end as a body does.
    """
    forms = {query_for([variant]) for variant in asked.variants}
    if len(forms) < 2:
        return False
    names = [_without_remark(form) for form in forms]
    placed = [name.places for name in names if name.places]
    plain = _without_remark(asked.lookup_key)
    called = {name.core for name in names} - {plain.core}
    return (
        not all(_are_same_places(placed[0], places) for places in placed)
        or len({(_body(name, plain), name.numbers) for name in names}) > 1
        or len(called) + bool(placed and not plain.places) > 1
    )


def _body(name: Anatomy, plain: Anatomy) -> str:
    """The body that a name states beside the plain one: 北区, 龙岗分公司, 人民路店; "" for a remark."""
    stated = (name.core + name.behind).removeprefix(plain.core)
    return stated if _BODY.search(stated) else ""


def _are_one_body(name: str, other: str) -> bool:
    """Whether names of one lookup key differ in nothing that makes another body."""
    one, its = _without_remark(query_for([name])), _without_remark(query_for([other]))
    same = (one.branch_places, one.branch, one.core) == (its.branch_places, its.branch, its.core)
    return same and _are_same_places(one.places, its.places)


def _are_same_places(one: Places, other: Places) -> bool:
    """Whether they are written alike, but for ranks that are left out: 南昌市 and 南昌, no 南昌县."""
    return len(one) == len(other) and all(map(same_place, one, other))


def _without_remark(name: str) -> Anatomy:
    return take_apart(_REMARK.sub("", written_form(name)))
