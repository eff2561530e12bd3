"""A company name taken apart: its places, its legal form, its branch, its numbers, its core.

Rules of thumb over the written form; a part that cannot be told is left in the core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eqcbatch.domain.matching.divisions import COUNTY
from eqcbatch.domain.matching.numerals import numbers_in, with_digits
from eqcbatch.domain.matching.places import COUNTRY, Place, Places, places_within, split_places
from eqcbatch.domain.matching.words import BRANCH, FORM_WORDS, INSTITUTION, WHOLE_FORMS
from eqcbatch.domain.names import written_form

FEWEST_SIGNS = 4  # of a core that stands alone: a brand of two or three is borne by many

_FORM_BACKWARDS = re.compile(
    f"(?:{'|'.join(word[::-1] for word in sorted(FORM_WORDS.split('|'), key=len, reverse=True))})*"
)
_ONLY_FORM = re.compile(f"(?:{FORM_WORDS})*$")
_KIND_IN_BRACKETS = re.compile("合伙|独资|所有制|股份合作|个体工商户|筹")
_NO_PLACE_IN_BRACKETS = re.compile(f"{FORM_WORDS}|{_KIND_IN_BRACKETS.pattern}")
_BRACKETED = re.compile(r"\(([^()]*)(?:\)|$)")  # one that is not closed was cut off
_HEAD_OFFICE = re.compile("(?<![分支子])公司|(?<=[电种])子公司")  # where it may end
_BANK_OF_THE_COUNTRY = re.compile(f"{COUNTRY}(?=[\u4e00-\u9fff]{{2,5}}银行)")
_CITY_BY_SLIP = re.compile("市(?=(?:分公司|支公司|分行|支行|分局|分店|办事处)$)")  # of what is no city
_BEHIND = "之之"  # a place is known by a name that goes on behind it


@dataclass(frozen=True, slots=True)
class Anatomy:
    """The parts of a name.

    places: as stated, from large to small. bracketed: whether they stand in brackets. code: of the division
    that registered the company, where its name states no place; "" if unknown. branch_places, branch: what
    stands behind the head office's name. numbers: in their order. core: brand and trade. form: the legal
    form, 责任 aside. head, behind: head office and branch in the words of the name, the former without its
    places.
    """

    core: str
    form: str
    places: Places
    bracketed: bool
    branch_places: Places
    branch: str
    numbers: tuple[str, ...]
    head: str
    behind: str
    code: str = ""

    @property
    def written_in_full(self) -> bool:
        """Whether the name ends as registered names do: in a whole legal form, or as institutions do."""
        return bool(self.branch) or self.form.endswith(WHOLE_FORMS) or bool(INSTITUTION.search(self.core))

    @property
    def may_be_cut(self) -> bool:
        """Whether something may have been cut off its end."""
        return not (self.form or self.written_in_full)

    @property
    def says_too_little(self) -> bool:
        """Whether it is a bare brand, without a place, a trade or a legal form."""
        return not (self.places or self.form or self.branch) and len(self.core) < FEWEST_SIGNS


def take_apart(name: str) -> Anatomy:
    """The anatomy of a name."""
    return take_form_apart(written_form(name))


@lru_cache(maxsize=4096)
def take_form_apart(form: str) -> Anatomy:
    """The anatomy of a name in written form."""
    whole, in_brackets = _without_brackets(form)
    head, branch_words = _split_branch(_BANK_OF_THE_COUNTRY.sub("", whole))
    places, rest = split_places(head)
    rest = rest or head  # a name that is nothing but a place
    if in_brackets and places and places[0].is_within(in_brackets[-1].codes):  # 德清甲(浙江)公司
        in_brackets, places = (), in_brackets + places
    elif in_brackets and places:  # 上海甲(北京)公司 is of 上海; 北京 is a part of what it is called
        rest = "".join(place.stem for place in in_brackets) + rest
    bracketed = bool(in_brackets) and not places
    return assemble(in_brackets if bracketed else places, rest, branch_words, bracketed=bracketed)


def assemble(places: Places, head: str, behind: str, *, bracketed: bool) -> Anatomy:
    """The anatomy of a name of these places, with the head office's name behind them, then the branch."""
    core = with_digits(without_form(head))
    form = head[_form_start(head) :].replace("责任", "")
    branch_places, branch = split_places(behind, any_word=True)
    branch = with_digits(_CITY_BY_SLIP.sub("", branch))
    numbers = numbers_in(core) + numbers_in(branch)
    return Anatomy(core, form, places, bracketed, branch_places, branch, numbers, head, behind)


def without_form(head: str) -> str:
    """The words of a head office without its legal form."""
    return head[: _form_start(head)] or head


def _form_start(name: str) -> int:
    """Where the words of a legal form begin at its end: read from there, in time linear in its length."""
    backwards = _FORM_BACKWARDS.match(name[::-1])
    assert backwards is not None  # if of no words
    return len(name) - backwards.end()


def _without_brackets(name: str) -> tuple[str, Places]:
    """A name without its brackets, and the places that stand in them, if some do.

    A place may stand in brackets behind the brand or before the legal form, and hardly anything else
    does; so within a name any words there are one, save those of a legal form, which are a part of the
    name (集团). At its end only a known place is. What kind of partnership it is goes.
    """
    if "(" not in name:
        return name, ()
    found: Places = ()

    def reread(group: re.Match[str]) -> str:
        nonlocal found
        places = _bracketed_places(group[1], within=group.end() < len(name))
        if places and not found:
            found = places
            return ""
        return "" if _KIND_IN_BRACKETS.search(group[1]) else group[1]

    return _BRACKETED.sub(reread, name), found


def _bracketed_places(words: str, *, within: bool) -> Places:
    if not words or _NO_PLACE_IN_BRACKETS.search(words):
        return ()
    if words == COUNTRY:
        return (Place(COUNTRY, "", ()),)
    places, rest = split_places(f"{words}{_BEHIND}", any_word=True)
    rest = rest.removesuffix(_BEHIND)
    if not rest:
        return places
    return (*places, Place(rest, "", ())) if within and all(place.level < COUNTY for place in places) else ()


def _split_branch(name: str) -> tuple[str, str]:
    """Head office and branch; `中国银行股份有限公司北京市分行` is the branch `北京分行` of a bank.

    Behind 公司 there is no more of a company's name: what follows is a part of it, whatever it is
    called (a branch, a shop, its trade union).
    """
    head = _HEAD_OFFICE.search(name)
    if head and not _ONLY_FORM.match(name, head.end()):
        return name[: head.end()], name[head.end() :]
    found = None if head else BRANCH.search(name)
    if not found:
        return name, ""
    bank = name.rfind("银行") + 2
    if bank > 1:
        return name[:bank], name[bank:]
    within = places_within(name[: found.start()])
    cut = within if within else found.start()
    return name[:cut], name[cut:]
