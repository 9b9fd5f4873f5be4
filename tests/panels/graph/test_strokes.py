"""Strokes lie where Qt draws them, at every ratio of pixels, and nothing of them outside of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLineF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from microgpt_studio.panels.graph.strokes import Stroke, draw, put

SIZE = (60, 90)
GROUND, COLOR = np.uint32(0xFF000000), "#ffffff"


def pixels(lines: list[tuple[float, ...]], width: float = 1.0, ratio: float = 1.0) -> np.ndarray:
    """(height, width) whether `put` has reached a pixel."""
    out = np.full((round(SIZE[0] * ratio), round(SIZE[1] * ratio)), GROUND, dtype=np.uint32)
    put(out, Stroke(np.array(lines, dtype=np.float64).reshape(-1, 4), COLOR, width), ratio)
    return out != GROUND


def by_qt(paint) -> np.ndarray:
    image = QImage(SIZE[1], SIZE[0], QImage.Format.Format_RGB32)
    image.fill(0xFF000000)
    painter = QPainter(image)
    paint(painter)
    painter.end()
    drawn = np.frombuffer(image.constBits(), dtype=np.uint32).reshape(SIZE) != GROUND
    return drawn.copy()


def test_upright_and_level_lines_are_those_of_qt(qapp) -> None:
    lines = [(10.5, 5.5, 40.5, 5.5), (40.5, 5.5, 40.5, 30.5), (70.5, 20.5, 50.5, 20.5), (3.5, 50.5, 3.5, 45.5)]

    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(QColor(COLOR), 1.0))
        painter.drawLines([QLineF(*line) for line in lines])

    assert (pixels(lines) == by_qt(paint)).all()
    assert (by_qt(lambda painter: draw(painter, Stroke(np.array(lines), COLOR))) == by_qt(paint)).sum() > 5390


ENDS = st.floats(-200.0, 300.0, allow_nan=False)


@given(st.tuples(ENDS, ENDS, ENDS, ENDS))
def test_every_pixel_is_on_the_line_and_none_of_the_line_is_left_out(line: tuple[float, ...]) -> None:
    x0, y0, x1, y1 = line
    found = pixels([line])
    rows, columns = np.nonzero(found)
    length = np.hypot(x1 - x0, y1 - y0)
    if length > 0:
        distance = np.abs((x1 - x0) * (rows + 0.5 - y0) - (y1 - y0) * (columns + 0.5 - x0)) / length
        assert (distance <= 1.0).all()
    for share in np.linspace(0.0, 1.0, 50):
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        if 2 <= x < SIZE[1] - 2 and 2 <= y < SIZE[0] - 2:
            assert found[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].any()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_a_bar_is_as_thick_as_it_is_wide(ratio: float) -> None:
    found = pixels([(11.5, 10.0, 11.5, 29.0)], 3.0, ratio)
    rows, columns = np.nonzero(found)
    assert columns.max() - columns.min() + 1 == round(3 * ratio)
    assert abs(columns.mean() + 0.5 - 11.5 * ratio) <= 1.0
    assert rows.min() == 10 * ratio
    assert rows.max() == int(29 * ratio)
    assert found.sum() == round(3 * ratio) * (rows.max() - rows.min() + 1)


def test_of_no_lines_nothing_is_put() -> None:
    assert not pixels([]).any()
    assert not pixels([(-50.0, -20.0, -5.0, 400.0), (100.0, 0.0, 100.0, 60.0), (0.0, 61.5, 90.0, 75.0)]).any()
