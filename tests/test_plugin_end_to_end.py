"""A stranger's package, from its source to its use: built, installed beside tane's wheels into a fresh environment, found, and trained with.

And packages that are broken in the ways there are: nothing else goes down with them, and everybody is told.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.wheels, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[1]
GARDEN = ROOT / "examples" / "plugin"
PARTS = ("core", "nn", "optim", "viz")


# ---- building and installing ---------------------------------------------------------------------------------------------------------
def run(*command: str | Path, fails: bool = False, **env: str) -> subprocess.CompletedProcess[str]:
    """A command in an environment without tane's variables, outside the repository."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "TANE_", "VIRTUAL_ENV"))}
    done = subprocess.run([str(word) for word in command], cwd=ROOT.anchor, env={**kept, **env}, capture_output=True, text=True)
    assert fails or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def built(source: Path, out: Path) -> Path:
    before = set(out.glob("*.whl"))
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", out, source)
    [wheel] = set(out.glob("*.whl")) - before
    return wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    return {name: built(ROOT / "packages" / name, out) for name in PARTS} | {"garden": built(GARDEN, out)}


@pytest.fixture(scope="module")
def environment(wheels, tmp_path_factory):
    """The Python of an environment with tane, the plug-in, and what their tests need."""
    home = tmp_path_factory.mktemp("garden") / "env"
    run("uv", "venv", "--quiet", "--python", sys.executable, home)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run("uv", "pip", "install", "--quiet", "--python", python, *wheels.values(), "pytest", "hypothesis")
    return python


def stub(folder: Path, distribution: str, source: str, version: str = "1.0") -> Path:
    """A wheel with one module, which is a plug-in called as the last word of the distribution's name."""
    module = distribution.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[tane]\n{distribution.rpartition('-')[2]} = {module}\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    wheel = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return wheel


HOOK = "from tane.plugins import hookimpl\n\n\n@hookimpl\ndef tane_ops():\n    return {{'{name}': 'math:{value}'}}\n"
BROKEN = {
    "tane-wilted": "raise ImportError('its library is gone')\n",
    "tane-rose": HOOK.format(name="bloom", value="sin"),
    "tane-tulip": HOOK.format(name="bloom", value="cos"),
    "tane-orchid": "tane_api_version = 99\n" + HOOK.format(name="exotic", value="tan"),
}


@pytest.fixture
def with_broken(environment, tmp_path):
    """Installs some of the broken packages, and takes them out again."""
    installed = []

    def install(*names):
        for name in names:
            run("uv", "pip", "install", "--quiet", "--python", environment, stub(tmp_path, name, BROKEN[name]))
            installed.append(name)
        return environment

    yield install
    if installed:
        run("uv", "pip", "uninstall", "--quiet", "--python", environment, *installed)


def use(python: Path, code: str, *options: str, fails: bool = False, **env: str) -> subprocess.CompletedProcess[str]:
    return run(python, *options, "-c", code, fails=fails, **env)


def listed(python: Path, **env: str) -> dict[str, dict]:
    records = json.loads(run(python.with_name("tane"), "plugins", "--json", **env).stdout)
    return {record["name"]: record for record in records}


# ---- what is installed is there --------------------------------------------------------------------------------------------------------
TRAIN = """
import tane
from tane import nn

x = tane.tensor([0.3, -1.2], dtype=tane.float64, requires_grad=True)
y = tane.ops.bump(x)
[g] = tane.autograd.grad(y.sum(), [x], create_graph=True)
[h] = tane.autograd.grad(g.sum(), [x])
value = (-x * x).exp()
tane.testing.assert_close(g, -2 * x * value, rtol=1e-12, atol=1e-12)
tane.testing.assert_close(h, (4 * x * x - 2) * value, rtol=1e-12, atol=1e-12)
assert y.grad_fn.name() == "BumpBackward0"

class Bumps(nn.Module):
    def forward(self, x):
        return tane.ops.bump(x)

tane.manual_seed(0)
model = nn.Sequential(nn.Linear(1, 16), Bumps(), nn.Linear(16, 1))
x = tane.linspace(-2, 2, 64).reshape(-1, 1)
target = (x * 2).sin()
optimizer = tane.optim.Lion(model.parameters(), lr=3e-3)
losses = []
for _ in range(300):
    loss = nn.functional.mse_loss(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
assert losses[-1] < losses[0] / 20, (losses[0], losses[-1])

picture = tane.viz.make_dot(model(x)).source
assert "BumpBackward0" in picture

z = tane.tensor([0.5], device="toy", requires_grad=True)
tane.ops.bump(z).sum().backward()
assert str(z.grad.device) == "toy"
print("grown")
"""


def test_it_is_found_and_all_it_brings_works(environment):
    assert use(environment, TRAIN, "-W", "error").stdout == "grown\n"


