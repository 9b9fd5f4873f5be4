"""A session that a map can show: after some updates."""

import pytest

from microgpt_studio.debugger.session import Session


@pytest.fixture
def trained(session: Session) -> Session:
    """After some updates, the last on a document that does not fill the block."""
    while session.step < 3 or session.runner.machine.positions == 8:
        session.update()
    return session
