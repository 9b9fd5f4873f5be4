"""All attention heads of a document as one mosaic: who looks at whom. It finds the cells of weights and scores."""

from __future__ import annotations

from enum import Enum

import numpy as np
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.snapshot import Cells, Description, Moment, Reach
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets import full
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.mosaic_layout import Block, Detail, Leaf, Stack, Tile, Wish

_STEP_OF_ROOM = 4  # documents of 5 to 8 positions take the same room, so that places do not jump at every update


class Quantity(Enum):
    """What is shown of every pair of positions: tensor, and whether its gradient. The value is the word on screen."""

    WEIGHT = "weight"
    SCORE = "score"
    WEIGHT_GRAD = "weight grad"
    SCORE_GRAD = "score grad"

    @property
    def tensor(self) -> str:
        """Last word of the tensors' paths."""
        return self.value.split()[0]

    @property
    def is_grad(self) -> bool:
        return self in (Quantity.WEIGHT_GRAD, Quantity.SCORE_GRAD)

    @property
    def kind(self) -> ScaleKind:
        return ScaleKind.UNSIGNED if self is Quantity.WEIGHT else ScaleKind.SIGNED


class AttentionHeads(Mosaic):
    """Tile l * n_head + h is head h of layer l: rows are queries, columns keys. Cell i is the scalar ids[i], or -1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wish=Wish(smallest=3, detail=Detail.ALL, widest=2.0))
        self.setAccessibleName("Attention heads")
        self.ids: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._description: Description | None = None
        self._places: dict[str, Ids] = {}  # tensor → (L, H, B, B) into the arrays of Cells; -1 above the diagonal
        self._gather: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._cells: Cells | None = None
        self._moment: Moment | None = None
        self._tokens: tuple[int, ...] = ()
        self._quantity = Quantity.WEIGHT
        self._scale = Scale(ScaleKind.UNSIGNED, 1.0)

    def show_session(self, description: Description) -> None:
        """Find the cells of a new session; nothing is shown before its numbers come."""
        self._description, self._cells, self._moment = description, None, None
        self._places = {tensor: element_places(description, tensor) for tensor in ("weight", "score")}
        self._tokens = ()
        self.ids = self._gather = np.zeros(0, dtype=np.int32)
        self.set_tiles((), ())

    def show_cells(self, cells: Cells, moment: Moment) -> None:
        """The heads of the moment's document, by the present scale; `fit` makes it right for these numbers.

        The selection is void after it.
        """
        self._cells, self._moment = cells, moment
        tokens = moment.tokens[: moment.positions]
        if tokens != self._tokens:
            self._tokens = tokens
            self._set_document()
        self._show()

    @property
    def quantity(self) -> Quantity:
        return self._quantity

    @property
    def scale(self) -> Scale:
        """Of all heads."""
        return self._scale

    @property
    def all_known(self) -> bool:
        """Whether every cell that exists has a number."""
        return bool(self.known[self.ids >= 0].all())

    def set_quantity(self, quantity: Quantity) -> None:
        """Show this of every pair."""
        if quantity is not self._quantity:
            self._quantity = quantity
            self._find()
            self._show()
            self.fit()

    def fit(self) -> None:
        """One scale for all heads: weights from 0 to 1, anything else to its largest absolute value."""
        kind = self._quantity.kind
        weights = self._quantity is Quantity.WEIGHT
        self._scale = Scale(kind, 1.0) if weights else Scale.fit(self.values[self.known], kind)
        self.set_scales([self._scale] * len(self.tiles))

    def select_scalar(self, scalar: int | None) -> None:
        """Outline the cell of a scalar that is shown; of any other none."""
        found = np.flatnonzero(self.ids == scalar) if scalar is not None else self.ids[:0]
        self.set_selected(int(found[0]) if len(found) else None)

    def describe(self, cell: int) -> str:
        """Query, key, and everything known of their pair, in full."""
        cells, moment, description = self._cells, self._moment, self._description
        if cells is None or moment is None or description is None:
            return ""
        tile, query, key = self.place(cell)
        labels = self.tiles[tile].row_labels
        lines = [
            description.addresses.format(int(self.ids[cell])),
            f"query “{labels[query]}” at position {query}",
            f"key “{labels[key]}” at position {key}",
        ]
        for tensor, places in self._places.items():
            layer, head = divmod(tile, description.program.config.n_head)
            place = int(places[layer, head, query, key])
            lines.append(f"{tensor} {_number(cells.data[place], cells.data_reach[place])}")
            lines.append(f"{tensor} grad {_number(cells.grad[place], cells.grad_reach[place])}")
        if moment.loss is not None:
            lines.append(f"update {moment.update}")
        return "\n".join(lines)

    def describe_title(self, tile: int) -> str:
        """Which head, and how to see it large."""
        hint = "" if self.enlarged is not None else "\nclick to enlarge"
        return f"{self.tiles[tile].name}\nrows are queries, columns the keys they look at{hint}"

    def _set_document(self) -> None:
        assert self._description is not None
        config, count = self._description.program.config, len(self._tokens)
        characters = tuple(map(self._description.token_text, self._tokens))
        room = min(-(-count // _STEP_OF_ROOM) * _STEP_OF_ROOM, config.block_size)
        tiles = [
            Tile(
                name=f"layer{layer} · head{head}",
                rows=count,
                cols=count,
                row_labels=characters,
                col_labels=characters,
                words=True,
                causal=True,
                room=room,
            )
            for layer in range(config.n_layer)
            for head in range(config.n_head)
        ]
        self.set_tiles(tiles, candidates_of(config.n_layer, config.n_head))
        self.set_scales([self._scale] * len(tiles))
        self._find()

    def _find(self) -> None:
        """Where the quantity's numbers are, and which scalars they belong to."""
        if self._description is None:
            return
        count = len(self._tokens)
        places = self._places[self._quantity.tensor][:, :, :count, :count].reshape(-1)
        self._gather = np.maximum(places, 0)
        self.ids = np.where(places >= 0, self._description.program.element_ids[self._gather], np.int32(-1))
        self.set_selected(None)

    def _show(self) -> None:
        if self._cells is None:
            return
        cells, gather = self._cells, self._gather
        numbers, reach = (cells.grad, cells.grad_reach) if self._quantity.is_grad else (cells.data, cells.data_reach)
        self.set_numbers(numbers[gather], (reach[gather] == Reach.KNOWN) & (self.ids >= 0))


