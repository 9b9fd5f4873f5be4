"""Remembered widths are the ones that Qt measures, of each font its own; texts that were kept look as Qt draws them."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme import apply_theme, current_theme
from microgpt_studio.theme.fonts import BODY, SMALL
from microgpt_studio.theme.text_metrics import TextMetrics, metrics_of

TEXTS = ["", "layer0.attn_wq[3,11]", "−0.01234", "weight · 64 × 16", "Σ ∂L/∂w", "ﬁ ffi"]


def fonts() -> list[QFont]:
    theme = current_theme()
    made = [
        make(size, bold=bold)
        for make in (theme.text_font, theme.number_font)
        for size in (BODY, SMALL)
        for bold in (False, True)
    ]
    slanted = QFont(theme.text_font())
    slanted.setItalic(True)
    return [*made, slanted]


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_widths_are_those_that_qt_measures(qapp: QApplication, scale: float) -> None:
    apply_theme(qapp, "dark", scale)
    for _ in range(2):  # measured, and remembered
        for font in fonts():
            plain, remembered = QFontMetricsF(font), metrics_of(font)
            assert remembered.height() == plain.height()
            for text in TEXTS:
                assert remembered.horizontalAdvance(text) == plain.horizontalAdvance(text)
    apply_theme(qapp, "dark")


def test_cut_texts_are_those_that_qt_cuts(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    font = current_theme().number_font(SMALL)
    plain, remembered = QFontMetricsF(font), metrics_of(font)
    text = "pos3.layer0.attn.head2.weight[1]"
    for _ in range(2):
        for mode in (Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle):
            for width in (40.0, 90.5, 400.0):
                assert remembered.elidedText(text, mode, width) == plain.elidedText(text, mode, width)


def test_a_font_that_looks_the_same_is_not_measured_again(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    assert metrics_of(current_theme().text_font()) is metrics_of(QFont(current_theme().text_font()))
    assert metrics_of(current_theme().text_font()) is not metrics_of(current_theme().text_font(bold=True))


@pytest.mark.parametrize("bold", [False, True])
def test_a_text_that_comes_again_looks_as_it_did_at_first(qapp: QApplication, bold: bool) -> None:
    apply_theme(qapp, "dark")
    for font in (current_theme().number_font(SMALL, bold=bold), current_theme().text_font(BODY, bold=bold)):
        metrics = TextMetrics(font)
        texts = [(3.3 + 7.1 * i, 14.2 + 15.37 * i, text) for i, text in enumerate(TEXTS)]
        plain = painted(font, lambda painter, texts=texts: [painter.drawText(QPointF(x, y), t) for x, y, t in texts])
        assert plain != painted(font, lambda _: None)
        for _ in range(3):  # drawn once; laid out, and drawn; drawn as it was laid out
            assert painted(font, lambda painter, metrics=metrics, texts=texts: metrics.draw(painter, texts)) == plain


@pytest.mark.parametrize("size", [9, 10, 11, 12])
def test_a_block_is_its_lines_one_by_one(qapp: QApplication, size: int) -> None:
    apply_theme(qapp, "dark")
    font = current_theme().number_font(size)
    metrics, plain = TextMetrics(font), QFontMetricsF(font)
    blocks = [
        (60.3, 20.7, ("attn_wq[5,0]", "-0.1087", "5.935e-05")),
        (170.1, 31.2, ("", "<b>1</b>")),
        (200.0, 90.0, ("–",)),
    ]

    def one_by_one(painter: QPainter) -> None:
        for middle, baseline, lines in blocks:
            for number, line in enumerate(lines):
                left = middle - plain.horizontalAdvance(line) / 2
                painter.drawText(QPointF(left, baseline + number * ceil(plain.height())), line)

    expected = painted(font, one_by_one)
    assert expected != painted(font, lambda _: None)
    for _ in range(3):
        assert painted(font, lambda painter: metrics.draw_blocks(painter, blocks)) == expected


def test_hundreds_of_new_texts_are_laid_out_a_few_at_a_time(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    font = current_theme().number_font()
    metrics = TextMetrics(font)
    texts = [(3.0, 8.0 + i, f"{i}") for i in range(100)]
    pictures, laid_out = [], []
    for _ in range(12):
        pictures.append(painted(font, lambda painter: metrics.draw(painter, texts)))
        laid_out.append(sum(layout is not None for layout in metrics._kept.values()))
    assert pictures == [pictures[0]] * 12
    assert laid_out[0] == 0
    assert 0 < laid_out[1] < laid_out[2] < 50
    assert laid_out[-1] == 100


def test_angle_brackets_are_text_when_they_come_again(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    font = current_theme().number_font()
    metrics = TextMetrics(font)
    texts = [(3.0, 20.0, "<b>.01</b>")]
    first, *again = (painted(font, lambda painter: metrics.draw(painter, texts)) for _ in range(3))
    assert again == [first, first]


def painted(font: QFont, paint: Callable[[QPainter], object]) -> QImage:
    image = QImage(260, 120, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(QColor("white"))
    paint(painter)
    painter.end()
    return image
