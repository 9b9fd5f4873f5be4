"""The inspector's page: what there is to say about one scalar, row by row, in words and numbers; it draws nothing."""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.program.program import Frame, Program
from microgpt_studio.debugger.quantity import Quantity
from microgpt_studio.debugger.snapshot import Description, Explanation, Link, Moment, Operand, Reach
from microgpt_studio.debugger.stop import Reason
from microgpt_studio.panels.inspector.contribution_rows import View, contribution_rows
from microgpt_studio.panels.inspector.number_words import constant_text
from microgpt_studio.panels.inspector.rows import Fact, Formula, Heading, Note, Page, Row, Term
from microgpt_studio.widgets.number_text import full, short

WAITING = "…"  # the number is on its way
_OPERAND_COLUMNS = ("data", "derivative", "× grad", "= contribution")
_SYMBOLS = {
    "sum": "{} + {}",
    "mul": "{} × {}",
    "pow": "{}^{}",
    "log": "log({})",
    "exp": "exp({})",
    "relu": "relu({})",
}
_PLAIN = View()
_NEUTRAL = {"sum": ("a", "b"), "mul": ("a", "b"), "pow": ("x", "k")}


def waiting_page(scalar: int, address: str) -> Page:
    """The page before the first answer: a name and no number."""
    return Page(scalar, address, False, (Fact("data", WAITING), Fact("grad", WAITING)))


def explained_page(
    explanation: Explanation,
    description: Description,
    moment: Moment,
    sections: Sequence[Row] = (),
    contributions: View = _PLAIN,
) -> Page:
    """The page of an explanation, of which the moment says how long the document is.

    `sections` stand between what the scalar was made from and why it has this gradient.
    """
    rows: list[Row] = [_formula(explanation, description), *_facts(explanation, description.program, moment)]
    if explanation.site:
        rows.append(Fact("made at", site_text(explanation.site)))
    if explanation.chain:
        rows += cause_rows(explanation.chain)
    if explanation.operands:
        rows += _operand_rows(explanation)
    rows += sections
    if explanation.grad_reach in (Reach.KNOWN, Reach.PARTIAL):
        rows += contribution_rows(explanation, description, moment, contributions)
    return Page(explanation.scalar, explanation.address, True, tuple(rows))


def site_text(site: Sequence[Frame]) -> str:
    """The lines of the model that made a scalar, the innermost first: "model.py:69 linear ← gpt:109"."""
    frames = [frame for frame in site if frame.file == "model.py" and not frame.function.startswith("<")]
    if not frames:
        return " ← ".join(f"{frame.file}:{frame.line} {frame.function}" for frame in site[:2])
    innermost, *callers = frames
    first = f"{innermost.file}:{innermost.line} {innermost.function}"
    return " ← ".join([first, *(f"{frame.function}:{frame.line}" for frame in callers)])


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
