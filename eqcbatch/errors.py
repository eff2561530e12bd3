"""The errors of eqcbatch, each named for what its receiver does about it.

A message is one or two lines: what happened, what it means, what to do. The command line alone
turns an error into an exit code (`eqcbatch.cli.exit_codes`); no room raises SystemExit.
"""


class EqcbatchError(Exception):
    """Something is wrong that the user can mend."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").split()))


class BadInput(EqcbatchError):
    """The input or an option cannot be used."""


class DrainNeedsResume(BadInput):
    """The last drain did not end cleanly. Run `eqcbatch drain --resume`."""


class EqcUnavailable(EqcbatchError):
    """EQC gives no usable answers. The names concerned are pending again; resume later."""


class TokenUnusable(EqcbatchError):
    """EQC's token is missing, invalid or expired. Get a fresh one and resume."""


class EqcBlocks(EqcbatchError):
    """EQC blocks or rate-limits us. Wait before you resume, or the block may become permanent."""


class PostgresUnavailable(EqcbatchError):
    """Postgres cannot be reached, or not be used as it stands; what is decided is safe in the ledger."""


class LedgerInUse(EqcbatchError):
    """Another eqcbatch process writes this ledger."""


class PaceHeld(LedgerInUse):
    """Another process of ours holds the pace file and does not go on."""


class LedgerUnusable(EqcbatchError):
    """The ledger cannot be used: damaged, read-only, disk full or written by a newer version."""
