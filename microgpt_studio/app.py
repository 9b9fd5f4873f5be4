"""The application: reads the command line, opens the window, and puts everything together."""

from __future__ import annotations

import argparse
import gc
import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from microgpt.arguments import Parser, add_training_arguments, settings_from
from microgpt.data import Tokenizer
from microgpt.settings import Settings, read
from microgpt_studio.debugger.footprint import BYTES_BESIDE
from microgpt_studio.window.display import missing_display

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication, QWidget

    from microgpt_studio.theme.palette import ThemeName

SWITCH_INTERVAL = 0.0005  # seconds; the worker needs the interpreter often and briefly, the window must not keep it
_SMALLEST = (800, 600)
_LARGEST = (7680, 4320)
_EXPOSED_WITHIN = 0.5  # seconds in which a desktop shows a window, or it is painted later
_FORMATS = {
    ".svg": None,
    ".pdf": None,
    ".png": None,
    ".dot": "neighbourhood",
    ".csv": "scope",
}  # of an export, and of what
_COLORS = ("data", "grad", "magnitude", "derivative", "contribution", "forward", "backward")  # of the map's cells


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for, beside the settings of the session."""

    run_to: tuple[int, int]  # updates, and operations of the next one
    size: tuple[int, int] | None
    theme: ThemeName | None
    text_scale: float | None
    select: str | None
    screenshot: Path | None
    export: Path | None
    view: str | None
    focus: str | None
    color: str | None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status. 2 for bad input, with one sentence on the standard error."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        settings = settings_from(args)
        options = _options(args, settings)
        _check(settings)
    except (ValueError, OSError) as error:
        return _refuse(str(error))
    if options.export is not None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # it opens no window, wherever it runs
    elif options.screenshot is not None:
        _without_display()
    else:
        reason = missing_display()
        if reason is not None:
            return _refuse(f"no window can be opened: {reason}")
    try:
        from PySide6 import QtWidgets  # noqa: F401, PLC0415 - only now is it known that Qt can start
    except ImportError as error:
        return _refuse(
            f"Qt cannot be loaded: {error}; install the missing system library "
            "(on Debian and Ubuntu: apt install libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3)"
        )
    return _run(settings, options) if options.export is None else _export(settings, options, options.export)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="microgpt-studio", description="Train microgpt in a window and see every scalar of it.")
    add_training_arguments(parser)
    group = parser.add_argument_group("window")
    group.add_argument(
        "--run-to", metavar="N[:K]", help="train until update N is done (and K operations more), then stand still"
    )
    group.add_argument("--select", metavar="ADDRESS", help='select a scalar, for example "pos3.layer0.attn.q[5]"')
    group.add_argument("--size", metavar="WxH", help="size of the window, or picture, in pixels: 1440x900")
    group.add_argument("--theme", choices=("light", "dark"), help="the last one used")
    group.add_argument("--text-scale", type=float, metavar="X", help="size of all text, 1 is normal")
    group.add_argument("--screenshot", type=Path, metavar="FILE.png", help="save the window as a picture and end")
    group = parser.add_argument_group("export", "One picture, or its numbers, into a file, without a window.")
    formats = "map and neighbourhood as .svg, .pdf or .png, the neighbourhood as .dot, the scalars of a scope as .csv"
    group.add_argument("--export", type=Path, metavar="FILE", help=formats)
    group.add_argument("--focus", metavar="ADDRESS", help="what it shows: a scalar, or a scope; without it, everything")
    group.add_argument("--view", choices=("map", "neighbourhood"), help="of which the picture is; the map by default")
    by = "what the map's cells are coloured by; magnitude is |grad|, forward and backward are the order of execution"
    group.add_argument("--color", choices=_COLORS, help=by)
    return parser


def _options(args: argparse.Namespace, settings: Settings) -> Options:
    size = None
    if args.size is not None:
        match = re.fullmatch(r"(\d{3,5})[x×](\d{3,5})", args.size)
        if match is None:
            raise ValueError(f"--size is {args.size!r}, but it has to be width x height, for example 1440x900")
        size = int(match[1]), int(match[2])
        if size[0] < _SMALLEST[0] or size[1] < _SMALLEST[1]:
            raise ValueError(f"--size is {args.size!r}, but the window needs at least {_SMALLEST[0]}x{_SMALLEST[1]}")
        if size[0] > _LARGEST[0] or size[1] > _LARGEST[1]:
            raise ValueError(f"--size is {args.size!r}, but the window can have at most {_LARGEST[0]}x{_LARGEST[1]}")
    run_to = (0, 0) if args.run_to is None else _run_to(args.run_to, settings)
    if args.text_scale is not None and not 0.7 <= args.text_scale <= 2:
        raise ValueError(f"--text-scale is {args.text_scale}, but it has to be from 0.7 to 2")
    for flag, path in (("--screenshot", args.screenshot), ("--export", args.export)):
        if path is None:
            continue
        folder = path.absolute().parent
        if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
            raise ValueError(f"{flag} {path} cannot be written; name a file in a folder that you own")
    _check_export(args)
    return Options(
        run_to,
        size,
        args.theme,
        args.text_scale,
        args.select,
        args.screenshot,
        args.export,
        args.view,
        args.focus,
        args.color,
    )


def _run_to(text: str, settings: Settings) -> tuple[int, int]:
    """Where to stop: "200", or "200:3000" for 3000 operations of the next update. Raises ValueError."""
    match = re.fullmatch(r"(-?\d{1,12})(?::(\d{1,12}))?", text)
    if match is None:
        raise ValueError(
            f"--run-to is {text!r}, but it has to be an update, 200, or an operation of the next, 200:3000"
        )
    updates, operations = int(match[1]), int(match[2] or 0)
    if not 0 <= updates <= settings.num_steps - (operations > 0):
        raise ValueError(f"--run-to is {text}, but the session has updates 1 to {settings.num_steps} (--steps)")
    return updates, operations


def _check_export(args: argparse.Namespace) -> None:
    """Raises ValueError where the flags of an export do not fit together."""
    if args.export is None:
        for flag, value in (("--focus", args.focus), ("--view", args.view), ("--color", args.color)):
            if value is not None:
                raise ValueError(f"{flag} says what --export shows; name a file with --export FILE")
        return
    if args.screenshot is not None:
        raise ValueError("--export and --screenshot make a file each and end; choose one of them")
    suffix = args.export.suffix.lower()
    if suffix not in _FORMATS:
        raise ValueError(f"--export {args.export} names no format that there is: {', '.join(_FORMATS)}")
    view = args.view or _FORMATS[suffix]
    if args.view is not None and _FORMATS[suffix] not in (None, args.view):
        raise ValueError(f"--view is {args.view}, but {suffix} is a format of the {_FORMATS[suffix]} alone")
    if view == "neighbourhood" and not (args.focus or args.select):
        raise ValueError("a neighbourhood is one of a scalar; name it with --focus ADDRESS")
    if args.color is not None and view not in (None, "map"):
        raise ValueError(f"--color is {args.color}, but only the map is coloured by choice, not a {view}")
    if args.color == "contribution" and not (args.focus or args.select):
        raise ValueError("contributions are to a scalar; name it with --focus or --select ADDRESS")


def _check(settings: Settings) -> None:
    """Refuse now, on the command line, what the worker would refuse later. Raises ValueError."""
    from microgpt.program.size import check_memory  # noqa: PLC0415 - start-up: not before the arguments are right

    check_memory(settings.configuration(Tokenizer.of(read(settings)).vocab_size), beside=BYTES_BESIDE)


def _refuse(sentence: str) -> int:
    print(f"microgpt-studio: {sentence}", file=sys.stderr)
    return 2


def _without_display() -> None:
    if not os.environ.get("QT_QPA_PLATFORM") and missing_display() is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _pass_on(_kind: object, _context: object, message: str) -> None:
    """What Qt has to say, but for what goes without saying where there is no display."""
    if not message.startswith("This plugin does not support"):
        print(message, file=sys.stderr)


def _application(options: Options, store: QSettings | None) -> QApplication:
    """Qt's application, dressed as the command line says, or else as it was last."""
    from PySide6.QtCore import qInstallMessageHandler  # noqa: PLC0415
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from microgpt_studio.theme.application import apply_theme  # noqa: PLC0415
    from microgpt_studio.window import arrangement  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_INTERVAL)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    if app.platformName() == "offscreen":
        qInstallMessageHandler(_pass_on)
    app.setApplicationName("microgpt Studio")
    theme, text_scale = arrangement.saved_looks(store)
    apply_theme(app, options.theme or theme, options.text_scale or text_scale)
    return app


