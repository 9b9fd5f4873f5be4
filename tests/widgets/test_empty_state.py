"""The empty state says its sentence and finds room for it."""

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from microgpt_studio.theme import Theme
from microgpt_studio.widgets import EmptyState

Dress = Callable[..., Theme]

SENTENCE = "Nothing has been recorded yet. Step or run to see the graph of the first document."


def test_says_its_sentence_in_the_middle(qtbot: QtBot, dress: Dress) -> None:
    dress("light")
    empty = EmptyState(SENTENCE)
    qtbot.addWidget(empty)
    assert empty.sentence == empty.accessibleName() == SENTENCE
    empty.resize(400, 200)
    picture = empty.grab().toImage()
    rows = [y for y in range(200) if len({picture.pixel(x, y) for x in range(400)}) > 1]
    assert rows[0] > 60
    assert rows[-1] < 140


def test_room_grows_with_the_sentence(qtbot: QtBot) -> None:
    empty = EmptyState()
    qtbot.addWidget(empty)
    before = empty.sizeHint()
    empty.set_sentence(SENTENCE)
    assert empty.sizeHint().height() > before.height()
    assert empty.minimumSizeHint().width() < empty.sizeHint().width()
