"""Exports: the actions that take along what a panel shows, or the scalars of a scope, as a file.

A panel that is not in view is brought there, and exported as soon as it shows the present moment. The scalars of a
scope are asked of the worker once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QWidget

from microgpt_studio.debugger.scope_table import ScopeTable
from microgpt_studio.debugger.snapshot import Snapshot, Wanted
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.panels.neighbourhood import NeighbourhoodPanel
from microgpt_studio.panels.panel import Panel
from microgpt_studio.window import export, questions
from microgpt_studio.window.export_subjects import neighbourhood_picture
from microgpt_studio.window.panel_table import find
from microgpt_studio.window.scope_dialog import ScopeDialog


@dataclass(frozen=True, slots=True)
class _Order:
    """A table that the worker has been asked for."""

    inquiry: ScopeTable
    path: Path


class Say(Protocol):
    """Shows a sentence."""

    def __call__(self, sentence: str, details: str = "", *, error: bool = True) -> None: ...


class Exports(QObject):
    """`panels` and their `docks` by name; `say` shows a sentence."""

    wishes_changed = Signal()  # `add_wishes` would answer something else now

    def __init__(
        self,
        window: QWidget,
        panels: Mapping[str, Panel],
        docks: Mapping[str, QDockWidget],
        say: Say,
    ) -> None:
        super().__init__(window)
        self.dialog: ScopeDialog | None = None
        self._window, self._docks, self._say = window, docks, say
        self._graph = find(panels, GraphPanel)
        self._neighbourhood = find(panels, NeighbourhoodPanel)
        self._snapshot: Snapshot | None = None  # the latest
        self._pending: GraphPanel | NeighbourhoodPanel | None = None  # that is to be exported when it is up to date
        self._order: _Order | None = None
        self._neighbourhood.layouts.laid_out.connect(self._export_if_ready)
        self._neighbourhood.layouts.failed.connect(self._layout_failed)

    def add_wishes(self, wanted: Wanted) -> Wanted:
        """A request, and what is needed for an export that is going on."""
        if self._order is None:
            return wanted
        return replace(wanted, inquiries=wanted.inquiries | {self._order.inquiry})

    def begin(self) -> None:
        """A new session: what was asked of the last one will not come."""
        self._snapshot = self._pending = self._order = None
        if self.dialog is not None:
            self.dialog.reject()

    def look(self, snapshot: Snapshot) -> None:
        """What every visible panel was given."""
        self._snapshot = snapshot
        order = self._order
        table = None if order is None else snapshot.answer(order.inquiry)
        if order is not None and table is not None:
            self._order = None
            self._save(export.save_bytes(table.content, order.path), order.path, f"{table.num_rows:,} scalars")
            self.wishes_changed.emit()
        if self._pending is not None:
            QTimer.singleShot(0, self._export_if_ready)  # it asks for a file: not while snapshots are handed out

    # Actions, named in the action table

    def export_map(self) -> None:
        self._export(self._graph)

    def export_neighbourhood(self) -> None:
        self._export(self._neighbourhood)

    def export_scalars(self) -> None:
        description, selection = self._graph.description, self._graph.selection
        if description is None or self._snapshot is None:
            return
        program, positions = description.program, self._snapshot.moment.positions
        scope = "" if selection is None else program.tensors[program.tensor[selection]].path
        self.dialog = ScopeDialog(description, positions, scope, self._window)
        self.dialog.chosen.connect(self._order_table)
        self.dialog.finished.connect(self._forget_dialog)
        self.dialog.open()

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _order_table(self, scope: str) -> None:
        path = self._ask("Export scalars", f"{scope or 'everything'}.csv", questions.TABLES)
        if path is not None:
            refusal = export.refused_suffix(path, (".csv",))
            if refusal is not None:
                self._say(refusal)
                return
            self._order = _Order(ScopeTable(scope), path)
            self.wishes_changed.emit()

    def _export(self, panel: GraphPanel | NeighbourhoodPanel) -> None:
        self._pending = panel
        self._docks[panel.name].show()
        self._docks[panel.name].raise_()
        self._export_if_ready()

    def _export_if_ready(self, *_: object) -> None:
        """Export what is to be exported, once it shows the latest moment with all that it asks for."""
        panel, snapshot = self._pending, self._snapshot
        if panel is None or snapshot is None or panel.snapshot is not snapshot:
            return
        if not all(inquiry in snapshot.answers for inquiry in panel.inquiries()):
            return
        if isinstance(panel, GraphPanel):
            self._pending = None
            self._export_map(panel)
        elif not panel.is_waiting:
            self._pending = None
            self._export_neighbourhood(panel)

    def _export_map(self, panel: GraphPanel) -> None:
        picture = panel.whole_picture()
        assert picture is not None, "it shows a snapshot"
        path = self._ask("Export map", "map.svg", questions.DRAWINGS)
        if path is not None:
            self._save(export.save(picture, path), path, "The map")

    def _export_neighbourhood(self, panel: NeighbourhoodPanel) -> None:
        picture, dot = panel.whole_picture(), panel.dot_text()
        if picture is None or dot is None:
            self._say("There is no neighbourhood to export: the document that is shown does not have the scalar")
            return
        titled = neighbourhood_picture(panel, picture, None)
        path = self._ask("Export neighbourhood", "neighbourhood.svg", questions.GRAPHS)
        if path is None:
            return
        if path.suffix.lower() == ".dot":
            self._save(export.save_bytes(dot.encode(), path), path, "The neighbourhood")
        else:
            reason = export.refused_suffix(path, (*export.WRITERS, ".dot")) or export.save(titled, path)
            self._save(reason, path, "The neighbourhood")

    def _layout_failed(self, _number: int, sentence: str) -> None:
        if self._pending is self._neighbourhood:
            self._pending = None
            self._say(sentence)

    def _ask(self, title: str, name: str, file_filter: str) -> Path | None:
        step = 0 if self._snapshot is None else self._snapshot.moment.step
        return questions.ask_save(self._window, title, f"microgpt-{step}-{name}", file_filter)

    def _save(self, reason: str | None, path: Path, what: str) -> None:
        """Say what has become of it."""
        if reason is None:
            self._say(f"{what} saved to {path}", error=False)
        else:
            self._say(reason)
