"""Embedded: where the data set lies that comes with microgpt, in a source checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

from microgpt.data import DataError

_PACKAGE = Path(__file__).resolve().parent


def names() -> Path:
    """5,163 first names of the 1990 US census, one a line (public domain). Raises DataError where they are missing."""
    candidates = (
        _PACKAGE / "assets" / "names.txt",  # a wheel carries them inside the package
        _PACKAGE.parent / "assets" / "names.txt",  # a checkout keeps them beside it
    )
    for path in candidates:
        if path.is_file():
            return path
    raise DataError(f"the embedded names are missing: there is no {candidates[0]}; install it again, or use --data")
