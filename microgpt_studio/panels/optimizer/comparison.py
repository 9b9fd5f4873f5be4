"""Adam beside SGD and SGD with momentum: the same gradients, three ways to go down; it draws nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from microgpt.adam import Adam
from microgpt.program.program import Floats
from microgpt_studio.debugger.adam_history import AdamRows, Column
from microgpt_studio.debugger.sgd import Descent, Match, descend, matched_rate
from microgpt_studio.panels.optimizer.strips import Curve, Pen, Strip, Strips


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Both descents over the rows of a parameter."""

    rows: AdamRows
    plain: Descent
    momentum: Descent

    def strips(self) -> Strips:
        """The weight and the update, each three ways."""
        rows, first = self.rows, self.rows.first
        start = np.array([rows.before])

        def weights(name: str, meaning: str, values: Floats, pen: Pen) -> Curve:
            return Curve(name, f"the weight {meaning}", np.concatenate([start, values]), first, pen)

        ways = (
            ("Adam", "as it really went", rows[Column.WEIGHT], rows[Column.CHANGE], Pen.MAIN),
            ("SGD", "with plain SGD", self.plain.weights, self.plain.changes, Pen.DASHED),
            ("momentum", "with momentum", self.momentum.weights, self.momentum.changes, Pen.DOTTED),
        )
        return Strips(
            first,
            rows.stop,
            (
                Strip(tuple(weights(name, meaning, w, pen) for name, meaning, w, _, pen in ways), title="w"),
                Strip(
                    tuple(
                        Curve(name, f"what was subtracted {meaning}", changes, first + 1, pen)
                        for name, meaning, _, changes, pen in ways
                    ),
                    title="Δ",
                ),
            ),
        )


def compare(rows: AdamRows, adam: Adam, num_steps: int, choice: Match | float, momentum: float) -> Comparison:
    """What both would have done from the weight before the first row; `choice` finds their learning rates, or is it."""
    shares = 1 - (rows.steps - 1) / num_steps
    gradients, changes = np.ascontiguousarray(rows[Column.GRAD]), rows[Column.CHANGE]

    def descent(mu: float) -> Descent:
        rate = choice
        if isinstance(choice, Match):
            rate = matched_rate(choice, adam.learning_rate, changes, gradients, shares, mu)
        return descend(rows.before, gradients, shares, float(rate), mu)

    return Comparison(rows, descent(0.0), descent(momentum))
