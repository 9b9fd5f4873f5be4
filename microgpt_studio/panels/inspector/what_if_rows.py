"""A what-if in rows: the new loss beside the one that the gradient predicted, and what is predicted instead."""

from __future__ import annotations

from microgpt_studio.debugger.scratch import When
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.debugger.what_if import Effect, Outcome
from microgpt_studio.panels.inspector.check_rows import kink_rows, when_note
from microgpt_studio.panels.inspector.rows import Fact, Heading, Note, Row, Term
from microgpt_studio.widgets.number_text import full, short

_CORNER = "the gradient knows nothing of what lies beyond such a corner"
_COLUMNS = ("before", "after")


def what_if_rows(outcome: Outcome, description: Description, now: When) -> list[Row]:
    """What becomes of the loss and of the predictions, seen from an update."""
    effect = outcome.effect
    if effect is None:
        return [Note(outcome.reason or "", warns=True), when_note(outcome.when, now)]
    rows: list[Row] = [
        _change("data", outcome.before, outcome.after),
        _change("loss", effect.loss_before, effect.loss_after, " nats"),
    ]
    predicted = outcome.predicted
    if predicted is None:
        rows.append(Fact("predicted", "nothing: there is no gradient at this moment"))
    else:
        missed = effect.loss_after - predicted
        rows.append(_change("predicted", effect.loss_before, predicted))
        rows.append(Fact("missed by", short(missed), full(missed)))
    rows.append(_summary(effect))
    rows.append(Heading("Target’s probability", "", _COLUMNS, is_compact=True))
    tokens = (description.tokenizer.bos, *effect.targets)
    rows += [_prediction(effect, p, tokens[p], description) for p in range(len(effect.targets))]
    rows += kink_rows(effect.kinks, description.addresses, "Between the two numbers", _CORNER, warns=False)
    note = when_note(outcome.when, now)
    return [
        *rows,
        Note(f"{note.text} predicted = loss + grad · change. It ran on a copy: nothing is kept unless you ask for it."),
    ]


def _change(label: str, before: float, after: float, unit: str = "") -> Fact:
    by = after - before
    sign = "+" if by >= 0 else ""
    text = f"{short(before)} → {short(after)}{unit}  ({sign}{short(by)})"
    return Fact(label, text, f"{full(before)} → {full(after)} ({sign}{full(by)})")


def _summary(effect: Effect) -> Note:
    count = len(effect.targets)
    changed = int((effect.top_before != effect.top_after).sum())
    if changed == 0:
        where = f" at all {count} positions" if count > 1 else ""
        return Note(f"The likeliest token stays the same{where}.")
    return Note(f"The likeliest token changes at {changed} of {count} positions.")


def _prediction(effect: Effect, position: int, token: int, description: Description) -> Term:
    """The probability of the target at a position, and the likeliest token where it is another one."""
    text = description.token_text
    target = text(effect.targets[position])
    before, after = (int(top[position]) for top in (effect.top_before, effect.top_after))
    is_other = before != after
    scalar = int(effect.scalars[position])
    tip = (
        f"{description.addresses.format(scalar)}: after “{text(token)}” comes “{target}”; likeliest is “{text(before)}”"
    )
    tip += f", then “{text(after)}”" if is_other else ""
    return Term(
        scalar,
        f"pos{position} {text(token)}→{target}",
        f"top {text(before)}→{text(after)}" if is_other else f"top {text(before)}",
        _COLUMNS,
        (float(effect.before[position]), float(effect.after[position])),
        marked=is_other,
        tip=tip,
        is_compact=True,
    )
