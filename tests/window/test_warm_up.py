"""After the warm-up, the map compiles nothing more while it is used: that would hold the window up."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import gc, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from numba.core.dispatcher import Dispatcher
from PySide6.QtWidgets import QApplication
from microgpt.program.recorder import record
from microgpt.settings import Settings
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.graph import MapView
from microgpt_studio.panels.graph.map_colors import Coloring, Quantity
from microgpt_studio.theme.application import apply_theme
from microgpt_studio.window.warm_up import warm_up

app = QApplication([])
apply_theme(app, "dark")
settings = Settings(n_layer=1, n_embd=4, n_head=2, block_size=4)
documents = ["ada", "bob", "dora"]
session = Session(settings, documents, record(settings.configuration(6)), "names")
session.run(1)
warm_up(session)

def compiled():
    kernels = [each for each in gc.get_objects() if isinstance(each, Dispatcher)]
    ours = [each for each in kernels if each.__module__.startswith("microgpt")]
    return {each.__module__ + "." + each.__name__: len(each.signatures) for each in ours}

before = compiled()
assert len(before) > 20, before
view = MapView(session.description)
view.resize(900, 600)
q = session.description.addresses.parse("pos1.layer0.attn.q[2]")

def show():
    session.update()
    view.show_snapshot(session.snapshot(1, Wanted(inquiries=frozenset(view.inquiries()))))
    view.grab()

show()
view.show_selection(q)
for quantity in Quantity:
    view.set_coloring(Coloring(quantity, chosen=session.description.program.loss))
    view.fit()
    show()
    view.fit_selection()
    show()
    show()
    assert view.frame.openness.max() == 1.0
after = compiled()
print({name: (before.get(name), count) for name, count in after.items() if before.get(name) != count})
"""


def test_the_map_compiles_nothing_more() -> None:
    found = subprocess.run([sys.executable, "-c", _SCRIPT], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "{}"
