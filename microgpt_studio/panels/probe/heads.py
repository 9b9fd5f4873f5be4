"""The attention of a probe: one matrix a head, queries in rows, keys in columns, under their legend."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from microgpt_studio.debugger.head_places import head_name
from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.words import at_position, characters
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets import ColorScale, full
from microgpt_studio.widgets.mosaic import Mosaic
from microgpt_studio.widgets.mosaic_layout import Block, Detail, Leaf, Stack, Tile, Wish

_SCALE = Scale(ScaleKind.UNSIGNED, 1.0)


class ProbeHeads(Mosaic):
    """The weights of a text. They belong to no training document: a click outlines a cell, and selects no scalar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, wish=Wish(smallest=3, detail=Detail.ALL))
        self.setAccessibleName("attention of the probe")
        self._description: Description | None = None
        self._probed: Probed | None = None

    def show_session(self, description: Description) -> None:
        """Nothing is shown of the session before."""
        self._description = description
        self.show_probed(None)

    def show_probed(self, probed: Probed | None) -> None:
        """Show a text that has numbers, or nothing."""
        before, self._probed = self._probed, probed
        numbers = None if probed is None else probed.numbers
        if probed is None or numbers is None:
            self._probed = None
            self.set_tiles((), ())
            return
        if before is None or probed.tokens != before.tokens:
            self._set_text(probed)
        self.set_numbers(numbers.weights.reshape(-1), self._there)

    def describe(self, cell: int) -> str:
        """Query, key, and the weight in full."""
        tile, query, key = self.place(cell)
        if self._probed is None or self._description is None or not self.exists(cell):
            return ""
        names = characters(self._probed, self._description)
        where = f"query {at_position(names, query)} looks at key {at_position(names, key)}"
        return f"{self.tiles[tile].full_name}: {where}\nweight {full(float(self.values[cell]))}"

    def describe_title(self, tile: int) -> str:
        """Which head, and how to see it large."""
        more = "" if self.enlarged is not None else "\nclick: this head alone; Esc: all again"
        return f"{self.tiles[tile].full_name}: rows are queries, columns the keys they look at{more}"

    def _set_text(self, probed: Probed) -> None:
        assert self._description is not None, "the session comes first"
        config, n = self._description.program.config, probed.positions
        names = characters(probed, self._description)
        tiles = [
            Tile(
                name=head_name(layer, head, config.n_layer),
                rows=n,
                cols=n,
                row_labels=names,
                col_labels=names,
                full_name=f"layer{layer} head{head}",
                words=True,
                axes="rows: query · columns: key",
                causal=True,
            )
            for layer in range(config.n_layer)
            for head in range(config.n_head)
        ]
        lengths = [length for length in range(len(tiles), 0, -1) if len(tiles) % length == 0]
        self.set_tiles(tiles, [_lines(len(tiles), length) for length in lengths])
        self.set_scales([_SCALE] * len(tiles))
        self._there = np.tile(np.tri(n, dtype=np.bool_).reshape(-1), len(tiles))


class HeadsPage(QWidget):
    """The heads under their legend."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heads, self.legend = ProbeHeads(), ColorScale()
        self.legend.set_scale(_SCALE)
        self.legend.set_quantity("attention weight of query (row) and key (column)")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(8, 2, 8, 2)
        head.addWidget(self.legend)
        column.addLayout(head)
        column.addWidget(self.heads, 1)

    def show_probed(self, probed: Probed | None) -> None:
        """Show a text that has numbers, or nothing."""
        self.heads.show_probed(probed)


def _lines(count: int, length: int) -> Block:
    """So many tiles, so many in each line; the labels of the first serve its line."""
    leaves = [Leaf(index, row_labels=index % length == 0) for index in range(count)]
    lines = tuple(Stack(tuple(leaves[i : i + length]), aligned=True) for i in range(0, count, length))
    return Stack(lines, vertical=True)
