"""Documents and tokens."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.data import DataError, Tokenizer, read_documents, shuffled


@pytest.mark.parametrize(
    ("content", "documents"),
    [
        (b"emma\nolivia\n", ["emma", "olivia"]),
        (b"no end of line", ["no end of line"]),
        (b"\n \n a b \t\r\n\nc", ["a b", "c"]),
        (b"\xef\xbb\xbfbom\n", ["bom"]),
        ("été\n字\n🎲".encode(), ["été", "字", "🎲"]),
        (b"a\x0bb\xe2\x80\xa8c\n", ["a\x0bb\u2028c"]),  # only \n ends a document
    ],
)
def test_documents(tmp_path, content, documents):
    (tmp_path / "data").write_bytes(content)
    assert read_documents(tmp_path / "data") == documents


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no document: every line is blank"),
        (b" \n\r\n\t", "holds no document"),
        (b"one\ntwo\nthr\xff\xfe", "is not UTF-8 text: line 3, byte 11 is 0xff; save it as UTF-8"),
        (b"cut \xe5\xad", "line 1, byte 4 is 0xe5"),
        ("emma".encode("utf-16"), "line 1, byte 0 is 0xff"),
    ],
)
def test_bad_content(tmp_path, content, said):
    path = tmp_path / "data"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_documents(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)


def test_what_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"there is no file .*nothing"):
        read_documents(tmp_path / "nothing")
    with pytest.raises(DataError, match="is a folder; name a text file"):
        read_documents(tmp_path)

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        read_documents(tmp_path / "secret")


def test_shuffling_leaves_the_documents_alone():
    documents = [str(i) for i in range(50)]
    order = shuffled(documents, random.Random(1))
    assert documents == [str(i) for i in range(50)]
    assert order != documents
    assert sorted(order, key=int) == documents


@given(documents=st.lists(st.text(), min_size=1))
def test_tokens(documents):
    """Characters in order, then BOS; a document begins and ends with BOS and reads back."""
    tokenizer = Tokenizer.of(documents)
    assert list(tokenizer.characters) == sorted(set("".join(documents)))
    assert tokenizer.vocab_size == tokenizer.bos + 1 == len(tokenizer.characters) + 1
    for document in documents:
        first, *middle, last = tokenizer.encode(document)
        assert first == last == tokenizer.bos
        assert "".join(tokenizer.characters[token] for token in middle) == document


def test_unknown_character():
    with pytest.raises(DataError, match="knows no character 'x' \\(in 'axe'\\)"):
        Tokenizer.of(["abcde"]).encode("axe")
