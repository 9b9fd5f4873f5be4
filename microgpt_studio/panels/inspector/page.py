"""The inspector's page: what there is to say about one scalar, row by row, in words and numbers; it draws nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from microgpt.program.program import Frame, Program
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.snapshot import Consumer, Description, Explanation, Link, Moment, Operand, Reach
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.widgets.number_text import full, short

WAITING = "…"  # the number is on its way
NO_NUMBER = "—"  # there is none
_OPERAND_COLUMNS = ("data", "derivative", "× grad", "= contribution")
_CONSUMER_COLUMNS = ("derivative", "× its grad", "= contribution", "total")
_SYMBOLS = {
    "sum": "{} + {}",
    "mul": "{} × {}",
    "pow": "{}^{}",
    "log": "log({})",
    "exp": "exp({})",
    "relu": "relu({})",
}
_NEUTRAL = {"sum": ("a", "b"), "mul": ("a", "b"), "pow": ("x", "k")}


@dataclass(frozen=True, slots=True)
class Formula:
    """How the scalar is made, in words and numbers."""

    operation: str
    text: str
    full: str  # with every digit


@dataclass(frozen=True, slots=True)
class Fact:
    """A number, or why there is none."""

    label: str
    text: str
    full: str = ""  # every digit; empty when the text is words


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a section; the columns name the numbers of its terms."""

    title: str
    note: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """An operand, a consumer or a cause, with its numbers in the columns; None where there is none.

    A single number stands beside the address.
    """

    scalar: int | None  # None for a constant: nowhere to go
    address: str
    operation: str  # empty where the address tells it
    columns: tuple[str, ...]
    numbers: tuple[float | None, ...]
    marked: bool = False  # it stands out; the words of `operation` say why
    tip: str = ""  # what hovering over the address tells; empty: the address


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    text: str
    warns: bool = False


Row = Formula | Fact | Heading | Term | Note


@dataclass(frozen=True, slots=True)
class Page:
    """All rows about one scalar, from the top."""

    scalar: int
    address: str
    complete: bool  # False while the numbers are on their way
    rows: tuple[Row, ...]


def waiting_page(scalar: int, address: str) -> Page:
    """The page before the first answer: a name and no number."""
    return Page(scalar, address, False, (Fact("data", WAITING), Fact("grad", WAITING)))


def explained_page(explanation: Explanation, description: Description, moment: Moment) -> Page:
    """The page of an explanation, of which the moment says how long the document is."""
    rows: list[Row] = [_formula(explanation, description), *_facts(explanation, description.program, moment)]
    if explanation.site:
        rows.append(Fact("made at", site_text(explanation.site)))
    if explanation.chain:
        rows += cause_rows(explanation.chain)
    if explanation.operands:
        rows += _operand_rows(explanation)
    if explanation.grad_reach in (Reach.KNOWN, Reach.PARTIAL):
        rows += _gradient_rows(explanation, description.program)
    return Page(explanation.scalar, explanation.address, True, tuple(rows))


def site_text(site: Sequence[Frame]) -> str:
    """The lines of the model that made a scalar, the innermost first: "model.py:69 linear ← gpt:109"."""
    frames = [frame for frame in site if frame.file == "model.py" and not frame.function.startswith("<")]
    if not frames:
        return " ← ".join(f"{frame.file}:{frame.line} {frame.function}" for frame in site[:2])
    innermost, *callers = frames
    first = f"{innermost.file}:{innermost.line} {innermost.function}"
    return " ← ".join([first, *(f"{frame.function}:{frame.line}" for frame in callers)])


def same_bits(a: float, b: float) -> bool:
    """Whether two numbers are the same float: -0.0 is not 0.0, nan is nan."""
    return a.hex() == b.hex()


def constant_text(number: float) -> str:
    """A number of the code as one would write it there: 0.5, -1, 1e-05; a measured one with four digits."""
    text = f"{number:.4g}"
    return text if float(text) == number else short(number)


def largest_contribution(consumers: Sequence[Consumer]) -> int | None:
    """The index of the contribution that is larger than all others, whatever its sign; None where there is none."""
    sizes = [abs(consumer.contribution) for consumer in consumers]
    if len(sizes) < 2 or any(math.isnan(size) for size in sizes):
        return None
    largest = max(sizes)
    return sizes.index(largest) if largest > 0 and sizes.count(largest) == 1 else None


def cause_rows(chain: Sequence[Link]) -> list[Row]:
    """From a number that is not finite, or cannot be computed, back to what made it so; the chain begins with it."""
    rows: list[Row] = [Heading("Cause", "each number is made from the next" if len(chain) > 2 else "", ())]
    for link in chain[1:]:
        if link.skipped:
            rows.append(Note(f"… {link.skipped} more " + ("sums" if link.skipped > 1 else "sum") + " in between"))
        rows.append(_link_term(link, chain[0].quantity))
    return [*rows, Note(_cause(chain[-1]), warns=chain[-1].origin)]


def _link_term(link: Link, usual: Quantity) -> Term:
    words = [] if f".{link.operation}[" in link.address else [link.operation]
    if link.quantity is not usual:
        words.append(link.quantity.value)
    assert link.value is not None, "only the first number of a chain may be one that Python cannot compute"
    tip = f"{link.address}: {link.operation}, {link.quantity.value} {full(link.value)}"
    return Term(link.scalar, link.address, ", ".join(words), (link.quantity.value,), (link.value,), tip=tip)


def _cause(last: Link) -> str:
    if not last.origin:
        return "It goes further back: select the last one to follow it."
    if last.quantity is Quantity.GRAD:
        return f"{last.address} is the first cause: the numbers that its grad is made from are ordinary."
    if last.operation == "parameter":
        return f"The parameter {last.address} is the first cause: it was so when the update began."
    return f"{last.address} is the first cause: the numbers that it is made from are ordinary."


