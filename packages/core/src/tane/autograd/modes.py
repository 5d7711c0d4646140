"""Switching recording on and off: ``no_grad``, ``enable_grad``, ``set_grad_enabled``, ``inference_mode``.

Each is a context manager and a decorator, and holds for the thread it is used in.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Generator
from typing import Any

from tane.autograd.state import local, set_recording, state

__all__ = ["enable_grad", "inference_mode", "is_grad_enabled", "is_inference_mode_enabled", "no_grad", "set_grad_enabled"]


def is_grad_enabled() -> bool:
    """Whether ops on tensors that require gradients are recorded in this thread."""
    return local.recording


def is_inference_mode_enabled() -> bool:
    """Whether this thread is inside :class:`inference_mode`."""
    return local.inference


class _Mode:
    """A context manager that can be entered again and again, and decorates functions and generators."""

    on: bool
    before: tuple[Any, ...] = ()  # the settings to go back to, the latest first: (setting, (setting, ...))

    def __new__(cls, function: Any = None) -> Any:
        self = object.__new__(cls)
        return self if function is None else self(function)  # @no_grad without parentheses

    def __enter__(self) -> None:
        was, on = local.recording, self.on
        self.before = was, self.before
        if was is not on:  # set_recording, without asking again
            local.recording = on
            with state.lock:
                state.special += -1 if on else 1

    def __exit__(self, *_: object) -> None:
        was, self.before = self.before
        if was is not local.recording:
            set_recording(was)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isclass(function):
            warnings.warn(
                "Decorating classes is deprecated and will be disabled in future versions. You should only decorate functions or methods. To preserve "
                "the current behavior of class decoration, you can directly decorate the `__init__` method and nothing else.",
                FutureWarning,
                stacklevel=2,
            )
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                return self._steps(function(*args, **kwargs))

            return generator

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self.again():
                return function(*args, **kwargs)

        return wrapped

    def _steps(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """A generator that runs under this setting; between two values the caller's own holds."""
        resume: Callable[[], Any] = lambda: next(steps)
        while True:
            try:
                with self.again():
                    value = resume()
            except StopIteration as stop:
                return stop.value
            try:
                sent = yield value
                resume = functools.partial(steps.send, sent)
            except GeneratorExit:
                with self.again():
                    steps.close()
                raise
            except BaseException as error:
                resume = functools.partial(steps.throw, error)

    def again(self) -> Any:
        """A fresh manager of the same setting, so that calls may nest and run in several threads."""
        return type(self)()


class no_grad(_Mode):
    """Nothing is recorded inside: results do not require gradients.

    >>> import tane
    >>> x = tane.ones(2, requires_grad=True)
    >>> with tane.no_grad():
    ...     (x * 2).requires_grad
    False
    """

    on = False


class enable_grad(_Mode):
    """Recording is on inside, whatever it was outside; but :class:`inference_mode` has the last word."""

    on = True

    def __enter__(self) -> None:
        was = local.recording
        self.before = was, self.before
        if not was and not local.inference:
            set_recording(True)


class set_grad_enabled(_Mode):
    """Recording as ``mode`` says, at once; as a context manager, until its end."""

    def __new__(cls, mode: bool) -> Any:
        return object.__new__(cls)

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, (bool, int)):
            raise TypeError(f"set_grad_enabled(): argument 'enabled' (position 1) must be bool, not {type(mode).__name__}")
        self.on = bool(mode)
        self.was = local.recording
        set_recording(self.on and not local.inference)

    def __enter__(self) -> None:
        set_recording(self.on and not local.inference)

    def __exit__(self, *_: object) -> None:
        set_recording(self.was)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        set_recording(self.was)  # decorating does not switch
        return super().__call__(function)

    def again(self) -> Any:
        return type(self)(self.on)


class inference_mode(_Mode):
    """As :class:`no_grad`; ``inference_mode(False)`` records inside."""

    def __new__(cls, mode: Any = True) -> Any:
        self = object.__new__(cls)
        if callable(mode):
            self.__init__()  # type: ignore[misc]
            return self(mode)
        return self

    def __init__(self, mode: bool = True) -> None:
        self.mode = mode
        self.on = not mode
        self.inference: list[bool] = []

    def __enter__(self) -> None:
        self.inference.append(local.inference)
        local.inference = self.mode
        super().__enter__()

    def __exit__(self, *_: object) -> None:
        local.inference = self.inference.pop()
        super().__exit__()

    def again(self) -> Any:
        return type(self)(self.mode)
