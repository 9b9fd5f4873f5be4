"""Settings, the flags that make them, and the data that they name."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from microgpt import embedded
from microgpt.adam import Adam
from microgpt.arguments import Parser, add_training_arguments, check_agreement, settings_from
from microgpt.data import DataError
from microgpt.model import Configuration
from microgpt.settings import Settings, read


def parse(line: str) -> argparse.Namespace:
    parser = Parser(prog="studio")
    add_training_arguments(parser)
    return parser.parse_args(line.split())


def test_defaults():
    assert settings_from(parse("")) == Settings()
    assert Settings() == Settings(None, 1, 16, 4, 16, Adam(0.01, 0.85, 0.99, 1e-8), 1000, 42)
    assert Settings().configuration(27) == Configuration(27, 1, 16, 4, 16)


def test_every_flag():
    line = "--data a.txt --steps 9 --seed -1 --n-layer 2 --n-embd 6 --n-head 3 --block-size 5"
    adam = "--learning-rate 0.5 --beta1 0.1 --beta2 0.2 --eps 0.3"
    expected = Settings(Path("a.txt"), 2, 6, 3, 5, Adam(0.5, 0.1, 0.2, 0.3), 9, -1)
    assert settings_from(parse(f"{line} {adam}")) == expected


def test_a_flag_that_was_not_given_is_left_to_the_base():
    base = Settings(n_embd=8, adam=Adam(beta1=0.3), seed=5)
    assert settings_from(parse("--seed 6 --eps 1e-3"), base) == replace(base, seed=6, adam=Adam(beta1=0.3, eps=1e-3))


def test_agreement():
    settings = Settings(n_embd=8, adam=Adam(beta1=0.3))
    check_agreement(parse(""), settings)
    check_agreement(parse("--n-embd 8 --beta1 0.3 --data other.txt"), settings)
    with pytest.raises(ValueError, match=r"--beta1 is 0.4, but the checkpoint was made with 0.3; leave the flag out"):
        check_agreement(parse("--beta1 0.4"), settings)


def test_the_parser_complains_in_one_sentence(capsys):
    with pytest.raises(SystemExit) as stopped:
        parse("--n-embd x")
    assert stopped.value.code == 2
    sentence = "studio: argument --n-embd: invalid int value: 'x'; studio --help lists the flags\n"
    assert capsys.readouterr() == ("", sentence)


def test_help_tells_the_defaults(capsys):
    with pytest.raises(SystemExit):
        parse("--help")
    text = " ".join(capsys.readouterr().out.split())
    for part in ("(the embedded names)", "decays to 0 (1000)", "(0.85)", "(1e-08)", "samples (42)"):
        assert part in text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"num_steps": 0}, "number of steps is 0"),
        ({"n_layer": 0}, "n_layer is 0"),
        ({"n_embd": 6}, "n_embd has to be a multiple of n_head"),
        ({"block_size": -2}, "block_size is -2"),
    ],
)
def test_settings_that_do_not_fit(wrong, said):
    with pytest.raises(ValueError, match=said):
        Settings(**wrong)


def test_embedded_names():
    documents = read(Settings())
    assert len(documents) == 5163
    assert sorted(set("".join(documents))) == list("abcdefghijklmnopqrstuvwxyz")


def test_data_of_ones_own(tmp_path):
    (tmp_path / "own.txt").write_text("b\na\n", encoding="utf-8")
    assert read(Settings(data=tmp_path / "own.txt")) == ["b", "a"]


@pytest.mark.parametrize("place", ["package/assets", "assets"])
def test_embedded_names_are_found_in_a_wheel_and_in_a_checkout(tmp_path, monkeypatch, place):
    monkeypatch.setattr(embedded, "_PACKAGE", tmp_path / "package")
    with pytest.raises(DataError, match=r"embedded names are missing.*--data"):
        embedded.names()
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "names.txt").write_text("x", encoding="utf-8")
    assert embedded.names() == tmp_path / place / "names.txt"
