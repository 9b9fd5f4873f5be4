"""Sessions for the panels to show: real ones, on a few documents."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from microgpt.model import Configuration
from microgpt.program.program import Program
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.panel import Panel, Part
from microgpt_studio.theme import Theme, apply_theme

DOCUMENTS = ["emma", "olivia", "ava", "isabella", "sophia", "mia", "charlotte", "amelia"]
CHARACTERS = len(set("".join(DOCUMENTS)))


@pytest.fixture(scope="session")
def program() -> Program:
    return record(Configuration(CHARACTERS + 1, n_layer=2, n_embd=8, n_head=2, block_size=8))


@pytest.fixture
def session(program: Program) -> Session:
    """Nothing is computed yet."""
    settings = Settings(n_layer=2, n_embd=8, n_head=2, block_size=8, num_steps=20)
    return Session(settings, DOCUMENTS, program, "eight names")


@pytest.fixture
def show(qtbot) -> Callable[..., None]:
    """Show a session's present moment in a panel, as the window does: again, where what is shown makes it ask more."""

    def show(panel: Panel, session: Session, selection: int | None = None, *, new: bool = True) -> None:
        if new:
            panel.show_session(session.description)
        panel.show_selection(selection)
        asked = None
        while asked != (inquiries := frozenset(panel.inquiries())):
            asked = inquiries
            wanted = Wanted(
                cells=Part.CELLS in panel.parts,
                parameters=Part.PARAMETERS in panel.parts,
                selection=selection if Part.EXPLANATION in panel.parts else None,
                inquiries=inquiries,
            )
            snapshot = session.snapshot(1, wanted)
            panel.show_snapshot(snapshot)
            panel.show_text(snapshot)

    return show


@pytest.fixture
def dress(qapp: QApplication) -> Iterator[Callable[..., Theme]]:
    """`apply_theme` of the running application, which has its usual looks back afterwards."""

    def apply(name: str, text_scale: float = 1.0) -> Theme:
        return apply_theme(qapp, name, text_scale)

    yield apply
    apply_theme(qapp, "dark")
