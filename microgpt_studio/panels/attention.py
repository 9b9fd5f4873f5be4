"""The Attention panel: every layer's heads as heatmaps of queries and keys, by weight, score or gradient."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.panels.attention_heads import AttentionHeads, Quantity
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import ColorScale, EmptyState, ThemedWidget
from microgpt_studio.widgets.mosaic_header import MosaicHeader

_MARGIN = 8


class AxesKey(ThemedWidget):
    """One line: what rows and columns are, and that blank means excluded by causality, which is not 0."""

    AXES = "rows: query, columns: key"
    BLANK = "later: excluded"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{self.AXES}; {self.BLANK}")
        self.setToolTip(
            "Rows are queries, columns are the keys they look at.\n"
            "A position cannot look at later ones: those scores and weights do not exist. Blank is not 0."
        )

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(current_theme().text_font(SMALL))
        text = metrics.horizontalAdvance(self.AXES + self.BLANK)
        return QSize(ceil(text + metrics.height() + 4 * _MARGIN), ceil(metrics.height() + 6.0))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = current_theme()
        palette = theme.palette
        painter = QPainter(self)
        painter.setFont(theme.text_font(SMALL))
        metrics = QFontMetricsF(painter.font())
        side = round(metrics.capHeight() + 2.0)
        baseline = round((self.height() + metrics.capHeight()) / 2) - 2.0
        box = QRectF(_MARGIN + 0.5, baseline - side + 1.5, side, side)
        painter.setPen(QPen(QColor(palette.border), 1.0))
        painter.drawRect(box)
        painter.setPen(QPen(QColor(palette.faint), 1.0))
        painter.drawPolyline([box.bottomLeft(), box.topLeft(), box.bottomRight(), box.bottomLeft()])
        painter.setPen(QColor(palette.muted))
        x = box.right() + 5.0
        painter.drawText(QPointF(x, baseline), self.BLANK)
        x += metrics.horizontalAdvance(self.BLANK) + 2 * _MARGIN
        if x + metrics.horizontalAdvance(self.AXES) <= self.width():
            painter.drawText(QPointF(x, baseline), self.AXES)


class AttentionPanel(Panel):
    """The heads of the current document at a glance; one of them large after a click on its title or Enter."""

    name = "attention"
    title = "Attention"
    parts = Part.CELLS

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heads = AttentionHeads()
        self.quantity_choice = QComboBox()
        self.quantity_choice.addItems([quantity.value for quantity in Quantity])
        self.quantity_choice.setToolTip("What is shown of every query (row) and key (column)")
        self.quantity_choice.setAccessibleName("Quantity")
        self.legend = ColorScale()
        self.header = MosaicHeader([self.quantity_choice], [self.legend])
        self.key = AxesKey()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        self.empty = EmptyState("No document yet. Open a data set to see who looks at whom.")
        for widget in (self.header, self.heads, self.key, self.empty):
            box.addWidget(widget, int(widget in (self.heads, self.empty)))
        self._show_empty(True)
        self.setFocusProxy(self.heads)
        self.quantity_choice.currentIndexChanged.connect(self._choose_quantity)
        self.header.back.clicked.connect(self._show_all)
        self.heads.chosen.connect(self._select)
        self.heads.enlarged_changed.connect(self._show_enlarged)

    def show_session(self, description: Description) -> None:
        super().show_session(description)
        self.heads.show_session(description)
        self._show_empty(True)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        super().show_snapshot(snapshot)
        if snapshot.cells is not None:
            self.heads.show_cells(snapshot.cells, snapshot.moment)
            self.heads.select_scalar(self.selection)
            if self._is_empty:
                self._show_empty(False)
                self._fit()

    def show_text(self, snapshot: Snapshot) -> None:
        """The scale is fitted here, with its figures, so that legend and colours always agree."""
        super().show_text(snapshot)
        if snapshot.cells is not None:
            self._fit()

    def show_selection(self, scalar: int | None) -> None:
        super().show_selection(scalar)
        self.heads.select_scalar(scalar)

    def _show_empty(self, empty: bool) -> None:
        self._is_empty = empty
        self.empty.setVisible(empty)
        for widget in (self.header, self.heads, self.key):
            widget.setVisible(not empty)

    def _fit(self) -> None:
        self.heads.fit()
        self._show_legend()

    def _show_legend(self) -> None:
        self.legend.set_scale(self.heads.scale)
        self.legend.set_hatched_text("" if self.heads.all_known else "not computed")
        self.header.reflow()

    def _choose_quantity(self, index: int) -> None:
        self.heads.set_quantity(list(Quantity)[index])
        self.heads.select_scalar(self.selection)
        self._show_legend()

    def _show_all(self) -> None:
        self.heads.enlarge(None)
        self.heads.setFocus()

    def _show_enlarged(self) -> None:
        self.header.set_alone(self.heads.enlarged is not None)

    def _select(self, cell: int) -> None:
        self.selected.emit(int(self.heads.ids[cell]))

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(300), theme.scaled(250))
