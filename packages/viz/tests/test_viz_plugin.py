"""What other packages find of this one by name."""

from __future__ import annotations

import tane
from tane import plugins, viz


def test_names():
    with plugins.isolated():
        plugins.register("tane.viz.plugin")
        assert plugins.lookup("visualizers", "make_dot") is viz.make_dot
        assert plugins.lookup("visualizers", "summary") is viz.summary
        assert plugins.lookup("loggers", "tensorboard") is viz.SummaryWriter


def test_face():
    assert all(callable(getattr(viz, name)) for name in viz.__all__)
    assert set(viz.__all__) <= set(dir(viz))
    assert tane.viz is viz
