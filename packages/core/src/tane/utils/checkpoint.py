"""``torch.utils.checkpoint``: the forward of a part of a model runs again in backward, so that what it saves need not be kept."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

import tane
from tane.amp import autocast
from tane.autograd.function import Function
from tane.autograd.graph import saved_tensors_hooks
from tane.tensor import Tensor

__all__ = ["checkpoint", "checkpoint_sequential", "noop_context_fn"]

PASS_IT = (
    "torch.utils.checkpoint: the use_reentrant parameter should be passed explicitly. use_reentrant=False is recommended; True, the default, gives "
    "gradients only if an input requires them."
)


def noop_context_fn() -> tuple[Any, Any]:
    """No context: neither around the forward nor around its repetition."""
    return contextlib.nullcontext(), contextlib.nullcontext()


class _Surroundings:
    """The random state and the autocasting under which a function ran, to run it again."""

    def __init__(self, preserve_rng_state: bool) -> None:
        self.state = tane.get_rng_state() if preserve_rng_state else None
        self.enabled = tane.is_autocast_enabled("cpu")
        self.dtype = tane.get_autocast_dtype("cpu")

    @contextlib.contextmanager
    def restored(self) -> Any:
        with (
            tane.random.fork_rng(enabled=self.state is not None),
            autocast("cpu", dtype=self.dtype, enabled=self.enabled),
            tane.enable_grad(),
        ):
            if self.state is not None:
                tane.set_rng_state(self.state)
            yield


class CheckpointFunction(Function):
    """The reentrant way: forward without a graph; backward makes the graph and goes through it at once."""

    @staticmethod
    def forward(ctx: Any, run: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        ctx.run, ctx.surroundings = run, _Surroundings(preserve)
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.others = [None if isinstance(a, Tensor) else a for a in args]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        with tane.no_grad():
            return run(*args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        args = list(ctx.others)
        for i, t in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[i] = t.detach().requires_grad_(t.requires_grad)
        with ctx.surroundings.restored():
            outputs = ctx.run(*args)
        pairs = [
            (y, g)
            for y, g in zip(outputs if isinstance(outputs, tuple) else (outputs,), gradients, strict=True)
            if isinstance(y, Tensor) and y.requires_grad
        ]
        if not pairs:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        tane.autograd.backward([y for y, _ in pairs], [g for _, g in pairs])
        return (None, None, *(a.grad if isinstance(a, Tensor) else None for a in args))


class _Recomputed:
    """What one run of a function saved, by number: forgotten at once, and made again when the first of it is asked for."""

    def __init__(self, again: Callable[[], Any]) -> None:
        self.again = again
        self.shapes: list[Any] = []
        self.values: dict[int, Tensor] = {}

    def forget(self, t: Tensor) -> int:
        self.shapes.append((tuple(t.shape), t.dtype))
        return len(self.shapes) - 1

    def find(self, number: int) -> Tensor:
        if number not in self.values:
            made: list[Tensor] = []

            def keep(t: Tensor) -> Tensor:
                made.append(t.detach())
                return t

            with saved_tensors_hooks(keep, lambda t: t):
                self.again()
            found = [(tuple(t.shape), t.dtype) for t in made]
            if found != self.shapes:
                raise RuntimeError(
                    f"torch.utils.checkpoint: the function saved {len(self.shapes)} tensors for backward at first, and {len(found)} when it ran again, "
                    f"or their shapes or types differ: it must do the same each time"
                )
            self.values = dict(enumerate(made))
        return self.values.pop(number)


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, without what its graph saves: backward runs it once more, from the same random state.

    Args:
        use_reentrant: with False, the graph stays and saved values are made again (all uses of autograd work); with True, backward makes the graph.
        context_fn: gives two contexts, one for the forward and one for its repetition.
        determinism_check: "default" compares the number, shapes and types of what is saved; "none" is accepted, and compares them, too.
        debug, early_stop: hints, which make no difference here.
        preserve_rng_state: whether draws are the same when it runs again (default: True).

    >>> import tane
    >>> x = tane.tensor([0.5], requires_grad=True)
    >>> checkpoint(lambda t: t.exp().log(), x, use_reentrant=False).backward()
    >>> x.grad
    tensor([1.])
    """
    if use_reentrant is None:
        warnings.warn(PASS_IT, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if use_reentrant:
        if kwargs:
            raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
        if context_fn is not noop_context_fn:
            raise ValueError("Passing `context_fn` is only supported when use_reentrant=False.")
        if tane.is_grad_enabled() and not any(isinstance(a, Tensor) and a.requires_grad for a in args):
            warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=2)
        return CheckpointFunction.apply(function, preserve, *args)
    if determinism_check not in ("default", "none"):
        raise ValueError(f"determinism_check should be one of ['default', 'none'], but got {determinism_check}")
    if not tane.is_grad_enabled():
        return function(*args, **kwargs)
    first, second = context_fn()
    surroundings = _Surroundings(preserve)

    def again() -> None:
        with surroundings.restored(), second:
            function(*args, **kwargs)

    saved = _Recomputed(again)
    with saved_tensors_hooks(saved.forget, saved.find), first:
        return function(*args, **kwargs)


def checkpoint_sequential(functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any) -> Any:
    """The functions, or the layers of a ``Sequential``, one after another, all but the last of so many ``segments`` by :func:`checkpoint`."""
    if use_reentrant is None:
        warnings.warn(PASS_IT, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
    layers = list(functions.children()) if hasattr(functions, "children") else list(functions)
    size = len(layers) // segments

    def chained(part: list[Any]) -> Callable[[Any], Any]:
        def run(x: Any) -> Any:
            for layer in part:
                x = layer(x)
            return x

        return run

    end = 0
    for start in range(0, size * (segments - 1), size):
        end = start + size
        input = checkpoint(chained(layers[start:end]), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return chained(layers[end:])(input)
