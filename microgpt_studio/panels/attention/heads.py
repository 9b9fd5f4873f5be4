"""All attention heads of a document as one mosaic: who looks at whom. It finds the cells of weights and scores."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.attention_terms import RowNumbers
from microgpt_studio.debugger.earlier_weights import WeightChange
from microgpt_studio.debugger.head_labels import HeadMeasures, HeadPattern
from microgpt_studio.debugger.head_places import head_name
from microgpt_studio.debugger.snapshot import Cells, Description, Moment, Reach
from microgpt_studio.panels.attention.arrangement import alone, arrange
from microgpt_studio.panels.attention.describing import describe_cell
from microgpt_studio.panels.attention.quantity import Quantity
from microgpt_studio.panels.attention.words import (
    LABEL_RULE,
    character,
    label_sentence,
    label_tip,
    label_words,
)
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import mosaic_paint
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.mosaic_layout import Layout, Leaf, Tile

_STEP_OF_ROOM = 4  # documents of 5 to 8 positions take the same room, so that places do not jump at every update


class AttentionHeads(Mosaic):
    """Tile l * n_head + h is head h of layer l: rows are queries, columns keys. Cell i is the scalar ids[i], or -1."""

    pointed_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Attention heads")
        self.ids: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._description: Description | None = None
        self._places: dict[str, Ids] = {}  # tensor → (L, H, B, B) into the arrays of Cells; -1 above the diagonal
        self._gather: Ids = np.zeros(0, dtype=np.int32)  # (C,)
        self._cells: Cells | None = None
        self._moment: Moment | None = None
        self._rows: RowNumbers | None = None
        self._change: WeightChange | None = None
        self._measures: HeadMeasures | None = None
        self._tokens: tuple[int, ...] = ()
        self._marked: tuple[int, int] | None = None
        self._quantity = Quantity.WEIGHT
        self._scale = Scale(ScaleKind.UNSIGNED, 1.0)

    def show_session(self, description: Description) -> None:
        """Find the cells of a new session; nothing is shown before its numbers come."""
        self._description, self._cells, self._moment = description, None, None
        self._rows = self._change = None
        self._measures = None
        self._places = {tensor: element_places(description, tensor) for tensor in ("weight", "score")}
        self._tokens = ()
        self.ids = self._gather = np.zeros(0, dtype=np.int32)
        self.set_tiles((), ())

    def show_cells(
        self, cells: Cells, moment: Moment, rows: RowNumbers | None = None, change: WeightChange | None = None
    ) -> None:
        """The heads of the moment's document, by the present scale; `fit` makes it right for these numbers.

        The selection is void after it.
        """
        self._cells, self._moment, self._rows, self._change = cells, moment, rows, change
        tokens = moment.tokens[: moment.positions]
        if tokens != self._tokens:
            self._tokens = tokens
            self._set_document()
        self._show()

    def show_labels(self, measures: HeadMeasures | None) -> None:
        """The labels of the heads, in the order of the tiles."""
        if measures != self._measures:
            self._measures = measures
            self.viewport().update()

    def label(self, tile: int) -> tuple[HeadPattern, int] | None:
        """What a head is labelled by, and of how many documents: 0 for the present one, as far as it is computed."""
        if self._measures is None:
            return None
        if self._measures.documents:
            return self._measures.recent[tile], self._measures.documents
        return self._measures.present[tile], 0

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

    @property
    def pointed(self) -> tuple[int, int, int] | None:
        """Tile, query and key of the cell under the pointer, or else of the selected one."""
        cell = self._hovered if self._hovered is not None else self._selected
        return None if cell is None else self.place(cell)

    def mark(self, query: int, key: int) -> None:
        """Mark the query and the key of the enlarged head that are told term by term."""
        if (query, key) != self._marked:
            self._marked = query, key
            self.viewport().update()

    def row_is_known(self, tile: int, query: int) -> bool:
        """Whether all weights of a query are there; the last of them comes last."""
        if self._cells is None or self._description is None:
            return False
        layer, head = divmod(tile, self._description.program.config.n_head)
        return bool(self._cells.data_reach[self._places["weight"][layer, head, query, query]] == Reach.KNOWN)

    def set_hovered(self, cell: int | None, title: int | None) -> None:
        """What the pointer is over, which it tells."""
        before = self._hovered
        super().set_hovered(cell, title)
        if self._hovered != before:
            self.pointed_changed.emit()

    def describe(self, cell: int) -> str:
        """Query, key, and everything known of their pair, in full."""
        cells, moment, description = self._cells, self._moment, self._description
        if cells is None or moment is None or description is None:
            return ""
        tile, query, key = self.place(cell)
        pair = (*divmod(tile, description.program.config.n_head), query, key)
        return describe_cell(
            description, moment, cells, self._places, pair, int(self.ids[cell]), self._rows, self._change
        )

    def describe_title(self, tile: int) -> str:
        """Which head, what it looks at, and how to see it large."""
        assert self._description is not None
        layer, head = divmod(tile, self._description.program.config.n_head)
        lines = [f"layer{layer} head{head}: rows are queries, columns the keys they look at"]
        label = self.label(tile)
        if label is not None and self._measures is not None:
            lines.append(label_tip(*label))
            if label[1]:
                lines.append(label_tip(self._measures.present[tile], 0))
            lines.append(LABEL_RULE)
        if self.enlarged is None:
            lines.append("click: the head term by term")
        return "\n".join(lines)

    def _set_document(self) -> None:
        assert self._description is not None
        config, count = self._description.program.config, len(self._tokens)
        characters = tuple(character(self._description, token) for token in self._tokens)
        room = min(-(-count // _STEP_OF_ROOM) * _STEP_OF_ROOM, config.block_size)
        tiles = [
            Tile(
                name=head_name(layer, head, config.n_layer),
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
        self.set_tiles(tiles, tuple(map(Leaf, range(len(tiles)))))
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
        values, known = numbers[gather], (reach[gather] == Reach.KNOWN) & (self.ids >= 0)
        if self._quantity is Quantity.CHANGE:
            count = len(self._tokens)
            change = self._change.change if self._change is not None else None
            if change is None:
                known[:] = False
            else:
                values = change[:, :, :count, :count].reshape(-1)
        self.set_numbers(values, known)

    def _arranged(self, width: float, height: float) -> Layout | None:
        if not self.tiles or self._description is None:
            return None
        type_, config = mosaic_paint.measure(current_theme(), 0), self._description.program.config
        tile = self.tiles[0]
        if self.enlarged is not None:
            return alone(self.enlarged, tile.rows, type_, width, height)
        return arrange(config.n_layer, config.n_head, tile.rows, tile.room, len(tile.name), type_, width, height)

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(80), theme.scaled(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.tiles:
            return
        painter = QPainter(self.viewport())
        painter.setFont(current_theme().number_font(SMALL))
        metrics = metrics_of(painter.font())
        for placed in self.arrangement.placed:
            self._draw_title(painter, placed.tile, placed.title.translated(-self._title_offset()), metrics)
        if self.enlarged is not None and self._marked is not None:
            self._draw_marked(painter, self.enlarged, *self._marked)

    def _title_offset(self) -> QPointF:
        return QPointF() if self.enlarged is not None else self.offset()

    def _draw_title(self, painter: QPainter, tile: int, box: QRectF, metrics: QFontMetricsF) -> None:
        """The name, which is underlined under the pointer, and what fits of the label."""
        palette, name = current_theme().palette, self.tiles[tile].name
        line = mosaic_paint.measure(current_theme(), 0).line
        texts = self.title_lines(tile, box, metrics)
        widest = max(map(metrics.horizontalAdvance, texts))
        painter.fillRect(QRectF(box.x() - 2.0, box.y(), widest + 4.0, box.height()), QColor(palette.surface))
        baseline = box.y() + metrics.ascent() - 1.0
        painter.setPen(QColor(palette.muted))
        for number, text in enumerate(texts):
            painter.drawText(QPointF(box.x(), baseline + number * line), text)
        painter.setPen(QColor(palette.text))
        painter.drawText(QPointF(box.x(), baseline), name)
        if tile == self._hovered_title and self.enlarged is None:
            right = box.x() + metrics.horizontalAdvance(name)
            painter.drawLine(QPointF(box.x(), baseline + 2.0), QPointF(right, baseline + 2.0))

    def _draw_marked(self, painter: QPainter, tile: int, query: int, key: int) -> None:
        """A hairline around the row of the query whose terms are told, and around the key's cell."""
        if query >= self.tiles[tile].rows:
            return
        palette = current_theme().palette
        row = self.cell_rect(self.cell(tile, query, 0)).united(self.cell_rect(self.cell(tile, query, query)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(palette.text), 1.0))
        painter.drawRect(row.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.drawRect(self.cell_rect(self.cell(tile, query, min(key, query))).adjusted(1.5, 1.5, -1.5, -1.5))

    def title_lines(self, tile: int, box: QRectF, metrics: QFontMetricsF) -> list[str]:
        """What the title of a head says in its box: as much of name, label and figure as fits."""
        name = self.tiles[tile].name
        label = self.label(tile)
        if label is None:
            return [name]
        word, figure = label_words(label[0])
        lines = round(box.height() / mosaic_paint.measure(current_theme(), 0).line)
        if lines > 1:
            return [name, word, figure] if lines == 3 else [name, f"{word} {figure}".strip()]
        texts = [f"{name} {word} {figure}".strip(), f"{name} {word}".strip()]
        if self.enlarged is not None:
            texts.insert(0, f"{name}: {label_sentence(*label)}")
        return [next((text for text in texts if metrics.horizontalAdvance(text) <= box.width() + 1.0), name)]


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
