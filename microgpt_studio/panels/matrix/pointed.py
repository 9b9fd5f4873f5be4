"""What is pointed at, in words: the footer and the picture's tool tip take them from here, and so say the same."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from microgpt_studio.panels.matrix.bands import Band


@dataclass(frozen=True, slots=True)
class Pointed:
    """An edge that is pointed at."""

    operand: str  # addresses
    consumer: str
    numbers: tuple[str, ...]  # local derivative and contribution, or why there are none; empty before they have come
    among: int  # edges that its dot stands for; 0 where each dot is a single pair
    bands: str  # where it is; empty where each dot is a single pair

    @property
    def wordings(self) -> tuple[str, ...]:
        """One line; longest wording first."""
        numbers = "  ".join(self.numbers)
        brief = f"{self.operand} → {without_repetition(self.operand, self.consumer)}"
        return (
            f"{self._edge}  {numbers}",
            f"{self._ends}  {numbers}",
            f"{brief}  {numbers}",
            f"{brief}  {self.numbers[0] if self.numbers else ''}",
            brief,
        )

    @property
    def tip(self) -> str:
        """The longest wording, in lines, below the bands."""
        return "\n".join(line for line in (self.bands, self._edge, "  ".join(self.numbers)) if line)

    @property
    def _ends(self) -> str:
        return f"{self.operand} → {self.consumer}"

    @property
    def _edge(self) -> str:
        return f"nearest of {self.among:,} in this dot: {self._ends}" if self.among > 1 else self._ends


def bands_text(operand: Band, consumer: Band) -> str:
    """Where something is in the picture."""
    return f"operand in {operand.path}, consumer in {consumer.path}"


def ruler_text(band: Band) -> str:
    """What a ruler's tool tip says of a band."""
    return f"{band.path}\n{'1 scalar' if band.size == 1 else f'{band.size:,} scalars'}"


def without_repetition(operand: str, consumer: str) -> str:
    """The consumer's address, with an ellipsis for what the operand's begins with as well."""
    parts = consumer.split(".")
    pairs = zip(operand.split("."), parts[:-1], strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"…{'.'.join(parts[same:])}" if same else consumer
