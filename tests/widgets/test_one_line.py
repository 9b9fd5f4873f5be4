"""The one line: what has no room is left out and told on hover; only one that asks takes part in the layout."""

import pytest
from PySide6.QtCore import Qt

from microgpt_studio.widgets.one_line import OneLine


@pytest.fixture(params=[False, True])
def line(qtbot, dress, request):
    dress("dark")
    side = Qt.AlignmentFlag.AlignRight if request.param else Qt.AlignmentFlag.AlignLeft
    line = OneLine(asks=request.param, side=side)
    qtbot.addWidget(line)
    return line, request.param


def test_only_one_that_asks_wants_room(line):
    line, asks = line
    before = line.sizeHint()
    line.say("It is said in one line")
    assert line.toolTip() == line.accessibleName() == line.text == "It is said in one line"
    assert (line.sizeHint().width() > before.width()) is asks
    assert line.minimumSizeHint().width() == 1 and line.minimumSizeHint().height() == before.height()


def test_it_writes_at_its_side_and_within_its_width(line):
    line, asks = line
    line.say("said")
    line.resize(200, line.sizeHint().height())
    picture = line.grab().toImage()
    ground = picture.pixelColor(100, 1)
    inked = [x for x in range(200) if any(picture.pixelColor(x, y) != ground for y in range(picture.height()))]
    assert inked and (min(inked) > 100 if asks else max(inked) < 100)


def test_text_size(line, dress):
    line, _ = line
    before = line.sizeHint().height()
    dress("dark", 2.0)
    assert line.sizeHint().height() > 1.5 * before
