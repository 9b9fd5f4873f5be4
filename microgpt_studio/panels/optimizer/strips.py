"""Strips: curves over the same updates, one strip a quantity, each with an axis of its own; what is to be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import isnan

from microgpt.program.program import Floats
from microgpt_studio.widgets.number_text import full


class Pen(IntEnum):
    """How a curve is drawn: by its dashes as well as by its colour."""

    MAIN = 0  # a plain line
    FAINT = 1  # a thin one, behind it
    DASHED = 2
    DOTTED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A number after each of U updates in a row; nan where there is none."""

    name: str
    meaning: str  # in a few words, for people
    values: Floats  # (U,)
    first: int  # the update of the first value, counted from 1; 0: before the first one
    pen: Pen = Pen.MAIN

    def at(self, update: int) -> float:
        """The value after an update; nan where there is none."""
        i = update - self.first
        return float(self.values[i]) if 0 <= i < len(self.values) else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Curves on one axis; the faint ones are drawn below the others, a plain line above them."""

    curves: tuple[Curve, ...]
    unit: str = ""  # empty: it has none
    title: str = ""  # what all curves are of; empty where their names say it

    @property
    def layers(self) -> tuple[Curve, ...]:
        """The curves in the order in which they are drawn."""
        return tuple(sorted(self.curves, key=_depth))

    def lines_at(self, update: int) -> list[str]:
        """Each curve's value after an update, with every digit."""
        return [f"{_joined(self.title, curve.name)} {_value(curve.at(update))}" for curve in self.curves]


@dataclass(frozen=True, slots=True, eq=False)
class Strips:
    """What stands below each other over the updates after `first` finished ones, up to `stop`."""

    first: int = 0
    stop: int = 0
    strips: tuple[Strip, ...] = ()

    @property
    def known(self) -> int:
        """The latest update that has a value; `first` where none has."""
        ends = [curve.first + len(curve.values) - 1 for strip in self.strips for curve in strip.curves]
        return max(self.first, min(self.stop, max(ends, default=self.first)))

    def nearest(self, update: float) -> int | None:
        """The update nearest to a place on the axis among those that have values; None where none has."""
        if self.known == self.first:
            return None
        return min(max(round(update), self.first + 1), self.known)

    def text_at(self, update: int) -> str:
        """Every value after an update, a line each, with every digit."""
        return "\n".join([f"update {update}", *(line for strip in self.strips for line in strip.lines_at(update))])

    def table(self) -> str:
        """All values, a line an update, with every digit, as comma-separated text."""
        named = [(_joined(strip.title, curve.name), curve) for strip in self.strips for curve in strip.curves]
        curves = [curve for _, curve in named]
        lines = [",".join(["update", *(f'"{name}"' for name, _ in named)])]
        for update in range(self.first + 1, self.known + 1):
            lines.append(",".join([str(update), *("" if isnan(x := c.at(update)) else full(x) for c in curves)]))
        return "\n".join(lines) + "\n"


def _value(number: float) -> str:
    return "no value" if isnan(number) else full(number)


def _joined(title: str, name: str) -> str:
    return f"{title} {name}".strip()


def _depth(curve: Curve) -> int:
    return -1 if curve.pen is Pen.FAINT else 3 - curve.pen
