"""Everything about one parameter in words, every number in full."""

from __future__ import annotations

from math import log10

from microgpt_studio.debugger.past_parameters import PastParameters
from microgpt_studio.debugger.snapshot import Description, Moment, ParameterNumbers, Reach
from microgpt_studio.widgets import full
from microgpt_studio.widgets.mosaic_layout import Tile

_GRADIENTS = {
    Reach.NOT_COMPUTED: "not computed yet",
    Reach.PARTIAL: "more contributions are to come",
    Reach.OUTSIDE: "outside the graph",
    Reach.KNOWN: "",
}
_LATER = "not computed yet"


def describe(
    description: Description,
    numbers: ParameterNumbers,
    moment: Moment,
    past: PastParameters | None,
    parameter: int,
    name: str,
) -> str:
    """Line by line; `name` follows the address. A change is measured from `past`, if that is there."""
    i, updated = parameter, parameter < numbers.num_updated
    lines = [description.addresses.format(i) + name, f"data {full(numbers.after[i])}"]
    if updated:
        lines[-1] += f" after update {moment.update}"
        lines.append(f"before {full(numbers.before[i])}")
    lines += [
        f"grad {_grad(numbers, i)}",
        f"m {full(numbers.m[i])}",
        f"v {full(numbers.v[i])}",
    ]
    if updated:
        adam = description.settings.adam
        m_hat = float(numbers.m[i]) / (1 - adam.beta1**moment.update)
        v_hat = float(numbers.v[i]) / (1 - adam.beta2**moment.update)
        lines += [
            f"m̂ {full(m_hat)}",
            f"√v̂ {full(v_hat**0.5)}",
            f"update {full(numbers.change[i])} subtracted",
            f"log₁₀ |update ÷ weight before| {_log_ratio(float(numbers.change[i]), float(numbers.before[i]))}",
        ]
    else:
        lines += [f"m̂, √v̂ {_LATER}", f"update {_LATER}"]
    if past is not None and past.parameters is not None:
        change = float(numbers.after[i]) - float(past.parameters[i])
        lines.append(f"change since update {past.updates}: {full(change)}")
    return "\n".join(lines)


def meaning(tile: Tile, row: int) -> str:
    """What a row stands for, where that is more than a number: " (“a”)"."""
    if tile.name == "wpe":
        return f" (position {row})"
    return f" (“{tile.row_labels[row]}”)" if tile.words else ""


def _grad(numbers: ParameterNumbers, parameter: int) -> str:
    reach = Reach(int(numbers.grad_reach[parameter]))
    so_far = f"{full(numbers.grad[parameter])} so far, " if reach is Reach.PARTIAL else ""
    return so_far + _GRADIENTS[reach] or full(numbers.grad[parameter])


def _log_ratio(change: float, before: float) -> str:
    if before == 0.0:
        return "is no number: the weight is 0"
    ratio = abs(change / before)
    if ratio == 0.0:
        return "is no number: the update is 0" if change == 0.0 else "is no number: the ratio is too small"
    return full(log10(ratio))
