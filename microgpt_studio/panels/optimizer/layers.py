"""What Adam keeps and computes for a matrix at a moment, quantity by quantity; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from microgpt.adam import Adam
from microgpt.program.program import Floats, Tensor
from microgpt_studio.debugger.parameter_numbers import m_hat, root_of_v_hat
from microgpt_studio.debugger.snapshot import Moment, ParameterNumbers, Reach, Reaches
from microgpt_studio.theme import Scale, ScaleKind
from microgpt_studio.widgets.number_text import full

QUANTITIES = (
    ("g", ScaleKind.SIGNED, "the gradient of the loss, in nats"),
    ("m", ScaleKind.SIGNED, "the first moment: a fading mean of g"),
    ("v", ScaleKind.UNSIGNED, "the second moment: a fading mean of g²"),
    ("m̂", ScaleKind.SIGNED, "m / (1 − β₁ᵗ): the first moment without its bias"),
    ("√v̂", ScaleKind.UNSIGNED, "the root of v / (1 − β₂ᵗ): how large g usually is"),
    ("lr/(√v̂ + ε)", ScaleKind.UNSIGNED, "the step size: what m̂ is multiplied by, in 1/nats"),
    ("Δ", ScaleKind.SIGNED, "the update: what is subtracted from w"),
    ("w", ScaleKind.SIGNED, "the weight as it stands"),
)


@dataclass(frozen=True, slots=True)
class Layer:
    """One quantity of a matrix. Only what the reach says is KNOWN is coloured."""

    quantity: str
    meaning: str
    scale: Scale  # that fits what is known: of this matrix, or of all
    values: Floats  # (rows, columns)
    reach: Reaches  # (rows, columns)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(rows, columns)"""
        return np.equal(self.reach, Reach.KNOWN)

    @property
    def missing(self) -> str:
        """Why nothing is known; empty where something is."""
        if self.known.any():
            return ""
        return "partial so far" if (self.reach == Reach.PARTIAL).any() else "not computed yet"

    def text(self, row: int, column: int) -> str:
        """A number in full, or why there is none."""
        number = full(self.values[row, column])
        if self.reach[row, column] == Reach.PARTIAL:
            return f"{number} so far, more contributions are to come"
        return number if self.reach[row, column] == Reach.KNOWN else "not computed yet"


def adam_layers(
    matrix: Tensor, numbers: ParameterNumbers | None, moment: Moment | None, adam: Adam, *, shared: bool
) -> tuple[Layer, ...]:
    """All quantities of a matrix: the moments and weights as they stand, the rest as far as it is computed.

    `shared` scales fit the parameters of all matrices.
    """
    layers = []
    values, reaches = _numbers(numbers, moment, adam, matrix.stop)
    for (quantity, kind, meaning), numbers_of, reach in zip(QUANTITIES, values, reaches, strict=True):
        here = slice(matrix.start, matrix.stop)
        fitted = slice(None) if shared else here
        scale = Scale.fit(numbers_of[fitted][reach[fitted] == Reach.KNOWN], kind)
        shape = matrix.shape
        layers.append(Layer(quantity, meaning, scale, numbers_of[here].reshape(shape), reach[here].reshape(shape)))
    return tuple(layers)


def _numbers(
    numbers: ParameterNumbers | None, moment: Moment | None, adam: Adam, count: int
) -> tuple[tuple[Floats, ...], tuple[Reaches, ...]]:
    """Each quantity of all parameters, and its reach; without numbers, of so many parameters."""
    if numbers is None or moment is None:
        nothing, nowhere = np.zeros(count), np.full(count, Reach.NOT_COMPUTED, dtype=np.uint8)
        return (nothing,) * len(QUANTITIES), (nowhere,) * len(QUANTITIES)
    always = np.full(len(numbers.m), Reach.KNOWN, dtype=np.uint8)
    updated = always.copy()
    updated[numbers.num_updated :] = Reach.NOT_COMPUTED
    root = root_of_v_hat(numbers, adam, moment.update)
    step_size = np.asarray(adam.rate(moment.update - 1, moment.num_steps) / (root + adam.eps))
    first = m_hat(numbers, adam, moment.update)
    return (
        (numbers.grad, numbers.m, numbers.v, first, root, step_size, numbers.change, numbers.after),
        (numbers.grad_reach, always, always, updated, updated, updated, updated, always),
    )
