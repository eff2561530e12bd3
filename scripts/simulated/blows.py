"""What hits a process in a step: kills, power cuts, disks that fail, clocks that are set, and signals."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulated import vfs

if TYPE_CHECKING:
    from simulated.story import Blow, Step
    from simulated.world import Ran, World


class Blows:
    """The blows of one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rebooted = False

    def aim(self, step: Step, ran: Ran) -> None:
        """Let the blows of a step hit a process when their time comes."""
        at_writes = [blow for blow in step.blows if blow[0].endswith("at write")]
        if at_writes:
            ran.process.at_write = self._at_write(at_writes, ran, random.Random(f"blow {step.seed}"))
        began = self._world.scheduler.now
        for blow in step.blows:
            if blow not in at_writes:
                self._world.scheduler.at(began + blow[1], self._by_time(blow, ran, step))

    def after(self) -> None:
        """See to what a blow left: a machine without power is started again."""
        if not self._rebooted:
            return
        self._rebooted = False
        world = self._world
        world.scheduler.now += 20.0
        world.machine.booted_at, world.machine.asleep_s = world.scheduler.now - 12.0, 0.0

    def _count(self, kind: str) -> None:
        self._world.figures.faults[kind] += 1
        self._world.scheduler.note("blow", kind)

    def _at_write(self, blows: list[Blow], ran: Ran, dice: random.Random) -> Callable[[int], int]:
        def strike(number: int) -> int:
            for kind, at, *lasts in blows:
                if kind == "kill at write" and number == at:
                    self.kill(ran)
                elif kind == "power cut at write" and number == at:
                    self.cut_power(dice)
                elif lasts and at <= number < at + lasts[0]:
                    if number == at:
                        self._count(kind)
                    return vfs.IOERR if "error" in kind else vfs.FULL
            return vfs.OK

        return strike

    def _by_time(self, blow: Blow, ran: Ran, step: Step) -> Callable[[], None]:
        kind, how = blow[0], blow[2] if len(blow) > 2 else None
        process = ran.process

        def strike() -> None:
            if process.dead:
                return
            if kind == "kill":
                self.kill(ran)
            elif kind == "power cut":
                self.cut_power(random.Random(f"blow {step.seed}"))
            else:
                self._count(kind)
                self._trouble(kind, how, ran)

        return strike

    def _trouble(self, kind: str, how: Any, ran: Ran) -> None:
        world = self._world
        if kind == "stopped":
            ran.process.stopped_until = world.scheduler.now + how
            world.scheduler.at(ran.process.stopped_until)
        elif kind == "pace file torn" and world.pace.exists():
            text = world.pace.read_bytes()
            world.pace.write_bytes(text[: int(len(text) * how)])
        elif kind == "suspended":
            world.scheduler.suspend(how)
        elif kind == "clock set":
            world.machine.wall_ahead_s += how
            world.machine.set_at = world.scheduler.now
        elif kind == "signal" and ran.process.on_signal:
            ran.signalled_at = world.scheduler.now
            ran.process.on_signal(signal.SIGTERM)
            if how:
                ran.process.interrupted = True

    def kill(self, ran: Ran) -> None:
        """SIGKILL: what was written stands, whether synced or not."""
        self._count("kill")
        ran.files = self._world.disk.after_kill(ran.home.directory)
        ran.process.dead = ran.process.killed = True

    def cut_power(self, dice: random.Random) -> None:
        """All that runs on the machine dies, and what was not synced may be lost."""
        world = self._world
        self._count("power cut")
        self._rebooted = True
        for ran in world.running:
            if not ran.process.dead:
                ran.files = world.disk.after_power_cut(ran.home.directory, dice)
                ran.process.dead = ran.process.killed = True
        if dice.random() < 0.6:
            if world.lasting_pace is None:
                world.pace.unlink(missing_ok=True)
            else:
                world.pace.write_bytes(world.lasting_pace)
