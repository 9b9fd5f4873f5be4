"""The rows of a chain: one a scalar, and one for a run of sums of the same element, which can be opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from microgpt.program.program import Program
from microgpt_studio.debugger.paths import PathLink
from microgpt_studio.widgets import full

_COLUMNS = ("scalar", "operation", "derivative", "product", "data", "grad")


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A scalar, or the last one of a run of sums. All derivatives of a run are 1: so is theirs, multiplied."""

    link: PathLink
    sums: int = 1  # how many it stands for
    is_open: bool = False  # they follow, one by one
    is_inner: bool = False  # one of an opened run


def chain_rows(chain: Sequence[PathLink], program: Program, opened: Collection[int]) -> tuple[ChainRow, ...]:
    """From the scalar to the loss. `opened` are the last scalars of runs that are shown one by one."""
    rows: list[ChainRow] = []
    for run in _runs(chain, program):
        if len(run) == 1:
            rows.append(ChainRow(run[0]))
            continue
        is_open = run[-1].scalar in opened
        rows.append(ChainRow(run[-1], len(run), is_open))
        if is_open:
            rows += [ChainRow(link, is_inner=True) for link in run]
    return tuple(rows)


def operation_text(row: ChainRow) -> str:
    """The operation in a word, unless the address says it."""
    if row.sums > 1:
        return f"{row.sums} sums"
    return "" if f".{row.link.operation}[" in row.link.address else row.link.operation


def tip(row: ChainRow) -> str:
    """Everything about a row, in full."""
    link = row.link
    lines = [link.address]
    if row.sums > 1:
        lines.append(f"the last of {row.sums} sums in a row, the derivative of each is 1")
    else:
        lines.append(link.operation)
    if link.derivative is not None:
        lines.append(f"d(this) / d(the one above) {full(link.derivative)}")
    lines.append(f"d(this) / d(the first) along the chain {full(link.product)}")
    lines.append(f"data {full(link.data)}")
    lines.append(f"grad {'not computed yet' if link.grad is None else full(link.grad)}")
    return "\n".join(lines)


def as_text(chain: Sequence[PathLink]) -> str:
    """Every link of a chain, a line each, numbers in full; empty for a number that is not there."""
    lines = ["\t".join(_COLUMNS)]
    for link in chain:
        numbers = (link.derivative, link.product, link.data, link.grad)
        lines.append("\t".join([link.address, link.operation, *("" if x is None else full(x) for x in numbers)]))
    return "\n".join(lines) + "\n"


def _runs(chain: Sequence[PathLink], program: Program) -> Iterator[list[PathLink]]:
    """The links in order; sums that go on with the same element together. The first link stands alone."""
    run: list[PathLink] = []
    for i, link in enumerate(chain):
        if i > 1 and _goes_on(run[-1], link, program):
            run.append(link)
        else:
            if run:
                yield run
            run = [link]
    if run:
        yield run


def _goes_on(before: PathLink, link: PathLink, program: Program) -> bool:
    return (
        before.operation == link.operation == "sum"
        and program.tensor[before.scalar] == program.tensor[link.scalar]
        and program.element[before.scalar] == program.element[link.scalar]
    )
