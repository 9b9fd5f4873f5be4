"""A key belongs to one command, whoever gives it, and what a person has changed is there the next time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import DARK, LIGHT, apply_theme
from microgpt_studio.window.actions import ROWS, Row
from microgpt_studio.window.keys import KeyMap, KeyTaken
from microgpt_studio.window.keys_dialog import KeysDialog
from microgpt_studio.window.keys_reserved import warning
from microgpt_studio.window.keys_table import KeysTable

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
TABLE = (
    Row("open", "File", "Open…", "Open a file", "open", "Ctrl+O"),
    Row("step", "Run", "Step", "Finish the item", "step", "F10"),
    Row("run", "Run", "Run", "Train until the end", "run", "F5"),
    Row("larger", "View", "Larger text", "All text a tenth larger", "larger", "Ctrl++"),
    Row("quiet", "View", "Quiet", "Has no key at first", "quiet"),
)


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "studio.ini")


def opened(file: str) -> QSettings:
    return QSettings(file, QSettings.Format.IniFormat)


def written(file: str, text: str) -> KeyMap:
    """The keys of a store that has this below its heading."""
    Path(file).write_text(f"[keys]\n{text}\n", encoding="utf-8")
    return KeyMap(opened(file), TABLE)


def test_every_command_of_the_program_begins_with_keys_of_its_own() -> None:
    keys = KeyMap()
    assert keys.load() == ()
    assert keys.keys("larger") == ("Ctrl++", "Ctrl+=")
    assert [keys.keys(row.name)[0] for row in ROWS if row.keys] == [row.keys for row in ROWS if row.keys]
    given = [key for row in ROWS for key in keys.keys(row.name)]
    assert len(given) == len(set(given))
    assert not any(keys.is_changed(row.name) for row in ROWS)


def test_actions_have_the_keys_and_tips_that_name_the_first(qapp: QApplication) -> None:
    owner = QObject()
    actions = {row.name: QAction(row.text, owner) for row in TABLE}
    keys = KeyMap(None, TABLE)
    keys.change("step", ["F6", "Ctrl+J"])
    keys.change("run", [])
    keys.apply(actions)
    assert [key.toString() for key in actions["step"].shortcuts()] == ["F6", "Ctrl+J"]
    assert actions["run"].shortcuts() == []
    assert actions["step"].toolTip() == "Finish the item (F6)"
    assert actions["run"].toolTip() == "Train until the end"
    keys.reset_all()
    keys.apply(actions)
    assert actions["run"].toolTip() == "Train until the end (F5)"
    assert [key.toString() for key in actions["larger"].shortcuts()] == ["Ctrl++", "Ctrl+="]


def test_what_is_changed_is_there_the_next_time(file: str) -> None:
    store = opened(file)
    keys = KeyMap(store, TABLE)
    keys.change("step", ["f6"])
    keys.change("run", ["Ctrl+,", "Ctrl+Shift+,"])
    keys.change("open", [])
    keys.change("larger", ["Ctrl+L"])
    keys.reset("larger")
    store.sync()
    del store, keys  # or Qt would answer from its memory
    text = Path(file).read_text(encoding="utf-8")
    assert "larger" not in text
    again = KeyMap(opened(file), TABLE)
    assert again.load() == ()
    assert [again.keys(row.name) for row in TABLE] == [
        (), ("F6",), ("Ctrl+,", "Ctrl+Shift+,"), ("Ctrl++", "Ctrl+="), (),
    ]  # fmt: skip
    again.reset_all()
    assert [again.keys(row.name) for row in TABLE] == [again.default(row.name) for row in TABLE]
    assert opened(file).allKeys() == []


@pytest.mark.parametrize(
    ("stored", "named"),
    [
        ("step=nonsense", "'nonsense'"),
        ("step=F10, nonsense", "'nonsense'"),
        ("step=", "''"),
        ('step="Ctrl+K, Ctrl+C"', "'Ctrl+K, Ctrl+C'"),
        ("step=Shift", "'Shift'"),
        ("step=@ByteArray(F6)", "QByteArray"),
    ],
)
def test_damaged_keys_are_told_and_the_default_holds(file: str, stored: str, named: str) -> None:
    keys = written(file, f"{stored}\nrun=F6")
    [sentence] = keys.load()
    assert sentence.startswith("The stored keys cannot be read: ")
    assert named in sentence
    assert sentence.endswith(" is not a key; “Step” has its default, F10.")
    assert keys.keys("step") == ("F10",)
    assert keys.keys("run") == ("F6",)


def test_stored_keys_that_meet_go_to_one_command(file: str) -> None:
    keys = written(file, "run=F10\nlarger=F6, F10\nforgotten=F7")
    assert keys.load() == (
        "F10 is the key of “Run”, not of “Larger text” too.",
        "F10 is the key of “Run”, not of “Step” too.",
    )
    assert (keys.keys("run"), keys.keys("larger"), keys.keys("step")) == (("F10",), ("F6",), ())


def test_a_taken_key_is_refused_and_can_be_taken() -> None:
    keys = KeyMap(None, TABLE)
    with pytest.raises(KeyTaken) as refusal:
        keys.change("run", ["F6", "Ctrl+="])
    assert str(refusal.value) == "Ctrl+= is taken by “Larger text”; take it from there."
    assert (refusal.value.key, refusal.value.holder) == ("Ctrl+=", "larger")
    assert keys.keys("run") == ("F5",)
    keys.change("run", ["F6", "Ctrl+="], take=True)
    assert keys.keys("run") == ("F6", "Ctrl+=")
    assert keys.keys("larger") == ("Ctrl++",)
    with pytest.raises(KeyTaken):
        keys.reset("larger")
    keys.reset("larger", take=True)
    assert (keys.keys("larger"), keys.keys("run")) == (("Ctrl++", "Ctrl+="), ("F6",))


def test_a_key_is_one_that_can_be_pressed_and_counts_once() -> None:
    keys = KeyMap(None, TABLE)
    for wrong in ("nonsense", "", "Ctrl+K, Ctrl+C", "Ctrl+Alt"):
        with pytest.raises(ValueError, match="is not a key"):
            keys.change("run", ["F6", wrong])
    assert keys.keys("run") == ("F5",)
    keys.change("run", ["shift+f6", "Shift+F6"])
    assert keys.keys("run") == ("Shift+F6",)
    assert (keys.holder("Shift+F6"), keys.holder("F5")) == ("run", None)


def test_a_copy_changes_nothing_until_it_is_adopted(file: str) -> None:
    keys = KeyMap(opened(file), TABLE)
    copy = keys.copy()
    copy.change("run", ["F10"], take=True)
    assert (keys.keys("run"), keys.keys("step")) == (("F5",), ("F10",))
    keys.adopt(copy)
    assert (keys.keys("run"), keys.keys("step")) == (("F10",), ())
    assert sorted(opened(file).allKeys()) == ["keys/run", "keys/step"]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("Alt+F4", "closes the window"),
        ("Alt+F2", "taken by many desktops"),
        ("Ctrl+F9", "KDE Plasma and Xfce"),
        ("Ctrl+Alt+T", "taken by many desktops"),
        ("Meta+D", "taken by many desktops"),
        ("Shift+F10", "opens the context menu"),
        ("Alt+F", "special character"),
        ("Alt+Tab", "switches windows"),
        ("Print", "picture of the screen"),
        ("A", "types a character"),
        ("Shift+A", "types a character"),
        ("7", "types a character"),
        ("Num+7", "types a character"),
        ("Ctrl+C", "copies"),
        ("Ctrl+Z", "undoes"),
        ("Ctrl+Left", "moves the cursor"),
        ("Shift+Up", "moves through lists"),
        ("Ctrl+Backspace", "deletes text"),
        ("Tab", "next field"),
        ("Esc", "closes dialogs"),
    ],
)
def test_keys_that_others_need_are_warned_of(key: str, words: str) -> None:
    sentence = warning(key)
    assert sentence is not None
    assert words in sentence and sentence.endswith(".")


@pytest.mark.parametrize(
    "key", ["F5", "F10", "Shift+F7", "Ctrl+Shift+F5", "Ctrl+G", "Ctrl+Shift+L", "Ctrl++", "Ctrl+Up", ""]
)
def test_other_keys_are_free(key: str) -> None:
    assert warning(key) is None


# The dialog


@pytest.fixture
def keys(file: str) -> KeyMap:
    return KeyMap(opened(file), TABLE)


@pytest.fixture
def dialog(qtbot: QtBot, keys: KeyMap) -> KeysDialog:
    dialog = KeysDialog(keys)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def button(dialog: KeysDialog, text: str) -> QPushButton:
    [found] = [button for button in dialog.findChildren(QPushButton) if button.text().replace("&", "") == text]
    return found


def press(
    dialog: KeysDialog, name: str, key: Qt.Key, modifiers: Qt.KeyboardModifier | None = None, number: int = 0
) -> None:
    """Choose a command and press a key in one of its fields."""
    dialog.choose(name)
    dialog.field(number).setFocus()
    QTest.keyClick(dialog.field(number), key, modifiers or Qt.KeyboardModifier.NoModifier)


def rows(dialog: KeysDialog) -> dict[str, tuple[str, str]]:
    """What the table says: for each command its keys, and its default ones where they are others."""
    table = dialog.findChild(KeysTable)
    assert table is not None
    menus = [table.topLevelItem(i) for i in range(table.topLevelItemCount())]
    items = [menu.child(i) for menu in menus if menu is not None for i in range(menu.childCount())]
    return {item.text(0): (item.text(1), item.text(2)) for item in items}


def ok(dialog: KeysDialog) -> QPushButton:
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    return box.button(QDialogButtonBox.StandardButton.Ok)


def test_a_key_is_pressed_and_kept(dialog: KeysDialog, keys: KeyMap, qtbot: QtBot) -> None:
    press(dialog, "step", Qt.Key.Key_F6)
    press(dialog, "step", Qt.Key.Key_J, CTRL, number=1)
    assert rows(dialog)["Step"] == ("F6, Ctrl+J", "F10")
    assert keys.keys("step") == ("F10",)
    with qtbot.waitSignal(dialog.changed):
        ok(dialog).click()
    assert keys.keys("step") == ("F6", "Ctrl+J")


def test_cancel_changes_nothing(dialog: KeysDialog, keys: KeyMap, qtbot: QtBot) -> None:
    press(dialog, "step", Qt.Key.Key_F6)
    with qtbot.assertNotEmitted(dialog.changed):
        button(dialog, "Cancel").click()
    assert keys.keys("step") == ("F10",)


def test_a_taken_key_is_refused_in_place(dialog: KeysDialog) -> None:
    press(dialog, "run", Qt.Key.Key_F10)
    assert dialog.verdict == "⚠ F10 is taken by “Step”; take it from there."
    assert rows(dialog)["Run"] == ("F5", "")
    assert not ok(dialog).isEnabled()
    button(dialog, "Leave it there").click()
    assert dialog.verdict == ""
    assert dialog.field(0).keySequence().toString() == "F5"
    assert not button(dialog, "Leave it there").isVisible()
    press(dialog, "run", Qt.Key.Key_F10)
    button(dialog, "Take it from there").click()
    assert (rows(dialog)["Run"], rows(dialog)["Step"]) == (("F10", "F5"), ("no key", "F10"))
    assert dialog.verdict == "" and ok(dialog).isEnabled()


def test_a_refused_key_is_given_up_with_its_command(dialog: KeysDialog) -> None:
    press(dialog, "run", Qt.Key.Key_F10)
    QTest.keyClick(dialog.field(0), Qt.Key.Key_Tab)  # to the button that takes it
    assert button(dialog, "Take it from there").isVisible()
    dialog.choose("open")
    assert dialog.verdict == "" and ok(dialog).isEnabled()
    dialog.choose("run")
    assert dialog.field(0).keySequence().toString() == "F5"


def test_none_and_default(dialog: KeysDialog) -> None:
    dialog.choose("larger")
    assert not button(dialog, "Default").isEnabled()
    button(dialog, "None").click()
    assert rows(dialog)["Larger text"] == ("no key", "Ctrl++, Ctrl+=")
    press(dialog, "quiet", Qt.Key.Key_Plus, CTRL)
    dialog.choose("larger")
    button(dialog, "Default").click()
    assert dialog.verdict == "⚠ Ctrl++ is taken by “Quiet”; take it from there."
    button(dialog, "Take it from there").click()
    assert rows(dialog)["Larger text"] == ("Ctrl++, Ctrl+=", "")
    assert rows(dialog)["Quiet"] == ("no key", "")
    press(dialog, "step", Qt.Key.Key_F6)
    button(dialog, "All defaults").click()
    assert [default for _, default in rows(dialog).values()] == [""] * len(TABLE)
    assert not button(dialog, "All defaults").isEnabled()


def test_a_reserved_key_is_had_with_a_warning(dialog: KeysDialog) -> None:
    press(dialog, "step", Qt.Key.Key_T, CTRL | ALT)
    assert rows(dialog)["Step"] == ("Ctrl+Alt+T", "F10")
    assert "desktops" in dialog.verdict and ok(dialog).isEnabled()
    dialog.choose("run")
    assert dialog.verdict == ""
    dialog.choose("step")
    assert "desktops" in dialog.verdict


def test_escape_and_tab_record_nothing(dialog: KeysDialog) -> None:
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_Tab):
        press(dialog, "step", key)
        assert rows(dialog)["Step"] == ("F10", "")
        assert dialog.field(0).keySequence().toString() == "F10"


def test_the_same_key_in_both_fields_is_one(dialog: KeysDialog) -> None:
    press(dialog, "step", Qt.Key.Key_F10, number=1)
    assert rows(dialog)["Step"] == ("F10", "")
    assert dialog.field(1).keySequence().isEmpty()


def test_the_filter_looks_at_commands_tips_and_keys(dialog: KeysDialog) -> None:
    filter_field = dialog.findChild(QLineEdit)
    assert filter_field is not None
    everything = tuple(row.name for row in TABLE)
    for words, shown in {
        "f1": ("step",),
        "ITEM finish": ("step",),
        "ctrl+": ("open", "larger"),
        "run": ("step", "run"),
        "": everything,
    }.items():
        filter_field.setText(words)
        assert dialog.shown == shown
    filter_field.setText("ctrl+o")
    assert dialog.field(0).keySequence().toString() == "Ctrl+O"
    filter_field.setText("xyz")
    assert dialog.shown == ()
    assert not dialog.field(0).isEnabled() and not button(dialog, "None").isEnabled()
    filter_field.setText("")
    assert dialog.field(0).isEnabled()


def test_the_table_is_walked_with_the_keyboard(dialog: KeysDialog) -> None:
    """Headings are stepped over, Enter goes to the key, and never closes the dialog."""
    table = dialog.findChild(KeysTable)
    assert table is not None
    chosen: list[str] = []
    table.chosen.connect(chosen.append)
    table.setFocus()
    for key in (
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Up,
    ):
        QTest.keyClick(table, key)
    assert chosen == ["step", "run", "larger", "run", "open", "quiet", "larger"]
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.keyClick(table, Qt.Key.Key_Up)
    QTest.keyClick(table, Qt.Key.Key_Up)
    assert chosen[-1] == "open"
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.field(0).hasFocus()


@pytest.mark.parametrize("text_scale", [0.7, 2.0])
def test_nothing_is_cut_off_in_either_theme(qapp: QApplication, keys: KeyMap, qtbot: QtBot, text_scale: float) -> None:
    try:
        for theme in (LIGHT, DARK):
            apply_theme(qapp, theme.name, text_scale)
            dialog = KeysDialog(keys)
            qtbot.addWidget(dialog)
            dialog.open()
            press(dialog, "run", Qt.Key.Key_F10)
            for each in dialog.findChildren(QPushButton):
                assert each.width() >= each.minimumSizeHint().width(), each.text()
            verdict = dialog.findChild(QLabel, "verdict")
            assert verdict is not None and theme.warning in verdict.styleSheet()
            assert verdict.height() >= verdict.heightForWidth(verdict.width())
            dialog.close()
    finally:
        apply_theme(qapp, "dark")
