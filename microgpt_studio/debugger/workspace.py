"""The workspace: breakpoints, watches and bookmarks in a file, so that they are there again when the program is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from microgpt.checkpoint import fingerprint
from microgpt.whole_file import write_whole
from microgpt_studio.debugger.breakpoints import Breakpoints
from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.watches import Watches

VERSION = 1


class WorkspaceError(ValueError):
    """A workspace that cannot be used; one sentence."""


def read(path: Path) -> object:
    """The plain form that a file holds; None where there is no file. Raises WorkspaceError."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError, OSError) as error:
        raise WorkspaceError(f"{path} cannot be read: {error}") from None


def write(path: Path, plain: object) -> None:
    """Write a plain form to a file, whole or not at all. Raises WorkspaceError where that cannot be done."""
    content = (json.dumps(plain, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        reason = error.strerror or error
        raise WorkspaceError(f"Breakpoints and watches cannot be saved to {path}: {reason}") from None


def adopt_file(path: Path, session: Session) -> None:
    """Give a session what a file has, if there is one. Raises WorkspaceError; a damaged file is kept, renamed."""
    try:
        plain = read(path)
        if plain is not None:
            adopt(plain, session)
    except WorkspaceError as error:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        raise WorkspaceError(
            f"Breakpoints and watches were not restored: {error}. The file is kept as {aside}"
        ) from None


def as_json(session: Session) -> dict[str, object]:
    """The plain form of what a session has."""
    return {
        "version": VERSION,
        "run": _run(session),
        "breakpoints": session.breakpoints.as_json(),
        "watches": session.watches.as_json(),
        "bookmarks": [[place.updates, place.done] for place in sorted(session.bookmarks)],
    }


def adopt(plain: object, session: Session) -> None:
    """Give a session what a plain form has. Bookmarks only if it is the same training: else they mean nothing.

    Raises WorkspaceError where the form is damaged; the session is as it was then.
    """
    if not isinstance(plain, dict) or plain.get("version") != VERSION:
        raise WorkspaceError("the saved breakpoints and watches are damaged, or of another version of the program")
    try:
        breakpoints = Breakpoints.from_json(plain.get("breakpoints"), session.description.addresses, session.runner)
        watches = Watches.from_json(plain.get("watches"), session.description.addresses)
    except ValueError as error:
        raise WorkspaceError(str(error)) from None
    bookmarks = _bookmarks(plain.get("bookmarks"))
    session.breakpoints, session.watches = breakpoints, watches
    if plain.get("run") == _run(session):
        last = session.settings.num_steps
        session.bookmarks = {place for place in bookmarks if session.execution.first <= place.updates < last}


def _run(session: Session) -> dict[str, object]:
    """What makes two trainings the same, moment by moment."""
    settings = session.settings
    known = {name: value for name, value in asdict(settings).items() if name != "data"}
    return {**json.loads(json.dumps(known)), "documents": fingerprint(session.documents)}


def _bookmarks(plain: object) -> set[Place]:
    if not isinstance(plain, list):
        raise WorkspaceError("the saved bookmarks are damaged: they are no list")
    places = set()
    for each in plain:
        numbers = each if isinstance(each, list) else []
        if len(numbers) != 2 or not all(type(number) is int and number >= 0 for number in numbers):
            raise WorkspaceError(f"the saved bookmarks are damaged: {each!r:.40} is no moment")
        places.add(Place(*numbers))
    return places
