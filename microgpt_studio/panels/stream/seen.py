"""What the views of the Stream panel are about: one document at one moment, and its positions in words."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt_studio.debugger.snapshot import Description, Moment

_STEP_OF_ROOM = 4  # documents of 5 to 8 positions take the same room


@dataclass(frozen=True, slots=True)
class Seen:
    """A moment of a session."""

    description: Description
    moment: Moment
    running: bool = False

    @property
    def positions(self) -> int:
        """n."""
        return self.moment.positions

    @property
    def room(self) -> int:
        """For how many positions room is kept: while training runs, places do not jump with every document."""
        if not self.running:
            return self.positions
        block_size = self.description.program.config.block_size
        return min(-(-self.positions // _STEP_OF_ROOM) * _STEP_OF_ROOM, block_size)

    @property
    def characters(self) -> tuple[str, ...]:
        """(n,) what each position reads."""
        return tuple(map(self.description.token_text, self.moment.tokens[: self.positions]))

    @property
    def targets(self) -> tuple[int, ...]:
        """(n,) the token that each position should predict."""
        return self.moment.tokens[1 : self.positions + 1]

    def position(self, position: int) -> str:
        """A position in words."""
        return f"position {position} “{self.characters[position]}”"

    def token(self, token: int) -> str:
        """A token in quotes."""
        return f"“{self.description.token_text(token)}”"

    @property
    def when(self) -> str:
        """The moment in words."""
        moment = self.moment
        if moment.cursor.done == moment.cursor.length:
            return f"“{moment.document}” · update {moment.update}"
        where = "before" if moment.cursor.done == 0 else "within"
        return f"“{moment.document}” · {where} update {moment.update}"
