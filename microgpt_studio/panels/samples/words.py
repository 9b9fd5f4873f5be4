"""What the Samples panel says of samples: which they are, from when, and what a step of one did."""

from __future__ import annotations

from microgpt_studio.debugger.sampling import Origin, SampleTrace, num_updated
from microgpt_studio.debugger.snapshot import Description, Moment
from microgpt_studio.widgets.number_text import full

END = "the end"


def origin_text(origin: Origin) -> str:
    """From when the parameters are."""
    moment = f"update {origin.step}" if origin.step else "before the first update"
    if not origin.num_updated:
        return moment
    return f"{moment} and {origin.num_updated:,} parameters of update {origin.step + 1}"


def settings_text(temperature: float, seed: int) -> str:
    """How the samples were drawn."""
    return f"temperature {temperature!r} · seed {seed}"


def is_now(origin: Origin, moment: Moment) -> bool:
    """Whether a moment has the very parameters of an origin of the same session."""
    cursor = moment.cursor
    updated = num_updated(cursor.done, cursor.length, len(origin.parameters))
    return (origin.step, origin.num_updated) == (moment.step, updated)


def quoted(token: int, trace: SampleTrace, description: Description) -> str:
    """A token in a sentence."""
    text = f"“{description.token_text(token)}”"
    return f"{text} ({END})" if token == trace.bos else text


def sample_text(sample: int, temperature: float, seed: int) -> str:
    """Which sample of which seed."""
    return f"sample {sample} · seed {seed} · T {temperature!r}"


def step_text(trace: SampleTrace, step: int, description: Description) -> str:
    """What a step did."""
    read = description.token_text(int(trace.read[step]))
    text = f"Position {step} reads “{read}”, draws {quoted(int(trace.drawn[step]), trace, description)}"
    if step == trace.length - 1 and not trace.is_finished:
        text += "; the block is full"
    return f"{text}."


def fall_text(trace: SampleTrace, step: int, description: Description) -> str:
    """Where a random number fell, with every digit."""
    low, high = trace.interval(step)
    total = float(trace.cumulative[step, -1])
    return "\n".join(
        (
            f"random number u  {full(float(trace.numbers[step]))}",
            f"sum of all probabilities  {full(total)}",
            f"u × sum  {full(float(trace.points[step]))}",
            f"fell from  {full(low)}",
            f"up to  {full(high)}",
            f"which is {quoted(int(trace.drawn[step]), trace, description)}",
        )
    )


def table_text(trace: SampleTrace, step: int, description: Description) -> str:
    """The distribution of a step as a table with tabs, to be copied: every digit, in the order of the tokens."""
    lines = ["token\tlogit\tprobability\tat temperature\trunning sum"]
    for token in range(trace.probs.shape[1]):
        numbers = (trace.logits, trace.plain, trace.probs, trace.cumulative)
        cells = [full(float(array[step, token])) for array in numbers]
        lines.append("\t".join([description.token_text(token), *cells]))
    drawn = description.token_text(int(trace.drawn[step]))
    return "\n".join([*lines, f"u\t{full(float(trace.numbers[step]))}", f"drawn\t{drawn}"])
