"""The code on the Source panel, told apart from the figures beside it: it has to be the file's, letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import microgpt


class WrongLine(AssertionError):
    """A line that is painted otherwise than it stands in the file."""


def without_code(texts: Sequence[str], file: str) -> tuple[list[str], int]:
    """What is painted beside a file's lines, in the order of painting, and how many lines there are.

    A line begins with its number; its text may come in pieces. Raises WrongLine.
    """
    lines = (Path(microgpt.__file__).parent / file).read_text(encoding="utf-8").splitlines()
    beside: list[str] = []
    seen: set[int] = set()
    number, left = 0, ""  # of the line that is being painted; what of it has not come yet
    for i, text in enumerate(texts):
        piece = "".join(text.split())
        if left and left.startswith(piece):
            left = left[len(piece) :]
            continue
        if left:
            raise WrongLine(f"{file}:{number} is painted with {text!r} where it reads {left!r}")
        after = "".join(texts[i + 1].split()) if i + 1 < len(texts) else ""
        if text.isdigit() and 0 < int(text) <= len(lines) and (int(text) == number + 1 or after):
            code = "".join(lines[int(text) - 1].split())
            if int(text) == number + 1 or (code.startswith(after) if code else after == str(int(text) + 1)):
                number, left = int(text), code
                seen.add(number)
                continue
        beside.append(text)
    return beside, len(seen)
