"""Lines that know several wordings: the longest that fits, elided where none does."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import SMALL
from microgpt_studio.widgets.wordings import Wordings

LONG, SHORT = "a dot for every edge, in order of execution", "every edge"


@pytest.fixture
def lines(qtbot, dress):
    dress("dark")
    lines = Wordings(figures=(False, True))
    qtbot.addWidget(lines)
    return lines


def _row(lines, line):
    """The pixels of a line."""
    picture = lines.grab().toImage()
    half = picture.height() // 2
    rows = range(half * line, half * (line + 1))
    return [picture.pixel(x, y) for y in rows for x in range(picture.width())]


def test_the_longest_that_fits_is_shown(lines):
    room = QFontMetricsF(current_theme().text_font(SMALL)).horizontalAdvance(LONG)
    for width, shown in ((room + 2, LONG), (room - 2, SHORT)):
        lines.resize(round(width), lines.sizeHint().height())
        lines.say(0, LONG, SHORT)
        both = _row(lines, 0)
        lines.say(0, shown)
        assert _row(lines, 0) == both


@pytest.mark.parametrize("elide", [Qt.TextElideMode.ElideRight, Qt.TextElideMode.ElideMiddle])
def test_the_shortest_is_elided_where_none_fits(qtbot, dress, elide):
    dress("light")
    lines = Wordings(figures=(False, True), elide=elide)
    qtbot.addWidget(lines)
    lines.resize(40, lines.sizeHint().height())
    lines.say(0, LONG, SHORT)
    both = _row(lines, 0)
    lines.say(0, QFontMetricsF(current_theme().text_font(SMALL)).elidedText(SHORT, elide, 40))
    assert _row(lines, 0) == both


def test_hovering_tells_the_longest(lines):
    assert lines.texts == ("", "")
    lines.say(1, LONG, SHORT)
    assert lines.texts == ("", LONG) and lines.toolTip() == lines.accessibleName() == LONG
    lines.say(0, SHORT)
    assert lines.toolTip() == f"{SHORT}\n{LONG}"
    lines.say(1)
    assert lines.texts == (SHORT, "") and lines.toolTip() == SHORT


def test_a_muted_line_is_fainter(lines):
    lines.resize(lines.sizeHint())
    lines.say(0, LONG)
    plain = _row(lines, 0)
    lines.say(0, LONG, muted=True)
    assert _row(lines, 0) != plain


def test_what_is_said_changes_no_size(lines, dress):
    before = lines.sizeHint()
    lines.say(0, LONG * 5)
    assert lines.sizeHint() == before
    dress("dark", 2.0)
    assert lines.sizeHint().width() == 2 * before.width() and lines.sizeHint().height() > 1.8 * before.height()
    assert lines.minimumSizeHint().height() == lines.sizeHint().height()
