"""``import`` in a fresh process."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

TITLE = "import, in a fresh process (the interpreter's own start included)"
BASE = "numpy"


def importing(statement: str, *needed: str):
    def make():
        for name in needed:
            if importlib.util.find_spec(name) is None:
                raise ModuleNotFoundError(name=name)
        return lambda: subprocess.run([sys.executable, "-c", statement], check=True)

    return make


FRAMEWORKS = {
    "numpy": importing("import numpy", "numpy"),
    "tane": importing("import tane", "tane"),
    "tane + nn": importing("import tane; tane.nn.Linear", "tane"),
    "torch": importing("import torch", "torch"),
    "jax": importing("import jax", "jax"),
}
