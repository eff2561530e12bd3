"""The pages of docs/ are kept true: what a page says to type is typed, what it says to come out comes out."""

from __future__ import annotations

import ast
import os
import re
import socket
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from itertools import pairwise
from pathlib import Path

import click
import pytest

from eqcbatch.cli.app import app
from eqcbatch.cli.command_tree import runnable
from eqcbatch.cli.exit_codes import GATE, code_of
from eqcbatch.errors import EqcbatchError
from eqcbatch.simulate import Simulator
from tests.conftest import FAST, TOKEN, Run
from tests.docs import (
    DATABASE,
    DOCS,
    PORT,
    SECRET,
    Block,
    Reader,
    blocks,
    commands,
    lines,
    pages,
    prose,
    text_of,
)
from tests.drains import companies, write_names
from tests.indexes import execute
from tests.processes import CHECKOUT
from tests.queues import enqueue
from tests.servers import RawServer, answering, http

# The languages of blocks, and in which ways each is checked; by which test, where it is none of this file.
WAYS = {
    # completion, benchmark, recipe: elsewhere
    "sh": {"run", "install", "night", "completion", "benchmark", "trial", "recipe"},
    "sql": {"recipe"},  # test_temporary_ids
    "text": {"exact", "output", "picture"},
    "yaml": {"config", "overrides"},
    "crontab": {"night"},  # test_nights
    "ini": {"systemd"},  # test_nights
}
TYPED = [page for page in pages() if any(block.check == "run" for block in blocks(page))]
posix = pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")


def all_blocks(*ways: str) -> list[Block]:
    """The blocks of all pages that are checked in one of these ways."""
    return [block for page in pages() for block in blocks(page) if block.check in ways]


def test_there_are_the_pages_that_a_user_looks_for() -> None:
    """In the order of the README; each is linked there."""
    names = ("quickstart", "concepts", "operations", "scaling", "matching", "reference", "faq")
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert {f"{name}.md" for name in names} <= set(pages())
    assert [] == [page for page in pages() if f"(docs/{page})" not in readme]


@pytest.mark.parametrize("page", pages())
def test_every_block_says_how_it_is_checked(page: str) -> None:
    """Nothing is unchecked."""
    assert [] == [str(one) for one in blocks(page) if one.check not in WAYS.get(one.language, ())]


@pytest.mark.parametrize("line", [line for block in all_blocks("trial") for line in block.text.splitlines()])
def test_a_trial_names_a_script_and_options_that_it_has(line: str) -> None:
    """They take too long to be typed; what they do has tests of its own."""
    program, target, *options = line.split()
    assert (CHECKOUT / target).exists()
    assert program in ("python", "pytest")
    read = [CHECKOUT / "tests" / "conftest.py" if program == "pytest" else CHECKOUT / target]
    known = "".join(path.read_text(encoding="utf-8") for path in read)
    assert [] == [option for option in options if option.startswith("--") and f'"{option}"' not in known]


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    """To a file that exists, and to a headline in it; docs/performance.md is measured and written apart."""
    for target in re.findall(r"\]\(([^)#]*(?:#[^)]*)?)\)", prose(page)):
        file, _, anchor = target.partition("#")
        if file.startswith("http") or file == "performance.md":
            continue
        path = (DOCS / (file or page)).resolve()
        assert path.exists(), target
        headlines = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert not anchor or anchor in map(_anchor, headlines), target


def _anchor(headline: str) -> str:
    return re.sub(r"[^\w\- ]", "", headline.lower()).replace(" ", "-")


# Commands


@pytest.mark.parametrize("page", [*pages(), "../README.md"])
def test_every_written_command_parses(page: str) -> None:
    """In blocks and in running text: the command exists, and so do all its options."""
    profiles = [block.text for block in blocks(page) if "profiles:" in block.text]
    Path("eqcbatch.yml").write_text("".join(profiles), encoding="utf-8")
    written = [
        words
        for block in blocks(page)
        if block.language in ("sh", "crontab", "ini")
        for words in commands(block.text)
    ]
    spans = re.findall(r"`(eqcbatch [a-z][^`]*)`", prose(page))
    written += [words for span in spans for words in commands(span)]
    for words in written:
        _parse(words)


def _parse(words: list[str]) -> None:
    """Have click read a command as it does for a user."""
    known = {name: one for command in app.commands.values() for name, one in runnable(command).items()}
    if words in ([], ["--version"], ["review"]):
        return
    name = next((name for name in (" ".join(words[:2]), words[0]) if name in known), None)
    assert name, f"no command: eqcbatch {' '.join(words)}"
    arguments = words[len(name.split()) :]
    if not arguments:
        return  # the command as such, without a SOURCE
    try:
        with click.Context(app, info_name="eqcbatch") as parent:
            known[name].make_context(name, arguments, parent=parent)
    except click.exceptions.MissingParameter:
        pass  # an option as such: `eqcbatch apply --no-temp-ids`
    except click.exceptions.Exit:
        assert "--help" in arguments


@pytest.mark.parametrize("block", all_blocks("overrides"), ids=str)
def test_every_file_of_overrides_is_one(block: Block, eqcbatch: Run) -> None:
    """A plan takes it, and finds its first name in it."""
    Path("ids.yml").write_text(block.text, encoding="utf-8")
    name = block.text.partition(":")[0]
    ran = eqcbatch("plan", write_names([name]), "--overrides", "ids.yml")
    assert (0, True) == (ran.code, "Every name is decided already: 1 cached" in ran.out), ran.err


