"""The Document panel against the machine's numbers and plain Python."""

from dataclasses import replace
from itertools import pairwise
from math import log, nan

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.loss_sums import LossSums
from microgpt_studio.debugger.snapshot import Reach, Wanted
from microgpt_studio.panels.document import DocumentPanel
from microgpt_studio.panels.document.columns import Columns
from microgpt_studio.panels.document.drawing import strip_pixels
from microgpt_studio.panels.document.predictions import BITS, LOSS, SUM, WHOLE, Places, Predictions, Spot
from microgpt_studio.theme import apply_theme, current_theme
from microgpt_studio.theme.colormaps import argb

WANTED = Wanted(cells=True, inquiries=frozenset({LossSums()}))


@pytest.fixture
def panel(qtbot):
    panel = DocumentPanel()
    qtbot.addWidget(panel)
    panel.resize(480, 320)
    panel.show()
    return panel


def updated_to(session, document):
    """Update until this document has been learned from."""
    for _ in range(session.settings.num_steps):
        session.update()
        if session.snapshot(0, Wanted()).moment.document == document:
            return session
    raise AssertionError(f"{document} did not come")


def scalar(session, address):
    return session.description.addresses.parse(address)


def data(session, address):
    return float(session.runner.machine.data[scalar(session, address)])


def read(session):
    return Predictions.read(session.snapshot(1, WANTED), Places(session.description))


def center(panel, spot):
    rect = panel.table.rect_of(spot)
    assert not rect.isEmpty()
    return rect.center().toPoint()


# What is read from a snapshot


def test_the_numbers_are_the_machines(session):
    shown = read(updated_to(session, "olivia"))
    vocabulary = session.description.tokenizer.vocab_size
    assert shown.positions == 7 and shown.probs.shape == (7, vocabulary)
    assert shown.probs_known.all() and shown.losses_known.all() and shown.loss_known
    for row in range(7):
        probs = [data(session, f"pos{row}.prob[{token}]") for token in range(vocabulary)]
        target = session.runner.tokenizer.encode("olivia")[row + 1]
        assert shown.probs[row].tolist() == probs
        assert shown.target(row) == target
        assert shown.prob(row) == probs[target]
        assert shown.rank(row) == sorted(probs, reverse=True).index(probs[target]) + 1
        assert shown.losses[row] == data(session, f"pos{row}.loss")
        assert shown.value(Spot(row, BITS)) == -log(probs[target]) / log(2)
        assert shown.value(Spot(row, SUM)) == data(session, f"loss.sum[{row}]")
        assert [probs[token] for token in shown.order[row]] == sorted(probs, reverse=True)
    assert shown.loss == data(session, "loss") == session.snapshot(1, Wanted()).moment.loss
    assert shown.total == data(session, "loss.sum[6]")
    assert shown.share == 1 / 7
    assert shown.share * shown.total == shown.loss


def test_the_strip_is_whole(session):
    session.update()
    shown = read(session)
    assert shown.edges[:, 0].tolist() == [0.0] * shown.positions
    assert shown.edges[:, -1] == pytest.approx(1.0)
    for row in range(shown.positions):
        for token in range(shown.probs.shape[1]):
            start, stop = shown.piece(row, token)
            assert stop - start == pytest.approx(shown.probs[row, token])
            assert shown.token_at(row, (start + stop) / 2) == token
    assert shown.token_at(0, 1.0) == shown.order[0, -1]


def test_the_strips_pixels_are_in_proportion(session, qapp):
    session.update()
    shown, palette = read(session), current_theme().palette
    pixels = strip_pixels(shown, 2000, current_theme())
    assert pixels.shape == (shown.positions, 2000)
    shares = (pixels == argb(palette.unsigned)).sum(axis=1) / 2000
    assert shares == pytest.approx([shown.prob(row) for row in range(shown.positions)], abs=2 / 2000)


def test_spots_and_scalars(session):
    places = Places(session.description)
    for spot, address in (
        (Spot(0, 0), "pos0.prob[0]"),
        (Spot(3, 4), "pos3.prob[4]"),
        (Spot(7, LOSS), "pos7.loss"),
        (Spot(3, SUM), "loss.sum[3]"),
        (WHOLE, "loss"),
    ):
        assert places.scalar(spot) == scalar(session, address)
        assert places.spot(scalar(session, address)) == spot
    inner = scalar(session, "pos3.layer0.attn.q[5]")
    assert places.spot(inner) is None and places.row(inner) == 3
    assert places.scalar(Spot(2, BITS)) == scalar(session, "pos2.loss")
    assert places.row(scalar(session, "loss.sum[3]")) == 3
    assert places.row(scalar(session, "wte[0,0]")) is None and places.row(scalar(session, "loss")) is None
    assert places.spot(None) is None and places.row(None) is None


