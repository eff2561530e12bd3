"""The pure parts of a review: what a sheet says, which decisions count, what new rules change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eqcbatch.domain.id_look import NO_LOOK, Alphabet, IdLength, IdLook
from eqcbatch.domain.matching import Asked
from eqcbatch.domain.model import (
    Candidate,
    Choice,
    Held,
    IdSource,
    NameStanding,
    Reason,
    SecondQuestion,
    State,
    VerdictRule,
)
from eqcbatch.domain.score import Proposal, shipped
from eqcbatch.errors import BadInput
from eqcbatch.ledger.decision_rows import DecisionRow
from eqcbatch.ledger.reviews import Reviewed
from eqcbatch.review import Known, Terms, check_decisions, export_lines, rescore
from eqcbatch.review.agreement import evidence
from eqcbatch.review.deciding import Said, decide
from eqcbatch.review.sheet import FACTS, OF_CANDIDATE, ordered
from eqcbatch.settings import ConfidenceRule
from eqcbatch.source.sheets import Sheet

FIRST = Candidate(0, "600000001", "北京长城科技有限公司", "模糊匹配")
SECOND = Candidate(1, "600000002", "上海长城科技有限公司", "模糊匹配", former_names=("深圳黄河贸易有限公司",))
BY_EQC = NameStanding(
    State.RESOLVED,
    company_id="600000001",
    official_name="北京长城科技有限公司",
    confidence=0.8,
    verdict=VerdictRule.AMBIGUOUS,
    held=Held.AMBIGUOUS,
    source=IdSource.EQC,
)
BY_HAND = NameStanding(
    State.RESOLVED,
    company_id="600000007",
    confidence=1.0,
    verdict=VerdictRule.MANUAL,
    source=IdSource.MANUAL,
)
NO_COMPANY = NameStanding(State.FAILED, Reason.NO_COMPANY, verdict=VerdictRule.MANUAL)
NAME = Reviewed(
    lookup_key="长城科技",
    query="长城科技",
    standing=BY_EQC,
    rows=3,
    weight=3.0,
    variants=("长城科技",),
    candidates=(FIRST, SECOND),
)
NINE_DIGITS = IdLook.of([IdLength(Alphabet.DIGITS, 9, 9, 40), IdLength(Alphabet.DIGITS, 10, 10, 2)])


def sheet(*lines: tuple[str, str]) -> Sheet:
    return Sheet(("lookup_key", "decision"), tuple(enumerate(lines, 2)))


# The sheet


def test_a_line_has_the_facts_and_every_candidate() -> None:
    """All lines are as long as the header, a weight without a fraction is a whole number."""
    bare = replace(NAME, lookup_key="甲", candidates=(), weight=2.5)
    header, lines = export_lines([(NAME, Proposal("600000002", 0.479, 0.479)), (bare, None)])
    columns = (f"{column}_{number}" for number in (1, 2) for column in OF_CANDIDATE)
    assert (*FACTS, *columns) == header
    told = ("长城科技", "长城科技", "match", 3, 3, "600000002", 0.47, None, None, 2)
    assert told == lines[0][: len(FACTS)]
    assert (2.5, None, None, None, None, 0) == lines[1][4 : len(FACTS)]
    assert {len(header)} == set(map(len, lines))


def test_a_company_that_was_offered_twice_stands_once() -> None:
    """At its best rank; of more than ten, ten are shown and all are counted."""
    many = tuple(Candidate(rank, str(rank % 12), "公司") for rank in range(24))
    header, (line,) = export_lines([(replace(NAME, candidates=many), None)])
    assert 12 == line[9]
    assert [str(rank) for rank in range(10)] == [line[place] for place in range(10, len(header), 6)]


def test_without_a_held_name_there_is_a_header_alone() -> None:
    """So that nobody takes an empty file for a broken one."""
    assert (FACTS, []) == export_lines([])


def test_what_can_most_likely_be_resolved_comes_first() -> None:
    """Then the heaviest; `none` is proposed at the end, where it is sure."""
    slip = Candidate(0, "600000005", "北京长城科技有限公司", "模糊匹配")
    sure = replace(NAME, lookup_key="乙", query="北京长城科技", candidates=(slip,), weight=1.0)
    light, heavy = (replace(NAME, lookup_key=str(weight), weight=weight) for weight in (1.0, 2.0))
    other = Candidate(0, "600000009", "南京黄河大学", "模糊匹配")
    nobody = replace(NAME, lookup_key="丙", query="海南天山食品有限公司", candidates=(other,), weight=9.0)
    proposed = ordered([nobody, light, heavy, sure], shipped())
    assert [sure, heavy, light, nobody] == [name for name, _ in proposed]
    first, *_, last = (proposal for _, proposal in proposed if proposal)
    assert ("600000005", "none") == (first.text, last.text)
    assert 0.98 <= last.sure < 1


@pytest.mark.parametrize(
    ("query", "offered", "agrees", "contradicts"),
    [
        ("北京长城科技有限公司", FIRST, "name, region, core, form", ""),
        ("北京长城科技有限公司", SECOND, "core, form", "region"),
        ("深圳黄河贸易有限公司", SECOND, "former name (深圳黄河贸易有限公司), form", ""),
        ("北京长城科技有限公司", replace(FIRST, official_name=None), "", "region"),
        ("北京长城科技有限公司", replace(SECOND, second=SecondQuestion.WITH_PLACE), "core, form", "region"),
    ],
)
def test_the_evidence_follows_the_rules_of_the_verdict(
    query: str, offered: Candidate, agrees: str, contradicts: str
) -> None:
    """Parts that are the same agree; where a rule finds a contradiction, the differing parts are told."""
    found = evidence(Asked(query, query, ()), offered)
    assert (agrees, contradicts) == (found[0], found[1].partition(",")[0])


# Decisions


def stands(key: str, standing: NameStanding = BY_EQC, *candidates: Candidate) -> Reviewed:
    return replace(NAME, lookup_key=key, standing=standing, candidates=candidates or NAME.candidates)


def says(
    name: Reviewed, text: str, *earlier: DecisionRow, terms: Terms | None = None, force: bool = False
) -> Any:
    return decide(name, Said(text, "here", force), earlier, terms or Terms())


def test_decisions_are_told_apart() -> None:
    """New ones, those that stand already, and lines without one."""
    names = {
        "长城科技": NAME,
        "乙": stands("乙", BY_HAND),
        "丙": stands("丙", NO_COMPANY),
        "丁": stands("丁", NameStanding(State.PENDING)),
        "戊": stands("戊"),
    }
    lines = [("长城科技", "600000002"), ("乙", "600000007"), ("丙", "None"), ("丁", ""), ("戊", "NONE")]
    checked = check_decisions(sheet(*lines), Known(names, origin="held.csv"), Terms())
    assert [
        ("长城科技", Choice.COMPANY, "600000002", "held.csv line 2"),
        ("戊", Choice.NONE, None, "held.csv line 6"),
    ] == [(one.lookup_key, one.choice, one.after.company_id, one.origin) for one in checked.decisions]
    assert (1, 2, ()) == (checked.undecided, checked.unchanged, checked.problems)


@pytest.mark.parametrize(
    "standing",
    [
        NameStanding(State.PENDING),
        NameStanding(State.FAILED, Reason.NOT_FOUND),
        NameStanding(State.FAILED, Reason.TIMEOUT),
        NameStanding(State.FAILED, Reason.INVALID),
        NameStanding(State.CACHED, source=IdSource.COLUMN),
        NameStanding(State.CACHED, company_id="1", confidence=1.0, source=IdSource.INDEX_CUSTOMER_NAME),
        BY_EQC,
        replace(BY_EQC, held=None),
    ],
    ids=str,
)
def test_a_name_in_any_state_can_be_decided(standing: NameStanding) -> None:
    """An id and `none` come to the same from everywhere."""
    name = stands("甲", standing)
    to_company, to_none = says(name, "600000002"), says(name, "none")
    assert (standing, "600000002", IdSource.MANUAL) == (
        to_company.before,
        to_company.after.company_id,
        to_company.after.source,
    )
    assert NO_COMPANY == to_none.after


@pytest.mark.parametrize(
    ("text", "force", "problem"),
    [
        ("600000002", False, None),
        (
            "600000009",
            False,
            "'600000009' is not among the candidates of '长城科技'; --force takes it all the same",
        ),
        ("600000009", True, None),
        (
            "60000009",
            True,
            "'60000009' does not look like a company id: those that are known have 9 to 10 digits",
        ),
        ("60000000A", True, "'60000000A' does not look like"),
        ("6000 00009", True, "'6000 00009' does not look like"),
        ("N/A", True, "'N/A' is no company id"),
        ("INABCDEFGHIJKLMNOP", True, "'INABCDEFGHIJKLMNOP' is no company id"),
    ],
)
def test_an_id_was_offered_or_is_forced_and_looks_like_one(
    text: str, force: bool, problem: str | None
) -> None:
    """By a slip of the finger a digit is missing, or a letter among them."""
    found = says(NAME, text, terms=Terms(look=NINE_DIGITS), force=force)
    if problem:
        assert isinstance(found, str)
        assert found.startswith(problem)
    else:
        assert (text, force) == (found.after.company_id, found.forced)


def test_where_nothing_was_offered_there_is_nothing_to_force() -> None:
    """A name that is pending, or was known, takes any id that looks like one; where none is known, any."""
    bare = replace(NAME, standing=NameStanding(State.PENDING), candidates=())
    assert says(bare, "600000009", terms=Terms(look=NINE_DIGITS)).forced is False
    assert isinstance(says(bare, "9", terms=Terms(look=NINE_DIGITS)), str)
    assert says(bare, "A-9").after.company_id == "A-9"


@pytest.mark.parametrize(
    ("company_id", "of_few", "of_many"),
    [
        ("600000001", True, True),
        ("60000001", True, False),
        ("6000001", False, False),
        ("60000000A", False, False),
    ],
)
def test_a_few_ids_tell_less_of_their_length(company_id: str, of_few: bool, of_many: bool) -> None:
    """They may be one sign shorter or longer; their alphabet is told by any."""
    looks = [IdLook.of([IdLength(Alphabet.DIGITS, 9, 9, known)]) for known in (3, 300)]
    assert [of_few, of_many] == [look.fits(company_id) for look in looks]


def test_a_forced_id_has_no_name() -> None:
    """Nobody knows what the company is called; one among the candidates keeps all that is known of it."""
    assert says(NAME, "9" * 100, force=True).after.official_name is None
    assert says(NAME, "600000002").after.official_name == "上海长城科技有限公司"
    assert isinstance(says(NAME, "9" * 101, force=True), str)


def test_what_a_person_decided_is_changed_on_purpose_alone() -> None:
    """The problem says who decided what, when and where, and what would become of it."""
    row = DecisionRow(
        Choice.COMPANY, "2026-11-03T09:00:00+00:00", "anna", "held.csv line 2", False, BY_EQC, BY_HAND
    )
    name = stands("甲", BY_HAND)
    found = says(name, "none", row)
    assert (
        "'甲' was decided by anna on 2026-11-03 (held.csv line 2): 600000007 (manual). "
        "Here it would become 'none'; --change-decisions changes it"
    ) == found
    assert "was decided by hand: 600000007" in says(name, "none")
    assert NO_COMPANY == says(name, "none", row, terms=Terms(change=True)).after
    assert says(name, "600000007", row) is None


@pytest.mark.parametrize(
    ("standing", "before", "candidates", "after"),
    [
        # a person's word: what the machine would say
        (BY_HAND, BY_EQC, (FIRST,), ("resolved", "600000001", "eqc", None)),
        (
            BY_HAND,
            replace(BY_EQC, source=IdSource.HARVEST),
            (FIRST,),
            ("resolved", "600000001", "harvest", None),
        ),
        (NO_COMPANY, BY_EQC, (FIRST, SECOND), ("resolved", "600000001", "eqc", "ambiguous")),
        (NO_COMPANY, NameStanding(State.PENDING), (), ("pending", None, None, None)),
        (BY_HAND, NameStanding(State.FAILED, Reason.NOT_FOUND), (), ("pending", None, None, None)),
        (
            NO_COMPANY,
            NameStanding(State.CACHED, company_id="1", confidence=0.9, source=IdSource.INDEX_FORMER_NAME),
            (FIRST,),
            ("cached", "1", "index:former_name", None),
        ),
        (BY_HAND, NameStanding(State.CACHED, source=IdSource.COLUMN), (), ("pending", None, None, None)),
        (BY_HAND, None, (), ("pending", None, None, None)),
        # nobody's: asked again
        (NameStanding(State.FAILED, Reason.NOT_FOUND), None, (), ("pending", None, None, None)),
        (
            NameStanding(State.CACHED, company_id="1", confidence=1.0, source=IdSource.OVERRIDE),
            None,
            (),
            ("pending", None, None, None),
        ),
        # nothing to open
        (BY_EQC, None, (FIRST,), None),
        (NameStanding(State.PENDING), None, (), None),
        (NameStanding(State.FAILED, Reason.INVALID), None, (), None),
    ],
)
def test_reopen_gives_a_name_back(
    standing: NameStanding,
    before: NameStanding | None,
    candidates: tuple[Candidate, ...],
    after: tuple[str | None, ...] | None,
) -> None:
    """To what was known before people spoke, to a verdict on what EQC offered, or to be asked."""
    row = DecisionRow(Choice.NONE, None, None, None, False, before, standing)
    name = replace(NAME, standing=standing, candidates=candidates)
    found = says(name, "reopen", row, terms=Terms(change=True))
    told = found and (found.after.state, found.after.company_id, found.after.source, found.after.held)
    assert after == (told and tuple(None if one is None else str(one) for one in told))


def test_reopen_twice_is_reopen_once() -> None:
    """What was known before is known again, and not asked for because a sheet comes twice."""
    known = NameStanding(State.CACHED, company_id="1", confidence=0.9, source=IdSource.INDEX_CUSTOMER_NAME)
    row = DecisionRow(Choice.REOPEN, None, "a", "x", False, BY_HAND, known)
    assert says(stands("甲", known), "reopen", row) is None
    assert says(stands("甲", replace(known, company_id="2")), "reopen", row).after.state is State.PENDING


def test_reopen_goes_back_behind_all_decisions_since_the_last_one() -> None:
    """What stood before the first of them, not before the latest; a name that cannot be asked is not."""
    known = NameStanding(State.CACHED, company_id="1", confidence=0.9, source=IdSource.INDEX_CUSTOMER_NAME)
    rows = [
        DecisionRow(Choice.COMPANY, None, "a", "x", False, BY_EQC, BY_HAND),
        DecisionRow(Choice.REOPEN, None, "a", "x", False, BY_HAND, known),
        DecisionRow(Choice.COMPANY, None, "a", "x", False, known, BY_HAND),
        DecisionRow(Choice.NONE, None, "b", "x", False, BY_HAND, NO_COMPANY),
    ]
    assert known == says(stands("甲", NO_COMPANY), "reopen", *rows, terms=Terms(change=True)).after
    long = replace(NAME, lookup_key="长" * 256, standing=BY_HAND, candidates=())
    assert Reason.INVALID is says(long, "reopen", terms=Terms(change=True)).after.reason


@pytest.mark.parametrize(
    ("cell", "company_id"),
    [
        *(
            (cell, "600000009")
            for cell in ("600000009.0", "600,000,009", "６０００００００９", "6.00000009E+08")
        ),
        *((cell, "600000009") for cell in ("'600000009", '="600000009"', "　600000009 ", "+600000009")),
        *((cell, None) for cell in ("6E+08", "600000009.5", "#N/A", "０", "无", "-", "2024-01-01", "9.0")),
    ],
)
def test_an_id_is_read_by_its_shown_form(cell: str, company_id: str | None) -> None:
    """As sources are read; what is no exact id stays a problem, and is shown as it is written."""
    found = says(replace(NAME, candidates=()), cell, terms=Terms(look=NINE_DIGITS))
    if company_id:
        assert company_id == found.after.company_id
    else:
        assert "company id" in found


@pytest.mark.parametrize("cell", ["NONE", "None", "ｎｏｎｅ", "ＮＯＮＥ", "'none", " none\u3000"])
def test_a_word_is_read_by_its_shown_form(cell: str) -> None:
    """However wide its letters are; so is `force`."""
    assert NO_COMPANY == says(NAME, cell).after
    page = Sheet(("lookup_key", "decision", "force"), ((2, ("长城科技", "600000009", "ＹＥＳ")),))
    checked = check_decisions(page, Known({"长城科技": NAME}), Terms())
    assert (1, ()) == (len(checked.decisions), checked.problems)


def test_zeros_that_a_spreadsheet_took_are_given_back() -> None:
    """Where one offer alone is meant, force or not: else another company would get the name."""
    offers = tuple(replace(FIRST, company_id=one) for one in ("0600000003", "600000004", "0600000004"))
    name = replace(NAME, candidates=offers)
    for force in (False, True):
        for cell, company_id in (("600000003", "0600000003"), ("600,000,003", "0600000003")):
            assert company_id == says(name, cell, force=force).after.company_id
        assert "600000004" == says(name, "600000004", force=force).after.company_id
    twice = replace(NAME, candidates=tuple(replace(FIRST, company_id=one) for one in ("0012345", "00012345")))
    assert "is not among the candidates" in says(twice, "12345")


def test_the_very_id_that_is_offered_is_itself() -> None:
    """Though such a cell of a source would hold a date."""
    odd = replace(FIRST, company_id="2024-01-01")
    assert "2024-01-01" == says(replace(NAME, candidates=(odd,)), "2024-01-01").after.company_id


def test_reopen_lets_nothing_go_that_was_taken_back() -> None:
    """A revert doubts a session as a whole: only new rules, or a person, let its result go again."""
    good = replace(FIRST, match_type="全称精确匹配")
    name = replace(NAME, lookup_key="北京长城科技有限公司", query="北京长城科技有限公司", candidates=(good,))
    name = replace(name, variants=(), standing=BY_HAND)
    before = replace(BY_EQC, verdict=VerdictRule.EXACT_NAME, confidence=1.0)
    for held in (None, Held.REVERTED):
        row = DecisionRow(Choice.COMPANY, None, "a", "x", False, replace(before, held=held), BY_HAND)
        assert held is says(name, "reopen", row, terms=Terms(change=True)).after.held


@pytest.mark.parametrize(
    ("said", "forced"), [("", None), ("no", None), ("YES", True), ("x", True), ("是", True)]
)
def test_force_is_said_of_a_line(said: str, forced: bool | None) -> None:
    """For its own id, and no other line's."""
    other = stands("乙")
    page = Sheet(
        ("lookup_key", "decision", "force"),
        ((2, ("长城科技", "600000009", said)), (3, ("乙", "600000009", ""))),
    )
    checked = check_decisions(page, Known({"长城科技": NAME, "乙": other}), Terms(look=NINE_DIGITS))
    assert [forced] * bool(forced) == [one.forced for one in checked.decisions]
    assert 2 - bool(forced) == len(checked.problems)
    maybe = replace(page, rows=((2, ("长城科技", "600000001", "maybe")),))
    (problem,) = check_decisions(maybe, Known({"长城科技": NAME}), Terms()).problems
    assert "line 2: its column `force` says 'maybe': write `yes`, or nothing" == problem


