"""Promise P8: neither EQC's token nor a database password is ever written.

Whole drains run as processes of their own through everything that goes wrong, with a marked token and a
real role that has a marked password; then every byte that any of them left behind is searched.
"""

from __future__ import annotations

import base64
import os
import shutil
import ssl
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from eqcbatch.domain.model import Endpoint
from eqcbatch.eqc import Eqc, TokenSource
from eqcbatch.errors import BadInput, EqcbatchError, PostgresUnavailable, TokenUnusable
from eqcbatch.postgres import Postgres
from eqcbatch.simulate import Faults, Simulator, Span
from eqcbatch.simulate.faults import Fault
from tests.conftest import Run
from tests.drains import SCALE, OneEach, companies, write_names
from tests.servers import EMPTY_SEARCH, RawServer, answering, http

TOKEN_MARK, PASSWORD_MARK = "geheimer7c1e42Token", "geheimes91abWort"
TOKEN = f"T-{TOKEN_MARK}"
PASSWORD = f"{PASSWORD_MARK}@/%"
IN_URL = f"{PASSWORD_MARK}%40%2F%25"
LINUX = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to look into")
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")
Start = Callable[..., subprocess.Popen[str]]
Simulate = Callable[..., Simulator]


@pytest.fixture
def marked_url(database_url: str) -> Iterator[str]:
    """The URL of this test's database for a role that must show its password."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        (hba,) = connection.execute("SHOW hba_file").fetchone() or ("",)
        before = Path(hba).read_text(encoding="utf-8")
        rules = "".join(f"{line}\n" for line in ("local all marked md5", "host all marked 127.0.0.1/32 md5"))
        Path(hba).write_text(rules + before, encoding="utf-8")
        connection.execute("CREATE ROLE marked LOGIN PASSWORD '" + PASSWORD + "'")
        connection.execute("GRANT USAGE ON SCHEMA enterprise TO marked")
        connection.execute("GRANT SELECT, INSERT, UPDATE ON enterprise.enrichment_index TO marked")
        connection.execute("SELECT pg_reload_conf()")
        yield database_url.replace("//postgres:@", f"//marked:{IN_URL}@")
        Path(hba).write_text(before, encoding="utf-8")
        connection.execute("DROP OWNED BY marked")
        connection.execute("DROP ROLE marked")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one place where the token may stand: the user's own file, and the command that prints it."""
    vault = tmp_path_factory.mktemp("vault")
    (vault / "token").write_text(TOKEN, encoding="utf-8")
    (vault / "fetch.py").write_text(
        "import json, os, sys\n"
        "from pathlib import Path\n"
        "family = [Path(f'/proc/{pid}/cmdline') for pid in (os.getpid(), os.getppid())]\n"
        "seen = [path.read_bytes().decode() for path in family if path.exists()]\n"
        "with open('seen-by-command.txt', 'a') as file:\n"
        "    print(json.dumps([dict(os.environ), seen]), file=file)\n"
        "print(Path(sys.argv[1]).read_text())\n",
        encoding="utf-8",
    )
    return vault


def command(vault: Path) -> tuple[str, str]:
    """The option that fetches the token by a command."""
    return "--token-command", f'"{sys.executable}" "{vault / "fetch.py"}" "{vault / "token"}"'


def leaks(*texts: str, directory: Path = Path()) -> list[str]:
    """Where a secret stands: in a file below the directory, or in one of the texts."""
    forms = [
        form
        for mark in (TOKEN_MARK, PASSWORD_MARK)
        for form in (mark.encode(), mark.encode("utf-16-le"), base64.b64encode(mark.encode())[:-4])
    ]
    files = {str(path): path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file()}
    texts_by_number = {f"text {number}": text.encode() for number, text in enumerate(texts)}
    return [
        where
        for where, content in (files | texts_by_number).items()
        if any(form in content for form in forms)
    ]


def passing(*kinds: Fault) -> Faults:
    """Every third request goes wrong, in this order."""
    return Faults(
        between=tuple(Span(kind, 2 + 3 * number, 2 + 3 * number) for number, kind in enumerate(kinds))
    )