def test_where_it_stopped_the_rest_is_not_known(session):
    session.update()
    snapshot = session.snapshot(1, Wanted(cells=True))
    places = Places(session.description)
    reach = snapshot.cells.data_reach.copy()
    reach[places.losses[1]] = Reach.NOT_COMPUTED
    reach[places.probs[2:].ravel()] = Reach.NOT_COMPUTED
    reach[places.losses[2:]] = Reach.NOT_COMPUTED
    reach[places.total] = Reach.NOT_COMPUTED
    shown = Predictions.read(replace(snapshot, cells=replace(snapshot.cells, data_reach=reach)), places)
    assert shown.probs_known.tolist()[:3] == [True, True, False]
    assert shown.losses_known.tolist()[:3] == [True, False, False]
    assert shown.value(Spot(1, 0)) == shown.probs[1, 0]
    assert shown.moment_text() == "half-way through update 1"
    assert shown.value(Spot(1, LOSS)) is shown.value(Spot(2, 0)) is shown.value(WHOLE) is None
    assert shown.value(Spot(1, BITS)) is None
    assert shown.value(Spot(1, SUM)) is None  # it was not asked for


def test_the_sums_are_known_as_far_as_they_are_computed(session):
    forward = session.execution.lengths[0]
    session.go_to_place(Place(0, forward - 2))  # the last sum and the loss are still to come
    shown = read(session)
    last = shown.positions - 1
    assert shown.value(Spot(last - 1, SUM)) == data(session, f"loss.sum[{last - 1}]")
    assert shown.value(Spot(last, SUM)) is None and shown.total is None
    assert shown.value(WHOLE) is None


# The panel


def test_before_the_first_update(panel, session, show):
    show(panel, session)
    shown = panel.table.predictions
    assert not (shown.probs_known.any() or shown.losses_known.any() or shown.loss_known)
    document = session.runner.document(0)
    assert panel.table.heading() == (f"“{document}”", f"before the first update{cut(document)} · not computed yet")
    assert panel.table.footing() == "loss"
    assert "not computed yet" in panel._describe(WHOLE)
    panel.grab()


def cut(document):
    return f" · cut after 8 of {len(document) + 1} positions" if len(document) > 7 else ""


def test_after_an_update(panel, session, show):
    show(panel, updated_to(session, "emma"))
    loss = data(session, "loss")
    total = sum(data(session, f"pos{row}.loss") for row in range(5))
    assert panel.table.heading() == ("“emma”", f"update {session.step}")
    assert panel.table.footing() == f"Σ {total:.4g} × 1/5 = loss {loss:.4g} nats = {loss / log(2):.4g} bits"
    assert repr(loss) in panel._describe(WHOLE) and repr(total) in panel._describe(WHOLE)
    panel.grab()


def test_after_going_on_from_a_state(panel, session, show):
    for _ in range(3):
        session.update()
    session.restore(session.state())
    show(panel, session)
    assert panel.table.heading()[1].startswith("before update 4")


def test_a_document_that_was_cut_is_said_to_be(panel, session, show):
    show(panel, updated_to(session, "charlotte"))
    assert panel.table.heading()[1] == f"update {session.step} · cut after 8 of 10 positions"
    assert panel.table.predictions.positions == 8


def test_a_short_document_after_a_long_one(panel, session, show):
    show(panel, updated_to(session, "charlotte"), selection=scalar(session, "pos7.loss"))
    assert not panel.table.rect_of(Spot(7, LOSS)).isEmpty()
    show(panel, updated_to(session, "ava"), selection=scalar(session, "pos7.loss"), new=False)
    assert panel.table.predictions.positions == 4
    assert panel.table.rect_of(Spot(7, LOSS)).isEmpty()
    panel.grab()


def test_without_cells_nothing_is_shown_as_known(panel, session):
    session.update()
    panel.show_session(session.description)
    snapshot = session.snapshot(1, Wanted())
    panel.show_snapshot(snapshot)
    panel.show_text(snapshot)
    assert not panel.table.predictions.probs_known.any() and not panel.table.predictions.loss_known
    assert panel.table.heading()[1].startswith("…")
    panel.grab()


