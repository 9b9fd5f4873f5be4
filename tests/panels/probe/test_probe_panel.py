"""The Probe panel: texts are typed, watched, changed, removed and refused in place; what it shows is exact."""

from __future__ import annotations

from collections.abc import Callable
from math import log

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.probe import Probe, Probed
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.probe import ProbePanel
from microgpt_studio.panels.probe.list_model import row_text
from microgpt_studio.panels.probe.probes import MOST
from microgpt_studio.panels.probe.sections import Section
from microgpt_studio.theme import apply_theme

CTRL = Qt.KeyboardModifier.ControlModifier
Show = Callable[..., None]
TypeIn = Callable[..., None]


def texts(panel: ProbePanel) -> list[str]:
    return [probe.text for probe in panel.probes.probes]


def asked(session: Session, text: str) -> Probed:
    answer = session.snapshot(1, Wanted(inquiries=frozenset({Probe(text)}))).answer(Probe(text))
    assert answer is not None and answer.numbers is not None
    return answer


def say(panel: ProbePanel) -> str:
    return panel.field.sentence.text


def test_before_a_session_it_says_so(panel: ProbePanel, type_in: TypeIn) -> None:
    assert panel.empty.isVisible() and panel.empty.sentence.startswith("No session yet.")
    assert list(panel.inquiries()) == []
    type_in("emma")
    assert panel.field.sentence.is_error and "no session" in say(panel)
    assert panel.field.edit.text() == "emma"
    panel.grab()


def test_it_begins_with_the_first_document_and_the_empty_text(panel: ProbePanel, session: Session, show: Show) -> None:
    show(panel, session)
    document = session.snapshot(1, Wanted()).moment.document
    assert texts(panel) == [document, ""]
    assert panel.current is not None and panel.current.text == document
    assert panel.sections.isVisible() and not panel.empty.isVisible()
    session.run(3)
    show(panel, session, new=False)
    assert texts(panel) == [document, ""]


def test_another_session_begins_anew_until_something_is_typed(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn
) -> None:
    show(panel, session)
    session.run(1)
    show(panel, session)  # a session that begins with another document
    assert texts(panel) == [session.snapshot(1, Wanted()).moment.document, ""]
    type_in("mia")
    before = texts(panel)
    panel._pin()
    show(panel, session)
    assert texts(panel) == before
    assert [len(probe.curve()[0]) for probe in panel.probes.probes] == [1, 1, 1]
    assert panel.current is not None and panel.current.pinned is None


def test_a_text_is_added_with_enter(panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot) -> None:
    show(panel, session)
    with qtbot.waitSignal(panel.wishes_changed):
        type_in("amelia")
    assert Probe("amelia") in panel.inquiries()
    assert panel.field.edit.text() == "" and not panel.field.sentence.is_error
    assert panel.current is not None and panel.current.text == "amelia"
    assert panel.empty.isVisible() and "amelia" in panel.empty.sentence
    show(panel, session, new=False)
    assert panel.sections.isVisible()
    type_in("amelia")  # once more: it is shown, and not added
    assert texts(panel).count("amelia") == 1


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [("emmä", 3, "“ä” (column 4)"), ("Emma", 0, "it knows “e”"), ("a z q", 1, "“ ” (column 2)")],
)
def test_unknown_characters_are_pointed_out_and_nothing_is_lost(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot, text: str, start: int, words: str
) -> None:
    show(panel, session)
    before = texts(panel)
    type_in(text, enter=False)
    assert panel.field.sentence.is_error and words in say(panel)  # while it is typed
    qtbot.keyClick(panel.field.edit, Qt.Key.Key_Return)
    assert (panel.field.edit.text(), texts(panel)) == (text, before)
    assert (panel.field.edit.selectionStart(), panel.field.edit.selectedText()) == (start, text[start])
    assert panel.field.sentence.is_error and words in say(panel)
    type_in("emma")
    assert not panel.field.sentence.is_error and "emma" in texts(panel)


def test_a_probe_is_changed(panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot) -> None:
    show(panel, session)
    type_in("mia")
    show(panel, session, new=False)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_F2)
    assert panel.field.edit.text() == "mia" and "in place of “mia”" in say(panel)
    type_in("miä")
    assert "mia" in texts(panel) and panel.field.replaced == "mia"
    type_in("mira")
    assert texts(panel)[2:] == ["mira"] and panel.field.replaced is None
    panel.side.change.click()
    assert panel.field.edit.text() == "mira"
    qtbot.keyClick(panel.field.edit, Qt.Key.Key_Escape)
    assert (panel.field.edit.text(), panel.field.replaced, texts(panel)[2:]) == ("", None, ["mira"])


