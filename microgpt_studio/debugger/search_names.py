"""Names: which scalars the words of a search mean, exactly or nearly. No address of a scalar is built for it.

A word is held against the components of the tensors' paths ("pos3", "attn", "q"), of which there are some hundreds;
numbers are elements, and the word of an operation means what is inside an element. The readings that are nearest to
what was typed are the meaning, all others none.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Operation, Program
from microgpt_studio.debugger.search_query import OPERATIONS, Query, QueryError, parse

Costs = npt.NDArray[np.float64]  # how far from what was typed; inf: not meant
Flags = npt.NDArray[np.bool_]
_Test = Callable[[str], bool]

# The cost of a component that ...
_ABBREVIATED = 1.0  # ... has the same number, and a name that begins so: "l0" for layer0
_BEGUN = 2.0  # ... begins so
_PART_BEGUN = 3.0  # ... has a part after an underscore that begins so: "wq" for attn_wq
_INSIDE = 4.0  # ... contains it
_NEAR = 6.0  # ... is nearly so; more, the less it is
_SPLIT = 0.5  # more where a number at the end is taken for an index: "q5" for q[5]
_LEAST_RATIO = 60.0  # of characters in common, in percent, for two words to be nearly the same
_SHORTEST = 3  # characters of a word that may be nearly another, or inside of it
_MOST_READINGS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """Scalars of some tensors, T of all: those of one element, if one is said, and made in one way, if one is."""

    tensors: Flags  # (T,)
    index: tuple[int, ...] = ()  # of the element; of a matrix also a row alone
    operation: Operation | None = None
    ordinal: int | None = None
    scalar: int | None = None  # it alone: its exact address was typed


class Names:
    """The vocabulary of one program."""

    def __init__(self, addresses: Addresses) -> None:
        self.addresses = addresses
        program = addresses.program
        self.paths = [tensor.path for tensor in program.tensors]
        self.stages = [tensor.stage for tensor in program.tensors]
        self.starts = np.array([tensor.start for tensor in program.tensors])
        self.stops = np.array([tensor.stop for tensor in program.tensors])
        self.is_parameter = self.stops <= program.num_parameters
        shapes = [tensor.shape for tensor in program.tensors]
        self._dimensions = np.array([len(shape) for shape in shapes])
        self._sizes = np.array([(*shape, 1, 1)[:2] for shape in shapes])
        self._known = frozenset(self.paths)
        split = [path.split(".") for path in self.paths]
        self.components = list(dict.fromkeys(itertools.chain.from_iterable(split)))
        row = {component: i for i, component in enumerate(self.components)}
        self._has = np.zeros((len(self.components), len(self.paths)), dtype=np.bool_)
        for i, path in enumerate(split):
            self._has[[row[component] for component in path], i] = True

    @property
    def program(self) -> Program:
        return self.addresses.program

    def scope(self, scope: str) -> Flags:
        """(T,) the tensors with this path or inside it; of the graph, where none has it, those at all positions."""
        inside = scope + "."
        found = np.array([path == scope or path.startswith(inside) for path in self.paths])
        if not (found & ~self.is_parameter).any():
            found |= np.array([stage == scope or stage.startswith(inside) for stage in self.stages])
        return found

    def why_no_scope(self, scope: str) -> str:
        """The sentence for a scope in which there is nothing, with the nearest one in which there is."""
        path = scope.partition("[")[0]
        if path != scope and self.scope(path).any():
            return f"{scope!r} is not a scope: a scope has no index; did you mean {path}?"
        position = re.match(r"pos([0-9]{1,9})(?![0-9])", scope)
        block = self.program.config.block_size
        if position is not None and int(position[1]) >= block:
            return f"there is no position {int(position[1])}: the block has positions 0 to {block - 1}"
        scopes = dict.fromkeys(
            ".".join(words[:depth])
            for words in (path.split(".") for path in (*self.stages, *self.paths))
            for depth in range(1, len(words) + 1)
        )
        return f"there is no scope {scope!r}; did you mean {_nearest(path, list(scopes))}?"

    def find(self, words: Sequence[str], among: Flags) -> list[Meaning]:
        """What words mean together among (T,) tensors: the nearest readings; none where nothing there is called so."""
        exact = self._exact(words)
        if exact is not None and (exact.tensors & among).any():
            return [replace(exact, tensors=exact.tensors & among)]
        parts = [_parts(word, self._is_component) for word in _joined(words, self._is_component)]
        readings: list[tuple[float, Meaning]] = []
        choices = [self._readings(part) for part in itertools.chain.from_iterable(parts)]
        if not choices:
            return []  # dots alone
        for chosen in itertools.islice(itertools.product(*choices), _MOST_READINGS):
            readings += self._combined(chosen, among)
        least = min((cost for cost, _ in readings), default=np.inf)
        return [meaning for cost, meaning in readings if cost == least]

    def why_none(self, words: Sequence[str]) -> str:
        """The sentence for words that mean nothing, with something that is called nearly so."""
        typed = " ".join(words)
        without = [name for word in words if (name := re.sub(r"\[.*?\]|(?<![A-Za-z_])[0-9]+$", "", word).strip("."))]
        everywhere = np.ones(len(self.paths), dtype=np.bool_)
        named = self.find(without, everywhere) if without and without != list(words) else []
        if named:
            tensor = self.program.tensors[int(np.flatnonzero(named[0].tensors)[0])]
            shape = "×".join(map(str, tensor.shape)) or "a single scalar"
            return f"nothing is called {typed!r}: the shape of {tensor.path} is {shape}"
        choices = list(dict.fromkeys((*self.stages, *self.paths)))
        near = _nearest(".".join(without).lower(), choices)
        return f"nothing is called {typed!r}; did you mean {near}?"

    def _exact(self, words: Sequence[str]) -> Meaning | None:
        """The meaning of one word that is an address, or a path, as it is written."""
        if len(words) != 1:
            return None
        scalar = self._parsed(words[0])
        if scalar is None:
            path = words[0]
            whole = np.array([path in both and "." in path for both in zip(self.paths, self.stages, strict=True)])
            return Meaning(whole) if whole.any() else None
        program = self.program
        tensor = program.tensors[program.tensor[scalar]]
        tensors = np.arange(len(self.paths)) == program.tensor[scalar]
        if program.ordinal[scalar] >= 0:
            return Meaning(tensors, scalar=scalar)
        element = int(program.element[scalar])
        match len(tensor.shape):
            case 0:
                return Meaning(tensors)  # with the sums that lead to it
            case 1:
                return Meaning(tensors, (element,))
        return Meaning(tensors, divmod(element, tensor.shape[1]))

    def _parsed(self, address: str) -> int | None:
        """The id of an address; None for anything else, without a look for the nearest address."""
        if not {text.partition("[")[0] for text in (address, _INNER.sub("", address))} & self._known:
            return None
        try:
            return self.addresses.parse(address)
        except AddressError:
            return None

    def _is_component(self, word: str) -> bool:
        return word in self.components

    def _readings(self, part: _Part) -> list[_Reading]:
        """What a part may mean."""
        if part.operation is not None:
            return [_Reading(None, (), part.operation, part.ordinal)]
        if not part.name:
            return [_Reading(None, part.index)]
        readings = [_Reading(self._costs(part.name), part.index)]
        split = re.fullmatch(r"(.*?[A-Za-z_])([0-9]{1,6})", part.name)
        if split is not None and not self._is_component(part.name):
            costs = self._costs(split[1], numbered=False) + _SPLIT
            readings.append(_Reading(costs, (int(split[2]), *part.index)))
        return readings

    def _costs(self, name: str, *, numbered: bool = True) -> Costs:
        """(T,) the cost of a name for every tensor: that of its nearest component, which may end with a number."""
        allowed = (numbered or not _stem(component)[1] for component in self.components)
        each = np.array(
            [
                _cost(name, component) if is_allowed else np.inf
                for component, is_allowed in zip(self.components, allowed, strict=True)
            ]
        )
        costs: Costs = np.where(self._has, each[:, None], np.inf).min(axis=0)
        return costs

    def _combined(self, chosen: Sequence[_Reading], among: Flags) -> list[tuple[float, Meaning]]:
        """The nearest tensors that fit one reading of every part, with their cost."""
        index = tuple(itertools.chain.from_iterable(reading.index for reading in chosen))
        operations = {(r.operation, r.ordinal) for r in chosen if r.operation is not None}
        if len(index) > 2 or len(operations) > 1:
            return []
        costs: Costs = np.zeros(len(self.paths))
        for reading in chosen:
            if reading.costs is not None:
                costs = costs + reading.costs
        costs[~(self._fits(index) & among)] = np.inf
        least = float(costs.min())
        if not np.isfinite(least):
            return []
        operation, ordinal = next(iter(operations), (None, None))
        return [(least, Meaning(costs == least, index, operation, ordinal))]

    def _fits(self, index: tuple[int, ...]) -> Flags:
        """(T,) the tensors that have an element with this index, or a row."""
        fits: Flags = self._dimensions >= len(index)
        for axis, number in enumerate(index):
            fits &= number < self._sizes[:, axis]
        return fits


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of what was typed."""

    name: str
    index: tuple[int, ...] = ()
    operation: Operation | None = None
    ordinal: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    """What a piece may mean."""

    costs: Costs | None  # (T,); None: it names no tensor
    index: tuple[int, ...]
    operation: Operation | None = None
    ordinal: int | None = None


