"""The layout job: a program of its own that lays DOT texts out with Graphviz, one after the other, until it is killed.

It reads requests and writes answers, one JSON object a line. It imports nothing of the program: it has to start fast.
A first line, {"ready": true}, says that Graphviz is loaded; {"error": …} that it cannot be.

    request  {"number": 7, "dot": "digraph { … }"}
    answer   {"number": 7, "width": w, "height": h, "nodes": {name: [x, y]}, "edges": [[tail, head, [x, y, …]], …]}
             {"number": 7, "error": "…"}

Lengths are points, y grows downwards. The curve of an edge is 3 k + 1 points of k cubic Bézier curves.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

POINTS = 72.0  # an inch, in which Graphviz tells lengths


def serve(requests: Iterable[str], answers: TextIO) -> None:
    """Answer requests until there are no more."""
    for line in requests:
        request = json.loads(line)
        try:
            answer = lay_out(request["dot"])
        except Exception as error:  # noqa: BLE001 - whatever a text does to Graphviz, the next may be a good one
            answer = {"error": f"{type(error).__name__}: {error}"}
        tell(answers, {"number": request["number"], **answer})


def tell(answers: TextIO, answer: dict[str, Any]) -> None:
    """Write one answer."""
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def lay_out(dot: str) -> dict[str, Any]:
    """Where `dot` puts nodes and edges."""
    import pygraphviz  # noqa: PLC0415 - so that a missing one can be told

    plain = pygraphviz.AGraph(string=dot).draw(format="plain", prog="dot").decode()
    return read_plain(plain)


def read_plain(plain: str) -> dict[str, Any]:
    """Graphviz's plain format, whose names hold no blanks here, in points from the upper left corner."""
    nodes: dict[str, list[float]] = {}
    edges: list[tuple[str, str, list[float]]] = []
    width = height = 0.0
    for line in plain.replace("\\\n", "").splitlines():
        kind, *words = line.split(" ")
        if kind == "graph":
            width, height = float(words[1]) * POINTS, float(words[2]) * POINTS
        elif kind == "node":
            nodes[words[0]] = [float(words[1]) * POINTS, height - float(words[2]) * POINTS]
        elif kind == "edge":
            numbers = [float(word) * POINTS for word in words[3 : 3 + 2 * int(words[2])]]
            numbers[1::2] = [height - y for y in numbers[1::2]]
            edges.append((words[0], words[1], numbers))
    return {"width": width, "height": height, "nodes": nodes, "edges": edges}


def main() -> None:
    """Serve standard input and output."""
    try:
        import pygraphviz  # noqa: F401, PLC0415
    except ImportError as error:
        tell(sys.stdout, {"error": f"pygraphviz cannot be loaded: {error}"})
        return
    lay_out("digraph { a -> b }")  # the first one takes longer
    tell(sys.stdout, {"ready": True})
    serve(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()
