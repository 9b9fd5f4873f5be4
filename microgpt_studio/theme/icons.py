"""The program's icons, drawn in the palette's colours from one icon font (Codicons, through QtAwesome)."""

from enum import StrEnum
from functools import cache
from typing import Any

from PySide6.QtGui import QIcon

from microgpt_studio.theme.palette import Palette


class Icon(StrEnum):
    """What an icon stands for; the value is its glyph in the icon font."""

    RUN = "debug-continue"
    PLAY = "play"
    PAUSE = "debug-pause"
    STEP = "debug-step-over"
    STEP_INTO = "debug-step-into"
    STEP_OUT = "debug-step-out"
    STEP_BACK = "debug-step-back"
    RUN_TO = "run-below"
    RUN_BACK = "debug-reverse-continue"
    RESTART = "debug-restart"
    BREAKPOINT = "debug-breakpoint"
    OPEN = "folder-opened"
    SAVE = "save"
    EXPORT = "export"
    SETTINGS = "settings-gear"
    NEW = "new-file"
    ZOOM_IN = "zoom-in"
    ZOOM_OUT = "zoom-out"
    ZOOM_FIT = "screen-full"
    ZOOM_SELECTION = "target"
    MAP = "map"
    PATH = "type-hierarchy-super"
    LOCK = "lock"
    UNLOCK = "unlock"
    COPY = "copy"
    THEME = "color-mode"
    LINK = "link"
    ARROW = "arrow-right"
    BACK = "arrow-left"
    SAMPLE = "beaker"
    WATCH = "eye"
    ADD = "add"
    REMOVE = "close"
    SEARCH = "search"
    HELP = "question"
    LESSON = "book"
    HISTORY = "history"
    WARNING = "warning"
    ERROR = "error"


def icon(name: Icon | str, palette: Palette, *, color: str | None = None) -> QIcon:
    """The icon in the palette's text colour, or `color` ("#rrggbb"); ask again after a theme switch.

    `name` is an Icon or its member name in any case, "run-to" as well as "run_to". Needs a QApplication.
    """
    glyph = name if isinstance(name, Icon) else _named(name)
    result: QIcon = _font().icon(f"msc.{glyph.value}", color=color or palette.text, color_disabled=palette.faint)
    return result


def _named(name: str) -> Icon:
    try:
        return Icon[name.upper().replace("-", "_")]
    except KeyError:
        raise ValueError(f"There is no icon named {name!r}.") from None


@cache
def _font() -> Any:
    # Imported here, and with this one font of twelve: QtAwesome takes a tenth of a second to import.
    from qtawesome.iconic_font import IconicFont  # noqa: PLC0415

    return IconicFont(("msc", "codicon-0.0.36.ttf", "codicon-charmap-0.0.36.json"))
