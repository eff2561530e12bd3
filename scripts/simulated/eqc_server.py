"""The simulated EQC: what it knows, how it is today, and what goes wrong on the way to it."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from eqcbatch.domain.model import Endpoint
from eqcbatch.simulate import chance, wire
from eqcbatch.simulate.faults import DELIVERIES, Fault, expired, not_found, spoil, too_many
from eqcbatch.simulate.responder import read_question
from eqcbatch.simulate.wire import Answer, as_json
from simulated.network import Connection, Packet
from simulated.registry import ChangingRegistry
from simulated.scheduler import Scheduler, never

HOST = "http://eqc.simulated"
NEIGHBOUR = "甲乙丙丁戊己有限公司"  # a name that nobody plans: whose answer comes amiss
SICK = "code 500 without a list"  # of one backend of two, as it was seen
# What a network does, beside what EQC itself does wrong.
NETWORK_FAULTS = (
    "refused connection",
    "no connection in time",
    "slow connection",
    "early answer",
    "neighbour's answer first",
    "more behind the answer",
    "length too short",
    "length too long",
    "reset amid the answer",
)
LIES = (Fault.EMPTY, Fault.NULL)  # well-formed, and nobody can tell them from the truth


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in which every request gets this fault, or each second one. Seconds of the world's time."""

    kind: str
    began: float
    ends: float
    every_second: bool = False


@dataclass(frozen=True, slots=True)
class Weather:
    """How EQC is for a while. shares: of faults. interim: whether 1xx answers come before each."""

    seed: str = "calm"
    shares: Mapping[str, float] = field(default_factory=dict)
    spells: tuple[Spell, ...] = ()
    latency_s: tuple[float, float] = (0.5, 6.0)
    connect_s: tuple[float, float] = (0.01, 0.3)
    interim: bool = False


@dataclass(slots=True)
class Asked:
    """A request as EQC saw it. at: its first byte; process: whose; body: what it was sent, if any.

    true: whether that is what EQC knows. whole: whether the client had all of it. connecting_at: when the
    client began. told_at: when EQC said that it wants to be left alone, for `pause_s`.
    """

    at: float
    process: str
    endpoint: Endpoint | None
    parameter: str
    fault: str
    body: bytes | None
    true: bool
    whole: bool = False
    connecting_at: float = 0.0
    told_at: float = math.inf
    pause_s: float = 0.0


