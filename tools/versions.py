"""The version stands in one file; what depends on it, and the licence beside each package, must agree."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def version(root: Path = ROOT) -> str:
    text = (root / "packages/core/src/tane/version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)[1]  # type: ignore[index]


def check(root: Path = ROOT) -> list[str]:
    major, minor = version(root).split(".")[:2]
    expected = f"~={major}.{minor}.0"
    complaints = []
    for file in sorted([root / "pyproject.toml", *root.glob("packages/*/pyproject.toml")]):
        name = file.relative_to(root).as_posix()
        text = file.read_text(encoding="utf-8")
        for sibling, pin in re.findall(r'"(tane-[a-z]+)(?:\[[^]]*\])?([^"]*)"', text.partition("[tool.")[0]):
            if pin and pin != expected:
                complaints.append(f"{name}: {sibling}{pin}, where the version asks for {expected}")
        if re.search(r"^version\s*=", text, re.MULTILINE):
            complaints.append(f"{name}: states a version of its own")
        if (file.parent / "LICENSE").read_bytes() != (root / "LICENSE").read_bytes():
            complaints.append(f"{name}: the LICENSE beside it is not the project's")
    return complaints


if __name__ == "__main__":
    found = check()
    print("\n".join(found) or f"versions: {version()} everywhere")
    sys.exit(bool(found))