PASSING = (
    *(Fault.SERVER_ERROR, Fault.TIMEOUT, Fault.DRIP, Fault.RESET, Fault.TRUNCATED, Fault.HTML, Fault.ERROR),
    *(Fault.CODE_500, Fault.EXPIRED, Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.TOO_MANY),
    *(Fault.REDIRECT, Fault.UNAVAILABLE, Fault.NULL, Fault.EMPTY),
)
LASTING = {
    Fault.REDIRECT: 5,
    Fault.EXPIRED: 5,
    Fault.FORBIDDEN: 6,
    Fault.TOO_MANY: 6,
    Fault.RESET: 4,
}


def test_p8_no_secret_is_written_anywhere(
    simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run, marked_url: str, vault: Path
) -> None:
    """Through every fault, with and without Postgres, no file and no output holds token or password."""
    many, few = write_names(companies(60)), write_names(companies(12), "few.csv")
    wrong_password = marked_url.replace(PASSWORD_MARK, PASSWORD_MARK + "x")
    away = f"postgresql://marked:{IN_URL}@127.0.0.1:1/none"
    running: list[tuple[int, subprocess.Popen[str]]] = []
    texts: list[str] = []
    with RawServer(answering(http(EMPTY_SEARCH))) as elsewhere:

        def drain(name: str, code: int, how: Faults, url: str, *options: str, **environment: str) -> None:
            source = many if name == "all" else few
            eqc = simulator(
                token=TOKEN,
                faults=how,
                registry=OneEach(),
                redirect_to=elsewhere.url + "/login",
                retry_after="none",
                request_log=Path(f"{name}-eqc.jsonl"),
            )
            # Only the first asks the index: what the first drains flush, the others would find there.
            index = ["--no-index"] if running else []
            plan = ("plan", source, "--ledger", f"{name}.sqlite", *index)
            ran = eqcbatch(*plan, EQCBATCH_DATABASE_URL=marked_url)
            texts.extend((ran.out, ran.err))
            assert 0 == ran.code, ran.err
            arguments = ("drain", "--ledger", f"{name}.sqlite", "--budget", "all", "--rate", "1000/1s", "-v")
            more = ("--time-scale", SCALE, "--timeout", "2s", "--log-file", f"{name}.log", *options)
            secrets = {"EQCBATCH_DATABASE_URL": url, "EQCBATCH_PACE_FILE": f"{name}-pace.json"}
            process = start_eqcbatch(*arguments, "--eqc-url", eqc.url, *more, **secrets | environment)
            running.append((code, process))

        by_environment = {"EQCBATCH_EQC_TOKEN": TOKEN}
        drain("all", 0, passing(*PASSING), marked_url, *command(vault), **by_environment)
        for kind, code in LASTING.items():
            drain(
                f"lasting-{kind}",
                code,
                Faults(between=(Span(kind, 2),)),
                marked_url,
                "--json",
                **by_environment,
            )
        calm = Faults()
        drain("file", 0, calm, marked_url, "--token-file", str(vault / "token"))
        drain("away", 7, calm, away, WDH_EQC_TOKEN=TOKEN)
        drain("password", 7, calm, wrong_password, *command(vault), **by_environment)
        drain("url", 2, calm, f"postgresql://marked:{PASSWORD}@h/d", *command(vault), **by_environment)
        drain("port", 2, calm, f"postgresql://marked:{IN_URL}@h:x/d", **by_environment)
        drain("blank", 5, calm, marked_url, EQCBATCH_EQC_TOKEN=f"{TOKEN} and {TOKEN}")
        codes = []
        for _, process in running:
            texts.extend(process.communicate(timeout=60))
            codes.append(process.returncode)
        for report in (("--csv",), ("--json",), ("--name", companies(1)[0]), ("--check",)):
            ran = eqcbatch("report", "--ledger", "all.sqlite", *report, EQCBATCH_DATABASE_URL=marked_url)
            texts.extend((ran.out, ran.err))
        assert [] == elsewhere.heard
    assert [code for code, _ in running] == codes, texts
    assert Path("seen-by-command.txt").exists()
    assert [] == leaks(*texts)
    assert not [text for text in texts if "Traceback" in text]


