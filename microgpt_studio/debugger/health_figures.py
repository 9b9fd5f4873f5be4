"""Health figures: the few numbers that tell whether training is well, and where a program keeps what they are made of.

L layers, H units of an MLP, B positions, M matrices, S stages of the residual stream, F figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from microgpt.program.program import Ids, Program
from microgpt_studio.debugger.head_places import HeadPlaces
from microgpt_studio.debugger.inquiry import Sight
from microgpt_studio.debugger.mlp_units import units_of
from microgpt_studio.debugger.stream import stages_of

DEAD_FOR = 10  # updates in a row without firing, after which a unit counts as silent for long


class Kind(Enum):
    """What a figure measures; one kind's figures stand together."""

    GRADIENT = "gradient norm"  # Euclidean, over all parameters or one matrix
    UPDATE = "update ÷ weight"  # norm of what Adam subtracts ÷ norm of the weights before, of one matrix
    SILENT = "silent units"  # share of a layer's units that fire at no position of the document
    DEAD = "long silent units"  # share of a layer's units that fired in none of the last DEAD_FOR measured updates
    ENTROPY = "attention entropy"  # a head's, ÷ ln of the number of keys, mean over the rows from 1 on
    NATS = "attention entropy in nats"  # the same, not divided
    STREAM = "stream norm"  # Euclidean, at one stage, mean over the positions


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of every update."""

    kind: Kind
    name: str  # what it is about: "layer0.attn_wq", "layer0.head2", "layer0.mlp", "embed"; "all" of all parameters
    column: int  # its place among all figures

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self.kind in (Kind.SILENT, Kind.DEAD, Kind.ENTROPY)


class HealthPlaces:
    """The figures of a program, and the ids that they are made from. Read-only."""

    def __init__(self, program: Program, relu: Ids, weight: Ids, stream: Ids, stages: tuple[str, ...]) -> None:
        config = program.config
        self.matrices = tuple(config.shapes())
        self.starts = (0, *np.cumsum([rows * cols for rows, cols in config.shapes().values()]).tolist())  # M + 1
        self.relu = relu  # (L, B, H)
        self.weight = weight.reshape(-1, *weight.shape[2:])  # (L × heads, B, B)
        self.stream = stream  # (S, B, E)
        heads = [f"layer{layer}.head{head}" for layer in range(config.n_layer) for head in range(config.n_head)]
        layers = [f"layer{layer}.mlp" for layer in range(config.n_layer)]
        names = {
            Kind.GRADIENT: ("all", *self.matrices),
            Kind.UPDATE: self.matrices,
            Kind.SILENT: layers,
            Kind.DEAD: layers,
            Kind.ENTROPY: heads,
            Kind.NATS: heads,
            Kind.STREAM: stages,
        }
        listed = [(kind, name) for kind in Kind for name in names[kind]]
        self.figures = tuple(Figure(kind, name, column) for column, (kind, name) in enumerate(listed))
        self._columns: dict[Kind, slice] = {}
        for kind in Kind:
            start = next(figure.column for figure in self.figures if figure.kind is kind)
            self._columns[kind] = slice(start, start + len(names[kind]))

    @classmethod
    def of(cls, sight: Sight) -> HealthPlaces:
        """Those of the program that is seen, found once."""
        return sight.keep(HealthPlaces, lambda: cls._found(sight))

    @classmethod
    def _found(cls, sight: Sight) -> HealthPlaces:
        stages = stages_of(sight)
        return cls(sight.program, units_of(sight).relu, HeadPlaces.of(sight).weight, stages.stream, stages.names)

    def columns(self, kind: Kind) -> slice:
        """The figures of a kind, which follow each other."""
        return self._columns[kind]

    def figures_of(self, kind: Kind) -> tuple[Figure, ...]:
        """The same as figures."""
        return self.figures[self._columns[kind]]

    def scalar(self, figure: Figure, positions: int) -> int:
        """A scalar to look at first: a matrix's first element; of the rest one of the document's last position."""
        place, last = figure.column - self._columns[figure.kind].start, positions - 1
        match figure.kind:
            case Kind.GRADIENT:
                return int(self.starts[max(place - 1, 0)])
            case Kind.UPDATE:
                return int(self.starts[place])
            case Kind.SILENT | Kind.DEAD:
                return int(self.relu[place, last, 0])
            case Kind.ENTROPY | Kind.NATS:
                return int(self.weight[place, last, 0])
            case Kind.STREAM:
                return int(self.stream[place, last, 0])
