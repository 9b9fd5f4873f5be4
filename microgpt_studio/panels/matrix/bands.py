"""Bands: the names along an axis, from positions down to single scalars. A band is a run of places with one name."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import groupby

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Operation, Tensor
from microgpt_studio.debugger.edges import Edges
from microgpt_studio.debugger.snapshot import Description


class Level(IntEnum):
    """How fine bands are."""

    POSITION = 0  # or all parameters, or the sums and the loss
    BLOCK = 1  # "layer0.attn"; what belongs to no block is a block of its own
    TENSOR = 2
    ELEMENT = 3  # with its expression; of a matrix of parameters, a row
    SCALAR = 4


_MOST_KNOWN = 1 << 12  # tensors, and scalars, whose names are kept: to make one takes longer than to draw it
# Places in sight from which elements and scalars have no names: they could not be read, and would cost a frame.
_MOST_PLACES = {Level.ELEMENT: 1 << 13, Level.SCALAR: 1 << 9}


@dataclass(frozen=True, slots=True)
class Band:
    """The places start ≤ place < stop."""

    start: int
    stop: int
    path: str  # its whole name
    name: str  # what tells it from the other bands in the next coarser one

    @property
    def size(self) -> int:
        return self.stop - self.start


class Bands:
    """The bands of one document's graph, both axes alike."""

    def __init__(self, description: Description, edges: Edges, alike: Bands | None = None) -> None:
        """`alike` are the bands of a document of the same length: theirs have other tokens, and else the same names."""
        self._description = description
        self._edges = edges
        if alike is None:
            program = description.program
            shown = [t for t in program.tensors if t.stop <= edges.sums_place or t.start >= edges.sums_id]
            self._fixed: tuple[list[Band], ...] = (
                self._grouped(shown, lambda t: (t.position, t.stop <= program.num_parameters), self._position_band),
                self._grouped(shown, lambda t: (t.position, _block(t)), _block_band),
                self._grouped(shown, lambda t: t.path, _tensor_band),
            )
            self._bounds = tuple(np.array([(band.start, band.stop) for band in bands]) for bands in self._fixed)
            self._starts = tuple([band.start for band in bands] for bands in self._fixed)
            self._layers = _by_layer(self._grouped(shown, lambda t: (t.position, _layer(t)), _layer_band))
            self._known_elements: dict[int, list[Band]] = {}  # of a tensor's first place
            self._known_scalars: dict[int, Band] = {}
        else:
            positions, *finer = alike._fixed
            inner = [replace(band, path=self._position_name(p)) for p, band in enumerate(positions[1:-1])]
            self._fixed = ([positions[0], *inner, positions[-1]], *finer)
            self._bounds, self._starts, self._layers = alike._bounds, alike._starts, alike._layers
            self._known_elements, self._known_scalars = alike._known_elements, alike._known_scalars

    @property
    def num_places(self) -> int:
        """Scalars of the document's graph."""
        return self._edges.num_scalars

    def within(self, level: Level, start: int, stop: int) -> Sequence[Band]:
        """The bands of a level of which some is in start ≤ place < stop, in order.

        None for elements and scalars where there would be too many of them to be read.
        """
        start, stop = max(start, 0), min(stop, self.num_places)
        if start >= stop:
            return ()
        if level <= Level.TENSOR:
            starts = self._starts[level]
            return self._fixed[level][bisect_right(starts, start) - 1 : bisect_left(starts, stop)]
        if stop - start > _MOST_PLACES[level]:
            return ()
        if level is Level.SCALAR:
            return [self._scalar_band(place) for place in range(start, stop)]
        return [
            band
            for tensor in self.within(Level.TENSOR, start, stop)
            for band in self._elements(tensor)
            if band.stop > start and band.start < stop
        ]

    def layers(self, start: int, stop: int) -> tuple[Sequence[Band], ...]:
        """The bands of each layer of which some is in start ≤ place < stop: its parameters, and its part of positions.

        They are coarser than blocks. Between them is what belongs to no layer.
        """
        return tuple(
            bands[bisect_right(bands, start, key=_stop_of) : bisect_left(bands, stop, key=_start_of)]
            for bands in self._layers
        )

    def sizes(self, level: Level, start: int, stop: int) -> npt.NDArray[np.int64]:
        """How many places start ≤ place < stop each of these bands has."""
        start, stop = max(start, 0), min(stop, self.num_places)
        if level <= Level.TENSOR and start < stop:
            starts = self._starts[level]
            here = slice(bisect_right(starts, start) - 1, bisect_left(starts, stop))
            begins, ends = self._bounds[level][here].T
        else:
            bands = self.within(level, start, stop)
            begins, ends = np.array([(band.start, band.stop) for band in bands], dtype=np.int64).reshape(-1, 2).T
        sizes: npt.NDArray[np.int64] = np.minimum(ends, stop) - np.maximum(begins, start)
        return sizes

    def at(self, level: Level, place: int) -> Band:
        """The band of a level that has a place."""
        return self.within(level, place, place + 1)[0]

    def address(self, place: int) -> str:
        """The address of the scalar at a place."""
        return self._description.addresses.format(self._edges.id_of(place))

    def _grouped(
        self,
        tensors: Iterable[Tensor],
        key: Callable[[Tensor], object],
        named: Callable[[Tensor], tuple[str, str]],
    ) -> list[Band]:
        bands = []
        for _, group in groupby(tensors, key):
            members = list(group)
            bands.append(Band(self._place(members[0].start), self._place(members[-1].stop), *named(members[0])))
        return bands

    def _place(self, scalar: int) -> int:
        """The place of an id, or the one behind the last."""
        edges = self._edges
        if scalar <= edges.sums_place:
            return scalar
        return edges.num_scalars if scalar > edges.loss_id else scalar - edges.sums_id + edges.sums_place

    def _position_band(self, tensor: Tensor) -> tuple[str, str]:
        if tensor.position is None:
            name = "parameters" if tensor.stop <= self._edges.num_parameters else "loss"
            return name, name
        return self._position_name(tensor.position), f"pos{tensor.position}"

    def _position_name(self, position: int) -> str:
        source, target = (_shown(self._description.token_text(self._edges.tokens[position + i])) for i in (0, 1))
        return f"pos{position} · {source}→{target}"

    def _elements(self, tensor: Band) -> list[Band]:
        """The elements of a tensor; neighbours with one name are one band."""
        if tensor.start not in self._known_elements:
            if len(self._known_elements) > _MOST_KNOWN:
                self._known_elements.clear()
            self._known_elements[tensor.start] = self._make_elements(tensor)
        return self._known_elements[tensor.start]

    def _make_elements(self, tensor: Band) -> list[Band]:
        program = self._description.program
        ids = self._edges.ids_of(tensor.start, tensor.stop)
        record = program.tensors[program.tensor[ids[0]]]
        elements, are_rows = program.element[ids], tensor.stop <= program.num_parameters
        if are_rows:
            elements = elements // record.shape[1]
        begins = np.flatnonzero(np.diff(elements, prepend=-2))
        ends = np.append(begins[1:], len(ids)) + tensor.start
        bands = []
        for begin, end, element in zip(begins.tolist(), ends.tolist(), elements[begins].tolist(), strict=True):
            index = "" if element < 0 or record.shape == () else f"[{element},:]" if are_rows else f"[{element}]"
            bands.append(Band(tensor.start + begin, end, record.path + index, index or tensor.name))
        return bands

    def _scalar_band(self, place: int) -> Band:
        if place not in self._known_scalars:
            if len(self._known_scalars) > _MOST_KNOWN:
                self._known_scalars.clear()
            self._known_scalars[place] = self._make_scalar(place)
        return self._known_scalars[place]

    def _make_scalar(self, place: int) -> Band:
        program, scalar = self._description.program, self._edges.id_of(place)
        address = self._description.addresses.format(scalar)
        if program.ordinal[scalar] >= 0:
            name = f"{Operation(program.operation[scalar]).name.lower()}[{program.ordinal[scalar]}]"
        else:
            path = program.tensors[program.tensor[scalar]].path
            name = address[len(path) :] or path.rpartition(".")[2]
        return Band(place, place + 1, address, name)


