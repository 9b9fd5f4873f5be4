"""All parameter matrices as one mosaic: their labels, their places, their numbers."""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Floats, Ids
from microgpt_studio.debugger.snapshot import Description, Moment, ParameterNumbers, Reach
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets import full
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.mosaic_layout import Block, Leaf, Stack, Tile
from microgpt_studio.widgets.number_text import fitted, short

_NOTE = 8  # characters: "±0.1234", "±1.2e-05"
_NOTE_ALONE = 24
_FIRST_OF_LAYERS = 3  # wte, wpe and lm_head stand before


class Quantity(Enum):
    """What is shown of every parameter. The value is the word on screen."""

    DATA = "data (after)"
    GRAD = "grad"
    M = "m"
    V = "v"
    UPDATE = "update"

    @property
    def kind(self) -> ScaleKind:
        return ScaleKind.UNSIGNED if self is Quantity.V else ScaleKind.SIGNED

    def of(self, numbers: ParameterNumbers) -> Floats:
        """(P,)"""
        arrays = {
            Quantity.DATA: numbers.after,
            Quantity.GRAD: numbers.grad,
            Quantity.M: numbers.m,
            Quantity.V: numbers.v,
            Quantity.UPDATE: numbers.change,
        }
        return arrays[self]

    def known(self, numbers: ParameterNumbers) -> npt.NDArray[np.bool_]:
        """(P,) whether there are numbers: grad and update as far as they are computed, the others always.

        But while Adam is on its way they are those after the update: only the parameters that it has come to have one.
        """
        if self is Quantity.GRAD:
            return np.equal(numbers.grad_reach, Reach.KNOWN)
        count = len(numbers.before)
        on_its_way = 0 < numbers.num_updated < count
        return np.arange(count) < (numbers.num_updated if on_its_way or self is Quantity.UPDATE else count)

    def hatched_text(self, numbers: ParameterNumbers) -> str:
        """What hatching means that is to be seen; empty where there is none."""
        if self.known(numbers).all():
            return ""
        if self is Quantity.GRAD:
            partial = (numbers.grad_reach == Reach.PARTIAL).any()
            return "not computed, partial" if partial else "not computed"
        return "not updated yet" if numbers.num_updated else "not computed"


_GRADIENTS = {
    Reach.NOT_COMPUTED: "not computed yet",
    Reach.PARTIAL: "more contributions are to come",
    Reach.OUTSIDE: "outside the graph",
    Reach.KNOWN: "",
}


