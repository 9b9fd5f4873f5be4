"""DOT texts: the same for the same shape, and read back by Graphviz as what was meant."""

from __future__ import annotations

import pygraphviz
import pytest

from microgpt_studio.debugger.neighbourhood import Direction, Extent, Neighbourhood
from microgpt_studio.debugger.neighbourhood_dot import Spacing, labelled_text, layout_text
from microgpt_studio.debugger.neighbourhood_numbers import NeighbourhoodAnswer, NeighbourhoodInquiry
from microgpt_studio.debugger.session import Session
from microgpt_studio.debugger.snapshot import Wanted


def ask(session: Session, address: str, depth: int = 1, direction: Direction = Direction.BOTH) -> NeighbourhoodAnswer:
    inquiry = NeighbourhoodInquiry(Extent(session.description.addresses.parse(address), depth, direction))
    answer = session.snapshot(1, Wanted(inquiries=frozenset({inquiry}))).answer(inquiry)
    assert answer is not None
    return answer


def found(session: Session, address: str, depth: int = 1) -> Neighbourhood:
    neighbourhood = ask(session, address, depth).neighbourhood
    assert neighbourhood is not None
    return neighbourhood


def layout(neighbourhood: Neighbourhood) -> str:
    return layout_text(neighbourhood, [144.0] * neighbourhood.num_nodes, 36.0, Spacing(72.0, 8.0))


def test_the_same_shape_has_the_same_text(session: Session) -> None:
    session.update()
    first = layout(found(session, "pos1.layer0.attn.q[5]", 2))
    assert layout(found(session, "pos1.layer0.attn.q[6]", 2)) == first
    assert layout(found(session, "pos2.layer0.attn.q[5]", 2)) != first
    assert "pos1" not in first


@pytest.mark.parametrize("address", ["pos1.layer0.attn.q[5]", "layer0.attn_wq[0,0]", "loss"])
@pytest.mark.parametrize("depth", [1, 2, 6])
def test_graphviz_reads_every_node_and_edge(session: Session, address: str, depth: int) -> None:
    session.update()
    neighbourhood = found(session, address, depth)
    graph = pygraphviz.AGraph(string=layout(neighbourhood))
    assert sorted(graph.nodes()) == sorted(f"n{i}" for i in range(neighbourhood.num_nodes))
    ends = zip(neighbourhood.operand.tolist(), neighbourhood.consumer.tolist(), strict=True)
    assert sorted(graph.edges()) == sorted((f"n{a}", f"n{b}") for a, b in ends)
    assert all(node.attr["width"] == "2.0000" for node in graph.nodes())


def test_many_at_one_distance_share_columns(session: Session) -> None:
    """16 factors of a sum are more than a column of 10."""
    session.update()
    graph = pygraphviz.AGraph(string=layout(found(session, "pos1.layer0.attn.q[5]")))
    lengths = [edge.attr["minlen"] or "1" for edge in graph.edges() if edge[1] == "n0"]
    assert sorted(lengths) == ["1"] * 8 + ["2"] * 8


def test_labels_have_every_digit(session: Session) -> None:
    session.update()
    answer = ask(session, "pos1.layer0.attn.head0.weight[1]", 2)
    neighbourhood, numbers = answer.neighbourhood, answer.numbers
    assert neighbourhood is not None
    assert numbers is not None
    addresses = session.description.addresses
    title = 'of "a\\b"\nupdate 1'
    graph = pygraphviz.AGraph(string=labelled_text(neighbourhood, numbers, addresses, title))
    assert graph.graph_attr["label"] == 'of "a\\\\b"\\nupdate 1'
    assert len(graph.nodes()) == neighbourhood.num_nodes
    for node, scalar in enumerate(neighbourhood.scalars.tolist()):
        address, operation, data, grad = graph.get_node(addresses.format(scalar)).attr["label"].split("\\n")
        assert address == addresses.format(scalar)
        assert operation
        assert data == f"data {numbers.data[node].item()!r}"
        assert grad == f"grad {numbers.grad[node].item()!r}"
    labels = []
    for edge in range(neighbourhood.num_edges):
        labels.append(
            f"local derivative {numbers.derivative[edge].item()!r}\\ncontribution {numbers.contribution[edge].item()!r}"
        )
    assert sorted(edge.attr["label"] for edge in graph.edges()) == sorted(labels)


def test_what_is_not_known_is_said(session: Session) -> None:
    answer = ask(session, "layer0.attn_wq[0,0]")
    assert answer.neighbourhood is not None
    assert answer.numbers is not None
    text = labelled_text(answer.neighbourhood, answer.numbers, session.description.addresses, "before the first")
    assert "data not computed yet\\ngrad not computed yet" in text
    assert "local derivative not computed yet\\ncontribution not computed yet" in text
