"""Completion: what may stand where the cursor is, in a line of the search or in an address, level by level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from microgpt.program.program import Operation, Tensor
from microgpt_studio.debugger.search_names import Names
from microgpt_studio.debugger.search_query import NONFINITE, OPERATIONS, QUANTITIES

_MOST = 200  # suggestions
_MOST_NEAR = 8  # that are only nearly what was typed
_SHORTEST = 3  # characters of a word for which near ones are suggested
_LEAST_RATIO = 60.0  # of characters in common, in percent

_FILTERS = {
    "scope:": "only a part of the graph",
    "op:": "only one kind of operation",
    "top:20": "the largest absolute values",
    "by:": "what they are ranked by",
    NONFINITE: "nan and infinities",
    "|grad|>": "compare a number",
    "|data|>": "compare a number",
}
_NOTES = {
    "parameter": "learned numbers",
    "sum": "a + b",
    "mul": "a × b",
    "pow": "a to a constant power",
    "log": "natural logarithm",
    "exp": "e to the power of a",
    "relu": "the larger of 0 and a",
    "data": "|data|",
    "grad": "|grad|",
    "m": "first moment, of parameters",
    "v": "second moment, of parameters",
    "update": "what the update subtracts, of parameters",
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be put in, and a few words about it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completion:
    """Suggestions for the columns from `start` to `stop` of a line."""

    start: int
    stop: int
    suggestions: tuple[Suggestion, ...] = ()


_WORD = re.compile(r"\S*\Z")
_REST = re.compile(r"\S*")
_ELEMENT = re.compile(r"(?P<path>[^\[]*)\[(?P<index>[0-9,]*)(?P<end>\]?)(?P<inner>\..*)?", re.DOTALL)


class Completer:
    """Knows the paths of one program."""

    def __init__(self, names: Names) -> None:
        self._program = names.program
        self._tensors: dict[str, Tensor] = {tensor.path: tensor for tensor in names.program.tensors}
        self._below: dict[str, list[str]] = {}  # a path, or "", and what may follow it
        for path in dict.fromkeys((*names.paths, *names.stages)):
            words = path.split(".")
            for depth, word in enumerate(words):
                below = self._below.setdefault(".".join(words[:depth]), [])
                if word not in below:
                    below.append(word)
        self._stages = list(dict.fromkeys(names.stages))

    def complete(self, line: str, column: int) -> Completion:
        """Suggestions for a line of the search."""
        before, start, stop = _word(line, column)
        name, colon, value = before.partition(":")
        if colon:
            found = tuple(self._values(name.lower(), value))
            return Completion(start + len(name) + 1, stop, found)
        others = (line[:start] + line[stop:]).lower()
        suggestions = [
            Suggestion(text, note)
            for text, note in _FILTERS.items()
            if text.startswith(before.lower()) and (text.startswith("|") or text.partition(":")[0] not in others)
        ]
        if before:
            suggestions += self._addresses(before)
        return Completion(start, stop, _useful(suggestions, before))

    def complete_address(self, line: str, column: int) -> Completion:
        """Suggestions for the address at a column of any line."""
        before, start, stop = _word(line, column)
        return Completion(start, stop, _useful(self._addresses(before), before))

    def _values(self, name: str, value: str) -> Iterable[Suggestion]:
        match name:
            case "scope":
                return _useful(self._paths(value), value)
            case "op":
                words: Iterable[str] = OPERATIONS
            case "by":
                words = QUANTITIES
            case "top":
                words = ("10", "20", "100")
            case _:
                words = ()
        return _useful([Suggestion(word, _NOTES.get(word, "")) for word in words if word.startswith(value)], value)

    def _addresses(self, typed: str) -> list[Suggestion]:
        """Addresses that begin as was typed."""
        path, dot, inner = typed.rpartition(".")
        if path in self._tensors and dot:
            return self._inside(self._tensors[path], -1, path, f".{inner}")
        element = _ELEMENT.fullmatch(typed)
        if element is not None:
            tensor = self._tensors.get(element["path"])
            if tensor is None:
                return []
            if not element["end"]:
                return self._indices(tensor, element["index"])
            return self._inner(tensor, element["index"], element["inner"] or ".")
        suggestions = self._paths(typed)
        if typed in self._tensors:
            suggestions += self._indices(self._tensors[typed], "")
        return suggestions

    def _paths(self, typed: str) -> list[Suggestion]:
        """The next word of a path: what begins as was typed, then what follows it, else what is nearly so."""
        above, dot, begun = typed.rpartition(".")
        siblings = [f"{above}{dot}{word}" for word in self._below.get(above, ()) if word.startswith(begun)]
        followers = [f"{typed}.{word}" for word in self._below.get(typed, ())] if typed else []
        found = siblings + followers
        if not found:
            found = [stage for stage in self._stages if any(part.startswith(typed) for part in stage.split("."))]
        if not found and len(begun) >= _SHORTEST:
            ratios = [max(fuzz.ratio(begun, part) for part in stage.split(".")) for stage in self._stages]
            least = max(_LEAST_RATIO, *ratios)
            found = [stage for stage, ratio in zip(self._stages, ratios, strict=True) if ratio >= least][:_MOST_NEAR]
        return [Suggestion(path, self._shape(path)) for path in found]

    def _shape(self, path: str) -> str:
        tensor = self._tensors.get(path)
        return "" if tensor is None else "×".join(map(str, tensor.shape))

    def _indices(self, tensor: Tensor, typed: str) -> list[Suggestion]:
        """Elements whose index begins as was typed; of a matrix row by row."""
        numbers = typed.split(",")
        if len(tensor.shape) == 2 and len(numbers) == 1 and typed == "":
            indices = [f"{row},0" for row in range(tensor.shape[0])]
        elif len(tensor.shape) == 2:
            rows = [row for row in map(str, range(tensor.shape[0])) if row.startswith(numbers[0])]
            rows = [row for row in rows if len(numbers) == 1 or row == numbers[0]]
            indices = [f"{row},{column}" for row in rows for column in range(tensor.shape[1])]
        else:
            indices = [str(i) for i in range(tensor.size if tensor.shape else 0)]
        return [Suggestion(f"{tensor.path}[{index}]") for index in indices if index.startswith(typed)]

    def _inner(self, tensor: Tensor, index: str, typed: str) -> list[Suggestion]:
        """The operations inside of an element."""
        numbers = [int(number) for number in index.split(",") if number]
        if len(numbers) != len(tensor.shape) or not numbers:
            return []
        element = numbers[0] if len(numbers) == 1 else numbers[0] * tensor.shape[1] + numbers[1]
        return self._inside(tensor, element, f"{tensor.path}[{index}]", typed)

    def _inside(self, tensor: Tensor, element: int, address: str, typed: str) -> list[Suggestion]:
        """The operations that belong to an element, or, -1, to the whole tensor."""
        span = slice(tensor.start, tensor.stop)
        mine = (self._program.element[span] == element) & (self._program.ordinal[span] >= 0)
        operations = self._program.operation[span][mine]
        suggestions = []
        for operation in np.unique(operations).tolist():
            word, count = Operation(operation).name.lower(), int(np.count_nonzero(operations == operation))
            texts = [f".{word}[{ordinal}]" for ordinal in range(count)]
            suggestions += [Suggestion(f"{address}{text}") for text in texts if text.startswith(typed)]
        return suggestions


def _word(line: str, column: int) -> tuple[str, int, int]:
    """What of the word at a column stands before it, and from where to where the word goes."""
    before = _WORD.search(line[:column])
    after = _REST.match(line, column)
    assert before is not None
    assert after is not None
    return before[0], before.start(), after.end()


def _useful(suggestions: Iterable[Suggestion], typed: str) -> tuple[Suggestion, ...]:
    """At most so many; none that is there already."""
    return tuple(suggestion for suggestion in suggestions if suggestion.text != typed)[:_MOST]
