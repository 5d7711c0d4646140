"""One batch on several devices: split, computed by copies of one module, and put together."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from tane import accelerator
from tane.device import device as Device
from tane.nn.module.module import Module
from tane.nn.utils.stateless import functional_call
from tane.surface.joining import cat
from tane.tensor import Tensor

__all__ = ["DataParallel", "data_parallel", "gather", "scatter"]


class DataParallel(Module):
    """Calls ``module`` with pieces of its inputs, one on each device, and joins the results on ``output_device``.

    The devices compute with copies of the module's parameters, through which gradients come back to them. Without an accelerator, or with one, the
    module is called as it is; its ``state_dict`` keys begin with ``module.`` all the same.

    Args:
        device_ids: Numbers of accelerators, or devices; all accelerators by default. The module's parameters have to be on the first.
        output_device: Where results go: the first device by default.
        dim: The dimension that counts the samples.
    """

    def __init__(self, module: Module, device_ids: Sequence[Any] | None = None, output_device: Any = None, dim: int = 0) -> None:
        super().__init__()
        self.module, self.dim = module, dim
        if device_ids is None:
            device_ids = range(accelerator.device_count())
        self.device_ids = (
            [] if not accelerator.is_available() and all(isinstance(d, int) for d in device_ids) else [_device(d) for d in device_ids]
        )
        self.output_device = _device(output_device) if output_device is not None else self.device_ids[0] if self.device_ids else None

    def forward(self, *inputs: Any, **kwargs: Any) -> Any:
        if not self.device_ids:
            return self.module(*inputs, **kwargs)
        home = self.device_ids[0]
        for t in (*self.module.parameters(), *self.module.buffers()):
            if not _same(t.device, home):
                raise RuntimeError(
                    f"module must have its parameters and buffers on device {home} (device_ids[0]) but found one of them on device: {t.device}"
                )
        return data_parallel(self.module, inputs, self.device_ids, self.output_device, self.dim, kwargs)


def data_parallel(
    module: Module,
    inputs: Any,
    device_ids: Sequence[Any] | None = None,
    output_device: Any = None,
    dim: int = 0,
    module_kwargs: dict[str, Any] | None = None,
) -> Any:
    """What :class:`DataParallel` does, once."""
    devices = [_device(d) for d in (range(accelerator.device_count()) if device_ids is None else device_ids)]
    inputs = inputs if isinstance(inputs, tuple) else (inputs,)
    kwargs = module_kwargs or {}
    if not devices:
        return module(*inputs, **kwargs)
    target = devices[0] if output_device is None else _device(output_device)
    pieces = _paired(scatter(inputs, devices, dim) if inputs else [], scatter(kwargs, devices, dim) if kwargs else []) or [((), {})]
    if len(pieces) == 1:
        return _moved(module(*pieces[0][0], **pieces[0][1]), target)
    results = []
    for (args, named), where in zip(pieces, devices):
        if _same(where, devices[0]):
            results.append(module(*args, **named))
            continue
        own = (*module.named_parameters(), *module.named_buffers())
        results.append(functional_call(module, {name: t.to(where) for name, t in own}, args, named))
    return gather(results, target, dim)


def scatter(inputs: Any, target_gpus: Sequence[Any], dim: int = 0) -> Any:
    """``inputs`` for each device: tensors, however deep in tuples, lists and dicts, are split along ``dim``; anything else goes to all.

    Where there are fewer samples than devices, there are fewer results than devices.
    """
    devices = [_device(d) for d in target_gpus]
    if isinstance(inputs, Tensor):
        chunks: Any = inputs.chunk(len(devices), dim)
        return [c.to(d) for c, d in zip(chunks, devices)]
    if isinstance(inputs, tuple) and inputs:
        rows = list(zip(*(scatter(v, devices, dim) for v in inputs)))
        return [type(inputs)(*row) for row in rows] if hasattr(inputs, "_fields") else rows
    if isinstance(inputs, list) and inputs:
        return [list(row) for row in zip(*(scatter(v, devices, dim) for v in inputs))]
    if isinstance(inputs, dict) and inputs:
        columns = [scatter(v, devices, dim) for v in inputs.values()]
        return [type(inputs)(zip(inputs, row)) for row in zip(*columns)]
    return [inputs for _ in devices]


def gather(outputs: Any, target_device: Any, dim: int = 0) -> Any:
    """Results of several devices as one: tensors are joined along ``dim`` on ``target_device``, and so is what tuples, lists and dicts hold."""
    first = outputs[0]
    if isinstance(first, Tensor):
        moved: list[Any] = [o.to(_device(target_device)) for o in outputs]
        if all(o.ndim == 0 for o in outputs) and dim == 0:
            warnings.warn(
                "Was asked to gather along dimension 0, but all input tensors were scalars; will instead unsqueeze and return a vector.",
                stacklevel=2,
            )
            moved = [m.reshape(1) for m in moved]
        return cat(moved, dim)
    if first is None:
        return None
    if isinstance(first, Mapping):
        if not all(len(first) == len(o) for o in outputs):
            raise ValueError("All dicts must have the same number of keys")
        made: Any = type(first)
        return made((k, gather([o[k] for o in outputs], target_device, dim)) for k in first)
    parts = [gather(list(column), target_device, dim) for column in zip(*outputs)]
    return type(first)(*parts) if hasattr(first, "_fields") else type(first)(parts)


def _paired(rows: list[Any], named: list[Any]) -> list[tuple[Any, Any]]:
    """Positional and keyword arguments by device, as many as there are of either with tensors in it."""
    count = max(len(rows), len(named)) if rows and named else len(rows) or len(named)
    rows, named = rows + [()] * (count - len(rows)), named + [{}] * (count - len(named))
    return list(zip(rows, named))


def _device(given: Any) -> Device:
    if isinstance(given, int):
        found = accelerator.current_accelerator()
        if found is None:
            raise RuntimeError(f"there is no accelerator, so none of number {given}")
        return Device(found.type, given)
    return Device(given)


def _same(one: Device, other: Device) -> bool:
    return one.type == other.type and (one.index or 0) == (other.index or 0)


def _moved(result: Any, where: Device) -> Any:
    return result.to(where) if isinstance(result, Tensor) else result
