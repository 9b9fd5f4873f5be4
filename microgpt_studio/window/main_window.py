"""The main window: docks of panels around one selected scalar, and the actions that drive the worker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

from microgpt.program.addresses import AddressError
from microgpt.program.program import Ids
from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.poller import Poller
from microgpt_studio.bridge.worker import Worker
from microgpt_studio.debugger.events import (
    Accepted,
    Answered,
    Crashed,
    EditRefused,
    Event,
    PreparationCancelled,
    Preparing,
    Refused,
    Saved,
    Searching,
    SessionStarted,
    Stopped,
)
from microgpt_studio.debugger.snapshot import Description, Snapshot, Wanted
from microgpt_studio.debugger.stop import Reason, Stop
from microgpt_studio.panels.panel import Panel
from microgpt_studio.theme.application import current_theme
from microgpt_studio.window import actions, arrangement
from microgpt_studio.window.driver import Driver
from microgpt_studio.window.exports import Exports
from microgpt_studio.window.files import Files
from microgpt_studio.window.keys import KeyMap
from microgpt_studio.window.keys_dialog import KeysDialog
from microgpt_studio.window.looks import Looks
from microgpt_studio.window.message_bar import MessageBar, Task
from microgpt_studio.window.panel_table import PANELS, wanted_by
from microgpt_studio.window.showing import Showing
from microgpt_studio.window.state_line import StateLine
from microgpt_studio.window.tab_order import next_in_order
from microgpt_studio.window.transport import TransportBar
from microgpt_studio.window.warm_up import warm_up

FIRST_SIZE = QSize(1440, 900)
_NO_SESSION = "There is no session; New session… in the File menu begins one"
_FIRST_SELECTION = "layer0.attn_wq[0,0]"  # so that every panel has something to show from the beginning


class MainWindow(QMainWindow):
    """Owns the worker and the panels. `store` keeps the layout between runs; None keeps nothing."""

    session_started = Signal(object)  # Description
    stopped = Signal(object)  # Stopped
    refused = Signal(str)
    crashed = Signal(str)
    shown = Signal(object)  # Snapshot, after every visible panel was given it

    def __init__(
        self, store: QSettings | None = None, selection: str | None = None, workspace_file: Path | None = None
    ) -> None:
        """`workspace_file` keeps breakpoints, watches and bookmarks between runs; None keeps nothing."""
        super().__init__()
        self.setWindowTitle("microgpt Studio")
        self.setDockNestingEnabled(True)
        self._store = store
        self._address = selection or _FIRST_SELECTION
        self._selection: int | None = None
        self._description: Description | None = None
        self._snapshot: Snapshot | None = None
        self._preparing = False
        self._told: Stop | None = None  # what the message bar says of the present moment
        self._has_stopped = False  # a run, since it was told
        self._wanted = Wanted()
        mailbox = Mailbox()
        self.worker = Worker(mailbox, self, workspace_file, warm_up)
        self._poller = Poller(mailbox, self)
        self.panels: dict[str, Panel] = {panel.name: panel(self) for panel in PANELS}
        self.docks: dict[str, QDockWidget] = {}
        self._showing = Showing(self._seen, self)
        self._make_docks()
        self._make_bars()
        self._connect()
        actions.paint_icons(self.actions_by_name, current_theme().palette)

    # Making

    def _make_docks(self) -> None:
        for name, panel in self.panels.items():
            dock = QDockWidget(panel.title, self)
            dock.setObjectName(name)
            dock.setWidget(panel)
            dock.visibilityChanged.connect(self._show_what_is_seen)
            dock.toggleViewAction().triggered.connect(dock.raise_)  # or it may come back behind another tab
            self.docks[name] = dock

    def _make_bars(self) -> None:
        bar = TransportBar(self)
        self.readout = bar.readout
        self.messages = MessageBar(self, bar)
        self.driver = Driver(self.submit, bar, self.panels, self)
        self.files = Files(self, self.submit, self.messages.say)
        self.looks = Looks(self)
        self.exports = Exports(self, self.panels, self.docks, self.messages.say)
        self.actions_by_name = actions.make_actions(self, self.driver, self.files, self.exports, self.looks)
        self.keys = KeyMap(self._store)
        unusable = self.keys.load()
        self.keys.apply(self.actions_by_name)
        bar.fill(self.actions_by_name)
        self.addToolBar(bar)
        view = actions.fill_menus(self.menuBar(), self.actions_by_name)["View"]
        view.addSeparator()
        view.addActions([dock.toggleViewAction() for dock in self.docks.values()])
        self._state_line = StateLine(self.statusBar())
        if unusable:
            self.messages.say(" ".join(unusable))

    def _connect(self) -> None:
        self.worker.arrived.connect(self._poller.poll, Qt.ConnectionType.QueuedConnection)
        self._poller.event_came.connect(self._take_event)
        self._poller.picture_came.connect(self._showing.show_picture)
        self._poller.text_came.connect(self._showing.show_text)
        self._showing.began.connect(self._begin_to_show)
        self._showing.ended.connect(self._end_showing)
        self.messages.cancelled.connect(self._give_up)
        self.looks.changed.connect(self._dress)
        self.exports.wishes_changed.connect(self._ask_for_parts)
        for panel in self.panels.values():
            panel.selected.connect(self.select)
            panel.lit.connect(self._light)
            panel.commanded.connect(self.submit)
            panel.wishes_changed.connect(self._ask_for_parts)

    # What others call

    def open(self, size: tuple[int, int] | None = None) -> None:
        """Show the window as it was left, or with the default layout; `size` in pixels overrules."""
        restored = self._store is not None and arrangement.restore(self, self._store)
        if size is not None:
            self.resize(*size)
        elif not restored:
            self.resize(FIRST_SIZE.boundedTo(self.screen().availableSize()))
        self.show()
        if not restored:
            arrangement.arrange(self, self.docks)

    def begin(self, settings: Settings, run_to: int | None = None) -> None:
        """Start the worker on a first session, and run to an update."""
        self.worker.start()
        self._poller.start()
        self.files.start(settings)
        if run_to:
            self.submit(commands.Run(run_to))

    def submit(self, command: commands.Command) -> None:
        """Ask the worker for something."""
        self.worker.submit(command)

    @property
    def selection(self) -> int | None:
        """The one selected scalar."""
        return self._selection

    @property
    def snapshot(self) -> Snapshot | None:
        """What is shown at present; None before a session's first."""
        return self._snapshot

    @property
    def wanted(self) -> Wanted:
        """What the visible panels ask for at present."""
        return self._wanted

    def select(self, scalar: int) -> None:
        """Select a scalar for the whole window."""
        if self._description is None:
            return
        self._selection = self.driver.selection = int(scalar)
        self._address = self._description.addresses.format(self._selection)
        for panel in self.panels.values():
            panel.show_selection(self._selection)
        self._ask_for_parts()

    # Actions, named in the action table

    def default_layout(self) -> None:
        arrangement.arrange(self, self.docks)

    def change_keys(self) -> None:
        dialog = KeysDialog(self.keys, self)
        dialog.changed.connect(self._apply_keys)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _apply_keys(self) -> None:
        self.keys.apply(self.actions_by_name)

    # Answers of the worker

    def _take_event(self, event: Event) -> None:
        if isinstance(event, SessionStarted):
            self._show_session(event.description)
        for panel in self.panels.values():
            panel.show_event(event)
        match event:
            case Preparing():
                if not self._preparing:
                    self._preparing = True
                    actions.enable(self.actions_by_name, there_is_a_session=False)
                self.messages.show_progress(event)
            case PreparationCancelled():
                self._go_on()
                there_is_a_session = self._description is not None
                goes_on = "The session goes on as it was" if there_is_a_session else _NO_SESSION
                self.messages.say(f"Cancelled. {goes_on}", error=not there_is_a_session)
            case Refused(sentence, another_is_prepared=True):
                self.messages.note(sentence)
                self.refused.emit(sentence)
            case Searching():
                self.driver.is_searching = True
                self.messages.show_search(event)
            case Answered(sentence, found):
                self._end_search()
                self.messages.say(sentence, error=not found)
            case Stopped(_, stop):
                self._end_search()
                self._has_stopped = True
                if stop.reason is Reason.START:
                    self.messages.say(stop.sentence, error=False)
                self.stopped.emit(event)
            case EditRefused(command, sentence) if self.driver.owns(command):
                self.messages.say(sentence)
            case Accepted(command):
                self.driver.owns(command)  # and it is forgotten
            case Saved(path, step):
                self.messages.say(f"Saved update {step} to {path}", error=False)
            case Refused(sentence):
                self._end_search()
                self.messages.say(sentence)
                self._go_on()
                self.refused.emit(sentence)
            case Crashed(sentence, traceback):
                self._end_search()
                goes_on = " The session goes on." if self._description else ""
                self.messages.say(f"A mistake in the program: {sentence}.{goes_on}", traceback)
                self._go_on()
                self.crashed.emit(sentence)

    def _tell_stop(self, stop: Stop | None) -> None:
        """Say what has stopped a run, and select what it is about; be silent as soon as that is over."""
        if stop == self._told and not self._has_stopped:
            return
        if stop is None and self._told is not None:
            self.messages.retract(self._told.sentence)
        if stop is not None:
            self.messages.say(stop.sentence, error=stop.reason is not Reason.BREAKPOINT)
        self._told, self._has_stopped = stop, False
        if stop is not None and stop.scalar is not None:
            self.select(stop.scalar)

    def _end_search(self) -> None:
        self.driver.is_searching = False
        self.messages.end_search()

    def _give_up(self, task: Task) -> None:
        self.submit(commands.Pause() if task is Task.SEARCH else commands.CancelPreparation())

    def _light(self, scalars: Ids) -> None:
        for panel in self.panels.values():
            panel.show_lit(scalars)

    def _show_session(self, description: Description) -> None:
        self._description = description
        self._snapshot = None
        self._showing.drop()
        self._told = None
        self._preparing = False
        self.messages.end_progress()
        self.setWindowTitle(f"microgpt Studio · {description.data_name}")
        actions.enable(self.actions_by_name, there_is_a_session=True)
        for panel in self.panels.values():
            panel.show_session(description)
        self.files.settings = description.settings
        self.driver.begin(description)
        self.exports.begin()
        self._select_again(description)
        self.session_started.emit(description)

    def _select_again(self, description: Description) -> None:
        """What was selected in the last session, or asked for at the start, if this session has it."""
        first = self._selection is None
        try:
            self.select(description.addresses.parse(self._address))
        except AddressError as error:
            self.select(description.addresses.parse(_FIRST_SELECTION))
            if first:
                self.messages.say(str(error))
                self.refused.emit(str(error))

    def _go_on(self) -> None:
        """After something that could not be done, the session can be used again, if there is one."""
        self._preparing = False
        actions.enable(self.actions_by_name, there_is_a_session=self._description is not None)
        if self._snapshot is not None:
            self._show_state(self._snapshot)
        elif self._description is None:
            self._state_line.show_no_session()

    def _begin_to_show(self, snapshot: Snapshot) -> None:
        self._snapshot = self.driver.snapshot = snapshot
        self.files.step = snapshot.moment.step
        self._tell_stop(snapshot.moment.stop)

    def _end_showing(self, snapshot: Snapshot) -> None:
        self.readout.show_snapshot(snapshot)
        self._show_state(snapshot)
        self.exports.look(snapshot)
        self.shown.emit(snapshot)

    def _show_state(self, snapshot: Snapshot) -> None:
        self._state_line.show_snapshot(snapshot)
        actions.follow(self.actions_by_name, snapshot, current_theme().palette, preparing=self._preparing)

    # Requests to the worker

    def _ask_for_parts(self) -> None:
        """Tell the worker what the visible panels need, if that has changed."""
        if self._description is None:
            return
        wanted = self.exports.add_wishes(wanted_by(self._seen(), self._wanted.number))
        if wanted != self._wanted or self._snapshot is None:
            self._wanted = replace(wanted, number=wanted.number + 1)
            self.submit(commands.Show(self._wanted))

    def _show_what_is_seen(self) -> None:
        """A panel has come into view, or gone out of it."""
        self.messages.raise_()  # a dock that comes to the front would lie over it
        self._ask_for_parts()
        for panel in self._seen():
            if self._snapshot is not None and panel.snapshot is not self._snapshot:
                panel.show_snapshot(self._snapshot)
                panel.show_text(self._snapshot)

    def _seen(self) -> list[Panel]:
        """The panels in view. A dock behind another's tab is visible for Qt, but stands outside of the window."""
        return [
            panel
            for panel, dock in zip(self.panels.values(), self.docks.values(), strict=True)
            if panel.isVisible() and (dock.isFloating() or dock.geometry().right() >= 0)
        ]

    # Looks

    def _dress(self) -> None:
        actions.paint_icons(self.actions_by_name, current_theme().palette)
        if self._snapshot is not None:
            self._show_state(self._snapshot)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802  # Qt's name
        """With the tab key on to what is in sight."""
        start = QApplication.focusWidget() or self
        found = next_in_order(self, start, forward=forward) if start.window() is self else None
        if found is None:
            return super().focusNextPrevChild(forward)
        found.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        return True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._store is not None:
            arrangement.save(self, self._store)
            arrangement.save_looks(self._store, current_theme().palette.name, current_theme().text_scale)
            self._store.sync()
        self._poller.stop()
        self._showing.drop()
        self.hide()  # the worker may be compiling, which nothing can interrupt
        self.worker.stop()
        super().closeEvent(event)
