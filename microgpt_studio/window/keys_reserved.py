"""Reserved keys: those that desktops take before a window hears of them, and those that fields and lists need."""

from __future__ import annotations

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

_Key = Qt.Key
_Modifier = Qt.KeyboardModifier
_NO_KEYS = {_Key.Key_unknown, _Key.Key_Shift, _Key.Key_Control, _Key.Key_Alt, _Key.Key_AltGr, _Key.Key_Meta}

# Words that follow the key in a sentence.
_DESKTOP = "is taken by many desktops before the window hears of it"
_CONTEXT_MENU = "opens the context menu"
_TAKEN = {
    "Shift+F10": _CONTEXT_MENU,
    "Menu": _CONTEXT_MENU,
    "F11": "shows the desktop on macOS",
    "Alt+Tab": "switches windows",
    "Alt+Shift+Tab": "switches windows",
    "Alt+Esc": "switches windows",
    "Alt+`": "switches windows",
    "Alt+Space": "opens the menu of the window",
    "Ctrl+Esc": "opens the desktop's menu on Windows",
    "Ctrl+Shift+Esc": "opens the task manager on Windows",
    "Ctrl+Space": "switches input methods",
    "Shift+Space": "switches input methods",
    "Ctrl+Shift+U": "types a character by its number in many input methods",
    "Ctrl+.": "chooses an emoji in many input methods",
    "Ctrl+;": "chooses an emoji in many input methods",
}
_FIELDS = {
    "Ctrl+A": "selects all",
    "Ctrl+Shift+C": "copies why a gradient is its number, in the inspector",
    "Ctrl+Shift+X": "copies it as LaTeX, in the inspector",
    "Ctrl+C": "copies",
    "Ctrl+V": "pastes",
    "Ctrl+X": "cuts",
    "Ctrl+Z": "undoes typing",
    "Ctrl+Y": "redoes typing",
    "Ctrl+Shift+Z": "redoes typing",
    "Ctrl+Ins": "copies",
    "Shift+Ins": "pastes",
    "Return": "accepts what is typed",
    "Enter": "accepts what is typed",
    "Space": "types a space and presses buttons",
    "Shift+Tab": "moves to the field before",
}
_BY_KEY = {
    _Key.Key_Tab: "moves to the next field",
    _Key.Key_Backtab: "moves to the field before",
    _Key.Key_Backspace: "deletes text",
    _Key.Key_Delete: "deletes text",
    _Key.Key_Left: "moves the cursor",
    _Key.Key_Right: "moves the cursor",
    _Key.Key_Home: "moves the cursor",
    _Key.Key_End: "moves the cursor",
}
_IN_LISTS = {_Key.Key_Up, _Key.Key_Down, _Key.Key_PageUp, _Key.Key_PageDown}


def warning(key: str) -> str | None:
    """Why a key, in its portable text, may not reach its command, in a sentence; None where nothing is known of it."""
    pressed = combination(key)
    if pressed is None:
        return None
    shown = QKeySequence(pressed).toString(QKeySequence.SequenceFormat.NativeText)
    if (desktop := _TAKEN.get(key) or _taken_by_kind(pressed)) is not None:
        return f"{shown} {desktop}: it may never reach the command."
    if (field := _FIELDS.get(key) or _needed_by_kind(pressed)) is not None:
        return f"{shown} {field}: where a field or a list has the cursor, it does not reach the command."
    return None


def combination(key: str) -> QKeyCombination | None:
    """The key with its modifiers that a portable text means; None where it means none, or several."""
    sequence = QKeySequence.fromString(key, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1:
        return None
    pressed: QKeyCombination = sequence[0]  # type: ignore[index]  # PySide's stubs leave it out
    return None if pressed.key() in _NO_KEYS else pressed


def _taken_by_kind(pressed: QKeyCombination) -> str | None:
    key, modifiers = pressed.key(), pressed.keyboardModifiers() & ~_Modifier.KeypadModifier
    is_function_key = _Key.Key_F1 <= key <= _Key.Key_F35
    if modifiers & _Modifier.MetaModifier:
        return _DESKTOP
    if modifiers & _Modifier.ControlModifier and modifiers & _Modifier.AltModifier:
        return _DESKTOP
    if is_function_key and modifiers & _Modifier.AltModifier:
        return "closes the window on most desktops" if key == _Key.Key_F4 else _DESKTOP
    if is_function_key and modifiers == _Modifier.ControlModifier:
        return "belongs to the desktop in KDE Plasma and Xfce"
    if key in (_Key.Key_Print, _Key.Key_SysReq):
        return "takes a picture of the screen"
    if _types_a_character(key) and modifiers & ~_Modifier.ShiftModifier == _Modifier.AltModifier:
        return "types a special character on macOS, and opens a menu elsewhere"
    return None


def _needed_by_kind(pressed: QKeyCombination) -> str | None:
    key, modifiers = pressed.key(), pressed.keyboardModifiers() & ~_Modifier.KeypadModifier
    is_plain = modifiers in (_Modifier.NoModifier, _Modifier.ShiftModifier)
    if is_plain and _types_a_character(key):
        return "types a character"
    if is_plain and key in _IN_LISTS:
        return "moves through lists and fields"
    if is_plain and key == _Key.Key_Escape:
        return "closes dialogs and menus"
    return _BY_KEY.get(key) if not modifiers & _Modifier.AltModifier else None


def _types_a_character(key: Qt.Key) -> bool:
    return _Key.Key_Space < key < _Key.Key_Escape  # Qt's keys are Unicode below its own, which begin with Escape