class ParameterMatrices(Mosaic):
    """Cell i is the parameter ids[i]."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parameter matrices")
        self.ids: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._description: Description | None = None
        self._numbers: ParameterNumbers | None = None
        self._moment: Moment | None = None
        self._quantity = Quantity.DATA
        self._own = self._log = False

    def show_session(self, description: Description) -> None:
        """The matrices of a new session, without numbers yet."""
        program = description.program
        self._description, self._numbers, self._moment = description, None, None
        matrices = [tensor for tensor in program.tensors if tensor.start < program.num_parameters]
        self.ids = np.concatenate([program.elements(matrix) for matrix in matrices])
        self.set_tiles(tiles_of(description), candidates_of(program.config.n_layer))

    def show_numbers(self, numbers: ParameterNumbers, moment: Moment) -> None:
        """Colours by the present scales; `fit` makes them right for these numbers."""
        self._numbers, self._moment = numbers, moment
        self._show()

    @property
    def quantity(self) -> Quantity:
        return self._quantity

    @property
    def hatched_text(self) -> str:
        """What hatching means that is to be seen; empty where there is none."""
        return "" if self._numbers is None else self._quantity.hatched_text(self._numbers)

    def set_quantity(self, quantity: Quantity) -> None:
        """Show this of every parameter."""
        if quantity is not self._quantity:
            self._quantity = quantity
            self._show()
            self.fit()

    def set_scaling(self, *, own: bool, log: bool) -> None:
        """One scale for all matrices or one for each; linear or symmetric-logarithmic."""
        if (own, log) != (self._own, self._log):
            self._own, self._log = own, log
            self.fit()

    def fit(self) -> None:
        """Scales whose limits are the largest absolute values, and the limits beside the names if each has its own."""
        if self._description is None:
            return
        kind = self._quantity.kind
        spans = [self.span(tile) for tile in range(len(self.tiles))]
        known = bool(self.known.any())
        if not known:
            self.set_scales([Scale(kind, 0.0, self._log)] * len(spans))
        elif self._own:
            self.set_scales([Scale.fit(self.values[span], kind, self._log) for span in spans])
        else:
            self.set_scales([Scale.fit(self.values, kind, self._log)] * len(spans))
        alone = self.enlarged is not None
        if not self._own and not alone:
            self.set_notes([""] * len(spans), 0)
            return
        sign = "≤" if kind is ScaleKind.UNSIGNED else "±"
        texts = [short(scale.limit) if alone else fitted(scale.limit, _NOTE - 1) for scale in self.scales]
        self.set_notes([sign + text if known else "" for text in texts], _NOTE_ALONE if alone else _NOTE)

    def select_scalar(self, scalar: int | None) -> None:
        """Outline the cell of a parameter; of any other scalar none."""
        found = np.flatnonzero(self.ids == scalar) if scalar is not None else self.ids[:0]
        self.set_selected(int(found[0]) if len(found) else None)

    def describe(self, cell: int) -> str:
        """Everything known of a parameter, in full."""
        numbers, moment, description = self._numbers, self._moment, self._description
        if numbers is None or moment is None or description is None:
            return ""
        i = int(self.ids[cell])
        updated = i < numbers.num_updated
        reach = Reach(int(numbers.grad_reach[i]))
        so_far = f"{full(numbers.grad[i])} so far, " if reach is Reach.PARTIAL else ""
        grad = so_far + _GRADIENTS[reach] or full(numbers.grad[i])
        change = full(numbers.change[i]) if updated else "not computed yet"
        lines = [
            description.addresses.format(i) + self._meaning(cell),
            f"data {full(numbers.after[i])}" + (f" after update {moment.update}" if updated else ""),
            *([f"before {full(numbers.before[i])}"] if updated else []),
            f"grad {grad}",
            f"m {full(numbers.m[i])}",
            f"v {full(numbers.v[i])}",
            f"update {change}" + (" subtracted" if updated else ""),
        ]
        return "\n".join(lines)

    def describe_title(self, tile: int) -> str:
        """Name, shape, limit of the scale."""
        shown = self.tiles[tile]
        limit = f"\nscale limit {full(self.scales[tile].limit)}" if self.known.any() else ""
        heads = "\nbars: heads" if shown.row_group or shown.col_group else ""
        hint = "" if self.enlarged is not None else "\nclick to enlarge"
        return f"{shown.full_name} {shown.shape}{limit}{heads}{hint}"

    def _meaning(self, cell: int) -> str:
        tile, row, _ = self.place(cell)
        name = self.tiles[tile].name
        if name == "wpe":
            return f" (position {row})"
        return f" (“{self.tiles[tile].row_labels[row]}”)" if self.tiles[tile].words else ""

    def _show(self) -> None:
        if self._numbers is None:
            return
        known = self._quantity.known(self._numbers)[self.ids]
        self.set_numbers(self._quantity.of(self._numbers)[self.ids], known)


def tiles_of(description: Description) -> list[Tile]:
    """The matrices in the program's order: wte, wpe, lm_head, then each layer's."""
    config = description.program.config
    tokens = tuple(map(description.token_text, range(config.vocab_size)))
    heads = config.head_size
    tiles = []
    for path, (rows, cols) in config.shapes().items():
        name = path.rpartition(".")[2]
        tiles.append(
            Tile(
                name=name,
                rows=rows,
                cols=cols,
                row_labels=tokens if name in ("wte", "lm_head") else tuple(map(str, range(rows))),
                col_labels=tuple(map(str, range(cols))),
                shape=f"{rows}×{cols}",
                full_name=path,
                words=name in ("wte", "wpe", "lm_head"),
                row_group=heads if name in ("attn_wq", "attn_wk", "attn_wv") else 0,
                col_group=heads if name == "attn_wo" else 0,
            )
        )
    return tiles


def candidates_of(n_layer: int) -> list[Block]:
    """Ways to lay the matrices out, the wide ones first."""
    wte, wpe, lm_head = Leaf(0), Leaf(1), Leaf(2)
    embeddings = [
        Stack((Stack((wte, wpe), vertical=True, aligned=True), lm_head), aligned=True),
        Stack((wte, lm_head, wpe), aligned=True),
    ]
    blocks = n_layer + 1
    in_a_row = sorted({blocks, -(-blocks // 2), min(3, blocks), min(2, blocks), 1}, reverse=True)
    return [
        _flow([table, *(_layer(i, variant) for i in range(n_layer))], count)
        for table in embeddings
        for variant in range(3)
        for count in in_a_row
    ]


def _flow(blocks: list[Block], in_a_row: int) -> Block:
    rows = [Stack(tuple(blocks[i : i + in_a_row])) for i in range(0, len(blocks), in_a_row)]
    return rows[0] if len(rows) == 1 else Stack(tuple(rows), vertical=True)


def _layer(layer: int, variant: int) -> Block:
    """A layer's matrices: attention above fc2 with fc1 beside them, its title above or aside; or one below another."""
    start = _FIRST_OF_LAYERS + 6 * layer
    wq, wk, wv, wo = (Leaf(start + i, row_labels=i == 0) for i in range(4))
    fc2 = Leaf(start + 5)
    attention = Stack((wq, wk, wv, wo), aligned=True)
    heading = f"layer{layer}"
    if variant == 0:
        return Stack((Stack((attention, fc2), vertical=True), Leaf(start + 4)), heading=heading)
    if variant == 1:  # the heading leaves fc1, the tallest, the whole height
        return Stack((Stack((attention, fc2), vertical=True, heading=heading), Leaf(start + 4, side_title=True)))
    return Stack((attention, Leaf(start + 4), fc2), vertical=True, heading=heading)
