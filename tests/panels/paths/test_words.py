"""The sentences say what there is and what is missing, without a number that is not there."""

from __future__ import annotations

import math

from microgpt_studio.debugger.execution import Place
from microgpt_studio.debugger.paths import Paths, PathsOf
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted
from microgpt_studio.panels.paths.words import headline, in_full, missing_chain, missing_shares, percent
from microgpt_studio.widgets import short


def said(session: Session, address: str) -> tuple[Paths, str]:
    inquiry = PathsOf(session.description.addresses.parse(address))
    snapshot = session.snapshot(1, Wanted(inquiries=frozenset({inquiry})))
    paths = snapshot.answer(inquiry)
    assert paths is not None
    return paths, headline(paths, session.description, snapshot.moment)


def test_the_chain_and_its_share_are_told(session):
    session.run(2)
    paths, sentence = said(session, "wpe[2,3]")
    assert f"over {len(paths.on_path):,} scalars" in sentence
    assert f"has {len(paths.chain) - 1} links, product {short(paths.product)}" in sentence
    assert f"the gradient {short(paths.grad)}" in sentence
    assert missing_chain(paths) == missing_shares(paths) == ""
    lines = in_full(paths).splitlines()
    assert f"product of the strongest chain {paths.product!r}" in lines
    assert f"its share of the gradient {paths.chain_share!r}" in lines
    assert f"gradient {paths.grad!r}" in lines


def test_a_share_of_many_times_the_gradient_is_a_factor(session):
    session.run(2)
    addresses = session.description.addresses
    found = set()
    for scalar in range(session.description.program.num_parameters):
        paths, sentence = said(session, addresses.format(scalar))
        if paths.chain_share is not None:
            is_many = abs(paths.chain_share) >= 10.0
            found.add(is_many)
            words = f"{short(paths.chain_share)} times the" if is_many else f"{percent(paths.chain_share)} of the"
            assert words in sentence
        if len(found) == 2:
            return
    raise AssertionError("only one kind of share was found")


def test_few_paths_are_counted_exactly(session):
    session.update()
    paths, sentence = said(session, "pos7.loss")
    assert paths.num_paths == 1.0
    assert sentence.startswith("One path leads to the loss, over ")
    assert in_full(paths).startswith("paths 1, exactly")
    assert said(session, "loss")[1] == "This is the loss itself: every path ends here."


def test_a_count_that_floats_round_is_told_as_such(session):
    session.update()
    paths, sentence = said(session, "wpe[0,3]")
    assert paths.num_paths > 2**53
    assert sentence.startswith(f"{short(paths.num_paths)} paths")
    assert in_full(paths).startswith(f"paths {paths.num_paths!r}, rounded")
    assert in_full(said(session, "pos0.prob[0]")[0]) == ""


def test_half_way_what_is_missing_is_told(session):
    session.run(2)
    execution = session.execution
    updates, (forward, backward, _) = execution.place.updates, execution.lengths
    execution.go_to(Place(updates, forward - 1))
    paths, sentence = said(session, "wpe[1,3]")
    assert "The strongest chain is not computed yet" in sentence
    assert "forward phase" in missing_chain(paths) and "forward phase" in missing_shares(paths)
    execution.go_to(Place(updates, forward + backward // 4))
    paths, sentence = said(session, "wpe[1,3]")
    assert sentence.endswith("the gradient is not complete.")
    assert missing_chain(paths) == ""
    assert missing_shares(paths) == "Not computed yet: the gradient is not complete."


def test_why_there_is_no_path_is_told(session):
    while session.update().document != "mia":
        pass
    tokens = session.snapshot(1, Wanted()).moment.tokens
    vocabulary = range(session.description.tokenizer.vocab_size)
    unused = next(token for token in vocabulary if token not in tokens)
    other = next(token for token in vocabulary if token != tokens[1])
    assert said(session, "pos6.loss")[1] == "“mia” has 4 positions: position 6 is not part of its graph."
    assert said(session, f"wte[{unused},0]")[1].startswith("“mia” does not use this parameter")
    paths, sentence = said(session, f"pos0.prob[{other}]")
    assert sentence.startswith("The loss does not depend on this scalar")
    assert missing_chain(paths) == missing_shares(paths) == "No path leads from here to the loss."


def test_zeros_are_told(session):
    session.update()
    program, machine = session.description.program, session.runner.machine
    fc1 = next(tensor for tensor in program.tensors if tensor.path == "pos1.layer0.mlp.fc1")
    off = next(scalar for scalar in program.elements(fc1).tolist() if machine.data[scalar] <= 0.0)
    paths, sentence = said(session, session.description.addresses.format(off))
    assert "Every path has the product 0" in sentence and "one derivative of 0" in sentence
    assert missing_shares(paths) == "The gradient is 0: there is nothing to share out."


def test_numbers_beyond_floats_are_told(session):
    session.update()
    program, machine = session.description.program, session.runner.machine
    for path in ("layer1.attn_wo", "layer1.mlp_fc2", "lm_head"):
        matrix = next(tensor for tensor in program.tensors if tensor.path == path)
        machine.parameters[program.elements(matrix)] = 1e-200
    session.update()
    paths, sentence = said(session, "layer1.attn_wv[0,1]")
    assert f"about 10^{paths.log10:.1f}, is {short(paths.product)} in floating point" in sentence
    assert paths.product == 0.0
    machine.parameters[session.description.addresses.parse("layer1.attn_wv[2,3]")] = math.nan
    session.update()
    paths, sentence = said(session, "layer0.attn_wq[0,1]")
    assert "not finite" in sentence and "nan" in sentence
    assert missing_shares(paths) == "The gradient is nan: it cannot be shared out."
