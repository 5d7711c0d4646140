"""Fourier transforms of short stretches of a signal, and the signal that has given such transforms."""

from __future__ import annotations

import warnings
from typing import Any

from tane.autocasting import to_float
from tane.creation import ones
from tane.dtypes import COMPLEX, FLOAT
from tane.ops import fourier, strided
from tane.ops import index as indices
from tane.surface.complex import view_as_real
from tane.surface.expose import method
from tane.surface.index_parts import kind_name
from tane.surface.joining import cat
from tane.tensor import Tensor

__all__ = ["istft", "stft"]

NO_WINDOW = (
    "A window was not provided. A rectangular window will be applied, in whose transform every frequency leaks into all others: give "
    "window=tane.hann_window(win_length), say, or window=tane.ones(win_length) if that is what is meant."
)
LEAST_ENVELOPE = 1e-11  # by less the sum of the windows cannot be divided


# ---- arguments --------------------------------------------------------------------------------------------------------------------------------
def _checked(name: str, input: Any, window: Any, whole: dict[str, Any], flags: dict[str, Any]) -> None:
    """Raise if an argument is of the wrong class; the first of ``whole`` and of ``flags`` must not be None."""
    for argument, value in (("input", input), ("window", window)):
        if not isinstance(value, Tensor) and (value is not None or argument == "input"):
            raise TypeError(f"{name}(): argument '{argument}' must be Tensor, not {type(value).__name__}")
    for i, (argument, value) in enumerate(whole.items()):
        if (isinstance(value, bool) or not hasattr(value, "__index__")) and (value is not None or not i):
            raise TypeError(f"{name}(): argument '{argument}' must be int, not {type(value).__name__}")
    for i, (argument, value) in enumerate(flags.items()):
        if not isinstance(value, bool) and (value is not None or not i):
            raise TypeError(f"{name}(): argument '{argument}' must be bool, not {type(value).__name__}")


def _class_name(t: Tensor) -> str:
    """As PyTorch's errors name the class of a tensor."""
    kind = kind_name(t)
    return f"CPU{kind}Type" if t.dtype.category == COMPLEX or kind in ("Bool", "BFloat16") else f"torch.{kind}Tensor"


def _refusal(name: str, input: Tensor, given: dict[str, Any], problem: str) -> RuntimeError:
    """An error that shows the call."""
    shown = [f"{_class_name(input)}{list(input.shape)}"]
    for argument, value in given.items():
        if isinstance(value, Tensor):
            value = f"{_class_name(value)}{{{list(value.shape)}}}"
        shown.append(f"{argument}={int(value) if isinstance(value, bool) else value}")
    return RuntimeError(f"{name}({', '.join(shown)}) {problem}")


def _whole_window(window: Tensor | None, like: Tensor, win_length: int, n_fft: int) -> Tensor:
    """The window in the middle of ``n_fft`` elements, the others zero; without one, a rectangular one."""
    if window is None:
        window = ones(win_length, dtype=like.dtype, device=like.device)
    if win_length == n_fft:
        return window
    left = (n_fft - win_length) // 2
    centred: Tensor = indices.embed.call(window, (slice(left, left + win_length),), (n_fft,))
    return centred


def _padded(input: Tensor, pad: int, mode: str) -> Tensor:
    """A batch of signals, longer by ``pad`` at both ends."""
    batch, size = input.array.shape
    if pad <= 0:
        return input
    if mode == "constant":
        zeroes: Tensor = indices.embed.call(input, (slice(None), slice(pad, pad + size)), (batch, size + 2 * pad))
        return zeroes
    if mode == "circular":
        if pad > size:
            raise RuntimeError("Padding value causes wrapping around more than once.")
    elif mode not in ("reflect", "replicate"):
        raise NotImplementedError(f"Unrecognised padding mode {mode}")
    elif not size or not batch:
        raise RuntimeError(
            "Expected 2D or 3D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: "
            f"{[1, batch, size]}"
        )
    elif mode == "reflect" and pad >= size:
        raise RuntimeError(
            "Argument #4: Padding size should be less than the corresponding input dimension, but got: "
            f"padding ({pad}, {pad}) at dimension 2 of input {[1, batch, size]}"
        )
    if mode == "circular":
        before, after = input[:, size - pad :], input[:, :pad]
    elif mode == "replicate":
        before, after = input[:, :1].expand(batch, pad), input[:, -1:].expand(batch, pad)
    else:
        before, after = input[:, 1 : pad + 1].flip(1), input[:, size - pad - 1 : size - 1].flip(1)
    return cat([before, input, after], 1)


