"""Files: bad ones get one sentence and the session goes on; good ones are opened, saved, and opened again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from microgpt.settings import Settings
from microgpt_studio.window import questions

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]
Answer = Callable[[Path | None], None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """What the person will answer, when asked for a file."""

    def make(path: Path | None) -> None:
        def ask(_window: QWidget, _title: str, _suggestion: str, _filter: str) -> Path | None:
            return path

        monkeypatch.setattr(questions, "ask_open", ask)
        monkeypatch.setattr(questions, "ask_save", ask)

    return make


def running(person: Person, settings: Settings) -> int:
    """Have a session that trains; returns an update that it has done."""
    person.begin(settings)
    person.do("run")
    return person.running_beyond(0).moment.step


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "there is no file"),
        (b"", "holds no document"),
        (b"\n \n", "holds no document"),
        (b"emma\nzo\xeb\n", "is not UTF-8 text: line 2, byte 7"),
    ],
)
def test_bad_data_set_is_a_sentence_and_the_session_goes_on(
    person: Person, small: Small, answer: Answer, tmp_path: Path, content: bytes | None, words: str
) -> None:
    step = running(person, small())
    file = tmp_path / "bad.txt"
    if content is not None:
        file.write_bytes(content)
    answer(file)
    person.do("open-data")
    assert str(file) in person.told(words)
    person.running_beyond(step)
    assert len(person.sessions) == 1


def test_folder_is_no_data_set(person: Person, small: Small, answer: Answer, tmp_path: Path) -> None:
    step = running(person, small())
    answer(tmp_path)
    person.do("open-data")
    person.told("is a folder")
    person.running_beyond(step)


def test_data_set_is_opened_with_the_present_settings(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    settings = small(seed=7)
    running(person, settings)
    other = tmp_path / "other.txt"
    other.write_text("αβγ\nγγ\n", encoding="utf-8")
    answer(other)
    person.do("open-data")
    person.standing_at(0)
    assert person.sessions[-1].settings == replace(settings, data=other)
    assert person.window.windowTitle() == "microgpt Studio · other.txt"


def test_thinking_better_of_it_changes_nothing(person: Person, small: Small, answer: Answer) -> None:
    step = running(person, small())
    answer(None)
    for action in ("open-data", "open-checkpoint", "save-checkpoint", "save-picture"):
        person.do(action)
    person.running_beyond(step)
    assert (len(person.sessions), person.message) == (1, "")


def test_checkpoint_is_saved_and_gone_on_from(person: Person, small: Small, answer: Answer, tmp_path: Path) -> None:
    settings = small(num_steps=40)
    person.begin(settings, run_to=25)
    answer(tmp_path / "25.safetensors")
    person.do("save-checkpoint")
    assert person.told("Saved update 25 to") == f"Saved update 25 to {tmp_path / '25.safetensors'}"
    person.do("run")
    straight = person.standing_at(40).losses.tolist()
    person.do("open-checkpoint")
    opened = person.standing_at(25)
    assert opened.losses.shape == (25,)
    assert person.sessions[-1].settings == settings
    assert person.message == ""
    person.do("run")
    assert person.standing_at(40).losses.tolist()[25:] == straight[25:]


def test_damaged_checkpoint_is_a_sentence_and_the_session_goes_on(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    step = running(person, small())
    answer(tmp_path / "x.safetensors")
    person.do("save-checkpoint")
    person.told("Saved update")
    damaged = bytearray((tmp_path / "x.safetensors").read_bytes())
    damaged[-9] ^= 1
    (tmp_path / "x.safetensors").write_bytes(damaged)
    person.do("open-checkpoint")
    assert str(tmp_path / "x.safetensors") in person.told("damaged")
    person.running_beyond(step)
    assert len(person.sessions) == 1


def test_checkpoint_in_no_folder_is_a_sentence(person: Person, small: Small, answer: Answer, tmp_path: Path) -> None:
    step = running(person, small())
    answer(tmp_path / "nowhere" / "x.safetensors")
    person.do("save-checkpoint")
    person.told("cannot be written")
    person.running_beyond(step)


def test_suggested_name_tells_the_update(person: Person, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    suggested: list[str] = []

    def ask(_window: QWidget, _title: str, suggestion: str, _filter: str) -> None:
        suggested.append(suggestion)

    monkeypatch.setattr(questions, "ask_save", ask)
    person.begin(small(), run_to=12)
    person.do("save-checkpoint")
    assert suggested == ["microgpt-12.safetensors"]


def test_picture_of_the_window_is_saved(person: Person, small: Small, answer: Answer, tmp_path: Path) -> None:
    person.begin(small(), run_to=1)
    answer(tmp_path / "window.png")
    person.do("save-picture")
    picture = QImage(str(tmp_path / "window.png"))
    assert (picture.width(), picture.height()) == (1440, 900)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["names.txt", "window.png"]
    assert person.message == ""


def test_picture_that_cannot_be_saved_is_a_sentence(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    person.begin(small())
    for path in (tmp_path, tmp_path / "nowhere" / "window.png"):
        answer(path)
        person.do("save-picture")
        assert person.message.startswith(f"{path} cannot be written")
