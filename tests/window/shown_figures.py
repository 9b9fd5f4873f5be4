"""The texts that a widget paints, read where they are painted, and the figures in a text."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QPoint, QRectF
from PySide6.QtGui import QPaintEngine, QPainter, QStaticText
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QScrollBar, QWidget

_TEXT = re.compile(r"<text[^>]*>(.*?)</text>", re.DOTALL)
_FIGURE = re.compile(
    r"(?<![\w.])(?P<sign>[-+±])?(?P<digits>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<exponent>e[-+]?\d+)?…?(?P<percent> ?%)?"
)
_NAME = re.compile(
    r"\bL\d+(?:H\d+)?\b|…?[a-z_][a-z_.0-9]*(?:\[[0-9]+(?:, ?[0-9]+)?\](?:\.[a-z]+)?)*…?|\[[0-9]+(?:,[0-9]+)?\]"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written."""

    text: str  # "-1.234e-05"
    sign: str  # "", "-", "+" or "±"
    value: float
    half: float  # of the place of its last digit: what rounding may have changed
    digits: int  # significant ones
    is_whole: bool  # no decimal point and no exponent
    is_share: bool  # per cent
    said: str  # the whole text that it stands in


def figures_in(text: str) -> list[Figure]:
    """The figures of a text from which names have been taken out."""
    return [_figure(match, text) for match in _FIGURE.finditer(text)]


def has_unread_digits(text: str) -> bool:
    """Whether a text has digits beside its figures, as one that touches a letter."""
    return any(letter.isascii() and letter.isdigit() for letter in _FIGURE.sub("", text))


def without_names(text: str, known: Callable[[str], bool]) -> str:
    """A text without the names that hold digits; a name is what `known` says is one."""

    def leave_out(match: re.Match[str]) -> str:
        name = match[0]
        return " " if any(map(str.isdigit, name)) and known(name.strip("….")) else name

    return _NAME.sub(leave_out, text)


def texts_of(widget: QWidget) -> list[str]:
    """All texts that a widget and what is in it paint, scrolled parts included, in the order of painting."""
    found = list(_painted(widget))
    for bar in _scroll_bars(widget):
        before = bar.value()
        for place in range(bar.minimum(), bar.maximum() + 1, max(bar.pageStep() - bar.singleStep(), 1)):
            if place != before:
                bar.setValue(place)
                found += _painted(widget)
        bar.setValue(bar.maximum())
        found += _painted(widget)
        bar.setValue(before)
    return found


def _scroll_bars(widget: QWidget) -> Iterator[QScrollBar]:
    for area in widget.findChildren(QAbstractScrollArea):
        for bar in (area.verticalScrollBar(), area.horizontalScrollBar()):
            if area.isVisibleTo(widget) and bar.maximum() > bar.minimum():
                yield bar


def _painted(widget: QWidget) -> list[str]:
    """Painted by Python first, into pictures that are kept too; then by Qt itself."""
    for each in (widget, *widget.findChildren(QWidget)):
        QApplication.sendEvent(each, QEvent(QEvent.Type.StyleChange))  # pictures that were kept are made anew
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    vector = QSvgGenerator()
    vector.setOutputDevice(buffer)
    vector.setSize(widget.size())
    vector.setViewBox(widget.rect())
    with _heard() as said:
        painter = QPainter(vector)
        widget.render(painter, QPoint(0, 0))
        painter.end()
    written = [html.unescape(text) for text in _TEXT.findall(bytes(content.data()).decode())]
    return [text for text in (*said, *written) if text.strip()]


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What Python paints as text. Neither that nor its pictures reach the vector picture, which has what Qt paints."""
    said: list[str] = []
    ways = {name: getattr(QPainter, name) for name in ("drawText", "drawStaticText", "drawPixmap", "drawImage")}

    def listening(paint: Callable[..., Any]) -> Callable[..., Any]:
        def hear(painter: QPainter, *args: Any) -> Any:
            said.extend(text.text() if isinstance(text, QStaticText) else text for text in args if _is_text(text))
            if painter.paintEngine().type() == QPaintEngine.Type.SVG:
                return QRectF()
            return paint(painter, *args)

        return hear

    for name, way in ways.items():
        setattr(QPainter, name, listening(way))
    try:
        yield said
    finally:
        for name, way in ways.items():
            setattr(QPainter, name, way)


def _is_text(thing: object) -> bool:
    return isinstance(thing, (str, QStaticText))


def _figure(match: re.Match[str], said: str) -> Figure:
    digits, exponent = match["digits"].replace(",", ""), match["exponent"] or ""
    whole, _, places = digits.partition(".")
    value = float(digits + exponent) * (-1.0 if match["sign"] == "-" else 1.0)
    return Figure(
        text=match[0].strip(" …"),
        sign=match["sign"] or "",
        value=value,
        half=0.5 * 10.0 ** (int(exponent[1:] or 0) - len(places)) if exponent else 0.5 * 10.0 ** -len(places),
        digits=len((whole + places).lstrip("0")),
        is_whole=not places and not exponent,
        is_share=match["percent"] is not None,
        said=said,
    )