def test_p8_a_killed_drain_leaves_no_secret_behind(
    simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run, marked_url: str, vault: Path
) -> None:
    """Its -wal and -shm files, lock, holder and pace file are all there, and hold none."""
    eqc = simulator(token=TOKEN, registry=OneEach(), latency=(0.05, 0.05))
    eqcbatch("plan", write_names(companies(60)), "--ledger", "ledgers/l.sqlite")
    process = start_eqcbatch(
        *("drain", "--ledger", "ledgers/l.sqlite", "--budget", "all", "--rate", "1000/1s", "-v"),
        *("--eqc-url", eqc.url, "--token-file", vault / "token", "--log-file", "ledgers/l.log"),
        EQCBATCH_DATABASE_URL=marked_url,
        EQCBATCH_EQC_TOKEN=TOKEN,
        EQCBATCH_PACE_FILE="state/pace.json",
    )
    until(lambda: len(eqc.requests) > 8)
    process.kill()
    out, err = process.communicate()
    left = {str(path) for path in Path().rglob("*")}
    for name in (
        "l.sqlite-wal",
        "l.sqlite.answers.sqlite-wal",
        "l.sqlite.lock",
        "l.sqlite.holder.json",
        "l.log",
    ):
        assert f"ledgers{os.sep}{name}" in left
    assert f"state{os.sep}pace.json" in left
    assert [] == leaks(out, err)


def test_p8_the_password_of_a_source_is_written_nowhere(eqcbatch: Run, marked_url: str) -> None:
    """A query that is planned and one that is wrong; a database that is away; a URL where a file belongs."""
    away = f"postgresql://marked:{IN_URL}@127.0.0.1:1/none"
    query = ("--sql", 'SELECT lookup_key AS "客户名称" FROM enterprise.enrichment_index')
    texts: list[str] = []

    def plan(code: int, source: str, *options: str, **environment: str) -> None:
        for verbose in ("", "-v"):
            ran = eqcbatch(
                *("plan", *options, "--ledger", "l.sqlite", "--log-file", "l.log", *verbose.split()),
                EQCBATCH_PLAN_SOURCE=source,
                **environment,
            )
            assert code == ran.code, ran.err
            texts.extend((ran.out, ran.err))

    plan(0, marked_url, *query)
    plan(0, marked_url, *query, "--json", EQCBATCH_DATABASE_URL=marked_url)
    plan(0, "", *query, EQCBATCH_DATABASE_URL=marked_url)
    plan(2, marked_url, "--sql", "SELECT password FROM month")
    plan(2, marked_url, *query, "--weight-column", "客户名称")
    plan(2, marked_url)
    plan(2, f"host=h password={PASSWORD_MARK}")
    plan(2, f"postgresql://marked:{PASSWORD}@h/d", *query)
    plan(7, away, *query)
    plan(7, marked_url.replace(PASSWORD_MARK, PASSWORD_MARK + "x"), *query)
    for command in ("report", "apply"):
        more = (away, "-o", "x.csv", "--no-temp-ids") if command == "apply" else ("--json",)
        ran = eqcbatch(command, *more, "--ledger", "l.sqlite")
        texts.extend((ran.out, ran.err))
    assert [] == leaks(*texts)
    assert not [text for text in texts if "Traceback" in text]


