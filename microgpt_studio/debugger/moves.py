"""Moves: the steps that a person can take through training, as one small enum."""

from __future__ import annotations

from enum import Enum

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.stepping import Grain, Step, Stepping


class Move(Enum):
    """Into: one operation. Over: to the end of the item. Out: to the end of what encloses it. And all of it back."""

    INTO = "into"
    OVER = "over"
    OUT = "out"
    BACK_INTO = "back into"
    BACK_OVER = "back over"
    BACK_OUT = "back out"


def destination(stepping: Stepping, place: Place, move: Move, grain: Grain) -> Step:
    """Where a move from a place leads."""
    match move:
        case Move.INTO:
            return stepping.into(place)
        case Move.OVER:
            return stepping.over(place, grain)
        case Move.OUT:
            return stepping.out(place, grain)
        case Move.BACK_INTO:
            return stepping.back_into(place)
        case Move.BACK_OVER:
            return stepping.back_over(place, grain)
        case Move.BACK_OUT:
            return stepping.back_out(place, grain)
