"""Snapshots: what leaves the thread that owns the numbers. Frozen, with read-only arrays, each complete in itself.

E is the number of elements of a program (len(program.element_ids)), P the number of parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from microgpt.data import Tokenizer
from microgpt.program.addresses import Addresses
from microgpt.program.program import Floats, Frame, Ids, Program
from microgpt.settings import Settings
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.expressions import Expressions
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.stop import Stop
from microgpt_studio.debugger.targets import Definition

if TYPE_CHECKING:
    from microgpt_studio.debugger.inquiry import Inquiry

A = TypeVar("A")


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
    expressions: Expressions

    def token_text(self, token: int) -> str:
        """A token as people read it: its character, or a middle dot for BOS."""
        return "·" if token == self.tokenizer.bos else self.tokenizer.characters[token]


@dataclass(frozen=True, slots=True)
class WantedHistory:
    """One number after each update that was done."""

    quantity: Quantity
    scalar: int


@dataclass(frozen=True, slots=True)
class WantedSource:
    """What the lines of a file have made at a position; None: at the cursor's, or else at the last one."""

    file: str  # "model.py"
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the visible panels ask for. Answers carry the number of the request."""

    number: int = 0
    cells: bool = False
    parameters: bool = False
    selection: int | None = None  # a scalar to explain
    watches: bool = False
    history: WantedHistory | None = None
    source: WantedSource | None = None
    inquiries: frozenset[Inquiry[object]] = frozenset()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where in the update that is shown the run stands: before its operation number `done`."""

    done: int
    length: int  # operations of the update
    scalar: int | None  # that the next operation works on; None at the end of the update
    breadcrumb: tuple[str, ...]  # ("update 12", "backward", "pos 3", "layer0.attn", "head2.weight", "[1]")
    position: int | None = None  # that the next operation counts to
    running: tuple[Frame, ...] = ()  # the lines that the next operation runs, the innermost first


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
    stop: Stop | None = None  # the breakpoint, or the number, that stopped a run here; without its log


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
class Link:
    """A number on the way from one that is not finite, or cannot be computed, back to what made it so."""

    scalar: int
    address: str
    operation: str
    quantity: Quantity  # DATA or GRAD
    value: float | None  # None where plain Python raises
    skipped: int  # sums of the same element between the link before and this one
    origin: bool  # the last one: what it was made from is ordinary


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
    chain: tuple[Link, ...] = ()  # where it is not finite, or cannot be computed: it, and what made it so; at most 12


@dataclass(frozen=True, slots=True, eq=False)
class BreakpointRow:
    """One breakpoint as it stands."""

    id: int
    definition: Definition
    enabled: bool
    hits: int
    problem: str | None  # why it means nothing in this session; it stops nothing then
    hit_updates: Ids  # (H,) the updates, counted from 1, in which it was hit; ascending


@dataclass(frozen=True, slots=True, eq=False)
class WatchRow:
    """One watched expression. Numbers are what Python computes; None where there is none."""

    id: int
    text: str
    value: object  # float, int, bool or str
    reason: str | None  # why there is no value at this moment, or why the expression means nothing here
    previous: object  # at the end of the update before the one that is shown
    change: float | None  # value - previous, where both are numbers
    first: int  # updates done before those of the history
    history: Floats  # (H,) the value at the end of each of the latest finished updates in a row; nan where none


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """One number after each of U updates in a row, from the one after `first` finished ones."""

    wanted: WantedHistory
    first: int
    values: Floats  # (U,) nan where it is not computed
    total: int  # updates that it will have when it is complete; U grows up to it
    reason: str | None = None  # why there is no such number, or why it ends early


@dataclass(frozen=True, slots=True, eq=False)
class LineNumbers:
    """What a line has made at one position: the elements of a tensor, or the scalars of an expression."""

    line: int
    label: str  # an address without index: "pos3.layer0.attn.q"
    scalars: Ids  # (n,)
    data: Floats  # (n,)
    reach: Reaches  # (n,)


@dataclass(frozen=True, slots=True, eq=False)
class SourceNumbers:
    """The numbers beside the lines of a file."""

    file: str
    position: int
    lines: tuple[LineNumbers, ...]  # ascending; of a line that ran more than once, what it made last


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
    breakpoints: tuple[BreakpointRow, ...] = ()
    break_on_nonfinite: bool = False
    bookmarks: tuple[Place, ...] = ()  # ascending
    watches: tuple[WatchRow, ...] | None = None
    watched: tuple[int, ...] = ()  # the scalars that watches read, ascending
    history: History | None = None
    source: SourceNumbers | None = None
    answers: Mapping[Inquiry[object], object] = field(default_factory=lambda: MappingProxyType({}))

    def answer(self, inquiry: Inquiry[A]) -> A | None:
        """The answer to an inquiry; None where it was not asked for, or is not due."""
        found: A | None = self.answers.get(inquiry)  # type: ignore[assignment]
        return found
