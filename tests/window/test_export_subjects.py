"""What the cells of an exported map are coloured by is what was asked for, in the numbers of the snapshot."""

from __future__ import annotations

import numpy as np
import pytest

from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.app import _COLORS
from microgpt_studio.debugger.session import Session
from microgpt_studio.panels.graph.map_colors import Quantity
from microgpt_studio.window.export_subjects import MapSubject, subject

Q = "pos1.layer0.attn.q[1]"


@pytest.fixture
def session() -> Session:
    settings = Settings(n_layer=1, n_embd=4, n_head=2, block_size=4)
    return Session(settings, ["ada", "bob"], record(settings.configuration(5)), "names")


def test_every_quantity_has_a_name_on_the_command_line() -> None:
    assert [Quantity[name.upper()] for name in _COLORS] == list(Quantity)


@pytest.mark.parametrize("color", _COLORS)
def test_cells_are_coloured_by_what_was_asked_for(qapp, session: Session, color: str) -> None:
    session.update()
    exported = subject("map", "pos1.layer0", Q, (900, 700), color)
    assert isinstance(exported, MapSubject)
    exported.begin(session.description)
    for number in (1, 2):
        exported.show(session.snapshot(number, exported.wanted()))
    view = exported._panel.view
    assert view is not None and view.picture is not None
    scalar = session.description.addresses.parse(Q)
    cell = session.description.expressions.cell[scalar]
    assert view.coloring.quantity is Quantity[color.upper()]
    assert view.picture.ink.known[cell]
    machine, shown = session.runner.machine, view.picture.shown.values[cell]
    expected = {"data": machine.data[scalar], "grad": machine.grad[scalar], "magnitude": abs(machine.grad[scalar])}
    expected["contribution"] = machine.data[scalar]  # of itself, it is all
    expected["backward"] = float(np.flatnonzero(session.execution.order == scalar)[0])
    if color in expected:
        assert shown == expected[color]
    exported.close()
