"""Checkpoints: a run that was stopped goes on as if it had not been, and what is no whole checkpoint is refused."""

from __future__ import annotations

import json
import os
import random
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from microgpt import checkpoint as module
from microgpt.adam import Adam
from microgpt.checkpoint import Checkpoint, CheckpointError, check_target, fingerprint
from microgpt.data import Tokenizer
from microgpt.program.recorder import record
from microgpt.program.runner import Runner
from microgpt.sample import generate
from microgpt.settings import Settings
from microgpt.train import State, Training

DOCUMENTS = ["ada", "bea", "cléo", "字"]
SETTINGS = Settings(n_layer=2, n_embd=4, n_head=2, block_size=4, adam=Adam(0.02, 0.5, 0.9, 1e-7), num_steps=16, seed=-3)


def plain(documents: list[str], settings: Settings) -> Training:
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    return Training(documents, config, settings.adam, settings.num_steps, settings.seed)


def program(documents: list[str], settings: Settings) -> Runner:
    config = settings.configuration(Tokenizer.of(documents).vocab_size)
    return Runner(record(config), documents, settings.adam, settings.num_steps, settings.seed)


@pytest.fixture(scope="module")
def trained() -> Checkpoint:
    training = plain(DOCUMENTS, SETTINGS)
    for _ in range(3):
        training.update()
    return Checkpoint.of(SETTINGS, DOCUMENTS, training.state())


@pytest.fixture
def file(trained: Checkpoint, tmp_path: Path) -> Path:
    trained.save(tmp_path / "c.safetensors")
    return tmp_path / "c.safetensors"


@pytest.fixture(scope="module")
def content(trained: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("checkpoint") / "c.safetensors"
    trained.save(path)
    return path.read_bytes()


def test_what_is_saved_is_loaded(trained, file):
    assert Checkpoint.load(file) == trained
    assert trained.settings(Path("names.txt")) == replace(SETTINGS, data=Path("names.txt"))


@pytest.mark.parametrize("start", [plain, program])
@pytest.mark.parametrize("go_on", [plain, program])
def test_stop_and_go_on(start: Callable[..., Any], go_on: Callable[..., Any], tmp_path):
    """Bit-identical to a straight run: losses, parameters, moments, samples; and with the other engine too."""
    straight = plain(DOCUMENTS, SETTINGS)
    expected = [straight.update() for _ in range(16)]
    trainer = start(DOCUMENTS, SETTINGS)
    updates = [trainer.update() for _ in range(7)]
    Checkpoint.of(SETTINGS, DOCUMENTS, trainer.state()).save(tmp_path / "c")
    loaded = Checkpoint.load(tmp_path / "c")
    loaded.check_documents(DOCUMENTS)
    trainer = go_on(DOCUMENTS, loaded.settings(None))
    trainer.restore(loaded.state)
    updates += [trainer.update() for _ in range(9)]
    assert updates == expected
    assert trainer.state() == straight.state()
    drawn = [
        [generate(t.predictor(), t.tokenizer, t.config.block_size, t.rng, 1.0) for _ in range(9)]
        for t in (straight, trainer)
    ]
    assert drawn[0] == drawn[1]


def test_stop_at_500_of_1000(reference, census, tmp_path):
    """The reference runs, stopped half-way."""
    settings = reference.settings
    half = settings.num_steps // 2
    runner = program(census, settings)
    losses = [runner.update().loss for _ in range(half)]
    Checkpoint.of(settings, census, runner.state()).save(tmp_path / "c")
    loaded = Checkpoint.load(tmp_path / "c")
    runner = program(census, loaded.settings(None))
    runner.restore(loaded.state)
    losses += [runner.update().loss for _ in range(half)]
    assert losses == reference.losses
    assert reference.sha256(runner.state().parameters) == reference.figures["params_sha256"]


def test_matrices(trained):
    matrices = trained.matrices()
    assert {name: (len(m), len(m[0])) for name, m in matrices.items()} == trained.config.shapes()
    assert [p.data for m in matrices.values() for row in m for p in row] == trained.state.parameters
    assert type(matrices["wte"][0][0].data) is float


def test_the_file(file):
    """Anyone can read it: float64 matrices with the model's names and shapes, and JSON."""
    tensors = load_file(file)
    assert {tensor.dtype for tensor in tensors.values()} == {np.dtype(np.float64)}
    assert tensors["v.layer1.mlp_fc1"].shape == (16, 4)
    assert {name.split(".", 1)[0] for name in tensors} == {"parameters", "m", "v"}
    with safe_open(file, "numpy") as opened:
        metadata = {name: json.loads(text) for name, text in opened.metadata().items()}
    assert (metadata["format"], metadata["version"]) == ("microgpt checkpoint", 1)
    assert (metadata["step"], metadata["num_steps"], metadata["seed"]) == (3, 16, -3)
    assert metadata["characters"] == sorted(set("".join(DOCUMENTS)))
    assert metadata["learning_rate"] == 0.02
    assert (metadata["num_documents"], metadata["fingerprint"]) == (4, fingerprint(DOCUMENTS))


def test_numbers_that_are_not_finite_are_kept(trained, tmp_path, bits):
    """A run that has diverged is worth a look, too."""
    numbers = list(trained.state.parameters)
    numbers[:4] = [float("nan"), float("inf"), float("-inf"), -0.0]
    odd = replace(trained, state=State(3, numbers, trained.state.m, trained.state.v))
    odd.save(tmp_path / "c")
    assert bits(Checkpoint.load(tmp_path / "c").state.parameters) == bits(numbers)


@pytest.mark.parametrize(
    ("documents", "said"),
    [
        (DOCUMENTS[:3], "trained on 4 documents, but the data holds 3"),
        (["ada", "bea", "cléo", "文"], "other documents"),
        (DOCUMENTS[::-1], "other documents"),
        (["ad", "abea", "cléo", "字"], "other documents"),
    ],
)
def test_other_documents_are_refused(trained, documents, said):
    with pytest.raises(CheckpointError, match=f"{said}.*--data"):
        trained.check_documents(documents)


class TestWriting:
    def test_replaces_a_file(self, trained, file):
        file.write_text("something else")
        trained.save(file)
        assert Checkpoint.load(file) == trained
        assert list(file.parent.iterdir()) == [file]

    def test_has_the_usual_permissions(self, file):
        other = file.with_name("other")
        other.touch()
        assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(other.stat().st_mode)

    def test_follows_a_link(self, trained, tmp_path):
        (tmp_path / "folder").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "folder" / "c")
        trained.save(tmp_path / "link")
        trained.save(tmp_path / "link")
        assert (tmp_path / "link").is_symlink()
        assert Checkpoint.load(tmp_path / "folder" / "c") == trained

    @pytest.mark.parametrize("function", ["os.fsync", "pathlib.Path.replace"])
    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_leaves_nothing_behind_when_it_fails(self, trained, file, monkeypatch, function, error):
        before = file.read_bytes()

        def fail(*_: Any) -> None:
            raise error

        monkeypatch.setattr(function, fail)
        expected = CheckpointError if isinstance(error, OSError) else KeyboardInterrupt
        with pytest.raises(expected) as raised:
            replace(trained, seed=1).save(file)
        if expected is CheckpointError:
            assert str(raised.value) == f"{file} cannot be written: No space left on device; name another file"
        assert list(file.parent.iterdir()) == [file]
        assert file.read_bytes() == before

    def test_numbers_of_another_model_are_no_checkpoint(self, trained, tmp_path):
        odd = replace(trained, state=State(3, [0.0], [0.0], [0.0]))
        with pytest.raises(ValueError, match="parameters has 1 numbers, but the model has"):
            odd.save(tmp_path / "c")
        assert not (tmp_path / "c").exists()

    def test_target_is_checked_beforehand(self, file, tmp_path, monkeypatch):
        before = file.read_bytes()
        check_target(file)
        check_target(tmp_path / "new")
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]
        for path, said in (
            (tmp_path, "is a folder or a device"),
            (tmp_path / "missing" / "c", "No such file or directory"),
            (file / "c", "Not a directory"),
            (tmp_path / ("long" * 100), "name too long"),
        ):
            with pytest.raises(CheckpointError, match=said):
                check_target(path)
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(CheckpointError, match="write-protected"):
            check_target(file)


