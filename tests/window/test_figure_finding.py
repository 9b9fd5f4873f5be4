"""Reading what a widget paints, and finding figures: each way in which a text comes onto the screen, each notation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap, QStaticText
from PySide6.QtWidgets import QLabel, QListWidget, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from microgpt_studio.debugger.snapshot import Cells, Explanation, Reach
from microgpt_studio.widgets import ThemedWidget
from microgpt_studio.widgets.number_text import fitted, full, short
from tests.window.shown_figures import figures_in, texts_of, without_names
from tests.window.snapshot_numbers import Numbers, arrays_in
from tests.window.source_lines import WrongLine, without_code


class Drawn(ThemedWidget):
    """Texts in the widget's own painting, and one in a picture that is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(200, 40)
        self.paintings = 0
        self._kept: QPixmap | None = None

    def theme_changed(self) -> None:
        self._kept = None

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._kept is None:
            self._kept = QPixmap(QSize(80, 20))
            painter = QPainter(self._kept)
            painter.drawText(QPointF(0.0, 12.0), "kept 1.25")
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._kept)
        painter.drawText(QPointF(90.0, 12.0), "drawn 2.5")
        painter.drawStaticText(QPointF(90.0, 30.0), QStaticText("static 3.5"))
        self.paintings += 1


def test_every_way_of_painting_is_read(qtbot: QtBot) -> None:
    widget, drawn, lines, rows = QWidget(), Drawn(), QPlainTextEdit(), QListWidget()
    qtbot.addWidget(widget)
    box = QVBoxLayout(widget)
    label, hidden = QLabel("label 0.125 & <b>"), QLabel("hidden 9.5")
    label.setTextFormat(Qt.TextFormat.PlainText)
    for child in (label, hidden, drawn, lines, rows):
        box.addWidget(child)
    hidden.hide()
    lines.setPlainText("line 4.5")
    rows.addItems([f"row {i}.75" for i in range(60)])
    widget.resize(300, 400)
    widget.show()
    qtbot.waitUntil(lambda: drawn.paintings > 0)
    for _ in range(2):  # what was kept is read again
        texts = texts_of(widget)
        wanted = {"label 0.125 & <b>", "kept 1.25", "drawn 2.5", "static 3.5", "line 4.5"}
        assert wanted <= set(texts)
        assert {f"row {i}.75" for i in range(60)} <= set(texts)  # scrolled ones too
        assert "hidden 9.5" not in texts
    assert rows.verticalScrollBar().value() == 0
    assert not drawn.grab().isNull()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("loss 2.314 nats", [2.314]),
        ("-1.234e-05", [-1.234e-05]),
        ("1,234,567 scalars", [1234567.0]),
        ("±0.1958", [0.1958]),
        ("+0.25 -0.25", [0.25, -0.25]),
        ("0.862 … 1.43", [0.862, 1.43]),
        ("17.15 % of it", [17.15]),
        ("0.85 · -5.216e-05", [0.85, -5.216e-05]),
        ("16×4", [16.0, 4.0]),
        ("√v̂ β₁ g² 10⁻³", [10.0]),
        ("nan inf —", []),
        ("<.01", [0.01]),
    ],
)
def test_figures_of_a_text(text: str, values: list[float]) -> None:
    assert [figure.value for figure in figures_in(text)] == values


def test_a_figure_knows_its_last_digit() -> None:
    small, large, share = figures_in("0.05690 1.0e+03 12 %")
    assert (small.half, small.digits, small.is_whole) == (0.5e-5, 4, False)
    assert (large.half, large.is_whole) == (50.0, False)
    assert share.is_share and share.is_whole


def test_names_are_left_out_where_they_are_known() -> None:
    known = "pos3.layer0.attn.q[5].mul[7]\nlayer0.attn_wq[0,1]".__contains__
    assert without_names("pos3.layer0.attn.q[5].mul[7] × 0.5", known).split() == ["×", "0.5"]
    assert without_names("attn_wq[0,1] and q[6]", known).split() == ["and", "q[6]"]


@pytest.mark.parametrize("write", [short, full, lambda x: fitted(x, 7), lambda x: short(x, 2)])
def test_what_the_program_writes_is_found_and_its_neighbour_is_not(write) -> None:
    for number in np.random.default_rng(1).normal(size=50) * 10.0 ** np.arange(-25, 25):
        [figure] = figures_in(write(number))
        assert Numbers([np.array([number])]).has(figure)
        neighbour = number + math.copysign(max(2.1 * figure.half, 1e-14 * abs(number)), number)
        assert not Numbers([np.array([neighbour])]).has(figure)


def test_only_numbers_that_mean_something_are_reached() -> None:
    known, nothing = np.uint8(Reach.KNOWN), np.uint8(Reach.NOT_COMPUTED)
    reach = np.array([known, nothing])
    cells = Cells(np.array([0.5, 0.625]), np.array([0.75, 0.875]), reach, reach[::-1])
    numbers = Numbers(arrays_in({"cells": (cells,)}))
    assert [numbers.has(figure) for figure in figures_in("0.500 0.625 0.750 0.875")] == [True, False, False, True]
    explanation = Explanation(
        0, "wte[0,0]", "parameter", True, 0.5, Reach.KNOWN, 0.75, Reach.NOT_COMPUTED, 0, 3, (), (), ()
    )
    numbers = Numbers(arrays_in(explanation))
    assert [numbers.has(figure) for figure in figures_in("0.500 0.750")] == [True, False]


def test_ticks_lie_along_a_range() -> None:
    numbers = Numbers([np.array([0.2, 0.9])])
    assert numbers.has_axis(np.array([0.2, 0.4, 0.6, 0.8]))
    assert numbers.has_axis(np.array([0.0, 0.5, 1.0]))
    assert not numbers.has_axis(np.array([0.0, 1.0, 2.0]))
    assert not numbers.has_axis(np.array([0.2, 0.21, 0.22]))


def test_code_has_to_be_the_files() -> None:
    first = '"""Adam: turns gradients into updates'
    texts = ["1", first, "2"]
    with pytest.raises(WrongLine, match=r"adam.py:1 is painted with '2'"):
        without_code(texts, "adam.py")
    beside, lines = without_code(["min", "2", "3", "from __future__ import annotations", "= 0.5"], "adam.py")
    assert (beside, lines) == (["min", "= 0.5"], 2)
