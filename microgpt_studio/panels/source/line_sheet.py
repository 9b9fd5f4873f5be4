"""Line sheet: what the current line has made at a position, told in a sentence and listed."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from microgpt.program.program import Ids
from microgpt_studio.debugger.snapshot import Cells, Description, LineNumbers, Reach, Snapshot
from microgpt_studio.panels.source.scalar_list import ScalarList
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets import use_text_font


class LineSheet(QWidget):
    """The elements first, then what is inside their expressions, both in the order in which they were made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = QLabel()
        self.heading.setWordWrap(True)
        self.heading.setContentsMargins(8, 4, 8, 4)
        self.heading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        use_text_font(self.heading, SMALL)
        self.list = ScalarList()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(self.list, 1)

    def show_line(
        self,
        where: str,
        scalars: Ids,
        numbers: LineNumbers | None,
        position: int,
        reason: str,
        snapshot: Snapshot,
        description: Description,
    ) -> None:
        """Show `scalars`, what a line ("model.py:69") has made; where it has made none, the reason or `numbers`."""
        program = description.program
        inside = program.ordinal[scalars] >= 0
        if len(scalars):
            elements = int(np.count_nonzero(~inside))
            text = f"{where} at pos {position}: {_count(len(scalars), 'scalar')}, {_count(elements, 'element')}"
        elif reason:
            text = reason
        elif numbers is not None:
            scalars, inside = numbers.scalars, np.zeros(len(numbers.scalars), dtype=np.bool_)
            text = f"{where}: {numbers.label}" if numbers.reach.all() else f"{where}: {numbers.label}, not computed yet"
        else:
            text = f"{where} makes no scalar here."
        self.heading.setText(text)
        ordered = np.concatenate([scalars[~inside], scalars[inside]])
        if not np.array_equal(ordered, self.list.scalars.scalars):
            self.list.scalars.show_scalars(ordered, description.addresses.format)
        self.list.setVisible(bool(len(ordered)))
        known = _of_elements(scalars[~inside], snapshot.cells, description) if snapshot.cells is not None else {}
        if numbers is not None:
            known.update(_numbers(numbers.scalars, numbers.data, numbers.reach))
        self.list.scalars.show_numbers(known)


def _of_elements(scalars: Ids, cells: Cells, description: Description) -> dict[int, float | None]:
    """The numbers of elements; their ids ascend in a program."""
    places = np.searchsorted(description.program.element_ids, scalars)
    return _numbers(scalars, cells.data[places], cells.data_reach[places])


def _numbers(scalars: Ids, data: np.ndarray, reach: np.ndarray) -> dict[int, float | None]:
    known = (reach == Reach.KNOWN).tolist()
    return {
        scalar: number if there else None
        for scalar, number, there in zip(scalars.tolist(), data.tolist(), known, strict=True)
    }


def _count(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
