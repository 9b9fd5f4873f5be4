"""How the fields of an inspector's page are painted: text, links, triangles and bars."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from microgpt_studio.panels.inspector.fields import Field, Style, font
from microgpt_studio.theme import Palette, current_theme
from microgpt_studio.theme.text_metrics import metrics_of

_BAR = 0.5  # of the height of its line


def paint_field(painter: QPainter, field: Field, *, active: bool) -> None:
    """Paint one field; the pointer or the cursor is at an active one."""
    palette = current_theme().palette
    if field.style is Style.MARK:
        _paint_triangle(painter, field.rect, palette.text, pointing_down=False)
    elif field.style in (Style.OPEN, Style.FOLDED):
        rect = field.rect.adjusted(0.0, 0.0, -4.0, 0.0)
        _paint_triangle(painter, rect, palette.muted, pointing_down=field.style is Style.OPEN)
    elif field.style is Style.BAR:
        _paint_bar(painter, field, palette)
    else:
        _paint_text(painter, field, palette, active=active)


def _paint_text(painter: QPainter, field: Field, palette: Palette, *, active: bool) -> None:
    color = {
        Style.QUIET: palette.muted,
        Style.SMALL: palette.muted,
        Style.WARNING: palette.error,
    }.get(field.style, palette.text)
    if active and (field.style is Style.LINK or field.fold):
        color = palette.accent
    face = font(field.style, current_theme())
    painter.setFont(face)
    painter.setPen(QColor(color))
    if field.wraps:
        painter.drawText(field.rect, int(Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap), field.text)
        return
    metrics = metrics_of(face)
    text = field.text
    if field.style is not Style.LINK:
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, field.rect.width() + 1.0)
    length = metrics.horizontalAdvance(text)
    x = field.rect.right() - length if field.right else field.rect.left()
    baseline = field.rect.top() + (field.rect.height() + metrics.ascent() - metrics.descent()) / 2
    painter.drawText(QPointF(x, baseline), text)
    if field.style is Style.LINK:
        painter.setPen(QPen(QColor(palette.accent if active else palette.faint), 1.0))
        painter.drawLine(QLineF(x, baseline + 2.5, x + length, baseline + 2.5))


def _paint_bar(painter: QPainter, field: Field, palette: Palette) -> None:
    """The room of a bar, and the bar: from the middle to the side of its sign, or from the left."""
    room = field.rect
    height = round(room.height() * _BAR)
    top = round(room.center().y() - height / 2)
    painter.fillRect(QRectF(room.left(), top, room.width(), height), QColor(palette.neutral))
    middle = round(room.center().x()) if field.is_signed else room.left()
    if math.isfinite(field.share) and field.share != 0.0:
        length = field.share * (room.width() / 2 if field.is_signed else room.width())
        color = palette.muted
        if field.is_signed:
            color = palette.positive if field.share > 0 else palette.negative
        painter.fillRect(QRectF(middle, top, length, height).normalized(), QColor(color))
    if field.is_signed:
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.drawLine(QLineF(middle + 0.5, top - 2.0, middle + 0.5, top + height + 2.0))


def _paint_triangle(painter: QPainter, rect: QRectF, color: str, *, pointing_down: bool) -> None:
    side = min(rect.width(), 10.0) * 0.75
    left, middle = rect.left(), rect.center().y()
    corners = [QPointF(left, middle - side / 1.5), QPointF(left + side, middle), QPointF(left, middle + side / 1.5)]
    if pointing_down:
        center = left + side / 1.5
        top = middle - side / 2
        corners = [QPointF(left, top), QPointF(center, top + side), QPointF(center + side / 1.5, top)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawPolygon(QPolygonF(corners))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
