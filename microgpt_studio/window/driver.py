"""The driver: what the actions ask of the worker, by what is shown at present."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from microgpt_studio.bridge import commands
from microgpt_studio.debugger.snapshot import Description, Snapshot
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.debugger.targets import Definition, Event
from microgpt_studio.panels.breakpoints import BreakpointsPanel
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.search import SearchPanel
from microgpt_studio.panels.source import SourcePanel
from microgpt_studio.panels.watches import WatchesPanel
from microgpt_studio.window.panel_table import find
from microgpt_studio.window.transport import TransportBar


class Driver(QObject):
    """Runs, steps, goes and breaks. `submit` hands a command to the worker."""

    def __init__(
        self,
        submit: Callable[[commands.Command], None],
        bar: TransportBar,
        panels: Mapping[str, Panel],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.submit = submit
        self.description: Description | None = None
        self.snapshot: Snapshot | None = None  # what is shown at present
        self.selection: int | None = None
        self.is_searching = False  # the past is being searched: what runs or pauses gives it up
        self._edits: list[commands.Edit] = []  # made by actions, not answered yet
        self._run_to_field, self._speed, self._grain = bar.run_to_field, bar.speed, bar.grain
        self._source = find(panels, SourcePanel)
        self._breakpoints = find(panels, BreakpointsPanel)
        self._watches = find(panels, WatchesPanel)
        self._timeline = find(panels, LossPanel)
        self._search = find(panels, SearchPanel)
        self._speed.changed.connect(self.limit_speed)
        self._grain.changed.connect(self.choose_grain)
        self._run_to_field.entered.connect(self.run_to)

    # What the tool bar says

    def limit_speed(self, items_per_second: float | None) -> None:
        self.submit(commands.LimitSpeed(items_per_second))

    def choose_grain(self, grain: Grain) -> None:
        self.submit(commands.Choose(grain))

    def begin(self, description: Description) -> None:
        """A new session goes by what the tool bar says."""
        self.description, self.snapshot = description, None
        self.is_searching = False
        self._run_to_field.set_last(description.settings.num_steps)
        self.limit_speed(self._speed.limit)
        self.choose_grain(self._grain.grain)

    # Actions, named in the action table

    def run_or_pause(self) -> None:
        running = self.snapshot is not None and self.snapshot.pace.running
        self.submit(commands.Pause() if running or self.is_searching else commands.Run())

    def run_back(self) -> None:
        self.submit(commands.RunBack())

    def run_back_to_selection(self) -> None:
        target = self._target()
        if target is not None:
            self.submit(commands.RunBack(target))

    def take_step(self) -> None:
        action = self.sender()  # one of six, which carry their moves
        assert isinstance(action, QAction)
        self.submit(commands.Take(action.data(), self._grain.grain))

    def run_to(self) -> None:
        self._run_to_field.interpretText()
        goal = self._run_to_field.value()
        if self.snapshot is not None and goal < self.snapshot.moment.step:
            self.go_to(goal)
        else:
            self.submit(commands.Run(goal))

    def go_to(self, step: int) -> None:
        self.submit(commands.GoTo(step))

    def focus_run_to(self) -> None:
        self._run_to_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._run_to_field.selectAll()

    def run_to_selection(self) -> None:
        target = self._target()
        if target is not None:
            self.submit(commands.RunTo(target))

    def restart(self) -> None:
        self.submit(commands.Restart())

    def slower(self) -> None:
        self._speed.shift(-1)

    def faster(self) -> None:
        self._speed.shift(1)

    def find_scalars(self) -> None:
        _bring_up(self._search)
        self._search.focus_field()

    def toggle_breakpoint(self) -> None:
        """On the line that is chosen in the source, where it has the focus, or else on the selected scalar."""
        if self._is_in_source() and self._source.current_line is not None:
            self._source.toggle_breakpoint()
        elif self.selection is not None and self.description is not None and self.snapshot is not None:
            is_parameter = self.selection < self.description.program.num_parameters
            address = self.description.addresses.format(self.selection)
            definition = Definition(Event.UPDATED if is_parameter else Event.COMPUTED, address)
            there = [row.id for row in self.snapshot.breakpoints if row.definition == definition]
            self._edit(commands.RemoveBreakpoint(there[0]) if there else commands.AddBreakpoint(definition))

    def new_breakpoint(self) -> None:
        _bring_up(self._breakpoints)
        self._breakpoints.add_for_selection()

    def watch_selection(self) -> None:
        _bring_up(self._watches)
        self._watches.watch_selection()

    def toggle_bookmark(self) -> None:
        self._edit(commands.SetBookmark())

    def next_mark(self) -> None:
        self._bring_timeline_up_to_date()
        self._timeline.next_mark()

    def previous_mark(self) -> None:
        self._bring_timeline_up_to_date()
        self._timeline.previous_mark()

    # Answers

    def owns(self, command: object) -> bool:
        """Whether an edit that was answered was made by an action; asked once."""
        mine = [edit for edit in self._edits if edit is command]
        self._edits = [edit for edit in self._edits if edit is not command]
        return bool(mine)

    def _target(self) -> int | str | None:
        """The line that is chosen in the source, where it has the focus, or else the selected scalar."""
        line = self._source.current_line if self._is_in_source() else None
        return self.selection if line is None else f"{line[0]}:{line[1]}"

    def _bring_timeline_up_to_date(self) -> None:
        """Out of sight it is not given every snapshot."""
        if self.snapshot is not None and self._timeline.snapshot is not self.snapshot:
            self._timeline.show_snapshot(self.snapshot)

    def _edit(self, edit: commands.Edit) -> None:
        self._edits.append(edit)
        self.submit(edit)

    def _is_in_source(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and (focus is self._source or self._source.isAncestorOf(focus))


def _bring_up(panel: Panel) -> None:
    """Let a panel be seen, wherever its dock is."""
    dock = panel.parentWidget()
    assert dock is not None
    dock.show()
    dock.raise_()
