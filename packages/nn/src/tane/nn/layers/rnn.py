"""Recurrent layers: plain, LSTM and GRU, stacked and in both directions, and their single steps."""

from __future__ import annotations

import math
import warnings
from typing import Any

from tane.creation import empty, zeros
from tane.nn import init
from tane.nn.functional import recurrent as F
from tane.nn.module.module import Module
from tane.nn.parameter import Parameter
from tane.nn.utils.rnn import PackedSequence
from tane.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell", "RNNCellBase"]

GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """What RNN, LSTM and GRU have in common; ``mode`` says which it is.

    The weights of layer ``k`` are ``weight_ih_l{k}``, ``weight_hh_l{k}``, ``bias_ih_l{k}``, ``bias_hh_l{k}`` and, with ``proj_size``, ``weight_hr_l{k}``;
    those of the reverse direction end in ``_reverse``.
    """

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if not isinstance(dropout, (int, float)) or not 0 <= dropout <= 1 or isinstance(dropout, bool):
            raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element being zeroed")
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got "
                f"dropout={dropout} and num_layers={num_layers}",
                stacklevel=3,
            )
        for name, flag in (("bias", bias), ("batch_first", batch_first)):
            if not isinstance(flag, bool):
                raise TypeError(f"{name} should be of type bool, got: {type(flag).__name__}")
        if not isinstance(input_size, int):
            raise TypeError(f"input_size should be of type int, got: {type(input_size).__name__}")
        if not isinstance(hidden_size, int):
            raise TypeError(f"hidden_size should be of type int, got: {type(hidden_size).__name__}")
        if input_size <= 0:
            raise ValueError("input_size must be greater than zero")
        if hidden_size <= 0:
            raise ValueError("hidden_size must be greater than zero")
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero to disable projections")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if mode not in GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        directions, rows, out = 2 if bidirectional else 1, GATES[mode] * hidden_size, proj_size or hidden_size
        self._all_names: list[list[str]] = []
        for layer in range(num_layers):
            for suffix in ("", "_reverse")[:directions]:
                columns = input_size if layer == 0 else out * directions
                shapes: dict[str, tuple[int, ...]] = {"weight_ih": (rows, columns), "weight_hh": (rows, out)}
                if bias:
                    shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_l{layer}{suffix}", Parameter(empty(shape, device=device, dtype=dtype)))
                self._all_names.append([f"{name}_l{layer}{suffix}" for name in shapes])
        self.reset_parameters()

    @property
    def _flat_weights_names(self) -> list[str]:
        return [name for names in self._all_names for name in names]

    @property
    def _flat_weights(self) -> list[Any]:
        return [getattr(self, name) for name in self._flat_weights_names]

    @property
    def all_weights(self) -> list[list[Any]]:
        """The weights of each layer and direction."""
        return [[getattr(self, name) for name in names] for names in self._all_names]

    def flatten_parameters(self) -> None:
        """Nothing: weights need not lie side by side here."""

    def reset_parameters(self) -> None:
        """Draw all weights anew, uniformly within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.proj_size != 0:
            text += f", proj_size={self.proj_size}"
        if self.num_layers != 1:
            text += f", num_layers={self.num_layers}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if self.batch_first is not False:
            text += f", batch_first={self.batch_first}"
        if self.dropout != 0:
            text += f", dropout={self.dropout}"
        if self.bidirectional is not False:
            text += f", bidirectional={self.bidirectional}"
        return text

    # ---- the pass -------------------------------------------------------------------------------------------------------------------
    def check_input(self, input: Tensor, batch_sizes: Tensor | None) -> None:
        """Raise unless an input has the layer's type and width."""
        weight = self.weight_ih_l0
        if input.array.dtype != weight.array.dtype:
            raise ValueError(
                f"RNN input dtype ({input.dtype}) does not match weight dtype ({weight.dtype}). "
                f"Convert input: input.to({weight.dtype}), or convert model: model.to({input.dtype})"
            )
        wanted = 2 if batch_sizes is not None else 3
        if input.ndim != wanted:
            raise RuntimeError(f"input must have {wanted} dimensions, got {input.ndim}")
        if input.array.shape[-1] != self.input_size:
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got {input.array.shape[-1]}")

    def check_hidden_size(self, hx: Tensor, expected: tuple[int, ...], msg: str = "Expected hidden size {}, got {}") -> None:
        """Raise unless a state has the shape expected."""
        if hx.array.shape != tuple(expected):
            raise RuntimeError(msg.format(tuple(expected), list(hx.shape)))

    def _states(self, hx: Any, batch: int, like: Tensor) -> tuple[Tensor, ...]:
        """The initial states in the order of the batch: zeros where none are given."""
        count = self.num_layers * (2 if self.bidirectional else 1)
        shapes = [(count, batch, self.proj_size or self.hidden_size)]
        if self.mode == "LSTM":
            shapes.append((count, batch, self.hidden_size))
        if hx is None:
            return tuple(zeros(shape, dtype=like.dtype, device=like.device) for shape in shapes)
        given = hx if self.mode == "LSTM" else (hx,)
        texts = (
            ["Expected hidden[0] size {}, got {}", "Expected hidden[1] size {}, got {}"]
            if self.mode == "LSTM"
            else ["Expected hidden size {}, got {}"]
        )
        for h, shape, text in zip(given, shapes, texts, strict=True):
            self.check_hidden_size(h, shape, text)
        return tuple(given)

    def _run(self, input: Any, hx: Any) -> tuple[Any, tuple[Tensor, ...]]:
        """The output in the form of the input, and the last states."""
        packed = isinstance(input, PackedSequence)
        order = back = None
        alone = False
        if packed:
            data, batch_sizes, order, back = input
            self.check_input(data, batch_sizes)
            sizes = tuple(batch_sizes.tolist())
            rows = data
        else:
            if input.ndim not in (2, 3):
                raise ValueError(f"{self._get_name()}: Expected input to be 2D or 3D, got {input.ndim}D instead")
            alone = input.ndim == 2
            if alone:
                input = input.unsqueeze(0 if self.batch_first else 1)
                hx = self._with_batch(hx)
            elif hx is not None:
                for h in hx if self.mode == "LSTM" else (hx,):
                    if h.ndim != 3:
                        if self.mode == "LSTM":
                            raise RuntimeError(
                                f"For batched 3-D input, hx and cx should also be 3-D but got ({hx[0].ndim}-D, {hx[1].ndim}-D) tensors"
                            )
                        raise RuntimeError(f"For batched 3-D input, hx should also be 3-D but got {h.ndim}-D tensor")
            self.check_input(input, None)
            steps = input.transpose(0, 1) if self.batch_first else input
            length, batch, width = steps.array.shape
            if length == 0:
                raise RuntimeError("Expected sequence length to be larger than 0 in RNN")
            sizes = (batch,) * length
            rows = steps.reshape(length * batch, width)
        states = self._states(hx, sizes[0], rows)
        if order is not None and hx is not None:
            states = tuple(s.index_select(1, order) for s in states)
        p = self.dropout if self.training else 0.0
        y, *last = F.layers(self.mode, rows, states, self.all_weights, self.bias, sizes, self.bidirectional, p)
        if packed:
            if back is not None:
                last = [s.index_select(1, back) for s in last]
            return PackedSequence(y, batch_sizes, order, back), tuple(last)
        y = y.reshape(length, batch, -1)
        if self.batch_first:
            y = y.transpose(0, 1)
        if alone:
            y = y.squeeze(0 if self.batch_first else 1)
            last = [s.squeeze(1) for s in last]
        return y, tuple(last)

    def _with_batch(self, hx: Any) -> Any:
        """States of a single sequence as those of a batch of one."""
        if hx is None:
            return None
        given = hx if self.mode == "LSTM" else (hx,)
        if any(h.ndim != 2 for h in given):
            if self.mode == "LSTM":
                raise RuntimeError(f"For batched 2-D input, hx and cx should also be 2-D but got ({hx[0].ndim}-D, {hx[1].ndim}-D) tensors")
            raise RuntimeError(f"For unbatched 2-D input, hx should also be 2-D but got {hx.ndim}-D tensor")
        states = tuple(h.unsqueeze(1) for h in given)
        return states if self.mode == "LSTM" else states[0]


