"""Every scalar has one address, every address parses back, and what is no address is told in a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.model import Configuration
from microgpt.program.addresses import AddressError, Addresses
from microgpt.program.program import Operation
from microgpt.program.recorder import record

CONFIGURATIONS = {
    "smallest": Configuration(2, n_embd=1, n_head=1, block_size=1),
    "heads of width 1": Configuration(5, n_layer=2, n_embd=4, n_head=4, block_size=3),
    "two-digit indices": Configuration(12, n_layer=1, n_embd=12, n_head=2, block_size=11),
    "eleven layers": Configuration(3, n_layer=11, n_embd=2, n_head=1, block_size=2),
}


@pytest.fixture(scope="module")
def small() -> Addresses:
    return Addresses(record(CONFIGURATIONS["heads of width 1"]))


@pytest.mark.parametrize("config", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_round_trip(config):
    program = record(config)
    addresses = Addresses(program)
    texts = [addresses.format(scalar) for scalar in range(program.num_scalars)]
    assert len(set(texts)) == program.num_scalars
    assert [addresses.parse(text) for text in texts] == list(range(program.num_scalars))


def test_round_trip_of_the_default_model():
    """Some of everywhere, and the first and the last of every tensor."""
    program = record(Configuration(27))
    addresses = Addresses(program)
    ids = {*range(0, program.num_scalars, 97), program.loss}
    for tensor in program.tensors:
        ids.update((tensor.start, tensor.stop - 1, *program.elements(tensor)[[0, -1]].tolist()))
    assert [addresses.parse(addresses.format(scalar)) for scalar in ids] == list(ids)


ELEMENTS = {
    "embed[1]": "SUM", "norm[1]": "MUL", "logit[4]": "SUM", "prob[4]": "MUL", "loss": "MUL",
    "layer1.attn.norm[3]": "MUL", "layer1.attn.q[3]": "SUM", "layer1.attn.k[3]": "SUM", "layer1.attn.v[3]": "SUM",
    "layer1.attn.head2.score[1]": "MUL", "layer1.attn.head2.weight[1]": "MUL", "layer1.attn.head2.out[0]": "SUM",
    "layer1.attn.proj[3]": "SUM", "layer1.attn.residual[3]": "SUM",
    "layer1.mlp.norm[3]": "MUL", "layer1.mlp.fc1[15]": "SUM", "layer1.mlp.relu[15]": "RELU",
    "layer1.mlp.fc2[3]": "SUM", "layer1.mlp.residual[3]": "SUM",
}  # fmt: skip


@pytest.mark.parametrize(("name", "operation"), ELEMENTS.items())
def test_elements(small, name, operation):
    """DESIGN's list of names; every one is made as the model makes it."""
    scalar = small.parse(f"pos1.{name}")
    assert small.format(scalar) == f"pos1.{name}"
    assert Operation(small.program.operation[scalar]).name == operation


def test_parameters(small):
    for path, (rows, columns) in small.program.config.shapes().items():
        first, last = small.parse(f"{path}[0,0]"), small.parse(f"{path}[{rows - 1},{columns - 1}]")
        assert last - first == rows * columns - 1
        assert set(small.program.operation[first : last + 1]) == {Operation.PARAMETER}


def test_inner_scalars(small):
    """A weighted sum ends with its last product and its last sum, which is the element."""
    element = small.parse("pos1.layer0.attn.q[2]")
    assert small.parse("pos1.layer0.attn.q[2].mul[3]") == element - 1
    assert small.parse("pos1.layer0.attn.q[2].sum[2]") == element - 2
    assert small.parse("loss") == small.program.loss


def test_spaces_around_do_not_matter(small):
    assert small.parse(" wte[1,2]\n") == small.parse("wte[1,2]")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "did you mean"),
        ("nonsense", "there is no 'nonsense'"),
        ("wte", "whole tensor of shape 5×4; did you mean wte[0,0]?"),
        ("wte[5,0]", "the last element of wte is wte[4,3]"),
        ("wte[0]", "wte has shape 5×4; did you mean wte[0,0]?"),
        ("pos0.embed[1,1]", "pos0.embed has shape 4; did you mean pos0.embed[0]?"),
        ("pos0.embed[-1]", "there is no 'pos0.embed[-1]'; did you mean pos0.embed[0]?"),
        ("pos3.embed[0]", "there is no 'pos3.embed'; did you mean pos"),
        ("pos0.embd[0]", "did you mean pos0.embed[0]?"),
        ("pos0.layer0.attn.q[0].mul[4]", "the last one is pos0.layer0.attn.q[0].mul[3]"),
        ("pos0.layer0.attn.q[0].exp[0]", "pos0.layer0.attn.q[0] has no exp inside"),
        ("pos0.layer0.attn.q[0].foo[0]", "'foo' is no operation; there are sum, mul, pow, log, exp, relu"),
        ("pos0.layer0.attn.q[9].mul[0]", "the last element of pos0.layer0.attn.q is pos0.layer0.attn.q[3]"),
        ("loss[0]", "loss has shape 1; did you mean loss?"),
        ("wte[0,0].mul[0]", "wte[0,0] has no mul inside"),
        ("wte[0,99999999999999999999]", "wte"),
        ("pos0.embed[" + "9" * 5000 + "]", "pos0.embed"),
        ("pos0.layer0.attn.q[0].mul[" + "9" * 5000 + "]", "pos0.layer0.attn.q"),
    ],
)  # fmt: skip
def test_unknown_addresses(small, text, said):
    with pytest.raises(AddressError) as error:
        small.parse(text)
    assert said in str(error.value)


@pytest.mark.parametrize("scalar", [-1, 10**9])
def test_unknown_ids(small, scalar):
    with pytest.raises(IndexError, match="there is no scalar"):
        small.format(scalar)


PIECES = st.sampled_from(
    ["pos", "layer", "wte", "q", "attn", "loss", "mul", "norm", ".", "[", "]", ",", "0", "1", "7", "٣", " "]
)


@given(text=st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text(small, text):
    """It is an address, or a sentence says why not."""
    try:
        scalar = small.parse(text)
    except AddressError as error:
        assert repr(text.strip()) in str(error)
    else:
        assert small.parse(small.format(scalar)) == scalar
