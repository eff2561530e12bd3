"""Code, tests, scripts and pages cite only what the repository holds: pages, sections, decisions, files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOCS = CHECKOUT / "docs"
DECISIONS = DOCS / "decisions"
PAGES = [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", CHECKOUT / "CHANGELOG.md", *DOCS.rglob("*.md")]

# docs/domain.md section 5.1, docs/domain.md sections 1 and 5, docs/reference.md#json, docs/decisions/0004
_NUMBER = r"\d+(?:\.\d+)?"
_CITED = re.compile(
    r"docs/(?P<page>[\w/-]+?)(?:\.md|(?<=/\d{4})\b)"
    rf"(?:#(?P<anchor>[\w-]+)|\s+sections?\s+(?P<sections>{_NUMBER}(?:(?:,|\s+and|\s+to)\s+{_NUMBER})*))?"
)
_ELSEWHERE = re.compile(r"\b(?:DOMAIN|DESIGN|HOUSE|STYLE)(?:\.md\b|\s+sections?\b)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"`((?!ledgers/)(?:\w+/)+(?:[\w-]+\.\w+)?|\w+\.py)`")  # a folder or a file, no ledger


def _sources() -> list[Path]:
    """Every text that may cite something, but for this one."""
    code = [file for folder in ("eqcbatch", "scripts", "tests") for file in (CHECKOUT / folder).rglob("*.py")]
    return [*code, *PAGES, CHECKOUT / "setup.cfg", CHECKOUT / "pyproject.toml", CHECKOUT / "tox.ini"]


def _cited() -> Iterator[tuple[str, re.Match[str]]]:
    """Each citation of a page of docs/, with the file that cites."""
    for file in _sources():
        if file != Path(__file__).resolve():
            for cited in _CITED.finditer(file.read_text(encoding="utf-8")):
                yield str(file.relative_to(CHECKOUT)), cited


def _page(name: str) -> Path | None:
    """The page that is cited: by its name, or a decision by its number alone."""
    whole = DOCS / f"{name}.md"
    return whole if whole.exists() else next(DOCS.glob(f"{name}-*.md"), None)


def _headlines(page: Path) -> list[str]:
    return re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    return {re.sub(r"[^\w\- ]", "", headline.lower()).replace(" ", "-") for headline in _headlines(page)}


def _sections(page: Path) -> set[str]:
    """The numbers of a page's sections."""
    numbers = (re.match(rf"({_NUMBER})\.? ", headline) for headline in _headlines(page))
    return {number[1] for number in numbers if number}


def test_what_is_cited_is_there() -> None:
    """The page; its headline, where an anchor names one; its section, where a number does."""
    missing = []
    for where, cited in _cited():
        page = _page(cited["page"])
        if page is None:
            missing.append(f"{where}: {cited[0]}")
            continue
        sections = re.findall(_NUMBER, cited["sections"] or "")
        if not set(sections) <= _sections(page) or (cited["anchor"] or "") not in {"", *_anchors(page)}:
            missing.append(f"{where}: {cited[0]}")
    assert [] == missing


def test_the_facts_are_cited() -> None:
    """So that the test above looks at something: code cites most sections of the domain."""
    cited = {
        number
        for _, found in _cited()
        if found["page"] == "domain"
        for number in re.findall(_NUMBER, found["sections"] or "")
    }
    assert {"1", "2", "3", "4", "5.1", "5.2", "5.3", "5.4", "5.5"} <= cited


def test_no_page_is_cited_that_the_repository_does_not_hold() -> None:
    """None of the pages from before its time, by name or by section."""
    found = [
        f"{file.relative_to(CHECKOUT)}: {cited[0]}"
        for file in _sources()
        if file != Path(__file__).resolve()
        for cited in _ELSEWHERE.finditer(file.read_text(encoding="utf-8"))
    ]
    assert [] == found


@pytest.mark.parametrize(
    "page",
    [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *DECISIONS.glob("*.md")],
    ids=lambda page: page.name,
)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file of the repository, and to a headline in it. The pages of docs/ have a test of their own."""
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        file, _, anchor = target.partition("#")
        if file.startswith("http"):
            continue
        path = (page.parent / file).resolve() if file else page
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    """Pages name files as people do: from the checkout, the package, the scripts or the tests."""
    homes = [CHECKOUT / home for home in (".", "eqcbatch", "scripts", "tests")]
    named = _PATH.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    assert [] == [path for path in named if not any((home / path).exists() for home in homes)]


def test_what_a_page_says_to_stand_in_a_file_stands_there() -> None:
    """`Outcome` in `domain/model/enums.py`: so the name is written there."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    said = re.findall(r"`(\w+)` in\s+`([\w/]+\.py)`", text)
    assert len(said) > 10
    assert [] == [
        (name, path)
        for name, path in said
        if not re.search(rf"\b{name}\b", (CHECKOUT / "eqcbatch" / path).read_text(encoding="utf-8"))
    ]


def test_the_decisions_are_numbered_and_indexed() -> None:
    """From 0001 on without a gap; the index has each with its own title."""
    decisions = sorted(DECISIONS.glob("0*.md"))
    numbers = [int(page.name[:4]) for page in decisions]
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.*) \|$", index, re.MULTILINE)
    assert list(range(1, len(decisions) + 1)) == numbers
    assert [(page.name[:4], page.name, _headlines(page)[0].split(". ", 1)[1]) for page in decisions] == rows


def test_the_floors_are_those_of_the_contract() -> None:
    """The picture on the page has the layers of setup.cfg, one a line, from the street to the ground."""
    setup = ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    layers = setup["importlinter:contract:layers"]["layers"].split("\n")
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    picture = re.search(r"^```text picture\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert picture
    drawn = [re.split(r"\s{2,}", line.strip())[0] for line in picture[1].splitlines()]
    assert [layer.strip() for layer in layers if layer.strip()] == drawn


def test_every_room_has_a_line() -> None:
    """Each module and package at the top of eqcbatch is named in the table of rooms."""
    text = (DOCS / "architecture.md").read_text(encoding="utf-8").partition("\n## Four journeys")[0]
    rooms = {
        path.name + "/" * path.is_dir()
        for path in (CHECKOUT / "eqcbatch").iterdir()
        if not path.name.startswith("__") and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert set() == {room for room in rooms if f"`{room}" not in text}
