"""The numbers of a snapshot: all that can be reached in it and mean something, and whether a figure is one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats, Program
from microgpt_studio.debugger.snapshot import Description, ParameterNumbers, Reach
from tests.window.shown_figures import Figure, figures_in

_THERE = (Reach.KNOWN, Reach.PARTIAL)
_MARGIN = 0.15  # of what an axis has to show, by which it may reach farther


class Numbers:
    """Numbers among which figures are looked for, and the ranges of those that stand together in an array."""

    def __init__(self, arrays: Iterable[Floats]) -> None:
        finite = [array[np.isfinite(array)] for array in arrays]
        self._sorted: Floats = np.unique(np.concatenate([np.empty(0), *(array.ravel() for array in finite)]))
        self._magnitudes: Floats = np.unique(np.abs(self._sorted))
        self._ranges = {(float(array.min()), float(array.max())) for array in finite if array.size}

    def __len__(self) -> int:
        return len(self._sorted)

    def has(self, figure: Figure, *, magnitude: bool = False) -> bool:
        """Whether one of them, rounded to the digits of a figure, is that figure."""
        if magnitude:
            return bool(_near(self._magnitudes, np.array([abs(figure.value)]), figure.half)[0])
        return bool(_near(self._sorted, np.array([figure.value]), figure.half)[0])

    def share_by_chance(self, figure: Figure, random: np.random.Generator, times: int = 20) -> float:
        """In how many of all cases any other figure of as many digits, of the same order of magnitude, is there too."""
        first = 10 ** (figure.digits - 1)
        others = random.integers(first, 10 * first, times) * 2.0 * figure.half * np.copysign(1.0, figure.value)
        return float(_near(self._sorted, others, figure.half).mean())

    def has_axis(self, ticks: Floats) -> bool:
        """Whether ticks lie along a range of theirs, with 0 or without it, and are not far less than it."""
        low, high, step = float(ticks.min()), float(ticks.max()), float(np.diff(np.sort(ticks)).min())
        for start, end in self._ranges:
            for first, last in ((start, end), (min(start, 0.0), max(end, 0.0))):
                room = _MARGIN * (last - first if first < last else abs(last) or 10.0) + 1e-9 * step
                if first - room <= low and high <= last + room and high - low >= (last - first) - 2.0 * step - room:
                    return True
        return False

    def has_magnitudes_around(self, decades: Floats) -> bool:
        """Whether powers of ten begin and end not beyond the decades of the smallest and the largest of them."""
        powers, sizes = np.abs(decades[decades != 0.0]), self._magnitudes[self._magnitudes > 0.0]
        return bool(len(powers) and len(sizes) and sizes[0] <= 10.0 * powers.min() and powers.max() <= 10.0 * sizes[-1])


def _near(among: Floats, values: Floats, half: float) -> npt.NDArray[np.bool_]:
    """Which values have one of those within half a place."""
    if not len(among):
        return np.zeros(len(values), dtype=np.bool_)
    reach = half * (1.0 + 1e-6) + 1e-15 * np.abs(values)
    after = np.searchsorted(among, values).clip(0, len(among) - 1)
    before = (after - 1).clip(0)
    return (np.abs(among[after] - values) <= reach) | (np.abs(among[before] - values) <= reach)


def arrays_in(thing: object) -> Iterator[Floats]:
    """Every number that can be reached: in fields, properties, arrays and texts; and the sizes of what is many."""
    match thing:
        case None | Enum() | Program() | Addresses() | type():
            return
        case bool() | int() | float() | np.generic():
            yield np.array([float(thing)])  # type: ignore[arg-type]
        case str():
            yield np.array([figure.value for figure in figures_in(thing)])
        case np.ndarray():
            yield from (np.array([float(size)]) for size in thing.shape)
            if thing.dtype.kind in "biuf":
                whole = thing.astype(np.float64)
                yield whole
                yield from whole.T if whole.ndim == 2 else ()
        case Mapping():
            yield np.array([float(len(thing))])
            for pair in thing.items():
                yield from arrays_in(pair)
        case tuple() | list() | set() | frozenset():
            yield np.array([float(len(thing))])
            for each in thing:
                yield from arrays_in(each)
        case _ if is_dataclass(thing):
            for name in _parts(thing):
                yield from arrays_in(_known(thing, name))


def _parts(thing: Any) -> list[str]:
    """Fields and properties."""
    of_class = [name for name, what in vars(type(thing)).items() if isinstance(what, property)]
    return [field.name for field in fields(thing)] + of_class


def _known(thing: Any, name: str) -> Any:
    """A part without the numbers of which another part says that they mean nothing."""
    value = getattr(thing, name)
    if isinstance(thing, ParameterNumbers) and name == "change":
        return value[: thing.num_updated]
    for other in (f"{name}_reach", f"{name.removesuffix('s')}_reach", "reach", "known", f"{name}_known", "passes"):
        reach = getattr(thing, other, None)
        if other == name or reach is None or isinstance(value, (str, tuple)):
            continue
        if isinstance(reach, Reach):
            return value if reach in _THERE else None
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.shape[-reach.ndim :] == reach.shape:
            there = reach if reach.dtype == np.bool_ else np.isin(reach, _THERE)
            return np.where(there, value, np.nan)
    return value


def sizes_of(description: Description) -> Iterator[Floats]:
    """What a session's settings say, and how large its program is."""
    program = description.program
    yield from arrays_in(description.settings)
    sizes = [description.num_documents, description.tokenizer.vocab_size, program.num_scalars, program.num_parameters]
    for tensor in program.tensors:
        sizes += [tensor.size, *tensor.shape]
    yield from (np.array([float(size)]) for size in sizes)
