"""The program from the command line: what it refuses, the picture it takes, and how it ends."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

from microgpt_studio import app
from microgpt_studio.app import main, set_aside_what_stays

SMALL = ["--n-embd", "8", "--n-head", "2", "--block-size", "6"]
ROOT = Path(__file__).resolve().parents[1]
NAMES = "emma\nolivia\nava\nisabella\nsophia\nmia\nzoë\nli\n"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.txt"
    path.write_text(NAMES, encoding="utf-8")
    return path


@pytest.fixture
def never_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad input is found out before a window is thought of."""

    def fail(*_: object) -> int:
        raise AssertionError("a window was opened")

    monkeypatch.setattr(app, "_run", fail)


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one line with which the program ends, with status 2."""
    try:
        status: object = main(arguments)
    except SystemExit as ended:
        status = ended.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert err.startswith("microgpt-studio: ") and err.endswith("\n") and err.count("\n") == 1
    return err


# Bad input


@pytest.mark.usefixtures("never_opens")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--data", "{folder}/none.txt"], "there is no file {folder}/none.txt"),
        (["--data", "{folder}"], "{folder} is a folder"),
        (["--data", "{latin}"], "is not UTF-8 text: line 1, byte 2 is 0xeb"),
        (["--data", "{blank}"], "holds no document"),
        (["--n-embd", "15"], "n_embd has to be a multiple of n_head"),
        (["--n-layer", "0"], "n_layer is 0, but it has to be at least 1"),
        (["--n-embd", "-4"], "n_embd is -4"),
        (["--n-head", "0"], "n_head is 0"),
        (["--block-size", "0"], "block_size is 0"),
        (["--steps", "0"], "number of steps is 0"),
        (["--learning-rate", "0"], "learning_rate is 0.0"),
        (["--learning-rate", "nan"], "learning_rate is nan"),
        (["--learning-rate", "inf"], "learning_rate is inf"),
        (["--beta1", "1"], "beta1 is 1.0"),
        (["--eps", "-1"], "eps is -1.0"),
        (["--n-embd", "1000000"], "of memory"),
        (["--n-layer", "1000000000000"], "of memory"),
        (["--steps", "many"], "invalid int value"),
        (["--no-such-flag"], "unrecognized arguments"),
        (["--run-to", "-1"], "--run-to is -1, but the session has updates 1 to 1000"),
        (["--steps", "10", "--run-to", "11"], "--run-to is 11, but the session has updates 1 to 10"),
        (["--size", "wide"], "--size is 'wide', but it has to be width x height"),
        (["--size", "0x0"], "--size is '0x0'"),
        (["--size", "640x480"], "at least 800x600"),
        (["--size", "99999x99999"], "at most 7680x4320"),
        (["--theme", "blue"], "invalid choice: 'blue'"),
        (["--text-scale", "5"], "--text-scale is 5.0, but it has to be from 0.7 to 2"),
        (["--text-scale", "nan"], "--text-scale is nan"),
        (["--screenshot", "{folder}"], "--screenshot {folder} cannot be written"),
        (["--screenshot", "{folder}/none/a.png"], "cannot be written"),
        (["--run-to", "soon"], "--run-to is 'soon', but it has to be an update, 200, or an operation of the next"),
        (["--steps", "10", "--run-to", "10:5"], "--run-to is 10:5, but the session has updates 1 to 10"),
        (["--export", "{folder}"], "--export {folder} cannot be written"),
        (["--export", "{folder}/none/a.svg"], "--export {folder}/none/a.svg cannot be written"),
        (["--export", "{folder}/a.gif"], "names no format that there is: .svg, .pdf, .png, .dot, .csv"),
        (["--export", "{folder}/a"], "names no format that there is"),
        (["--export", "{folder}/a.dot"], "a neighbourhood is one of a scalar; name it with --focus"),
        (["--export", "{folder}/a.svg", "--view", "neighbourhood"], "name it with --focus ADDRESS"),
        (["--export", "{folder}/a.dot", "--view", "map", "--focus", "loss"], ".dot is a format of the neighbourhood"),
        (["--export", "{folder}/a.csv", "--view", "map"], "--view is map, but .csv is a format of the scope alone"),
        (["--export", "{folder}/a.svg", "--view", "matrix"], "invalid choice: 'matrix'"),
        (["--export", "{folder}/a.svg", "--screenshot", "{folder}/a.png"], "choose one of them"),
        (["--focus", "loss"], "--focus says what --export shows"),
        (["--view", "map"], "--view says what --export shows"),
        (["--color", "grad"], "--color says what --export shows"),
        (["--export", "{folder}/a.csv", "--color", "grad"], "only the map is coloured by choice, not a scope"),
        (["--export", "{folder}/a.svg", "--color", "contribution"], "contributions are to a scalar; name it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.txt").write_bytes("zoë\n".encode("latin-1"))
    (tmp_path / "blank.txt").write_text(" \n\n", encoding="utf-8")
    places = {"folder": tmp_path, "latin": tmp_path / "latin.txt", "blank": tmp_path / "blank.txt"}
    said = refusal([argument.format(**places) for argument in arguments], capsys)
    assert sentence.format(**places) in said


def test_help_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    for flag in (
        "--data",
        "--steps",
        "--run-to",
        "--select",
        "--size",
        "--theme",
        "--screenshot",
        "--export",
        "--focus",
    ):
        assert flag in out


# Displays


@pytest.fixture
def no_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    yield monkeypatch


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a display")


@linux
@pytest.mark.usefixtures("never_opens", "no_display")
def test_no_display_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal([], capsys)
    assert "no window can be opened: there is no display" in said
    assert "--screenshot" in said


@linux
@pytest.mark.usefixtures("never_opens")
def test_dead_display_is_one_sentence(no_display: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    no_display.setenv("DISPLAY", ":9875")
    assert "the display :9875 does not answer" in refusal([], capsys)


@linux
@pytest.mark.parametrize("display", [None, ":9875"])
def test_picture_needs_no_display(no_display: pytest.MonkeyPatch, display: str | None, tmp_path: Path) -> None:
    if display is not None:
        no_display.setenv("DISPLAY", display)
    chosen: list[str | None] = []

    def listen(*_: object) -> int:
        chosen.append(os.environ.get("QT_QPA_PLATFORM"))
        return 0

    no_display.setattr(app, "_run", listen)
    assert main(["--screenshot", str(tmp_path / "a.png")]) == 0
    assert chosen == ["offscreen"]


@linux
def test_export_needs_no_display_and_opens_no_window_on_one(no_display: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen: list[str | None] = []

    def listen(*_: object) -> int:
        chosen.append(os.environ.get("QT_QPA_PLATFORM"))
        return 0

    no_display.setattr(app, "_export", listen)
    for display in (None, ":0"):
        if display is not None:
            no_display.setenv("DISPLAY", display)
        no_display.delenv("QT_QPA_PLATFORM", raising=False)
        assert main(["--export", str(tmp_path / "a.svg")]) == 0
    assert chosen == ["offscreen", "offscreen"]


@pytest.mark.usefixtures("never_opens")
def test_qt_that_cannot_be_loaded_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.delattr("PySide6.QtWidgets")
    monkeypatch.setitem(sys.modules, "PySide6.QtWidgets", None)
    assert "Qt cannot be loaded" in refusal([], capsys)


# The whole program, in a process of its own


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """As it is, but without a display, and with the folder for what the program keeps."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    kept.pop("QT_QPA_PLATFORM", None)
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    return kept | home | {"PYTHONPATH": str(ROOT), "PYTHONFAULTHANDLER": "1"} | changes


