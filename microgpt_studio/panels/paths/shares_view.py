"""The table of shares with its scale, and a line that tells the cell one points at."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from microgpt_studio.debugger.paths import Paths
from microgpt_studio.panels.paths.share_lines import largest_deviation
from microgpt_studio.panels.paths.share_table import ShareTable
from microgpt_studio.panels.paths.words import missing_shares
from microgpt_studio.widgets import ColorScale, EmptyState, short
from microgpt_studio.widgets.one_line import OneLine


class SharesView(QWidget):
    """Shows the shares of an answer, or why there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ShareTable()
        self.scale = ColorScale()
        self.scale.set_quantity("share / %")
        self.scale.set_hatched_text("no path")
        self.told = OneLine()
        self.empty_state = EmptyState()
        self._rest = ""  # what is told while nothing is pointed at
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.table)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 0, 8, 0)
        foot.setSpacing(2)
        foot.addWidget(self.told)
        foot.addWidget(self.scale)
        column.addLayout(foot)
        column.addStretch(1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty_state)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)
        self.table.pointed.connect(self._tell)

    def show_paths(self, paths: Paths, characters: tuple[str, ...]) -> None:
        """Show the shares of an answer; `characters` are the tokens that the positions read."""
        missing = missing_shares(paths)
        self.empty_state.set_sentence(missing)
        self._pages.setCurrentIndex(0 if missing else 1)
        if paths.shares is None:
            return
        deviation = largest_deviation(paths.shares)
        within = f", but for {short(100.0 * deviation, 2)} % of rounding" if deviation else " exactly"
        self._rest = f"Each sum is 100 %{within}."
        self.table.show_shares(paths.shares, characters)
        self.scale.set_scale(self.table.scale)
        self._tell()

    def _tell(self) -> None:
        self.told.say(self.table.pointed_text or self._rest)
