"""The rows of an inspector's page: what is written in each, and not where or how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """How the scalar is made, in words and numbers."""

    operation: str
    text: str
    full: str  # with every digit


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, or why there is none."""

    label: str
    text: str
    full: str = ""  # every digit; empty when the text is words


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a section; the columns name the numbers of its terms."""

    title: str
    note: str
    columns: tuple[str, ...]
    fold: str = ""  # the name under which it opens and folds; empty: it does not
    is_open: bool = True
    is_compact: bool = False  # as its terms are


@dataclass(frozen=True, slots=True)
class Term:
    """An operand, a consumer or a cause, with its numbers in the columns; None where there is none.

    A single number stands beside the address.
    """

    scalar: int | None  # None for a constant: nowhere to go
    address: str
    operation: str  # empty where the address tells it
    columns: tuple[str, ...]
    numbers: tuple[float | None, ...]
    marked: bool = False  # it stands out; the words of `operation` say why
    tip: str = ""  # what hovering over the address tells; empty: the address
    is_compact: bool = False  # its numbers stand beside the address however many they are


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    text: str
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """Something with its size as a bar: a group of contributions, which opens, or how many there are of something."""

    label: str
    share: float  # of the bar's room, -1 to 1; nan: none
    number: float
    share_text: str = ""  # empty: none is written
    is_signed: bool = True  # the bar begins in the middle
    fold: str = ""  # as of a heading
    is_open: bool = False
    tip: str = ""
    number_name: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Room for fields and buttons."""

    name: str


Row = Formula | Fact | Heading | Term | Note | Bar | Form


@dataclass(frozen=True, slots=True)
class Page:
    """All rows about one scalar, from the top."""

    scalar: int
    address: str
    complete: bool  # False while the numbers are on their way
    rows: tuple[Row, ...]
