"""One source, written again: the same file with an entry in every row, moved into place when it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from eqcbatch.atomic_write import atomic_write
from eqcbatch.domain.model import Remarks
from eqcbatch.errors import BadInput
from eqcbatch.source.columns import locate
from eqcbatch.source.formats import format_of
from eqcbatch.source.keys import Key, LookupKeys, key_reader
from eqcbatch.source.spec import SourceSpec
from eqcbatch.source.table import Entry, Table
from eqcbatch.stages import NO_STAGES, Stages


def write(
    spec: SourceSpec, out: Path, entry_of: Callable[[Key], Entry], stages: Stages = NO_STAGES
) -> Remarks:
    """Write the source to `out` with the entry of each row, in columns called like its fields.

    Rows, their order and all other columns stay; columns of these names are replaced, new ones come
    last. entry_of: asked row by row. stages: told of each. What stood at `out` is replaced at the end, in
    one step. Returns what was noticed. Raises BadInput if the source cannot be read, or `out` not be written.
    """
    path = Path(spec.location)
    form = format_of(path)
    _check(path, out)

    rows: list[int] = []

    def entries(table: Table) -> Iterator[Entry]:
        layout = locate(spec, table.place, table.header)
        rows.append(0)
        cells = stages.counted(table.rows(layout.telling))
        return filled(map(key_reader(spec, layout, LookupKeys(), table.remarks), cells))

    def filled(keys: Iterator[Key]) -> Iterator[Entry]:
        for key in keys:
            rows[-1] += 1
            yield entry_of(key)

    try:
        with atomic_write(out) as file:
            return form.copy(path, spec, file, entries).remarks(rows)
    except OSError as error:
        raise BadInput(
            f"{path} cannot be copied to {out} ({error.strerror or error}).\n"
            "Check both paths, their permissions and the space that is left."
        ) from error


def _check(path: Path, out: Path) -> None:
    """Refuse to write over the source, or what is of another kind."""
    if out.resolve() == path.resolve() or (out.exists() and out.samefile(path)):
        raise BadInput(f"{out} is the source itself. Name another file to write to.")
    if out.is_dir():
        raise BadInput(f"{out} is a directory. Name the file to write to, such as {out / path.name}.")
    if not out.parent.is_dir():
        raise BadInput(f"There is no directory {out.parent}. Make it, or name another --output.")
    ending, wanted = out.suffix.lower(), path.suffix.lower()
    if wanted == ".xls":
        wanted = ".xlsx"
    if ending != wanted:
        raise BadInput(_other_kind(path, out, wanted))


def _other_kind(path: Path, out: Path, wanted: str) -> str:
    if out.suffix.lower() == ".xls":
        return (
            f"{out} cannot be written: the old .xls format is read only. Name an output that ends in "
            f"{wanted}, or save the source as .csv."
        )
    return f"{out} is of another kind than {path}. Name an output that ends in {wanted}."
