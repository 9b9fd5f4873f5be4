"""The language of the search: one line of words and filters, all of which have to hold, read into a Query.

Words name scalars, exactly or nearly; filters are `scope:`, `op:`, `top:`, `by:`, `nonfinite` and comparisons such as
`|grad|>0.01`. What the words mean depends on a program, which this module does not know.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from microgpt.program.program import Operation
from microgpt_studio.debugger.quantity import Quantity

FILTERS = ("scope", "op", "top", "by")
NONFINITE = "nonfinite"
OPERATIONS = {operation.name.lower(): operation for operation in Operation}
QUANTITIES = {q.value: q for q in (Quantity.DATA, Quantity.GRAD, Quantity.M, Quantity.V, Quantity.UPDATE)}
MOST = 10_000  # that `top:` may ask for
USUAL = 100  # that are listed where nothing else is said


class QueryError(ValueError):
    """A line that means nothing; `column` (from 0) is where, `length` how long the wrong part is."""

    def __init__(self, sentence: str, column: int, length: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.column = column
        self.length = length


class Relation(StrEnum):
    """How a number is compared."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    NOT_EQUAL = "!="
    AT_LEAST = ">="
    MORE = ">"

    @property
    def holds(self) -> Callable[[Any, Any], Any]:
        """The comparison of two numbers, or of arrays; with nan as in Python."""
        return _RELATIONS[self]


_RELATIONS: dict[Relation, Callable[[Any, Any], Any]] = {
    Relation.LESS: operator.lt,
    Relation.AT_MOST: operator.le,
    Relation.EQUAL: operator.eq,
    Relation.NOT_EQUAL: operator.ne,
    Relation.AT_LEAST: operator.ge,
    Relation.MORE: operator.gt,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number of the scalar, or its absolute value, beside a limit."""

    quantity: Quantity
    absolute: bool
    relation: Relation
    limit: float

    @property
    def subject(self) -> str:
        """What is compared: "|grad|"."""
        return f"|{self.quantity}|" if self.absolute else str(self.quantity)

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.limit!r}"


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. Everything that is said has to hold; nothing said: every scalar."""

    words: tuple[str, ...] = ()
    scope: str | None = None
    operation: Operation | None = None
    comparisons: tuple[Comparison, ...] = ()
    nonfinite: bool = False
    top: int | None = None  # so many with the largest absolute value of `by`
    by: Quantity | None = None  # what they are ranked by; always there with `top`
    scope_column: int = field(default=0, compare=False)  # where the scope was typed

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said."""
        return self == Query()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The numbers that it is about, each once."""
        ranked = () if self.by is None else (self.by,)
        return tuple(dict.fromkeys((*ranked, *(comparison.quantity for comparison in self.comparisons))))


_SPACE = re.compile(r"\s*")
_WORD = re.compile(r"(?:\[\s*[0-9]+(?:\s*,\s*[0-9]+)?\s*\]|\S)+")
_NAME = re.compile(r"(?:\[\s*[0-9]+(?:\s*,\s*[0-9]+)?\s*\]|[\w.,])+")
_FILTER = re.compile(r"([A-Za-z_]+):(\S*)")
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|inf)"
_COMPARISON = re.compile(
    r"(?P<bar>\|?)\s*(?P<name>[A-Za-z_]+)\s*(?P<end>\|?)\s*(?P<relation>[<>]=?|[≤≥≠]|!=|==?)\s*(?P<number>"
    + _NUMBER
    + r")(?=\s|$)"
)
_SPELLINGS = {"==": "=", "≤": "<=", "≥": ">=", "≠": "!="}
_NOT_FINITE = frozenset({"nan", "inf", "infinity", "infinite", "non-finite", "notfinite"})


def parse(text: str) -> Query:
    """The query of a line. Raises QueryError."""
    said = _Said()
    column = _skip(text, 0)
    while column < len(text):
        column = _skip(text, _read(text, column, said))
    if said.top is not None and said.by is None:
        said.by = Quantity.GRAD
    return Query(
        tuple(said.words),
        said.scope,
        said.operation,
        tuple(said.comparisons),
        said.nonfinite,
        said.top,
        said.by,
        said.scope_column,
    )


