"""Every task of the project. `nox -l` lists them; plain `nox` runs what must be green before a merge."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
# The tests come last, so that what pytest counts is what a reader of the log sees last.
nox.options.sessions = ["lint", "types", "docs", "wheels", "tests", "parity"]

PYPROJECT = nox.project.load_toml("pyproject.toml")

PACKAGES = ["core", "nn", "optim", "data", "viz", "cupy"]
META = [name for name in PACKAGES if name != "cupy"]  # what `pip install tane` brings


def group(*names: str) -> list[str]:
    """The requirements of dependency groups in pyproject.toml."""
    return nox.project.dependency_groups(PYPROJECT, *names)


def editable(*names: str) -> list[str]:
    """Installer arguments for packages of this repository, siblings included: none is fetched from an index."""
    return [word for name in names for word in ("-e", f"packages/{name}")]


@functools.cache
def let_uv_know_pips_indexes() -> None:
    """uv does not read pip's configuration; whoever told pip of a mirror means it for uv, too."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    pip = {}
    for line in told.splitlines():  # global.index-url='...', :env:.find-links='...'
        key, _, value = line.partition("=")
        pip[key.rpartition(".")[2]] = " ".join(shlex.split(value)).split()
    for key, variable, between in [
        ("index-url", "UV_DEFAULT_INDEX", " "),
        ("extra-index-url", "UV_INDEX", " "),
        ("find-links", "UV_FIND_LINKS", ","),
        ("trusted-host", "UV_INSECURE_HOST", " "),
    ]:
        if pip.get(key):
            os.environ.setdefault(variable, between.join(pip[key]))
    if pip.get("extra-index-url"):  # pip takes the best version from all of them, uv by itself from the first only
        os.environ.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")


def install(session: nox.Session, *args: str) -> None:
    let_uv_know_pips_indexes()
    session.install(*args)
    if os.environ.get("TANE_TEST_NUMPY_PRE"):  # the nightly job: the same tests on the NumPy to come
        index = os.environ.get("TANE_TEST_NUMPY_INDEX")
        session.install("--upgrade", "--pre", *(["--extra-index-url", index] if index else []), "numpy")


def run_pytest(session: nox.Session, *args: str, workers: bool = True, ok: tuple[int, ...] = (0,)) -> None:
    """pytest on two or more processes, each with one BLAS thread, so that they do not fight for the cores."""
    spread = ["-n", "auto", "--maxprocesses=8"] if workers else []
    env = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"} if workers else {}
    session.run("python", "-m", "pytest", "--timeout=600", *spread, *args, *session.posargs, env=env, success_codes=ok)


@nox.session
def demo(session: nox.Session) -> None:
    """Train a small network on handwritten digits."""
    install(session, *(f"./packages/{name}" for name in META), *group("demo"))
    session.run("python", "examples/digits.py", *session.posargs)


@nox.session
@nox.parametrize("package", [nox.param(name, id=name) for name in [*PACKAGES, "all"]])
def tests(session: nox.Session, package: str) -> None:
    """Each package with its declared dependencies only; "all" is what spans them."""
    if package == "all":
        install(session, *editable(*META), "matplotlib", *group("test", "demo"))
        run_pytest(session, "tests", "-m", "not wheels and not parity")
        return
    install(session, *editable(*dict.fromkeys(["core", package])), *group("test"))
    # Where there is no CUDA device every test of cupy skips itself; pytest's code for "nothing ran" is 5.
    run_pytest(session, f"packages/{package}/tests", "-m", "not parity", ok=(0, 5) if package == "cupy" else (0,))


@nox.session(venv_backend="virtualenv")  # pip, because it alone honours a user's find-links for a smaller build of torch
def parity(session: nox.Session) -> None:
    """Every test once more with PyTorch installed: values, dtypes, errors and gradients are compared with its own."""
    install(session, *editable(*META), "matplotlib", *group("parity", "demo"))
    run_pytest(session, "-m", "not wheels", "tests", *(f"packages/{name}/tests" for name in META))


@nox.session
def wheels(session: nox.Session) -> None:
    """Build every distribution, install each into a fresh environment, and use it."""
    install(session, *group("wheels"))
    run_pytest(session, "tests/wheels", "tests/test_plugin_end_to_end.py", "-m", "wheels", workers=False)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, import contracts, file sizes, and versions that agree."""
    install(session, *group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("python", "tools/import_contracts.py")
    session.run("python", "tools/file_sizes.py")
    session.run("python", "tools/versions.py")


@nox.session(name="format")
def format_(session: nox.Session) -> None:
    """Repair what `lint` would complain of and a tool can repair."""
    install(session, *group("lint"))
    session.run("ruff", "check", "--fix", ".")
    session.run("ruff", "format", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict, on the sources; that installed wheels are typed too is tested by `wheels`."""
    install(session, *editable(*META), *group("types", "test"))
    session.run("mypy", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Run every Python block of the documents, and the examples in docstrings."""
    install(session, *editable(*META), *group("docs", "test"))
    session.run("python", "tools/run_documents.py", *session.posargs)
    if not session.posargs:
        sources = (f"packages/{name}/src" for name in META)
        needs_torch = "--ignore=packages/core/src/tane/testing/parity.py"
        session.run("python", "-m", "pytest", "--doctest-modules", needs_torch, *sources)


@nox.session
def bench(session: nox.Session) -> None:
    """Time tane beside its peers; compare the ratios, not the milliseconds."""
    install(session, *editable(*META), *group("demo"))
    if "--torch" in session.posargs:
        session.install(*group("parity"))
    session.run("python", "benchmarks/run.py", *(arg for arg in session.posargs if arg != "--torch"))


@nox.session
def gpu(session: nox.Session) -> None:
    """All tests where there is a CUDA device: `nox -s gpu -- 13` for CUDA 13, 12 unless told."""
    version, *args = session.posargs or ["12"]
    install(session, *editable(*META), "-e", f"packages/cupy[cuda{version}]", "matplotlib", *group("test", "demo"))
    session.run("python", "-m", "pytest", "-m", "not wheels and not parity", *args)
