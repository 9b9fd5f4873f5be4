"""One head term by term: every figure is the machine's, can be chosen, and says what it is."""

from math import sqrt

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from microgpt_studio.debugger.execution import Place
from microgpt_studio.panels.attention import AttentionPanel
from microgpt_studio.panels.attention.following import Pair, pair_of
from microgpt_studio.panels.attention.terms_blocks import Strips, Table
from microgpt_studio.theme import apply_theme

HEAD = 3  # layer 1, head 1
PATH = "layer1.attn.head1"


@pytest.fixture
def panel(qtbot):
    panel = AttentionPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 500)
    panel.show()
    return panel


@pytest.fixture
def enlarged(panel, session, show):
    """Layer 1, head 1 of the first document, its query at position 3 and its key at 1."""
    session.update()
    show(panel, session)
    panel.heads.enlarge(HEAD)
    show(panel, session, scalar(session, f"pos3.{PATH}.weight[1]"), new=False)
    return panel


def scalar(session, address):
    return session.description.addresses.parse(address)


def data(session, address):
    return float(session.runner.machine.data[scalar(session, address)])


def tables(panel):
    return [block for block in panel.terms.blocks if isinstance(block, Table)]


def click(qtbot, sheet, scalar_id):
    rect = sheet.rects_of(scalar_id)[0]
    bar = sheet.verticalScrollBar()
    bar.setValue(bar.value() + round(rect.center().y()) - sheet.viewport().height() // 2)
    at = sheet.rects_of(scalar_id)[0].center().toPoint()
    qtbot.mouseClick(sheet.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_the_score_is_told_component_by_component(enlarged, session):
    score = tables(enlarged)[0]
    assert score.title.startswith("L1H1: q of 3 “") and "· k of 1 “" in score.title
    for j, row in enumerate(score.rows[:4]):
        q, k = f"pos3.layer1.attn.q[{4 + j}]", f"pos1.layer1.attn.k[{4 + j}]"
        product, total = f"pos3.{PATH}.score[1].mul[{j}]", f"pos3.{PATH}.score[1].sum[{j}]"
        assert row.label == str(4 + j)
        assert [figure.scalar for figure in row.figures] == [scalar(session, each) for each in (q, k, product, total)]
        assert [figure.value for figure in row.figures] == [data(session, each) for each in (q, k, product, total)]
    scale, becomes, weight = (row.figures[0] for row in score.rows[4:])
    assert scale.value == 1 / sqrt(4) and scale.scalar is None
    assert becomes.value == data(session, f"pos3.{PATH}.score[1]") == score.rows[3].figures[3].value * scale.value
    assert weight.scalar == scalar(session, f"pos3.{PATH}.weight[1]")


def test_the_rows_weights_are_added_up_before_ones_eyes(enlarged, session):
    row = tables(enlarged)[1]
    total = 0.0
    for key, each in enumerate(row.rows):
        dot, score, weight, so_far = each.figures
        assert dot.scalar == scalar(session, f"pos3.{PATH}.score[{key}].sum[3]")
        assert score.scalar == scalar(session, f"pos3.{PATH}.score[{key}]")
        assert weight.value == data(session, f"pos3.{PATH}.weight[{key}]")
        total += weight.value
        assert so_far.value == total and so_far.scalar is None
        assert each.chosen == (key == 1)
    assert total == pytest.approx(1.0, abs=1e-15)
    assert "no scalar of the program" in enlarged.terms.describe(row.rows[3].figures[3])


def test_the_output_is_told_component_by_component(enlarged, session):
    for j, row in enumerate(tables(enlarged)[2].rows):
        addresses = [
            f"pos1.layer1.attn.v[{4 + j}]",
            f"pos3.{PATH}.out[{j}].mul[1]",
            f"pos3.{PATH}.out[{j}].sum[1]",
            f"pos3.{PATH}.out[{j}]",
        ]
        assert [figure.scalar for figure in row.figures] == [scalar(session, address) for address in addresses]
        assert [figure.value for figure in row.figures] == [data(session, address) for address in addresses]


def test_the_vectors_are_there_by_colour(enlarged, session):
    vectors, outputs = (block for block in enlarged.terms.blocks if isinstance(block, Strips))
    keys, products = vectors.strips
    assert keys.ids[0].tolist() == [scalar(session, f"pos3.layer1.attn.q[{4 + j}]") for j in range(4)]
    assert products.ids[0].tolist() == [-1] * 4  # nothing beside q
    assert keys.ids[1 + 2, 3] == scalar(session, "pos2.layer1.attn.k[7]")
    assert products.data[1 + 2, 3] == data(session, f"pos3.{PATH}.score[2].mul[3]")
    assert keys.scale.limit == np.abs(keys.data).max()
    values, weighted = outputs.strips
    assert values.ids[2, 1] == scalar(session, "pos2.layer1.attn.v[5]")
    assert weighted.data[-1].tolist() == [data(session, f"pos3.{PATH}.out[{j}]") for j in range(4)]
    enlarged.grab()


@pytest.mark.parametrize("name", ["score[2]", "score[2].sum[3]", "weight[0]"])
def test_a_click_selects_and_leads_to_the_key(enlarged, session, qtbot, name):
    there = scalar(session, f"pos3.{PATH}.{name}")
    with qtbot.waitSignal(enlarged.selected) as chosen:
        click(qtbot, enlarged.terms, there)
    assert chosen.args == [there]
    key = int(name.split("[")[1][0])
    assert [row.chosen for row in tables(enlarged)[1].rows] == [each == key for each in range(4)]
    assert f"k of {key} “" in tables(enlarged)[0].title


def test_the_sheet_follows_the_selection_to_another_query(enlarged, session, show):
    asked = set(enlarged.inquiries())
    show(enlarged, session, scalar(session, f"pos2.{PATH}.score[0].mul[1]"), new=False)
    assert set(enlarged.inquiries()) != asked
    assert tables(enlarged)[0].title.startswith("L1H1: q of 2 “") and "k of 0 “" in tables(enlarged)[0].title
    show(enlarged, session, scalar(session, "pos1.layer0.attn.head0.weight[1]"), new=False)  # of another head
    assert tables(enlarged)[0].title.startswith("L1H1: q of 2 “")


def test_keys_go_from_scalar_to_scalar_and_copy(enlarged, session, qtbot):
    sheet = enlarged.terms
    sheet.select_scalar(scalar(session, f"pos3.{PATH}.score[1].mul[0]"))
    for key, there in (
        (Qt.Key.Key_Down, f"pos3.{PATH}.score[1].mul[1]"),
        (Qt.Key.Key_Left, "pos1.layer1.attn.k[5]"),
        (Qt.Key.Key_Left, "pos3.layer1.attn.q[5]"),
        (Qt.Key.Key_Left, "pos3.layer1.attn.q[5]"),
        (Qt.Key.Key_Up, "pos3.layer1.attn.q[4]"),
    ):
        qtbot.keyClick(sheet, key)
        assert sheet._selected == scalar(session, there)
    qtbot.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == repr(data(session, "pos3.layer1.attn.q[4]"))
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert enlarged.heads.enlarged is None and not sheet.isVisible()


def test_the_tip_has_address_number_and_meaning(enlarged, session):
    figure = tables(enlarged)[0].rows[3].figures[3]
    address = f"pos3.{PATH}.score[1].sum[3]"
    assert enlarged.terms.describe(figure).splitlines() == [address, repr(data(session, address)), "the dot product"]
    scale = tables(enlarged)[0].rows[4].figures[0]
    assert enlarged.terms.describe(scale).splitlines() == ["a constant of the program", "0.5"]


def test_half_way_what_is_not_computed_has_no_number(enlarged, session, show):
    parameters = session.description.program.num_parameters
    session.go_to_place(Place(0, scalar(session, f"pos3.{PATH}.score[1].sum[1]") - parameters))
    show(enlarged, session, scalar(session, f"pos3.{PATH}.weight[1]"), new=False)
    score, row, output = tables(enlarged)
    assert [each.figures[3].value is None for each in score.rows[:4]] == [False, True, True, True]
    assert all(each.figures[3].value is None for each in row.rows)
    assert "not computed yet" in enlarged.terms.describe(row.rows[3].figures[2])
    assert all(each.figures[0].value is not None and each.figures[1].value is None for each in output.rows)
    enlarged.grab()


def test_nothing_of_an_older_moment_or_another_head_is_shown(enlarged, session):
    from microgpt_studio.debugger.snapshot import Wanted

    session.update()
    without = session.snapshot(9, Wanted(cells=True))
    enlarged.show_snapshot(without)
    enlarged.show_text(without)
    assert enlarged.terms.blocks == ()


def test_a_short_document_shows_its_last_query(enlarged, session, show):
    while session.runner.machine.positions > 4:
        session.update()
    positions = session.runner.machine.positions
    show(enlarged, session, scalar(session, f"pos7.{PATH}.weight[7]"), new=False)
    title = tables(enlarged)[0].title
    assert title.startswith(f"L1H1: q of {positions - 1} “") and f"k of {positions - 1} “" in title
    enlarged.grab()


@pytest.mark.parametrize("size", [(250, 240), (345, 230), (700, 400), (1500, 800)])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_blocks_never_overlap(enlarged, size, scale, qapp):
    try:
        apply_theme(qapp, "light", scale)
        enlarged.resize(*size)
        enlarged.grab()
        layout = enlarged.terms.arrangement
        rects = [cell.rect.adjusted(0.5, 0.5, -0.5, -0.5) for cell in layout.cells()]
        assert not any(one.intersects(other) for i, one in enumerate(rects) for other in rects[:i])
        assert all(rect.right() <= layout.width and rect.bottom() <= layout.height for rect in rects)
    finally:
        apply_theme(qapp, "dark")


def test_what_a_scalar_is_about(session):
    program = session.description.program
    for address, pair in (
        ("pos3.layer1.attn.head1.score[2].mul[1]", Pair(1, 1, 3, 2)),
        ("pos3.layer0.attn.head1.weight[0]", Pair(0, 1, 3, 0)),
        ("pos3.layer0.attn.head1.weight.sum[0]", Pair(0, 1, 3, None)),
        ("pos2.layer0.attn.head0.out[1].mul[0]", Pair(0, 0, 2, None)),
        ("pos2.layer0.attn.q[1]", None),
        ("loss", None),
    ):
        assert pair_of(program, scalar(session, address)) == pair
    assert pair_of(program, None) is None


def test_a_hover_outlines(enlarged, qtbot, session):
    sheet = enlarged.terms
    at = sheet.rects_of(scalar(session, "pos3.layer1.attn.q[4]"))[0].center().toPoint()
    qtbot.mouseMove(sheet.viewport(), at)
    assert sheet._hovered is not None and sheet._hovered.figure.scalar == scalar(session, "pos3.layer1.attn.q[4]")
    enlarged.grab()
    qtbot.mouseMove(sheet.viewport(), QPoint(1, 1))
