"""Asking for a name: what is found, and what is said when it is not."""

from __future__ import annotations

import pytest

from tane import plugins
from tane.plugins import PluginLoadError, PluginWarning, UnknownPluginNameError, hookimpl


def test_a_target_is_imported_when_it_is_asked_for(site, manager, offers):
    site.write("heavy", "class Lion: pass")
    site.install("tane-lion", offers(optimizers={"Lion": "heavy:Lion"}))
    import sys

    assert plugins.contributions("optimizers") == {"Lion": "heavy:Lion"}
    assert "heavy" not in sys.modules
    found = plugins.lookup("optimizers", "Lion")
    assert found is sys.modules["heavy"].Lion
    del sys.modules["heavy"]
    assert plugins.lookup("optimizers", "Lion") is found  # not imported twice
    assert plugins.contributions("optimizers") == {"Lion": "heavy:Lion"}


def test_an_attribute_of_an_attribute(site, manager, offers):
    site.install("tane-deep", offers(ops={"join": "os:path.join"}))
    import os

    assert plugins.lookup("ops", "join") is os.path.join


@pytest.mark.parametrize(
    ("target", "cause"),
    [("absent_module:x", ModuleNotFoundError), ("math:absent", AttributeError), ("heavy:x", SystemExit)],
)
def test_a_target_that_cannot_be_imported(site, manager, offers, target, cause):
    site.write("heavy", "raise SystemExit(1)")
    site.install("tane-lion", offers(optimizers={"Lion": target}))
    text = f"optimizers: 'Lion' cannot be loaded from '{target}', where plug-in 'lion' of tane-lion 1.0 says it is: "
    with pytest.raises(PluginLoadError, match=text + cause.__name__) as caught:
        plugins.lookup("optimizers", "Lion")
    assert isinstance(caught.value.__cause__, cause)


def test_a_target_is_tried_again(site, manager, offers):
    site.install("tane-lion", offers(optimizers={"Lion": "later:Lion"}))
    with pytest.raises(PluginLoadError):
        plugins.lookup("optimizers", "Lion")
    site.write("later", "Lion = 1")
    import importlib

    importlib.invalidate_caches()
    assert plugins.lookup("optimizers", "Lion") == 1


def unknown(kind, name):
    with pytest.raises(UnknownPluginNameError) as caught:
        plugins.lookup(kind, name)
    return str(caught.value)


def test_an_unknown_name_says_what_there_is(site, manager, offers):
    site.install("tane-optim", offers(optimizers={"SGD": "m:SGD", "Adam": "m:Adam", "AdamW": "m:AdamW"}))
    assert unknown("optimizers", "Adamm") == ("there is no optimizer 'Adamm': did you mean 'Adam' or 'AdamW'? Available: Adam, AdamW, SGD.")
    assert "did you mean 'SGD'?" in unknown("optimizers", "sgd")
    with pytest.raises(LookupError) as caught:
        plugins.lookup("optimizers", "zzz")
    assert (caught.value.kind, caught.value.name, caught.value.known) == ("optimizers", "zzz", ("Adam", "AdamW", "SGD"))


@pytest.mark.parametrize(
    ("kind", "name", "command"),
    [
        ("modules", "Linear", "pip install tane-nn"),
        ("optimizers", "SGD", "pip install tane-optim"),
        ("lr_schedulers", "StepLR", "pip install tane-optim"),
        ("datasets", "MNIST", "pip install tane-data"),
        ("loaders", "DataLoader", "pip install tane-data"),
        ("visualizers", "graph", "pip install tane-viz"),
        ("loggers", "SummaryWriter", "pip install tane-viz"),
        ("backends", "cuda", 'pip install "tane-cupy[cuda12]" or "tane-cupy[cuda13]"'),
    ],
)
def test_an_unknown_name_says_what_to_install(site, manager, offers, kind, name, command):
    assert f"To install: {command}" in unknown(kind, name)


def test_what_is_installed_is_not_to_be_installed(site, manager, offers):
    site.install("tane-optim", offers(optimizers={"SGD": "m:SGD"}))
    assert "install" not in unknown("optimizers", "Adam")


def test_a_device_that_nobody_knows_gets_a_general_hint(manager):
    assert unknown("backends", "quantum") == (
        "there is no device 'quantum'. Available: cpu. "
        "A package may offer it: an installed plug-in is found by itself; `tane plugins` lists those there are."
    )
    assert "No op is available at all." in unknown("ops", "swish")
    assert "there is no lr scheduler 'x'" in unknown("lr_schedulers", "x")


def test_a_plugin_that_was_left_out_is_named_with_the_reason(site, manager, offers):
    site.install("tane-cupy", "raise ImportError('libcuda.so.1: cannot open shared object file')", version="0.1.0")
    site.install("tane-lion", offers(ops={"roar": "builtins:len"}))
    plugins.block("lion")
    with pytest.warns(PluginWarning):
        text = unknown("backends", "cuda")
    assert "Plug-in 'cupy' of tane-cupy 0.1.0 is not loaded (failed: ImportError: libcuda.so.1: cannot open" in text
    assert "Plug-in 'lion' of tane-lion 1.0 is not loaded (blocked: TANE_BLOCK_PLUGINS or tane.plugins.block())" in text
    assert "To install" not in text


@pytest.mark.parametrize("ask", [plugins.names, plugins.contributions, lambda kind: plugins.lookup(kind, "x")])
def test_an_unknown_kind(manager, ask):
    with pytest.raises(ValueError, match=r"plug-ins have no 'optimisers': did you mean 'optimizers'\?"):
        ask("optimisers")
    with pytest.raises(ValueError, match="plug-ins have no 'zzz'; they have backends, ops, "):
        ask("zzz")


def test_one_hook_may_be_implemented_in_parts(manager):
    class Parts:
        @hookimpl
        def tane_ops(self):
            return {"a": abs}

        @hookimpl(specname="tane_ops")
        def more_ops(self):
            return {"b": len}

    plugins.register(Parts())
    assert plugins.names("ops") == ("a", "b")


def test_parts_that_offer_the_same_name(manager):
    class Parts:
        @hookimpl
        def tane_ops(self):
            return {"a": abs}

        @hookimpl(specname="tane_ops")
        def more_ops(self):
            return {"a": len}

    with pytest.raises(PluginLoadError, match="tane_ops offers 'a' twice"):
        plugins.register(Parts())


def test_a_class_with_static_methods_is_a_plugin(manager):
    class Hooks:
        @staticmethod
        @hookimpl
        def tane_ops():
            return {"a": abs}

    assert plugins.register(Hooks).endswith("Hooks")
    assert plugins.lookup("ops", "a") is abs


def test_modules_named_like_hooks_are_no_hooks(site, manager, offers):
    site.write("tane_helper", "x = 1")
    site.install("tane-lion", "import tane_helper\n" + offers(ops={"roar": "builtins:len"}))
    assert plugins.names("ops") == ("roar",)
