"""The main window: docks of panels around one selected scalar, and the actions that drive the worker."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow

from microgpt.program.addresses import AddressError
from microgpt.settings import Settings
from microgpt_studio.bridge import commands
from microgpt_studio.bridge.mailbox import Mailbox
from microgpt_studio.bridge.poller import Poller
from microgpt_studio.bridge.worker import Worker
from microgpt_studio.debugger.events import (
    Crashed,
    Event,
    Preparing,
    Refused,
    SamplesDrawn,
    SamplesRefused,
    Saved,
    SessionStarted,
    Stopped,
)
from microgpt_studio.debugger.session import FaultReport
from microgpt_studio.debugger.snapshot import Description, Snapshot, Wanted
from microgpt_studio.debugger.stepping import Grain
from microgpt_studio.panels.loss import LossPanel
from microgpt_studio.panels.panel import Panel
from microgpt_studio.panels.samples import SamplesPanel
from microgpt_studio.theme.application import apply_theme, current_theme
from microgpt_studio.theme.icons import Icon, icon
from microgpt_studio.window import actions, arrangement, questions
from microgpt_studio.window.message_bar import MessageBar
from microgpt_studio.window.panel_table import PANELS, wanted_by
from microgpt_studio.window.picture import save_picture
from microgpt_studio.window.session_dialog import SessionDialog
from microgpt_studio.window.transport import TransportBar

FIRST_SIZE = QSize(1440, 900)
_FIRST_SELECTION = "layer0.attn_wq[0,0]"  # so that every panel has something to show from the beginning


class MainWindow(QMainWindow):
    """Owns the worker and the panels. `store` keeps the layout between runs; None keeps nothing."""

    session_started = Signal(object)  # Description
    stopped = Signal(object)  # Stopped
    refused = Signal(str)
    crashed = Signal(str)
    shown = Signal(object)  # Snapshot, after every visible panel was given it

    def __init__(self, store: QSettings | None = None, selection: str | None = None) -> None:
        super().__init__()
        self.setWindowTitle("microgpt Studio")
        self.setDockNestingEnabled(True)
        self._store = store
        self._settings = Settings()
        self._address = selection or _FIRST_SELECTION
        self._selection: int | None = None
        self._description: Description | None = None
        self._snapshot: Snapshot | None = None
        self._fault: FaultReport | None = None
        self._preparing = False
        self._wanted = Wanted()
        self._dialog: SessionDialog | None = None
        mailbox = Mailbox()
        self.worker = Worker(mailbox, self)
        self._poller = Poller(mailbox, self)
        self.actions_by_name = actions.make_actions(self)
        self.panels: dict[str, Panel] = {panel.name: panel(self) for panel in PANELS}
        self.docks: dict[str, QDockWidget] = {}
        self._make_docks()
        self._make_menus()
        self._make_tool_bars()
        self._breadcrumb = QLabel()
        self._breadcrumb.setObjectName("breadcrumb")
        self._breadcrumb.setContentsMargins(8, 0, 0, 0)
        self.statusBar().addWidget(self._breadcrumb)
        self._state = QLabel("Starting…")
        self._state.setObjectName("state")
        self.statusBar().addPermanentWidget(self._state)
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

    def _make_menus(self) -> None:
        view = actions.fill_menus(self.menuBar(), self.actions_by_name)["View"]
        view.addSeparator()
        view.addActions([dock.toggleViewAction() for dock in self.docks.values()])

    def _make_tool_bars(self) -> None:
        bar = TransportBar(self.actions_by_name, self)
        self._run_to_field, self._speed, self.readout = bar.run_to_field, bar.speed, bar.readout
        self._grain = bar.grain
        self.addToolBar(bar)
        self.messages = MessageBar(self, bar)

    def _connect(self) -> None:
        self.worker.arrived.connect(self._poller.poll, Qt.ConnectionType.QueuedConnection)
        self._poller.event_came.connect(self._take_event)
        self._poller.picture_came.connect(self._show_picture)
        self._poller.text_came.connect(self._show_text)
        self._speed.changed.connect(self._limit_speed)
        self._run_to_field.entered.connect(self.run_to)
        for panel in self.panels.values():
            panel.selected.connect(self.select)
        self._samples.sample_wanted.connect(self._draw_samples)
        loss = self.panels["loss"]
        assert isinstance(loss, LossPanel)
        loss.moment_wanted.connect(self.go_to)
        self._grain.changed.connect(self._choose_grain)

    @property
    def _samples(self) -> SamplesPanel:
        samples = self.panels["samples"]
        assert isinstance(samples, SamplesPanel)
        return samples

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
        self._start(settings)
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
        self._selection = int(scalar)
        self._address = self._description.addresses.format(self._selection)
        for panel in self.panels.values():
            panel.show_selection(self._selection)
        self._ask_for_parts()

    # Actions, named in the action table

    def new_session(self) -> None:
        self._dialog = SessionDialog(self._settings, self)
        self._dialog.chosen.connect(self._start)
        self._dialog.finished.connect(self._dialog.deleteLater)
        self._dialog.open()

    def open_data(self) -> None:
        path = questions.ask_open(self, "Open data set", "", questions.TEXTS)
        if path is not None:
            self._start(replace(self._settings, data=path))

    def open_checkpoint(self) -> None:
        path = questions.ask_open(self, "Open checkpoint", "", questions.CHECKPOINTS)
        if path is not None:
            self.submit(commands.Open(path, self._settings.data))

    def save_checkpoint(self) -> None:
        step = self._snapshot.moment.step if self._snapshot else 0
        path = questions.ask_save(self, "Save checkpoint", f"microgpt-{step}.safetensors", questions.CHECKPOINTS)
        if path is not None:
            self.submit(commands.Save(path))

    def save_picture(self) -> None:
        path = questions.ask_save(self, "Save picture", "microgpt-studio.png", questions.PICTURES)
        reason = save_picture(self, path) if path is not None else None
        if reason is not None:
            self.messages.say(reason)

    def run_or_pause(self) -> None:
        running = self._snapshot is not None and self._snapshot.pace.running
        self.submit(commands.Pause() if running else commands.Run())

    def take_step(self) -> None:
        action = self.sender()  # one of six, which carry their moves
        assert isinstance(action, QAction)
        self.submit(commands.Take(action.data(), self._grain.grain))

    def run_to(self) -> None:
        self._run_to_field.interpretText()
        goal = self._run_to_field.value()
        if self._snapshot is not None and goal < self._snapshot.moment.step:
            self.go_to(goal)
        else:
            self.submit(commands.Run(goal))

    def go_to(self, step: int) -> None:
        self.submit(commands.GoTo(step))

    def focus_run_to(self) -> None:
        self._run_to_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._run_to_field.selectAll()

    def restart(self) -> None:
        if self._fault is not None:
            self._fault = None
            self.messages.clear_message()
        self.submit(commands.Restart())

    def slower(self) -> None:
        self._speed.shift(-1)

    def faster(self) -> None:
        self._speed.shift(1)

    def switch_theme(self) -> None:
        name = "light" if current_theme().palette.name == "dark" else "dark"
        self._dress(name, current_theme().text_scale)

    def larger_text(self) -> None:
        self._dress(current_theme().palette.name, min(2.0, round(current_theme().text_scale + 0.1, 1)))

    def smaller_text(self) -> None:
        self._dress(current_theme().palette.name, max(0.7, round(current_theme().text_scale - 0.1, 1)))

    def normal_text(self) -> None:
        self._dress(current_theme().palette.name, 1.0)

    def default_layout(self) -> None:
        arrangement.arrange(self, self.docks)

    # Answers of the worker

    def _take_event(self, event: Event) -> None:
        match event:
            case Preparing():
                self._preparing = True
                actions.enable(self.actions_by_name, there_is_a_session=False)
                self.messages.show_progress(event)
            case SessionStarted(description):
                self._show_session(description)
            case Stopped(_, fault):
                self._fault = fault
                if fault is not None:
                    self.messages.say(str(fault))
                    self.select(fault.scalar)
                self.stopped.emit(event)
            case SamplesDrawn():
                self._samples.show_samples(event)
            case SamplesRefused():
                self._samples.show_refusal(event)
            case Saved(path, step):
                self.messages.say(f"Saved update {step} to {path}", error=False)
            case Refused(sentence):
                self.messages.say(sentence)
                self._go_on()
                self.refused.emit(sentence)
            case Crashed(sentence, traceback):
                goes_on = " The session goes on." if self._description else ""
                self.messages.say(f"A mistake in the program: {sentence}.{goes_on}", traceback)
                self._go_on()
                self.crashed.emit(sentence)

    def _show_session(self, description: Description) -> None:
        self._description = description
        self._settings = description.settings
        self._snapshot = None
        self._fault = None
        self._preparing = False
        self.messages.clear_message()
        self.setWindowTitle(f"microgpt Studio · {description.data_name}")
        self._run_to_field.set_last(description.settings.num_steps)
        actions.enable(self.actions_by_name, there_is_a_session=True)
        for panel in self.panels.values():
            panel.show_session(description)
        self._limit_speed(self._speed.limit)
        self._choose_grain(self._grain.grain)
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
            self._state.setText("no session")

    def _show_picture(self, snapshot: Snapshot) -> None:
        if self._description is None:
            return
        self._snapshot = snapshot
        for panel in self._seen():
            panel.show_snapshot(snapshot)

    def _show_text(self, snapshot: Snapshot) -> None:
        if self._description is None:
            return
        for panel in self._seen():
            panel.show_text(snapshot)
        self.readout.show_snapshot(snapshot)
        self._show_state(snapshot)
        self.shown.emit(snapshot)

    def _show_state(self, snapshot: Snapshot) -> None:
        moment, running = snapshot.moment, snapshot.pace.running
        at_end = moment.step >= moment.num_steps
        at_fault = self._fault is not None and moment.step == self._fault.step - 1
        state = "running" if running else "finished" if at_end else "stopped at a fault" if at_fault else "paused"
        furthest = len(snapshot.losses)
        past = f" · in the past: {furthest} updates were done" if furthest > moment.step and not at_fault else ""
        self._state.setText(f"{moment.num_scalars:,} scalars · {moment.positions} positions · {state}{past}")
        self._breadcrumb.setText(" › ".join(moment.cursor.breadcrumb) if not running else "")
        run = self.actions_by_name["run"]
        run.setText("Pause" if running else "Run")
        run.setIcon(icon(Icon.PAUSE if running else Icon.PLAY, current_theme().palette))
        for name in ("run", "step", "step-into", "step-out", "run-to"):
            self.actions_by_name[name].setEnabled(not self._preparing and (running or not at_end))
        at_beginning = moment.step == 0 and moment.cursor.done == 0
        for name in ("step-back", "step-back-into", "step-back-out"):
            self.actions_by_name[name].setEnabled(not self._preparing and not at_beginning)
        self.actions_by_name["run-to"].setEnabled(not self._preparing)

    # Requests to the worker

    def _start(self, settings: Settings) -> None:
        self.submit(commands.Start(settings))

    def _choose_grain(self, grain: Grain) -> None:
        self.submit(commands.Choose(grain))

    def _limit_speed(self, updates_per_second: float | None) -> None:
        self.submit(commands.LimitSpeed(updates_per_second))

    def _draw_samples(self, request: object) -> None:
        self.submit(commands.Draw(request))  # type: ignore[arg-type]

    def _ask_for_parts(self) -> None:
        """Tell the worker what the visible panels need, if that has changed."""
        if self._description is None:
            return
        wanted = wanted_by(self._seen(), self._selection, self._wanted.number)
        if wanted != self._wanted or self._snapshot is None:
            self._wanted = replace(wanted, number=wanted.number + 1)
            self.submit(commands.Show(self._wanted))

    def _show_what_is_seen(self) -> None:
        """A panel has come into view, or gone out of it."""
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

    def _dress(self, name: str, text_scale: float) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, name, text_scale)  # type: ignore[arg-type]
        actions.paint_icons(self.actions_by_name, current_theme().palette)
        if self._snapshot is not None:
            self._show_state(self._snapshot)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._store is not None:
            arrangement.save(self, self._store)
            arrangement.save_looks(self._store, current_theme().palette.name, current_theme().text_scale)
            self._store.sync()
        self._poller.stop()
        self.hide()  # the worker may be compiling, which nothing can interrupt
        self.worker.stop()
        super().closeEvent(event)
