"""The sections of the Inspector at any width and text size: nothing is cut, nothing overlaps, forms stand in place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from microgpt_studio.debugger.contribution_groups import Grouping
from microgpt_studio.panels.inspector.rows import Bar, Form
from microgpt_studio.theme import apply_theme


def everything_open(person):
    """All sections, with answers in each."""
    person.select("layer0.attn_wq[0,0]")
    panel = person.panel
    for fold in ("check", "what-if", "check.tried"):
        panel.sheet.folded.emit(fold)
    panel.check.form.h_edit.setText("0.3")  # so far that ReLUs change sides
    panel.check.form.button.click()
    panel.what_if.form.edit.setText("2.5")
    panel.what_if.form.edit.textEdited.emit("2.5")
    panel.check.form.all_button.click()
    panel.contributions.form.button(Grouping.CHARACTER).click()
    person.wait()
    panel.sheet.folded.emit(person.of(Bar)[-1].fold)
    person.look()


@pytest.mark.parametrize("scale", [1.0, 1.25, 2.0])
@pytest.mark.parametrize("width", [260, 345, 420, 700, 1100])
def test_no_field_is_cut_and_none_overlaps(person, qapp, scale, width):
    everything_open(person)
    apply_theme(qapp, "dark", scale)
    panel = person.panel
    panel.resize(width, 600)
    QApplication.processEvents()
    sheet = panel.sheet
    layout = sheet.page_layout
    bottom = 0.0
    for index, row in enumerate(person.rows):
        if isinstance(row, Form):
            rect = layout.form_rect(index)
            assert rect.top() >= bottom - 6.0
            assert rect.right() <= layout.width + 0.5
            bottom = rect.bottom()
            continue
        fields = [field for field in sheet.fields(index) if field.text]
        for i, field in enumerate(fields):
            assert field.rect.right() <= layout.width + 0.5
            assert field.rect.width() >= 0.0
            assert field.rect.top() >= bottom - 6.0
            for other in fields[:i]:
                shared = field.rect.intersected(other.rect)
                assert min(shared.width(), shared.height()) <= 2.0, (field, other)
        bottom = max((field.rect.bottom() for field in fields), default=bottom)
    assert layout.height >= bottom
    panel.grab()


@pytest.mark.parametrize("width", [260, 345, 700])
def test_widgets_of_forms_have_their_room(person, width):
    everything_open(person)
    person.panel.resize(width, 600)
    QApplication.processEvents()
    for form in (person.panel.check.form, person.panel.what_if.form, person.panel.contributions.form):
        assert form.isVisible()
        assert form.width() <= person.panel.sheet.viewport().width() - 16
        for child in form.findChildren(QWidget):
            if child.isVisible() and child.parent() is not None and child.layout() is None:
                box = child.rect().translated(child.mapTo(form, child.rect().topLeft()))
                assert form.rect().contains(box), (form, child)
                assert child.width() >= child.minimumSizeHint().width()


def test_forms_scroll_with_their_rows(person):
    everything_open(person)
    sheet, form = person.panel.sheet, person.panel.check.form
    index = next(i for i, row in enumerate(person.rows) if isinstance(row, Form) and row.name == "check")
    for offset in (0, 40, 200):
        sheet.verticalScrollBar().setValue(offset)
        expected = sheet.page_layout.form_rect(index).translated(0.0, -offset).toRect()
        assert form.geometry() == expected


def test_the_tab_key_brings_a_form_into_view(person, qtbot):
    everything_open(person)
    panel = person.panel
    panel.activateWindow()
    panel.sheet.setFocus()
    qtbot.waitUntil(panel.sheet.hasFocus)
    reached = set()
    for _ in range(16):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        for form in (panel.check.form, panel.what_if.form, panel.contributions.form):
            if focused is not None and form.isAncestorOf(focused):
                reached.add(form)
                assert panel.sheet.viewport().rect().contains(form.geometry().center())
    assert len(reached) == 3


def test_keys_in_a_field_do_not_move_the_sheet_s_cursor(person, qtbot):
    everything_open(person)
    sheet = person.panel.sheet
    qtbot.keyClick(sheet, Qt.Key.Key_Down)
    before = sheet.current
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(person.panel.what_if.form.edit, key)
        qtbot.keyClick(person.panel.check.form.button, key)
    assert sheet.current == before
    assert person.heading("What if").is_open
