"""L-BFGS: a quasi-Newton method that remembers its last steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tane.autograd.fitting import namespaces
from tane.autograd.modes import enable_grad
from tane.autograd.versions import record_of, touch_all
from tane.optim.elementwise import check_lr
from tane.optim.line_search import Point, strong_wolfe
from tane.optim.optimizer import Optimizer
from tane.tensor import Tensor, wrap

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    """Limited-memory BFGS. ``step`` takes a closure that clears the gradients, computes the loss and its gradients, and returns it.

    Args:
        lr: the length of a step, or with a line search of its first attempt.
        max_iter: iterations in one ``step``.
        max_eval: evaluations of the closure in one ``step`` (default: 1.25 times ``max_iter``).
        tolerance_grad: stop when no element of the gradient is larger.
        tolerance_change: stop when neither the loss nor any parameter changes by more.
        history_size: how many past steps are remembered.
        line_search_fn: ``"strong_wolfe"``, or None for steps of fixed length.

    All parameters must stand in one group and on one device.
    """

    def __init__(
        self,
        params: Any,
        lr: float | Tensor = 1,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search_fn: str | None = None,
    ) -> None:
        check_lr(lr)
        defaults = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search_fn": line_search_fn,
        }
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError("LBFGS doesn't support per-parameter options (parameter groups)")

    @property
    def _params(self) -> list[Tensor]:
        params: list[Tensor] = self.param_groups[0]["params"]
        return params

    # ---- parameters as one vector -------------------------------------------------------------------------------------------------
    def _gradient(self, F: Any) -> Any:
        """All gradients, one after the other; complex ones as pairs of real numbers."""
        parts = []
        for p in self._params:
            g = F.zeros(p.array.shape, p.array.dtype) if p._grad is None else p._grad.array
            g = g.reshape(-1)
            parts.append(g.view(p.dtype.to_real().numpy) if p.dtype.is_complex else g)
        return F.concatenate(parts)

    def _move(self, t: float, direction: Any) -> None:
        """Go ``t`` times as far as ``direction`` says."""
        start = 0
        for p in self._params:
            array = p.array
            end = start + array.size * (2 if p.dtype.is_complex else 1)
            part = direction[start:end] * t
            array += (part.view(array.dtype) if p.dtype.is_complex else part).reshape(array.shape)
            start = end
        self._touch()

    def _touch(self) -> None:
        touch_all([record_of(p.array) for p in self._params], "LBFGS.step")

    def _evaluator(self, closure: Callable[[], Any], F: Any, direction: Any) -> Callable[[float], Point]:
        """Computes the loss at a distance along the direction, and comes back."""
        home = [p.array.copy() for p in self._params]

        def evaluate(t: float) -> Point:
            self._move(t, direction)
            loss = float(closure())
            gradient = self._gradient(F)
            for p, array in zip(self._params, home):
                p.array[...] = array
            self._touch()
            return Point(t, loss, gradient, _number(F.dot(gradient, direction)))

        return evaluate

    # ---- the step -------------------------------------------------------------------------------------------------------------------
    def step(self, closure: Callable[[], Any]) -> Any:  # type: ignore[override]
        """Take up to ``max_iter`` steps; ``closure`` is called as often as needed. Returns the loss it gave first."""
        closure = enable_grad()(closure)
        group, first = self.param_groups[0], self._params[0]
        if group["line_search_fn"] not in (None, "strong_wolfe"):
            raise RuntimeError("only 'strong_wolfe' is supported")
        F, tiny, flat = namespaces[type(first.array)], group["tolerance_change"], group["tolerance_grad"]
        lr = float(group["lr"])
        state = self.state[first]  # of all parameters together; it stands with the first, and is cast with it when loaded
        state.setdefault("func_evals", 0)
        state.setdefault("n_iter", 0)

        first_loss = closure()
        loss, calls = float(first_loss), 1
        state["func_evals"] += 1
        g = self._gradient(F)
        if _largest(F, g) <= flat:
            return first_loss
        d, t = _raw(state.get("d")), state.get("t")
        g_before = _raw(state.get("prev_flat_grad"))
        turn = 0
        while turn < group["max_iter"]:
            turn += 1
            state["n_iter"] += 1
            if state["n_iter"] == 1:
                state.update(old_dirs=[], old_stps=[], ro=[], H_diag=1)
                d = -g
                t = min(1.0, 1.0 / _number(F.sum(F.absolute(g)))) * lr
            else:
                self._remember(F, g - g_before, d * float(t))
                d = self._direction(F, g)
                t = lr
            g_before, loss_before = g.copy(), loss
            slope = _number(F.dot(g, d))
            if slope > -tiny:
                break
            more = 0
            if group["line_search_fn"] is not None:
                here = Point(0, loss, g.copy(), slope)
                evaluate = self._evaluator(closure, F, d)
                found, more = strong_wolfe(evaluate, here, t, _largest(F, d), 1e-9, group["max_eval"] - calls)
                t, loss, g = found.t, found.loss, found.gradient
                self._move(t, d)
            else:
                self._move(t, d)
                if turn != group["max_iter"]:  # after the last, nobody asks for the loss
                    loss = float(closure())
                    g = self._gradient(F)
                    more = 1
            calls += more
            state["func_evals"] += more
            if turn == group["max_iter"] or calls >= group["max_eval"] or _largest(F, g) <= flat:
                break
            if _largest(F, d) * abs(t) <= tiny or abs(loss - loss_before) < tiny:
                break
        t = group["lr"] if t == lr else t  # as it was given: a whole number, a Tensor
        state.update(d=wrap(d), t=t, prev_flat_grad=wrap(g_before), prev_loss=loss_before)
        return first_loss

    def _remember(self, F: Any, y: Any, s: Any) -> None:
        """Add a change of gradient and the step that made it to what is known of the curvature."""
        group, state = self.param_groups[0], self.state[self._params[0]]
        curvature = F.dot(y, s)
        if _number(curvature) <= 1e-10:
            return
        if len(state["old_dirs"]) == group["history_size"]:
            for name in ("old_dirs", "old_stps", "ro"):
                state[name].pop(0)
        state["old_dirs"].append(wrap(y))
        state["old_stps"].append(wrap(s))
        state["ro"].append(wrap(_array(1.0 / curvature, y)))
        state["H_diag"] = wrap(_array(curvature / F.dot(y, y), y))

    def _direction(self, F: Any, g: Any) -> Any:
        """Minus the inverse Hessian, as far as it is known, times the gradient."""
        group, state = self.param_groups[0], self.state[self._params[0]]
        al = state.setdefault("al", [None] * group["history_size"])
        known = list(zip(map(_raw, state["old_dirs"]), map(_raw, state["old_stps"]), map(_raw, state["ro"])))
        q = -g
        for i, (y, s, ro) in reversed(list(enumerate(known))):
            a = F.dot(s, q) * ro
            al[i] = wrap(_array(a, g))
            q -= y * a
        q *= _raw(state["H_diag"])
        for (y, s, ro), a in zip(known, al):
            q += s * (_raw(a) - F.dot(y, q) * ro)
        return q


def _raw(value: Any) -> Any:
    return value.array if isinstance(value, Tensor) else value


def _array(value: Any, like: Any) -> Any:
    """A 0-d array of the kind of ``like``: reductions of some libraries give scalars."""
    out = like[:1].copy().reshape(())
    out[...] = value
    return out


def _number(value: Any) -> float:
    return float(value.item())


def _largest(F: Any, x: Any) -> float:
    return _number(F.max(F.absolute(x)))
