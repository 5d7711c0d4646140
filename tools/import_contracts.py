"""Who may import whom: the table below, checked by reading the sources, never by running them.

A tool that imports what it checks cannot see one package spread over several folders; this one reads the `import`
statements of `packages/*/src`. What stands under `if TYPE_CHECKING` is for the type checker alone and is not counted.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# From the ground up: a module imports from its own layer and from those above it in this table.
LAYERS = [
    ["tane.version", "tane.plugins", "tane.size", "tane.device", "tane.dtypes"],
    ["tane.backends"],
    [f"tane.autograd.{n}" for n in ("state", "versions", "node", "counting", "fitting", "hooks", "passes", "engine")],
    ["tane.ops", "tane.tensor"],
    ["tane", "tane.plugins.builtin"],  # all else in core
    ["tane.nn", "tane.optim", "tane.data", "tane.viz", "tane_cupy"],
]

# What they share is core.
STRANGERS = ["tane.nn", "tane.optim", "tane.data", "tane.viz", "tane_cupy"]

# (who, what they must not import, except these, because)
FORBIDDEN = [
    (
        ["tane.ops", "tane.nn", "tane.optim"],
        ["numpy", "cupy", "scipy"],
        [],
        "formulas are written on F, so that one table serves every device",
    ),
    (["tane"], ["cupy", "cupyx"], [], "a device's library is known to its own backend only"),
    (["tane", "tane_cupy"], ["torch"], ["tane.testing"], "PyTorch is the oracle of the tests, not a part"),
    (
        ["tane", "tane_cupy"],
        ["pickle", "marshal", "shelve", "dill", "cloudpickle"],
        # Worker processes send their batches to the parent that started them, as multiprocessing itself does.
        ["tane.serialization", "tane.data.transport", "tane.data.workers"],
        "loading never executes: one module holds the restricted unpickler",
    ),
    (["tane", "tane_cupy"], ["tane.testing"], ["tane.testing"], "what is shipped for tests is used by tests"),
]

# Imports of tane inside a function hide circles. These are here to load late, not to break one.
LAZY = [
    "tane",
    "tane.commands",
    "tane.plugins.manager",
    "tane.plugins.registry",
    "tane.nn",  # the faces of packages ask for plug-ins when a name is not their own
    "tane.optim",
    "tane.optim.lr_scheduler",
    "tane.data.dataset",
    "tane.autograd.variable",
]


@dataclass(frozen=True)
class Import:
    importer: str
    imported: str
    place: str
    nested: bool


def within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(prefix + ".")


def sources(root: Path) -> dict[str, Path]:
    """Module name to file, over every package."""
    found = {}
    for src in sorted(root.glob("packages/*/src")):
        for file in sorted(src.rglob("*.py")):
            parts = file.relative_to(src).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}


def statements(node: ast.AST, nested: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child, nested
        elif for_types_only(child):
            for other in child.orelse:  # type: ignore[attr-defined]
                yield from statements(ast.Module([other], []), nested)
        else:
            yield from statements(child, nested or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def imports(modules: Mapping[str, Path]) -> Iterator[Import]:
    for name, file in modules.items():
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for node, nested in statements(ast.parse(file.read_text(encoding="utf-8"), str(file))):
            place = f"{file}:{node.lineno}"
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            else:
                base = node.module or ""
                if node.level:
                    above = package.split(".")[: len(package.split(".")) - node.level + 1]
                    base = ".".join([*above, base] if base else above)
                # `from tane.plugins import registry` imports a module where there is one of that name.
                targets = [f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names]
            for target in dict.fromkeys(targets):
                yield Import(name, target, place, nested)


def layer(module: str) -> int | None:
    """The layer with the longest matching name."""
    matches = [(len(name), i) for i, names in enumerate(LAYERS) for name in names if within(module, name)]
    return max(matches)[1] if matches else None


def circles(edges: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Each circle of imports once, as the modules along it."""
    done: set[str] = set()
    for start in sorted(edges):
        path: list[str] = []
        stack = [(start, iter(sorted(edges.get(start, ()))))] if start not in done else []
        path.extend(name for name, _ in stack)
        while stack:
            name, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                done.add(name)
                stack.pop()
                path.pop()
            elif following in path:
                yield [*path[path.index(following) :], following]
            elif following not in done:
                path.append(following)
                stack.append((following, iter(sorted(edges.get(following, ())))))


def check(root: Path = ROOT) -> list[str]:
    """What breaks a contract, one line each."""
    modules = sources(root)
    complaints = []
    edges: dict[str, set[str]] = {}
    for it in imports(modules):
        who, what = it.importer, it.imported
        for names, banned, exempt, because in FORBIDDEN:
            hit = any(within(who, n) for n in names) and any(within(what, b) for b in banned)
            if hit and not any(within(who, e) for e in exempt):
                complaints.append(f"{it.place}: {who} imports {what}: {because}")
        home, away = ([s for s in STRANGERS if within(m, s)] for m in (who, what))
        if home and away and home != away:
            complaints.append(f"{it.place}: {who} imports {what}: what {home[0]} and {away[0]} share is core")
            continue
        mine, its = layer(who), layer(what)
        if who != "tane" and mine is not None and its is not None and its > mine:
            complaints.append(f"{it.place}: {who} imports {what}, which stands on it")
        if its is not None and it.nested and who not in LAZY and not any(within(who, n) for n in LAZY if n != "tane"):
            complaints.append(f"{it.place}: {who} imports {what} inside a function: import it at the top")
        if what in modules and not it.nested and what != who:
            edges.setdefault(who, set()).add(what)
    complaints += ["a circle of imports: " + " -> ".join(circle) for circle in circles(edges)]
    return complaints


if __name__ == "__main__":
    found = check()
    print("\n".join(found) or "import contracts: kept")
    sys.exit(bool(found))