def studio(folder: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "microgpt_studio", *arguments],
        env=environment(folder, **changes),
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=150,
        check=False,
    )


@linux
def test_picture_is_taken_without_a_display(tmp_path: Path, names: Path) -> None:
    run = studio(
        tmp_path, "--data", str(names), "--run-to", "3", "--size", "1440x900", "--theme", "light",
        "--select", "pos1.layer0.attn.q[5]", "--screenshot", str(tmp_path / "window.png"),
    )  # fmt: skip
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    picture = QImage(str(tmp_path / "window.png"))
    assert (picture.width(), picture.height()) == (1440, 900)
    colors = {picture.pixel(x, y) for x in range(0, 1440, 7) for y in range(0, 900, 7)}
    assert len(colors) > 50, "something is drawn"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["names.txt", "window.png"], "nothing is kept"


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--learning-rate", "1000", "--run-to", "9"], 1, "Update 2 stopped at "),
        (["--select", "pos1.layer9.attn.q[5]"], 2, "'pos1.layer9.attn.q[5]' is not an address"),
    ],
    ids=["fault", "select"],
)
def test_picture_that_cannot_be_taken_is_one_sentence(
    tmp_path: Path, names: Path, arguments: list[str], status: int, sentence: str
) -> None:
    run = studio(
        tmp_path,
        "--data",
        str(names),
        *SMALL,
        *arguments,
        "--screenshot",
        str(tmp_path / "a.png"),
        QT_QPA_PLATFORM="offscreen",
    )
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (status, "", 1)
    assert run.stderr.startswith("microgpt-studio: ") and sentence in run.stderr
    assert not (tmp_path / "a.png").exists()