def test_it_is_listed(environment):
    record = listed(environment)["garden"]
    assert (record["distribution"], record["version"], record["state"]) == ("tane-garden", "0.1.0", "loaded")
    assert record["contributions"] == {"backends": ["toy"], "ops": ["bump"], "optimizers": ["Lion"]}
    shown = run(environment.with_name("tane"), "plugins").stdout
    assert re.search(r"^garden +tane-garden +0\.1\.0 +loaded", shown, re.MULTILINE)


def test_its_names_are_offered_where_names_are(environment):
    code = "import tane; print('bump' in dir(tane.ops), tane.plugins.lookup('optimizers', 'Lion') is tane.optim.Lion)"
    assert use(environment, code).stdout.split() == ["True"] * 2


def test_it_passes_the_published_suites(environment):
    done = run(environment, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", GARDEN / "tests")
    assert re.search(r"\d{2,} passed", done.stdout), done.stdout


def test_nothing_of_it_is_loaded_before_it_is_asked_for(environment):
    code = "import sys, tane; tane.ones(2) * 2; print([m for m in sys.modules if m.startswith('tane_garden')])"
    assert use(environment, code).stdout == "[]\n"


def test_without_it_its_names_say_what_is_missing(environment):
    code = "import tane\ntry: tane.ops.bump\nexcept AttributeError as e: print(e)"
    said = use(environment, code, TANE_BLOCK_PLUGINS="garden").stdout
    assert "has no op 'bump'" in said
    assert "Plug-in 'garden' of tane-garden 0.1.0 is not loaded (blocked" in said


# ---- what is broken takes nothing down ---------------------------------------------------------------------------------------------------
WORKS = "import tane; x = tane.ones(2, requires_grad=True); tane.ops.bump(x).sum().backward(); print(x.grad.shape)"


def test_one_that_fails_on_import_is_a_warning_and_a_line_of_the_list(with_broken):
    python = with_broken("tane-wilted")
    done = use(python, WORKS)
    assert done.stdout == "torch.Size([2])\n"
    assert "plug-in 'wilted' of tane-wilted 1.0 failed to load: ImportError: its library is gone" in done.stderr
    record = listed(python)["wilted"]
    assert record["state"] == "failed"
    assert "its library is gone" in record["error"]
    assert "raise ImportError" in record["traceback"]


def test_two_that_claim_one_name_raise_and_name_both(with_broken):
    python = with_broken("tane-rose", "tane-tulip")
    ask = "import tane\ntry: tane.ops.{}\nexcept Exception as e: print(type(e).__name__, e)"
    said = use(python, ask.format("bloom")).stdout
    assert said.startswith("PluginConflictError")
    assert "'rose' of tane-rose 1.0" in said
    assert "'tulip' of tane-tulip 1.0" in said
    assert use(python, "import tane; print(tane.ones(2).sum().item())").stdout == "2.0\n"  # what core offers keeps working
    settled = use(python, "import tane; print(tane.ops.bloom(0.0))", TANE_BLOCK_PLUGINS="tane-tulip").stdout
    assert settled == "0.0\n"


def test_one_for_a_newer_tane_is_refused_with_the_reason(with_broken):
    python = with_broken("tane-orchid")
    done = use(python, "import tane\ntry: tane.ops.exotic\nexcept AttributeError as e: print(e)")
    assert "written for plug-in API 99; this tane has 1: upgrade tane-core" in done.stderr
    assert "Plug-in 'orchid' of tane-orchid 1.0 is not loaded (refused" in done.stdout
    assert listed(python)["orchid"]["state"] == "refused"


@pytest.mark.parametrize(
    ("environ", "states"),
    [
        ({}, {"wilted": "failed", "rose": "loaded", "garden": "loaded"}),
        ({"TANE_DISABLE_PLUGIN_AUTOLOAD": "1"}, {"wilted": "disabled", "rose": "disabled", "garden": "disabled"}),
        ({"TANE_LOAD_PLUGINS": "garden"}, {"wilted": "disabled", "rose": "disabled", "garden": "loaded"}),
        ({"TANE_BLOCK_PLUGINS": "wilted,rose"}, {"wilted": "blocked", "rose": "blocked", "garden": "loaded"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_switches_decide_what_loads(with_broken, environ, states):
    found = listed(with_broken("tane-wilted", "tane-rose"), **environ)
    assert {name: found[name]["state"] for name in states} == states
    assert found["core"]["state"] == "loaded"


def test_strict_makes_a_failure_an_error(with_broken):
    python = with_broken("tane-wilted")
    done = use(python, WORKS, fails=True, TANE_STRICT_PLUGINS="1")
    assert done.returncode == 1
    assert "PluginLoadError" in done.stderr
    assert "its library is gone" in done.stderr
    assert use(python, WORKS, TANE_STRICT_PLUGINS="1", TANE_BLOCK_PLUGINS="wilted").stdout == "torch.Size([2])\n"
