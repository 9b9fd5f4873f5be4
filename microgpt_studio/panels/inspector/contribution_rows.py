"""Why a gradient is this number, in rows: every contribution in the order of adding, or groups with their shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from microgpt_studio.debugger.contribution_groups import Group, Grouping, Groups, grouped
from microgpt_studio.debugger.snapshot import Consumer, Description, Explanation, Moment, Reach
from microgpt_studio.panels.inspector.number_words import same_bits, share_text
from microgpt_studio.panels.inspector.rows import Bar, Form, Heading, Note, Row, Term
from microgpt_studio.widgets.number_text import full, short

SECTION = "contributions"
TITLE = "Why this gradient"
_COLUMNS = ("derivative", "× its grad", "= contribution", "total")
_GROUP_COLUMNS = ("derivative", "× its grad", "= contribution", "subtotal")
_WIDEST_LABEL = 3  # positions that a character's group names


@dataclass(frozen=True, slots=True)
class View:
    """How the contributions are looked at."""

    is_open: bool = True
    grouping: Grouping | None = None  # None: one after the other
    opened: frozenset[str] = frozenset()  # the folds of groups that show their contributions
    form: str = ""  # the form above the rows; empty: none


def contribution_rows(
    explanation: Explanation, description: Description, moment: Moment, view: View = View()
) -> list[Row]:
    """The section about a gradient that is there, or half there."""
    consumers = explanation.consumers
    if not consumers:
        if explanation.scalar == description.program.loss:
            reason = "It is the loss itself: its gradient is 1, and the backward phase starts here."
        else:
            reason = "Nothing in this document's graph uses it, so its gradient is 0."
        return [Heading(TITLE, "", ()), Note(reason)]
    count = len(consumers)
    terms = "1 term" if count == 1 else f"{count} terms"
    note = f"{terms}, in this order" if view.is_open and count > 1 else terms
    form: list[Row] = [Form(view.form)] if view.form else []
    if not view.is_open:
        return [Heading(TITLE, note, (), SECTION, is_open=False)]
    if view.grouping is not None:
        heading = Heading(TITLE, f"{terms}, by {view.grouping.value}", (), SECTION)
        return [heading, *form, *_group_rows(explanation, description, moment, view)]
    largest = largest_contribution(consumers)
    rows = [_term(consumer, _COLUMNS, consumer.total, largest=i == largest) for i, consumer in enumerate(consumers)]
    names = [Heading("", "", _COLUMNS)] if form else []
    heading = Heading(TITLE, note, () if form else _COLUMNS, SECTION)
    return [heading, *form, *names, *rows, _closing(explanation)]


def largest_contribution(consumers: Sequence[Consumer]) -> int | None:
    """The index of the contribution that is larger than all others, whatever its sign; None where there is none."""
    sizes = [abs(consumer.contribution) for consumer in consumers]
    if len(sizes) < 2 or any(math.isnan(size) for size in sizes):
        return None
    largest = max(sizes)
    return sizes.index(largest) if largest > 0 and sizes.count(largest) == 1 else None


def group_label(group: Group, grouping: Grouping, description: Description, moment: Moment) -> str:
    """What a group is called."""
    if group.key is None:
        return "no position"
    if isinstance(group.key, str):
        return group.key
    if grouping is Grouping.POSITION:
        return f"pos{group.key} “{description.token_text(moment.tokens[group.key])}”"
    positions = [p for p, token in enumerate(moment.tokens[: moment.positions]) if token == group.key]
    more = ", …" if len(positions) > _WIDEST_LABEL else ""
    return f"“{description.token_text(group.key)}” pos{', '.join(map(str, positions[:_WIDEST_LABEL]))}{more}"


def closing_of_groups(groups: Groups, explanation: Explanation) -> tuple[Note, ...]:
    """How the subtotals and the gradient go together, and what the shares are of."""
    count, total, grad = len(groups.groups), groups.total, explanation.grad
    sums = f"The subtotal is {short(total)}" if count == 1 else f"The {count} subtotals add up to {short(total)}"
    if same_bits(total, grad):
        so_far = " so far" if explanation.grad_reach is Reach.PARTIAL else ""
        sums += f" = grad{so_far}, to the last bit."
    else:
        sums += f"; grad {short(grad)} was added in another order: {_difference(total, grad)}."
    if not math.isfinite(groups.absolute) or groups.absolute == 0.0:
        return (Note(sums), Note(f"The sum of all |subtotal| is {short(groups.absolute)}: there are no shares."))
    shares = f"Shares are of the sum of all |subtotal|, {short(groups.absolute)}"
    kept = abs(total) / groups.absolute
    cancels = len({group.share > 0 for group in groups.groups if group.share != 0.0}) == 2
    shares += f"; opposite signs cancel, and {short(100 * kept)} % of it is left." if cancels else "."
    return (Note(sums), Note(shares))


def _difference(total: float, grad: float) -> str:
    return f"they differ by {short(total - grad)}"


def _group_rows(explanation: Explanation, description: Description, moment: Moment, view: View) -> list[Row]:
    assert view.grouping is not None
    groups = grouped(explanation.consumers, view.grouping, description.program, moment.tokens)
    rows: list[Row] = []
    for group in groups.groups:
        label = group_label(group, view.grouping, description, moment)
        fold = f"{SECTION}.{view.grouping.value}.{group.key}"
        is_open = fold in view.opened
        count = len(group.consumers)
        share = share_text(group.share)
        what = "1 contribution" if count == 1 else f"{count} contributions"
        tip = f"{label}: {what}, subtotal {full(group.subtotal)}" + (f", share {share}" if share else "")
        rows.append(Bar(label, group.share, group.subtotal, share, True, fold, is_open, tip, "subtotal"))
        if is_open:
            rows.append(Heading("", "", _GROUP_COLUMNS))
            subtotal = 0.0
            for consumer in group.consumers:
                subtotal += consumer.contribution
                rows.append(_term(consumer, _GROUP_COLUMNS, subtotal))
    if explanation.grad_reach is Reach.PARTIAL:
        rows.append(Note(f"{explanation.received} of {explanation.expected} consumers added so far"))
    return [*rows, *closing_of_groups(groups, explanation)]


def _term(consumer: Consumer, columns: tuple[str, ...], total: float, *, largest: bool = False) -> Term:
    numbers = (consumer.local_derivative, consumer.grad, consumer.contribution, total)
    words = [] if f".{consumer.operation}[" in consumer.address else [consumer.operation]
    if largest:
        words.append("largest")
    return Term(consumer.scalar, consumer.address, ", ".join(words), columns, numbers, marked=largest)


def _closing(explanation: Explanation) -> Note:
    total, grad = explanation.consumers[-1].total, explanation.grad
    if explanation.grad_reach is Reach.PARTIAL:
        return Note(f"{explanation.received} of {explanation.expected} consumers added so far")
    if same_bits(total, grad):
        return Note(f"total {short(total)} = grad, to the last bit")
    return Note(f"total {full(total)} ≠ grad {full(grad)}", warns=True)
