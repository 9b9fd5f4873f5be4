"""The action table: every command of the window, once. Menus, tool bar and shortcuts are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from microgpt_studio.debugger.moves import Move
from microgpt_studio.debugger.snapshot import Snapshot
from microgpt_studio.theme.icons import Icon, icon
from microgpt_studio.theme.palette import Palette


@dataclass(frozen=True, slots=True)
class Row:
    """One command. `slot` is the name of the window's method that carries it out."""

    name: str
    menu: str
    text: str
    tip: str
    slot: str
    keys: str = ""
    icon: Icon | None = None
    needs_session: bool = True
    separated: bool = False  # a line above it in the menu
    move: Move | None = None  # the step that it takes


ROWS = (
    Row(
        "new",
        "File",
        "New session…",
        "Train a model of another configuration",
        "new_session",
        "Ctrl+N",
        Icon.NEW,
        False,
    ),
    Row(
        "open-data",
        "File",
        "Open data set…",
        "Train on another file, one document a line",
        "open_data",
        "Ctrl+O",
        Icon.OPEN,
        False,
    ),
    Row(
        "open-checkpoint",
        "File",
        "Open checkpoint…",
        "Go on from a saved state",
        "open_checkpoint",
        "Ctrl+Shift+O",
        None,
        False,
        True,
    ),
    Row(
        "save-checkpoint",
        "File",
        "Save checkpoint…",
        "Save the present state, to go on from it later",
        "save_checkpoint",
        "Ctrl+S",
        Icon.SAVE,
    ),
    Row(
        "save-picture",
        "File",
        "Save picture of the window…",
        "Save what the window shows as a PNG file",
        "save_picture",
        "Ctrl+Shift+P",
        Icon.EXPORT,
        True,
        True,
    ),
    Row(
        "export-map",
        "File",
        "Export map…",
        "Save the map as the graph panel shows it, as SVG, PDF or PNG",
        "export_map",
        "Ctrl+E",
        separated=True,
    ),
    Row(
        "export-neighbourhood",
        "File",
        "Export neighbourhood…",
        "Save the neighbourhood of the selected scalar as SVG, PDF, PNG or DOT",
        "export_neighbourhood",
        "Ctrl+Shift+E",
    ),
    Row(
        "export-scalars",
        "File",
        "Export scalars of a scope…",
        "Save the numbers of all scalars of a scope as CSV",
        "export_scalars",
    ),
    Row("quit", "File", "Quit", "Close the window", "close", "Ctrl+Q", None, False, True),
    Row("restart", "Run", "Restart", "Back to before the first update", "restart", "Ctrl+Shift+F5", Icon.RESTART),
    Row("step", "Run", "Step", "Finish the item of the chosen grain", "take_step", "F10", Icon.STEP, move=Move.OVER),
    Row("step-into", "Run", "Step into", "Do one scalar operation", "take_step", "F11", Icon.STEP_INTO, move=Move.INTO),
    Row(
        "step-out",
        "Run",
        "Step out",
        "Finish what encloses the item",
        "take_step",
        "Shift+F11",
        Icon.STEP_OUT,
        move=Move.OUT,
    ),
    Row(
        "step-back",
        "Run",
        "Step back",
        "Undo the item of the chosen grain",
        "take_step",
        "F8",
        Icon.STEP_BACK,
        move=Move.BACK_OVER,
    ),
    Row("step-back-into", "Run", "Step back into", "Undo one scalar operation", "take_step", "F7", move=Move.BACK_INTO),
    Row(
        "step-back-out",
        "Run",
        "Step back out",
        "Undo what encloses the item",
        "take_step",
        "Shift+F7",
        move=Move.BACK_OUT,
    ),
    Row(
        "run", "Run", "Run", "Train until something stops it, or pause", "run_or_pause", "F5", Icon.PLAY, separated=True
    ),
    Row(
        "run-back",
        "Run",
        "Run back",
        "Back to where a breakpoint would have stopped last",
        "run_back",
        "Shift+F5",
        Icon.RUN_BACK,
    ),
    Row(
        "run-to-selection",
        "Run",
        "Run to selection",
        "Until something becomes known of the selected scalar, or the source line is reached",
        "run_to_selection",
        "Ctrl+F10",
    ),
    Row(
        "run-back-to-selection",
        "Run",
        "Run back to selection",
        "Back to when something became known of the selected scalar, or a breakpoint would have stopped",
        "run_back_to_selection",
        "Ctrl+Shift+F8",
    ),
    Row(
        "run-to",
        "Run",
        "Run to update",
        "Train until the update in the field is done, or go back to it",
        "run_to",
        "F6",
        Icon.RUN_TO,
    ),
    Row("go-to-field", "Run", "Enter an update…", "Type the update to run to", "focus_run_to", "Ctrl+G"),
    Row("slower", "Run", "Slower", "Lower the speed limit", "slower", "Ctrl+[", None, False, True),
    Row("faster", "Run", "Faster", "Raise the speed limit", "faster", "Ctrl+]", None, False),
    Row(
        "find",
        "Debug",
        "Find scalars…",
        "Find scalars by their addresses, or by their numbers",
        "find_scalars",
        "Ctrl+F",
    ),
    Row(
        "toggle-breakpoint",
        "Debug",
        "Breakpoint",
        "Break on the source line, or on the selected scalar; or no longer",
        "toggle_breakpoint",
        "F9",
        Icon.BREAKPOINT,
        separated=True,
    ),
    Row(
        "new-breakpoint",
        "Debug",
        "New breakpoint…",
        "Break on the selected scalar, or where you like, with a condition",
        "new_breakpoint",
        "Ctrl+Shift+F9",
    ),
    Row("watch", "Debug", "Watch selection", "Watch the selected scalar", "watch_selection", "Shift+F9", Icon.WATCH),
    Row(
        "bookmark",
        "Debug",
        "Bookmark",
        "Mark this moment on the timeline, or take its mark away",
        "toggle_bookmark",
        "Ctrl+B",
        separated=True,
    ),
    Row("next-mark", "Debug", "Next mark", "To the next breakpoint hit or bookmark on the timeline", "next_mark", "F4"),
    Row(
        "previous-mark",
        "Debug",
        "Previous mark",
        "To the last breakpoint hit or bookmark before this moment",
        "previous_mark",
        "Shift+F4",
    ),
    Row("theme", "View", "Switch theme", "Light or dark", "switch_theme", "Ctrl+T", Icon.THEME, False),
    Row("larger", "View", "Larger text", "All text a tenth larger", "larger_text", "Ctrl++", None, False, True),
    Row("smaller", "View", "Smaller text", "All text a tenth smaller", "smaller_text", "Ctrl+-", None, False),
    Row("normal", "View", "Normal text", "All text at its normal size", "normal_text", "Ctrl+0", None, False),
    Row(
        "default-layout",
        "View",
        "Default layout",
        "All panels back to their places",
        "default_layout",
        "Ctrl+Shift+L",
        None,
        False,
        True,
    ),
    Row("keys", "View", "Keys…", "Change the keys of all commands", "change_keys", "Ctrl+Shift+K", None, False, True),
)
MENUS = ("File", "Run", "Debug", "View")
TOOL_BAR = ("restart", "run-back", "step-back", "step", "step-into", "step-out", "run")


