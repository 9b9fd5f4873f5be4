"""The legend tells the ends of its scale, and the title takes the longest wording for which there is room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from microgpt_studio.panels.stream import legend as legend_module
from microgpt_studio.panels.stream.legend import Legend, draw_title
from microgpt_studio.theme import Scale, ScaleKind, current_theme
from microgpt_studio.theme.text_metrics import TextMetrics

WORDINGS = ("all units fire in this document and did so before", "all units fire", "units")


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(ScaleKind.UNSIGNED, 2.5), ("0", "2.500")),
        (Scale(ScaleKind.SIGNED, 0.125), ("-0.1250", "0", "+0.1250")),
        (Scale(ScaleKind.UNSIGNED, 0.0), ("0",)),
        (Scale(ScaleKind.SIGNED, 0.0), ("0",)),
        (Scale(ScaleKind.UNSIGNED, 1.0, symlog=True), ("0", "0.03", "1.000")),
    ],
)
def test_the_ends_are_told(scale: Scale, ticks: tuple[str, ...]) -> None:
    assert Legend("output", scale).ticks == ticks


def test_it_takes_what_it_says(qapp) -> None:
    theme, scale = current_theme(), Scale(ScaleKind.UNSIGNED, 1.0)
    bare = Legend("", scale).width(theme)
    assert bare < Legend("output", scale).width(theme) < Legend("output", scale, "not computed").width(theme)
    assert bare < Legend("", Scale(ScaleKind.SIGNED, 1.0)).width(theme)


def test_the_title_fits_and_the_legend_gives_up_its_words_first(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(Legend, "draw", lambda self, *_: shown.append(self.quantity))

    class Metrics(TextMetrics):
        def elidedText(self, text, *rest):  # noqa: N802  # Qt's name
            shown.append(text)
            return super().elidedText(text, *rest)

    monkeypatch.setattr(legend_module, "metrics_of", Metrics)
    theme, legend = current_theme(), Legend("output, dot: does not fire", Scale(ScaleKind.UNSIGNED, 1.0))
    picture = QPixmap(900, 20)
    expected = {}
    for width in (900, 420, 250):
        shown.clear()
        painter = QPainter(picture)
        draw_title(painter, QRectF(0.0, 0.0, width, 18.0), WORDINGS, legend, theme)
        painter.end()
        expected[width] = tuple(shown)
    assert expected[900] == (legend.quantity, WORDINGS[0])
    assert expected[420] == (legend.quantity, WORDINGS[1])
    assert expected[250] == ("", WORDINGS[1])
