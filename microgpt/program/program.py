"""Program: what the plain model does for one document, written down once: one entry a scalar, no numbers of a run.

A scalar is named by its dense id: its place in the order of creation. Parameters come first, then position after
position, then the sums over the positions' losses, last the loss itself. A document of n positions uses a prefix of
the positions and of the sums, and the loss.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from microgpt.model import Configuration

Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


class Operation(IntEnum):
    """How a scalar is made. The lower-case name is the word that addresses use."""

    PARAMETER = 0
    SUM = 1
    MUL = 2
    POW = 3
    LOG = 4
    EXP = 5
    RELU = 6


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the plain code that was running."""

    file: str  # "model.py"
    function: str
    line: int


@dataclass(frozen=True, slots=True)
class Tensor:
    """A named scalar, vector or matrix with everything that was computed to make it."""

    path: str  # "pos3.layer0.attn.q"
    shape: tuple[int, ...]  # () for a single scalar
    position: int | None  # None for parameters and for the loss
    start: int  # first id that belongs to it
    stop: int  # one past the last
    first_element: int  # its elements are element_ids[first_element : first_element + size]

    @property
    def size(self) -> int:
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def stage(self) -> str:
        """The path without the position: "layer0.attn.q"."""
        return self.path if self.position is None else self.path.split(".", 1)[1]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Program:
    """The immutable record of one configuration. N scalars, P of them parameters, B positions."""

    config: Configuration
    operation: npt.NDArray[np.uint8]  # (N,) Operation
    first: Ids  # (N,) id of the first operand; -1 for a parameter
    second: Ids  # (N,) id of the second operand; -1 where there is none or it is a constant
    constant: Ids  # (N,) index into constants of a constant operand; -1 where there is none
    constants: Floats  # (K,) numbers of the code; nan where a run decides: the maxima, then 1/n
    tensor: Ids  # (N,) index into tensors
    element: Ids  # (N,) index of the element that the scalar belongs to; -1: it serves the whole tensor
    ordinal: Ids  # (N,) running number among the same operations of its element or tensor; -1: the element itself
    site: npt.NDArray[np.int16]  # (N,) index into sites
    tensors: tuple[Tensor, ...]
    element_ids: Ids  # (E,) ids of all elements, tensor after tensor
    sites: tuple[tuple[Frame, ...], ...]  # running lines, the innermost first
    position_start: Ids  # (B + 1,) first id of each position; the last entry is where the sums begin
    # What depends on the tokens: first[chooser[i]] becomes choices[i, tokens[chooser_token[i]]].
    chooser: Ids  # (S,)
    chooser_token: Ids  # (S,) index into the document's tokens
    choices: Ids  # (S, vocabulary)
    chooser_stop: Ids  # (B + 1,) how many choosers a document of n positions uses
    # What depends on the data: constants[maximum_constant + i] = -max(data[members]).
    maximum_constant: int
    maximum_start: Ids  # (M + 1,) into maximum_members
    maximum_members: Ids
    maximum_first: Ids  # (M,) the scalar before which maximum i is taken
    mean_constant: int  # index of the constant 1/n

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray):
                array.flags.writeable = False

    def __repr__(self) -> str:
        return f"Program({self.config}, {self.num_scalars:,} scalars)"

    @property
    def num_scalars(self) -> int:
        return len(self.operation)

    @property
    def num_parameters(self) -> int:
        return int(self.position_start[0])

    @property
    def loss(self) -> int:
        """The id of the loss."""
        return self.num_scalars - 1

    @property
    def sums_start(self) -> int:
        """The id of the first sum over the positions' losses."""
        return int(self.position_start[-1])

    def live_ranges(self, positions: int) -> tuple[tuple[int, int], ...]:
        """The id ranges that a document of so many positions computes, in the order of computation."""
        return (
            (self.num_parameters, int(self.position_start[positions])),
            (self.sums_start, self.sums_start + positions),
            (self.loss, self.loss + 1),
        )

    def num_live(self, positions: int) -> int:
        """The number of scalars of a document's graph, parameters included."""
        return int(self.position_start[positions]) + positions + 1

    def elements(self, tensor: Tensor) -> Ids:
        """The ids of a tensor's elements, in row-major order."""
        return self.element_ids[tensor.first_element : tensor.first_element + tensor.size]
