"""Every hook is used here and described in docs/plugins.md; one that is added without either fails."""

from __future__ import annotations

import inspect
import re

import pytest

from tane import plugins
from tane.plugins import hookspecs
from tane.plugins.hookspecs import HOOKS, KINDS

#: One offer for every hook.
EXAMPLES = {
    "tane_backends": ("quantum", "types:SimpleNamespace"),
    "tane_ops": ("swish", "math:exp"),
    "tane_modules": ("Swish", "types:SimpleNamespace"),
    "tane_optimizers": ("Lion", "types:SimpleNamespace"),
    "tane_lr_schedulers": ("Sawtooth", "types:SimpleNamespace"),
    "tane_datasets": ("Spirals", "types:SimpleNamespace"),
    "tane_loaders": ("Streaming", "types:SimpleNamespace"),
    "tane_visualizers": ("heatmap", "math:exp"),
    "tane_loggers": ("Notebook", "types:SimpleNamespace"),
    "tane_commands": ("train", "types:SimpleNamespace"),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_installed_plugin_is_asked_through_every_hook(site, manager, offers, hook):
    name, target = EXAMPLES[hook]
    kind = hook.removeprefix("tane_")
    site.install("tane-example", offers(**{kind: {name: target}}))
    assert plugins.contributions(kind)[name] == target
    module, _, attribute = target.partition(":")
    assert plugins.lookup(kind, name) is getattr(__import__(module), attribute)


def test_there_are_ten_hooks_and_a_kind_for_each():
    assert tuple(EXAMPLES) == HOOKS
    assert plugins.kinds() == KINDS == tuple(hook[5:] for hook in HOOKS)
    assert len(HOOKS) == 10


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_takes_no_arguments_and_tells_what_it_returns(hook):
    specification = getattr(hookspecs, hook)
    assert not inspect.signature(specification).parameters
    assert re.match(r"[A-Z].*: from a.* to .*\.$", inspect.getdoc(specification))


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_stands_in_the_documentation_with_what_it_returns(page, hook):
    row = next(line for line in page.splitlines() if line.startswith(f"| `{hook}`"))
    assert inspect.getdoc(getattr(hookspecs, hook)).replace("``", "`") in row


@pytest.mark.parametrize("name", plugins.__all__)
def test_every_public_name_stands_in_the_documentation(page, name):
    assert re.search(rf"\b{name}\b", page)
