"""One source, written again: the same file with an entry in every row, moved into place when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eqcbatch.atomic_write import atomic_write
from eqcbatch.domain.model import RemarkKind, Remarks
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.source.columns import locate, shown
from eqcbatch.source.entries import NOTHING, Entry, Standing, lost_texts, replaced_id, standing_places
from eqcbatch.source.file_kinds import FileKind
from eqcbatch.source.formats import Format, format_of
from eqcbatch.source.keys import Key, LookupKeys, key_reader
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Table
from eqcbatch.stages import NO_STAGES, Stages

EntryOf = Callable[[Key, Standing], Entry]
Lose = Callable[[Sequence[str], str], None]


def write(
    spec: SourceSpec,
    out: Path,
    entry_of: EntryOf,
    *,
    overwrite: bool = False,
    values_only: bool = False,
    stages: Stages = NO_STAGES,
) -> Remarks:
    """Write the source to `out` with the entry of each row, in columns called like its fields.

    Rows, their order and all other columns stay; columns of these names are filled anew, new ones come
    last. entry_of: asked row by row, with what stands in these columns, which is nothing to `overwrite`.
    values_only: whether it is known that a copy of an .xls is without its formulas and formats. stages:
    told of each row. What stood at `out` is replaced at the end, in one step. Returns what was noticed.
    Raises BadInput if the source cannot be read, or `out` not be written; or if words would be lost that
    stand in these columns, and are not to be overwritten.
    """
    path = Path(spec.location)
    form = format_of(path)
    _check(path, out, form)
    if form.kind is FileKind.XLS and not values_only:
        raise _values_only(path)
    rows: dict[str | None, int] = {}  # of each sheet: they need not be copied in their order
    lost: list[_Lost] = []

    def entries(table: Table) -> Iterator[Entry]:
        rows[table.sheet] = 0
        lost.append(_Lost(table))
        for entry in stages.counted(_entries(table, spec, entry_of, None if overwrite else lost[-1].note)):
            rows[table.sheet] += 1
            yield entry

    try:
        with atomic_write(out) as file:
            tables = form.copy(path, spec, file, entries)
            for words in lost:
                words.expect_none()
    except OSError as error:
        raise BadInput(
            f"{path} cannot be copied to {out} ({error.strerror or error}).\n"
            "Check both paths, their permissions and the space that is left."
        ) from error
    return tables.remarks([rows.get(table.sheet, 0) for table in tables.read], form.inside)


def _values_only(path: Path) -> BadInput:
    return BadInput(
        f"{path} is an old .xls workbook: its copy is an .xlsx with the values of its cells, without "
        "formulas, formats and charts.\nAsk for that with --values-only, or save it as .xlsx first."
    )


class _Lost:
    """The words of a table that its entries would take from it."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._count = 0
        self._first = ""

    def note(self, words: Sequence[str], where: str) -> None:
        """Count words of a row."""
        self._count += len(words)
        self._first = self._first or (f"{shown(words[0])} in {where}" if words else "")

    def expect_none(self) -> None:
        """Raise BadInput if there are any."""
        if self._count:
            header = self._table.header
            columns = ", ".join(header[it] for it in standing_places(header) if it is not None)
            raise BadInput(
                f"{self._table.place} would lose {count(self._count, 'text')} of {columns} that no apply "
                f"wrote, {self._first} first.\nRename these columns to keep them, or use --overwrite."
            )


def _entries(table: Table, spec: SourceSpec, entry_of: EntryOf, lose: Lose | None) -> Iterator[Entry]:
    """Give the entries of a table's rows.

    lose: is told of the words that they take from it; None to overwrite what stands there unread.
    """
    layout = locate(spec, table.place, table.header)
    key_of = key_reader(spec, layout, LookupKeys(), table.remarks)
    places = standing_places(table.header)
    there = [place for place in places if place is not None]
    if lose is None or not there:
        for column in there:
            table.remarks.note(RemarkKind.OVERWRITTEN, table.header[column])
        yield from (entry_of(key_of(cells), NOTHING) for cells in table.rows(layout.telling))
        return
    width = len(layout.telling)
    for number, cells in enumerate(table.rows((*layout.telling, *there))):
        texts = iter(cells[width:])
        standing = Standing(*("" if place is None else next(texts).strip() for place in places))
        entry = entry_of(key_of(cells[:width]), standing)
        if words := lost_texts(standing, entry):
            lose(words, table.where(number, there[0]))
        if gave_way := replaced_id(standing, entry):
            place = f"{table.where(number, there[0])} ({gave_way})"
            table.remarks.note(RemarkKind.REPLACED_IDS, Entry._fields[0], place)
        yield entry


def _check(path: Path, out: Path, form: Format) -> None:
    """Refuse to write over the source, or what is of another kind."""
    if out.resolve() == path.resolve() or (out.exists() and out.samefile(path)):
        raise BadInput(f"{out} is the source itself. Name another file to write to.")
    if out.is_dir():
        raise BadInput(f"{out} is a directory. Name the file to write to, such as {out / path.name}.")
    if not out.parent.is_dir():
        raise BadInput(f"There is no directory {out.parent}. Make it, or name another --output.")
    ending, wanted = out.suffix.lower(), path.suffix.lower()
    if wanted not in form.endings:
        wanted = form.endings[0]
    if ending != wanted:
        raise BadInput(_other_kind(path, out, wanted))


def _other_kind(path: Path, out: Path, wanted: str) -> str:
    if out.suffix.lower() == ".xls":
        return (
            f"{out} cannot be written: the old .xls format is read only. Name an output that ends in "
            f"{wanted}, or save the source as .csv."
        )
    return f"{out} is of another kind than {path}. Name an output that ends in {wanted}."
