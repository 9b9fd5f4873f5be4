"""Measures the budget: python tests/benchmarks/run.py [--json FILE] [--data FILE] [--only NAME]

Prints a table with the budget beside each figure. Each figure is a ratio or a distribution within one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[2])]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import attention
import engine
import exports
import gradient_check
import graph
import health
import large
import matrix
import minimap
import neighbourhood
import numbers_of_cells
import opening
import optimizer
import parameters
import past
import paths
import probe
import sampling
import scalars
import search
import startup
import stream
import walk
import window
from figures import as_json, table

from microgpt.settings import Settings

SUITES = {
    "engine": lambda data: engine.measure(Settings(data=data)),
    "past": lambda data: past.measure(Settings(data=data)),
    "gradient_check": lambda data: gradient_check.measure(Settings(data=data)),
    "graph": lambda data: graph.measure(Settings(data=data)),
    "minimap": lambda data: minimap.measure(Settings(data=data)),
    "matrix": lambda data: matrix.measure(Settings(data=data)),
    "neighbourhood": lambda data: neighbourhood.measure(Settings(data=data)),
    "paths": lambda data: paths.measure(Settings(data=data)),
    "search": lambda data: search.measure(Settings(data=data)),
    "scalars": lambda data: scalars.measure(Settings(data=data)),
    "numbers_of_cells": lambda data: numbers_of_cells.measure(Settings(data=data)),
    "window": lambda data: window.measure(Settings(data=data, num_steps=1_000_000)),
    "opening": lambda data: opening.measure(Settings(data=data, num_steps=10_000_000)),
    "walk": lambda data: walk.measure(Settings(data=data)),
    "optimizer": lambda data: optimizer.measure(Settings(data=data)),
    "probe": lambda data: probe.measure(Settings(data=data)),
    "health": lambda data: health.measure(Settings(data=data)),
    "attention": lambda data: attention.measure(Settings(data=data)),
    "parameters": lambda data: parameters.measure(Settings(data=data, num_steps=1_000_000)),
    "sampling": lambda data: sampling.measure(Settings(data=data, num_steps=1_000_000)),
    "stream": lambda data: stream.measure(Settings(data=data)),
    "exports": lambda data: exports.measure(Settings(data=data)),
    "startup": lambda _data: startup.measure(),
    "large": lambda data: large.measure(Settings(data=data)),
}


def main() -> None:
    """Measure, print, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--data", type=Path, metavar="FILE", help="documents, one a line (the embedded names)")
    parser.add_argument("--only", choices=SUITES, action="append")
    args = parser.parse_args()
    figures = []
    for name in args.only or SUITES:
        print(f"measuring: {name} …", file=sys.stderr, flush=True)
        figures += SUITES[name](args.data)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    print(table(figures))
    if args.json:
        args.json.write_text(json.dumps(as_json(figures), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
