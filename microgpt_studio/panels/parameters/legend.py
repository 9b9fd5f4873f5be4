"""The legend on as few lines as the width allows: what is shown, its scale, what hatching means, what is locked."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.colormaps import lookup_table
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.theme.text_metrics import metrics_of
from microgpt_studio.widgets.cells import draw_hatching
from microgpt_studio.widgets.flow_layout import FlowLayout
from microgpt_studio.widgets.number_text import full, short
from microgpt_studio.widgets.themed import ThemedWidget

_BAR_HEIGHT = 8
_GAP = 6
_ACROSS = 12  # pixels between the parts of a legend
_NARROWEST, _WIDEST = 60, 200  # pixels of the bar at text scale 1
_STEP = 32  # pixels by which the wanted width grows: a figure with a digit more seldom changes the layout


class ScaleBar(ThemedWidget):
    """On one line: the least number, a bar of colours, the number at the centre if signed, the largest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = Scale(ScaleKind.SIGNED, 0.0)
        self._centre = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def scale(self) -> Scale:
        return self._scale

    def set_scale(self, scale: Scale, centre: float = 0.0) -> None:
        """Show this scale, of distances from a centre."""
        if (scale, centre) != (self._scale, self._centre):
            self._scale, self._centre = scale, centre
            self.setAccessibleName(" … ".join(self.texts))
            self.tell_layout()
            self.update()

    @property
    def texts(self) -> tuple[str, ...]:
        """The figures, from left to right."""
        limit, centre = self._scale.limit, self._centre
        if limit == 0.0:
            return (short(centre),)
        if self._scale.kind is ScaleKind.UNSIGNED:
            return short(centre), short(centre + limit)
        low, high = centre - limit, centre + limit
        return short(low), f"{centre:g}", ("+" if high > 0.0 else "") + short(high)

    def sizeHint(self) -> QSize:
        theme = current_theme()
        metrics = metrics_of(theme.number_font(SMALL))
        words = sum(metrics.horizontalAdvance(text) + _GAP for text in self.texts)
        wanted, step = words + theme.scaled(_NARROWEST), theme.scaled(_STEP)
        return QSize(step * ceil(wanted / step), round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.number_font(SMALL))
        painter.setPen(QColor(theme.palette.text))
        metrics = metrics_of(painter.font())
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        table = lookup_table(self._scale.kind, theme.palette)
        texts = self.texts
        parts = max(len(texts) - 1, 1)
        words = sum(metrics.horizontalAdvance(text) + _GAP for text in texts) + _GAP * (parts - 1)
        room = min(max(self.width() - words, 1.0), theme.scaled(_WIDEST)) / parts
        colors = np.array_split(table[1:], parts) if len(texts) > 1 else [table[128:129]]
        x = 0.0
        for number, text in enumerate(texts):
            painter.drawText(QPointF(x, baseline), text)
            x += metrics.horizontalAdvance(text) + _GAP
            if number < parts:
                strip = np.ascontiguousarray(colors[number][None])
                image = QImage(strip.data, strip.shape[1], 1, 4 * strip.shape[1], QImage.Format.Format_RGB32)
                painter.drawImage(QRectF(x, (self.height() - _BAR_HEIGHT) / 2, room, _BAR_HEIGHT), image)
                x += room + _GAP


class Caption(ThemedWidget):
    """A few small words, elided where there is no room; after a hatched swatch, if they explain one."""

    def __init__(self, parent: QWidget | None = None, *, hatched: bool = False) -> None:
        super().__init__(parent)
        self._text = ""
        self._left = 2 * _BAR_HEIGHT + 4 if hatched else 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self._text

    def say(self, text: str) -> None:
        """Show this."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.setToolTip(text)
            self.tell_layout()
            self.update()

    def sizeHint(self) -> QSize:
        metrics = metrics_of(current_theme().text_font(SMALL))
        return QSize(round(metrics.horizontalAdvance(self._text)) + 2 + self._left, round(metrics.height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(8, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = metrics_of(painter.font())
        if self._left:
            swatch = QRectF(0.5, (self.height() - _BAR_HEIGHT) / 2, 2 * _BAR_HEIGHT, _BAR_HEIGHT)
            draw_hatching(painter, swatch, theme.palette)
            painter.setPen(QColor(theme.palette.hatch))
            painter.drawRect(swatch)
        painter.setPen(QColor(theme.palette.muted))
        baseline = (self.height() + metrics.ascent() - metrics.descent()) / 2
        text = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, self.width() - self._left + 1.0)
        painter.drawText(QPointF(self._left, baseline), text)


class Legend(QWidget):
    """What the colours of the heatmaps mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = ScaleBar()
        self.caption = Caption()  # what is shown, and of which moment
        self.hatched = Caption(hatched=True)
        self.note = Caption()  # of a locked scale
        self._room = 1 << 20  # pixels that it may be high
        flow = FlowLayout(self, across=_ACROSS, down=0)
        for widget in (self.caption, self.bar, self.note, self.hatched):
            flow.addWidget(widget)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def scale(self) -> Scale:
        return self.bar.scale

    def show_scale(self, scale: Scale, centre: float, caption: str, hatched: str, note: str) -> None:
        """A scale around a centre; of what; what hatching means; what else is to be said."""
        self.bar.set_scale(scale, centre)
        self.caption.say(caption)
        self.hatched.say(hatched)
        self.note.say(note)
        said = f"{caption}: {', '.join(self.bar.texts)}"
        whole = "; ".join(filter(None, (said, f"hatched: {hatched}" if hatched else "", note)))
        self.setAccessibleName(whole)
        self.bar.setToolTip(f"{whole}\nscale limit {full(scale.limit)}" + (f" around {centre:g}" if centre else ""))
        self._fit()

    def set_room(self, height: int) -> None:
        """Take no more lines than fit into so many pixels, though always one: words give way, the bar never."""
        self._room = height
        self._fit()

    def _fit(self) -> None:
        """Hide what has no room. It is reckoned before anything is hidden: that would have it laid out anew."""
        most = max(1, self._room // max(self.bar.sizeHint().height(), 1))
        kept: list[QWidget] = [self.caption, self.bar, self.note, self.hatched]
        for caption in (self.caption, self.note, self.hatched):
            if not caption.text or self._lines(kept) > most:
                kept.remove(caption)
        for caption in (self.caption, self.note, self.hatched):
            if caption.isHidden() != (caption not in kept):
                caption.setVisible(caption in kept)

    def _lines(self, widgets: list[QWidget]) -> int:
        lines, x = 0, 0
        for widget in widgets:
            wanted = widget.sizeHint().width() if not isinstance(widget, Caption) or widget.text else 0
            if wanted and (not lines or x + wanted > self.width()):
                lines, x = lines + 1, 0
            x += wanted + _ACROSS if wanted else 0
        return lines

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()