class RNN(RNNBase):
    """``h' = tanh(x W_ih.T + b_ih + h W_hh.T + b_hh)``, or relu with ``nonlinearity="relu"``, over sequences (T, N, input_size).

    Returns the outputs of all steps and the last state of each layer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        if len(args) > 3:
            self.nonlinearity = args[3]
            args = args[:3] + args[4:]
        else:
            self.nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if self.nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{self.nonlinearity}'. Select from 'tanh' or 'relu'.")
        super().__init__(f"RNN_{self.nonlinearity.upper()}", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> Any:
        y, last = self._run(input, hx)
        return y, last[0]


class LSTM(RNNBase):
    """Long short-term memory over sequences (T, N, input_size), or (N, T, input_size) with ``batch_first``.

    Returns the outputs of all steps and the last states ``(h, c)`` of each layer. ``proj_size`` projects the outputs to that width.

    >>> import tane
    >>> y, (h, c) = LSTM(3, 5, batch_first=True)(tane.zeros(2, 7, 3))
    >>> y.shape, h.shape
    (torch.Size([2, 7, 5]), torch.Size([1, 2, 5]))
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> Any:
        return self._run(input, hx)


class GRU(RNNBase):
    """Gated recurrent units over sequences (T, N, input_size); returns the outputs of all steps and the last state of each layer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError("proj_size argument is only supported for LSTM, not RNN or GRU")
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Any = None) -> Any:
        y, last = self._run(input, hx)
        return y, last[0]


# ---- single steps -------------------------------------------------------------------------------------------------------------------
class RNNCellBase(Module):
    """The weights of one step."""

    bias_ih: Tensor | None
    bias_hh: Tensor | None

    def __init__(self, input_size: int, hidden_size: int, bias: bool, num_chunks: int, device: Any = None, dtype: Any = None) -> None:
        super().__init__()
        if hidden_size <= 0:
            raise ValueError(f"hidden_size must be greater than zero, got {hidden_size}")
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(empty((rows, input_size), device=device, dtype=dtype))
        self.weight_hh = Parameter(empty((rows, hidden_size), device=device, dtype=dtype))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(name, Parameter(empty(rows, device=device, dtype=dtype)) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights anew, uniformly within 1 / sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def extra_repr(self) -> str:
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text

    @property
    def _weights(self) -> tuple[Any, ...]:
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _step(self, input: Tensor, states: tuple[Any, ...]) -> tuple[Tensor, tuple[Tensor, ...], bool]:
        """Input and states with a batch dimension, and whether it had to be put there."""
        name = self._get_name()
        if input.ndim not in (1, 2):
            raise ValueError(f"{name}: Expected input to be 1D or 2D, got {input.ndim}D instead")
        for i, h in enumerate(states):
            if h is not None and h.ndim not in (1, 2):
                what = "hidden" if len(states) == 1 else f"hx[{i}]"
                raise ValueError(f"{name}: Expected {what} to be 1D or 2D, got {h.ndim}D instead")
        alone = input.ndim == 1
        if alone:
            input = input.unsqueeze(0)
            states = tuple(None if h is None else h.unsqueeze(0) for h in states)
        if input.array.shape[1] != self.input_size:
            raise RuntimeError(f"input has inconsistent input_size: got {input.array.shape[1]} expected {self.input_size}")
        batch = input.array.shape[0]
        ready = tuple(zeros(batch, self.hidden_size, dtype=input.dtype, device=input.device) if h is None else h for h in states)
        for i, h in enumerate(ready):
            if h.array.shape != (batch, self.hidden_size):
                if h.array.shape[0] != batch:
                    raise RuntimeError(f"Input batch size {batch} doesn't match hidden{i} batch size {h.array.shape[0]}")
                raise RuntimeError(f"hidden{i} has inconsistent hidden_size: got {h.array.shape[1]}, expected {self.hidden_size}")
        return input, ready, alone


class RNNCell(RNNCellBase):
    """One step of :class:`RNN`."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh", device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        input, (h,), alone = self._step(input, (hx,))
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        h = F.rnn_cell(input, h, self._weights, self.nonlinearity)
        return h.squeeze(0) if alone else h


class LSTMCell(RNNCellBase):
    """One step of :class:`LSTM`: returns ``(h, c)``."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        input, (h, c), alone = self._step(input, (None, None) if hx is None else tuple(hx))
        h, c = F.lstm_cell(input, h, c, self._weights)
        return (h.squeeze(0), c.squeeze(0)) if alone else (h, c)


class GRUCell(RNNCellBase):
    """One step of :class:`GRU`."""

    def __init__(self, input_size: int, hidden_size: int, bias: bool = True, device: Any = None, dtype: Any = None) -> None:
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        input, (h,), alone = self._step(input, (hx,))
        h = F.gru_cell(input, h, self._weights)
        return h.squeeze(0) if alone else h
