"""The table of the keys dialog: the commands by menu, with the keys that they have and those that they had at first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from microgpt_studio.theme.application import current_theme
from microgpt_studio.window.actions import Row
from microgpt_studio.window.keys import KeyMap, joined, title

_NAME = Qt.ItemDataRole.UserRole


class KeysTable(QTreeWidget):
    """Shows a KeyMap, and which command is chosen; changes nothing."""

    chosen = Signal(str)  # the name of a command; "" where the filter leaves none

    def __init__(self, keys: KeyMap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._items: dict[str, QTreeWidgetItem] = {}
        self._menus: dict[str, QTreeWidgetItem] = {}
        self.setAccessibleName("Commands and their keys")
        self.setHeaderLabels(["Command", "Keys", "Default, if changed"])
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setAllColumnsShowFocus(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionsMovable(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        menu = ""
        for name, row in sorted(keys.rows.items(), key=self._place):
            if row.menu != menu:
                menu = row.menu
                self._menus[menu] = QTreeWidgetItem(self, [menu])
                self._menus[menu].setFlags(Qt.ItemFlag.ItemIsEnabled)  # a heading, which cannot be chosen
                self._menus[menu].setFirstColumnSpanned(True)
            item = QTreeWidgetItem(self._menus[menu], [title(row)])
            item.setData(0, _NAME, name)
            item.setToolTip(0, row.tip)
            self._items[name] = item
        self.expandAll()
        self.currentItemChanged.connect(self._tell)
        self.show_keys()
        self._dress()

    @property
    def shown(self) -> tuple[str, ...]:
        """The names of the commands that the filter leaves, from top to bottom by menu."""
        return tuple(name for name, item in self._items.items() if not item.isHidden())

    def choose(self, name: str) -> None:
        """Choose a command. Raises KeyError."""
        self.setCurrentItem(self._items[name])

    def show_keys(self) -> None:
        """The keys as they are now."""
        for name, item in self._items.items():
            changed = self._keys.is_changed(name)
            item.setText(1, joined(self._keys.keys(name)))
            item.setText(2, joined(self._keys.default(name)) if changed else "")
            for column in (1, 2):
                item.setToolTip(column, item.text(column))

    def look_for(self, words: str) -> None:
        """Leave the commands that have all the words in name, tip, menu or keys; the first is chosen if none is."""
        wanted = words.casefold().split()
        for name, item in self._items.items():
            row = self._keys.rows[name]
            text = " ".join((row.menu, row.text, row.tip, item.text(1))).casefold()
            item.setHidden(not all(word in text for word in wanted))
        shown = self.shown
        menus = {self._keys.rows[name].menu for name in shown}
        for title_of_menu, heading in self._menus.items():
            heading.setHidden(title_of_menu not in menus)
        current = self.currentItem()
        if shown and (current is None or current.isHidden()):
            self.choose(shown[0])
        else:
            self._tell(current if shown else None)

    def _place(self, named: tuple[str, Row]) -> int:
        """Commands of one menu are together, in the order of the menus' first commands."""
        return list(dict.fromkeys(row.menu for row in self._keys.rows.values())).index(named[1].menu)

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        if item not in self._menus.values():
            self.chosen.emit("" if item is None else item.data(0, _NAME))

    def _dress(self) -> None:
        theme = current_theme()
        self.setIndentation(theme.scaled(16))
        for heading in self._menus.values():
            heading.setFont(0, theme.text_font(bold=True))
            heading.setForeground(0, QColor(theme.palette.muted))
        font = theme.number_font()
        for item in self._items.values():
            for column in (1, 2):
                if item.font(column) != font:
                    item.setFont(column, font)

    def moveCursor(  # noqa: N802 - Qt's name
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Headings are stepped over."""
        moved = super().moveCursor(action, modifiers)
        if self.itemFromIndex(moved) not in self._menus.values():
            return moved
        is_upwards = self.visualRect(moved).top() < self.visualRect(self.currentIndex()).top()
        above = self.indexAbove(moved)
        return above if is_upwards and above.isValid() else self.indexBelow(moved)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._dress()
