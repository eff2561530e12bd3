"""Plan every workbook that libraries ship for their own tests, and open what `apply` makes of them.

    python scripts/workbook_corpus.py [--folder DIRECTORY] [LIBRARY ...]

The source distributions of openpyxl, pandas, python-calamine, XlsxWriter and others (`xlrd==1.2.0` names a
version) are fetched by pip, from the index that it is set up with; --folder has workbooks that are there
already. Today's distributions of openpyxl, pandas and XlsxWriter have none any more; pandas 0.20.3 had. Each
workbook is planned by its first text for a column, in a process of its own, within 60 s and 1 GiB (where a
process can be given a limit). It must be planned, or refused in one or two lines. Where LibreOffice is
installed, a copy by `apply` must open in it, with every other cell as it was; of an .xls, whose formats and
charts `apply` says it leaves behind, it must open. Prints a table of outcomes; ends with 1 if
there is any other.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tabulate import tabulate

from eqcbatch.source.file_kinds import FileKind, kind_inside

LIBRARIES = (
    *("openpyxl", "pandas", "python-calamine", "xlsxwriter"),
    *("pandas==0.20.3", "xlrd==1.2.0", "pyexcel-xls", "pyexcel-xlsx", "xlsx2csv", "tablib", "agate-excel"),
    *("frictionless", "petl", "xlutils", "xlwings"),
)
ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".xltx")
SECONDS, MEMORY = 60, 1 << 30

# Run in a process of its own: which column has a name, then what a plan by it and a copy come to.
CHILD = """
import sys
from itertools import islice
from pathlib import Path
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
except ImportError:
    pass
from eqcbatch.errors import BadInput
from eqcbatch.source import Entry, SourceSpec, read, write
from eqcbatch.source.excel.book import open_book
path, out = Path(sys.argv[1]), Path(sys.argv[2])
try:
    with open_book(path) as book:
        grids = ((sheet.title, book.grid(sheet.title)) for sheet in book.sheets)
        heads = ((title, row) for title, grid in grids for row in islice(grid.rows(), 20))
        texts = ((title, cell) for title, row in heads for cell in row if isinstance(cell, str))
        named = ((title, cell) for title, cell in texts if cell.strip())
        title, column = next(named, (None, None))
    if title is None:
        print("no text in it")
    else:
        spec = SourceSpec(path, (column.strip(),), sheets=(title,))
        print(f"planned {{read(spec).rows}}")
        if out.suffix:
            write(spec, out, lambda key, standing: Entry("600000001", "eqc", 1.0), values_only=True)
except BadInput as refusal:
    lines = str(refusal).splitlines()
    print("refused" if len(lines) <= 2 else "refused at length", lines[0])
