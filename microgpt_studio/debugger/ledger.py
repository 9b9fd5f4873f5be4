"""The ledger: Adam's update of one parameter, every intermediate number of it, as plain Python computes them."""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.adam import Adam
from microgpt_studio.debugger.snapshot import ParameterNumbers


@dataclass(frozen=True, slots=True)
class Ledger:
    """The update of one parameter (Kingma and Ba 2014, algorithm 1), the numbers in the order of computation."""

    step: int  # t, counted from 1
    rate: float
    grad: float
    m_before: float
    v_before: float
    m: float  # beta1 * m_before + (1 - beta1) * grad
    v: float  # beta2 * v_before + (1 - beta2) * grad ** 2
    correction1: float  # 1 - beta1 ** t
    correction2: float
    m_hat: float  # m / correction1
    v_hat: float
    denominator: float  # v_hat ** 0.5 + eps
    change: float  # rate * m_hat / denominator
    before: float
    after: float  # before - change


def adam_ledger(adam: Adam, numbers: ParameterNumbers, step: int, num_steps: int, parameter: int) -> Ledger:
    """The ledger of a parameter for update `step` (counted from 1), of which `numbers` are the result."""
    correction1, correction2 = 1 - adam.beta1**step, 1 - adam.beta2**step
    m, v = float(numbers.m[parameter]), float(numbers.v[parameter])
    m_hat, v_hat = m / correction1, v / correction2
    return Ledger(
        step=step,
        rate=adam.rate(step - 1, num_steps),
        grad=float(numbers.grad[parameter]),
        m_before=float(numbers.m_before[parameter]),
        v_before=float(numbers.v_before[parameter]),
        m=m,
        v=v,
        correction1=correction1,
        correction2=correction2,
        m_hat=m_hat,
        v_hat=v_hat,
        denominator=v_hat**0.5 + adam.eps,
        change=float(numbers.change[parameter]),
        before=float(numbers.before[parameter]),
        after=float(numbers.after[parameter]),
    )
