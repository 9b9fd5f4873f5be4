"""Stages: the rows of the map in the order of the code, and which cells stand in them, position by position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from microgpt.program.program import Program, Tensor
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.panels.graph.lines import Indices

SHARED = " Σ"  # behind the label of the row of what serves a whole vector


@dataclass(frozen=True, slots=True)
class Row:
    """One stage, for all positions; or a matrix of parameters."""

    stage: str  # "layer0.attn.q"; the heads of a layer share "layer0.attn.score"
    scope: str  # "layer0.attn"; empty outside the layers
    label: str  # "q"
    top: float
    bottom: float
    lines: range
    shared: bool = False  # not the elements of the stage, but what serves all of them


@dataclass(frozen=True, slots=True)
class Span:
    """The rows of one scope."""

    scope: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The cells of one row. Heads stand side by side; H of them, or one, in each of B positions."""

    stage: str
    scope: str
    name: str  # the last word
    first: Indices  # (H, B) the first cell of each head in each position
    sizes: Indices  # (B,) how many cells a head has in each position
    positions: Indices  # (B,); -1 for the total loss
    in_heads: bool  # a vector of one head, or one that is the heads' slices side by side
    single: bool  # a scalar
    shared: bool

    @property
    def label(self) -> str:
        """What people read beside the row."""
        word = {"total": "mean loss", "residual": "+ residual"}.get(self.name, self.name)
        return word + SHARED if self.shared else word


_IN_HEADS = frozenset({"q", "k", "v"})  # vectors that are the heads' slices side by side


def stages(program: Program, expressions: Expressions) -> Iterator[Stage]:
    """All rows of positions from top to bottom; what is shared before what it serves; the total loss at the end."""
    shared_cell = np.full(len(program.tensors), -1, dtype=np.int32)
    shared_cell[expressions.tensor[expressions.num_elements :]] = np.arange(
        expressions.num_elements, expressions.num_cells
    )
    placed = [index for index, tensor in enumerate(program.tensors) if tensor.position is not None]
    per_position = len(placed) // program.config.block_size
    by_stage: dict[str, list[list[int]]] = {}
    for i, index in enumerate(placed[:per_position]):
        parts = program.tensors[index].stage.split(".")
        stage = ".".join(part for part in parts if not part.startswith("head"))
        by_stage.setdefault(stage, []).append(placed[i::per_position])
    for stage, heads in by_stage.items():
        yield from _of_tensors(program, stage, heads, shared_cell)
    yield from _of_tensors(program, "total", [[int(program.tensor[program.loss])]], shared_cell)


def _of_tensors(program: Program, stage: str, heads: list[list[int]], shared_cell: Indices) -> Iterator[Stage]:
    tensors: list[list[Tensor]] = [[program.tensors[index] for index in head] for head in heads]
    scope, _, name = stage.rpartition(".")
    one = tensors[0][0]
    positions = np.array([-1 if t.position is None else t.position for t in tensors[0]], dtype=np.int32)
    of_heads = ".head" in one.path
    shared = shared_cell[np.array(heads)]
    if (shared >= 0).all():
        ones = np.ones(len(positions), dtype=np.int32)
        yield Stage(stage, scope, name, shared, ones, positions, of_heads, not of_heads, shared=True)
    first = np.array([[tensor.first_element for tensor in head] for head in tensors], dtype=np.int32)
    sizes = np.array([tensor.size for tensor in tensors[0]], dtype=np.int32)
    in_heads = of_heads or name in _IN_HEADS
    yield Stage(stage, scope, name, first, sizes, positions, in_heads, one.shape == (), shared=False)
