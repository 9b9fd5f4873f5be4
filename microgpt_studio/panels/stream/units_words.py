"""What the units view says in words: a unit at a position, a unit over all, and a layer. It claims what is measured."""

from __future__ import annotations

from collections.abc import Callable

from microgpt_studio.debugger.mlp_units import UnitNumbers
from microgpt_studio.debugger.snapshot import Reach
from microgpt_studio.debugger.unit_activity import Activity
from microgpt_studio.panels.stream.grid_layout import Cell


def span(activity: Activity, *, measured: bool = True) -> str:
    """The updates that a measurement is about, or that it has come to."""
    first, last = activity.first + 1, activity.first + activity.measured if measured else activity.stop
    return f"update {last}" if first == last else f"updates {first}–{last}"


def unit_text(numbers: UnitNumbers, cell: Cell, written: Callable[[float], str]) -> str:
    """What goes into a unit at a position, and what comes out."""
    layer, p, unit = cell
    if numbers.fc1_reach[layer, p, unit] != Reach.KNOWN:
        return "not computed yet"
    before = f"before ReLU {written(float(numbers.fc1[layer, p, unit]))}"
    if numbers.relu_reach[layer, p, unit] != Reach.KNOWN:
        return f"{before}\noutput not computed yet"
    word = "fires" if numbers.fires[layer, p, unit] else "does not fire"
    return f"{before}\noutput {written(float(numbers.relu[layer, p, unit]))}: {word}"


def strip_text(numbers: UnitNumbers, activity: Activity | None, cell: Cell, positions: int) -> str:
    """At how many positions a unit fires, and in how many updates it did."""
    layer, _, unit = cell
    return f"{_here(numbers, layer, unit, positions)}\n{_over_time(activity, layer, unit)}"


def layer_titles(layer: int, numbers: UnitNumbers, activity: Activity | None) -> tuple[str, ...]:
    """A layer in one line; the longest wording first."""
    name, units = f"layer {layer}", numbers.relu.shape[2]
    if numbers.is_complete[layer]:
        silent = int(numbers.silent[layer].sum())
        here = f"{silent} of {units} units silent in this document (×)"
        brief = f"{silent} of {units} silent (×)"
        if not silent:
            here, brief = f"all {units} units fire in this document", f"all {units} fire"
    else:
        here, brief = f"{units} units, not computed at every position", f"{units} units"
    wordings = [f"{name}: {here}", f"{name}: {brief}", name]
    if activity is None or activity.stop == activity.first:
        return tuple(wordings)
    if activity.reason is not None:
        over = f"the measurement ended early: {activity.reason}"
    elif not activity.is_complete:
        over = f"looking at {span(activity, measured=False)}: {activity.measured} done"
    else:
        dead = int(activity.dead[layer].sum())
        over = f"{dead} fired in none of {span(activity)}" if dead else f"all fired in {span(activity)}"
    return (f"{name}: {here} · {over}", f"{name}: {brief} · {over}", *wordings[1:])


def _here(numbers: UnitNumbers, layer: int, unit: int, positions: int) -> str:
    known = int((numbers.relu_reach[layer, :, unit] == Reach.KNOWN).sum())
    count = int(numbers.fires[layer, :, unit].sum())
    if known < positions:
        return f"fires at {count} of the {known} positions that are computed; the document has {positions}"
    if count == 0:
        return f"silent in this document: fires at none of its {positions} positions"
    return f"fires at {count} of the document's {positions} positions"


def _over_time(activity: Activity | None, layer: int, unit: int) -> str:
    if activity is None or not activity.measured:
        return "no finished update has been looked at yet"
    fired, last = int(activity.fired[layer, unit]), int(activity.last[layer, unit])
    seen = f"{span(activity)}, replayed and looked at"
    if fired:
        ago = activity.first + activity.measured - last
        since = "the latest of them" if ago == 0 else f"{ago} before the latest of them"
        return f"fired in {fired} of {activity.measured} updates ({seen}), last in update {last}, {since}"
    silent = f"fired in none of {activity.measured} updates ({seen})"
    if not activity.is_complete:
        return f"{silent}; more are to come"
    return f"{silent}: no gradient came through it to its row of mlp_fc1 in them"
