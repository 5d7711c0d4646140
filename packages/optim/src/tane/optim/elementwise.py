"""The driver of all optimizers that treat every element alike: their step is a rule written on raw arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import is_
from typing import Any, ClassVar

from tane.autograd.modes import enable_grad
from tane.autograd.versions import touch_all
from tane.backends.backend import Backend, TypeTable
from tane.creation import zeros
from tane.optim.bucket import Bucket, Layout, sort
from tane.optim.optimizer import Group, Optimizer
from tane.tensor import Tensor

__all__ = ["Elementwise", "check_lr", "check_positive", "number"]


class Plan:
    """The buckets of one group, and the parameters that never had a gradient yet."""

    def __init__(self, params: Sequence[Tensor], layout: Layout) -> None:
        self.params, self.layout = list(params), layout
        self.buckets: list[Bucket] = []
        self.waiting = list(params)
        self.room: dict[Any, Any] = {}

    def fits(self, params: Sequence[Tensor], slots: tuple[str, ...]) -> bool:
        mine = self.params
        return len(params) == len(mine) and all(map(is_, params, mine)) and slots == self.layout.slots


class Elementwise(Optimizer):
    """An optimizer whose update of an element depends on that element alone.

    A subclass says what it keeps (:meth:`layout`), which numbers the update needs (:meth:`coefficients`) and what it does with arrays
    (:meth:`rule`); a backend may offer a kernel in the rule's place, under a name such as ``"Adam.rule"``.
    """

    rules: ClassVar[Any]
    step_name: ClassVar[str]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.rules = TypeTable(cls._rule_on)
        cls.step_name = f"{cls.__name__}.step"

    @classmethod
    def _rule_on(cls, backend: Backend) -> Callable[..., None]:
        return backend.kernels.get(cls.rule.__qualname__) or partial(cls.rule, backend.F)

    # ---- what a subclass says ---------------------------------------------------------------------------------------------------
    def slots(self, group: Group) -> tuple[str, ...]:
        """The names of the arrays kept for each parameter."""
        raise NotImplementedError

    def layout(self, group: Group) -> Layout:
        """All that is kept for each parameter, and what it starts from."""
        return Layout(self.slots(group), ("step",), {})

    def coefficients(self, group: Group, bucket: Bucket) -> tuple[Any, ...]:
        """The numbers that :meth:`rule` takes as ``c``; advances those that the bucket keeps, such as ``"step"``, by one step."""
        raise NotImplementedError

    @staticmethod
    def rule(F: Any, p: Any, g: Any, slots: tuple[Any, ...], c: tuple[Any, ...], t: Any, u: Any) -> Any:
        """Change the ``slots`` in place and return what the values lose in this step, in one of the scratch arrays ``t`` and ``u``.

        ``g`` is the gradient, only to be read. ``p`` are the values if :meth:`reads_values` asked for them, and may be changed: before what is
        returned is subtracted, or instead, with None returned.
        """
        raise NotImplementedError

    def reads_values(self, group: Group) -> bool:
        """Whether the rule needs the values themselves; small parameters need not be copied together for one that does not."""
        return False

    def decay(self, group: Group) -> Any:
        """How much of the value is added to the gradient: ``weight_decay``, where it is not applied by the rule."""
        return group["weight_decay"]

    # ---- the step -----------------------------------------------------------------------------------------------------------------
    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        self._plans: dict[int, Plan] = {}
        if defaults.get("differentiable"):
            if defaults.get("fused"):
                raise RuntimeError("`fused` does not support `differentiable`")
            refuse("differentiable", True)
        refuse("capturable", defaults.get("capturable", False))
        super().__init__(params, defaults)
        if defaults.get("fused") and defaults.get("foreach"):
            raise RuntimeError("`fused` and `foreach` cannot be `True` together.")

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._plans = {}
        for group in self.param_groups:
            for name, default in self.later_options.items():
                group.setdefault(name, default)

    later_options: ClassVar[dict[str, Any]] = {"foreach": None, "maximize": False, "differentiable": False, "capturable": False}

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters from their gradients. ``closure`` recomputes the loss, which is then returned."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        plans = self._plans
        for i, group in enumerate(self.param_groups):
            plan = plans.get(i)
            if plan is None or not plan.fits(group["params"], self.slots(group)):
                plan = plans[i] = self._plan(group)
            if plan.waiting:
                self._admit(plan)
            for bucket in plan.buckets:
                if not bucket.intact(self.state):
                    plan = plans[i] = self._plan(group)
                    self._admit(plan)
                    break
            self._advance(plan, group)
        return loss

    def _plan(self, group: Group) -> Plan:
        for option in ("differentiable", "capturable"):
            refuse(option, group.get(option, False))
        if group.get("fused"):
            for p in group["params"]:
                if not p.dtype.is_floating_point:
                    raise RuntimeError(
                        f"`fused=True` requires all the params to be floating point Tensors of supported devices: but {p.dtype} and "
                        f"{p.device.type}"
                    )
        return Plan(group["params"], self.layout(group))

    def _admit(self, plan: Plan) -> None:
        ready = [p for p in plan.waiting if p._grad is not None]
        if ready:
            plan.waiting = [p for p in plan.waiting if p._grad is None]
            plan.buckets += sort(ready, self.state, plan.layout)

    def _advance(self, plan: Plan, group: Group) -> None:
        decay, maximize = self.decay(group), group["maximize"]
        decays = isinstance(decay, Tensor) or decay != 0
        reads = decays or self.reads_values(group)
        parted: list[Bucket] = []
        for bucket in plan.buckets:
            if not bucket.fetch(reads):
                if len(bucket.params) > 1:  # some of them have no gradient this time: each is on its own from now on
                    parted.append(bucket)
                continue
            F, p, g = bucket.F, bucket.p, bucket.g
            t, u, s = bucket.scratch or _scratch(plan, bucket)
            if maximize:
                g = F.negative(g, out=s)
            if decays:
                g = F.add(g, F.multiply(p, number(decay, p), out=t), out=s)
            bucket.finish(self.rules[type(g)](p, g, bucket.slots, self.coefficients(group, bucket), t, u))
            touch_all(bucket.changes, self.step_name)
        if parted:
            rest = [bucket for bucket in plan.buckets if bucket not in parted]
            plan.buckets = [Bucket([p], self.state, plan.layout, p.dtype.is_complex) for bucket in parted for p in bucket.params]
            self._advance(plan, group)
            plan.buckets = rest + plan.buckets


def _scratch(plan: Plan, bucket: Bucket) -> tuple[Any, ...]:
    """Room for what an update computes on its way. Large parameters share it: only the largest brings its own."""
    p = bucket.p
    if bucket.together:
        bucket.scratch = bucket.together_scratch
        return bucket.scratch
    alike = [b.params[0] for b in plan.buckets if not b.together and type(b.p) is type(p) and b.p.dtype == p.dtype]
    here = bucket.params[0].device
    size = max(q.array.size for q in alike if q.device == here)
    key = (type(p), p.dtype, here)
    room = plan.room.get(key)
    if room is None or room[0].size < p.size:
        room = plan.room[key] = [zeros(size, dtype=bucket.params[0].dtype, device=here).array for _ in range(3)]
    bucket.scratch = tuple(r[: p.size].reshape(p.shape) for r in room)
    return bucket.scratch


def number(value: Any, like: Any) -> Any:
    """An option that may be a Tensor of one element, as something that arrays like ``like`` can be multiplied by."""
    if not isinstance(value, Tensor):
        return value
    array = value.array
    return array.reshape(()) if type(array) is type(like) else array.item()


def refuse(option: str, value: Any) -> None:
    """Raise for what a step in place, outside the graph, cannot be."""
    if value and option == "differentiable":
        raise NotImplementedError("differentiable=True: tane's optimizers update in place, and the graph does not see it")
    if value:
        raise NotImplementedError("capturable=True: tane's optimizers keep their step counts on the host and cannot be captured in a graph")


def check_lr(lr: Any) -> None:
    """Raise PyTorch's error for a learning rate that is none."""
    if isinstance(lr, Tensor) and lr.array.size != 1:
        raise ValueError("Tensor lr must be 1-element")
    if not lr >= 0.0:
        raise ValueError(f"Invalid learning rate: {lr}")


def check_positive(**values: Any) -> None:
    """Raise PyTorch's error for a negative option; ``betas=`` are two numbers from 0 up to, but not, 1."""
    for name, value in values.items():
        if name == "betas":
            for i, beta in enumerate(value):
                if not 0.0 <= beta < 1.0:
                    raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
        elif not value >= 0.0:
            raise ValueError(f"Invalid {WORDS.get(name, name)} value: {value}")


WORDS = {"eps": "epsilon"}