def test_a_probe_is_removed(panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot) -> None:
    show(panel, session)
    type_in("mia")
    panel.list.setFocus()
    with qtbot.waitSignal(panel.wishes_changed):
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert "mia" not in texts(panel) and len(texts(panel)) == 2
    panel._edit()
    panel.side.remove.click()
    panel.side.remove.click()
    assert texts(panel) == [] and list(panel.inquiries()) == []
    assert panel.field.replaced is None
    assert panel.empty.isVisible() and panel.empty.sentence.startswith("Type a text")
    assert not panel.side.pin.isEnabled() and not panel.side.remove.isEnabled()
    show(panel, session, new=False)
    assert texts(panel) == []  # what was taken away does not come back
    panel.grab()


def test_no_more_than_there_is_room_for(panel: ProbePanel, session: Session, show: Show, type_in: TypeIn) -> None:
    show(panel, session)
    for number in range(MOST - 2):
        type_in("a" * (number + 1))
    assert len(texts(panel)) == MOST
    type_in("mia")
    assert len(texts(panel)) == MOST and panel.field.edit.text() == "mia"
    assert panel.field.sentence.is_error and "Remove one" in say(panel)
    type_in("aa")  # one that is there
    assert panel.current is not None and panel.current.text == "aa"


def test_the_heading_tells_loss_parameters_and_scoring(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn
) -> None:
    session.run(4)
    show(panel, session)
    type_in("mira")
    show(panel, session, new=False)
    loss = asked(session, "mira").numbers.loss  # type: ignore[union-attr]
    text = panel.heading.text
    assert f"mean loss {loss:.4g} nats = {loss / log(2):.4g} bits" in text
    assert "parameters after update 3, as in the forward phase of update 4" in text
    assert "the last row tells what comes next" in text and "loaded document" not in text
    assert repr(loss) in panel.heading.toolTip() and repr(loss / log(2)) in panel.heading.toolTip()
    type_in("charlottee")
    show(panel, session, new=False)
    assert "cut after 8 of 11 positions" in panel.heading.text
    session.go_to_place(Place(0, 50))
    show(panel, session, new=False)
    assert "parameters before the first update, as in the forward phase of update 1" in panel.heading.text


def test_the_curve_has_a_point_for_each_shown_update(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn
) -> None:
    show(panel, session)
    type_in("mia")
    losses = {}
    for update in (1, 4, 9, 2):
        session.go_to(update) if update < session.step else session.run(update - session.step)
        show(panel, session, new=False)
        losses[update - 1] = asked(session, "mia").numbers.loss  # type: ignore[union-attr]
    assert panel.current is not None
    updates, curve = panel.current.curve()
    assert dict(zip(updates.tolist(), curve.tolist(), strict=True)) == losses
    plot = panel.side.plot
    assert plot.describe(0.0) == f"before the first update\nmean loss {losses[0]!r} nats"
    assert plot.describe(9999.0) == f"after update 8\nmean loss {losses[8]!r} nats"
    assert "4 shown moments of updates 0 to 8" in row_text(panel.current)


@pytest.mark.parametrize("is_within", [False, True])
def test_a_kept_number_begins_a_new_curve_and_what_is_pinned_stays(
    panel: ProbePanel, session: Session, show: Show, is_within: bool
) -> None:
    for update in (12, 6):
        session.go_to(update) if update < session.step else session.run(update)
        show(panel, session, new=update == 12)
    probe = panel.current
    assert probe is not None and probe.curve()[0].tolist() == [5, 11]
    panel.side.pin.click()
    if is_within:
        session.go_to_place(Place(5, 10))
    session.keep(session.description.addresses.parse("lm_head[0,0]"), 3.0)
    show(panel, session, new=False)
    assert probe.curve()[0].tolist() == [5]
    session.run(9)  # past the updates of the old run
    show(panel, session, new=False)
    assert probe.curve()[0].tolist() == [5, 14]
    assert probe.pinned is not None


def test_a_kept_number_is_noticed_where_the_new_run_has_gone_further_than_the_old(
    panel: ProbePanel, session: Session, show: Show
) -> None:
    session.run(12)
    show(panel, session)
    session.go_to(6)
    session.keep(session.description.addresses.parse("lm_head[0,0]"), 3.0)
    session.run(9)
    show(panel, session, new=False)
    assert panel.current is not None and panel.current.curve()[0].tolist() == [14]


def test_a_restart_begins_a_new_curve(panel: ProbePanel, session: Session, show: Show) -> None:
    session.run(6)
    show(panel, session)
    session.restart()
    show(panel, session, new=False)
    assert panel.current is not None and panel.current.curve()[0].tolist() == [0]
    assert panel.current.latest is not None


