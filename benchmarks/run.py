"""Side by side with the peers: the same program on each, in turn, in one process, as ratios to PyTorch.

    python benchmarks/run.py                  everything that is installed
    python benchmarks/run.py cubic chain      only these workloads
    python benchmarks/run.py --only tane torch --rounds 9 --json results.json

Machines drift and are shared, so a round runs every framework for a stretch before the next round begins; what is printed is the median over
rounds, and the ratio is the median of the rounds' ratios. Threads: what each library takes by itself, on as many cores as the process has.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
WORKLOADS = ("cubic", "legendre", "rmsprop", "small_classifier", "large_classifier", "chain", "overhead", "imports")
Step = Callable[[], object]


def stretch(step: Step, seconds: float) -> float:
    """Seconds per step, over about the given time."""
    count, more, start = 0, 1, time.perf_counter()
    while True:
        for _ in range(more):
            step()
        count += more
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return elapsed / count
        more = min(count, 64)  # so that looking at the clock costs nothing, and a slow step is not run eight times


def measure(steps: dict[str, Step], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Seconds per step of each framework, a list of one entry per round."""
    for step in steps.values():  # compilation, caches, first allocations
        stretch(step, seconds / 4)
    found: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            found[name].append(stretch(step, seconds))
    return found


def report(title: str, times: dict[str, list[float]], base: str) -> dict[str, dict[str, float]]:
    """Print a table of medians and ratios; returns them."""
    print(f"\n{title}")
    rows = {}
    for name, values in times.items():
        row = {"median_us": statistics.median(values) * 1e6, "min_us": min(values) * 1e6}
        if base in times:
            row["ratio"] = statistics.median(a / b for a, b in zip(values, times[base], strict=True))
        rows[name] = row
        ratio = f"{row['ratio']:8.2f} x {base}" if "ratio" in row else ""
        print(f"  {name:<12}{row['median_us']:12.1f} us  (best {row['min_us']:.1f}){ratio}")
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], help="which (default: all)")
    parser.add_argument("--only", nargs="+", metavar="FRAMEWORK", help="only these frameworks")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3, help="per framework and round")
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    options = parser.parse_args()
    print(
        f"Python {platform.python_version()}, {platform.machine()}, {len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores"  # noqa: E501
    )
    results = {}
    for name in options.workloads or WORKLOADS:
        module = importlib.import_module(f"workloads.{name}")
        steps, missing = {}, []
        for framework, make in module.FRAMEWORKS.items():
            if options.only and framework not in options.only:
                continue
            try:
                steps[framework] = make()
            except ImportError as error:
                missing.append(f"{framework} ({error.name} is not installed)")
        results[name] = report(module.TITLE, measure(steps, options.rounds, options.seconds), module.BASE)
        if missing:
            print("  left out:", ", ".join(missing))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
