"""Log: one line of JSON an update, in full precision, on disk as soon as it is written."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Self

from microgpt.train import Update


class LogError(ValueError):
    """A log that cannot be written; the message says which and why."""


def check_log(path: Path) -> None:
    """Raises LogError where a log could not be written; leaves what is there as it is."""
    try:
        is_new = not path.exists()
        if is_new or path.is_file():
            path.open("ab").close()
        elif path.is_dir():
            raise LogError(f"{path} cannot be written: it is a folder; name a file")
        if is_new:
            path.unlink()
    except OSError as error:
        raise LogError(f"{path} cannot be written: {error.strerror or error}; name another file") from None


class Log:
    """A log that is open for writing. Every method raises LogError where the disk does not take it."""

    def __init__(self, path: Path, *, append: bool) -> None:
        self._path = path
        try:
            self._file = path.open("ab" if append else "wb", buffering=0)
        except OSError as error:
            raise self._error(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._file.close()

    def write(self, update: Update) -> None:
        """Add an update."""
        try:
            self._file.write(json.dumps(asdict(update)).encode() + b"\n")
        except OSError as error:
            raise self._error(error) from None

    def _error(self, error: OSError) -> LogError:
        return LogError(f"{self._path} cannot be written: {error.strerror or error}")
