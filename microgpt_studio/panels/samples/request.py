"""What the user typed in the Samples panel, made into an inquiry or refused with one sentence."""

from __future__ import annotations

from enum import Enum

from microgpt.sample import check_temperature
from microgpt_studio.debugger.sampling_inquiries import DrawSamples, TraceSample

MOST = 1000  # samples of one request


class Field(Enum):
    """One of the things to be typed; the value is its name for people."""

    COUNT = "number"
    SAMPLE = "sample"
    TEMPERATURE = "temperature"
    SEED = "seed"


class RefusedInput(ValueError):
    """What a field holds cannot be; the message is one sentence for the user."""

    def __init__(self, field: Field, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_draw(number: int, count: str, temperature: str, seed: str) -> DrawSamples:
    """What the texts of the fields ask for. Raises RefusedInput."""
    wanted = _whole(count, Field.COUNT, "The number of samples")
    return DrawSamples(number, wanted, _temperature(temperature), _seed(seed))


def read_trace(number: int, sample: str, temperature: str, seed: str) -> TraceSample:
    """What the texts of the fields ask for, at the moment that is asked. Raises RefusedInput."""
    wanted = _whole(sample, Field.SAMPLE, "The sample")
    return TraceSample(number, wanted, _temperature(temperature), _seed(seed))


def _whole(text: str, field: Field, what: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST:
        raise RefusedInput(field, f"{what} is “{text}”, but it has to be a whole number from 1 to {MOST}.")
    return count


def _temperature(text: str) -> float:
    try:
        temperature = float(text)
        check_temperature(temperature)
    except ValueError:
        raise RefusedInput(
            Field.TEMPERATURE, f"The temperature is “{text}”, but it has to be a number above 0, such as 0.5."
        ) from None
    return temperature


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RefusedInput(Field.SEED, f"The seed is “{text}”, but it has to be a whole number, such as 42.") from None
