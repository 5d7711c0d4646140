"""The 784-512-512-10 classifier at batch 64."""

from __future__ import annotations

from functools import partial

from workloads.classifier import program
from workloads.frameworks import with_torch_api

TITLE = "classifier 784-512-512-10, batch 64, cross entropy and SGD with momentum, a step (float32)"
BASE = "torch"
FRAMEWORKS = with_torch_api(lambda torch: partial(program, torch)(64, 784, 512, 512, 10))
