"""Fields: the pieces of text and the shapes that a page is drawn from, and the face of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont

from microgpt_studio.theme import Theme
from microgpt_studio.theme.fonts import SMALL


class Style(Enum):
    """How a field is written."""

    TITLE = auto()
    TEXT = auto()
    QUIET = auto()  # words beside numbers
    SMALL = auto()  # names of columns
    NUMBER = auto()
    SMALL_NUMBER = auto()
    LINK = auto()
    MARK = auto()  # a shape, no text
    OPEN = auto()  # a triangle that points down
    FOLDED = auto()  # a triangle that points to the right
    BAR = auto()  # as long as its share
    WARNING = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of text at a place."""

    rect: QRectF
    text: str
    style: Style
    copied: str = ""  # what the copy key takes; empty: this field is not for copying
    name: str = ""  # what the number is
    scalar: int | None = None  # where a link goes
    right: bool = False  # aligned to the right edge
    wraps: bool = False
    tip: str = ""  # what hovering tells; empty: the name and what is copied
    fold: str = ""  # what a click opens or folds
    share: float = 0.0  # of a bar
    is_signed: bool = False  # the bar begins in the middle

    @property
    def can_be_used(self) -> bool:
        """Whether the pointer or the keyboard can do something with it."""
        return bool(self.copied or self.fold)


def font(style: Style, theme: Theme) -> QFont:
    """The face that a style is written in."""
    if style is Style.TITLE:
        return theme.text_font(bold=True)
    if style in (Style.NUMBER, Style.LINK):
        return theme.number_font()
    if style is Style.SMALL_NUMBER:
        return theme.number_font(SMALL)
    return theme.text_font(SMALL) if style is Style.SMALL else theme.text_font()
