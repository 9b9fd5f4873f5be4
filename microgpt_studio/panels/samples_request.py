"""What the user typed in the Samples panel, made into a request or refused with one sentence."""

from __future__ import annotations

from enum import Enum, auto

from microgpt.sample import check_temperature
from microgpt_studio.debugger.events import SampleRequest

MOST = 1000  # samples of one request


class Field(Enum):
    """One of the three things to be typed."""

    COUNT = auto()
    TEMPERATURE = auto()
    SEED = auto()


class RefusedInput(ValueError):
    """What a field holds cannot be; the message is one sentence for the user."""

    def __init__(self, field: Field, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def read_request(number: int, count: str, temperature: str, seed: str) -> SampleRequest:
    """The request that the texts of the fields make. Raises RefusedInput."""
    return SampleRequest(number, _count(count), _temperature(temperature), _seed(seed))


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if not 1 <= count <= MOST:
        raise RefusedInput(Field.COUNT, f"The number of samples is “{text}”, but it has to be from 1 to {MOST}.")
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