@linux
def test_picture_of_a_moment_within_an_update(tmp_path: Path, names: Path) -> None:
    file = tmp_path / "window.png"
    run = studio(tmp_path, "--data", str(names), *SMALL, "--run-to", "3:500", "--screenshot", str(file))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert not QImage(str(file)).isNull()


Q = "pos1.layer0.attn.q[5]"


def texts(svg: bytes) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter() if each.tag.endswith("}text")]


@linux
@pytest.mark.parametrize(
    ("arguments", "words", "size"),
    [
        (["--focus", Q], {f"Graph of “isabella” by data · {Q} is selected", Q, "loss / nats"}, "1600 1000"),
        (["--size", "900x700"], {"Graph of “isabella” by data", "embed", "q"}, "900 700"),
        (
            ["--focus", "pos2.layer0", "--select", "pos2.loss", "--color", "contribution"],
            {"Graph of “isabella” by contribution", "fc1"},
            "1600 1000",
        ),
        (["--focus", "pos2.layer0", "--text-scale", "1.5"], {"Graph of “isabella” by data", "fc1"}, "1600 1000"),
        (["--focus", Q, "--view", "neighbourhood"], {f"Neighbourhood of {Q}", Q}, ""),
        (["--select", Q, "--view", "neighbourhood", "--size", "900x700"], {f"Neighbourhood of {Q}", Q}, "900 700"),
    ],
    ids=["scalar", "whole", "contribution", "scope", "neighbourhood", "fitted"],
)
def test_picture_is_exported_without_a_display(
    tmp_path: Path, names: Path, arguments: list[str], words: set[str], size: str
) -> None:
    file = tmp_path / "graph.svg"
    names.write_text("isabella\n", encoding="utf-8")
    run = studio(tmp_path, "--data", str(names), *SMALL, "--run-to", "4", "--export", str(file), *arguments)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    svg = file.read_bytes()
    assert words <= set(texts(svg))
    assert f'viewBox="0 0 {size}'.encode() in svg
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.svg", "names.txt"], "nothing is kept"