"""


def main() -> int:
    """Fetch, plan, copy, compare; print the table."""
    parser = ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("libraries", nargs="*", default=list(LIBRARIES), metavar="LIBRARY")
    parser.add_argument("--folder", type=Path, help="workbooks that are there already")
    options = parser.parse_args()
    office = shutil.which("soffice") or shutil.which("libreoffice")
    with TemporaryDirectory() as scratch:
        roots = [options.folder] if options.folder else list(fetched(options.libraries, Path(scratch)))
        rows, odd = [], []
        for root in roots:
            outcomes: Counter[str] = Counter()
            for number, book in enumerate(workbooks(root)):
                outcome, said = tried(book, Path(scratch), number, office)
                outcomes[outcome] += 1
                if outcome.startswith("refused"):
                    print(f"{book.relative_to(root)}: {said}")
                if outcome not in EXPECTED:
                    odd.append(f"{book.relative_to(root)}: {outcome}: {said}")
            rows.append([root.name, sum(outcomes.values()), *(outcomes[name] for name in EXPECTED)])
            rows[-1].append(sum(outcomes.values()) - sum(outcomes[name] for name in EXPECTED))
    print(tabulate(rows, ["source distribution", "workbooks", *EXPECTED, "else"], tablefmt="pipe"))
    print(*odd, sep="\n")
    return 1 if odd else 0


EXPECTED = ("planned", "refused in a line", "no text in it")


def fetched(libraries: list[str], scratch: Path) -> Iterator[Path]:
    """Fetch and unpack the newest source distributions."""
    for library in libraries:
        archive = source_distribution(library, scratch)
        root = scratch / library
        with tarfile.open(archive) as packed:
            members = [member for member in packed if member.isfile() and is_workbook(Path(member.name))]
            for number, member in enumerate(members):
                content = packed.extractfile(member)
                assert content
                root.mkdir(exist_ok=True)
                (root / f"{number:04} {Path(member.name).name}").write_bytes(content.read())
        root.mkdir(exist_ok=True)
        yield root


def source_distribution(library: str, scratch: Path) -> Path:
    """Download a source distribution by pip, which would also build what it needs only to be installed."""
    pip = [sys.executable, "-m", "pip", "download", "-vv", "--no-binary", ":all:", "--no-deps"]
    ran = subprocess.run(
        [*pip, "--no-build-isolation", "-d", str(scratch), library],
        capture_output=True,
        text=True,
        check=False,
    )
    name, _, version = library.partition("==")
    name, version = name.replace("-", "[-_]"), re.escape(version) or r"\d[\w.]*"
    packed = re.compile(rf"{name}-{version}\.tar\.gz", re.IGNORECASE)
    found = sorted(path for path in scratch.glob("*.tar.gz") if packed.fullmatch(path.name))
    if found:
        return found[-1]
    links = re.findall(rf"(https?://\S+/{name}-{version}\.tar\.gz)", ran.stdout + ran.stderr, re.IGNORECASE)
    if not links:
        raise SystemExit(
            f"pip finds no source distribution of {library}:\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        )
    archive = scratch / str(links[-1]).rpartition("/")[2]
    with urllib.request.urlopen(links[-1], timeout=120) as answer:
        archive.write_bytes(answer.read())
    return archive


def workbooks(root: Path) -> list[Path]:
    """The workbooks below a folder."""
    return sorted(path for path in root.rglob("*") if path.is_file() and is_workbook(path))


def is_workbook(path: Path) -> bool:
    """Tell whether a file's ending is that of a workbook; what Excel keeps of open ones is none."""
    return path.suffix.lower() in ENDINGS and not path.name.startswith("~$")


def tried(book: Path, scratch: Path, number: int, office: str | None) -> tuple[str, str]:
    """Plan a workbook and copy it. Returns the outcome, and what was said."""
    ending = ".xlsm" if book.suffix.lower() == ".xlsm" else ".xlsx"
    out = scratch / f"copy{number}{ending}"
    command = [sys.executable, "-c", CHILD.format(memory=MEMORY), str(book), str(out) if office else "-"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return "took too long", ""
    said = " ".join(ran.stdout.split())[:150]
    if ran.returncode:
        return "failed", " ".join(ran.stderr.split())[-200:]
    if office and out.exists():
        problem = difference(book, out, scratch, office)
        out.unlink()
        if problem:
            return "copied wrongly", problem
    word = said.split(" ")[0]
    return {"planned": "planned", "refused": "refused in a line", "no": "no text in it"}.get(word, word), said


def difference(book: Path, copy: Path, scratch: Path, office: str) -> str:
    """Return what LibreOffice shows otherwise in a copy than in the workbook, "" if nothing."""
    before, after = (_shown(source, scratch / "shown", office) for source in (book, copy))
    if not before:
        return ""  # LibreOffice cannot open the source either
    if kind_inside(book) is FileKind.XLS:
        return "" if after else "the copy does not open"
    if set(before) != set(after):
        return f"sheets {sorted(before)} became {sorted(after)}"
    for title, lines in before.items():
        if any(not new.startswith(old.rstrip(",")) for old, new in zip(lines, after[title], strict=False)):
            return f"cells of {title} changed"
    return ""


def _shown(book: Path, folder: Path, office: str) -> dict[str, list[str]]:
    """Return the lines of each sheet as LibreOffice shows them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    alike = folder / f"book{book.suffix}"  # a name without what parts it from those of the sheets
    shutil.copyfile(book, alike)
    filters = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [office, "--headless", "--convert-to", filters, "--outdir", str(folder), str(alike)]
    subprocess.run(command, capture_output=True, timeout=4 * SECONDS, check=False)
    return {
        path.name.removeprefix("book-"): path.read_text("utf-8").splitlines()
        for path in folder.glob("book-*.csv")
    }


if __name__ == "__main__":
    sys.exit(main())