@pytest.mark.parametrize("block", all_blocks("config"), ids=str)
def test_every_config_file_is_one(block: Block, eqcbatch: Run) -> None:
    """Its options exist, its values can be read, and it changes something."""
    Path("eqcbatch.yml").write_text(block.text, encoding="utf-8")
    ran = eqcbatch("config", "--changed")
    assert (0, True) == (ran.code, "eqcbatch.yml" in ran.out), ran.err


def test_every_installation_names_extras_that_exist() -> None:
    """`pip install '.[html]'` installs what setup.cfg says."""
    setup = ConfigParser()
    setup.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    named = [name for block in all_blocks("install") for name in re.findall(r"\[([\w,]+)\]", block.text)]
    assert {extra for names in named for extra in names.split(",")} <= set(setup["options.extras_require"])


# Messages


def quoted_messages() -> list[str]:
    """What the FAQ says a user may read, … for what differs."""
    return re.findall(r"^\| `([^`]+)` \|", text_of("faq.md"), re.MULTILINE)


@pytest.fixture(scope="module")
def said() -> str:
    """Every text of the source code, a line each, … for what is put in."""
    return "\n".join(
        text.replace("\n", " ")
        for file in (CHECKOUT / "eqcbatch").rglob("*.py")
        for text in _texts(ast.parse(file.read_text(encoding="utf-8")))
    )


def _texts(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("message", quoted_messages())
def test_a_message_of_the_faq_is_one_of_the_code(message: str, said: str) -> None:
    """As it stands there."""
    pattern = ".*".join(re.escape(part) for part in message.split("…"))
    assert re.search(f"^.*{pattern}", said, re.MULTILINE)


def test_the_faq_has_a_section_for_every_kind_of_error() -> None:
    """By exit code; each has a message and a next step."""
    sections = re.split(r"^## (\d+): .*$", text_of("faq.md"), flags=re.MULTILINE)[1:]
    codes = sorted({code_of(kind()) for kind in EqcbatchError.__subclasses__()} | {GATE})
    assert codes == [int(code) for code in sections[::2]]
    for section in sections[1::2]:
        assert re.search(r"^\| `", section, re.MULTILINE)


# What is typed


@pytest.fixture
def webhook() -> Iterator[str]:
    """The URL of a chat room."""
    with RawServer(answering(http(b"ok"))) as room:
        yield room.url


@pytest.fixture
def reader(tmp_path: Path, simulator: Callable[..., Simulator], database_url: str, webhook: str) -> Reader:
    """A reader with a PostgreSQL, a token, a chat room, and an EQC that answers at once."""
    (tmp_path / "reader").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {DATABASE: database_url, PORT: str(port), SECRET: f"EQCBATCH_EQC_TOKEN={TOKEN}"}
    environment = {
        "EQCBATCH_DRAIN_EQC_URL": simulator().url,
        "EQCBATCH_DRAIN_RATE": FAST,
        "WEBHOOK_URL": webhook,
    }
    return Reader(tmp_path / "reader", own, environment)


def settle_in(reader: Reader, page: str) -> None:
    """Have what a page takes for granted: the files that it shows, an environment, a month and a token."""
    reader.make_environment()
    write_names(companies(5), str(reader.directory / "month.csv"))
    (reader.directory / "rows").mkdir()
    for part in (1, 2):
        write_names(["甲公司", "乙公司", "甲公司", "丙公司", "丁公司"], f"{reader.directory}/rows/{part}.csv")
    execute(
        reader.own(DATABASE),
        "CREATE TABLE month (客户名称 text, 计划代码 text)",
        "INSERT INTO month VALUES ('甲公司', 'P1'), ('甲公司', 'P2'), ('乙公司', 'P1')",
        "INSERT INTO month VALUES ('丙公司', NULL), ('丁公司', NULL)",
    )
    enqueue(reader.own(DATABASE), *companies(4, "成都"))
    (reader.directory / "token.txt").write_text(TOKEN)
    for block in blocks(page):
        if block.file:
            reader.put_file(block)


@posix
@pytest.mark.parametrize("page", TYPED)
def test_what_a_page_says_to_type_does_what_it_says(page: str, reader: Reader) -> None:
    """All its blocks, in order, in one shell; each prints the lines that the page shows under it."""
    shown = {before: after for before, after in pairwise(blocks(page)) if after.check in ("output", "exact")}
    to_type = [block for block in blocks(page) if block.check == "run" and not block.missing]

    if page != "quickstart.md":  # whose reader has nothing else
        settle_in(reader, page)
    typed = reader.type(to_type)

    for block, came in zip(to_type, typed, strict=True):
        assert block.exit_code == came.code, f"{block}: {came.printed}"
        if block in shown:
            exact = shown[block].check == "exact"
            printed = lines(came.printed, exact=exact)
            unseen = [line for line in lines(shown[block].text, exact=exact) if line not in printed]
            assert [] == unseen, f"{block} printed: {came.printed}"


@posix
def test_every_program_that_a_page_needs_is_installed() -> None:
    """Else its blocks are not typed here: skipped, with what is missing."""
    missing = [f"{block} needs {', '.join(block.missing)}" for block in all_blocks("run") if block.missing]
    if missing:
        pytest.skip("; ".join(missing))
