"""The goal: the moment to which a run goes that the command line asks for, and whether a snapshot shows it."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Goal:
    """After so many updates, and so many operations of the next one."""

    updates: int = 0
    operations: int = 0

    @property
    def command(self) -> commands.Command | None:
        """What to ask of a session that begins; None where it stands there already."""
        if self.operations:
            return commands.GoToPlace(Place(self.updates, self.operations))
        return commands.Run(self.updates) if self.updates else None

    def is_shown(self, snapshot: Snapshot) -> bool:
        """Whether training stands there."""
        moment = snapshot.moment
        here = moment.step == self.updates and self.operations in (0, moment.cursor.done)
        return here and not snapshot.pace.running

    def missed(self, snapshot: Snapshot) -> str | None:
        """Why training will not stand there, in one sentence: it went on to the end of an update that is too short."""
        moment = snapshot.moment
        if not self.operations or moment.step <= self.updates:
            return None
        return f"update {moment.update} has {moment.cursor.length:,} operations, and not {self.operations:,}"
