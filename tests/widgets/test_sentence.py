"""The sentence: as many lines as it takes, and errors that are seen."""

import pytest

from microgpt_studio.widgets.sentence import Sentence


@pytest.fixture
def sentence(qtbot):
    sentence = Sentence()
    qtbot.addWidget(sentence)
    return sentence


def test_it_wants_one_line_and_takes_as_many_as_it_needs(sentence):
    sentence.say("What is not computed in this document is left open in the plot, and said.")
    one = sentence.sizeHint()
    assert sentence.heightForWidth(one.width()) == one.height()
    assert sentence.heightForWidth(one.width() // 3) >= 2 * one.height() - 4
    sentence.resize(one)
    sentence.grab()


def test_an_error_has_a_sign(sentence):
    sentence.say("There is no level.", error=True)
    assert sentence.is_error and sentence.text == sentence.accessibleName() == "⚠ There is no level."
    sentence.say("Found.")
    assert not sentence.is_error and sentence.text == "Found."


def test_text_size(sentence, dress):
    sentence.say("Found.")
    before = sentence.sizeHint()
    dress("light", 2.0)
    assert sentence.sizeHint().width() > 1.7 * before.width()