def test_a_column_that_stands_twice_is_none() -> None:
    """Which of two decisions counts nobody knows."""
    with pytest.raises(BadInput, match="one column 'decision'"):
        check_decisions(Sheet(("lookup_key", "decision", "decision"), ()), Known({}), Terms())


def test_what_eqc_offered_and_is_no_id_is_not_taken() -> None:
    """A version before kept such candidates."""
    offered = replace(NAME, candidates=(Candidate(0, "undefined1＋"), Candidate(1, "undefined")))
    for text in ("undefined1＋", "undefined"):
        told = says(offered, text, terms=Terms(look=NO_LOOK), force=True)
        assert isinstance(told, str)
        assert told.startswith(f"{text!r} does not look like a company id")


# Rescoring


def test_a_rescoring_is_sorted_by_what_changes() -> None:
    """Held or not, which id, or merely how; names that stay as they are do not appear."""
    exact = replace(NAME, query="北京长城科技有限公司")
    settled = replace(BY_EQC, confidence=1.0, verdict=VerdictRule.EXACT_NAME, held=None)
    names = [
        replace(exact, lookup_key="held before"),
        replace(exact, lookup_key="unchanged", standing=settled),
        replace(exact, lookup_key="other id", standing=replace(settled, company_id="600000002")),
        replace(exact, lookup_key="otherwise", standing=replace(settled, confidence=0.8)),
        replace(
            NAME,
            lookup_key="confident before",
            query="黄河贸易有限公司",
            standing=replace(BY_EQC, held=None),
        ),
        replace(NAME, lookup_key="no candidates", candidates=()),
    ]
    found = rescore(names, ConfidenceRule())
    assert (5, 1, 1) == (found.names, found.unjudged, found.otherwise)
    assert (["held before"], ["confident before"], ["other id"]) == tuple(
        [change.lookup_key for change in kind]
        for kind in (found.newly_confident, found.newly_held, found.changed_id)
    )
