"""Run the Python blocks of the documents, each document in a process and a folder of its own.

The blocks of one document run in order and share their names, as a reader types them. A `pycon` block is a doctest. A
block right below `<!-- not run: reason -->` is left out.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^(?P<mark><!-- not run: [^\n]+ -->\n+)?```(?P<tongue>python|pycon)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)

RUNNER = """
import doctest, sys
names = {"__name__": "__main__"}
for place, line, tongue, code in BLOCKS:
    if tongue == "python":
        exec(compile("\\n" * line + code, place, "exec"), names)
        continue
    test = doctest.DocTestParser().get_doctest(code, names, place, place, line)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, clear_globs=False)
    names.update(test.globs)
    if runner.failures:
        sys.exit(1)
"""


def blocks(document: Path) -> list[tuple[str, int, str, str]]:
    text = document.read_text(encoding="utf-8")
    return [
        (str(document), text.count("\n", 0, found.start("code")), found["tongue"], found["code"])
        for found in BLOCK.finditer(text)
        if not found["mark"]
    ]


def run(document: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        code = f"BLOCKS = {blocks(document)!r}\n{RUNNER}"
        return not subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=folder, env={**os.environ, "MPLBACKEND": "agg"}
        ).returncode


def main(args: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", nargs="*", type=Path)
    chosen = parser.parse_args(args).documents
    everywhere = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]
    failed = 0
    for document in sorted(path.resolve() for path in chosen or everywhere):
        count = len(blocks(document))
        if not count:
            continue
        ok = run(document)
        failed += not ok
        name = document.relative_to(ROOT) if document.is_relative_to(ROOT) else document
        print(f"{name}: {count} block{'s' * (count > 1)} {'ran' if ok else 'FAILED'}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