def _by_layer(bands: Iterable[Band]) -> tuple[list[Band], ...]:
    """Those of layer 0, those of layer 1 …; what belongs to no layer is left out."""
    layers: dict[str, list[Band]] = {}
    for band in bands:
        if band.name.startswith("layer"):
            layers.setdefault(band.name, []).append(band)
    return tuple(layers.values())


def _start_of(band: Band) -> int:
    return band.start


def _stop_of(band: Band) -> int:
    return band.stop


def _layer(tensor: Tensor) -> str:
    return _block(tensor).partition(".")[0]


def _layer_band(tensor: Tensor) -> tuple[str, str]:
    layer = _layer(tensor)
    return layer if tensor.position is None else f"pos{tensor.position}.{layer}", layer


def _block(tensor: Tensor) -> str:
    stage = tensor.stage
    if not stage.startswith("layer"):
        return stage
    parts = stage.split(".")
    return parts[0] if tensor.position is None else ".".join(parts[:2])


def _block_band(tensor: Tensor) -> tuple[str, str]:
    block = _block(tensor)
    return block if tensor.position is None else f"pos{tensor.position}.{block}", block


def _tensor_band(tensor: Tensor) -> tuple[str, str]:
    block = _block(tensor)
    return tensor.path, tensor.stage.removeprefix(block + ".") or block


def _shown(text: str) -> str:
    """A token as a mark that is always seen."""
    return (
        {" ": "␣", "\t": "⇥", "\n": "⏎"}.get(text, text) if text.isprintable() or text in "\t\n" else f"{ord(text):X}"
    )