def _formula(explanation: Explanation, description: Description) -> Formula:
    operation = explanation.operation
    if operation == "parameter":
        place = _place(explanation.scalar, description)
        return Formula(operation, place, place)
    symbols = _SYMBOLS[operation]
    if not explanation.operands:
        text = symbols.format(*_NEUTRAL.get(operation, ("x",)))
        return Formula(operation, text, text)
    seen, whole = [], []
    for operand in explanation.operands:
        bracket = "({})" if operation == "pow" and operand.scalar is not None and operand.data < 0 else "{}"
        seen.append(bracket.format(_operand_text(operand)))
        whole.append(bracket.format(full(operand.data)))
    known = explanation.data_reach is Reach.KNOWN
    return Formula(
        operation,
        symbols.format(*seen) + (f" = {short(explanation.data)}" if known else ""),
        symbols.format(*whole) + (f" = {full(explanation.data)}" if known else ""),
    )


def _operand_text(operand: Operand) -> str:
    return constant_text(operand.data) if operand.scalar is None else short(operand.data)


def _place(scalar: int, description: Description) -> str:
    program = description.program
    tensor = program.tensors[program.tensor[scalar]]
    row, column = divmod(scalar - tensor.start, tensor.shape[1])
    meaning = ""
    if tensor.path in ("wte", "lm_head"):
        meaning = f" ({description.token_text(row)})"
    return f"row {row}{meaning}, column {column}"


def _facts(explanation: Explanation, program: Program, moment: Moment) -> list[Row]:
    if not explanation.live:
        position = program.tensors[program.tensor[explanation.scalar]].position
        what = "this scalar" if position is None else f"pos{position}"
        count = f"{moment.positions} position" + ("s" if moment.positions != 1 else "")
        return [
            Fact("data", "not in this document's graph"),
            Fact("grad", "not in this document's graph"),
            Note(f"This document has only {count}: {what} is not part of its graph."),
        ]
    stop = moment.stop
    data = _number("data", explanation.data, explanation.data_reach)
    if (
        explanation.data_reach is Reach.NOT_COMPUTED
        and stop is not None
        and stop.reason is Reason.FAULT
        and stop.scalar == explanation.scalar
    ):
        data = Fact("data", "none: plain Python raises here")
    if moment.cursor.length - moment.cursor.done < program.num_parameters - explanation.scalar:
        data = Fact("data", f"{data.text}  before this update", data.full)
    return [data, _grad(explanation)]


def _grad(explanation: Explanation) -> Fact:
    if explanation.grad_reach is not Reach.PARTIAL:
        return _number("grad", explanation.grad, explanation.grad_reach)
    count = f"partial: {explanation.received} of {explanation.expected} consumers added"
    return Fact("grad", f"{short(explanation.grad)}  {count}", full(explanation.grad))


def _number(label: str, number: float, reach: Reach) -> Fact:
    if reach is Reach.KNOWN:
        return Fact(label, short(number), full(number))
    if reach is Reach.OUTSIDE:
        return Fact(label, "outside the graph: the loss does not depend on it")
    return Fact(label, "not computed yet")


def _operand_rows(explanation: Explanation) -> list[Row]:
    grad = explanation.grad if explanation.grad_reach is Reach.KNOWN else None
    count = sum(operand.scalar is not None for operand in explanation.operands)
    constants = len(explanation.operands) - count
    note = f"{count} scalar" + ("s" if count != 1 else "") + (" and a constant" if constants else "")
    rows: list[Row] = [Heading("Operands", note, _OPERAND_COLUMNS)]
    for operand in explanation.operands:
        numbers: tuple[float | None, ...] = (
            operand.data,
            operand.local_derivative,
            grad if operand.local_derivative is not None else None,
            operand.contribution,
        )
        if operand.scalar is None:
            numbers = numbers[:1]
        rows.append(Term(operand.scalar, operand.address, "", _OPERAND_COLUMNS, numbers))
    return rows


def _gradient_rows(explanation: Explanation, program: Program) -> list[Row]:
    title = "Why this gradient"
    consumers = explanation.consumers
    if not consumers:
        if explanation.scalar == program.loss:
            reason = "It is the loss itself: its gradient is 1, and the backward phase starts here."
        else:
            reason = "Nothing in this document's graph uses it, so its gradient is 0."
        return [Heading(title, "", ()), Note(reason)]
    count = len(consumers)
    note = "1 term" if count == 1 else f"{count} terms, in this order"
    largest = largest_contribution(consumers)
    terms = [_consumer_term(consumer, largest=i == largest) for i, consumer in enumerate(consumers)]
    closing = _closing(consumers[-1].total, explanation.grad)
    if explanation.grad_reach is Reach.PARTIAL:
        closing = Note(f"{explanation.received} of {explanation.expected} consumers added so far")
    return [Heading(title, note, _CONSUMER_COLUMNS), *terms, closing]


def _consumer_term(consumer: Consumer, *, largest: bool) -> Term:
    numbers = (consumer.local_derivative, consumer.grad, consumer.contribution, consumer.total)
    words = [] if f".{consumer.operation}[" in consumer.address else [consumer.operation]
    if largest:
        words.append("largest")
    return Term(consumer.scalar, consumer.address, ", ".join(words), _CONSUMER_COLUMNS, numbers, marked=largest)


def _closing(total: float, grad: float) -> Note:
    if same_bits(total, grad):
        return Note(f"total {short(total)} = grad, to the last bit")
    return Note(f"total {full(total)} ≠ grad {full(grad)}", warns=True)
