"""When a name is the very one that was asked for: in written form, or by its lookup key.

The key drops what stands in brackets at the end. That may be a remark, 原某厂, and says nothing; it may be
another body, （二厂）, （龙岗分公司） or （成都）, and then the names are not the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eqcbatch.domain.matching.anatomy import Anatomy, take_apart
from eqcbatch.domain.names import lookup_key, query_for, written_form

_DROPPED_WITHIN = re.compile('[「」『』"]|及下属子企业')  # what a key drops anywhere (section 5.1)
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
        self._keys = {asked.lookup_key, lookup_key(asked.query)}
        self._key_forms = {*map(written_form, self._keys)}

    def by_form(self, form: str) -> bool:
        """Whether a name in written form is it."""
        return form in self._forms

    def by_key(self, name: str, form: str) -> bool:
        """Whether a name has its lookup key, and no other body stands in what that drops. form: its own."""
        if not any(key in form for key in self._key_forms) and not _DROPPED_WITHIN.search(form):
            return False  # a key is what is left of a name: most names need no closer look
        return lookup_key(name) in self._keys and _bodies_in(name) == _bodies_in(self.query_form)


def states_several_bodies(asked: Asked) -> bool:
    """Whether the ways in which a name is written state places or branches that differ: no id fits all."""
    forms = {query_for([variant]) for variant in asked.variants}
    if len(forms) < 2:
        return False
    names = [_without_remark(form) for form in forms]
    places = {_stems(name) for name in names} - {()}
    return len(places) > 1 or len({(name.office, name.numbers) for name in names}) > 1


def _bodies_in(name: str) -> tuple[object, ...]:
    """What names of one lookup key may not differ in."""
    parts = _without_remark(query_for([name]))
    return _stems(parts), parts.branch_places, parts.branch, parts.core


def _stems(name: Anatomy) -> tuple[str, ...]:
    return tuple(place.stem for place in name.places)


def _without_remark(name: str) -> Anatomy:
    return take_apart(_REMARK.sub("", written_form(name)))
