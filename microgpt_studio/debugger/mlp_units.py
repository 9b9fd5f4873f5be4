"""The units of the MLPs at one moment: what reaches each unit's ReLU at each position, and what it lets through.

L layers, n positions of the document, H = 4 × n_embd units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.program.program import Floats, Ids, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.snapshot import Reach, Reaches

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Where a program keeps its units. B positions."""

    fc1: Ids  # (L, B, H) what goes into the ReLU
    relu: Ids  # (L, B, H) what comes out

    @classmethod
    def of_program(cls, program: Program) -> Units:
        """The units of all layers at all positions."""
        config = program.config
        tensors = {tensor.path: tensor for tensor in program.tensors}
        fc1, relu = (
            np.array(
                [
                    [program.elements(tensors[f"pos{p}.layer{layer}.mlp.{name}"]) for p in range(config.block_size)]
                    for layer in range(config.n_layer)
                ]
            )
            for name in ("fc1", "relu")
        )
        for array in (fc1, relu):
            array.flags.writeable = False
        return cls(fc1, relu)


@dataclass(frozen=True, slots=True, eq=False)
class UnitNumbers:
    """All arrays (L, n, H), read-only. Where a reach is not KNOWN the number is nan."""

    fc1: Floats
    fc1_reach: Reaches
    relu: Floats
    relu_reach: Reaches

    @property
    def fires(self) -> Flags:
        """(L, n, H) whether a unit is known to let something through."""
        return self.relu > 0.0

    @property
    def is_complete(self) -> Flags:
        """(L,) whether a layer's units are known at every position."""
        return np.asarray((self.relu_reach == Reach.KNOWN).all(axis=(1, 2)))

    @property
    def silent(self) -> Flags:
        """(L, H) the units that fire at no position of the document; none of a layer that is not complete."""
        return ~self.fires.any(axis=1) & self.is_complete[:, None]


@dataclass(frozen=True, slots=True)
class MlpUnits(Inquiry[UnitNumbers]):
    """Every unit of every layer at every position of the document."""

    is_slow = True  # not for the time it takes: its counts are read, and nobody reads faster

    def answer(self, sight: Sight) -> UnitNumbers:
        units, n = units_of(sight), sight.machine.positions
        parts: list[npt.NDArray[np.float64] | Reaches] = []
        for ids in (units.fc1[:, :n], units.relu[:, :n]):
            reach = sight.data_reach[ids]
            parts += [np.where(reach == Reach.KNOWN, sight.machine.data[ids], np.nan), reach]
        for array in parts:
            array.flags.writeable = False
        return UnitNumbers(*parts)  # type: ignore[arg-type]  # they alternate


def units_of(sight: Sight) -> Units:
    """The units of a session's program, found once."""
    return sight.keep(Units, lambda: Units.of_program(sight.program))
