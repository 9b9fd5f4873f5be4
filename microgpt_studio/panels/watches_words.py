"""The words and numbers of the Watches panel: short in a cell, full on hover, for copying and for screen readers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.conditions import ConditionError
from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.debugger.watches import expression
from microgpt_studio.widgets.number_text import fitted, full

_SUBJECT = re.compile(r"""\w+(\((?:"[^"]*"|'[^']*')\))? (?=is |does )""")  # of a reason that begins with it


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the text of a watch is in this session."""

    is_valid: bool
    scalar: int | None = None  # whose quantity the whole expression is
    is_text: bool = False

    @classmethod
    def of(cls, text: str, addresses: Addresses) -> Meaning:
        try:
            condition = expression(text, addresses)
        except ConditionError:
            return cls(is_valid=False)
        return cls(True, None if condition.sole is None else condition.sole[1], condition.is_text)


def value_text(value: object, characters: int) -> str:
    """A value for a cell of so many characters; text may be longer, and is for the painter to cut."""
    match value:
        case None:
            return ""
        case bool() | str():
            return str(value)
        case int():
            text = full_text(value)
            return text if len(text) <= characters else f"{Decimal(value):.3e}"
        case float():
            return fitted(value, characters)
    return str(value)


def change_text(row: WatchRow, characters: int) -> str:
    """The change, always with its sign; of whole numbers a whole number."""
    change = row.change
    if change is None:
        return ""
    sign = "+" if change > 0 else ""
    is_whole = isinstance(row.value, int) and isinstance(row.previous, int) and math.isfinite(change)
    return sign + value_text(int(change) if is_whole else change, characters - len(sign))


def full_text(value: object) -> str:
    """A value with every digit; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return full(value)
    try:
        return str(value)
    except ValueError:  # Python writes no whole number of more than some thousand digits
        assert isinstance(value, int)
        return f"a whole number of {value.bit_length()} bits"


def reason_text(row: WatchRow, meaning: Meaning) -> str:
    """Why there is no value, without the expression where that stands beside it."""
    if row.reason is None:
        return ""
    if not meaning.is_valid:
        return f"⚠ {row.reason}"
    return _SUBJECT.sub("", row.reason, count=1)


def history_text(row: WatchRow, meaning: Meaning) -> str:
    """Which updates the history is of, and between which values it lies."""
    if not meaning.is_valid:
        return row.reason or ""
    if meaning.is_text:
        return "A text has no curve."
    count = len(row.history)
    if count == 0:
        return "No update is finished yet."
    updates = f"update {row.first + 1}" if count == 1 else f"updates {row.first + 1} to {row.first + count}"
    values = row.history[~np.isnan(row.history)]
    if len(values) == 0:
        return f"It has no number at the end of {updates}."
    missing = f"; none at the end of {count - len(values)} of them" if len(values) < count else ""
    if isinstance(row.value if row.value is not None else row.previous, bool):
        return f"True at the end of {int(values.sum())} of {updates}{missing}."
    low, high = float(values.min()), float(values.max())
    return f"At the end of {updates}: from {full(low)} to {full(high)}{missing}."
