"""A link tells its whole address and is activated by pointer and keyboard."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from microgpt_studio.theme import DARK, Theme
from microgpt_studio.widgets import AddressLink

Dress = Callable[..., Theme]

ADDRESS = "pos4.layer0.attn.q[5].mul[7]"


@pytest.fixture
def link(qtbot: QtBot, dress: Dress) -> AddressLink:
    dress("dark")
    widget = AddressLink(ADDRESS)
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    return widget


def test_click_sends_the_address(link: AddressLink, qtbot: QtBot) -> None:
    with qtbot.waitSignal(link.activated) as caught:
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert caught.args == [ADDRESS]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_send_the_target(link: AddressLink, qtbot: QtBot, key: Qt.Key) -> None:
    link.set_address("wte[1,2]", target=18)
    assert link.target == 18
    with qtbot.waitSignal(link.activated) as caught:
        qtbot.keyClick(link, key)
    assert caught.args == [18]


def test_disabled_sends_nothing(link: AddressLink, qtbot: QtBot) -> None:
    link.setEnabled(False)
    with qtbot.assertNotEmitted(link.activated):
        qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert not link.grab().isNull()


def test_narrow_is_elided_but_the_tooltip_is_whole(link: AddressLink) -> None:
    assert link.minimumSizeHint().width() < link.sizeHint().width()
    link.resize(link.minimumSizeHint())
    assert not link.grab().isNull()
    assert link.toolTip() == link.accessibleName() == link.text() == ADDRESS


def test_accent_under_the_pointer(link: AddressLink) -> None:
    def has_accent() -> bool:
        picture = link.grab().toImage()
        line = range(picture.width())
        return any(picture.pixelColor(x, y).name() == DARK.accent for x in line for y in range(picture.height()))

    assert not has_accent()
    link.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    assert has_accent()


def test_follows_the_text_scale(link: AddressLink, dress: Dress) -> None:
    before = link.sizeHint()
    dress("light", 2.0)
    QApplication.sendEvent(link, QEvent(QEvent.Type.StyleChange))
    assert link.sizeHint().width() > 1.8 * before.width()
