"""A gradient check in rows: both numbers, their relative error, what it means, and what may have disturbed it."""

from __future__ import annotations

from microgpt.program.addresses import Addresses
from microgpt_studio.debugger.gradient_check import (
    FINE_UP_TO,
    GOOD_UP_TO,
    WRONG_ABOVE,
    Attempt,
    Checked,
    Verdict,
    relative_error,
)
from microgpt_studio.debugger.matrix_check import MatrixChecked
from microgpt_studio.debugger.scratch import Kinks, When
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.panels.inspector.number_words import constant_text, share_text
from microgpt_studio.panels.inspector.rows import Bar, Fact, Heading, Note, Row, Term
from microgpt_studio.widgets.number_text import full, short

TRIED = "check.tried"  # the fold of the other h
_FORMULA = (
    "error = |a − n| / max(|a|, |n|), of grad a and quotient n = (loss(x + h) − loss(x − h)) / 2h, "
    "for which the forward phase ran on a copy."
)
_CORNER = "the loss has a corner there, and the quotient goes across it"
_MOST_LINKS = 3
_MEANING = {
    Verdict.GOOD: f"good: at most {GOOD_UP_TO:g}",
    Verdict.FINE: f"fine where there are kinks: at most {FINE_UP_TO:g}",
    Verdict.SUSPICIOUS: f"suspicious: above {FINE_UP_TO:g}",
    Verdict.WRONG: f"wrong: above {WRONG_ABOVE:g}",
    Verdict.UNRESOLVED: "too small to tell: the two differ by no more than rounding does",
}
_NO_QUOTIENT = "no quotient"


def check_rows(checked: Checked, addresses: Addresses, now: When, *, tried_is_open: bool) -> list[Row]:
    """One scalar's check, seen from an update."""
    attempt, verdict = checked.attempt, checked.verdict
    if attempt is None or verdict is None:
        return [Note(checked.reason or "", warns=bool(checked.tried)), when_note(checked.when, now)]
    rows: list[Row] = [
        Fact("verdict", _MEANING[verdict]),
        Fact("error", short(checked.error), full(checked.error)),
        Fact("grad", short(checked.grad), full(checked.grad)),
        Fact("quotient", short(attempt.quotient), full(attempt.quotient)),
        Fact("h", constant_text(attempt.h), full(attempt.h)),
    ]
    if verdict in (Verdict.WRONG, Verdict.SUSPICIOUS) and not attempt.kinks.relus:
        rows.append(Note("Either the gradient is wrong, or this h does not suit: try another.", warns=True))
    rows += kink_rows(attempt.kinks, addresses, "Between x − h and x + h", _CORNER, warns=True)
    rows += [Note(_FORMULA), when_note(checked.when, now)]
    if len(checked.tried) > 1:
        rows += _tried_rows(checked.tried, checked.grad, is_open=tried_is_open)
    return rows


def kink_rows(kinks: Kinks, addresses: Addresses, where: str, effect: str, *, warns: bool) -> list[Row]:
    """What has changed sides, with links to the first few; `effect` says what a corner of the loss means here."""
    rows: list[Row] = []
    if kinks.relus:
        count = len(kinks.relus)
        what = "a ReLU changes sides" if count == 1 else f"{count} ReLUs change sides"
        rows.append(Note(f"{where} {what}: {effect}.", warns=warns))
        rows += _links(kinks.relus, addresses)
    if kinks.maxima:
        count = len(kinks.maxima)
        what = "the maximum of a softmax moves" if count == 1 else f"the maxima of {count} softmaxes move"
        constant = "It is a constant that changes" if count == 1 else "They are constants that change"
        rows.append(Note(f"{where} {what} to another entry. {constant} no result."))
        rows += _links(kinks.maxima, addresses)
    return rows


def when_note(when: When, now: When) -> Note:
    """Whose numbers these are, and whether they are the present ones."""
    text = f"Of update {when.update}, “{when.document}”"
    return Note(f"{text}; now it is update {now.update}." if when.update != now.update else f"{text}.")


def matrix_rows(found: MatrixChecked, description: Description, now: When) -> list[Row]:
    """A tensor's check, as far as it is."""
    path = description.program.tensors[found.tensor].path
    if found.reason is not None:
        return [Heading(path, "", ()), Note(found.reason), when_note(found.when, now)]
    share = found.done / found.total
    rows: list[Row] = [Heading(path, f"{found.done:,} of {found.total:,} checked", ())]
    if not found.is_complete:
        rows.append(Bar("checked", share, found.done, f"{100 * share:.0f} %", is_signed=False))
    for verdict in (*Verdict, None):
        count = found.counts.get(verdict, 0)
        if count:
            part = count / max(found.done, 1)
            rows.append(Bar(_word(verdict), part, count, share_text(part), is_signed=False))
    if found.worst:
        worst = found.worst[0]
        rows.append(Fact("worst error", short(worst.error), full(worst.error)))
    if found.kinks:
        times = "one of them" if found.kinks == 1 else f"{found.kinks} of them"
        rows.append(Note(f"For {times} a ReLU changed sides between x − h and x + h.", warns=True))
    rows.append(when_note(found.when, now))
    if found.worst:
        rows.append(Heading("", "", ("grad", "quotient", "error")))
        rows += [_worst_term(each, description.addresses) for each in found.worst]
    return rows


def note_of(checked: Checked, now: When) -> str:
    """A word for a folded heading."""
    word = checked.verdict.value if checked.verdict is not None else "no answer"
    return word if checked.when.update == now.update else f"{word}, of update {checked.when.update}"


def _worst_term(one: Checked, addresses: Addresses) -> Term:
    quotient = one.attempt.quotient if one.attempt is not None else None
    error = one.error if one.attempt is not None else None
    return Term(
        one.scalar,
        addresses.format(one.scalar),
        _word(one.verdict),
        ("grad", "quotient", "error"),
        (one.grad, quotient, error),
        tip=one.reason or "",
    )


def _tried_rows(tried: tuple[Attempt, ...], grad: float, *, is_open: bool) -> list[Row]:
    columns = ("quotient", "error")
    note = f"{len(tried)} were tried"
    rows: list[Row] = [Heading("Other h", note, columns if is_open else (), TRIED, is_open, is_compact=True)]
    if is_open:
        rows += [
            Term(
                None,
                f"h = {constant_text(each.h)}",
                "kink" if each.kinks.relus else "",
                columns,
                (each.quotient, relative_error(grad, each.quotient)),
                tip=f"h {full(each.h)}: loss {full(each.loss_low)} at x − h, {full(each.loss_high)} at x + h",
                is_compact=True,
            )
            for each in tried
        ]
        rows.append(Note("A large h goes along the curve, a small one drowns in rounding: the error is least between."))
    return rows


def _links(scalars: tuple[int, ...], addresses: Addresses) -> list[Row]:
    rows: list[Row] = [
        Term(each, addresses.format(each), "", (), (), is_compact=True) for each in scalars[:_MOST_LINKS]
    ]
    if len(scalars) > _MOST_LINKS:
        rows.append(Note(f"… and {len(scalars) - _MOST_LINKS} more"))
    return rows


def _word(verdict: Verdict | None) -> str:
    return verdict.value if verdict is not None else _NO_QUOTIENT
