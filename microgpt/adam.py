"""Adam: turns gradients into updates (Kingma and Ba 2014), with a learning rate that decays linearly to 0."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from microgpt.value import Value


@dataclass(frozen=True, slots=True)
class Adam:
    """The constants of the optimizer. Raises ValueError for one outside its range."""

    learning_rate: float = 0.01
    beta1: float = 0.85  # how slowly the first moment forgets
    beta2: float = 0.99  # how slowly the second moment forgets
    eps: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("learning_rate", "eps"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} is {value}, but it has to be positive and finite")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, but it has to be at least 0 and below 1")

    def rate(self, step: int, num_steps: int) -> float:
        """The learning rate of an update; steps count from 0."""
        return self.learning_rate * (1 - step / num_steps)

    def update(self, parameters: Sequence[Value], m: list[float], v: list[float], step: int, num_steps: int) -> None:
        """One update of every parameter, and of its first moment m and second moment v, in place."""
        rate = self.rate(step, num_steps)
        for i, p in enumerate(parameters):
            m[i] = self.beta1 * m[i] + (1 - self.beta1) * p.grad
            v[i] = self.beta2 * v[i] + (1 - self.beta2) * p.grad**2
            m_hat = m[i] / (1 - self.beta1 ** (step + 1))  # both moments start at 0: undo the bias
            v_hat = v[i] / (1 - self.beta2 ** (step + 1))
            p.data -= rate * m_hat / (v_hat**0.5 + self.eps)
