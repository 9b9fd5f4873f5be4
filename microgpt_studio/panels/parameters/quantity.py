"""What can be shown of every parameter: its numbers, which of them are known, and which moment they are of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from microgpt.adam import Adam
from microgpt.program.program import Floats
from microgpt_studio.debugger.parameter_numbers import has_ratio, log_ratio, m_hat, root_of_v_hat
from microgpt_studio.debugger.past_parameters import PastParameters
from microgpt_studio.debugger.snapshot import Moment, ParameterNumbers, Reach
from microgpt_studio.theme import ScaleKind

Bools = npt.NDArray[np.bool_]

USUAL_RATIO = -3.0  # log10 of update ÷ weight: what is smaller has one colour, what is larger the other
_DECADES = 3.0  # around the usual: a few updates that are next to nothing would leave all others one colour


class Quantity(Enum):
    """The value is the word on screen."""

    DATA = "data after"
    BEFORE = "data before"
    GRAD = "grad"
    M = "m"
    V = "v"
    M_HAT = "m̂"
    ROOT_OF_V_HAT = "√v̂"
    UPDATE = "update"
    RATIO = "update ÷ weight"
    CHANGE = "change since"

    @property
    def kind(self) -> ScaleKind:
        return ScaleKind.UNSIGNED if self in (Quantity.V, Quantity.ROOT_OF_V_HAT) else ScaleKind.SIGNED

    @property
    def centre(self) -> float:
        """The number with the colour of the scale's centre, or of its beginning where it is unsigned."""
        return USUAL_RATIO if self is Quantity.RATIO else 0.0

    @property
    def fixed_limit(self) -> float | None:
        """Of its scale, as a distance from the centre; None where the numbers decide, and none lies beyond."""
        return _DECADES if self is Quantity.RATIO else None

    @property
    def is_linear(self) -> bool:
        """Whether sums of it mean something: not of logarithms."""
        return self is not Quantity.RATIO

    @property
    def hint(self) -> str:
        """What it is, in a sentence."""
        return _HINTS[self]


_HINTS = {
    Quantity.DATA: "Every parameter as the latest update left it: the next document's forward pass uses it.",
    Quantity.BEFORE: "Every parameter as this update's forward pass used it. The graph shows the same numbers.",
    Quantity.GRAD: "The gradient of this update's loss.",
    Quantity.M: "Adam's first moment: the running mean of the gradients.",
    Quantity.V: "Adam's second moment: the running mean of their squares.",
    Quantity.M_HAT: "The first moment without its bias: m / (1 - β₁ᵗ).",
    Quantity.ROOT_OF_V_HAT: "The root of the second moment without its bias: (v / (1 - β₂ᵗ)) ** 0.5.",
    Quantity.UPDATE: "What this update subtracted: after = before - update.",
    Quantity.RATIO: "log₁₀ of |update ÷ weight before|. Usual is around -3: a thousandth of the weight.",
    Quantity.CHANGE: "Data after the latest update, minus data after an update that you choose.",
}
_AFTER_ADAM = frozenset({Quantity.M_HAT, Quantity.ROOT_OF_V_HAT, Quantity.UPDATE, Quantity.RATIO})
_STATE = frozenset({Quantity.DATA, Quantity.M, Quantity.V, Quantity.CHANGE})  # what each update leaves to the next


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One quantity of every parameter at one moment."""

    values: Floats  # (P,) mean nothing where not known
    known: Bools  # (P,)
    missing: str  # what hatching means; empty where all is known
    moment: str  # of which the numbers are: "after update 12"
    reason: str = ""  # why nothing is known, where that is no matter of time


def layer(
    quantity: Quantity, numbers: ParameterNumbers, moment: Moment, adam: Adam, past: PastParameters | None = None
) -> Layer:
    """The numbers of a quantity; CHANGE is measured from `past`."""
    known = _known(quantity, numbers)
    missing = "" if known.all() else _missing(quantity, numbers)
    when = words(quantity, numbers, moment)
    match quantity:
        case Quantity.M_HAT:
            return Layer(m_hat(numbers, adam, moment.update), known, missing, when)
        case Quantity.ROOT_OF_V_HAT:
            return Layer(root_of_v_hat(numbers, adam, moment.update), known, missing, when)
        case Quantity.RATIO:
            there = has_ratio(numbers)
            if (known & ~there).any():
                missing = "; ".join(filter(None, (missing, "no number: update or weight is 0")))
            return Layer(log_ratio(numbers), known & there, missing, when)
        case Quantity.CHANGE:
            return _change(numbers, known, missing, when, past)
    arrays = {
        Quantity.DATA: numbers.after,
        Quantity.BEFORE: numbers.before,
        Quantity.GRAD: numbers.grad,
        Quantity.M: numbers.m,
        Quantity.V: numbers.v,
        Quantity.UPDATE: numbers.change,
    }
    return Layer(arrays[quantity], known, missing, when)


def words(quantity: Quantity, numbers: ParameterNumbers, moment: Moment) -> str:
    """Of which moment the numbers are."""
    if quantity is Quantity.BEFORE:
        return f"before update {moment.update}"
    if quantity in _STATE:
        after = moment.update if numbers.num_updated else moment.update - 1
        return f"after update {after}" if after else "before the first update"
    return f"of update {moment.update}"


def _change(numbers: ParameterNumbers, known: Bools, missing: str, when: str, past: PastParameters | None) -> Layer:
    if past is None or past.parameters is None:
        reason = "" if past is None or past.reason is None else past.reason
        nothing = np.zeros(len(known))
        return Layer(nothing, np.zeros(len(known), dtype=np.bool_), "not replayed yet", when, reason)
    since = f"data {when} − data " + (f"after update {past.updates}" if past.updates else "before the first update")
    return Layer(numbers.after - past.parameters, known, missing, since)


def _known(quantity: Quantity, numbers: ParameterNumbers) -> Bools:
    """(P,) whether there are numbers: gradients and what Adam makes of them as far as they are computed.

    While Adam is on its way, what an update leaves to the next is known where the update has come to.
    """
    count = len(numbers.before)
    if quantity is Quantity.GRAD:
        return np.equal(numbers.grad_reach, Reach.KNOWN)
    if quantity is Quantity.BEFORE:
        return np.ones(count, dtype=np.bool_)
    on_its_way = 0 < numbers.num_updated < count
    reached = numbers.num_updated if on_its_way or quantity in _AFTER_ADAM else count
    return np.arange(count) < reached


def _missing(quantity: Quantity, numbers: ParameterNumbers) -> str:
    if quantity is Quantity.GRAD:
        return "not computed, partial" if (numbers.grad_reach == Reach.PARTIAL).any() else "not computed"
    return "not updated yet" if numbers.num_updated else "not computed"
