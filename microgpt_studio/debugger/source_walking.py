"""The lines of the plain code that work on every scalar in turn: which of them run next, and the numbers they leave.

They are found by what they do, never by their number: the code may move.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from microgpt.program.addresses import Addresses
from microgpt.program.program import Frame
from microgpt_studio.debugger.execution import Execution, Phase
from microgpt_studio.debugger.snapshot import LineNumbers, Reach


@cache
def source_text(file: str) -> str:
    """What a person reads in a file of the algorithm ("model.py")."""
    return resources.files("microgpt").joinpath(file).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Walk:
    """The lines of each phase that are not lines of the model."""

    callers: dict[Phase, Frame]  # in train.py
    hand_on: Frame  # adds to an operand's gradient
    update: dict[str, Frame]  # in the order in which they run; what they assign to: "m[i]"

    def running(self, phase: Phase) -> tuple[Frame, ...]:
        """The lines of an operation, the innermost first; of the forward phase only the one that calls the model.

        Adam's operation runs several lines of one function; they stand in the order in which they run.
        """
        within = {Phase.FORWARD: (), Phase.BACKWARD: (self.hand_on,), Phase.ADAM: tuple(self.update.values())}
        return (*within[phase], self.callers[phase])


@cache
def walk() -> Walk:
    """The lines of the code as it is installed."""
    callers = {}
    for statement in _function("train.py", "update").body:
        for call in ast.walk(statement):
            if isinstance(call, ast.Call) and (phase := _CALLS.get(ast.unparse(call.func))) is not None:
                callers[phase] = Frame("train.py", "update", statement.lineno)
    add = next(node for node in ast.walk(_function("value.py", "backward")) if isinstance(node, ast.AugAssign))
    loop = next(node for node in _function("adam.py", "update").body if isinstance(node, ast.For))
    update = {
        ast.unparse(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target): Frame(
            "adam.py", "update", statement.lineno
        )
        for statement in loop.body
        if isinstance(statement, ast.Assign | ast.AugAssign)
    }
    return Walk(callers, Frame("value.py", "backward", add.lineno), update)


_CALLS = {"loss": Phase.FORWARD, "mean_loss.backward": Phase.BACKWARD, "self.adam.update": Phase.ADAM}


def handed_on(execution: Execution, addresses: Addresses) -> LineNumbers | None:
    """The gradient that the next operation of the backward phase hands on; None in another phase."""
    forward, backward, _ = execution.lengths
    done = execution.place.done
    if not forward <= done < forward + backward:
        return None
    scalar = execution.operation(done).scalar
    # The loss's own gradient, 1, is set as the phase begins.
    grad = 1.0 if done == forward else float(execution.machine.grad[scalar])
    return _one(walk().hand_on.line, f"grad of {addresses.format(scalar)}", scalar, grad, Reach.KNOWN)


def updated(execution: Execution, addresses: Addresses) -> tuple[LineNumbers, ...]:
    """What Adam's lines have made of the parameter that was updated last; of the first one before that."""
    place, (forward, backward, _) = execution.place, execution.lengths
    parameter = place.done - forward - backward - 1
    reach = Reach.KNOWN if parameter >= 0 else Reach.NOT_COMPUTED
    parameter = max(parameter, 0)
    machine, adam, step = execution.machine, execution.runner.adam, place.updates + 1
    m, v = float(machine.m[parameter]), float(machine.v[parameter])
    numbers = {
        "m[i]": m,
        "v[i]": v,
        "m_hat": m / (1 - adam.beta1**step),
        "v_hat": v / (1 - adam.beta2**step),
        "p.data": float(machine.parameters[parameter]),
    }
    address = addresses.format(parameter)
    return tuple(
        _one(frame.line, f"{_WORDS[name]} of {address}", parameter, numbers[name], reach)
        for name, frame in walk().update.items()
    )


_WORDS = {"m[i]": "m", "v[i]": "v", "m_hat": "m_hat", "v_hat": "v_hat", "p.data": "updated data"}


def _one(line: int, label: str, scalar: int, number: float, reach: Reach) -> LineNumbers:
    scalars, data = np.array([scalar], dtype=np.int32), np.array([number])
    reaches = np.array([reach], dtype=np.uint8)
    for array in (scalars, data, reaches):
        array.flags.writeable = False
    return LineNumbers(line, label, scalars, data, reaches)


def _function(file: str, name: str) -> ast.FunctionDef:
    nodes = ast.walk(ast.parse(source_text(file)))
    return next(node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == name)
