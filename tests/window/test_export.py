"""What is exported from the window: files of every format, with titles, text as text; or one sentence why not."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from microgpt.settings import Settings
from microgpt_studio.panels.graph import GraphPanel
from microgpt_studio.theme import current_theme
from microgpt_studio.window import export, questions
from microgpt_studio.window.panel_table import find

if TYPE_CHECKING:
    from tests.window.conftest import Person

Small = Callable[..., Settings]
Answer = Callable[[Path | None], None]
Q = "pos1.layer0.attn.q[5]"


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """What the person will answer, when asked for a file."""

    def make(path: Path | None) -> None:
        def ask(_window: QWidget, _title: str, _suggestion: str, _filter: str) -> Path | None:
            return path

        monkeypatch.setattr(questions, "ask_save", ask)

    return make


class Card:
    """A picture with known words, a line of figures, and a mark in its last corner."""

    title = 'A "card" <of> words & signs'
    description = "of no moment"
    size = QSizeF(301.5, 120.0)

    def paint(self, painter: QPainter) -> None:
        painter.fillRect(QRectF(QPointF(0.0, 0.0), self.size), QColor("#ffffff"))
        font = QFont(["JetBrains Mono"])
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(QColor("#000000"))
        painter.drawText(QPointF(10.0, 40.0), f"{Q} < -0.1234 & more")
        painter.fillRect(QRectF(290.0, 110.0, 10.0, 10.0), QColor("#ff0000"))


def elements(svg: bytes, name: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.fromstring(svg).iter() if each.tag.endswith(f"}}{name}")]


def texts(svg: bytes) -> list[str]:
    return [each.text or "" for each in elements(svg, "text")]


# One picture in every format


@pytest.mark.usefixtures("qapp")
def test_svg_is_well_formed_and_has_title_and_text() -> None:
    content = export.svg(Card())
    assert [each.text for each in elements(content, "title")] == [Card.title]
    assert [each.text for each in elements(content, "desc")] == ["of no moment · microgpt Studio"]
    assert texts(content) == [f"{Q} < -0.1234 & more"]
    root = ElementTree.fromstring(content)
    assert root.attrib["viewBox"] == "0 0 301.5 120"
    assert (root.attrib["width"], root.attrib["height"]) == ("301.5", "120")
    assert "monospace" in (elements(content, "style")[0].text or "")


@pytest.mark.usefixtures("qapp")
def test_pdf_has_one_page_as_large_as_the_picture_with_its_fonts() -> None:
    content = export.pdf(Card())
    assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    assert [float(each) for each in box.groups()] == pytest.approx([301.5 * 0.75, 120 * 0.75], abs=1.0)
    assert b"JetBrainsMono" in content and b"/ToUnicode" in content
    assert Card.title.encode("utf-16-be") in content.replace(b"\\(", b"(").replace(b"\\)", b")")


@pytest.mark.usefixtures("qapp")
def test_figures_of_one_width_stay_out_of_pdf() -> None:
    """Their glyphs have no character of their own: who copies them would get nothing."""
    features: list[list[str]] = []

    class Word(Card):
        def paint(self, painter: QPainter) -> None:
            painter.setFont(current_theme().text_font())
            features.append([tag.toString().data().decode() for tag in painter.font().featureTags()])
            painter.drawText(QPointF(10.0, 40.0), "update 1234")

    export.pdf(Word())
    export.png(Word())
    assert features == [[], ["tnum"]]


@pytest.mark.usefixtures("qapp")
def test_png_has_two_pixels_a_pixel() -> None:
    image = QImage.fromData(export.png(Card()))
    assert (image.width(), image.height()) == (603, 240)
    assert image.text("Title") == Card.title
    assert image.pixelColor(598, 238) == QColor("#ff0000")
    assert image.pixelColor(602, 2) == QColor("#ffffff")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ["a.gif", "a", "svg"])
def test_unknown_format_is_one_sentence_that_lists_the_known_ones(tmp_path: Path, name: str) -> None:
    said = export.save(Card(), tmp_path / name)
    assert said is not None and ".svg, .pdf, .png" in said and str(tmp_path / name) in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png", ".SVG"])
def test_file_is_written_whole_or_not_at_all(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes(b"before")
    assert export.save(Card(), file) is None
    assert len(file.read_bytes()) > 500
    assert list(tmp_path.iterdir()) == [file]
    said = export.save(Card(), tmp_path / "nowhere" / f"a{suffix}")
    assert said is not None and "cannot be written: No such file or directory" in said


@pytest.mark.usefixtures("qapp")
def test_too_large_a_png_is_one_sentence(tmp_path: Path) -> None:
    class Wall(Card):
        size = QSizeF(20_000.0, 20.0)

    said = export.save(Wall(), tmp_path / "a.png")
    assert said is not None and "40,000 × 40 pixels is too large" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("qapp")
def test_picture_that_is_fitted_into_a_size_keeps_its_shape() -> None:
    fitted = export.Titled(Card(), "title", "description", QSizeF(603.0, 500.0))
    image = QImage.fromData(export.png(fitted))
    assert (image.width(), image.height()) == (1206, 1000)
    top = (500 - 240) / 2
    assert image.pixelColor(2 * 590, round(2 * (top + 230))) == QColor("#ff0000")


# From the window


def test_map_is_saved_as_it_is_seen(person: Person, small: Small, answer: Answer, tmp_path: Path) -> None:
    person.begin(small(), run_to=5)
    for suffix in ("svg", "pdf", "png"):
        answer(tmp_path / f"map.{suffix}")
        person.do("export-map")
        assert person.told("saved") == f"The map saved to {tmp_path / f'map.{suffix}'}"
    graph = find(person.window.panels, GraphPanel)
    assert graph.view is not None
    words = texts((tmp_path / "map.svg").read_bytes())
    assert any("each row has a scale of its own" in word for word in words), "a legend"
    assert {"embed", "logit", "loss / nats"} <= set(words)
    image = QImage(str(tmp_path / "map.png"))
    assert image.width() >= 2 * graph.view.width()
    assert image.height() > 2 * graph.view.height()
    assert b"/ToUnicode" in (tmp_path / "map.pdf").read_bytes()


def test_map_behind_another_panel_is_brought_forward_first(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    person.begin(small(), run_to=1)
    person.window.docks["neighbourhood"].raise_()
    person.do("step")
    person.standing_at(2)
    answer(tmp_path / "map.svg")
    person.do("export-map")
    person.told("The map saved")
    assert any("update 2" in text for text in texts((tmp_path / "map.svg").read_bytes()))


def test_neighbourhood_is_saved_once_it_is_laid_out(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    person.begin(small(), run_to=3)
    person.window.select(person.sessions[-1].addresses.parse(Q))
    for suffix in ("svg", "dot", "pdf", "png"):
        answer(tmp_path / f"n.{suffix}")
        person.do("export-neighbourhood")
        assert person.told(f"n.{suffix}") == f"The neighbourhood saved to {tmp_path / f'n.{suffix}'}"
    content = (tmp_path / "n.svg").read_bytes()
    assert f"Neighbourhood of {Q}" in [each.text for each in elements(content, "title")]
    assert Q in texts(content)
    assert (tmp_path / "n.dot").read_text().startswith("digraph")
    assert Q in (tmp_path / "n.dot").read_text()


def test_scalars_of_the_selections_scope_are_saved(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    person.begin(small(), run_to=3)
    person.window.select(person.sessions[-1].addresses.parse(Q))
    answer(tmp_path / "q.csv")
    person.do("export-scalars")
    dialog = person.window.exports.dialog
    assert dialog is not None and dialog.line.text() == "pos1.layer0.attn.q"
    count = int(dialog.verdict.split()[0].replace(",", ""))
    dialog.export_button.click()
    assert person.told("saved") == f"{count:,} scalars saved to {tmp_path / 'q.csv'}"
    with (tmp_path / "q.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count
    snapshot = person.standing_at(3)
    assert all(type(each).__name__ != "ScopeTable" for each in snapshot.wanted.inquiries), "it was asked for once"


def test_scope_that_does_not_exist_is_refused_where_it_is_typed(person: Person, small: Small, answer: Answer) -> None:
    person.begin(small(), run_to=1)
    answer(None)
    person.do("export-scalars")
    dialog = person.window.exports.dialog
    assert dialog is not None
    dialog.line.setText("pos1.layer7")
    assert dialog.verdict == "there is no scope 'pos1.layer7'; did you mean pos1.layer0?"
    assert not dialog.export_button.isEnabled()
    dialog.line.setText("")
    assert dialog.export_button.isEnabled()
    dialog.export_button.click()
    person.wait_for(lambda: person.window.exports.dialog is None)
    assert person.message == ""


@pytest.mark.parametrize("action", ["export-map", "export-neighbourhood"])
def test_thinking_better_of_it_writes_nothing(
    person: Person, small: Small, answer: Answer, tmp_path: Path, qtbot: QtBot, action: str
) -> None:
    person.begin(small(), run_to=1)
    answer(None)
    person.do(action)
    qtbot.wait(50)
    assert person.message == ""
    assert [path.name for path in tmp_path.iterdir()] == ["names.txt"]


def test_export_that_cannot_be_written_is_a_sentence(
    person: Person, small: Small, answer: Answer, tmp_path: Path
) -> None:
    person.begin(small(), run_to=1)
    answer(tmp_path / "nowhere" / "map.svg")
    person.do("export-map")
    person.told("map.svg cannot be written: No such file or directory")
    answer(tmp_path / "map.bmp")
    person.do("export-map")
    person.told("its name ends in .bmp, and there are .svg, .pdf, .png")
