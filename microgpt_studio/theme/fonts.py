"""The two bundled type families: Inter for text, JetBrains Mono for numbers, addresses and code."""

from functools import cache
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

TEXT_FAMILY = "Inter"
NUMBER_FAMILY = "JetBrains Mono"
BODY = 13  # pixels at text scale 1
SMALL = 11

_FILES = (
    "Inter-Regular.ttf",
    "Inter-Bold.ttf",
    "JetBrainsMono-Regular.ttf",
    "JetBrainsMono-Bold.ttf",
)


class FontError(RuntimeError):
    """A bundled font is missing or unreadable."""


@cache
def load_fonts() -> None:
    """Make both families known to Qt, once; needs a QGuiApplication. FontError says which file is missing."""
    directory = fonts_directory()
    for name in _FILES:
        path = directory / name
        if not path.is_file():
            raise FontError(f"The font {name} is missing from {directory}; reinstall microgpt Studio.")
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FontError(f"The font {path} cannot be read; reinstall microgpt Studio.")


def fonts_directory() -> Path:
    """Where the font files are: inside the installed package, or assets/fonts of a source checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "assets" / "fonts"
    return installed if installed.is_dir() else package.parent / "assets" / "fonts"


def text_font(scale: float = 1.0, *, size: int = BODY, bold: bool = False) -> QFont:
    """The text face, with tabular figures; `size` in device-independent pixels before scaling. To be read only."""
    return _text_font(max(1, round(size * scale)), bold)


def number_font(scale: float = 1.0, *, size: int = BODY, bold: bool = False) -> QFont:
    """The monospaced face, without ligatures: `!=` stays two characters; `size` as in `text_font`. To be read only."""
    return _number_font(max(1, round(size * scale)), bold)


# One object for each look: a picture asks for hundreds of fonts, and a new one is looked up with its first text.


@cache
def _text_font(pixels: int, bold: bool) -> QFont:
    font = _font(TEXT_FAMILY, pixels, bold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def _number_font(pixels: int, bold: bool) -> QFont:
    font = _font(NUMBER_FAMILY, pixels, bold)
    font.setFeature(QFont.Tag("calt"), 0)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def _font(family: str, pixels: int, bold: bool) -> QFont:
    font = QFont([family])
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font
