"""Data: documents, one a line, and the tokenizer that turns their characters into numbers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


class DataError(ValueError):
    """A data set that cannot be read; the message says what, where, and what to do."""


def read_documents(path: Path) -> list[str]:
    """The lines of a UTF-8 text file that are not blank, without the space around them."""
    try:
        raw = path.read_bytes()
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name a text file with one document a line") from None
    except FileNotFoundError:
        raise DataError(f"there is no file {path}; name a text file with one document a line") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path} is not UTF-8 text: line {line}, byte {error.start} is 0x{raw[error.start]:02x}; save it as UTF-8"
        ) from None
    documents = [line.strip() for line in text.split("\n") if line.strip()]
    if not documents:
        raise DataError(f"{path} holds no document: every line is blank")
    return documents


def shuffled(documents: Sequence[str], rng: random.Random) -> list[str]:
    """The documents in the order in which training reads them."""
    order = list(documents)
    rng.shuffle(order)
    return order


@dataclass(frozen=True)
class Tokenizer:
    """Each character is a token; one more, BOS, stands before the first character and after the last."""

    characters: tuple[str, ...]  # token i is characters[i]

    @classmethod
    def of(cls, documents: Iterable[str]) -> Tokenizer:
        return cls(tuple(sorted(set("".join(documents)))))

    @property
    def bos(self) -> int:
        return len(self.characters)

    @property
    def vocab_size(self) -> int:
        return len(self.characters) + 1

    def encode(self, document: str) -> list[int]:
        """BOS, the characters' tokens, BOS. Raises DataError for a character that no token stands for."""
        index = {character: token for token, character in enumerate(self.characters)}
        try:
            return [self.bos, *(index[character] for character in document), self.bos]
        except KeyError as unknown:
            raise DataError(f"the tokenizer knows no character {unknown} (in {document!r})") from None
