"""Highlighting: what the pieces of a line of Python are; it knows no colours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String

from microgpt_studio.debugger.source import source_text


class Kind(StrEnum):
    """What a piece is; the value is the field of SyntaxColors that colours it."""

    PLAIN = ""
    KEYWORD = "keyword"
    DEFINITION = "definition"
    BUILTIN = "builtin"
    STRING = "string"
    NUMBER = "number"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line: text[start:stop]."""

    start: int
    stop: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of code with its pieces, from left to right, without blanks at the ends."""

    text: str
    pieces: tuple[Piece, ...]


# The first that a token is in decides.
_KINDS = (
    (Comment, Kind.COMMENT),
    (String.Doc, Kind.COMMENT),
    (String.Interpol, Kind.PLAIN),
    (String, Kind.STRING),
    (Number, Kind.NUMBER),
    (Operator.Word, Kind.KEYWORD),
    (Keyword, Kind.KEYWORD),
    (Name.Function, Kind.DEFINITION),
    (Name.Class, Kind.DEFINITION),
    (Name.Builtin, Kind.BUILTIN),
    (Name.Decorator, Kind.BUILTIN),
)


@cache
def code_lines(file: str) -> tuple[CodeLine, ...]:
    """The lines of a file of the algorithm ("model.py"), the first at index 0."""
    lines: list[CodeLine] = []
    text, pieces = "", list[Piece]()
    for token, value in PythonLexer(stripnl=False).get_tokens(source_text(file)):
        kind = next((kind for family, kind in _KINDS if token in family), Kind.PLAIN)
        for i, part in enumerate(value.split("\n")):
            if i:
                lines.append(CodeLine(text, tuple(pieces)))
                text, pieces = "", []
            if part:
                _extend(pieces, len(text), part, kind)
                text += part
    return tuple(lines)


def _extend(pieces: list[Piece], start: int, part: str, kind: Kind) -> None:
    """Add a part, to the last piece where it is of the same kind; blanks have no kind of their own."""
    stop = start + len(part)
    if pieces and (pieces[-1].kind is kind or part.isspace()):
        pieces[-1] = Piece(pieces[-1].start, stop, pieces[-1].kind)
    elif not part.isspace():
        pieces.append(Piece(start, stop, kind))