class SimulatedEqc:
    """One EQC. asked: all requests, in their order; faults: what went wrong, counted."""

    def __init__(self, scheduler: Scheduler, registry: ChangingRegistry) -> None:
        self.weather = Weather()
        self.token = "token-1"
        self.on_token_death: Callable[[], None] = lambda: None
        self.asked: list[Asked] = []
        self.faults: Counter[str] = Counter()
        self.registry = registry
        self._scheduler = scheduler
        self._connections = 0

    def accept(self, connection: Connection) -> list[Packet]:
        """Let a client connect, or not."""
        self._connections += 1
        weather = self.weather
        dice = chance.dice(weather.seed, "connection", self._connections)
        fault = self._strike(weather, dice)
        connection.asked = (fault, dice, self._scheduler.now)
        delay_s = dice.uniform(*weather.connect_s)
        if fault == "slow connection":
            delay_s = dice.uniform(2.0, 4.9)
        elif fault == "no connection in time":
            delay_s = 5.0
        self._scheduler.wait(never, delay_s)
        if fault in ("refused connection", "no connection in time", "slow connection"):
            self.faults[fault] += 1
            self._scheduler.note(fault)
        if fault == "no connection in time":
            raise TimeoutError("timed out")
        if fault == "refused connection":
            raise ConnectionRefusedError(111, "Connection refused")
        if fault == "early answer":
            return [Packet(0.0, self._neighbours)]
        return []

    def answer(self, connection: Connection, request: bytes) -> list[Packet]:
        """Answer a request as EQC does today."""
        fault, dice, connecting_at = connection.asked
        line, *headers = request.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        question = read_question(method, target)
        token = next((one[6:].strip() for one in headers if one.lower().startswith("token:")), "")
        thread = self._scheduler.current
        asked = Asked(
            self._scheduler.now,
            thread.process.name if thread else "",
            question.endpoint,
            question.parameter or "",
            fault,
            None,
            true=True,
            connecting_at=connecting_at,
        )
        answer = self._decide(asked, token, dice)
        packets = self._packets(asked, answer, dice)
        self.asked.append(asked)
        connection.asked = asked
        if asked.fault and asked.fault != "slow connection":
            self.faults[asked.fault] += 1
        self._scheduler.note("asked", asked.process, str(asked.endpoint), quote(asked.parameter), asked.fault)
        return packets

    def took(self, connection: Connection) -> None:
        """Note that the client had the whole answer."""
        if isinstance(connection.asked, Asked):
            connection.asked.whole = True
            if connection.asked.pause_s:
                connection.asked.told_at = self._scheduler.now

    def _strike(self, weather: Weather, dice: random.Random) -> str:
        now = self._scheduler.now
        for spell in weather.spells:
            if spell.began <= now < spell.ends and (not spell.every_second or self._connections % 2):
                return spell.kind
        luck = dice.random()
        for kind, share in weather.shares.items():
            luck -= share
            if luck < 0:
                return kind
        return ""

    def _decide(self, asked: Asked, token: str, dice: random.Random) -> Answer:
        if asked.endpoint is None:
            return not_found()
        right = self._known(asked.endpoint, asked.parameter)
        asked.body = right.body if right.status == 200 else None
        if token != self.token:
            asked.body, asked.fault = None, asked.fault or "token refused"
            return expired() if dice.random() < 0.5 else as_json({"error": "Unauthorized"}, 401)
        if not asked.fault or asked.fault in NETWORK_FAULTS:
            return right
        return self._spoiled(asked, right, dice)

    def _spoiled(self, asked: Asked, right: Answer, dice: random.Random) -> Answer:
        if asked.fault == "token dies":
            self.on_token_death()
            asked.body = None
            return expired()
        if asked.fault == SICK:
            asked.body = None
            return as_json({"code": 500, "list": None})
        fault = Fault(asked.fault)
        if fault is Fault.TOO_MANY:
            wait = {"Retry-After": str(dice.choice((20, 60, 90)))} if dice.random() < 0.7 else {}
            asked.body, asked.pause_s = None, float(wait.get("Retry-After", 60))
            return too_many(wait)
        spoilt = spoil(right, fault, dice.randrange(100), wait={}, login="http://elsewhere.simulated/login")
        if fault in LIES:
            asked.body = spoilt.body
            asked.true = _empty(right.body) and right.status == 200
        elif fault not in DELIVERIES:
            asked.body = None
        return spoilt

    def _known(self, endpoint: Endpoint, parameter: str) -> Answer:
        registry = self.registry
        if endpoint is Endpoint.SEARCH:
            return as_json(wire.search(registry.search(parameter), parameter))
        if endpoint is Endpoint.SEARCH_ALL:
            return as_json(wire.search_all(registry.search(parameter), 1, 1))
        company = registry.company(parameter)
        if company is None:
            return not_found() if chance.number("nobody", parameter) % 2 else as_json(_NOTHING[endpoint])
        details = wire.business_info if endpoint is Endpoint.FIND_DEPART else wire.labels
        return as_json(details(company))

    @property
    def _neighbours(self) -> bytes:
        return _http(self._known(Endpoint.SEARCH, NEIGHBOUR))

    def _packets(self, asked: Asked, answer: Answer, dice: random.Random) -> list[Packet]:
        """What comes over the wire, and when."""
        latency_s = dice.uniform(*self.weather.latency_s)
        fault, whole = asked.fault, _http(answer)
        if fault == Fault.TIMEOUT:
            return []
        if fault == Fault.DRIP:
            return [Packet(3.0, bytes([one])) for one in whole[:40]]
        if fault == Fault.RESET:
            return [Packet(latency_s, reset=True)]
        if fault == "reset amid the answer":
            return [Packet(latency_s, whole[: len(whole) // 2]), Packet(0.1, reset=True)]
        if fault == "neighbour's answer first":
            return [Packet(latency_s, self._neighbours + whole), Packet(0.0)]
        if fault == "more behind the answer":
            return [Packet(latency_s, whole), Packet(0.05, self._neighbours), Packet(0.0)]
        if fault == "length too short":
            return [
                Packet(latency_s, _http(replace(answer, claimed_length=len(answer.body) - 9))),
                Packet(0.0),
            ]
        if fault == "length too long":
            return [
                Packet(latency_s, _http(replace(answer, claimed_length=len(answer.body) + 9))),
                Packet(0.0),
            ]
        if self.weather.interim:
            whole = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + whole
        if dice.random() < 0.2:
            middle = dice.randrange(1, len(whole))
            return [Packet(latency_s, whole[:middle]), Packet(0.2, whole[middle:]), Packet(0.0)]
        return [Packet(latency_s, whole), Packet(0.0)]


_NOTHING: Mapping[Endpoint, dict[str, object]] = {
    Endpoint.FIND_DEPART: {"businessInfodto": {}},
    Endpoint.FIND_LABELS: {"labels": []},
}


def _empty(body: bytes) -> bool:
    content = json.loads(body)
    return not any(value for value in content.values() if isinstance(value, (list, dict)))


def _http(answer: Answer) -> bytes:
    length = len(answer.body) if answer.claimed_length is None else answer.claimed_length
    headers = {"Content-Type": answer.content_type, "Content-Length": str(length), "Connection": "close"}
    told = "".join(f"{name}: {value}\r\n" for name, value in {**headers, **answer.headers}.items())
    return f"HTTP/1.1 {answer.status} Said\r\n{told}\r\n".encode() + answer.body
