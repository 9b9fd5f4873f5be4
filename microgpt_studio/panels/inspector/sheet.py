"""The sheet that an inspector's page is painted on: scrolling, links, hover and copy, by mouse and by keyboard."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from microgpt_studio.panels.inspector.field_painter import paint_field
from microgpt_studio.panels.inspector.fields import Field
from microgpt_studio.panels.inspector.layout import MARGIN, Layout
from microgpt_studio.panels.inspector.rows import Form, Heading, Page
from microgpt_studio.theme import current_theme
from microgpt_studio.widgets.scrolled import Scrolled

Place = tuple[int, int]  # row, field

_NO_MODIFIER = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class Sheet(Scrolled):
    """Paints one page and scrolls it. A click or Enter on an address walks there, one on a heading that folds folds it;
    the copy key takes a number. Forms stand between the rows and scroll with them.

    A page with the same scalar keeps the scroll position, the cursor and what the pointer is over.
    """

    walked = Signal(object)  # id of a scalar (int)
    folded = Signal(str)  # the name of what is to be opened or folded

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: Page | None = None
        self._layout: Layout | None = None
        self._cursor: Place | None = None
        self._hovered: Place | None = None
        self._forms: dict[str, QWidget] = {}
        self.menu_actions: list[QAction] = []  # what the context menu has besides
        self.setAccessibleName("Scalar")

    @property
    def page(self) -> Page | None:
        """What is shown."""
        return self._page

    @property
    def page_layout(self) -> Layout:
        """Where the rows of the page lie. Raises ValueError where there is no page."""
        layout = self._geometry()
        if layout is None:
            raise ValueError("there is no page")
        return layout

    @property
    def current(self) -> Place | None:
        """(row, field) that the keyboard is at."""
        return self._cursor

    def set_page(self, page: Page | None) -> None:
        """Show this page, from its top if it is about another scalar than the last one."""
        if page == self._page:
            return
        other = page is None or self._page is None or page.scalar != self._page.scalar
        self._page = page
        self._layout = None
        if other:
            self._cursor = None
            self.verticalScrollBar().setValue(0)
            self.setAccessibleDescription(page.address if page else "")
        self._drop_lost_places()
        self._fit_scroll_bar()
        self.viewport().update()

    def add_form(self, name: str, form: QWidget) -> None:
        """Fields and buttons for the rows of this name; seen where the page has such a row."""
        form.setParent(self.viewport())
        form.hide()
        self._forms[name] = form

    def refit_forms(self) -> None:
        """A form needs another height than before."""
        self._refresh_geometry()

    def field_rect(self, row: int, field: int) -> QRectF:
        """Where a field lies in the viewport."""
        return self._fields(row)[field].rect.translated(0.0, -self.verticalScrollBar().value())

    def fields(self, row: int) -> tuple[Field, ...]:
        """The fields of a row, in the page's pixels."""
        return self._fields(row)

    def tooltip(self, row: int, field: int) -> str:
        """What hovering over a field tells: its name and every digit."""
        shown = self._fields(row)[field]
        return shown.tip or f"{shown.name} {shown.copied}".strip()

    def _fields(self, row: int) -> tuple[Field, ...]:
        layout = self._geometry()
        return layout.fields(row) if layout else ()

    def _geometry(self) -> Layout | None:
        if self._layout is None and self._page is not None:
            heights = {name: _height_of(form) for name, form in self._forms.items()}
            self._layout = Layout(self._page, self.viewport().width(), current_theme(), heights)
        return self._layout

    def _drop_lost_places(self) -> None:
        rows = len(self._page.rows) if self._page else 0
        for name in ("_cursor", "_hovered"):
            place = getattr(self, name)
            if place is not None and (place[0] >= rows or place[1] >= len(self._fields(place[0]))):
                setattr(self, name, None)

    def _fit_scroll_bar(self) -> None:
        layout = self._geometry()
        bar = self.verticalScrollBar()
        height = self.viewport().height()
        bar.setPageStep(height)
        bar.setSingleStep(round(layout.line if layout else 16.0))
        bar.setRange(0, max(0, round((layout.height if layout else 0.0) - height)))
        self._place_forms()

    def _place_forms(self) -> None:
        """Each form where its row is; those of which the page has none are hidden."""
        layout, offset = self._geometry(), self.verticalScrollBar().value()
        rows = enumerate(layout.page.rows) if layout else ()
        places = {row.name: i for i, row in rows if isinstance(row, Form)}
        for name, form in self._forms.items():
            if layout is not None and name in places:
                form.setGeometry(layout.form_rect(places[name]).translated(0.0, -offset).toRect())
                form.show()
            else:
                form.hide()

    def _rows_between(self, top: float, bottom: float) -> range:
        layout = self._geometry()
        if layout is None:
            return range(0)
        count = len(layout.page.rows)
        first = max(bisect_right(layout.tops, top) - 1, 0)
        return range(first, min(bisect_right(layout.tops, bottom), count))

    def _at(self, point: QPointF) -> Place | None:
        """The field that can be copied or followed at a point of the viewport; beside them the link of the row."""
        place = QPointF(point.x(), point.y() + self.verticalScrollBar().value())
        for row in self._rows_between(place.y(), place.y()):
            fields = self._fields(row)
            for i, field in enumerate(fields):
                if field.can_be_used and field.rect.contains(place):
                    return row, i
            for i, field in enumerate(fields):
                if field.scalar is not None or field.fold:
                    return row, i
        return None

    def _field(self, place: Place | None) -> Field | None:
        return self._fields(place[0])[place[1]] if place else None

    def _copy(self, place: Place | None) -> None:
        field = self._field(place)
        if field is not None and field.copied:
            QGuiApplication.clipboard().setText(field.copied)

    def _copy_from_menu(self, action: QAction) -> None:
        if action.data() is not None:  # else it is one of those that do something themselves
            QGuiApplication.clipboard().setText(action.data())

    def _follow(self, place: Place | None) -> None:
        field = self._field(place)
        if field is not None and field.scalar is not None:
            self.walked.emit(field.scalar)
        elif field is not None and field.fold:
            self.folded.emit(field.fold)

    def _move(self, rows: int, fields: int) -> None:
        """Put the cursor on the next field in a direction."""
        places = [
            (row, [i for i, field in enumerate(self._fields(row)) if field.can_be_used])
            for row in range(len(self._page.rows) if self._page else 0)
        ]
        places = [(row, stops) for row, stops in places if stops]
        if not places:
            return
        if self._cursor is None:
            links = [row for row, stops in places if any(self._fields(row)[i].scalar is not None for i in stops)]
            row = links[0] if links else places[0][0]
            self._set_cursor((row, dict(places)[row][0]))
            return
        row, field = self._cursor
        at = [candidate for candidate, _ in places].index(row)
        if rows:
            next_row, stops = places[min(max(at + rows, 0), len(places) - 1)]
            same_kind = type(self._page.rows[next_row]) is type(self._page.rows[row]) if self._page else False
            self._set_cursor((next_row, field if same_kind and field in stops else stops[0]))
        else:
            stops = places[at][1]
            self._set_cursor((row, stops[min(max(stops.index(field) + fields, 0), len(stops) - 1)]))

    def _set_cursor(self, place: Place | None) -> None:
        self._cursor = place
        layout = self._geometry()
        if place is not None and layout is not None:
            bar = self.verticalScrollBar()
            top, bottom = layout.tops[place[0]], layout.tops[place[0] + 1]
            if top < bar.value():
                bar.setValue(round(top))
            elif bottom > bar.value() + self.viewport().height():
                bar.setValue(round(bottom - self.viewport().height() + MARGIN))
        self.viewport().update()

    def theme_changed(self) -> None:
        self._refresh_geometry()

    def pointer_left(self) -> None:
        self._hover(None)

    def tip_at(self, point: QPointF) -> str:
        place = self._at(point)
        return self.tooltip(*place) if place else ""

    def _hover(self, place: Place | None) -> None:
        if place != self._hovered:
            self._hovered = place
            field = self._field(place)
            link = field is not None and (field.scalar is not None or bool(field.fold))
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)
            self.viewport().update()

    def _refresh_geometry(self) -> None:
        self._layout = None
        self._drop_lost_places()
        self._fit_scroll_bar()
        self.viewport().update()

    def sizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(340), theme.scaled(480))

    def minimumSizeHint(self) -> QSize:
        theme = current_theme()
        return QSize(theme.scaled(160), theme.scaled(80))

    def paintEvent(self, _event: QPaintEvent) -> None:
        palette = current_theme().palette
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(palette.surface))
        layout = self._geometry()
        if layout is None:
            return
        offset = self.verticalScrollBar().value()
        painter.translate(0.0, -offset)
        for row in self._rows_between(offset, offset + self.viewport().height()):
            heading = layout.page.rows[row]
            if isinstance(heading, Heading) and heading.title:
                y = round(layout.tops[row] + MARGIN / 2) + 0.5
                painter.setPen(QPen(QColor(palette.border), 1.0))
                painter.drawLine(QLineF(MARGIN, y, layout.width - MARGIN, y))
            for i, field in enumerate(self._fields(row)):
                active = (row, i) in (self._hovered, self._cursor if self.hasFocus() else None)
                paint_field(painter, field, active=active)
        cursor = self._field(self._cursor)
        if cursor is not None and self.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1.0))
            painter.drawRect(cursor.rect.adjusted(-3.5, -0.5, 3.5, 0.5))

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802  # Qt's name
        self._place_forms()
        self.viewport().update()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802  # Qt's name
        """With the tab key into a form, which comes into view."""
        moved = super().focusNextPrevChild(forward)
        focused = QApplication.focusWidget()
        for form in self._forms.values():
            if focused is not None and form.isAncestorOf(focused):
                bar, rect = self.verticalScrollBar(), form.geometry()
                below = rect.bottom() - self.viewport().height()
                bar.setValue(bar.value() + (rect.top() if rect.top() < 0 else max(below, 0)))
        return moved

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._refresh_geometry()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and place is not None:
            self._set_cursor(place)
            self._follow(place)
        else:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        field = self._field(self._at(QPointF(event.pos())))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if field is not None and field.copied:
            menu.addAction(f"Copy {field.copied}").setData(field.copied)
        menu.addActions(self.menu_actions)
        if menu.isEmpty():
            return
        menu.triggered.connect(self._copy_from_menu)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _ARROWS.get(Qt.Key(event.key())) if event.modifiers() in _NO_MODIFIER else None
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy(self._cursor)
        elif step is not None:
            self._move(*step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._cursor is not None:
            fields = self._fields(self._cursor[0])
            links = [i for i, field in enumerate(fields) if field.scalar is not None or field.fold]
            self._follow((self._cursor[0], links[0]) if links else None)
        else:
            super().keyPressEvent(event)


def _height_of(form: QWidget) -> Callable[[int], int]:
    """How high a form is at a width."""

    def height(width: int) -> int:
        layout = form.layout()
        if layout is not None and layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return form.sizeHint().height()

    return height