def test_p8_check_and_config_show_no_secret(
    simulator: Simulate, eqcbatch: Run, start_eqcbatch: Start, marked_url: str, vault: Path
) -> None:
    """Whatever is wrong with token, EQC or Postgres, and wherever the secrets come from."""
    eqc = simulator(token=TOKEN)
    eqcbatch("plan", write_names(companies(3)), "--ledger", "l.sqlite")
    away = f"postgresql://marked:{IN_URL}@127.0.0.1:1/none"
    wrong_password = marked_url.replace(PASSWORD_MARK, PASSWORD_MARK + "x")
    torn = f"postgresql://marked:{PASSWORD}@h/d"
    Path("secrets.yml").write_text(
        f"drain:\n  database-url: {away}\n  token-command: echo {TOKEN}\n  budget: 5\n", encoding="utf-8"
    )
    by_environment = {"EQCBATCH_EQC_TOKEN": TOKEN}
    texts: list[str] = []

    def run(code: int, *arguments: str, **environment: str) -> None:
        for more in (("--json",), ("-v", "--log-file", "doctor.log")):
            process = start_eqcbatch(*arguments, *more, **environment)
            texts.extend(process.communicate(timeout=60))
            assert code == process.returncode, texts

    def check(code: int, *options: str, eqc_url: str = eqc.url, **environment: str) -> None:
        options = ("--ledger", "l.sqlite", "--rate", "1000/1s", "--eqc-url", eqc_url, *options)
        run(code, "check", *options, **environment)

    check(0, **by_environment, EQCBATCH_DATABASE_URL=marked_url)
    check(0, *command(vault), EQCBATCH_DATABASE_URL=marked_url)
    check(5, "--token-file", str(vault / "fetch.py"), EQCBATCH_DATABASE_URL=marked_url)
    check(5, EQCBATCH_EQC_TOKEN=f"{TOKEN} and {TOKEN}")
    check(5, eqc_url=simulator(token="another").url, **by_environment)
    check(7, **by_environment, EQCBATCH_DATABASE_URL=away)
    check(7, **by_environment, EQCBATCH_DATABASE_URL=wrong_password)
    check(2, **by_environment, EQCBATCH_DATABASE_URL=torn)
    check(2, eqc_url=f"htp://me:{PASSWORD}@eqc", **by_environment)
    check(4, eqc_url=f"http://me:{IN_URL}@127.0.0.1:1", **by_environment)
    for url in (marked_url, away, torn, f"host=h password='{PASSWORD_MARK}'"):
        everywhere = {"WDH_EQC_TOKEN": TOKEN, "WDH_DATABASE__URI": url, "EQCBATCH_PLAN_SOURCE": url}
        run(0, "config", **everywhere, EQCBATCH_DRAIN_EQC_URL=f"http://me:{IN_URL}@h")
        run(0, "config", "drain", "--database-url", url, "--token-command", f"echo {TOKEN}")
        run(0, "config", "plan", url, "--sql", f"SELECT dblink('host=h password={PASSWORD_MARK}')")
    run(0, "config", "--config", "secrets.yml")
    run(2, "config", f"echo {TOKEN}")
    run(2, "check", "--config", "secrets.yml", "--budget", TOKEN)
    Path("secrets.yml").unlink()
    assert [] == leaks(*texts)
    assert not [text for text in texts if "Traceback" in text]