def make_actions(window: QObject, *others: QObject) -> dict[str, QAction]:
    """An action for each row, connected to the method that the row names, of the window or of another object. Keys
    it gets from a KeyMap."""
    owners = (window, *others)
    actions = {}
    for row in ROWS:
        action = QAction(row.text, window)
        action.setObjectName(row.name)
        action.setStatusTip(row.tip)
        action.setData(row.move)
        owner = next(owner for owner in owners if hasattr(owner, row.slot))
        action.triggered.connect(getattr(owner, row.slot))
        actions[row.name] = action
    enable(actions, there_is_a_session=False)
    return actions


def fill_menus(bar: QMenuBar, actions: dict[str, QAction]) -> dict[str, QMenu]:
    """The menus of the table, by title."""
    menus = {title: bar.addMenu(title) for title in MENUS}
    for row in ROWS:
        if row.separated:
            menus[row.menu].addSeparator()
        menus[row.menu].addAction(actions[row.name])
    return menus


def enable(actions: dict[str, QAction], *, there_is_a_session: bool) -> None:
    """Offer what can be done."""
    for row in ROWS:
        actions[row.name].setEnabled(there_is_a_session or not row.needs_session)


def follow(actions: dict[str, QAction], snapshot: Snapshot, palette: Palette, *, preparing: bool) -> None:
    """Offer what can be done from a session's present moment, while nothing is being prepared."""
    moment, running = snapshot.moment, snapshot.pace.running
    run = actions["run"]
    text = "Pause" if running else "Run"
    if text != run.text() or run.data() != palette.name:  # an icon is set anew, and laid out anew, at each call
        run.setText(text)
        run.setIcon(icon(Icon.PAUSE if running else Icon.PLAY, palette))
        run.setData(palette.name)
    at_end = moment.step >= moment.num_steps
    for name in ("run", "step", "step-into", "step-out", "run-to-selection"):
        actions[name].setEnabled(not preparing and (running or not at_end))
    at_beginning = moment.step == 0 and moment.cursor.done == 0
    for name in ("step-back", "step-back-into", "step-back-out", "run-back", "run-back-to-selection"):
        actions[name].setEnabled(not preparing and not at_beginning)
    actions["run-to"].setEnabled(not preparing)


def paint_icons(actions: dict[str, QAction], palette: Palette) -> None:
    """Icons in the palette's colours; again after each change of theme."""
    for row in ROWS:
        if row.icon is not None:
            actions[row.name].setIcon(icon(row.icon, palette))
