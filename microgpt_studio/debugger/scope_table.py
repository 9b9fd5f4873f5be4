"""The scalars of a scope as a table in a text file: CSV (RFC 4180), a header and a row a scalar, every digit.

A row has the scalar's address, its operation, data and grad. If parameters are among them, there are Adam's m and v as
they stand, m_hat, v_hat and the update as well. A number that is not there, or not complete, is empty: never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Floats, Ids, Operation, Program
from microgpt_studio.debugger.inquiry import Inquiry, Sight
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.scopes import Scope, ScopeError, parse_address
from microgpt_studio.debugger.snapshot import Reach, Reaches

_WORDS = tuple(operation.name.lower() for operation in Operation)
_OF_ALL = (Quantity.DATA, Quantity.GRAD)
_OF_PARAMETERS = (Quantity.M, Quantity.V, Quantity.M_HAT, Quantity.V_HAT, Quantity.UPDATE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is written."""

    num_rows: int  # beside the header
    content: bytes  # UTF-8


@dataclass(frozen=True, slots=True)
class ScopeTable(Inquiry[Table]):
    """The table of what a scope has in the present document; everything where the scope is empty."""

    is_slow = True
    scope: str = ""

    def answer(self, sight: Sight) -> Table:
        ids = live_scalars(self.scope, sight.addresses, sight.machine.positions)
        has_parameters = len(ids) > 0 and int(ids[0]) < sight.program.num_parameters
        header = ("address", "operation", *_OF_ALL, *(_OF_PARAMETERS if has_parameters else ()))
        lines = [",".join(header), *_rows(sight, ids, has_parameters=has_parameters), ""]
        return Table(len(ids), "\r\n".join(lines).encode())

    def fits(self, program: Program) -> bool:
        try:
            scalars_of(self.scope, Addresses(program))
        except ScopeError:
            return False
        return True


def scalars_of(scope: str, addresses: Addresses) -> Ids:
    """The ids that a scope has in any document, ascending; an element's are those of its expression.

    Raises ScopeError, with what is near.
    """
    program, text = addresses.program, scope.strip()
    if not text:
        return np.arange(program.num_scalars, dtype=np.int32)
    if "[" not in text:
        found = Scope.of(text, program)
        return np.sort(np.concatenate([found.parameters, *found.groups]))
    try:
        scalar = parse_address(text, addresses)
    except AddressError as error:
        raise ScopeError(str(error)) from None
    element, tensor = int(program.element[scalar]), program.tensors[program.tensor[scalar]]
    if program.ordinal[scalar] >= 0 or element < 0:
        return np.array([scalar], dtype=np.int32)
    members: Ids = (np.flatnonzero(program.element[tensor.start : tensor.stop] == element) + tensor.start).astype(
        np.int32
    )
    return members


def live_scalars(scope: str, addresses: Addresses, positions: int) -> Ids:
    """The ids that a scope has in a document with so many positions, ascending. Raises ScopeError."""
    ids, program = scalars_of(scope, addresses), addresses.program
    live = ids < program.num_parameters
    for start, stop in program.live_ranges(positions):
        live |= (ids >= start) & (ids < stop)
    return ids[live]


def _rows(sight: Sight, ids: Ids, *, has_parameters: bool) -> Iterator[str]:
    """The rows of some live scalars, ascending, in their order."""
    machine, p = sight.machine, sight.program.num_parameters
    columns: list[Iterable[str]] = [
        _addresses(sight.program, ids),
        map(_WORDS.__getitem__, sight.program.operation[ids].tolist()),
        _texts(machine.data[ids], sight.data_reach[ids]),
        _texts(machine.grad[ids], sight.arrivals.reach[ids]),
    ]
    if has_parameters:
        columns += _adam_columns(sight, ids[ids < p], int(np.count_nonzero(ids >= p)))
    return map(",".join, zip(*columns, strict=True))


def _adam_columns(sight: Sight, parameters: Ids, others: int) -> list[Iterable[str]]:
    """m, v, m_hat, v_hat and update of parameters; empty for the others, which come behind them."""
    execution, machine, adam = sight.execution, sight.machine, sight.description.settings.adam
    num_updated = execution.place.done - execution.length + sight.program.num_parameters
    step = execution.place.updates + 1
    always = np.full(len(parameters), Reach.KNOWN, dtype=np.uint8)
    updated = np.where(parameters < num_updated, Reach.KNOWN, Reach.NOT_COMPUTED).astype(np.uint8)
    m, v = machine.m[parameters], machine.v[parameters]
    numbers = (
        (m, always),
        (v, always),
        (m / (1 - adam.beta1**step), updated),
        (v / (1 - adam.beta2**step), updated),
        (machine.change[parameters], updated),
    )
    nothing = [""] * others
    return [[*_texts(values, reach), *nothing] for values, reach in numbers]


def _texts(values: Floats, reach: Reaches) -> list[str]:
    """Every number in full; nothing for one that is not there, or of which a part is to come."""
    known = np.equal(reach, Reach.KNOWN).tolist()
    return [repr(value) if there else "" for value, there in zip(values.tolist(), known, strict=True)]


def _addresses(program: Program, ids: Ids) -> Iterator[str]:
    """What Addresses.format says of each, many times faster: a tensor's come one after the other. Quoted, if needed."""
    inner: dict[tuple[int, int], str] = {}
    breaks = np.flatnonzero(np.diff(program.tensor[ids])) + 1
    for group in np.split(ids, breaks) if len(ids) else ():
        tensor = program.tensors[program.tensor[group[0]]]
        names = [tensor.path + index for index in _indices(tensor.shape)]  # the last is of what serves all of them
        for element, operation, ordinal in zip(
            program.element[group].tolist(),
            program.operation[group].tolist(),
            program.ordinal[group].tolist(),
            strict=True,
        ):
            name = names[element]
            if ordinal >= 0:
                key = operation, ordinal
                if key not in inner:
                    inner[key] = f".{_WORDS[operation]}[{ordinal}]"
                name += inner[key]
            yield f'"{name}"' if "," in name else name


def _indices(shape: tuple[int, ...]) -> list[str]:
    """How addresses write the index of each element, in row-major order, and at the end none."""
    if len(shape) == 2:
        return [*(f"[{row},{column}]" for row in range(shape[0]) for column in range(shape[1])), ""]
    return [*(f"[{i}]" for i in range(shape[0])), ""] if shape else ["", ""]
