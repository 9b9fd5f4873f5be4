"""Units are called silent or dead only over what was computed, or looked at, and the words say over what."""

from __future__ import annotations

import numpy as np

from microgpt_studio.debugger.mlp_units import UnitNumbers
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.debugger.unit_activity import Activity
from microgpt_studio.panels.stream.grid_layout import Cell
from microgpt_studio.panels.stream.units_words import layer_titles, span, strip_text, unit_text

K, N = Reach.KNOWN, Reach.NOT_COMPUTED


def units(outputs: list[list[float | None]]) -> UnitNumbers:
    """One layer, from what comes out; None: not computed."""
    known = np.array([[[x is not None for x in row] for row in outputs]])
    relu = np.array([[[np.nan if x is None else x for x in row] for row in outputs]])
    fc1 = np.where(relu > 0, relu, np.where(known, -0.5, np.nan))
    reach = np.where(known, K, N).astype(np.uint8)
    return UnitNumbers(fc1, reach.copy(), relu, reach)


def activity(first: int, stop: int, measured: int, last: list[int], reason: str | None = None) -> Activity:
    latest = np.array([last], dtype=np.int32)
    return Activity(first, stop, measured, (latest > 0).astype(np.int32), latest, reason)


def test_a_unit_at_a_position() -> None:
    numbers = units([[0.25, 0.0, None]])
    assert unit_text(numbers, Cell(0, 0, 0), repr) == "before ReLU 0.25\noutput 0.25: fires"
    assert unit_text(numbers, Cell(0, 0, 1), repr) == "before ReLU -0.5\noutput 0.0: does not fire"
    assert unit_text(numbers, Cell(0, 0, 2), repr) == "not computed yet"
    numbers.fc1_reach[0, 0, 2], numbers.fc1[0, 0, 2] = K, 1.5
    assert unit_text(numbers, Cell(0, 0, 2), repr) == "before ReLU 1.5\noutput not computed yet"


def test_a_unit_over_the_document() -> None:
    whole = units([[1.0, 0.0], [0.0, 0.0], [2.0, 0.0]])
    assert strip_text(whole, None, Cell(0, 3, 0), 3).startswith("fires at 2 of the document's 3 positions\n")
    assert strip_text(whole, None, Cell(0, 3, 1), 3).startswith("silent in this document: fires at none of its 3")
    half = units([[1.0, 0.0], [None, None]])
    text = strip_text(half, None, Cell(0, 2, 1), 2)
    assert text.startswith("fires at 0 of the 1 positions that are computed; the document has 2\n")
    assert text.endswith("no finished update has been looked at yet")


def test_a_unit_over_the_updates_before() -> None:
    numbers = units([[1.0, 0.0]])
    complete = activity(10, 20, 10, [18, 0])
    text = strip_text(numbers, complete, Cell(0, 1, 0), 1)
    assert "fired in 1 of 10 updates (updates 11–20, replayed and looked at), last in update 18, 2 before" in text
    text = strip_text(numbers, complete, Cell(0, 1, 1), 1)
    assert "fired in none of 10 updates (updates 11–20, replayed and looked at): no gradient came" in text
    text = strip_text(numbers, activity(10, 20, 4, [14, 0]), Cell(0, 1, 1), 1)
    assert "fired in none of 4 updates (updates 11–14, replayed and looked at); more are to come" in text
    assert "the latest of them" in strip_text(numbers, activity(10, 20, 4, [14, 0]), Cell(0, 1, 0), 1)
    assert strip_text(numbers, activity(10, 20, 0, [0, 0]), Cell(0, 1, 0), 1).endswith("has been looked at yet")


def test_a_layer() -> None:
    numbers = units([[1.0, 0.0, 0.0], [0.0, 0.0, 3.0]])
    titles = layer_titles(0, numbers, activity(100, 200, 100, [150, 0, 160]))
    assert titles[0] == "layer 0: 1 of 3 units silent in this document (×) · 1 fired in none of updates 101–200"
    assert titles[-1] == "layer 0" and [*map(len, titles)] == sorted(map(len, titles), reverse=True)
    titles = layer_titles(0, numbers, activity(100, 200, 100, [150, 199, 160]))
    assert titles[0].endswith(" · all fired in updates 101–200")
    assert layer_titles(0, numbers, activity(100, 200, 7, [101, 0, 0]))[0].endswith(
        "looking at updates 101–200: 7 done"
    )
    assert layer_titles(0, numbers, activity(0, 0, 0, [0, 0, 0]))[0] == (
        "layer 0: 1 of 3 units silent in this document (×)"
    )
    assert layer_titles(0, units([[1.0, 2.0]]), None)[0] == "layer 0: all 2 units fire in this document"
    assert layer_titles(0, units([[1.0, None]]), None)[0] == "layer 0: 2 units, not computed at every position"
    stopped = activity(100, 200, 7, [101, 0, 0], "update 108 stops at pos0.loss: log(0.0) is not defined")
    assert "ended early: update 108 stops at" in layer_titles(0, numbers, stopped)[0]


def test_one_update_is_one() -> None:
    assert span(activity(4, 5, 1, [5])) == "update 5"
    assert span(activity(4, 9, 2, [5])) == "updates 5–6"
    assert span(activity(4, 9, 2, [5]), measured=False) == "updates 5–9"