@LINUX
def test_p8_no_child_sees_a_secret_in_its_environment_or_arguments(
    simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run, vault: Path
) -> None:
    """Neither the token command nor any process of the embedded PostgreSQL, whatever variables are set."""
    marked = f"postgresql://marked:{IN_URL}@127.0.0.1:1/none"
    secrets = {
        "EQCBATCH_EQC_TOKEN": TOKEN,
        "WDH_EQC_TOKEN": TOKEN,
        "EQCBATCH_DATABASE_URL": marked,
        "WDH_DATABASE__URI": marked,
        "EQCBATCH_PLAN_DATABASE_URL": marked,
        "EQCBATCH_PLAN_SOURCE": marked,
        "EQCBATCH_DRAIN_DATABASE_URL": "embedded",
    }
    eqc = simulator(token=TOKEN, registry=OneEach(), latency=(0.2, 0.2))
    eqcbatch("plan", write_names(companies(60)), "--ledger", "l.sqlite", "--no-index")
    process = start_eqcbatch(
        *("drain", "--ledger", "l.sqlite", "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url),
        *command(vault),
        **secrets,
    )
    until(lambda: len(eqc.requests) > 1)
    children = descendants(process.pid)
    seen = [(Path("/proc") / pid / what).read_bytes() for pid in children for what in ("environ", "cmdline")]
    own = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    process.terminate()
    texts = process.communicate(timeout=20)
    no_flush = start_eqcbatch(
        *("drain", "--ledger", "l.sqlite", "--no-flush", "--eqc-url", eqc.url, *command(vault)),
        **secrets | {"EQCBATCH_DRAIN_DATABASE_URL": marked},
    )
    more = no_flush.communicate(timeout=20)
    assert (143, 0) == (process.returncode, no_flush.returncode), texts + more
    assert any(b"postgres" in text for text in seen)
    assert 2 == len(Path("seen-by-command.txt").read_text(encoding="utf-8").splitlines())
    assert [] == leaks(*(text.decode() for text in (*seen, own)), *texts, *more)


def descendants(pid: int) -> list[str]:
    """The processes below this one; the embedded PostgreSQL, which left its parent, by its directory."""
    home = str(Path.cwd())
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and int(process.name) != pid:
                where = os.readlink(process / "cwd")
                parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
                if where.startswith(home) or parent == str(pid):
                    found.append(process.name)
    return found


def until(reached: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait for what another process brings about."""
    end = time.monotonic() + within_s
    while not reached():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def shown(error: BaseException | None) -> Iterator[str]:
    """All that an error and whatever stands behind it say."""
    while error is not None:
        yield from (str(error), repr(error), repr(error.args))
        yield "".join(traceback.format_exception(error, chain=True))
        yield from shown(error.__cause__)
        error = error.__context__


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://marked:{PASSWORD}@h/d",
        f"postgresql://marked:{IN_URL}@[::1/d",
        f"postgresql://marked:{IN_URL}@h/d?nonsense=1",
        f"postgresql://marked:{IN_URL}@h:port/d",
        f"postgresql://marked:{PASSWORD_MARK}%zz@h/d",
        f"host=h password='{PASSWORD_MARK}",
        f"host=h password={PASSWORD_MARK} nonsense",
        f"mysql://marked:{IN_URL}@h/d",
        PASSWORD_MARK,
        f"postgresql://marked:{IN_URL}@127.0.0.1:1/d",
        f"postgresql://marked:{IN_URL}@no-such-host.invalid/d",
        f"postgresql://marked:{IN_URL}@127.0.0.1:1/d?sslmode=nonsense",
        f"host=/none password={PASSWORD_MARK} dbname=d",
    ],
)
def test_p8_no_error_of_a_database_url_nor_any_behind_it_shows_the_password(url: str) -> None:
    """Neither the message nor the whole chain of causes and contexts."""
    with pytest.raises((BadInput, PostgresUnavailable)) as caught, Postgres(url).connect():
        pass
    assert [] == leaks(*shown(caught.value))


def test_p8_no_error_of_a_token_nor_any_behind_it_shows_it(vault: Path, tmp_path: Path) -> None:
    """A token that cannot be one, a file that cannot be read, a command that fails after printing it."""
    wrong = tmp_path / "wrong"
    wrong.write_bytes(TOKEN.encode() + b"\xff")
    show_and_fail = "import sys; print(open(sys.argv[1]).read()); sys.exit(3)"
    failing = f'"{sys.executable}" -c "{show_and_fail}" "{vault / "token"}"'
    sources = (
        TokenSource({"EQCBATCH_EQC_TOKEN": f"{TOKEN} {TOKEN}"}),
        TokenSource({"EQCBATCH_EQC_TOKEN": f"{TOKEN}\u00e9"}),
        TokenSource({}, file=wrong),
        TokenSource({}, command=failing),
    )
    texts: list[str] = []
    for source in sources:
        with pytest.raises(TokenUnusable) as caught:
            source.require()
        texts.extend(shown(caught.value))
    wrong.unlink()
    assert [] == leaks(*texts)


@pytest.mark.parametrize(
    "config",
    [
        f'database-url: "postgresql://marked:{IN_URL}@h/d\n',
        f"database-url: @{PASSWORD_MARK}\n",
        f"database-url: [postgresql://marked:{IN_URL}@h/d\n",
        f"drain: {{database-url: 'postgresql://marked:{IN_URL}@h/d'\n",
        f"database-url: postgresql://marked:{PASSWORD}@h/d\n",
        f"database-url: [postgresql://marked:{IN_URL}@h/d]\n",
        f"database-url: {{postgresql: {PASSWORD_MARK}}}\n",
        f"eqc-token: {TOKEN}\n",
    ],
)
def test_p8_no_error_of_a_config_file_shows_what_stands_in_it(config: str, eqcbatch: Run) -> None:
    """A password may stand there, and a mistake beside it."""
    eqcbatch("plan", write_names(companies(1)), "--ledger", "l.sqlite")
    Path("eqcbatch.yml").write_text(config, encoding="utf-8")
    ran = eqcbatch("drain", "--ledger", "l.sqlite", EQCBATCH_EQC_TOKEN="T")
    Path("eqcbatch.yml").unlink()
    assert 2 == ran.code
    assert [] == leaks(ran.out, ran.err)


@POSIX
def test_files_are_made_for_their_owner_alone(
    simulator: Simulate, start_eqcbatch: Start, eqcbatch: Run, vault: Path, tmp_path: Path
) -> None:
    """Mode 0600, directories that we make 0700: in the middle of a drain and after it, whatever the umask."""
    home = tmp_path / "home"
    home.mkdir()
    source = tmp_path / write_names(companies(12))
    eqc = simulator(token=TOKEN, registry=OneEach(), latency=(0.1, 0.1))
    files = {
        "EQCBATCH_PACE_FILE": str(home / "state" / "pace.json"),
        "EQCBATCH_LEDGER": str(home / "made/l.sqlite"),
    }
    log = ("--log-file", home / "logs" / "eqcbatch.log")
    before = os.umask(0)
    try:
        assert 0 == eqcbatch("plan", source, *log, **files).code
        process = start_eqcbatch(
            *("drain", "--budget", "all", "--rate", "1000/1s", "--eqc-url", eqc.url, *log),
            *("--token-file", vault / "token"),
            **files,
        )
    finally:
        os.umask(before)
    until(lambda: len(eqc.requests) > 3)
    amid = modes(home)
    assert 0 == process.wait(20)
    assert "l.sqlite-wal" in amid
    for found in (amid, modes(home)):
        assert {"state", "made", "logs"} == {name for name, mode in found.items() if mode == "d700"}
        assert {"-600"} == set(found.values()) - {"d700"}, found


def modes(directory: Path) -> dict[str, str]:
    """The kind and mode of everything below a directory."""
    found = {}
    for path in directory.rglob("*"):
        with suppress(FileNotFoundError):  # a pace file in the making is gone at once
            mode = path.stat().st_mode
            found[path.name] = f"{'d' if stat.S_ISDIR(mode) else '-'}{stat.S_IMODE(mode):o}"
    return found


def test_the_certificate_is_always_verified(
    eqcbatch: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No option switches it off, and no variable of Python, curl or requests does."""
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("there is no openssl to make a certificate with")
    request = "req -x509 -nodes -days 2 -subj /CN=127.0.0.1 -newkey rsa:2048 -keyout key.pem -out cert.pem"
    subprocess.run([openssl, *request.split()], check=True, capture_output=True, cwd=tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    told = eqcbatch("drain", "--help").out.replace("--reverify", "")
    assert not [word for word in ("insecure", "verify", "no-check") if word in told]
    with RawServer(answering(http(EMPTY_SEARCH)), tls) as server:
        for variables in (
            {"PYTHONHTTPSVERIFY": "0"},
            {"CURL_CA_BUNDLE": "", "REQUESTS_CA_BUNDLE": ""},
            {"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""},
            {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "GIT_SSL_NO_VERIFY": "1"},
        ):
            with monkeypatch.context() as patch:
                for name, value in variables.items():
                    patch.setenv(name, value)
                with Eqc(server.url, TokenSource({"EQCBATCH_EQC_TOKEN": TOKEN}), None) as eqc:
                    reply = eqc.ask(Endpoint.SEARCH, "中国平安")
            assert "the server's certificate is not trusted" == reply.detail
        assert [] == server.heard


def test_every_error_of_ours_has_its_exit_code() -> None:
    """So that none of them ends in a traceback, which would show more than a message."""
    from eqcbatch.cli.exit_codes import code_of

    assert all(1 < code_of(kind()) < 10 for kind in EqcbatchError.__subclasses__())
