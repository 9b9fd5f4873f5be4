"""Snapshots: what leaves the thread that owns the numbers. Frozen, with read-only arrays, each complete in itself.

E is the number of elements of a program (len(program.element_ids)), P the number of parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from microgpt.data import Tokenizer
from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats, Frame, Program
from microgpt.settings import Settings


class Reach(IntEnum):
    """Whether a number is there. Only a KNOWN one may be shown as a number or a colour."""

    NOT_COMPUTED = 0  # not yet, or not for this document
    KNOWN = 1
    OUTSIDE = 2  # the loss does not depend on the scalar: it has no gradient
    PARTIAL = 3  # a gradient of which some contributions have been added and others have not


Reaches = npt.NDArray[np.uint8]  # of Reach


@dataclass(frozen=True, slots=True)
class Description:
    """What stays the same for a whole session."""

    settings: Settings
    program: Program
    addresses: Addresses
    tokenizer: Tokenizer
    num_documents: int
    data_name: str  # of the data set, for people

    def token_text(self, token: int) -> str:
        """A token as people read it: its character, or a middle dot for BOS."""
        return "·" if token == self.tokenizer.bos else self.tokenizer.characters[token]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the visible panels ask for. Answers carry the number of the request."""

    number: int = 0
    cells: bool = False
    parameters: bool = False
    selection: int | None = None  # a scalar to explain


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where in the update that is shown the run stands: before its operation number `done`."""

    done: int
    length: int  # operations of the update
    scalar: int | None  # that the next operation works on; None at the end of the update
    breadcrumb: tuple[str, ...]  # ("update 12", "backward", "pos 3", "layer0.attn", "head2.weight", "[1]")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where training stands. The update that is shown may be done, half done, or not begun: what of it is not
    computed yet is None.
    """

    step: int  # updates done
    update: int  # the update that is shown, counted from 1
    num_steps: int
    document: str  # of the update that is shown
    tokens: tuple[int, ...]  # BOS first; position p reads tokens[p] and predicts tokens[p + 1]
    positions: int
    num_scalars: int  # of this document's graph
    loss: float | None  # nats, before the update
    lr: float | None
    grad_norm: float | None
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Pace:
    """How training moves, as the thread that runs it measured."""

    running: bool
    updates_per_second: float | None  # None while it stands


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Data and grad of every element, in the order of program.element_ids. Parameters as the forward pass used them."""

    data: Floats  # (E,)
    grad: Floats  # (E,)
    data_reach: Reaches  # (E,)
    grad_reach: Reaches  # (E,)


@dataclass(frozen=True, slots=True, eq=False)
class ParameterNumbers:
    """Every parameter before and after the update that is shown, and Adam's state. All arrays (P,).

    Parameters with ids from `num_updated` on are not updated yet: their after is their before, their change unknown.
    """

    num_updated: int
    before: Floats  # used by the forward pass
    after: Floats
    grad: Floats
    grad_reach: Reaches
    m_before: Floats
    v_before: Floats
    m: Floats
    v: Floats
    change: Floats  # what the update subtracted: after = before - change

    @property
    def updated(self) -> bool:
        """Whether the update is done for all of them."""
        return self.num_updated == len(self.before)


@dataclass(frozen=True, slots=True)
class Operand:
    """What a scalar was made from."""

    scalar: int | None  # None for a constant
    address: str  # for a constant, what it is
    data: float
    local_derivative: float | None  # d(scalar) / d(operand); None for a constant, or where the scalar has no data
    contribution: float | None  # local derivative × the scalar's grad; None where there is no grad


@dataclass(frozen=True, slots=True)
class Consumer:
    """One contribution to a scalar's gradient, in the order in which they were added."""

    scalar: int
    address: str
    operation: str
    grad: float  # of the consumer
    local_derivative: float  # d(consumer) / d(scalar)
    contribution: float  # their product
    total: float  # the gradient after it was added


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one scalar at one moment. Where the reach is not KNOWN the number means nothing."""

    scalar: int
    address: str
    operation: str  # "parameter", "sum", "mul", "pow", "log", "exp" or "relu"
    live: bool  # False where the document is too short to have this scalar
    data: float
    data_reach: Reach
    grad: float
    grad_reach: Reach
    received: int  # contributions that have been added to the grad
    expected: int  # contributions that make it complete
    operands: tuple[Operand, ...]
    consumers: tuple[Consumer, ...]  # those that have been added; their last total is the grad, to the last bit
    site: tuple[Frame, ...]  # the lines that made it, the innermost first


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One consistent picture of one moment. Parts that were not asked for are None."""

    number: int  # counts up; a larger one is newer
    wanted: Wanted  # the request that it answers
    moment: Moment
    pace: Pace
    losses: Floats  # (furthest,) of every update that was done, later ones than this included; nan before this session
    cells: Cells | None = None
    parameters: ParameterNumbers | None = None
    explanation: Explanation | None = None
