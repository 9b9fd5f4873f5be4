"""The list of probes as a Qt model: one row a probe, which carries the probe itself."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from microgpt_studio.panels.probe.probes import KeptProbe
from microgpt_studio.panels.probe.words import comparison, loss_text, parameters_text, quoted

Index = QModelIndex | QPersistentModelIndex
PROBE_ROLE = Qt.ItemDataRole.UserRole
_NOWHERE = QModelIndex()


class ProbesModel(QAbstractListModel):
    """Rows are added, changed and removed by the panel; what a probe has learned is told with `refresh`."""

    def __init__(self) -> None:
        super().__init__()
        self.probes: list[KeptProbe] = []

    def add(self, probe: KeptProbe) -> int:
        """Put a probe at the end; returns its row."""
        row = len(self.probes)
        self.beginInsertRows(_NOWHERE, row, row)
        self.probes.append(probe)
        self.endInsertRows()
        return row

    def change(self, row: int, text: str) -> None:
        """Give a row another text; nothing is known of that yet."""
        self.probes[row] = KeptProbe(text)
        self.refresh()

    def remove(self, row: int) -> None:
        """Take a row away."""
        self.beginRemoveRows(_NOWHERE, row, row)
        del self.probes[row]
        self.endRemoveRows()

    def clear(self) -> None:
        """Take all rows away."""
        self.beginResetModel()
        self.probes.clear()
        self.endResetModel()

    def refresh(self) -> None:
        """The numbers of all rows may be others now."""
        if self.probes:
            self.dataChanged.emit(self.index(0), self.index(len(self.probes) - 1))

    def row_of(self, text: str) -> int | None:
        """Where a text is, if it is there."""
        return next((row for row, probe in enumerate(self.probes) if probe.text == text), None)

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802  # Qt's name
        return 0 if parent.isValid() else len(self.probes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        probe = self.probes[index.row()]
        if role == PROBE_ROLE:
            return probe
        if role == Qt.ItemDataRole.DisplayRole:
            return quoted(probe.text)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return row_text(probe)
        return None


def row_text(probe: KeptProbe) -> str:
    """A row in words and full numbers."""
    latest = probe.latest
    if latest is None:
        return f"{quoted(probe.text)}\nnot asked yet"
    if latest.numbers is None:
        return f"{quoted(probe.text)}\n{latest.reason}"
    updates, losses = probe.curve()
    lines = [
        quoted(probe.text),
        f"mean loss {latest.numbers.loss!r} nats",
        loss_text(latest.numbers.loss),
        parameters_text(latest.updates),
    ]
    if len(updates) > 1:
        span = f"updates {int(updates[0])} to {int(updates[-1])}"
        lines.append(f"curve: {len(updates)} shown moments of {span}, {losses.min():.4g} to {losses.max():.4g} nats")
    if probe.pinned is not None:
        lines.append(comparison(latest, probe.pinned))
    return "\n".join(filter(None, lines))


def copied_text(probe: KeptProbe) -> str:
    """A row in words and full numbers, and its whole curve, with tabs between."""
    points = zip(*(numbers.tolist() for numbers in probe.curve()), strict=True)
    curve = [f"{int(updates)}\t{loss!r}" for updates, loss in points]
    return "\n".join([row_text(probe), "updates\tmean loss / nats", *curve])