@dataclass
class _Said:
    """What has been read so far."""

    words: list[str] = field(default_factory=list)
    scope: str | None = None
    operation: Operation | None = None
    comparisons: list[Comparison] = field(default_factory=list)
    nonfinite: bool = False
    top: int | None = None
    by: Quantity | None = None
    scope_column: int = 0


def _skip(text: str, column: int) -> int:
    found = _SPACE.match(text, column)
    assert found is not None, "no space is a match too"
    return found.end()


def _read(text: str, column: int, said: _Said) -> int:
    """Read what begins at a column; returns where it ends."""
    if (found := _COMPARISON.match(text, column)) is not None:
        said.comparisons.append(_comparison(found))
        return found.end()
    if (found := _FILTER.match(text, column)) is not None:
        _read_filter(found, said)
        return found.end()
    word = _WORD.match(text, column)
    assert word is not None, "not at a space"
    whole, length = word[0], word.end() - column
    if whole.lower() == NONFINITE:
        said.nonfinite = True
        return word.end()
    if whole.lower() in _NOT_FINITE:
        raise QueryError(f"no scalar is called {whole!r}; did you mean {NONFINITE}?", column, length)
    if any(sign in whole for sign in "<>=|≤≥≠"):
        raise QueryError(f"{whole!r} is no comparison; write one such as |grad|>0.01 or data=0", column, length)
    name = _NAME.match(text, column)
    if name is None or name.end() != word.end():
        wrong = column if name is None else name.end()
        if text[wrong] == "[":
            raise QueryError("an index is one or two numbers in brackets, as in q[5] or wq[5,7]", wrong, 1)
        raise QueryError(f"{text[wrong]!r} is in no address and in no filter", wrong, 1)
    said.words.append(re.sub(r"\s", "", whole))
    return word.end()


def _comparison(found: re.Match[str]) -> Comparison:
    name = found["name"].lower()
    if name not in QUANTITIES:
        column = found.start("name")
        raise QueryError(_no_quantity(found["name"]), column, len(name))
    if found["bar"] != found["end"]:
        raise QueryError(f"an absolute value has two bars: |{name}|", found.start(), found.end() - found.start())
    relation = Relation(_SPELLINGS.get(found["relation"], found["relation"]))
    return Comparison(QUANTITIES[name], bool(found["bar"]), relation, float(found["number"]))


def _read_filter(found: re.Match[str], said: _Said) -> None:
    name, value = found[1].lower(), found[2]
    if name not in FILTERS:
        there_are = ", ".join(f"{each}:" for each in FILTERS)
        raise QueryError(
            f"there is no filter {name!r}; there are {there_are} and {NONFINITE}", found.start(), len(name)
        )
    if getattr(said, "operation" if name == "op" else name) is not None:
        raise QueryError(f"{name}: is there twice", found.start(), len(found[0]))
    column = found.start(2)
    if not value:
        raise QueryError(_MISSING[name], column, 1)
    match name:
        case "scope":
            said.scope, said.scope_column = value, column
        case "op":
            if value.lower() not in OPERATIONS:
                there_are = ", ".join(OPERATIONS)
                raise QueryError(f"there is no operation {value!r}; there are {there_are}", column, len(value))
            said.operation = OPERATIONS[value.lower()]
        case "top":
            if not re.fullmatch("[0-9]{1,9}", value) or not 1 <= int(value) <= MOST:
                raise QueryError(f"top: takes a number from 1 to {MOST:,}, not {value!r}", column, len(value))
            said.top = int(value)
        case "by":
            if value.lower().strip("|") not in QUANTITIES:
                raise QueryError(_no_quantity(value), column, len(value))
            said.by = QUANTITIES[value.lower().strip("|")]


_MISSING = {
    "scope": "scope: takes a path such as pos3.layer0.attn, or layer0.attn for all positions",
    "op": f"op: takes one of {', '.join(OPERATIONS)}",
    "top": "top: takes a number, as in top:20",
    "by": f"by: takes one of {', '.join(QUANTITIES)}",
}


def _no_quantity(name: str) -> str:
    return f"a scalar has no number {name!r}; there are {', '.join(QUANTITIES)}"