def test_numbers_that_are_not_finite(panel, session):
    session.update()
    panel.show_session(session.description)
    snapshot = session.snapshot(1, Wanted(cells=True))
    panel.show_text(replace(snapshot, cells=replace(snapshot.cells, data=np.full_like(snapshot.cells.data, nan))))
    panel.grab()
    assert panel.table.footing().endswith("loss nan nats = nan bits")


def test_a_click_selects(panel, session, show, qtbot):
    show(panel, updated_to(session, "mia"))
    table, tokens = panel.table, session.runner.tokenizer.encode("mia")
    row_two = center(panel, Spot(2, LOSS)).y()
    edges = Columns.within(table.viewport().width(), current_theme(), 4).edges
    for spot, x, address in (
        (Spot(2, LOSS), edges["loss"], "pos2.loss"),
        (Spot(2, LOSS), edges["pair"], "pos2.loss"),
        (Spot(2, tokens[3]), edges["rank"], f"pos2.prob[{tokens[3]}]"),
        (Spot(2, tokens[3]), edges["prob"], f"pos2.prob[{tokens[3]}]"),
        (Spot(2, BITS), edges["bits"], "pos2.loss"),
        (Spot(2, SUM), edges["sum"], "loss.sum[2]"),
    ):
        with qtbot.waitSignal(panel.selected) as blocker:
            at = QPoint(round(sum(x) / 2), row_two)
            qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert blocker.args == [scalar(session, address)]
        assert table.selected == spot
    for spot in (Spot(1, table.predictions.order[1, 0].item()), Spot(3, table.predictions.order[3, 1].item()), WHOLE):
        with qtbot.waitSignal(panel.selected) as blocker:
            qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=center(panel, spot))
        assert table.selected == spot
        assert blocker.args == [Places(session.description).scalar(spot)]


def test_the_sum_in_the_last_line_is_the_last_of_the_running_sums(panel, session, show, qtbot):
    show(panel, updated_to(session, "mia"))
    at = QPoint(20, panel.table.viewport().height() - 10)
    with qtbot.waitSignal(panel.selected) as blocker:
        qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert blocker.args == [scalar(session, "loss.sum[3]")]


def test_where_there_is_room_the_most_probable_stand_beside(panel, session, show, qtbot):
    show(panel, updated_to(session, "mia"))
    panel.resize(900, 320)
    table = panel.table
    assert table.columns[-1].startswith("top")
    edges = Columns.within(table.viewport().width(), current_theme(), 4, 15).edges
    second = int(table.predictions.order[2, 1])
    at = QPoint(round(sum(edges["top1"]) / 2), center(panel, Spot(2, LOSS)).y())
    with qtbot.waitSignal(panel.selected) as blocker:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert blocker.args == [scalar(session, f"pos2.prob[{second}]")]
    panel.grab()


def test_headings_say_what_they_mean(panel, session, show):
    show(panel, updated_to(session, "mia"))
    edges = Columns.within(panel.table.viewport().width(), current_theme(), 4, 15).edges
    line = Columns.within(480, current_theme(), 4).line
    assert "log₂" in panel.table.heading_at(QPointF(edges["bits"][0] + 4, 1.5 * line))
    assert panel.table.heading_at(QPointF(edges["bits"][0] + 4, 4.0)) == ""


def test_keys_select(panel, session, show, qtbot):
    show(panel, updated_to(session, "ava"))
    table = panel.table
    order = table.predictions.order.tolist()
    for key, spot in (
        (Qt.Key.Key_Down, Spot(0, LOSS)),
        (Qt.Key.Key_Up, Spot(0, LOSS)),
        (Qt.Key.Key_Right, Spot(0, SUM)),
        (Qt.Key.Key_Right, Spot(0, order[0][0])),
        (Qt.Key.Key_Right, Spot(0, order[0][1])),
        (Qt.Key.Key_Down, Spot(1, order[1][1])),
        (Qt.Key.Key_Left, Spot(1, order[1][0])),
        (Qt.Key.Key_Left, Spot(1, SUM)),
        (Qt.Key.Key_Down, Spot(2, SUM)),
        (Qt.Key.Key_Up, Spot(1, SUM)),
        (Qt.Key.Key_Left, Spot(1, LOSS)),
        (Qt.Key.Key_Left, Spot(1, LOSS)),
        (Qt.Key.Key_Down, Spot(2, LOSS)),
        (Qt.Key.Key_Down, Spot(3, LOSS)),
        (Qt.Key.Key_Down, WHOLE),
        (Qt.Key.Key_Down, WHOLE),
        (Qt.Key.Key_Up, Spot(3, LOSS)),
    ):
        qtbot.keyClick(table, key)
        assert table.selected == spot
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(data(session, "pos3.loss"))


