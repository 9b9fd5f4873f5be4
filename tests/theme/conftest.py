"""Gives the application its usual looks back after a test that changed them."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from microgpt_studio.theme import Theme, apply_theme


@pytest.fixture
def dress(qapp: QApplication) -> Iterator[Callable[..., Theme]]:
    """`apply_theme` of the running application."""

    def apply(name: str, text_scale: float = 1.0) -> Theme:
        return apply_theme(qapp, name, text_scale)

    yield apply
    apply_theme(qapp, "dark")
