"""The activations of a probe: what each layer's MLP units let through, and how long the residual stream is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.probe.words import at_position, characters
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets import ColorScale, Heatmap, full
from microgpt_studio.widgets.flow_layout import FlowLayout

_UNITS_SHARE, _STREAM_SHARE = 3, 2  # of the height
_MORE = 3  # pixels that a row of units has more than it must have


class UnitsMap(Heatmap):
    """A layer's units: a row a position, a column a unit."""

    def __init__(self, layer: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = layer
        self.names: tuple[str, ...] = ()

    def minimumSizeHint(self) -> QSize:
        """With rows that can be told from each other."""
        least = super().minimumSizeHint()
        return QSize(least.width(), least.height() + _MORE * len(self.names))

    def description(self, row: int, col: int) -> str:
        where = f"layer{self.layer}, unit {col} at position {at_position(self.names, row)}"
        return f"{where}\noutput of its ReLU {full(float(self._values[row, col]))}"


class StreamMap(Heatmap):
    """The residual stream: a row a stage, a column a position."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.stages: tuple[str, ...] = ()

    def minimumSizeHint(self) -> QSize:
        """With room for the name of each stage."""
        least, line = super().minimumSizeHint(), metrics_of(current_theme().number_font(SMALL)).height()
        return QSize(least.width(), round((len(self.stages) + 3) * line))

    def description(self, row: int, col: int) -> str:
        where = f"residual stream after {self.stages[row]}, position {at_position(self.names, col)}"
        return f"{where}\nEuclidean norm {full(float(self._values[row, col]))}"


class ActivationsPage(QWidget):
    """All layers and the stream, one below the other; what does not fit is scrolled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.units_legend, self.stream_legend = ColorScale(), ColorScale()
        self.units_legend.set_quantity("MLP output")
        self.stream_legend.set_quantity("norm of the stream")
        self.units: list[UnitsMap] = []
        self.stream = StreamMap()
        self._description: Description | None = None
        head = QWidget()
        flow = FlowLayout(head, across=16, down=2)
        flow.addWidget(self.units_legend)
        flow.addWidget(self.stream_legend)
        inside = QWidget()
        self._maps = QVBoxLayout(inside)
        self._maps.setContentsMargins(8, 2, 8, 2)
        self._maps.setSpacing(6)
        self._maps.addWidget(self.stream, _STREAM_SHARE)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(8, 2, 8, 2)
        top.addWidget(head)
        column.addLayout(top)
        column.addWidget(scroll, 1)

    def show_session(self, description: Description) -> None:
        """As many maps as the model has layers."""
        self._description = description
        while len(self.units) > description.program.config.n_layer:
            self.units.pop().deleteLater()
        while len(self.units) < description.program.config.n_layer:
            layer = len(self.units)
            self.units.append(UnitsMap(layer))
            self._maps.insertWidget(layer, self.units[-1], _UNITS_SHARE)
        self.show_probed(None)

    def show_probed(self, probed: Probed | None) -> None:
        """Show a text that has numbers, or nothing."""
        numbers = None if probed is None else probed.numbers
        if probed is None or numbers is None or self._description is None:
            for each in (*self.units, self.stream):
                each.set_numbers(np.zeros((0, 0)))
            return
        names = characters(probed, self._description)
        scale = Scale.fit(numbers.relu, ScaleKind.UNSIGNED)
        firing = (numbers.relu > 0.0).sum(axis=(1, 2)).tolist()
        _, n, count = numbers.relu.shape
        for layer, each in enumerate(self.units):
            each.names = names
            each.set_title(f"layer{layer} MLP: positions × units; {firing[layer]} of {n * count} fire")
            each.set_labels(names, tuple(map(str, range(count))))
            each.set_numbers(numbers.relu[layer])
            each.set_scale(scale)
        self.units_legend.set_scale(scale)
        self.stream.names, self.stream.stages = names, numbers.stages
        self.stream.set_title("residual stream: norm by stage × position")
        self.stream.set_labels(numbers.stages, names)
        self.stream.set_numbers(numbers.norms)
        self.stream.set_scale(Scale.fit(numbers.norms, ScaleKind.UNSIGNED))
        self.stream_legend.set_scale(self.stream.scale)