@dataclass
class Content:
    metadata: dict[str, str]
    tensors: dict[str, Any]


Change = Callable[[Content], None]


def rewrite(file: Path, change: Change, *, sign: bool) -> None:
    """Change what a file says; `sign` makes its digest fit again, as a program of malice or of error would."""
    with safe_open(file, "numpy") as opened:
        content = Content(dict(opened.metadata()), load_file(file))
    change(content)
    if sign:
        content.metadata.pop("sha256", None)
        content.metadata["sha256"] = json.dumps(module._digest(content.metadata, content.tensors))
    save_file(content.tensors, file, content.metadata)


def put(name: str, value: Any) -> Change:
    return write(name, json.dumps(value))


def write(name: str, text: str) -> Change:
    return lambda content: content.metadata.update({name: text})


def drop(name: str) -> Change:
    return lambda content: content.metadata.pop(name, None) or content.tensors.pop(name, None)


def rename(name: str) -> Change:
    return lambda content: content.tensors.update(other=content.tensors.pop(name))


def reshape(name: str, *shape: int, dtype: type = np.float64) -> Change:
    return lambda content: content.tensors.update({name: np.zeros(shape, dtype)})


class TestReading:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "no safetensors file"),
            (b"emma\nolivia\n", "no safetensors file"),
            (b"\x80\x04\x95pickle" * 100, "no safetensors file"),
            (struct.pack("<Q", 1 << 62) + b"{}", "no safetensors file"),
            (struct.pack("<Q", 2) + b"{}", "not a microgpt checkpoint"),
        ],
    )
    def test_foreign_files(self, tmp_path, content, said):
        path = tmp_path / "c"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=f"^{path} is .*{said}"):
            Checkpoint.load(path)

    def test_foreign_safetensors(self, tmp_path):
        path = tmp_path / "c"
        for metadata in (None, {"format": "pt"}, {"format": '"microgpt"', "version": "1"}):
            save_file({"weight": np.zeros((2, 2), np.float32)}, path, metadata)
            with pytest.raises(CheckpointError, match="is a safetensors file, but not a microgpt checkpoint"):
                Checkpoint.load(path)

    def test_no_file(self, tmp_path, monkeypatch):
        with pytest.raises(CheckpointError, match=r"there is no file .*nothing"):
            Checkpoint.load(tmp_path / "nothing")
        with pytest.raises(CheckpointError, match="is a folder"):
            Checkpoint.load(tmp_path)

        def refuse(*_: Any) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(CheckpointError, match="cannot be read: Permission denied"):
            Checkpoint.load(tmp_path / "secret")

    @pytest.mark.parametrize("version", ["2", "10", "9" * 5000])
    def test_newer_version(self, file, version):
        rewrite(file, write("version", version), sign=True)
        with pytest.raises(CheckpointError, match=r"saved by a newer microgpt.*install the newer one"):
            Checkpoint.load(file)

    @pytest.mark.parametrize("sign", [False, True])
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (drop("parameters.wte"), "it has 44 float64 tensors, but a model of its sizes has 45"),
            (drop("seed"), "its metadata have no seed"),
            (drop("characters"), "its metadata have no characters"),
            (reshape("v.layer0.attn_wq", 2, 8), r"v.layer0.attn_wq has shape \(2, 8\), not \(4, 4\)"),
            (reshape("m.wpe", 16), r"m.wpe has shape \(16,\), not \(4, 4\)"),
            (rename("m.wpe"), "m.wpe is missing"),
            (reshape("m.wpe", 4, 4, dtype=np.float32), "it has 44 float64 tensors"),
            (put("n_layer", 10**15), "but a model of its sizes has 18000000000000009"),
            (put("n_layer", 0), "n_layer is 0"),
            (put("n_head", 3), "has to be a multiple of n_head"),
            (put("n_embd", 4.0), "n_embd is 4.0, not int"),
            (put("block_size", True), "block_size is true, not int"),
            (put("seed", "42"), 'seed is "42", not int'),
            (write("seed", "9" * 5000), "4300 digits"),
            (write("seed", "[" * 100_000), "seed is"),
            (write("seed", "{"), "is damaged"),
            (put("step", -1), "update -1 of 16"),
            (put("step", 17), "update 17 of 16"),
            (put("num_steps", 0), "update 3 of 0"),
            (put("num_documents", 0), "on 0 documents"),
            (put("learning_rate", float("nan")), "learning_rate is nan, but it has to be positive and finite"),
            (put("eps", float("inf")), "eps is inf"),
            (put("beta1", 1.0), "beta1 is 1.0"),
            (put("characters", "abcdé"), "characters is"),
            (put("characters", ["a", "b", 3]), "not single, different and in order"),
            (put("characters", [["a"]]), "not single, different and in order"),
            (put("characters", list("aabcdeloé")), "not single, different and in order"),
            (put("characters", ["ab", "c", "d"]), "not single, different and in order"),
            (put("characters", ["a", "b"]), "its tokenizer has 2 characters"),
            (put("fingerprint", None), "fingerprint is null, not str"),
        ],
    )
    def test_what_cannot_be(self, file, change, said, sign):
        """A file whose digest does not fit is damaged anyway; most still tell what is wrong."""
        rewrite(file, change, sign=sign)
        with pytest.raises(CheckpointError, match=said if sign else "is damaged") as error:
            Checkpoint.load(file)
        assert str(error.value).startswith(f"{file} is damaged: ")
        assert str(error.value).endswith("; use another copy of it")

    @pytest.mark.parametrize("change", [put("seed", 4), put("step", 4), put("beta1", 0.25), reshape("m.wpe", 4, 4)])
    def test_what_could_be_but_was_not_saved(self, file, change):
        rewrite(file, change, sign=False)
        with pytest.raises(CheckpointError, match="its content is not what was saved"):
            Checkpoint.load(file)


@given(data=st.data(), seed=st.integers(0, 2**32))
def test_damage(trained, content, tmp_path_factory, data, seed):
    """Any damage is refused as such, or it is none: then the same is loaded."""
    rng = random.Random(seed)
    damaged = bytearray(content)
    kind = data.draw(st.sampled_from(["cut", "header", "anywhere", "swap", "append"]))
    header = 8 + int.from_bytes(content[:8], "little")
    if kind == "cut":
        del damaged[rng.randrange(len(damaged)) :]
    elif kind == "swap":
        a, b = sorted(rng.randrange(header, len(damaged) - 8) for _ in range(2))
        damaged[a : a + 8], damaged[b : b + 8] = damaged[b : b + 8], damaged[a : a + 8]
    elif kind == "append":
        damaged += bytes(rng.randrange(1, 20))
    else:
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(header if kind == "header" else len(damaged))] = rng.randrange(256)
    path = tmp_path_factory.getbasetemp() / "damaged"
    path.write_bytes(damaged)
    try:
        loaded = Checkpoint.load(path)
    except CheckpointError as error:
        assert str(path) in str(error)
    else:
        assert loaded == trained
