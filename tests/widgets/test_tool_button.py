"""Buttons are called by their word, or by their tip where they show an icon alone."""

from microgpt_studio.widgets.tool_button import tool_button


def test_a_word_is_its_name_and_the_tip_describes_it(qtbot):
    button = tool_button("fold", "Fold sums of many terms", checkable=True)
    qtbot.addWidget(button)
    assert (button.text(), button.toolTip()) == ("fold", "Fold sums of many terms")
    assert (button.accessibleName(), button.accessibleDescription()) == ("fold", "Fold sums of many terms")
    assert button.isCheckable()


def test_an_icon_is_called_by_its_tip(qtbot):
    button = tool_button("", "Larger (+)")
    qtbot.addWidget(button)
    assert (button.accessibleName(), button.accessibleDescription()) == ("Larger (+)", "")
    assert not button.isCheckable()
