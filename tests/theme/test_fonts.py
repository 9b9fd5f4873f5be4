"""The bundled fonts: found, licensed, and able to write what the program writes."""

from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QRawFont
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme import fonts
from microgpt_studio.theme.fonts import FontError, fonts_directory, load_fonts, number_font, text_font

NEEDED = "×·→√ΣΔ∂βε₁₂²−≤≥…\u0302›▶◀" + "".join(map(chr, range(0x20, 0x7F)))

pytestmark = pytest.mark.usefixtures("loaded")


@pytest.fixture
def loaded(qapp: QApplication) -> None:
    load_fonts()


@pytest.mark.parametrize("make", [text_font, number_font])
@pytest.mark.parametrize("bold", [False, True])
class TestFaces:
    def test_is_the_bundled_one(self, make: type[QFont], bold: bool) -> None:
        info = QFontInfo(make(bold=bold))
        assert info.family() in ("Inter", "JetBrains Mono")
        assert info.bold() == bold
        assert info.exactMatch()

    def test_writes_every_character_itself(self, make: type[QFont], bold: bool) -> None:
        raw = QRawFont.fromFont(make(bold=bold))
        assert [character for character in NEEDED if not raw.supportsCharacter(ord(character))] == []

    def test_figures_are_tabular(self, make: type[QFont], bold: bool) -> None:
        metrics = QFontMetricsF(make(bold=bold))
        assert len({round(metrics.horizontalAdvance(figure * 8), 3) for figure in "0123456789"}) == 1

    def test_size_scales(self, make: type[QFont], bold: bool) -> None:
        assert make(1.0, size=10, bold=bold).pixelSize() == 10
        assert make(1.55, size=10, bold=bold).pixelSize() == 16


def test_number_font_is_monospaced_and_has_no_ligatures() -> None:
    metrics = QFontMetricsF(number_font())
    assert {round(metrics.horizontalAdvance(text), 3) for text in ("iiii", "WWWW", "0.12", "!==>")} == {
        round(4 * metrics.horizontalAdvance("0"), 3)
    }


def test_loading_twice_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "fonts_directory", lambda: Path("nowhere"))
    load_fonts()  # would raise if it looked again


def test_missing_font_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "fonts_directory", lambda: tmp_path)
    with pytest.raises(FontError, match=r"Inter-Regular.*missing"):
        load_fonts.__wrapped__()


def test_damaged_font_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "Inter-Regular.ttf").write_bytes(b"no font")
    monkeypatch.setattr(fonts, "fonts_directory", lambda: tmp_path)
    with pytest.raises(FontError, match=r"Inter-Regular.*cannot be read"):
        load_fonts.__wrapped__()


@pytest.mark.parametrize("place", ["assets/fonts", "microgpt_studio/assets/fonts"])
def test_found_in_a_checkout_and_in_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    monkeypatch.setattr(fonts, "__file__", str(tmp_path / "microgpt_studio" / "theme" / "fonts.py"))
    assert fonts_directory() == (tmp_path / place).resolve()


def test_every_family_has_its_licence_and_all_are_small() -> None:
    files = list(fonts_directory().iterdir())
    for family in {path.name.split("-")[0] for path in files if path.suffix == ".ttf"}:
        licence = (fonts_directory() / f"OFL-{family}.txt").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence
        assert licence.startswith("Copyright")
    assert sum(path.stat().st_size for path in files) < 2_000_000
