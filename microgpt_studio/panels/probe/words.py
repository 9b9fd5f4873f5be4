"""What the Probe panel says of a text: its tokens, how well it was predicted, and by which parameters."""

from __future__ import annotations

from math import isnan, log

from microgpt_studio.debugger.probe import Probed
from microgpt_studio.debugger.snapshot import Description
from microgpt_studio.widgets import full, short
from microgpt_studio.widgets.number_text import fitted

EMPTY = "(empty)"  # a text of no characters
HINT = "Type a text, then Enter: it is watched, and never trained on."


def bits(nats: float) -> float:
    """A surprise in bits: −log₂ p = −ln p ÷ ln 2."""
    return nats / log(2)


def character(description: Description, token: int) -> str:
    """A token in the room of one character; BOS is a middle dot."""
    text = description.token_text(token)
    return "␣" if text.isspace() else text


def characters(probed: Probed, description: Description) -> tuple[str, ...]:
    """What each position reads."""
    return tuple(character(description, token) for token in probed.tokens[: probed.positions])


def at_position(names: tuple[str, ...], position: int) -> str:
    """A position with what it reads: 3 “a”."""
    return f"{position} “{names[position]}”"


def next_text(probed: Probed, position: int, description: Description) -> str:
    """What a position predicts, in words."""
    read = "".join(characters(probed, description)[1 : position + 1])
    target = probed.tokens[position + 1]
    scored = "the end (·)" if target == description.tokenizer.bos else f"“{character(description, target)}”"
    return (
        f"p of what comes after “{read}”; scored on {scored}" if read else f"p of what comes first; scored on {scored}"
    )


def quoted(text: str) -> str:
    """A text in a sentence."""
    return f"“{text}”" if text else EMPTY


def parameters_text(updates: int) -> str:
    """Which parameters were used."""
    after = f"after update {updates}" if updates else "before the first update"
    return f"parameters {after}, as in the forward phase of update {updates + 1}"


def loss_text(loss: float) -> str:
    """A mean loss in both units."""
    return f"mean loss {short(loss)} nats = {short(bits(loss))} bits"


def scope_text(probed: Probed) -> str:
    """How the text was scored."""
    if probed.is_cut:
        return f"cut after {probed.positions} of {probed.uncut} positions: the block has no room for more"
    if not probed.text:
        return "the one row tells what comes first"
    return "the last row tells what comes next; in a document it is the end (·)"


def headline(probed: Probed, is_loaded: bool) -> str:
    """Everything about the whole text; `is_loaded`: it is the document that the graph shows."""
    when = parameters_text(probed.updates)
    if probed.numbers is None:
        return f"{quoted(probed.text)} · {when}"
    text = f"{quoted(probed.text)} · {loss_text(probed.numbers.loss)} · {when} · {scope_text(probed)}"
    return f"{text} · the loaded document: a row selects its loss" if is_loaded else text


def heading_tip(probed: Probed) -> str:
    """The whole text in full numbers."""
    lines = [quoted(probed.text)]
    if probed.numbers is not None:
        loss = probed.numbers.loss
        lines += [f"mean loss {full(loss)} nats", f"{full(bits(loss))} bits = nats ÷ ln 2"]
    lines.append(parameters_text(probed.updates))
    lines.append("A probe runs on numbers of its own: they are no scalars of the graph, and nothing is trained on it.")
    return "\n".join(lines)


def comparison(now: Probed, then: Probed) -> str:
    """How a loss differs from the one that was pinned."""
    if now.numbers is None or then.numbers is None:
        return ""
    before, after = then.numbers.loss, now.numbers.loss
    moment = f"after update {then.updates}" if then.updates else "before the first update"
    return f"pinned {moment}: {short(before)} nats; now {_change(before, after)}"


def _change(before: float, after: float) -> str:
    """By how much a loss is another one now."""
    if after == before:
        return "the same"
    difference = after - before
    if isnan(difference):
        return f"{short(after)} nats"
    return f"{short(abs(difference))} nats {'higher' if difference > 0 else 'lower'}"


def deltas(now: Probed, then: Probed | None) -> list[float] | None:
    """By how much each position's loss differs from the pinned one; None where there is nothing to compare with."""
    if then is None or then.numbers is None or now.numbers is None or then.tokens != now.tokens:
        return None
    difference: list[float] = (now.numbers.losses - then.numbers.losses).tolist()
    return difference


def signed(x: float, width: int) -> str:
    """A difference in at most so many characters, with its sign."""
    return f"+{fitted(x, width - 1)}" if x > 0 else fitted(x, width)


def rank(probed: Probed, position: int) -> int:
    """1 for the likeliest token; tokens of the same probability share the better rank."""
    assert probed.numbers is not None, "there are numbers"
    probs = probed.numbers.probs[position]
    return int((probs > probs[probed.tokens[position + 1]]).sum()) + 1


def position_text(probed: Probed, position: int, description: Description, delta: float | None = None) -> str:
    """One position with every digit; `delta` is the difference to the pinned loss."""
    numbers = probed.numbers
    assert numbers is not None, "there are numbers"
    read, target = (character(description, token) for token in probed.tokens[position : position + 2])
    loss = float(numbers.losses[position])
    lines = [
        f"position {position} reads “{read}”, is scored on “{target}”",
        "tokens  {} → {}".format(*probed.tokens[position : position + 2]),
        f"p(“{target}”)  {full(float(numbers.probs[position, probed.tokens[position + 1]]))}",
        f"rank  {rank(probed, position)} of {numbers.probs.shape[1]}",
        f"loss  {full(loss)} nats",
        f"      {full(bits(loss))} bits = nats ÷ ln 2",
    ]
    if delta is not None:
        lines.append(f"now − pinned  {full(delta)} nats")
    return "\n".join(lines)


def predictions_text(probed: Probed, description: Description, pinned: Probed | None = None) -> str:
    """The table with tabs between and every digit, to be copied; with a column of differences where one is pinned."""
    numbers = probed.numbers
    if numbers is None:
        return f"{quoted(probed.text)}\t{probed.reason}"
    vocabulary = [character(description, token) for token in range(numbers.probs.shape[1])]
    lines = [
        f"probe\t{probed.text}\t{parameters_text(probed.updates)}",
        f"mean loss / nats\t{full(numbers.loss)}\tbits\t{full(bits(numbers.loss))}",
        "\t".join(("position", "reads", "scored on", "p", "rank", "nats", "bits", *(f"p({t})" for t in vocabulary))),
    ]
    differences = deltas(probed, pinned)
    if differences is not None:
        lines[-1] += "\tnats now − pinned"
    for p in range(probed.positions):
        read, target = probed.tokens[p : p + 2]
        loss = float(numbers.losses[p])
        figures = (full(float(numbers.probs[p, target])), str(rank(probed, p)), full(loss), full(bits(loss)))
        every = map(full, numbers.probs[p].tolist())
        compared = () if differences is None else (full(differences[p]),)
        lines.append("\t".join((str(p), vocabulary[read], vocabulary[target], *figures, *every, *compared)))
    return "\n".join(lines)
