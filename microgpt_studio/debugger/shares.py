"""Shares: through which block, at which position, what part of a scalar's gradient flows.

The gradient of s flows over an edge from u to its consumer c with d(u)/d(s) · d(c)/d(u) · grad(c). A cut is a set of
edges, or of scalars, of which every path from s to the loss goes through one, and one only; so their flows add up to
grad(s), and the shares of a cut to 1. A block's cut are the additions behind it: what comes out of the block (branch)
and what went past it (skip), at all positions. The heads of an attention cut its branch, and so do its queries, keys
and values: they add up to the branch. What s comes after has no path through it, and so no share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from microgpt.program.machine import Machine
from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger import paths_kernels as kernels

_BLOCK = re.compile(r"(?P<block>layer\d+\.(?:attn|mlp))\.residual")
_INSIDE = re.compile(r"(?P<block>layer\d+\.attn)\.(?P<part>[qkv]|head\d+\.out)")


class Part(Enum):
    """What of a block a row is about. The value is the word for it."""

    BRANCH = "branch"  # through the block
    SKIP = "skip"  # past it, on the residual connection
    WHOLE = ""  # a stage that nothing goes past


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A line of the table: a part of a cut, at every position."""

    name: str  # "embed", "layer0.attn", "layer0.attn.head2", "loss"
    part: Part
    cut: int  # rows with the same number belong together
    inside: str | None = None  # the block whose branch the cut adds up to; None: it adds up to the whole


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """R rows, n positions. Where no path passes there is neither a flow nor a share: the number there means nothing."""

    rows: tuple[ShareRow, ...]
    passes: npt.NDArray[np.bool_]  # (R, n) whether any path goes through there
    flow: Floats  # (R, n)
    share: Floats  # (R, n) flow / grad
    total: Floats  # (R,) of a row's shares, from left to right
    cut_total: Floats  # (C,) of all shares of a cut, row after row; of a cut of all paths it is 1 but for rounding
    cut_passes: npt.NDArray[np.bool_]  # (C,) whether any path goes through a cut


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Where in a program gradient is measured: K edges or scalars, each of a row and a position."""

    rows: tuple[ShareRow, ...]
    scalars: Ids  # (K,) ascending in every cell of the table
    sides: npt.NDArray[np.int8]  # (K,) the operand from which the edge comes, or -1: the scalar itself
    row: Ids  # (K,)
    column: Ids  # (K,) position

    @classmethod
    def of(cls, program: Program) -> Points:
        """Embedding, the blocks of all layers with the parts inside of attention, and the loss of each position."""
        cuts: dict[str, int] = {}
        rows: dict[ShareRow, list[tuple[int, Ids, int]]] = {}  # position, scalars, side
        for tensor in program.tensors:
            if tensor.position is None:
                continue
            scalars = program.elements(tensor)
            if found := _BLOCK.fullmatch(tensor.stage):
                cut = cuts.setdefault(found["block"], len(cuts))
                for side, part in enumerate((Part.BRANCH, Part.SKIP)):
                    rows.setdefault(ShareRow(found["block"], part, cut), []).append((tensor.position, scalars, side))
            elif found := _INSIDE.fullmatch(tensor.stage):
                kind = "head" if found["part"].startswith("head") else "qkv"
                cut = cuts.setdefault(f"{found['block']} {kind}", len(cuts))
                row = ShareRow(tensor.stage.removesuffix(".out"), Part.WHOLE, cut, found["block"])
                rows.setdefault(row, []).append((tensor.position, scalars, -1))
            elif tensor.stage in ("embed", "loss"):
                cut = cuts.setdefault(tensor.stage, len(cuts))
                rows.setdefault(ShareRow(tensor.stage, Part.WHOLE, cut), []).append((tensor.position, scalars, -1))
        scattered = [
            (scalars, np.full_like(scalars, side), np.full_like(scalars, i), np.full_like(scalars, position))
            for i, places in enumerate(rows.values())
            for position, scalars, side in places
        ]
        points, sides, numbers, columns = (np.concatenate(arrays) for arrays in zip(*scattered, strict=True))
        return cls(tuple(rows), points, sides.astype(np.int8), numbers, columns)


def share_out(machine: Machine, points: Points, ids: Ids, on_path: npt.NDArray[np.bool_], tangent: Floats) -> Shares:
    """The shares of the gradient of ids[0]. `ids` are what lies on a path, ascending; all their gradients are complete.

    `on_path` and `tangent` are (N,): the same as a mask, and room for the derivatives by ids[0].
    """
    graph = machine.code, machine.first, machine.second, machine.constants, machine.data, on_path
    kernels.tangents(ids, *graph, tangent)
    shape = len(points.rows), machine.positions
    flow, passes = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    kernels.flows(points.scalars, points.sides, points.row, points.column, *graph, tangent, machine.grad, flow, passes)
    with np.errstate(all="ignore"):  # a gradient of 0, or one that is not finite, has no shares: the caller says so
        share = np.where(passes, flow / machine.grad[ids[0]], 0.0)
        total = np.cumsum(share, axis=1)[:, -1]
        cuts = np.array([row.cut for row in points.rows])
        cut_total = np.array([np.cumsum(share[cuts == cut].ravel())[-1] for cut in range(int(cuts.max()) + 1)])
    cut_passes = np.array([passes[cuts == cut].any() for cut in range(len(cut_total))])
    for array in (passes, flow, share, total, cut_total, cut_passes):
        array.flags.writeable = False
    return Shares(points.rows, passes, flow, share, total, cut_total, cut_passes)