@linux
def test_numbers_and_dot_are_exported(tmp_path: Path, names: Path) -> None:
    for name in ("scope.csv", "graph.dot", "map.pdf", "map.png"):
        common = ["--data", str(names), *SMALL, "--run-to", "3:700", "--focus", Q]
        run = studio(tmp_path, *common, "--export", str(tmp_path / name))
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    lines = (tmp_path / "scope.csv").read_bytes().split(b"\r\n")
    assert lines[0] == b"address,operation,data,grad"
    assert lines[-2].startswith(Q.encode() + b",sum,") and lines[-2].endswith(b","), "no gradient yet"
    assert Q in (tmp_path / "graph.dot").read_text(encoding="utf-8")
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")
    picture = QImage(str(tmp_path / "map.png"))
    assert (picture.width(), picture.height()) == (3200, 2000)
    assert "update 4, 700 of" in picture.text("Description")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--focus", "pos1.layer9.attn.q[5]"], 2, "'pos1.layer9.attn.q[5]' is not an address"),
        (["--focus", "pos1.layer9"], 2, "there is no scope 'pos1.layer9'; did you mean pos1.layer0?"),
        (["--focus", "pos99.embed[0]"], 2, "there is no position 99: the block has positions 0 to 5"),
        (["--focus", "pos1.layer0", "--view", "neighbourhood"], 2, "'pos1.layer0' is not an address"),
        (["--focus", "pos1.layer0", "--color", "contribution"], 2, "contributions are to a scalar: 'pos1.layer0' is"),
        (["--run-to", "8", "--focus", "pos5.embed[0]"], 2, "pos5.embed[0] is not in this document"),
        (["--run-to", "8", "--focus", "pos5"], 2, "pos5 is not in this document"),
        (["--run-to", "1:99999"], 2, "operations, and not 99,999"),
        (["--learning-rate", "1000", "--run-to", "9"], 1, " stopped at "),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_export_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, names: Path, arguments: list[str], status: int, sentence: str
) -> None:
    file = tmp_path / "a.svg"
    names.write_text("ava\nli\n", encoding="utf-8")
    run = studio(tmp_path, "--data", str(names), *SMALL, *arguments, "--export", str(file))
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (status, "", 1)
    assert run.stderr.startswith("microgpt-studio: ") and sentence in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["names.txt"]


# Runs the program and, as soon as it trains, does once what stands in the first argument.
DRIVEN = """
import sys
from microgpt_studio import app
from microgpt_studio.window.main_window import MainWindow

begin = MainWindow.begin

def begin_and_drive(window, settings, run_to=None):
    def look(snapshot):
        if snapshot.pace.running and snapshot.moment.step > 20:
            window.shown.disconnect(look)
            exec(sys.argv[1])
    window.shown.connect(look)
    begin(window, settings, run_to)

MainWindow.begin = begin_and_drive
sys.exit(app.main(sys.argv[2:]))
"""
ENDLESSLY = ["--steps", "1000000000", "--run-to", "1000000000", *SMALL]


def drive(folder: Path, deed: str, names: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DRIVEN, deed, "--data", str(names), *ENDLESSLY],
        env=environment(folder, QT_QPA_PLATFORM="offscreen"),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def test_closing_while_it_trains_flat_out_ends_cleanly_ten_times(tmp_path: Path, names: Path) -> None:
    def run(_: int) -> tuple[int, str, str]:
        with drive(tmp_path, "window.close()", names) as process:
            out, err = process.communicate(timeout=150)
        return process.returncode, out, err

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, range(10))) == [(0, "", "")] * 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of another kind there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly(tmp_path: Path, names: Path, number: signal.Signals) -> None:
    with drive(tmp_path, 'print("running", flush=True)', names) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=150)
    assert (process.returncode, err) == (0, "")
    assert (tmp_path / "config" / "microgpt-studio" / "studio.ini").exists(), "the layout is kept"


def test_bad_input_of_the_whole_program(tmp_path: Path) -> None:
    run = studio(tmp_path, "--data", "none.txt")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("microgpt-studio: there is no file none.txt")


def test_start_up_loads_no_qt_before_the_arguments_are_right(tmp_path: Path) -> None:
    code = "import sys, microgpt_studio.app; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], env=environment(tmp_path), check=False)
    assert run.returncode == 0


def test_garbage_is_sought_only_in_what_came_after_a_session() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    before = weakref.ref(Node())
    try:
        set_aside_what_stays()
        assert before() is None  # what was garbage is gone, not kept
        assert gc.get_freeze_count() > 0
        after = weakref.ref(Node())
        gc.collect()
        assert after() is None
    finally:
        gc.unfreeze()
