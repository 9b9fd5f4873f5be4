"""Keys: which shortcuts each command has, by default and as a person has changed them, kept between runs.

A key belongs to one command: Qt carries out neither of two that share one. What is stored is the portable text of a
key ("Ctrl+Shift+F5"); what is shown is its native text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction, QKeySequence

from microgpt_studio.window.actions import ROWS, Row
from microgpt_studio.window.keys_reserved import combination

Keys = tuple[str, ...]  # portable texts; the first is the one that menus and tips show

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_NATIVE = QKeySequence.SequenceFormat.NativeText
_GROUP = "keys"  # in the store
_ALTERNATIVES = {
    "larger": "Ctrl+=",  # the same key without Shift, on most keyboards
    "run-to-selection": "Ctrl+Shift+F10",  # some desktops take Ctrl with function keys
}


class KeyTaken(ValueError):
    """A key that another command has. `holder` is the name of that command."""

    def __init__(self, key: str, holder: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key
        self.holder = holder


class KeyMap:
    """The keys of every command of a table. `store` keeps what is changed, as it is changed; None keeps nothing."""

    def __init__(self, store: QSettings | None = None, rows: Sequence[Row] = ROWS) -> None:
        self.rows = {row.name: row for row in rows}
        self._store = store
        self._defaults = {row.name: default_keys(row) for row in rows}
        self._keys = dict(self._defaults)

    def load(self) -> tuple[str, ...]:
        """Take what was stored. Returns a sentence for each command whose stored keys cannot be used as they are."""
        sentences: list[str] = []
        own: dict[str, Keys] = {}
        for name, default in self._defaults.items():
            try:
                stored = self._stored(name)
            except ValueError as error:
                keeps = f"{self._says(name)} has its default, {joined(default)}"
                sentences.append(f"The stored keys cannot be read: {error}; {keeps}.")
                continue
            if stored is not None:
                own[name] = stored
        self._keys = {}
        for name in (*own, *(name for name in self._defaults if name not in own)):  # what was chosen comes first
            wanted = own.get(name, self._defaults[name])
            lost = {key: holder for key in wanted if (holder := self.holder(key)) is not None}
            self._keys[name] = tuple(key for key in wanted if key not in lost)
            for key, holder in lost.items():
                sentences.append(f"{native(key)} is the key of {self._says(holder)}, not of {self._says(name)} too.")
        return tuple(sentences)

    def keys(self, name: str) -> Keys:
        """The present keys of a command; none for one that has none. Raises KeyError."""
        return self._keys[name]

    def default(self, name: str) -> Keys:
        """The keys that a command has as long as nobody changes them. Raises KeyError."""
        return self._defaults[name]

    def is_changed(self, name: str) -> bool:
        """Whether a command has other keys than its default ones. Raises KeyError."""
        return self._keys[name] != self._defaults[name]

    def holder(self, key: str) -> str | None:
        """The name of the command that has a key, given by its portable text; None where nothing has it."""
        return next((name for name, keys in self._keys.items() if key in keys), None)

    def change(self, name: str, keys: Sequence[str], *, take: bool = False) -> None:
        """Give a command these keys, and no others; `take` takes them from those that have them.

        Raises KeyTaken, ValueError for what is no key, and KeyError; nothing is changed then.
        """
        wanted = tuple(dict.fromkeys(portable(key) for key in keys))
        old = self._keys[name]
        holders: dict[str, str] = {}
        for key in wanted:
            holder = self.holder(key)
            if holder is not None and holder != name:
                holders[key] = holder
        for key, holder in holders.items():
            if not take:
                sentence = f"{native(key)} is taken by {self._says(holder)}; take it from there."
                raise KeyTaken(key, holder, sentence)
        if wanted != old:
            self._put(name, wanted)
        for key, holder in holders.items():
            self._put(holder, tuple(other for other in self._keys[holder] if other != key))

    def reset(self, name: str, *, take: bool = False) -> None:
        """Back to a command's default keys. Raises KeyTaken, and KeyError."""
        self.change(name, self._defaults[name], take=take)

    def reset_all(self) -> None:
        """Every command back to its default keys."""
        for name, keys in self._defaults.items():
            self._put(name, keys)

    def copy(self) -> KeyMap:
        """The same keys, to be changed without consequences: a copy is not kept between runs."""
        copy = KeyMap(None, tuple(self.rows.values()))
        copy._keys = dict(self._keys)
        return copy

    def adopt(self, other: KeyMap) -> None:
        """Have the keys of a copy, and keep them."""
        for name, keys in other._keys.items():
            if keys != self._keys[name]:
                self._put(name, keys)

    def apply(self, actions: Mapping[str, QAction]) -> None:
        """Give every action of the table its keys, and a tip that names the first of them."""
        for name, row in self.rows.items():
            keys = self._keys[name]
            actions[name].setShortcuts([QKeySequence.fromString(key, _PORTABLE) for key in keys])
            actions[name].setToolTip(f"{row.tip} ({native(keys[0])})" if keys else row.tip)

    def _put(self, name: str, keys: Keys) -> None:
        self._keys[name] = keys
        if self._store is None:
            return
        if keys == self._defaults[name]:
            self._store.remove(f"{_GROUP}/{name}")
        else:
            self._store.setValue(f"{_GROUP}/{name}", list(keys))

    def _stored(self, name: str) -> Keys | None:
        """The stored keys of a command; None where none are. Raises ValueError with the beginning of a sentence."""
        if self._store is None or not self._store.contains(f"{_GROUP}/{name}"):
            return None
        value = self._store.value(f"{_GROUP}/{name}")
        texts = [] if value is None else value if isinstance(value, list) else [value]  # as an INI file reads them
        return tuple(dict.fromkeys(portable(text) for text in texts))

    def _says(self, name: str) -> str:
        """What a command is called in a sentence."""
        return f"“{title(self.rows[name])}”"


def title(row: Row) -> str:
    """The text of a command's row, without the sign for a dialog that follows."""
    return row.text.removesuffix("…")


def default_keys(row: Row) -> Keys:
    """The keys that the table gives a command."""
    return tuple(portable(key) for key in (row.keys, _ALTERNATIVES.get(row.name, "")) if key)


def portable(key: object) -> str:
    """The one spelling of a key ("ctrl+q" is "Ctrl+Q"). Raises ValueError for what cannot be pressed in one go."""
    if not isinstance(key, str) or combination(key) is None:
        raise ValueError(f"{key!r:.40} is not a key")
    return QKeySequence.fromString(key, _PORTABLE).toString(_PORTABLE)


def native(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence.fromString(key, _PORTABLE).toString(_NATIVE)


def joined(keys: Sequence[str]) -> str:
    """Keys in a row, as this system writes them; "no key" for none."""
    return ", ".join(map(native, keys)) or "no key"
