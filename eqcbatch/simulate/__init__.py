"""A local EQC for trying, testing and benchmarks: the endpoints of docs/domain.md section 2 over HTTP.

    with Simulator(SimulatorOptions(latency=(0, 0), token="T")) as eqc:
        requests.get(eqc.url + "/kg-api-hfd/api/search/", {"key": "..."}, headers={"token": "T"})
        eqc.totals.violations

`server` carries requests to the `responder`, which sees each once, in order, and decides in EQC's order:
path, rate limit (`sliding_window`), fault, token (`token_gate`), answer. A `registry` knows the companies,
made up (`generated_registry`) or from a list (`listed_registry`); `wire` writes what EQC would. `request_log`
keeps a record of every request.

Everything that looks like chance hangs on a seed (`chance`): a name's companies on the name alone, latency
and faults on the serial number of the request. The product never enters: only the commands `simulate` and
`demo`, tests and benchmarks do.
"""

from eqcbatch.simulate.faults import Fault, Faults, Span, parse_fault, parse_span
from eqcbatch.simulate.generated_registry import GeneratedRegistry
from eqcbatch.simulate.listed_registry import ListedRegistry, read_companies
from eqcbatch.simulate.registry import Company, MatchType, Offer, Registry, describe
from eqcbatch.simulate.request_log import RequestSeen, Totals
from eqcbatch.simulate.server import Simulator
from eqcbatch.simulate.simulator_options import SimulatorOptions

__all__ = [
    "Company",
    "Fault",
    "Faults",
    "GeneratedRegistry",
    "ListedRegistry",
    "MatchType",
    "Offer",
    "Registry",
    "RequestSeen",
    "Simulator",
    "SimulatorOptions",
    "Span",
    "Totals",
    "describe",
    "parse_fault",
    "parse_span",
    "read_companies",
]
