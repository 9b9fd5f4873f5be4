"""What a panel has to show: a snapshot and what was answered before it, without the parts that a page cannot show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from microgpt.program.program import Tensor
from microgpt_studio.debugger.snapshot import Cells, Description, ParameterNumbers, Reach, Snapshot
from microgpt_studio.panels.parameters.quantity import Quantity

A = TypeVar("A")

_STAGES = {"attention": r"attn\.head", "document": r"(prob|loss)$"}  # of the tensors whose cells a panel shows
_OF_QUANTITY = {  # the arrays of ParameterNumbers that a page of Parameters shows, or makes something of
    Quantity.DATA.value: ("after",),
    Quantity.BEFORE.value: ("before",),
    Quantity.GRAD.value: ("grad",),
    Quantity.M.value: ("m",),
    Quantity.V.value: ("v",),
    Quantity.M_HAT.value: ("m",),
    Quantity.ROOT_OF_V_HAT.value: ("v",),
    Quantity.UPDATE.value: ("change",),
    Quantity.RATIO.value: ("change", "before"),
    Quantity.CHANGE.value: ("after",),
}
_OF_ONE_WEIGHT = {("optimizer", page) for page in ("", "ledger", "history", "descent", "bias")}


@dataclass(frozen=True, slots=True)
class Shown:
    """A snapshot that a panel shows, and in it what was answered since the panel came up and is not asked any more."""

    snapshot: Snapshot
    description: Description
    earlier: tuple[Snapshot, ...] = ()  # of the updates before, one after each
    matrices: tuple[Tensor, ...] = ()  # of which all parameters are there

    @classmethod
    def on(
        cls,
        page: tuple[str, str],
        snapshots: Iterable[Snapshot],
        description: Description,
        selection: int,
        earlier: tuple[Snapshot, ...] = (),
    ) -> Shown:
        """The last of some snapshots, as far as a page (panel, page) can show it."""
        answers, watches, last = {}, None, None
        for last in snapshots:
            answers.update(last.answers)
            watches = last.watches or watches
        assert last is not None
        cells, parameters = last.cells, last.parameters
        matrices = tuple(tensor for tensor in description.program.tensors if len(tensor.shape) == 2)
        if cells is not None and page[0] in _STAGES:
            cells = _cells_of(cells, _STAGES[page[0]], description)
        if parameters is not None and page in _OF_ONE_WEIGHT:
            parameters, matrices = _of_one(parameters, selection), ()
        elif parameters is not None and page[0] == "parameters" and page[1] in _OF_QUANTITY:
            parameters = _of_quantity(parameters, _OF_QUANTITY[page[1]])
        whole = replace(last, cells=cells, parameters=parameters, watches=watches, answers=answers)
        return cls(whole, description, earlier, matrices)

    def answers(self, kind: type[A]) -> list[A]:
        """All answers of a kind."""
        return [answer for answer in self.snapshot.answers.values() if isinstance(answer, kind)]


def _cells_of(cells: Cells, stages: str, description: Description) -> Cells:
    """Without those of other tensors."""
    is_shown = np.zeros(len(cells.data), dtype=np.bool_)
    for tensor in description.program.tensors:
        if re.search(stages, tensor.stage):
            is_shown[tensor.first_element : tensor.first_element + tensor.size] = True
    reaches = (cells.data_reach, cells.grad_reach)
    data_reach, grad_reach = (np.where(is_shown, reach, np.uint8(Reach.NOT_COMPUTED)) for reach in reaches)
    return replace(cells, data_reach=data_reach, grad_reach=grad_reach)


def _of_one(numbers: ParameterNumbers, parameter: int) -> ParameterNumbers:
    """Of one parameter alone."""
    arrays = {field.name: getattr(numbers, field.name) for field in fields(numbers) if field.name != "num_updated"}
    one = {name: array[parameter : parameter + 1] for name, array in arrays.items()}
    return ParameterNumbers(num_updated=int(parameter < numbers.num_updated), **one)


def _of_quantity(numbers: ParameterNumbers, names: tuple[str, ...]) -> ParameterNumbers:
    """Nan for all others."""
    others = {field.name for field in fields(numbers)} - {"num_updated", "grad_reach", *names}
    return replace(numbers, **dict.fromkeys(others, np.full(len(numbers.before), np.nan)))
