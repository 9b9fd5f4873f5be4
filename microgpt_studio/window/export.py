"""Exports: a picture as SVG, PDF or PNG, by the name of the file; the whole file or none.

It knows nothing of what is painted: a picture is whatever has a size and can paint itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from microgpt.whole_file import write_whole
from microgpt_studio.theme import current_theme
from microgpt_studio.theme.fonts import NUMBER_FAMILY, TEXT_FAMILY

PROGRAM = "microgpt Studio"
_DPI = 96  # pixels an inch, as in SVG
_POINTS = 72.0
_SHARPNESS = 2.0  # pixels of a PNG a pixel
_LARGEST_IMAGE = 30_000  # pixels of a side: beyond about as many, Qt paints no image
_FALLBACKS = f"""<style type="text/css"><![CDATA[
[font-family="{TEXT_FAMILY}"] {{ font-family: {TEXT_FAMILY}, "Helvetica Neue", Arial, sans-serif; }}
[font-family="{NUMBER_FAMILY}"] {{ font-family: "{NUMBER_FAMILY}", Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
]]></style>
"""


class Paintable(Protocol):
    """Something that can be painted anywhere."""

    @property
    def size(self) -> QSizeF:
        """In pixels."""

    def paint(self, painter: QPainter) -> None:
        """Paint all of it, its upper left corner at the painter's origin."""


class Picture(Paintable, Protocol):
    """It knows what it shows, too."""

    title: str
    description: str  # of which moment


class Titled:
    """A picture that gets its title from outside; as large as it is, or as it can be in the middle of another size."""

    def __init__(self, inner: Paintable, title: str, description: str, size: QSizeF | None = None) -> None:
        self.title, self.description = title, description
        self._inner, self._size = inner, size

    @property
    def size(self) -> QSizeF:
        return self._inner.size if self._size is None else self._size

    def paint(self, painter: QPainter) -> None:
        size, inner = self.size, self._inner.size
        scale = min(size.width() / inner.width(), size.height() / inner.height())
        painter.fillRect(QRectF(QPointF(0.0, 0.0), size), QColor(current_theme().palette.surface))
        painter.save()
        painter.translate((size.width() - scale * inner.width()) / 2, (size.height() - scale * inner.height()) / 2)
        painter.scale(scale, scale)
        self._inner.paint(painter)
        painter.restore()


def save(picture: Picture, path: Path) -> str | None:
    """Save a picture in the format that the file's suffix names. Returns why that cannot be done, in one sentence."""
    refusal = refused_suffix(path, WRITERS)
    if refusal is not None:
        return refusal
    try:
        content = WRITERS[path.suffix.lower()](picture)
    except ValueError as error:
        return f"{path} cannot be written: {error}"
    return save_bytes(content, path)


def save_bytes(content: bytes, path: Path) -> str | None:
    """Save a file whole or not at all. Returns why that cannot be done, in one sentence."""
    try:
        write_whole(path, content)
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}; name another file"
    return None


def refused_suffix(path: Path, known: Iterable[str]) -> str | None:
    """Why a file's name tells no known format, in one sentence; None where it does. `known` are suffixes: ".svg"."""
    suffixes = tuple(known)
    if path.suffix.lower() in suffixes:
        return None
    end = f"ends in {path.suffix}" if path.suffix else "has no ending"
    return f"{path} cannot be written: its name {end}, and there are {', '.join(suffixes)}"


def svg(picture: Picture) -> bytes:
    """As vectors, text as text. Where the faces are not installed, others of their kind are taken."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_DPI)
    generator.setSize(_whole(picture.size))
    generator.setViewBox(QRectF(0.0, 0.0, picture.size.width(), picture.size.height()))
    generator.setTitle(picture.title)
    generator.setDescription(f"{picture.description} · {PROGRAM}")
    _paint(picture, QPainter(generator))
    size = f'width="{picture.size.width():g}" height="{picture.size.height():g}"'
    content = re.sub(rb'width="[\d.]+mm" height="[\d.]+mm"', size.encode(), data.data(), count=1)
    return content.replace(b"</desc>\n", b"</desc>\n" + _FALLBACKS.encode(), 1)


def pdf(picture: Picture) -> bytes:
    """One page, as large as the picture; text as text, with the parts of the faces that it needs."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    points = picture.size * (_POINTS / _DPI)
    page = QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    writer.setTitle(picture.title)
    writer.setCreator(PROGRAM)
    _paint(picture, _PlainPainter(writer))
    return bytes(data.data())


def png(picture: Picture) -> bytes:
    """As pixels, twice as many in each direction as the picture has. Raises ValueError for one that is too large."""
    size = _whole(picture.size * _SHARPNESS)
    if max(size.width(), size.height()) > _LARGEST_IMAGE:
        raise ValueError(f"a PNG of {size.width():,} × {size.height():,} pixels is too large; name an .svg or a .pdf")
    image = QImage(size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(_SHARPNESS)
    image.setText("Title", picture.title)
    image.setText("Description", picture.description)
    image.setText("Software", PROGRAM)
    _paint(picture, QPainter(image))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())


WRITERS: dict[str, Callable[[Picture], bytes]] = {".svg": svg, ".pdf": pdf, ".png": png}


class _PlainPainter(QPainter):
    """Writes figures in their plain form: of others, all of one width, a PDF does not tell which figures they are."""

    def setFont(self, font: QFont | str | Sequence[str]) -> None:  # noqa: N802 - Qt's name
        plain = QFont(font)
        plain.clearFeatures()
        super().setFont(plain)


def _paint(picture: Picture, painter: QPainter) -> None:
    try:
        picture.paint(painter)
    finally:
        painter.end()


def _whole(size: QSizeF) -> QSize:
    return QSize(math.ceil(size.width()), math.ceil(size.height()))
