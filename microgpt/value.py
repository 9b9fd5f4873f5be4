"""Value: a scalar that remembers how it was made, so that a gradient can find its way back through it."""

from __future__ import annotations

import math
from collections.abc import Iterable


class Value:
    """One number of the graph: its operation, its operands, and the derivative with respect to each of them.

    An operand that is a plain number is a constant: it takes part in the result and receives no gradient.
    """

    __slots__ = ("data", "grad", "local_derivatives", "operands", "operation")

    def __init__(
        self,
        data: float,
        operation: str = "",
        operands: tuple[Value | float, ...] = (),
        local_derivatives: tuple[float, ...] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0  # d(loss) / d(self), once backward() has run
        self.operation = operation
        self.operands = operands
        self.local_derivatives = local_derivatives  # d(self) / d(operand)

    # Six operations make the whole model. Each computes its number and, from calculus, its local derivatives.

    def __add__(self, other: Value | float) -> Value:
        return type(self)(self.data + number(other), "sum", (self, other), (1.0, 1.0))

    def __mul__(self, other: Value | float) -> Value:
        return type(self)(self.data * number(other), "mul", (self, other), (number(other), self.data))

    def __pow__(self, exponent: float) -> Value:
        slope = exponent * self.data ** (exponent - 1)
        return type(self)(self.data**exponent, "pow", (self, exponent), (slope,))

    def log(self) -> Value:
        return type(self)(math.log(self.data), "log", (self,), (1 / self.data,))

    def exp(self) -> Value:
        return type(self)(math.exp(self.data), "exp", (self,), (math.exp(self.data),))

    def relu(self) -> Value:
        return type(self)(max(0.0, self.data), "relu", (self,), (float(self.data > 0),))

    # The other operators are spelled in terms of these six.

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Value | float) -> Value:
        return self + (-other)

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def backward(self) -> None:
        """Give every value below self its gradient d(self)/d(value): the chain rule, consumers first."""
        self.grad = 1.0
        for value in reversed(self.topological_order()):
            for operand, derivative in zip(value.operands, value.local_derivatives):
                if isinstance(operand, Value):
                    operand.grad += derivative * value.grad

    def topological_order(self) -> list[Value]:
        """All values below self, operands before consumers, as a recursive depth-first visit would list them.

        The visit keeps its own stack, for the graph is deeper than Python's. Its order matters: a gradient is
        a floating-point sum, and the order of the addends decides its last bits.
        """
        order: list[Value] = []
        visited = {self}
        stack = [(self, iter(self.operands))]
        while stack:
            value, operands = stack[-1]
            for operand in operands:
                if isinstance(operand, Value) and operand not in visited:
                    visited.add(operand)
                    stack.append((operand, iter(operand.operands)))
                    break
            else:
                order.append(value)
                stack.pop()
        return order


def number(operand: Value | float) -> float:
    """The number that an operand stands for."""
    return operand.data if isinstance(operand, Value) else operand


def summed(values: Iterable[Value]) -> Value:
    """The values added up one after the other, starting from 0."""
    return sum(values)  # type: ignore[return-value]