def set_aside_what_stays() -> None:
    """Take what lives as long as a session out of the garbage collector's sight.

    Looking through all of it takes some 100 ms each time, in which neither the window nor the worker gets on.
    """
    gc.unfreeze()  # what the session before has left is found now
    gc.collect()
    gc.freeze()


def _export(settings: Settings, options: Options, path: Path) -> int:
    from PySide6.QtCore import QTimer  # noqa: PLC0415

    from microgpt_studio.window.export_run import ExportRun  # noqa: PLC0415
    from microgpt_studio.window.export_subjects import subject  # noqa: PLC0415
    from microgpt_studio.window.goal import Goal  # noqa: PLC0415

    app = _application(options, None)
    kind = options.view or _FORMATS[path.suffix.lower()] or "map"
    run = ExportRun(
        subject(kind, options.focus, options.select, options.size, options.color), Goal(*options.run_to), path
    )
    app.aboutToQuit.connect(run.end)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: QTimer.singleShot(0, run.end))
    run.begin(settings)
    app.exec()
    return run.status


def _paint_first(app: QApplication, window: QWidget) -> None:
    """Have the window painted now, before a worker takes its share of the interpreter."""
    handle, deadline = window.windowHandle(), time.monotonic() + _EXPOSED_WITHIN
    while handle is not None and not handle.isExposed() and time.monotonic() < deadline:
        app.processEvents()
    app.processEvents()


