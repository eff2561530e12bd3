"""The sources, one line each, and what is to be said of months that pile up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eqcbatch.humanize import count, shorten
from eqcbatch.render.plain_text import fitted, share, table
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.domain.model import CurrentSource
    from eqcbatch.sources import ForgetReport, Listed, Listing

_TITLE_WIDTH = 32  # columns of a terminal
_QUERY = 60  # signs of it


def sources_text(listing: Listing) -> str:
    """All there is to say of each source, one line each; what they are read from comes last, in full."""
    if not listing.listed:
        return "No source counts. Next: eqcbatch plan SOURCE"
    weighed = listing.units > 1 or any(one.source.weighed_by for one in listing.listed)
    lines = table(
        [
            (
                *(one.source.number, one.source.name or "-", one.source.rows, one.source.names),
                *(coverage(one), one.source.planned_at[:10]),
                *([one.source.weighed_by or "rows"] if weighed else []),
                read_from(one.source),
            )
            for one in listing.listed
        ],
        (
            *("", "name", "rows", "names", "with an id", "planned"),
            *(["weighed by"] if weighed else []),
            "read from",
        ),
    )
    return "\n\n".join([lines, *filter(None, ["\n".join(notes(listing))])])


def sources_lines(listing: Listing) -> str:
    """The sources as a report tells them."""
    titles = short_titles([one.source for one in listing.listed])
    rows = [
        (
            *(one.source.number, fitted(title, _TITLE_WIDTH), one.source.rows, one.source.names),
            *(coverage(one), one.source.planned_at[:10]),
        )
        for one, title in zip(listing.listed, titles, strict=True)
    ]
    lines = table(rows, ("", "source", "rows", "names", "with an id", "planned"))
    return "\n".join(filter(None, [lines, *notes(listing)]))


def notes(listing: Listing) -> Iterator[str]:
    """What is to be said of several sources: weights of different kinds, months that pile up."""
    if listing.units > 1:
        kinds = sorted({one.source.weighed_by or "their rows" for one in listing.listed})
        yield (
            f"Sources are weighed by {visible(' and '.join(kinds))}, which do not add up: each counts for "
            "its rows, and its weights say how these are spread."
        )
    yield from map(alike_text, listing.alike)
    yield from map(twice_text, listing.twice)


def alike_text(group: Sequence[CurrentSource]) -> str:
    """That sources seem to be months of one, of which all rows count, and the command that helps."""
    newest = group[-1]
    numbers = [str(one.number) for one in group]
    rows = sum(one.rows for one in group)
    every = "both" if len(group) == 2 else "all of them"
    return (
        f"Sources {', '.join(numbers[:-1])} and {numbers[-1]} differ in digits or dates alone, and {every} "
        f"count: {rows:,} rows, of which the newest has {newest.rows:,}. If it replaces what was before: "
        f"{_remedy(group)}"
    )


def twice_text(group: Sequence[CurrentSource]) -> str:
    """That sources read the same sheet, and the command that helps."""
    shared = set.intersection(*(set(one.sheets_read) for one in group))
    sheets = " and ".join(visible(sheet) for sheet in group[0].sheets_read if sheet in shared)
    *older, newest = [str(one.number) for one in group]
    return (
        f"Sources {', '.join(older)} and {newest} read the same rows of {_file_name(group[0])} "
        f"({sheets}), which count for each. To keep the newest: eqcbatch sources forget {' '.join(older)}"
    )


def _remedy(group: Sequence[CurrentSource]) -> str:
    *older, newest = group
    named = [one for one in older if one.name]
    obsolete = [str(one.number) for one in older if not one.name]
    if newest.name is None and named:
        again = f"plan {visible(_file_name(newest))} again with --as {visible(named[-1].name)}"
        return again + (f", and eqcbatch sources forget {' '.join(obsolete)}" if obsolete else "") + "."
    later = "" if newest.name else "; plan the next one with --as NAME, and it replaces the one before"
    return f"eqcbatch sources forget {' '.join(obsolete)}{later}."


def forgotten_text(report: ForgetReport) -> str:
    """What was taken out, and what became of its names."""
    titles = ", ".join(
        visible(title) + f" ({count(one.rows, 'row')})"
        for one, title in zip(report.sources, short_titles(report.sources), strict=True)
    )
    names = report.names
    return (
        f"Forgot {titles}. {count(names.names, 'name')} stood there: {names.elsewhere:,} in other sources, "
        f"{names.undecided:,} retired that nobody asks any more, {names.decided:,} retired that stay decided."
    )


def listing_json(listing: Listing) -> dict[str, Any]:
    """The keys `sources`, `look_alike` and `read_twice` of a report, a plan and the command."""
    return {
        "sources": [
            {
                **_source_json(one.source),
                "rows_identified": one.rows_identified,
                "coverage": _coverage(one),
            }
            for one in listing.listed
        ],
        "look_alike": [[one.number for one in group] for group in listing.alike],
        "read_twice": [[one.number for one in group] for group in listing.twice],
    }


def forgotten_json(report: ForgetReport) -> dict[str, Any]:
    """What was taken out, for programs."""
    return {"forgotten": [_source_json(one) for one in report.sources], "names": asdict(report.names)}


def coverage(one: Listed) -> str:
    """The share of its rows behind names that have an id."""
    return share(one.rows_identified, one.source.named_rows)


def short_titles(sources: Sequence[CurrentSource]) -> list[str]:
    """What each is called for short: its name, or no more of what it is read from than tells it apart."""
    ways = [
        [_file_name(one), _with_sheets(one, _file_name(one)), _with_sheets(one, one.location), read_from(one)]
        for one in sources
    ]
    taken = Counter(way for ways_of_one in ways for way in set(ways_of_one))
    return [
        one.name or next((way for way in ways_of_one if taken[way] == 1), ways_of_one[-1])
        for one, ways_of_one in zip(sources, ways, strict=True)
    ]


def read_from(source: CurrentSource) -> str:
    """File, sheets and columns, or database and query."""
    if source.query is not None:
        return f"{source.location} ({shorten(source.query, _QUERY)})"
    columns = f" [{', '.join(source.columns)}]" if source.columns else ""
    return _with_sheets(source, source.location) + columns


def _file_name(source: CurrentSource) -> str:
    if source.query is not None or not source.columns:
        return read_from(source)
    return re.split(r"[/\\]", source.location)[-1]


def _with_sheets(source: CurrentSource, path: str) -> str:
    return f"{path}#{','.join(source.sheets)}" if source.sheets else path


def _coverage(one: Listed) -> float | None:
    return round(one.rows_identified / one.source.named_rows, 4) if one.source.named_rows else None


def _source_json(source: CurrentSource) -> dict[str, Any]:
    lists = {"sheets": [*source.sheets], "sheets_read": [*source.sheets_read], "columns": [*source.columns]}
    return asdict(source) | lists
