"""`microgpt train` and `microgpt sample`, as a person uses them: in one process, through main()."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from microgpt import cli
from microgpt.adam import Adam
from microgpt.checkpoint import Checkpoint
from microgpt.data import Tokenizer
from microgpt.log import Log, LogError
from microgpt.program.runner import Runner
from microgpt.settings import Settings
from microgpt.train import State, Training, Update

SMALL = ["--n-embd", "4", "--n-head", "2", "--block-size", "5"]
NAMES = "emma\nolivia\nava\nisabella\nsophia\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text(NAMES, encoding="utf-8")


@pytest.fixture
def run(capsys):
    """Run a command; returns (status, lines of stdout, stderr)."""

    def run(*argv: str) -> tuple[int, list[str], str]:
        try:
            status = cli.main(argv)
        except SystemExit as stopped:
            assert isinstance(stopped.code, int)
            status = stopped.code
        out, err = capsys.readouterr()
        return status, out.splitlines(), err

    return run


@pytest.fixture
def train(run):
    """Run `train` on five names with a small model, successfully; returns the lines of stdout."""

    def train(*argv: str) -> list[str]:
        status, out, err = run("train", "--data", "names.txt", *SMALL, "--steps", "20", *argv)
        assert (status, err) == (0, "")
        return out

    return train


def samples(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("sample")]


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def log(path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


class TestTraining:
    @pytest.mark.parametrize("engine", ["program", "value"])
    def test_reference(self, run, reference, engine):
        """The losses of the reference, from the embedded names; all of them and the samples with the program."""
        settings, updates = reference.settings, 5 if engine == "value" else reference.settings.num_steps
        number = 1 if engine == "value" else 20
        flags = [f"--n-layer={settings.n_layer}", f"--n-embd={settings.n_embd}", f"--n-head={settings.n_head}"]
        flags += [f"--block-size={settings.block_size}", f"--seed={settings.seed}", f"--steps={settings.num_steps}"]
        flags += [f"--stop-at={updates}", f"--engine={engine}", "--log=log", f"--samples={number}"]
        status, out, err = run("train", *flags)
        assert (status, err) == (0, "")
        assert out[:3] == ["num docs: 5163", "vocab size: 27", f"num params: {reference.figures['num_params']}"]
        assert [update["loss"] for update in log("log")] == reference.losses[:updates]
        assert len(samples(out)) == number
        if engine == "program":
            assert samples(out) == [f"sample {i:2}: {text}" for i, text in enumerate(reference.samples, start=1)]

    def test_both_engines_do_the_same(self, train):
        first = train("--log", "1.jsonl", "--save", "1.st")
        second = train("--log", "2.jsonl", "--save", "2.st", "--engine", "value")
        assert samples(first) == samples(second)
        assert Path("1.jsonl").read_bytes() == Path("2.jsonl").read_bytes()
        assert Checkpoint.load(Path("1.st")) == Checkpoint.load(Path("2.st"))

    def test_output(self, train):
        lines = train("--samples", "11")
        assert lines[:3] == ["num docs: 5", "vocab size: 12", "num params: 308"]
        progress = [line for line in lines if line.startswith("update")]
        assert len(progress) == 20
        assert progress[0].startswith("update  1 of 20, loss 2.")
        assert [line.split(":")[0] for line in samples(lines)] == [f"sample {i:2}" for i in range(1, 12)]

    def test_log(self, train):
        """One object an update; floats in full, characters as they are."""
        Path("names.txt").write_text("zoë\n字字\n", encoding="utf-8")
        train("--log", "log", "--samples", "0")
        updates = log("log")
        documents = ["zoë", "字字"]
        settings = Settings(n_embd=4, n_head=2, block_size=5, num_steps=20)
        training = Training(documents, settings.configuration(5), settings.adam, 20, 42)
        for line in updates:
            update = training.update()
            assert line == {name: getattr(update, name) for name in ("step", "document", "loss", "lr", "grad_norm")}
        assert len(updates) == 20

    def test_settings_are_used(self, train):
        flags = [
            "--seed",
            "7",
            "--n-layer",
            "2",
            "--learning-rate",
            "0.02",
            "--beta1",
            "0.5",
            "--beta2",
            "0.9",
            "--eps",
            "1e-6",
        ]
        train(*flags, "--save", "c", "--stop-at", "4")
        checkpoint = Checkpoint.load(Path("c"))
        assert checkpoint.adam == Adam(0.02, 0.5, 0.9, 1e-6)
        assert (checkpoint.seed, checkpoint.config.n_layer) == (7, 2)
        assert (checkpoint.state.step, checkpoint.num_steps) == (4, 20)

    @pytest.mark.parametrize("engine", ["program", "value"])
    def test_stop_and_resume(self, train, run, engine):
        straight = train("--log", "straight", "--save", "straight.st")
        train("--log", "log", "--save", "c", "--stop-at", "9", "--engine", engine)
        assert len(log("log")) == 9
        status, out, err = run("train", "--data", "names.txt", "--resume", "c", "--save", "c", "--log", "log")
        assert (status, err, samples(out)) == (0, "", samples(straight))
        assert Path("log").read_bytes() == Path("straight").read_bytes()
        assert Checkpoint.load(Path("c")) == Checkpoint.load(Path("straight.st"))

    def test_resume_with_flags_that_agree(self, train, run):
        train("--save", "c", "--stop-at", "9")
        status, _, _ = run("train", "--data", "names.txt", *SMALL, "--steps", "20", "--resume", "c", "--seed", "42")
        assert status == 0

    def test_document_longer_than_the_block_and_any_character(self, run):
        Path("long.txt").write_text("x" * 100 + "\n🎲\u202e\x1b[31m\n\u2028 y\n", encoding="utf-8")
        status, out, err = run(
            "train", "--data", "long.txt", *SMALL, "--steps", "5", "--temperature", "9", "--samples", "50"
        )
        assert (status, err) == (0, "")
        assert len(samples(out)) == 50
        text = "\n".join(samples(out))
        assert "\\x1b" in text
        assert "\x1b" not in text

    def test_terminal_without_the_characters(self, monkeypatch):
        """Characters that an ASCII terminal does not have are written as escapes."""
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
        Path("names.txt").write_text("ëëë\n", encoding="utf-8")
        assert cli.main(["train", "--data", "names.txt", *SMALL, "--steps", "30", "--learning-rate", "0.1"]) == 0
        sys.stdout.flush()
        assert rb": \xeb" in raw.getvalue()


class TestSampling:
    @pytest.mark.parametrize("engine", ["program", "value"])
    @pytest.mark.parametrize("stop_at", ["20", "9"])
    def test_draws_what_training_printed(self, train, run, engine, stop_at):
        printed = samples(train("--save", "c", "--temperature", "0.9", "--stop-at", stop_at))
        status, out, err = run("sample", "c", "--temperature", "0.9", "--engine", engine)
        assert (status, out, err) == (0, printed, "")

    def test_seed(self, train, run):
        printed = samples(train("--save", "c", "--temperature", "1"))
        drawn = [run("sample", "c", "--seed", seed, "--temperature", "1")[1] for seed in ("1", "1", "2")]
        assert drawn[0] == drawn[1] != drawn[2]
        assert drawn[0] != printed

    def test_number(self, train, run):
        train("--save", "c")
        assert len(run("sample", "c", "--samples", "3")[1]) == 3
        assert run("sample", "c", "--samples", "0") == (0, [], "")


BAD = {
    "no such file": (["--data", "nothing.txt"], "there is no file nothing.txt"),
    "a folder": (["--data", "."], ". is a folder"),
    "not UTF-8": (["--data", "latin"], "latin is not UTF-8 text: line 2, byte 7 is 0xe9"),
    "no document": (["--data", "blank"], "blank holds no document"),
    "heads do not fit": (["--n-embd", "10"], "n_embd is 10 and n_head is 4"),
    "no layer": (["--n-layer", "0"], "n_layer is 0, but it has to be at least 1"),
    "no width": (["--n-embd", "0"], "n_embd is 0"),
    "no head": (["--n-head", "-1"], "n_head is -1"),
    "no block": (["--block-size", "0"], "block_size is 0"),
    "no steps": (["--steps", "0"], "the number of steps is 0"),
    "temperature 0": (["--temperature", "0"], "temperature is 0.0, but it has to be positive"),
    "temperature nan": (["--temperature", "nan"], "temperature is nan"),
    "negative learning rate": (
        ["--learning-rate", "-0.1"],
        "learning_rate is -0.1, but it has to be",
    ),
    "infinite learning rate": (["--learning-rate", "inf"], "learning_rate is inf"),
    "beta1": (["--beta1", "1"], "beta1 is 1.0"),
    "beta2": (["--beta2", "-0.5"], "beta2 is -0.5"),
    "eps": (["--eps", "0"], "eps is 0.0"),
    "samples": (["--samples", "-1"], "--samples is -1"),
    "too wide for memory": (["--n-embd", "400000"], "GB of memory"),
    "too long for memory": (["--block-size", "1" + "0" * 40], "more than a million GB of memory"),
    "log in no folder": (["--log", "no/log"], "no/log cannot be written: No such file or directory"),
    "log is a folder": (["--log", "."], ". cannot be written: it is a folder"),
    "save in no folder": (["--save", "no/c"], "no/c cannot be written: No such file or directory"),
    "save is a folder": (["--save", "."], ". cannot be written: it is a folder"),
    "log onto the data": (["--data", "names.txt", "--log", "./names.txt"], "--log and the data are the same file"),
    "save onto the data": (["--data", "names.txt", "--save", "names.txt"], "--save and the data are the same file"),
    "log onto the checkpoint": (["--log", "x", "--save", "x"], "--log and --save are the same file"),
    "stop before the beginning": (["--stop-at", "0"], "--stop-at is 0, but it has to be from 1 to 1000"),
    "stop after the end": (["--stop-at", "1001"], "--stop-at is 1001"),
    "no checkpoint": (["--resume", "names.txt"], "names.txt is no safetensors file"),
    "missing checkpoint": (["--resume", "nothing"], "there is no file nothing"),
    "not a number": (["--n-embd", "many"], "argument --n-embd: invalid int value: 'many'"),
    "unknown engine": (["--engine", "steam"], "argument --engine: invalid choice: 'steam'"),
    "unknown flag": (["--speed", "9"], "unrecognized arguments: --speed 9"),
}


class TestBadInput:
    @pytest.mark.parametrize(("flags", "said"), BAD.values(), ids=BAD)
    def test_training(self, run, flags, said):
        """One sentence, status 2, and nothing is written."""
        Path("latin").write_bytes("ok!\ncafé\n".encode("latin-1"))
        Path("blank").write_text(" \n\t\n", encoding="utf-8")
        before = files()
        status, out, err = run("train", *flags)
        assert (status, out) == (2, [])
        assert err.startswith("microgpt")
        assert said in err
        assert err.count("\n") == 1
        assert files() == before
        assert Path("names.txt").read_text(encoding="utf-8") == NAMES

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            ([], "the following arguments are required"),
            (["dance"], "invalid choice: 'dance'"),
            (["sample"], "the following arguments are required: FILE"),
            (["sample", "nothing"], "there is no file nothing"),
            (["sample", "."], ". is a folder"),
            (["sample", "names.txt"], "names.txt is no safetensors file"),
            (["sample", "names.txt", "--temperature", "-1"], "temperature is -1.0"),
            (["sample", "names.txt", "--samples", "-1"], "--samples is -1"),
        ],
    )
    def test_the_rest(self, run, flags, said):
        status, out, err = run(*flags)
        assert (status, out) == (2, [])
        assert said in err
        assert err.count("\n") == 1

    @pytest.mark.parametrize(
        ("flags", "said"),
        [
            (["--steps", "30"], "--steps is 30, but the checkpoint was made with 20; leave the flag out"),
            (["--seed", "1"], "--seed is 1, but the checkpoint was made with 42"),
            (["--n-embd", "8"], "--n-embd is 8, but the checkpoint was made with 4"),
            (["--eps", "1e-7"], "--eps is 1e-07, but the checkpoint was made with 1e-08"),
            (["--stop-at", "8"], "--stop-at is 8, but it has to be from 9 to 20"),
            (["--data", "other.txt"], "other documents than the data holds; name the same data with --data"),
            (["--data", "two.txt"], "trained on 5 documents, but the data holds 2"),
            (["--log", "c"], "--log and --resume are the same file"),
        ],
    )
    def test_resuming(self, train, run, flags, said):
        train("--save", "c", "--stop-at", "9")
        Path("other.txt").write_text(NAMES[::-1], encoding="utf-8")
        Path("two.txt").write_text("a\nb\n", encoding="utf-8")
        before = Path("c").read_bytes()
        status, out, err = run("train", "--data", "names.txt", "--resume", "c", *flags)
        assert (status, out) == (2, [])
        assert said in err
        assert Path("c").read_bytes() == before

    def test_existing_files_are_kept_when_something_else_is_wrong(self, run):
        Path("old").write_text("old", encoding="utf-8")
        for flags in (["--log", "old", "--save", "no/c"], ["--save", "old", "--log", "no/log"]):
            assert run("train", *flags)[0] == 2
            assert Path("old").read_text(encoding="utf-8") == "old"
        assert files() == ["names.txt", "old"]

    def test_sampling_a_model_too_large(self, train, run, monkeypatch):
        train("--save", "c")
        monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 1000}))
        status, _, err = run("sample", "c")
        assert status == 2
        assert "of memory" in err


def save_checkpoint(path: str, change: Callable[[dict[str, np.ndarray]], object]) -> Checkpoint:
    """A checkpoint of the small model at its beginning, with parameters that were changed."""
    documents = NAMES.split()
    settings = Settings(n_embd=4, n_head=2, block_size=5, num_steps=20)
    training = Training(documents, settings.configuration(Tokenizer.of(documents).vocab_size), settings.adam, 20, 42)
    matrices = {name: np.array([[p.data for p in row] for row in rows]) for name, rows in training.matrices.items()}
    change(matrices)
    parameters = np.concatenate([matrix.ravel() for matrix in matrices.values()]).tolist()
    Checkpoint.of(settings, documents, State(0, parameters, training.m, training.v)).save(Path(path))
    return Checkpoint.load(Path(path))


def enlarge(matrices: dict[str, np.ndarray]) -> None:
    """Probabilities of 0: log(0)."""
    matrices["lm_head"] *= 1e5


def steepen(matrices: dict[str, np.ndarray]) -> None:
    """A number of the residual stream that is 0, but on which the loss depends with a slope whose square overflows."""
    for matrix in ("wte", "wpe"):
        matrices[matrix][:, 1] = 0.0
    for matrix in ("layer0.attn_wo", "layer0.mlp_fc2"):
        matrices[matrix][1, :] = 0.0
    matrices["lm_head"][:, 1] = [1e170 * (-1) ** i for i in range(12)]


def spoil(matrices: dict[str, np.ndarray]) -> None:
    matrices["lm_head"][0, 0] = np.nan


class TestWhenNumbersGiveOut:
    @pytest.mark.parametrize(
        ("engine", "change", "said"),
        [
            ("program", enlarge, r"update 1 stopped at pos\d.loss.log\[0\]: log\(0.0\) is not defined"),
            ("value", enlarge, "update 1 stopped: plain Python raises ValueError"),
            ("program", steepen, r"update 1 stopped at wte\[0,1\]: .*e\+\d+ \*\* 2 overflows in Adam's second moment"),
            ("value", steepen, r"update 1 stopped: plain Python raises OverflowError \(.+\)"),
        ],
    )
    def test_training(self, run, engine, change, said):
        """The state before the update is saved, also where Adam has done half of it, so that it can be looked at."""
        before = save_checkpoint("c", change)
        status, out, err = run("train", "--data", "names.txt", "--resume", "c", "--save", "d", "--engine", engine)
        assert status == 1
        assert re.fullmatch(f"microgpt: {said}.*\n", err)
        assert not samples(out)
        assert Checkpoint.load(Path("d")) == before

    @pytest.mark.parametrize("engine", ["program", "value"])
    def test_sampling(self, run, engine):
        save_checkpoint("c", spoil)
        status, out, err = run("sample", "c", "--engine", engine)
        assert (status, out) == (1, [])
        assert err == "microgpt: sample 1 cannot be drawn at temperature 0.5: Total of weights must be finite\n"
        save_checkpoint("c", lambda _: None)
        status, out, err = run("sample", "c", "--engine", engine, "--temperature", "1e-320")
        assert (status, out) == (1, [])
        assert "sample 1 cannot be drawn at temperature 1e-320: " in err


class TestEnding:
    @pytest.mark.parametrize(("engine", "trainer"), [("program", Runner), ("value", Training)])
    def test_interrupt(self, train, run, monkeypatch, engine, trainer):
        """Ctrl+C in the middle of an update: what is saved goes on to the same end."""
        train("--log", "straight", "--save", "straight.st", "--samples", "0")
        update = trainer.update

        def interrupted(self: Training | Runner) -> object:
            if self.step == 6:
                signal.raise_signal(signal.SIGINT)
            return update(self)

        with monkeypatch.context() as patch:
            patch.setattr(trainer, "update", interrupted)
            flags = ["--engine", engine, "--steps", "20", "--save", "c", "--log", "log"]
            status, out, err = run("train", "--data", "names.txt", *SMALL, *flags)
        assert (status, err) == (130, "")
        assert not samples(out)
        assert Checkpoint.load(Path("c")).state.step == len(log("log")) in (6, 7)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert run("train", "--data", "names.txt", "--resume", "c", "--save", "c", "--log", "log")[0] == 0
        assert Path("log").read_bytes() == Path("straight").read_bytes()
        assert Checkpoint.load(Path("c")) == Checkpoint.load(Path("straight.st"))

    def test_interrupt_while_sampling(self, train, run, monkeypatch):
        train("--save", "c")

        def interrupted(*_: object) -> str:
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "generate", interrupted)
        assert run("sample", "c") == (130, [], "")

    def test_log_that_takes_no_more(self, run, monkeypatch):
        """Such as on a full disk: the training so far is saved."""
        write = Log.write

        def full(self: Log, update: Update) -> None:
            if update.step == 4:
                raise LogError("log cannot be written: No space left on device")
            write(self, update)

        monkeypatch.setattr(Log, "write", full)
        status, _, err = run("train", "--data", "names.txt", *SMALL, "--steps", "20", "--log", "log", "--save", "c")
        assert (status, err) == (2, "microgpt: log cannot be written: No space left on device\n")
        assert Checkpoint.load(Path("c")).state.step == 4

    def test_checkpoint_that_cannot_be_written_at_the_end(self, run, monkeypatch):
        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", fail)
        status, _, err = run("train", "--data", "names.txt", *SMALL, "--steps", "2", "--save", "c")
        assert (status, err) == (2, "microgpt: c cannot be written: No space left on device; name another file\n")
        assert files() == ["names.txt"]


class TestProcess:
    """What only a process of its own can show."""

    @staticmethod
    def start(*argv: str) -> subprocess.Popen[str]:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        return subprocess.Popen(
            [sys.executable, "-m", "microgpt", *argv],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
        )

    def test_module(self):
        process = self.start(
            "train", "--data", "names.txt", *SMALL, "--steps", "3", "--samples", "2", "--engine", "value"
        )
        out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        assert out.startswith("num docs: 5\n")

    @pytest.mark.parametrize("engine", ["program", "value"])
    def test_interrupt(self, engine):
        process = self.start("train", "--steps", "100000000", "--engine", engine, "--save", "c")
        assert process.stdout
        assert process.stderr
        assert any(line.startswith("update") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode == 130
        assert Checkpoint.load(Path("c")).state.step > 0

    def test_reader_that_has_seen_enough(self):
        process = self.start("train", "--data", "names.txt", *SMALL, "--steps", "20000", "--save", "c", "--log", "log")
        assert process.stdout
        assert process.stderr
        assert any(line.startswith("update") for line in process.stdout)
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        assert process.wait() == 1
        assert Checkpoint.load(Path("c")).state.step == len(log("log")) > 0
