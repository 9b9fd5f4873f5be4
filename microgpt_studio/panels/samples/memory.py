"""What a sample remembers: attention on the positions so far, and the keys and values that grow by one row a step."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from microgpt.program.program import Floats
from microgpt_studio.debugger.head_places import head_name
from microgpt_studio.debugger.sampling import SampleTrace
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.samples.scale_end import scale_end
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets import ColorScale, Heatmap
from microgpt_studio.widgets.number_text import full
from microgpt_studio.widgets.sentence import Sentence

_LATER = "not read yet"
_HIGHEST = 440  # pixels that a map which wants less may get


class AttentionStrips(QWidget):
    """A row a head, a column a position: the weights of the position that the step reads."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Sentence()
        self.map = _Map()
        self.map.describe = self._describe
        self.legend = ColorScale()
        self.legend.set_quantity("weight")
        self._trace: SampleTrace | None = None
        self._step = 0
        self._letters: list[str] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self.sentence, self.legend, self.map):
            column.addWidget(widget, int(widget is self.map))
        column.addStretch(0)

    def show_step(self, trace: SampleTrace | None, step: int, description: Description | None) -> None:
        """Show this step."""
        self._trace, self._step = trace, step
        if trace is None or description is None:
            return
        self._letters = _letters(trace, step, description)
        layers, heads, length, _ = trace.weights.shape
        self.sentence.say(f"Attention of position {step}: a row for each head, which adds up to 1. Hatched: {_LATER}.")
        scale = Scale(ScaleKind.UNSIGNED, scale_end(float(trace.weights[:, :, step, : step + 1].max())))
        self.map.set_scale(scale)
        self.legend.set_scale(scale)
        weights = trace.weights[:, :, step].reshape(layers * heads, length)
        names = [head_name(layer, head, layers) for layer in range(layers) for head in range(heads)]
        self.map.show_numbers(weights, _seen(trace, step, layers * heads), names, self._letters)

    def _describe(self, row: int, col: int) -> str:
        if self._trace is None:
            return ""
        layer, head = divmod(row, self._trace.weights.shape[1])
        where = f"layer {layer}, head {head}: position {self._step} on position {col}"
        if col > self._step:
            return f"layer {layer}, head {head}: position {col} is {_LATER}"
        return f"{where} “{self._letters[col]}”\n{full(float(self._trace.weights[layer, head, self._step, col]))}"


class Cache(QWidget):
    """Keys and values of every layer: a row a position, a column a number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = Sentence()
        self.legend = ColorScale()
        self.legend.set_quantity("data")
        self.maps: list[tuple[_Rows, _Rows]] = []  # keys and values, layer after layer
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.addWidget(self.sentence, 0, 0, 1, 2)
        self._grid.addWidget(self.legend, 1, 0, 1, 2)
        self._trace: SampleTrace | None = None

    def show_step(self, trace: SampleTrace | None, step: int, description: Description | None) -> None:
        """Show this step. The scale stays the same for all steps of a sample."""
        if trace is None or description is None:
            self._trace = trace
            return
        layers, _, width = trace.keys.shape
        if trace is not self._trace:
            self._trace = trace
            self._make_maps(layers)
            scale = Scale.fit(np.stack([trace.keys, trace.values]), ScaleKind.SIGNED)
            self.legend.set_scale(scale)
            for pair in self.maps:
                for rows in pair:
                    rows.set_scale(scale)
        names = _letters(trace, step, description)
        layered = f"{layers} layers × " if layers > 1 else ""
        positions = f"{step + 1} positions" if step else "1 position"
        self.sentence.say(
            f"Cache: keys and values, 2 × {layered}{positions} × {width} = {trace.cached(step):,} numbers, "
            f"{trace.cached(0):,} of them new. Hatched: {_LATER}."
        )
        for layer, pair in enumerate(self.maps):
            for rows, array in zip(pair, (trace.keys, trace.values), strict=True):
                rows.letters = names
                rows.show_numbers(array[layer], _read(trace, step, width), names, [])

    def _make_maps(self, layers: int) -> None:
        if len(self.maps) == layers:
            return
        for pair in self.maps:
            for rows in pair:
                rows.hide()
                self._grid.removeWidget(rows)
                rows.deleteLater()
        self.maps = [(_Rows(f"keys, layer {layer}"), _Rows(f"values, layer {layer}")) for layer in range(layers)]
        for layer, (keys, values) in enumerate(self.maps):
            self._grid.addWidget(keys, layer + 2, 0)
            self._grid.addWidget(values, layer + 2, 1)
            self._grid.setRowStretch(layer + 2, 1000)
        self._grid.setRowStretch(layers + 2, 1)  # what the maps leave


class _Map(Heatmap):
    """Rows that share the room there is, as far as that is not too much for a few."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_numbers(self, values: Floats, known: npt.NDArray[np.bool_], rows: list[str], cols: list[str]) -> None:
        """Numbers with labels."""
        self.set_numbers(values, known)
        self.set_labels(rows, cols)
        self.setMaximumHeight(max(self.sizeHint().height(), _HIGHEST))


class _Rows(_Map):
    """Keys or values of one layer."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.letters: list[str] = []
        self.set_title(name)
        self.describe = self._told

    def _told(self, row: int, col: int) -> str:
        where = f"{self._name}: position {row}"
        if not self._known[row, col]:
            return f"{where} is {_LATER}"
        return f"{where} “{self.letters[row]}” [{col}]\n{full(float(self._values[row, col]))}"


def _letters(trace: SampleTrace, step: int, description: Description) -> list[str]:
    """What each position reads; nothing for those still to come."""
    return [description.token_text(int(token)) if p <= step else "" for p, token in enumerate(trace.read)]


def _seen(trace: SampleTrace, step: int, rows: int) -> npt.NDArray[np.bool_]:
    """(rows, T) whether a position is read by a step."""
    return np.broadcast_to(np.arange(trace.length) <= step, (rows, trace.length))


def _read(trace: SampleTrace, step: int, columns: int) -> npt.NDArray[np.bool_]:
    """(T, columns) the same along the other axis."""
    return np.broadcast_to((np.arange(trace.length) <= step)[:, None], (trace.length, columns))
