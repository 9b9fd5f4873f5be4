"""Heads: which cells of the map belong to which head, and where the curves of attention run."""

from __future__ import annotations

from functools import partial

import numpy as np

from microgpt_studio.panels.graph.lines import Floats, Indices
from microgpt_studio.panels.graph.map_layout import MapLayout
from microgpt_studio.panels.graph.stages import Row

_OF_ALL_HEADS = frozenset({"q", "k", "v"})  # vectors that are the heads' slices side by side


def attention_ends(layout: MapLayout, position: int, reads: str = "v") -> tuple[Indices, Floats, Floats]:
    """The weights that a position gives to earlier ones and itself, W in all, and where their curves run.

    Returns their cells (W,) in the order layer, head, earlier position; the beginnings (W, 2) below the vectors that
    are read, "v" or "k"; and the ends (W, 2) above the scores.
    """
    return layout.keep(("attention", position, reads), partial(_attention_ends, layout, position, reads))


def _attention_ends(layout: MapLayout, position: int, reads: str) -> tuple[Indices, Floats, Floats]:
    head_size = layout.program.config.head_size
    cells, starts, ends = [], [], []
    for row in layout.rows:
        if not row.stage.endswith(".weight") or row.shared:
            continue
        read, score = _row(layout, f"{row.scope}.{reads}"), _row(layout, f"{row.scope}.score")
        line = layout.cells_of(row)
        own = line[layout.position_of[line] == position]  # head after head, each from position 0
        middle = layout.left[own] + layout.width[own] / 2
        heads, earlier = np.divmod(np.arange(len(own)), position + 1)
        start = earlier * layout.pitch + (heads + 0.5) * head_size
        cells.append(own)
        starts.append(np.column_stack([start, np.full(len(own), read.bottom)]))
        ends.append(np.column_stack([middle, np.full(len(own), score.top)]))
    return np.concatenate(cells), np.concatenate(starts), np.concatenate(ends)


def head_of(layout: MapLayout, cell: int) -> tuple[int, int] | None:
    """Layer and head that a cell of attention belongs to; None where it belongs to no single head."""
    tensor = layout.program.tensors[layout.expressions.tensor[cell]]
    if tensor.position is None:
        return None
    parts = tensor.stage.split(".")  # "layer0", "attn", then "q", or "head1" and "score"
    if parts[-1] in _OF_ALL_HEADS:
        head = (cell - tensor.first_element) // layout.program.config.head_size
        return int(parts[0].removeprefix("layer")), head
    if len(parts) > 2 and parts[-2].startswith("head"):
        return int(parts[0].removeprefix("layer")), int(parts[-2].removeprefix("head"))
    return None


def _row(layout: MapLayout, stage: str) -> Row:
    return next(row for row in layout.rows if row.stage == stage and not row.shared)
