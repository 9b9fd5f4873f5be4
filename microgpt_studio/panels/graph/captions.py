"""Captions of the legend: what the figures at the ends of the colours are, and which cells they hold for."""

from __future__ import annotations

import numpy as np

from microgpt_studio.panels.graph.map_colors import Norm, Quantity
from microgpt_studio.panels.graph.picture import Picture, num_operations
from microgpt_studio.panels.graph.stages import SHARED

_NAMES = {
    Quantity.DATA: ("data",),
    Quantity.GRAD: ("grad, d loss / d cell", "grad"),
    Quantity.MAGNITUDE: ("|grad|, |d loss / d cell|", "|grad|"),
    Quantity.DERIVATIVE: (
        "local derivative d cell / d operand, larger of two",
        "local derivative, larger of two",
        "local derivative",
    ),
}


def scale_captions(picture: Picture, band: int, chosen: str) -> tuple[str, ...]:
    """Wordings, the longest first. `band` is the one whose scale is shown, `chosen` what contributions go to."""
    if picture.coloring.quantity is Quantity.CONTRIBUTION and not chosen:
        return ("contribution: select a scalar first", "contribution")
    names, places = _names(picture, chosen), _places(picture, band)
    wordings = [(name, place) for name in names[:-1] for place in places[:1]]
    wordings += [(names[-1], place) for place in places]
    lock = "" if picture.locked_at is None else f", locked at update {picture.locked_at}"
    captions = [f"{name}{', ' if place else ''}{place}{lock}" for name, place in wordings]
    if lock:
        captions += [f"{names[-1]}, locked at {picture.locked_at}", names[-1]]
    return tuple(sorted(dict.fromkeys(captions), key=len, reverse=True))


def short_address(address: str) -> str:
    """An address without its position and scope: q[5] of pos4.layer0.attn.q[5]."""
    parts = address.split(".")
    first = next((i for i, part in enumerate(parts) if "[" in part), len(parts) - 1)
    return ".".join(parts[first:])


def _names(picture: Picture, chosen: str) -> tuple[str, ...]:
    match picture.coloring.quantity:
        case Quantity.CONTRIBUTION:
            return f"contribution to {chosen}", f"contribution to {short_address(chosen)}", "contribution"
        case Quantity.FORWARD | Quantity.BACKWARD as order:
            count = f"{num_operations(picture.moment, picture.layout, order):,}"
            phase = order.name.lower()
            return f"order in the {phase} phase, of {count}", f"{order.value}, of {count}", order.value
        case quantity:
            return _NAMES[quantity]


def _places(picture: Picture, band: int) -> tuple[str, ...]:
    coloring = picture.coloring
    if coloring.quantity.is_order:
        return ("",)
    if coloring.norm is Norm.GRAPH:
        return "whole graph", ""
    row = picture.layout.bands[band]
    kind = "row" if band < len(picture.layout.rows) else "matrix"
    shared = SHARED if row.shared else ""
    return f"{kind} {row.stage}{shared}", f"{kind} {row.stage.rpartition('.')[2]}{shared}", ""


def inside_note(picture: Picture) -> str:
    """What the colours inside open cells stand for beyond the legend; empty where none is open or all are on it."""
    coloring = picture.coloring
    if picture.inner is None or coloring.quantity.is_order:
        return ""
    notes = []
    if coloring.norm is Norm.ROW:
        notes.append("ports have the scales of their own rows")
    if _is_cut(picture):
        notes.append("what is beyond an end of a scale has the colour of that end")
    return f"inside cells {' and '.join(notes)}" if notes else ""


def _is_cut(picture: Picture) -> bool:
    """Whether a number inside the open cells is beyond the ends of its scale, which are fitted to the cells."""
    if picture.inner is None or picture.inside is None:
        return False
    layout, inner = picture.layout, picture.inner
    limits = picture.limits[layout.row_of[layout.expressions.cell[picture.inside.ids]]]
    values = np.where(inner.known & np.isfinite(inner.values), np.abs(inner.values), 0.0)
    return bool((values > limits).any())  # of a row without a limit nothing is
