"""A row of buttons: those for which there is no room, the least useful first, go into a menu at the row's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from microgpt_studio.widgets.themed import ThemedWidget

_MARGIN, _MARGIN_Y = 8, 2  # pixels
_SPACING = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Of a widget in the row."""

    widget: QWidget
    rank: int  # what has the highest goes first; 0: it stays
    gap: int  # pixels before it, more than the usual ones
    entry: str  # what a button is called in the menu
    at_end: bool  # at the right end of the row


class ButtonRow(ThemedWidget):
    """Places widgets side by side, and is as narrow as one wants."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._places: list[Place] = []
        self._left_out: tuple[Place, ...] = ()
        self.more = QToolButton(self)
        self.more.setText("»")
        self.more.setToolTip("More")
        self.more.setAccessibleName("more")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.hide()
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(menu)

    def add(self, widget: QWidget, *, rank: int = 0, gap: int = 0, entry: str = "", at_end: bool = False) -> None:
        """Place a widget behind the others; see Place."""
        self.setTabOrder(widget, self.more)
        self._places.append(Place(widget, rank, gap, entry, at_end))

    @property
    def left_out(self) -> list[QWidget]:
        """The widgets for which there is no room."""
        return [place.widget for place in self._places if place in self._left_out]

    def is_wanted(self, _widget: QWidget) -> bool:
        """Whether a widget has a use at present; the others take no room."""
        return True

    def spend(self, _room: int) -> None:
        """Use the pixels that are left over, or give some back where they are negative."""

    def width_of(self, widget: QWidget) -> int:
        """How many pixels a widget takes."""
        return widget.sizeHint().width()

    def arrange(self) -> None:
        """Place all that there is room for."""
        wanted = [place for place in self._places if self.is_wanted(place.widget)]
        room = self.width() - 2 * _MARGIN
        kept = list(wanted)
        for rank in sorted({place.rank for place in wanted if place.rank}, reverse=True):
            if self._needed(kept, len(kept) < len(wanted)) <= room:
                break
            kept = [place for place in kept if place.rank != rank]
        self._left_out = tuple(place for place in wanted if place not in kept)
        has_menu = any(place.entry for place in self._left_out)
        self.spend(room - self._needed(kept, has_menu))
        for place in self._places:
            place.widget.setVisible(place in kept)
        self.more.setVisible(has_menu)
        self._move([place for place in kept if not place.at_end], _MARGIN)
        end = [place for place in kept if place.at_end]
        right = self.width() - _MARGIN
        if has_menu:
            size = self.more.sizeHint()
            right -= size.width()
            self.more.setGeometry(QRect(right, (self.height() - size.height()) // 2, size.width(), size.height()))
            right -= _SPACING
        first = _MARGIN + self._needed([place for place in kept if not place.at_end], False) + _SPACING
        self._move(end, max(right - self._needed(end, False), first))

    def sizeHint(self) -> QSize:
        wanted = [place for place in self._places if self.is_wanted(place.widget)]
        return QSize(self._needed(wanted, False) + 2 * _MARGIN, self._height())

    def minimumSizeHint(self) -> QSize:
        staying = [place for place in self._places if not place.rank and self.is_wanted(place.widget)]
        return QSize(self._needed(staying, True) + 2 * _MARGIN, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self.arrange()
        return super().event(event)

    def _height(self) -> int:
        return max((place.widget.sizeHint().height() for place in self._places), default=0) + 2 * _MARGIN_Y

    def _needed(self, places: Sequence[Place], has_menu: bool) -> int:
        widths = [place.gap + self.width_of(place.widget) for place in places]
        if has_menu:
            widths.append(self.more.sizeHint().width())
        return sum(widths) + _SPACING * max(len(widths) - 1, 0)

    def _move(self, places: Sequence[Place], x: int) -> None:
        for place in places:
            width, height = self.width_of(place.widget), place.widget.sizeHint().height()
            x += place.gap
            place.widget.setGeometry(QRect(x, (self.height() - height) // 2, width, height))
            x += width + _SPACING

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for place in self._left_out:
            button = place.widget
            if isinstance(button, QToolButton) and place.entry:
                action = menu.addAction(place.entry)
                action.setToolTip(button.toolTip())
                action.setEnabled(button.isEnabled())
                action.setCheckable(button.isCheckable())
                action.setChecked(button.isChecked())
                action.triggered.connect(button.click)
