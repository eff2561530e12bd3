"""What stands in a row's columns of ids already, and what the ledger has for it."""

from __future__ import annotations

import pytest

from eqcbatch.errors import BadInput
from eqcbatch.source.entries import (
    ANY_ID,
    Entry,
    Standing,
    entry_header,
    entry_places,
    lost_texts,
    settle,
    standing_places,
)

OWN, OTHER = "600000001", "600000002"
TEMPORARY_ID = "INABCDEFGH234567AA"
NONE, TEMPORARY = Entry(), Entry("INZZZZZZZZ234567ZZ", "temporary")
STAYS = Entry(OWN, "column")


def known(source: str, company_id: str = OTHER) -> Entry:
    """An id that the ledger has."""
    return Entry(company_id, source, 0.9)


@pytest.mark.parametrize(
    ("standing", "entry", "refused", "settled"),
    [
        # none, or a temporary one
        ("", TEMPORARY, None, TEMPORARY),
        (TEMPORARY_ID, TEMPORARY, None, TEMPORARY),
        (TEMPORARY_ID, NONE, None, NONE),
        ("N/A", NONE, None, NONE),
        ("#N/A", known("eqc"), None, known("eqc")),
        # from anybody else
        (OWN, known("override"), None, known("override")),
        (OWN, known("index:customer_name"), None, known("index:customer_name")),
        (OWN, known("manual"), None, known("manual")),
        (OWN, known("column"), None, known("column")),
        (OWN, known("eqc"), None, STAYS),
        (OWN, known("harvest"), None, STAYS),
        (OWN, known("eqc", OWN), None, known("eqc", OWN)),
        (OWN, TEMPORARY, None, STAYS),
        (OWN, NONE, None, STAYS),
        (OWN, NONE, OTHER, STAYS),
        (OWN, NONE, OWN, STAYS),
        # a person's word
        (OWN, TEMPORARY, ANY_ID, TEMPORARY),
        (OWN, NONE, ANY_ID, NONE),
        # as another program wrote it
        ("600,000,001", NONE, None, STAYS),
        ("600000001.0", NONE, None, STAYS),
    ],
)
def test_an_id_of_the_source_stays_where_nothing_better_is_known(
    standing: str, entry: Entry, refused: str | None, settled: Entry
) -> None:
    """It has the rank of a row's own id: below override, index and review, above what EQC says."""
    assert settled == settle(Standing(standing), entry, refused)


@pytest.mark.parametrize("source", ["eqc", "harvest", "index:plan_code", "index:customer_name"])
def test_an_id_of_an_earlier_copy_gives_way_to_any(source: str) -> None:
    """Where there is none now it stays with all that was known of it, unless it is held back."""
    standing = Standing(OWN, source, "0.85")

    assert known("eqc") == settle(standing, known("eqc"), None)
    assert Entry(OWN, source, 0.85) == settle(standing, TEMPORARY, None) == settle(standing, NONE, OTHER)
    assert TEMPORARY == settle(standing, TEMPORARY, OWN) == settle(standing, TEMPORARY, ANY_ID)


@pytest.mark.parametrize("source", ["manual", "override", "column"])
def test_an_id_by_a_person_stays_one(source: str) -> None:
    """It came through an earlier copy, and is none that EQC may change."""
    standing = Standing(OWN, source, "1")

    assert Entry(OWN, source, 1.0) == settle(standing, known("eqc"), None) == settle(standing, NONE, OWN)
    assert known("manual") == settle(standing, known("manual"), None)


@pytest.mark.parametrize(
    ("standing", "lost"),
    [
        (Standing(OWN, "eqc", "0.9"), []),
        (Standing("", "", ""), []),
        (Standing(TEMPORARY_ID, "temporary", ""), []),
        (Standing("IN_ABCDEFGH234567AA", "", ""), []),
        (Standing("N/A", "index:plan_code", "1"), []),
        (Standing("待查", "", ""), ["待查"]),
        (Standing(OWN, "CRM", "高"), ["CRM", "高"]),
        (Standing("", "", "95"), ["95"]),
    ],
)
def test_words_of_others_would_be_lost(standing: Standing, lost: list[str]) -> None:
    """What an apply writes, and what stands for nothing, is none."""
    assert tuple(lost) == lost_texts(standing, known("eqc"))


def test_an_entry_stands_behind_the_last_column_or_where_it_stood() -> None:
    """A column is found by what a person reads; two of one name are refused."""
    header = ("\ufeffcompany_id", "客户名称", "company_id_confidence ")
    assert (0, 3, 2) == entry_places(header)
    assert {3: "company_id_source"} == entry_header(header)
    assert (0, None, 2) == standing_places(header)
    with pytest.raises(BadInput, match="There are 2 columns called company_id"):
        entry_places(("company_id", "x", "company_id"))