# ---- there ------------------------------------------------------------------------------------------------------------------------------------
@to_float
@method()
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """The short-time Fourier transform: ``y[f, t] = sum over k of window[k] * x[t * hop_length + k] * exp(-2πi * f * k / n_fft)``.

    Args:
        input: a signal, or a batch of them, ``(B, L)``; real or complex floats of 32 or 64 bits.
        n_fft: how many elements are transformed together.
        hop_length: how far apart two stretches begin; by default ``n_fft // 4``.
        win_length: the size of the window, which stands in the middle of ``n_fft``; by default ``n_fft``.
        window: what a stretch is multiplied by, of size ``win_length``; without it by 1, and a warning.
        center: stretch ``t`` has its middle, not its beginning, at ``t * hop_length``: the signal is made longer by ``n_fft // 2`` at both ends.
        pad_mode: by what: ``"reflect"``, ``"constant"`` (zeros), ``"replicate"`` or ``"circular"``.
        normalized: divide by the root of ``n_fft``.
        onesided: give the first ``n_fft // 2 + 1`` frequencies only, of which the others are the mirror image; for real signals and windows, and the
            default there.
        return_complex: must be given for real signals. False, which is deprecated, gives pairs of reals in place of complex numbers.
        align_to_window: stretches are counted by their windows, not by ``n_fft``; only without ``center``.

    Returns:
        ``(frequencies, stretches)``, and ``B`` before that in a batch.

    Raises:
        RuntimeError: where the sizes do not fit together, in a type that transforms are not computed in, for ``onesided`` of complex numbers.

    >>> import tane
    >>> y = tane.stft(tane.ones(16), 8, window=tane.ones(8), return_complex=True)
    >>> y.shape
    torch.Size([5, 9])
    >>> y[:2, 4].real
    tensor([8., 0.])
    """
    _checked(
        "stft",
        input,
        window,
        {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length},
        {"normalized": normalized, "onesided": onesided, "return_complex": return_complex, "align_to_window": align_to_window},
    )
    n_fft = int(n_fft)
    hop = n_fft // 4 if hop_length is None else int(hop_length)
    width = n_fft if win_length is None else int(win_length)
    single = input.array.ndim < 2
    x = input
    if center and input.array.ndim <= 2:
        x = _padded(input.reshape(1, -1) if single else input, n_fft // 2, pad_mode)
        x = x[0] if single and input.array.ndim else x
    with_complex = x.dtype.category == COMPLEX or (window is not None and window.dtype.category == COMPLEX)
    if window is None:
        warnings.warn(NO_WINDOW, stacklevel=2)
    if return_complex is None and not with_complex:
        raise RuntimeError(
            "stft requires the return_complex parameter be given for real inputs, and will further require that return_complex=True in a "
            "future PyTorch release."
        )
    if return_complex is False and not with_complex:
        warnings.warn("stft with return_complex=False is deprecated: view_as_real of the complex result is the same", stacklevel=2)
    if center and align_to_window is not None:
        raise RuntimeError("stft align_to_window should only be set when center = false")
    sizes = {"n_fft": n_fft, "hop_length": hop, "win_length": width, "window": window}
    flags = {"normalized": normalized, "onesided": onesided, "return_complex": return_complex, "align_to_window": align_to_window}
    problem = _misfit(x, n_fft, hop, width, window, bool(align_to_window))
    if problem is not None:
        raise _refusal("stft", x, sizes | flags, f": {problem}")
    if single:
        x = x[None]
    if align_to_window and width < n_fft:
        left = (n_fft - width) // 2
        length = x.array.shape[1]
        x = indices.embed.call(x, (slice(None), slice(left, left + length)), (x.array.shape[0], length + n_fft - width))
    frames = strided.unfold.call(x, 1, n_fft, hop)
    if window is not None or width < n_fft:
        frames = frames * _whole_window(window, x, width, n_fft)
    if onesided and with_complex:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    if frames.dtype.itemsize == 2:
        raise RuntimeError(f"MKL FFT doesn't support tensors of type: {kind_name(frames)}")
    norm = "ortho" if normalized else "backward"
    if with_complex:
        y = fourier.complex_transform.call(frames, (2,), norm, False)
    else:
        y = fourier.real_transform.call(frames, (2,), norm, onesided is None or onesided)
    y = y.transpose(1, 2)
    y = y[0] if single else y
    return y if return_complex is None or return_complex else view_as_real(y)


def _misfit(x: Tensor, n_fft: int, hop: int, width: int, window: Tensor | None, align: bool) -> str | None:
    """What does not fit together, in words."""
    length = x.array.shape[-1] if x.array.ndim else 0
    if x.dtype.category < FLOAT:
        return "expected a tensor of floating point or complex values"
    if x.array.ndim not in (1, 2):
        return "expected a 1D or 2D tensor"
    if not 0 < n_fft <= length:
        return f"expected 0 < n_fft < {length}, but got n_fft={width if align else n_fft}"
    if hop <= 0:
        return f"expected hop_length > 0, but got hop_length={hop}"
    if not 0 < width <= n_fft:
        return f"expected 0 < win_length <= n_fft, but got win_length={width}"
    if window is not None and window.array.shape != (width,):
        return f"expected a 1D window tensor of size equal to win_length={width}, but got window with size {list(window.shape)}"
    return None


# ---- and back ---------------------------------------------------------------------------------------------------------------------------------
@method()
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """The signal whose :func:`stft` comes nearest to ``input`` in the sense of least squares (D. Griffin and J. Lim, 1984).

    The stretches, transformed back, are multiplied by the window once more, added up where they overlap, and divided by the sum of the squares of
    the windows.

    Args:
        input: what :func:`stft` gave, complex: ``(frequencies, stretches)``, or a batch of such.
        n_fft, hop_length, win_length, window, center, normalized: as they were given to :func:`stft`.
        onesided: whether ``input`` has the first half of the frequencies only; by default, if it has not ``n_fft`` of them.
        length: the size of the signal, which is cut or filled up with zeros to it; by default all that is known of it.
        return_complex: give a complex signal, of all frequencies; otherwise a real one.

    Returns:
        ``(length,)``, or ``(B, length)`` for a batch.

    Raises:
        RuntimeError: where the sizes do not fit together, for an ``input`` that is real or empty, and where no window overlaps a part of the signal.

    >>> import tane
    >>> x, window = tane.arange(16.0), tane.hann_window(8)
    >>> y = tane.stft(x, 8, window=window, return_complex=True)
    >>> tane.allclose(tane.istft(y, 8, window=window), x, atol=1e-5)
    True
    """
    whole = {"n_fft": n_fft, "hop_length": hop_length, "win_length": win_length, "length": length}
    _checked(
        "istft", input, window, whole, {"normalized": normalized, "center": center, "onesided": onesided, "return_complex": return_complex}
    )
    n_fft = int(n_fft)
    hop = n_fft // 4 if hop_length is None else int(hop_length)
    width = n_fft if win_length is None else int(win_length)
    if window is None:
        warnings.warn(NO_WINDOW, stacklevel=2)
    if input.dtype.category != COMPLEX:
        raise RuntimeError("istft requires a complex-valued input tensor matching the output from stft with return_complex=True.")
    rank = input.array.ndim
    if rank < 2:
        raise IndexError(f"Dimension out of range (expected to be in range of [{-rank - 1}, {rank}], but got -3)")
    half = input.array.shape[-2] != n_fft if onesided is None else onesided
    problem = _misfit_back(input, n_fft, hop, width, window, half)
    sizes = {"n_fft": n_fft, "hop_length": hop, "win_length": width, "window": window}
    flags = {"center": center, "normalized": normalized, "onesided": onesided, "length": length, "return_complex": return_complex}
    if problem is not None:
        raise _refusal("istft", input, sizes | flags, f": {problem}")
    if return_complex and half:
        raise RuntimeError("Cannot have onesided output if window or input is complex")
    if not return_complex and window is not None and window.dtype.category == COMPLEX:
        raise RuntimeError("Complex windows are incompatible with return_complex=False")

    x = (input[None] if rank == 2 else input).transpose(1, 2)
    norm = "ortho" if normalized else "backward"
    if return_complex:
        frames = fourier.complex_transform.call(x, (2,), norm, True)
    else:
        frames = fourier.half_transform.call(x[..., : n_fft // 2 + 1], (2,), n_fft, norm)
    shape = _whole_window(window, frames, width, n_fft)
    batch, count = frames.array.shape[:2]
    total = n_fft + hop * (count - 1)
    start = n_fft // 2 if center else 0
    end = total - start if length is None else start + int(length)
    part = (slice(None), slice(start, min(end, total)))
    signal = strided.fold_windows.call(frames * shape, (batch, total), 1, n_fft, hop)[part]
    envelope = strided.fold_windows.call((shape * shape).expand(1, count, n_fft), (1, total), 1, n_fft, hop)[part]
    if not envelope.array.size:
        raise RuntimeError(
            "min(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument."
        )
    if envelope.detach().abs().min().item() < LEAST_ENVELOPE:
        raise _refusal("istft", input, sizes | flags, "window overlap add min: 1\n[ CPUBoolType{} ]")
    y = signal / envelope
    if end > total:
        warnings.warn(
            "The length of signal is shorter than the length parameter. Result is being padded with zeros in the tail. Please check your center "
            "and hop_length settings.",
            stacklevel=2,
        )
        y = indices.embed.call(y, (slice(None), slice(0, total - start)), (batch, end - start))
    return y[0] if rank == 2 else y


def _misfit_back(input: Tensor, n_fft: int, hop: int, width: int, window: Tensor | None, half: bool) -> str | None:
    found = input.array.shape[-2]
    if not input.array.size:
        return "input tensor cannot be empty."
    if input.array.ndim > 3:
        return f"expected a tensor with 3 or 4 dimensions, but got {input.array.ndim + 1}"
    if found != (n_fft // 2 + 1 if half else n_fft):
        wanted = "n_fft / 2 + 1 when onesided=True" if half else "n_fft when onesided=False"
        return f"expected the frequency dimension (3rd to the last) of the input tensor to match {wanted}, but got {found}"
    if not 0 < hop <= width:
        return "expected 0 < hop_length <= win_length"
    if not 0 < width <= n_fft:
        return "expected 0 < win_length <= n_fft"
    if window is not None and window.array.shape != (width,):
        return "Invalid window shape. window has to be 1D and length of `win_length`"
    return None
