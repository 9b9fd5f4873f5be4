"""Settings: all that decides a training run: the data, the sizes of the model, Adam, the number of updates, the seed.

They say where the documents are, not what they hold, so they do not know the size of the vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from microgpt import embedded
from microgpt.adam import Adam
from microgpt.data import read_documents
from microgpt.model import Configuration


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices that a person makes before training. Raises ValueError where they do not fit together."""

    data: Path | None = None  # a text file with one document a line; None: the embedded names
    n_layer: int = 1
    n_embd: int = 16
    n_head: int = 4
    block_size: int = 16
    adam: Adam = field(default_factory=Adam)
    num_steps: int = 1000  # updates over which the learning rate decays to 0
    seed: int = 42

    def __post_init__(self) -> None:
        if self.num_steps < 1:
            raise ValueError(f"the number of steps is {self.num_steps}, but it has to be at least 1")
        self.configuration(vocab_size=1)

    def configuration(self, vocab_size: int) -> Configuration:
        """The sizes of the model for a vocabulary of so many tokens, BOS among them."""
        return Configuration(vocab_size, self.n_layer, self.n_embd, self.n_head, self.block_size)


def read(settings: Settings) -> list[str]:
    """The documents that the settings name, in the order of the file. Raises DataError."""
    return read_documents(settings.data or embedded.names())
