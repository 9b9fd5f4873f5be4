"""The session dialog says what is wrong while it is typed, and starts only what can be started."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from microgpt import settings as settings_module
from microgpt.adam import Adam
from microgpt.settings import Settings
from microgpt_studio.window import questions, session_dialog
from microgpt_studio.window.session_dialog import SessionDialog

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]


@pytest.fixture
def dialog(qtbot: QtBot, small: Small) -> SessionDialog:
    dialog = SessionDialog(small(num_steps=50))
    qtbot.addWidget(dialog)
    return dialog


def button(dialog: SessionDialog, text: str) -> QPushButton:
    [found] = [button for button in dialog.findChildren(QPushButton) if button.text().replace("&", "") == text]
    return found


def test_dialog_begins_with_the_present_settings(dialog: SessionDialog, small: Small) -> None:
    assert dialog.settings() == small(num_steps=50)
    assert button(dialog, "Start").isEnabled()
    assert dialog.verdict.startswith("8 documents, ")
    assert "parameters" in dialog.verdict and "scalars" in dialog.verdict


def test_verdict_counts_what_will_be_recorded(dialog: SessionDialog, small: Small, person: Person) -> None:
    person.begin(dialog.settings())
    program = person.sessions[0].program
    tokens = person.sessions[0].tokenizer.vocab_size
    assert dialog.verdict == (
        f"8 documents, {tokens} tokens, {program.num_parameters:,} parameters, up to {program.num_scalars:,} scalars."
    )


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("n_layer", "", "Layers: '' is not a whole number"),
        ("n_layer", "two", "Layers: 'two' is not a whole number"),
        ("n_layer", "0", "n_layer is 0, but it has to be at least 1"),
        ("n_embd", "-8", "n_embd is -8, but it has to be at least 1"),
        ("n_embd", "9", "n_embd is 9 and n_head is 2, but n_embd has to be a multiple of n_head"),
        ("n_head", "3", "n_embd has to be a multiple of n_head"),
        ("block_size", "1.5", "Block size (positions): '1.5' is not a whole number"),
        ("num_steps", "0", "the number of steps is 0"),
        ("seed", "x", "Seed: 'x' is not a whole number"),
        ("seed", "1" * 5000, "is not a whole number"),
        ("learning_rate", "fast", "Learning rate: 'fast' is not a number"),
        ("learning_rate", "nan", "learning_rate is nan"),
        ("learning_rate", "0", "learning_rate is 0.0"),
        ("beta1", "1", "beta1 is 1.0"),
        ("beta2", "-0.1", "beta2 is -0.1"),
        ("eps", "inf", "eps is inf"),
        ("n_layer", "1000000000", "of memory"),
        ("n_embd", "1" + "0" * 400, "of memory"),
        ("data", "nothing/here.txt", "there is no file nothing/here.txt"),
        ("data", ".", "is a folder"),
        ("data", "~nobody-has-this-name/x", "there is no file ~nobody-has-this-name/x"),
        ("data", "a" * 5000, "cannot be read"),
    ],
)
def test_mistake_is_one_sentence_and_cannot_be_started(
    dialog: SessionDialog, field: str, text: str, sentence: str
) -> None:
    dialog.field(field).setText(text)
    assert sentence in dialog.verdict
    assert not button(dialog, "Start").isEnabled()


def test_mistake_that_is_mended_can_be_started(dialog: SessionDialog) -> None:
    dialog.field("n_embd").setText("7")
    dialog.field("n_embd").setText(" 12 ")
    assert button(dialog, "Start").isEnabled()
    assert dialog.settings().n_embd == 12


def test_chosen_settings_are_what_was_typed(dialog: SessionDialog, qtbot: QtBot, tmp_path: Path) -> None:
    typed = {
        "data": "", "n_layer": "2", "n_embd": "12", "n_head": "3", "block_size": "5", "num_steps": "77", "seed": "-3",
        "learning_rate": "2e-3", "beta1": "0", "beta2": "0.5", "eps": "1e-7",
    }  # fmt: skip
    for field, text in typed.items():
        dialog.field(field).setText(text)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        button(dialog, "Start").click()
    adam = Adam(learning_rate=2e-3, beta1=0.0, beta2=0.5, eps=1e-7)
    assert chosen.args == [Settings(None, 2, 12, 3, 5, adam, 77, -3)]
    assert dialog.result() == SessionDialog.DialogCode.Accepted


def test_cancel_chooses_nothing(dialog: SessionDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.chosen):
        box = dialog.findChild(QDialogButtonBox)
        assert box is not None
        box.button(QDialogButtonBox.StandardButton.Cancel).click()
    assert dialog.result() == SessionDialog.DialogCode.Rejected


def test_browsing_fills_the_field(
    dialog: SessionDialog, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "two.txt").write_text("a\nb\n", encoding="utf-8")
    answers = [None, tmp_path / "two.txt"]

    def ask(_window: QWidget, _title: str, _suggestion: str, _filter: str) -> Path | None:
        return answers.pop(0)

    monkeypatch.setattr(questions, "ask_open", ask)
    button(dialog, "Browse…").click()
    assert dialog.settings().data == small().data
    button(dialog, "Browse…").click()
    assert dialog.settings().data == tmp_path / "two.txt"
    assert dialog.verdict.startswith("2 documents, 3 tokens")


def test_data_is_not_read_again_at_every_key(
    dialog: SessionDialog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read: list[Path | None] = []

    def listen(settings: Settings) -> list[str]:
        read.append(settings.data)
        return settings_module.read(settings)

    monkeypatch.setattr(session_dialog, "read", listen)
    for text in ("1", "12", "128"):
        dialog.field("block_size").setText(text)
    assert read == []
    dialog.field("data").setText("")
    assert read == [None]


def test_new_session_begins_with_what_was_chosen(person: Person, small: Small, qtbot: QtBot) -> None:
    person.begin(small(), run_to=2)
    person.do("new")
    dialog = person.window.findChild(SessionDialog)
    assert dialog is not None and dialog.isVisible()
    dialog.field("n_embd").setText("12")
    button(dialog, "Start").click()
    person.standing_at(0)
    assert person.sessions[-1].settings == replace(small(), n_embd=12)
    person.wait_for(lambda: person.window.findChild(SessionDialog) is None)


def test_session_goes_on_while_another_is_thought_of(person: Person, small: Small) -> None:
    person.begin(small())
    person.do("run")
    step = person.running_beyond(0).moment.step
    person.do("new")
    person.running_beyond(step)
    dialog = person.window.findChild(SessionDialog)
    assert dialog is not None
    dialog.reject()
    assert len(person.sessions) == 1
