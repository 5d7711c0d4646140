"""``opcheck``: an op examined on samples, in every dtype, on every installed device."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tane.backends.backend import backend_for, installed_backends
from tane.testing.checks import CHECKS
from tane.testing.sample import ALL, Sample
from tane.testing.trial import OpCheckError, Trial

__all__ = ["OpCheckError", "Report", "opcheck", "testable_devices", "untestable_devices"]


@dataclass
class Report:
    """What :func:`opcheck` did: how many trials (op × sample × dtype × device) passed, and what was left out for which reason."""

    passed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{self.passed} trials passed", *(f"skipped {what}: {reason}" for what, reason in self.skipped.items())]
        return "\n".join(lines)


def untestable_devices() -> dict[str, str]:
    """Installed devices of which the machine has none, each with the reason."""
    return {name: backend.unavailable() for name, backend in installed_backends().items() if not backend.device_count()}


def testable_devices() -> list[str]:
    """The device types that are installed and that the machine has, the CPU first."""
    return sorted((name for name, b in installed_backends().items() if b.device_count()), key=lambda name: (name != "cpu", name))


testable_devices.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test


def opcheck(
    op: Any,
    samples: Iterable[Sample],
    *,
    name: str | None = None,
    reference: Callable[..., Any] | None = None,
    devices: Sequence[str] | None = None,
    dtypes: Sequence[str] | None = None,
    checks: Sequence[str] | None = None,
) -> Report:
    """Examine an op, a primitive or any function of tensors, on samples.

    For every sample, each of its dtypes and every installed device that the machine has: the values are those of ``reference`` (a function of NumPy
    arrays; a sample's own goes before it) or else of the CPU in double precision; gradients of first and second order agree with finite differences; formulas
    give the same on raw arrays and recorded; types, devices and shapes are right; memory is neither changed nor shared unasked; non-contiguous
    inputs change nothing; the graph keeps what formulas name; wrong arguments are refused by name. ``devices``, ``dtypes`` and ``checks`` (by name, see
    ``tane.testing.checks.CHECKS``) narrow that down.

    Raises:
        OpCheckError: a check failed. The message names op, sample, device, dtype and check, and shows the values.

    >>> import tane
    >>> from tane.testing import Sample, draw, opcheck
    >>> print(opcheck(lambda x: x * x.sigmoid(), [Sample((draw(3),))], name="swish", devices=["cpu"]))
    2 trials passed
    """
    label = name or getattr(op, "name", None) or getattr(op, "__name__", None) or repr(op)
    report = Report()
    asked = testable_devices() if devices is None else list(devices)
    if devices is None:
        report.skipped |= {f"device {d!r}": reason for d, reason in untestable_devices().items()}
    chosen = {c: CHECKS[c] for c in (CHECKS if checks is None else checks)}
    count = 0
    for sample in samples:
        count += 1
        unknown = set(sample.skips) - set(CHECKS) - set(ALL) - set(installed_backends()) - {"gradients", "view"}
        if unknown:
            raise ValueError(f"sample {sample.text} skips {sorted(unknown)}: there is no such check, dtype or installed device")
        for device in asked:
            for dtype in sample.dtypes if dtypes is None else [d for d in sample.dtypes if d in dtypes]:
                reason = sample.skips.get(device) or sample.skips.get(dtype) or backend_for(device).unsupported.get(dtype)
                if reason:
                    report.skipped[f"{sample.text} in {dtype} on {device!r}"] = reason
                    continue
                examine(Trial(op, label, sample, device, dtype, reference), chosen, report)
    if not count:
        raise ValueError(f"opcheck({label!r}): no samples")
    return report


def examine(trial: Trial, checks: dict[str, Callable[[Trial], None]], report: Report) -> None:
    """Make all checks on one trial; whatever they raise becomes an error that says where."""
    for name, check in checks.items():
        trial.check = name
        if name in trial.sample.skips:
            report.skipped[f"check {name!r} of {trial.sample.text}"] = trial.sample.skips[name]
            continue
        try:
            check(trial)
        except OpCheckError:
            raise
        except Exception as error:
            trial.fail(f"{type(error).__name__}: {error}", error)
    report.passed += 1