def test_numbers_are_pinned_and_compared(panel: ProbePanel, session: Session, show: Show, type_in: TypeIn) -> None:
    show(panel, session)
    type_in("mia")
    show(panel, session, new=False)
    assert not panel.note.isVisible()
    panel.side.pin.click()
    assert panel.note.text.endswith(" nats; now the same")
    before = asked(session, "mia").numbers.loss  # type: ignore[union-attr]
    session.run(8)
    show(panel, session, new=False)
    after = asked(session, "mia").numbers.loss  # type: ignore[union-attr]
    assert after != before
    assert panel.note.isVisible() and panel.side.pin.isChecked()
    change = f"{abs(after - before):#.4g} nats {'higher' if after > before else 'lower'}"
    assert panel.note.text == f"pinned before the first update: {before:#.4g} nats; now {change}"
    table, now = panel.sections.predictions.table, asked(session, "mia").numbers
    session.go_to_place(Place(0, 0))
    then = asked(session, "mia").numbers
    assert now is not None and then is not None and "delta" in table.columns.edges
    table.copy_all()
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[2][-1] == "nats now − pinned"
    for p in range(4):
        delta = repr(float(now.losses[p]) - float(then.losses[p]))
        assert f"now − pinned  {delta} nats" in table.describe(QPointF(20.0, table.row_rect(p).center().y()))
        assert lines[3 + p][-1] == delta
    session.run(8)
    show(panel, session, new=False)
    panel.side.pin.click()
    assert not panel.note.isVisible() and not panel.side.pin.isChecked()
    assert "delta" not in table.columns.edges


def test_a_row_of_the_list_is_copied_in_full_with_its_curve(
    panel: ProbePanel, session: Session, show: Show, qtbot
) -> None:
    show(panel, session)
    first = asked(session, "").numbers.loss  # type: ignore[union-attr]
    session.run(3)
    show(panel, session, new=False)
    panel.list.turn_to(1)
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_C, CTRL)
    loss = asked(session, "").numbers.loss  # type: ignore[union-attr]
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[:2] == ["(empty)", f"mean loss {loss!r} nats"]
    assert lines[-3:] == ["updates\tmean loss / nats", f"0\t{first!r}", f"2\t{loss!r}"]


def test_a_row_of_the_loaded_document_selects_its_loss(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot
) -> None:
    session.run(2)
    show(panel, session)
    assert "the loaded document" in panel.heading.text
    selected: list[int] = []
    panel.selected.connect(selected.append)
    table = panel.sections.predictions.table
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.row_rect(1).center().toPoint())
    assert selected == [session.description.addresses.parse("pos1.loss")]
    type_in("mira")
    show(panel, session, new=False)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.row_rect(1).center().toPoint())
    assert len(selected) == 1 and table.marked == 1


def test_the_table_tells_and_copies_every_digit(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot
) -> None:
    session.run(3)
    show(panel, session)
    type_in("mira")
    show(panel, session, new=False)
    probed, table = asked(session, "mira"), panel.sections.predictions.table
    numbers, bos = probed.numbers, session.runner.tokenizer.bos
    assert numbers is not None
    columns = table.columns
    for p in range(5):
        box = table.row_rect(p)
        target, loss = probed.tokens[p + 1], float(numbers.losses[p])
        left, right = columns.edges["prob"]
        told = table.describe(QPointF((left + right) / 2, box.center().y()))
        assert repr(float(numbers.probs[p, target])) in told
        assert f"{loss!r} nats" in told and f"{loss / log(2)!r} bits" in told
        rank = sorted(numbers.probs[p].tolist(), reverse=True).index(numbers.probs[p, target]) + 1
        assert f"rank  {rank} of {bos + 1}" in told and f"tokens  {probed.tokens[p]} → {target}" in told
        left, right = columns.edges["top0"]
        assert repr(float(numbers.probs[p].max())) in table.describe(QPointF(left + 1.0, box.center().y()))
    assert "−log₂ p" in table.describe(QPointF(columns.edges["bits"][1], 2.0))
    assert table.describe(QPointF(20.0, table.row_rect(5).bottom() + 1.0)) == ""
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, CTRL)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:2] == ["probe", "mira"] and lines[1][1] == repr(numbers.loss)
    for p, line in enumerate(lines[3:]):
        assert line[3] == repr(float(numbers.probs[p, probed.tokens[p + 1]]))
        assert [float(x) for x in line[5:7]] == [numbers.losses[p], float(numbers.losses[p]) / log(2)]
        assert [float(x) for x in line[7:]] == numbers.probs[p].tolist()
    assert len(lines) == 3 + 5


