"""The words and numbers of the Watches panel, in a cell and in full."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from microgpt_studio.debugger.snapshot import WatchRow
from microgpt_studio.panels.watches_words import Meaning, change_text, full_text, history_text, reason_text, value_text

VALID = Meaning(True)


def made(value: object, previous: object = None, history: tuple[float, ...] = (), **other: object) -> WatchRow:
    change = float(value - previous) if previous is not None else None  # type: ignore[operator]
    row = WatchRow(1, "loss", value, None, previous, change, 0, np.array(history))
    return replace(row, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value, characters, text",
    [
        (None, 9, ""),
        (0.05690123, 9, "0.05690"),
        (-1.23456e-5, 9, "-1.23e-05"),
        (0.0, 9, "0"),
        (float("nan"), 9, "nan"),
        (True, 9, "True"),
        (1234, 9, "1234"),
        (10**40, 9, "1.000e+40"),
        ("emma", 9, "emma"),
    ],
)
def test_values_in_a_cell(value, characters, text):
    assert value_text(value, characters) == text


def test_changes_have_their_sign():
    assert change_text(made(0.5, 0.25), 9) == "+0.2500"
    assert change_text(made(0.25, 0.5), 9) == "-0.2500"
    assert change_text(made(0.5, 0.5), 9) == "0"
    assert change_text(made(8, 6), 9) == "+2"
    assert change_text(made(8, 6.5), 9) == "+1.500"
    assert change_text(made("emma"), 9) == ""


def test_values_in_full():
    assert full_text(0.1 + 0.2) == "0.30000000000000004"
    assert full_text(10**40) == "1" + "0" * 40
    assert full_text(1 << 100_000) == "a whole number of 100001 bits"
    assert full_text(None) == "" and full_text(False) == "False"


def test_what_a_history_says():
    assert history_text(made(1.0), VALID) == "No update is finished yet."
    assert history_text(made(1.0, history=(2.0, -1.0)), VALID) == "At the end of updates 1 to 2: from -1.0 to 2.0."
    nan = float("nan")
    words = history_text(made(1.0, history=(2.0, nan), first=9), VALID)
    assert words == "At the end of updates 10 to 11: from 2.0 to 2.0; none at the end of 1 of them."
    assert history_text(made(1.0, history=(nan,)), VALID) == "It has no number at the end of update 1."
    assert history_text(made(True, history=(1.0, 0.0)), VALID) == "True at the end of 1 of updates 1 to 2."
    assert history_text(made("emma", history=(nan,)), Meaning(True, is_text=True)) == "A text has no curve."


def test_a_reason_does_not_repeat_its_expression():
    whole = 'data("pos7.loss") is not computed yet'
    assert reason_text(made(None, reason=whole), VALID) == "is not computed yet"
    assert reason_text(made(None, reason="loss is not computed yet: it"), VALID) == "is not computed yet: it"
    assert reason_text(made(None, reason="1 / 0 divides by zero"), VALID) == "1 / 0 divides by zero"
    assert reason_text(made(1.0), VALID) == ""
