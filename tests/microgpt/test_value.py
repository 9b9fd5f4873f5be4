"""Value against calculus, and against the recursive build that it replaces."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.value import Value, number, summed

POINTS = st.floats(0.1, 3.0)

EXPRESSIONS = {
    "sum": lambda a, b: a + b,
    "sum of a number": lambda a, _: 2.5 + a + 1.5,
    "product": lambda a, b: a * b,
    "product with a number": lambda a, _: 2.5 * a * 1.5,
    "square": lambda a, _: a * a,
    "difference": lambda a, b: a - b,
    "difference with a number": lambda a, _: a - 1.5,
    "negative": lambda a, _: -a,
    "quotient": lambda a, b: a / b,
    "quotient with a number": lambda a, _: a / 1.5,
    "power": lambda a, _: a**-0.5,
    "log": lambda a, _: a.log(),
    "exp": lambda a, _: a.exp(),
    "relu above 0": lambda a, b: (a + b).relu(),
    "relu below 0": lambda a, b: (-a - b).relu(),
    "all together": lambda a, b: ((a * b).log() - (a / b + b**3) * 0.01).exp() + (a - b) * (a - b),
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
@given(x=POINTS, y=POINTS)
def test_gradient_is_the_slope(expression, x, y):
    a, b = Value(x), Value(y)
    result = expression(a, b)
    result.backward()

    def at(x: float, y: float) -> float:
        return number(expression(Value(x), Value(y)))

    h = 1e-6
    slopes = (at(x + h, y) - at(x - h, y)) / (2 * h), (at(x, y + h) - at(x, y - h)) / (2 * h)
    assert (a.grad, b.grad) == pytest.approx(slopes, rel=1e-4, abs=1e-5)


def test_operations_and_operands():
    a, b = Value(2.0), Value(3.0)
    for result, operation, operands, data in (
        (a + b, "sum", (a, b), 5.0),
        (1 + a, "sum", (a, 1), 3.0),
        (a * b, "mul", (a, b), 6.0),
        (4 * a, "mul", (a, 4), 8.0),
        (a**3, "pow", (a, 3), 8.0),
        (a.log(), "log", (a,), math.log(2.0)),
        (a.exp(), "exp", (a,), math.exp(2.0)),
        (a.relu(), "relu", (a,), 2.0),
        (-a, "mul", (a, -1), -2.0),
        (a - 1, "sum", (a, -1), 1.0),
    ):
        assert (result.operation, result.operands, result.data) == (operation, operands, data)


def test_relu_of_nothing_is_nothing():
    assert Value(-1.0).relu().data == 0.0
    zero = Value(0.0)
    zero.relu().backward()
    assert zero.grad == 0.0


def test_subclass_is_kept():
    class Mine(Value):
        __slots__ = ()

    a = Mine(2.0)
    for result in (a + 1, 1 + a, a * 2, 2 * a, a**2, a.log(), a.exp(), a.relu(), -a, a - 1, a / 2, a + Value(1.0)):
        assert type(result) is Mine


def test_summed_starts_from_zero():
    """The first addend is added to a constant 0, as sum() does it; the program has that scalar too."""
    a, b = Value(1.0), Value(2.0)
    total = summed([a, b])
    first, second = total.operands
    assert (total.data, second) == (3.0, b)
    assert isinstance(first, Value)
    assert first.operands == (a, 0)


@pytest.mark.parametrize(
    ("raises", "operation"),
    [
        (ZeroDivisionError, lambda: Value(0.0) ** -1),
        (OverflowError, lambda: Value(1000.0).exp()),
        (OverflowError, lambda: Value(1e200) ** 2),
        (ValueError, lambda: Value(0.0).log()),
    ],
)
def test_impossible_operations_raise(raises, operation):
    with pytest.raises(raises):
        operation()


def test_deep_graph():
    """A recursive visit would end in a RecursionError."""
    start = value = Value(1.0)
    for _ in range(100_000):
        value = value + 1e-5
    value.backward()
    assert start.grad == 1.0


def recursive_order(root: Value) -> list[Value]:
    order: list[Value] = []
    visited: set[Value] = set()

    def build(value: Value) -> None:
        if value not in visited:
            visited.add(value)
            for operand in value.operands:
                if isinstance(operand, Value):
                    build(operand)
            order.append(value)

    build(root)
    return order


@given(data=st.data(), size=st.integers(1, 60))
def test_order_is_that_of_a_recursive_build(data, size):
    values = [Value(0.5), Value(1.5)]
    for _ in range(size):
        a, b = (data.draw(st.sampled_from(values[-8:])) for _ in range(2))
        values.append(data.draw(st.sampled_from([a + b, a * b, a.relu(), 3.0 * b, a - b])))
    assert values[-1].topological_order() == recursive_order(values[-1])


def test_gradients_of_all_consumers_add_up():
    a = Value(3.0)
    (a * a + a).backward()
    assert a.grad == 7.0