_INNER = re.compile(r"\.[a-z]+\[[0-9]+\]\Z")
_INDEX = re.compile(r"(.*?)(?:\[([0-9]{1,9})(?:,([0-9]{1,9}))?\])?")


def _nearest(typed: str, choices: Sequence[str]) -> str:
    """The first of those that are most like what was typed."""
    found: str = process.extract(typed, choices, scorer=fuzz.ratio, limit=1)[0][0]
    return found


def _joined(words: Sequence[str], is_component: _Test) -> list[str]:
    """The words in lower case; a number that makes a name with the word before stands with it: "head 2"."""
    joined: list[str] = []
    for word in (word.lower() for word in words):
        if joined and word.isdecimal() and (is_component(joined[-1] + word) or joined[-1] in OPERATIONS):
            glued = joined[-1] + word
            joined[-1] = glued if is_component(glued) else f"{joined[-1]}[{word}]"
        else:
            joined.append(word)
    return joined


def _parts(word: str, is_component: _Test) -> list[_Part]:
    """The pieces of a word between its dots."""
    parts = []
    for piece in word.split("."):
        found = _INDEX.fullmatch(piece)
        assert found is not None, "every text is at least a name"
        name, index = found[1], tuple(int(number) for number in found.groups()[1:] if number is not None)
        if name in OPERATIONS and not is_component(name) and len(index) <= 1:
            parts.append(_Part("", (), OPERATIONS[name], index[0] if index else None))
        elif name in OPERATIONS and parts and parts[-1].index and len(index) == 1:
            parts.append(_Part("", (), OPERATIONS[name], index[0]))  # relu[3].relu[0]
        elif name.replace(",", "").isdecimal() and not index:
            parts.append(_Part("", tuple(int(number) for number in name.split(",") if number)))
        elif name or index:
            parts.append(_Part(name, index))
    return parts


def _cost(name: str, component: str) -> float:
    """How far a component is from what was typed."""
    if name == component:
        return 0.0
    (stem, number), (begun, wanted) = _stem(component), _stem(name)
    if wanted and wanted == number and stem.startswith(begun):
        return _ABBREVIATED
    if component.startswith(name):
        return _BEGUN
    if any(part.startswith(name) for part in component.split("_")[1:]):
        return _PART_BEGUN
    if len(name) < _SHORTEST:
        return np.inf
    if name in component:
        return _INSIDE
    ratio = fuzz.ratio(name, component) if not wanted or wanted == number else 0.0  # no number is nearly another
    return _NEAR + (100.0 - ratio) / 25.0 if ratio >= _LEAST_RATIO else np.inf


def _stem(word: str) -> tuple[str, str]:
    """A word, and the number at its end."""
    stem = word.rstrip("0123456789")
    return stem, word[len(stem) :]


def understood(line: str, names: Names) -> Query:
    """The query of a line, for a program. Raises QueryError, also for a scope that the program does not have."""
    query = parse(line)
    if query.scope is not None and not names.scope(query.scope).any():
        raise QueryError(names.why_no_scope(query.scope), query.scope_column, len(query.scope))
    return query
