"""The 64-32-10 classifier at batch 32."""

from __future__ import annotations

from functools import partial

from workloads.classifier import program
from workloads.frameworks import with_torch_api

TITLE = "classifier 64-32-10, batch 32, cross entropy and SGD with momentum, a step (float32)"
BASE = "torch"
FRAMEWORKS = with_torch_api(lambda torch: partial(program, torch)(32, 64, 32, 10))
