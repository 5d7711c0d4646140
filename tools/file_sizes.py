"""A file holds one idea: above 400 lines it is split, unless it is a table and stands in TABLES."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 400

# Files that are lists of like things, where splitting would only hide the pattern. `/`-separated, from the root.
TABLES: frozenset[str] = frozenset(
    {
        "packages/core/src/tane/creation.py",  # one constructor after another, all of one form
        "packages/nn/src/tane/nn/layers/activation.py",  # one activation after another
        "packages/core/src/tane/surface/matmul.py",  # one product after another
    }
)


def sizes(root: Path = ROOT) -> dict[str, int]:
    """Lines of every shipped source file."""
    files = sorted(root.glob("packages/*/src/**/*.py"))
    return {file.relative_to(root).as_posix(): len(file.read_text(encoding="utf-8").splitlines()) for file in files}


def check(root: Path = ROOT, tables: frozenset[str] = TABLES) -> list[str]:
    found = sizes(root)
    complaints = [f"{name}: {n} lines, more than {LIMIT}" for name, n in found.items() if n > LIMIT and name not in tables]
    # An entry that has become needless would let the file grow again unseen.
    complaints += [f"{name}: listed as a table, but is not above {LIMIT} lines" for name in sorted(tables) if found.get(name, 0) <= LIMIT]
    return complaints


if __name__ == "__main__":
    counts = [n for n in sizes().values() if n]
    complaints = check()
    print("\n".join(complaints) or f"file sizes: {len(counts)} files, {sum(counts)} lines, median {median(counts or [0]):.0f}")
    sys.exit(bool(complaints))