def test_keys_mark_positions_and_the_distribution_follows(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot
) -> None:
    show(panel, session)
    type_in("mira")
    show(panel, session, new=False)
    page = panel.sections.predictions
    assert page.position == 4  # what comes next
    assert page.distribution.accessibleName() == "p of what comes after “mira”; scored on the end (·)"
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.position == 0
    assert page.distribution.accessibleName() == "p of what comes first; scored on “m”"
    for key, position in ((Qt.Key.Key_Down, 1), (Qt.Key.Key_End, 4), (Qt.Key.Key_Down, 4), (Qt.Key.Key_Home, 0)):
        qtbot.keyClick(page.table, key)
        assert page.position == position
    qtbot.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.table.marked is None and page.position == 4
    probs = asked(session, "mira").numbers.probs[4]  # type: ignore[union-attr]
    box = page.distribution.plot_rect()
    width = box.width() / len(probs)
    for token, p in enumerate(probs.tolist()):
        told = page.distribution.describe(box.left() + (token + 0.5) * width)
        assert f"“{session.description.token_text(token)}”" in told and repr(p) in told
    assert page.distribution.describe(0.0) == ""


def test_heads_and_activations_show_the_probe_s_numbers(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn, qtbot
) -> None:
    session.run(2)
    show(panel, session)
    type_in("mira")
    show(panel, session, new=False)
    numbers = asked(session, "mira").numbers
    assert numbers is not None
    panel.sections.turn_to(Section.ATTENTION)
    heads = panel.sections.attention.heads
    assert heads.isVisible() and len(heads.tiles) == 4
    cell = heads.cell(3, 2, 1)  # layer 1, head 1
    told = heads.describe(cell)
    assert told == f"layer1 head1: query 2 “i” looks at key 1 “m”\nweight {float(numbers.weights[1, 1, 2, 1])!r}"
    assert heads.describe(heads.cell(0, 0, 1)) == ""
    qtbot.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=heads.cell_rect(cell).center().toPoint())
    qtbot.keyClick(heads, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == repr(float(numbers.weights[1, 1, 2, 1]))
    panel.sections.turn_to(Section.ACTIVATIONS)
    page = panel.sections.activations
    assert page.isVisible() and not heads.isVisible() and len(page.units) == 2
    relu, norm = float(numbers.relu[1, 3, 7]), float(numbers.norms[4, 2])
    assert page.units[1].description(3, 7) == f"layer1, unit 7 at position 3 “r”\noutput of its ReLU {relu!r}"
    told = page.stream.description(4, 2)
    assert told == f"residual stream after layer1.attn, position 2 “i”\nEuclidean norm {norm!r}"


def test_with_room_all_sections_stand_together_and_the_panel_can_shrink_again(
    panel: ProbePanel, session: Session, show: Show
) -> None:
    show(panel, session)
    pages = (panel.sections.predictions, panel.sections.attention, panel.sections.activations)
    panel.resize(1300, 900)
    QApplication.processEvents()
    assert panel.sections.is_together and all(page.isVisible() for page in pages)
    panel.resize(690, 390)
    QApplication.processEvents()
    assert (panel.width(), panel.height()) == (690, 390)
    assert [page.isVisible() for page in pages] == [True, False, False]


def test_where_there_are_no_numbers_the_reason_is_told(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn
) -> None:
    session.run(1)
    show(panel, session)
    type_in("mia")
    data = session.runner.machine.data
    for column in range(8):
        data[session.description.addresses.parse(f"lm_head[0,{column}]")] = 1e200 * (-1) ** column
    show(panel, session, new=False)
    latest = panel.current.latest if panel.current is not None else None
    assert latest is not None and latest.numbers is None
    assert panel.empty.isVisible() and panel.empty.sentence == latest.reason
    assert latest.reason in row_text(panel.current)  # type: ignore[arg-type, operator]
    panel.grab()


def test_numbers_that_are_none_are_shown_as_they_are(
    panel: ProbePanel, session: Session, show: Show, type_in: TypeIn
) -> None:
    session.run(1)
    show(panel, session)
    type_in("mia")
    session.runner.machine.data[session.description.addresses.parse("layer0.mlp_fc2[0,0]")] = float("nan")
    show(panel, session, new=False)
    assert "mean loss nan nats" in panel.heading.text
    panel.side.pin.click()
    panel.resize(1300, 900)
    QApplication.processEvents()
    panel.grab()
    table = panel.sections.predictions.table
    assert "loss  nan nats" in table.describe(QPointF(20.0, table.row_rect(0).center().y()))


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("size", [(690, 390), (330, 200), (1400, 900)])
def test_it_is_painted_in_all_looks(
    panel: ProbePanel,
    session: Session,
    show: Show,
    type_in: TypeIn,
    qapp,
    theme: str,
    scale: float,
    size: tuple[int, int],
) -> None:
    show(panel, session)
    type_in("charlotte")
    session.run(3)
    show(panel, session, new=False)
    apply_theme(qapp, theme, scale)  # type: ignore[arg-type]
    panel.resize(*size)
    for section in Section:
        panel.sections.turn_to(section)
        QApplication.processEvents()
        assert not panel.grab().isNull()
    apply_theme(qapp, "dark")