def test_the_windows_selection_is_shown(panel, session, show):
    show(panel, updated_to(session, "emma"), selection=scalar(session, "pos3.prob[2]"))
    assert panel.table.selected == Spot(3, 2)
    panel.show_selection(scalar(session, "wte[0,0]"))
    assert panel.table.selected is None
    panel.show_selection(scalar(session, "loss"))
    assert panel.table.selected == WHOLE
    panel.grab()


def test_keys_scroll_the_rows_into_view(panel, session, show, qtbot):
    show(panel, updated_to(session, "sophia"))
    panel.resize(330, 140)
    table = panel.table
    panel.show_selection(scalar(session, "pos5.loss"))
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.selected == Spot(6, LOSS)
    assert table.verticalScrollBar().value() > 0
    assert table.spot_at(table.rect_of(Spot(6, LOSS)).center()) == Spot(6, LOSS)


def test_the_tooltip_says_everything(panel, session, show):
    show(panel, updated_to(session, "emma"))
    shown = panel.table.predictions
    target = shown.target(2)
    text = panel._describe(Spot(2, target))
    assert text.splitlines() == [
        f"pos2.prob[{target}]",
        repr(shown.prob(2)),
        "probability of m at position 2, the target",
        f"rank {shown.rank(2)} of {shown.probs.shape[1]}",
    ]
    loss = data(session, "pos2.loss")
    assert panel._describe(Spot(2, LOSS)).splitlines() == [
        "pos2.loss",
        f"{loss!r} nats",
        f"{loss / log(2)!r} bits = nats ÷ ln 2 = nats ÷ {log(2)!r}",
        "−ln of the probability of m after m",
    ]
    assert panel._describe(Spot(2, SUM)).splitlines() == [
        "loss.sum[2]",
        f"{data(session, 'loss.sum[2]')!r} nats",
        "the losses of positions 0 to 2, added up",
    ]
    assert f"1/5 = {1 / 5!r}" in panel._describe(WHOLE)


@pytest.mark.parametrize("scale", [1.0, 1.25])
@pytest.mark.parametrize("width", [150, 240, 330, 400, 660, 1600])
def test_columns_never_overlap(qapp, width, scale):
    columns = Columns.within(width, replace(current_theme(), text_scale=scale), 16)
    edges = list(columns.edges.values())
    assert all(left < right for left, right in edges)
    assert all(before[1] < after[0] for before, after in pairwise(edges))
    assert "pair" in columns.edges and "strip" in columns.edges
    assert edges[-1][1] <= width


def test_columns_give_way_to_the_strip(qapp):
    wide, narrow = Columns.within(660, current_theme(), 16).edges, Columns.within(300, current_theme(), 16).edges
    assert set(wide) > set(narrow)
    assert list(narrow) == ["pair", "prob", "rank", "bits", "sum", "strip"]
    assert Columns.within(1600, current_theme(), 16).tops == 8
    assert Columns.within(1600, current_theme(), 16, 3).tops == 3


def test_hidden_it_does_nothing_and_catches_up(qtbot, session, show):
    panel = DocumentPanel()
    qtbot.addWidget(panel)
    session.update()
    show(panel, session)
    assert panel.table.predictions is None
    panel.show()
    assert panel.table.predictions.update == 1


def test_a_new_session_shows_nothing_of_the_old(panel, session, show):
    session.update()
    show(panel, session, selection=scalar(session, "loss"))
    panel.show_session(session.description)
    assert panel.table.predictions is None and panel.table.selected is None
    assert panel.table.heading() == ("", "")


def test_empty(panel, qtbot):
    panel.grab()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton)
    assert panel.table.selected is None


def test_it_follows_the_theme(panel, session, show, qapp):
    session.update()
    show(panel, session)
    try:
        for name, scale in (("light", 1.5), ("dark", 1.0)):
            apply_theme(qapp, name, scale)
            panel.grab()
            assert argb(current_theme().palette.unsigned) in panel.table._strips(panel.table.predictions)
    finally:
        apply_theme(qapp, "dark")
