"""The code of docs/plugins.md runs, block after block, and prints what the page says it prints."""

from __future__ import annotations

import re

#: A block's first line may name the file it is: ``# tane_lion/plugin.py``.
BLOCK = re.compile(r"```(python|console|toml)\n(.*?)```", re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    return [text for tongue, text in BLOCK.findall(page) if tongue == language]


def install(site, page: str) -> None:
    """Put the page's package in place, as ``pip install`` would."""
    for text in blocks(page, "python"):
        if named := re.match(r"# (\S+\.py)\n", text):
            path = site.path / named[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    project = blocks(page, "toml")[0]
    name, version = (re.search(rf'{key} = "(.+)"', project)[1] for key in ("name", "version"))
    entry = re.search(r'\[project.entry-points.tane\]\n(\w+) = "(.+)"', project)
    site.metadata(name, version, f"[tane]\n{entry[1]} = {entry[2]}\n")


def test_the_code_of_the_page_runs(site, page):
    install(site, page)
    ran = 0
    for text in blocks(page, "python"):
        if re.match(r"# \S+\.py\n", text):
            continue
        expected = "\n".join(re.findall(r"  # prints: (.*)", text))
        assert site.run(text) == expected
        ran += 1
    assert ran >= 4


def test_the_commands_of_the_page_print_what_it_shows(site, page):
    install(site, page)
    for text in blocks(page, "console"):
        prompt, _, expected = text.partition("\n")
        words = prompt.removeprefix("$ tane ").split()
        said = site.run(f"from tane.commands.main import main; raise SystemExit(main({words}))", COLUMNS="80")
        assert re.sub(r"\d+\.\d ms", "… ms", said) == re.sub(r"\d+\.\d ms", "… ms", expected.rstrip())
