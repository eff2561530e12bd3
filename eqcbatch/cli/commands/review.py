"""The commands of a review: export, import, set, rescore, calibrate, replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqcbatch.cli.options.confidence import confidence_options
from eqcbatch.cli.options.database import database_option, gate_option, maybe_postgres
from eqcbatch.cli.options.shared import ledger_option, output_options
from eqcbatch.cli.output_files import OutputFile, typed_path
from eqcbatch.cli.parsing import Number, parse_person, reading
from eqcbatch.cli.terminal.output import print_json, show
from eqcbatch.errors import BadInput
from eqcbatch.humanize import count
from eqcbatch.ownership import our_name
from eqcbatch.safe_text import visible

if TYPE_CHECKING:
    from eqcbatch.flush import FlushReport
    from eqcbatch.ledger import Ledger
    from eqcbatch.postgres import Postgres
    from eqcbatch.review import Rescoring, Terms
    from eqcbatch.settings import ConfidenceRule


@click.group(no_args_is_help=True)
def review() -> None:
    """Look at what is held, decide it by hand, and judge stored answers anew."""


@review.command("export")
@click.argument("file", type=OutputFile(dir_okay=False))
@click.option(
    "--controls",
    type=Number(0, 1, min_open=True),
    metavar="SHARE",
    help="From now on look at so large a share of the accepted names, too.  [default: 0.01, or as before]",
)
@ledger_option
@output_options
def export_held(file: Path, controls: float | None, ledger: Path, as_json: bool) -> None:
    """Write what is held to FILE, .xlsx or .csv: one line a name, its candidates side by side.

    What can most likely be resolved comes first, each with a proposal and how sure that is. One in a hundred
    accepted names is among them by chance, unmarked: what you say of these tells how right the others are.

    So are names whose company is merged or has vanished, as `drain --reverify` found: the heir comes first.

    Fill in the column `decision`: the id of a candidate, `none` where no company is the right one, or
    nothing; and `yes` into `force` where it is the id of another company. Then run
    `eqcbatch review import FILE`.
    """
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.review import export

    with open_ledger(ledger) as book:
        if controls is not None:
            with writing(ledger, "review export"):
                book.controls.widen(controls)
        wrote = export(book, file)
    if as_json:
        counts = {"held": wrote.held, "changed": wrote.changed, "controls": wrote.controls}
        print_json({"file": str(file), **counts})
    else:
        again = f"eqcbatch review import {typed_path(file)}"
        changed = f", {count(wrote.changed, 'name')} whose company has changed" if wrote.changed else ""
        among = f", {count(wrote.controls, 'accepted name')} among them as controls" if wrote.controls else ""
        show(f"Wrote {visible(file)}: {count(wrote.held, 'held name')}{among}{changed}.\nNext: {again}")


_by = click.option(
    "--by",
    metavar="NAME",
    callback=reading(parse_person),
    help="Who decides.  [default: the user's name]",
)


@review.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_by
@click.option(
    "--force", is_flag=True, help="As if every line said `force`: take ids, too, that EQC did not offer."
)
@click.option(
    "--change-decisions", "change", is_flag=True, help="Change what people decided before, where FILE does."
)
@confidence_options
@gate_option
@ledger_option
@database_option
@output_options
def import_sheet(file: Path, by: str | None, ledger: Path, as_json: bool, **options: Any) -> None:
    """Take the decisions in FILE, all or none, and flush them to Postgres.

    A company id becomes the name's answer, source `manual`, confidence 1.00. `none` makes the name failed,
    as `no_company`. Nothing but another decision changes either. `reopen` forgets what people decided. An id
    that EQC did not offer counts where the column `force` says `yes`, and it looks like other ids. Doing it
    again changes nothing.
    """
    from eqcbatch import render
    from eqcbatch.review import import_decisions

    def take(book: Ledger, postgres: Postgres | None) -> tuple[dict[str, Any], str]:
        imported = import_decisions(book, postgres, file, by or our_name(), _terms(options))
        return render.imported_json(imported), render.imported_text(imported)

    _decide("review import", take, ledger, options, as_json)


@review.command("set")
@click.argument("name")
@click.argument("decision", metavar="ID|none|reopen")
@_by
@click.option("--force", is_flag=True, help="Take the ID, too, if EQC offered others.")
@confidence_options
@gate_option
@ledger_option
@database_option
@output_options
def set_name(name: str, decision: str, by: str | None, ledger: Path, as_json: bool, **options: Any) -> None:
    """Decide one name by hand, whatever it is now, and flush that to Postgres.

    NAME is written as in a source, or by its key. An ID becomes its answer; `none` says that no company is
    the right one; `reopen` forgets what people decided, so that it is known, judged or asked again. What was
    flushed of it is corrected, or taken back. Nothing but another decision changes it.
    """
    from eqcbatch import render
    from eqcbatch.review import set_decision

    def take(book: Ledger, postgres: Postgres | None) -> tuple[dict[str, Any], str]:
        done = set_decision(book, postgres, name, decision, by or our_name(), _terms(options))
        return render.set_json(done), render.set_text(done)

    _decide("review set", take, ledger, options, as_json)


def _terms(options: Mapping[str, Any]) -> Terms:
    from eqcbatch.review import Terms

    return Terms(change=options.get("change", False), force=options["force"], rule=options["rule"])


def _decide(
    command: str,
    take: Callable[[Ledger, Postgres | None], tuple[dict[str, Any], str]],
    ledger: Path,
    options: Mapping[str, Any],
    as_json: bool,
) -> None:
    """Take decisions and flush them; print what became of them, as JSON or as text."""
    from eqcbatch.flush import Again, flush
    from eqcbatch.ledger import open_ledger, writing

    with (
        maybe_postgres(options["database_url"], ledger) as postgres,
        open_ledger(ledger) as book,
        writing(ledger, command),
    ):
        content, text = take(book, postgres)
        gate, again = options["gate"], Again.DECISIONS
        flushed = flush(book, postgres, look_again=again, gate=gate) if postgres else None
    print_json(content | _flush_json(flushed) | _overruled_json(flushed)) if as_json else show(
        f"{text}\n{_flush_text(flushed)}"
    )
    if flushed and flushed.trouble:
        raise flushed.trouble


@review.command("rescore")
@click.option("--apply", "apply_it", is_flag=True, help="Let the new verdicts hold, and correct Postgres.")
@confidence_options
@gate_option
@ledger_option
@database_option
@output_options
def rescore_stored(
    apply_it: bool,
    rule: ConfidenceRule,
    gate: float | None,
    ledger: Path,
    database_url: str | None,
    as_json: bool,
) -> None:
    """Judge all stored answers anew, without a request, and show what changes.

    What was decided by hand stays. With --apply, rows of Postgres are corrected, or taken back where a
    name is held now, but only while they stand as they were flushed.
    """
    from eqcbatch import render
    from eqcbatch.ledger import open_ledger
    from eqcbatch.review import rescore

    flushed: FlushReport | None = None
    if apply_it:
        rescoring, flushed = _apply(ledger, database_url, rule, gate)
    else:
        with open_ledger(ledger) as book:
            rescoring = rescore(book.reviews.answered(), rule)
    if as_json:
        print_json(render.rescoring_json(rescoring) | {"applied": apply_it} | _flush_json(flushed))
    else:
        show(render.rescoring_text(rescoring))
        show(_flush_text(flushed) if apply_it else render.rescoring_next_text(rescoring))
    if flushed and flushed.trouble:
        raise flushed.trouble


@review.command("calibrate")
@ledger_option
@output_options
def calibrate_proposals(ledger: Path, as_json: bool) -> None:
    """Fit the proposals to what people decided in this ledger, and show how right they are.

    For each sureness: how many proposals are as sure, and how many of these are right, with the interval in
    which that lies with 95 % confidence; as shipped, and fitted. Each name is told by a fit to others. A fit
    that is no better is not kept. Too few decisions change nothing. Nothing is sent.
    """
    from eqcbatch import render
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.review import calibrate_score

    with open_ledger(ledger) as book, writing(ledger, "review calibrate"):
        done = calibrate_score(book)
    print_json(render.calibration_json(done)) if as_json else show(render.calibration_text(done))


@review.command("replay")
@confidence_options
@ledger_option
@output_options
def replay_archived(rule: ConfidenceRule, ledger: Path, as_json: bool) -> None:
    """Judge all names once more by EQC's archived answers, and list what comes out otherwise.

    Each name goes by the answer, the spellings and the confidences that decided it; where a version before
    kept none, by the archive and the confidences of today. Nothing is changed, and nothing is sent.
    """
    from eqcbatch import render
    from eqcbatch.eqc import archive_to_read
    from eqcbatch.ledger import archive_path, open_ledger
    from eqcbatch.review import replay

    with open_ledger(ledger) as book, archive_to_read(archive_path(ledger)) as archive:
        if archive is None:
            raise BadInput(
                f"There is no archive {archive_path(ledger)} that can be read, and so nothing to replay. "
                "Restore it from a backup, or use `eqcbatch review rescore`, which goes by the ledger."
            )
        with book.snapshot():
            replayed = replay(book, archive, rule)
    print_json(render.replay_json(replayed)) if as_json else show(render.replay_text(replayed))


def _apply(
    ledger: Path, database_url: str | None, rule: ConfidenceRule, gate: float | None
) -> tuple[Rescoring, FlushReport | None]:
    from eqcbatch.flush import flush
    from eqcbatch.ledger import open_ledger, writing
    from eqcbatch.review import apply_rescoring, rescore

    with (
        maybe_postgres(database_url, ledger) as postgres,
        open_ledger(ledger) as book,
        writing(ledger, "review rescore"),
    ):
        rescoring = rescore(book.reviews.answered(), rule)
        apply_rescoring(book, rescoring, rule)
        return rescoring, flush(book, postgres, gate=gate) if postgres else None


def _flush_json(flushed: FlushReport | None) -> dict[str, Any]:
    from eqcbatch import render

    sent = render.flush_json(flushed) if flushed else {"flushed": 0, "refused": 0}
    return {key: sent[key] for key in ("flushed", "refused", "gate") if key in sent}


def _overruled_json(flushed: FlushReport | None) -> dict[str, Any]:
    from eqcbatch import render

    return {"overruled": render.flush_json(flushed)["overruled"] if flushed else []}


def _flush_text(flushed: FlushReport | None) -> str:
    from eqcbatch import render

    if flushed is None:
        return "Nothing flushed to Postgres: no database URL."
    shut = flushed.gate is not None and not flushed.gate.open
    said = [render.gate_text(flushed.gate)] if flushed.gate and shut else []
    return "\n".join([render.flush_text(flushed), *said])
