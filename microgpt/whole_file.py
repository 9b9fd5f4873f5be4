"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def temporary_for(path: Path) -> Path:
    """A new name in the folder of the file; of a link, in the folder of the file that it leads to."""
    return Path(os.path.realpath(path)).with_name(f".microgpt-{secrets.token_hex(8)}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Put the content in the place of the file in one move; nothing is left behind where that fails. Raises OSError."""
    temporary = temporary_for(path)
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(os.path.realpath(path))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
