"""Every learning-rate schedule that training scripts use, its rates, its state and its behaviour when resumed."""

import math

import torch
from torch import nn, optim
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    SequentialLR,
    StepLR,
)


class WarmupCosine(LRScheduler):
    def __init__(self, optimizer, warmup, total, last_epoch=-1):
        self.warmup, self.total = warmup, total
        super().__init__(optimizer, last_epoch)

    def get_lr(self):
        if self.last_epoch < self.warmup:
            return [base * (self.last_epoch + 1) / self.warmup for base in self.base_lrs]
        progress = (self.last_epoch - self.warmup) / (self.total - self.warmup)
        return [base * 0.5 * (1 + math.cos(math.pi * progress)) for base in self.base_lrs]


makers = {
    "step": lambda o: StepLR(o, step_size=3, gamma=0.5),
    "multistep": lambda o: MultiStepLR(o, milestones=[2, 5], gamma=0.1),
    "exponential": lambda o: ExponentialLR(o, gamma=0.9),
    "lambda": lambda o: LambdaLR(o, lr_lambda=[lambda e: 1 / (e + 1), lambda e: 0.5**e]),
    "multiplicative": lambda o: MultiplicativeLR(o, lr_lambda=lambda e: 0.95),
    "cosine": lambda o: CosineAnnealingLR(o, T_max=8, eta_min=1e-4),
    "restarts": lambda o: CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2),
    "onecycle": lambda o: OneCycleLR(o, max_lr=[0.5, 1.0], epochs=2, steps_per_epoch=5, pct_start=0.4),
    "onecycle linear": lambda o: OneCycleLR(o, max_lr=0.5, total_steps=10, anneal_strategy="linear", three_phase=True),
    "cyclic": lambda o: CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=3, mode="triangular2"),
    "polynomial": lambda o: PolynomialLR(o, total_iters=6, power=2.0),
    "constant": lambda o: ConstantLR(o, factor=0.25, total_iters=4),
    "linear": lambda o: LinearLR(o, start_factor=0.2, end_factor=1.0, total_iters=5),
    "sequential": lambda o: SequentialLR(o, [ConstantLR(o, 0.1, 2), ExponentialLR(o, 0.8), CosineAnnealingLR(o, 4)], milestones=[2, 5]),
    "chained": lambda o: ChainedScheduler([ConstantLR(o, 0.5, 3), ExponentialLR(o, 0.9)]),
    "own": lambda o: WarmupCosine(o, 3, 9),
}
for name, make in makers.items():
    model = nn.Linear(2, 1)
    optimizer = optim.SGD([{"params": [model.weight]}, {"params": [model.bias], "lr": 0.2}], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    rates, momenta = [], []
    for _ in range(9):
        optimizer.step()
        rates.append([round(lr, 6) for lr in scheduler.get_last_lr()])
        momenta.append(round(optimizer.param_groups[0]["momentum"], 4))
        scheduler.step()
    print(name, type(scheduler).__name__, rates, momenta if len(set(momenta)) > 1 else "")
    state = scheduler.state_dict()
    print("   ", sorted(k for k in state), state.get("last_epoch"), state.get("base_lrs"))
    again = make(optimizer)
    again.load_state_dict(state)
    print("    resumed at", again.last_epoch if hasattr(again, "last_epoch") else None, [round(v, 6) for v in again.get_last_lr()])

optimizer = optim.Adam([nn.Parameter(torch.zeros(1))], lr=0.1)
scheduler = ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=2, threshold=1e-3, cooldown=1, min_lr=1e-4)
for epoch, value in enumerate([1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.91, 0.92, 0.93, 0.8, 0.8, 0.8, 0.8, torch.tensor(0.8)]):
    optimizer.step()
    scheduler.step(value)
    print(epoch, f"{optimizer.param_groups[0]['lr']:.1e}", scheduler.num_bad_epochs, scheduler.in_cooldown, f"{scheduler.best:.2f}")
print(scheduler.get_last_lr(), sorted(scheduler.state_dict()))

warm = CosineAnnealingWarmRestarts(optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0), T_0=2)
for epoch in range(2):
    for i in range(3):
        warm.step(epoch + i / 3)
        print(f"{warm.get_last_lr()[0]:.4f}", end=" ")
print()
for bad in (
    lambda: OneCycleLR(optimizer, max_lr=0.1),
    lambda: StepLR(nn.Linear(1, 1), 1),
    lambda: SequentialLR(optimizer, [ExponentialLR(optimizer, 0.5)], [1, 2]),
    lambda: ReduceLROnPlateau(optimizer, factor=1.0),
    lambda: LambdaLR(optimizer, [lambda e: 1, lambda e: 2]),
):
    try:
        bad()
    except (ValueError, TypeError) as e:
        print(type(e).__name__, str(e).split("<")[0])