def _run(settings: Settings, options: Options) -> int:
    gc.disable()  # what is imported and built now stays: to look through it again and again takes a quarter of a second
    from PySide6.QtCore import QTimer  # noqa: PLC0415

    from microgpt_studio.window import arrangement  # noqa: PLC0415
    from microgpt_studio.window.goal import Goal  # noqa: PLC0415
    from microgpt_studio.window.main_window import FIRST_SIZE, MainWindow  # noqa: PLC0415
    from microgpt_studio.window.screenshot import Screenshot  # noqa: PLC0415

    store = None if options.screenshot is not None else arrangement.default_settings()
    app = _application(options, store)
    window = MainWindow(store, options.select, None if store is None else arrangement.default_workspace())
    app.aboutToQuit.connect(window.worker.stop)
    window.session_started.connect(set_aside_what_stays)
    for number in (signal.SIGINT, signal.SIGTERM):  # 30 times a second the poller lets the interpreter look
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))  # not in the middle of painting
    window.open(options.size or (FIRST_SIZE.toTuple() if options.screenshot else None))
    _paint_first(app, window)
    gc.enable()
    if not window.isVisible():  # closed by now
        return 0
    goal, screenshot = Goal(*options.run_to), None
    if options.screenshot is not None:
        screenshot = Screenshot(window, goal, options.screenshot)
    window.begin(settings)
    if goal.command is not None:
        window.submit(goal.command)
    status = app.exec()
    return int(status) if screenshot is None else screenshot.status