def element_places(description: Description, tensor: str) -> Ids:
    """(L, H, B, B) where the weight or score of query and key stands in program.element_ids; -1: there is none."""
    program = description.program
    config = program.config
    starts = {tensor.path: tensor.first_element for tensor in program.tensors}
    places = np.full((config.n_layer, config.n_head, config.block_size, config.block_size), -1, dtype=np.int32)
    for layer, head, query in np.ndindex(*places.shape[:3]):
        start = starts[f"pos{query}.layer{layer}.attn.head{head}.{tensor}"]
        places[layer, head, query, : query + 1] = np.arange(start, start + query + 1)
    return places


def candidates_of(n_layer: int, n_head: int) -> list[Block]:
    """The heads in lines of equal length, whole layers or whole parts of a layer on a line."""
    count = n_layer * n_head
    lengths = [n_head * layers for layers in range(1, n_layer + 1)]
    lengths += [length for length in range(n_head - 1, 0, -1) if n_head % length == 0]
    return [_lines(count, length) for length in lengths]


def _lines(count: int, length: int) -> Block:
    lines = [Stack(tuple(map(Leaf, range(i, min(i + length, count))))) for i in range(0, count, length)]
    return Stack(tuple(lines), vertical=True)


def _number(number: float, reach: int) -> str:
    if reach == Reach.OUTSIDE:
        return "outside the graph"
    return full(number) if reach == Reach.KNOWN else "not computed yet"
