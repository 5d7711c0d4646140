"""Printing tensors of every type, set_printoptions, tables of type promotion, complex numbers, FFT filtering, generators."""

import itertools

import torch
import torch.nn.functional as F

types = [
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
]
for t in types:
    print(torch.tensor([[0, 1], [2, 3]]).to(t), torch.tensor(1, dtype=t), torch.empty(0, 2, dtype=t), t, t.is_floating_point, t.itemsize)
print("promotion")
for s, t in itertools.combinations(types, 2):
    u, v = torch.ones(2, dtype=s), torch.ones(2, dtype=t)
    row = [(u + v).dtype, torch.result_type(u, v[:1]), torch.promote_types(s, t), (u.real * 2.5).dtype, (v + 1).dtype, torch.can_cast(t, s)]
    print(*[str(r).replace("torch.", "") for r in row])
for t in types[1:10]:
    x = torch.tensor([7, 3], dtype=t)
    print(t, x / 2, x // 2, x % 2, x.sum().dtype, x.prod(), -x if t != torch.uint8 else "", x**2, x.cumsum(0).dtype, torch.sqrt(x))
print(torch.finfo(torch.float32), torch.iinfo(torch.int8), torch.finfo(torch.bfloat16).eps)
print(
    torch.tensor([1e-8, 1.0, 1e6]),
    torch.tensor([1.0, 2.0, 1e5]),
    torch.tensor([1e-3, 0.5]),
    torch.tensor([123456.789, 1.5]),
    torch.tensor([1e10]),
    sep="\n",
)
print(
    torch.tensor([float("nan"), 1.0, -float("inf")]),
    torch.tensor([1 + 2j, -0.5j]),
    torch.tensor(3.14159265),
    torch.tensor([True]),
    torch.tensor([]),
)
print(torch.arange(2000), torch.rand(3, 1200).gt(2).shape, torch.zeros(30, 40), torch.zeros(2, 2, 2, requires_grad=True), sep="\n")
torch.set_printoptions(precision=2, sci_mode=False, linewidth=60)
print(torch.linspace(0, 1, 12) * 1e-3, torch.logspace(-3, 3, 7))
torch.set_printoptions(threshold=5, edgeitems=2)
print(torch.arange(100.0).view(10, 10))
torch.set_printoptions(profile="full")
print(torch.arange(1001)[-3:])
torch.set_printoptions(sci_mode=True)
print(torch.tensor([1.5, 20.0]))
torch.set_printoptions(profile="default", sci_mode=None)
print(
    f"{torch.tensor(2.5):.3f} {torch.tensor(7):d} {torch.tensor(7)!r:>12} {torch.tensor([1.0])}",
    torch.Size([2, 3]),
    torch.device("cpu"),
    torch.float,
)
print(
    [torch.tensor(1.0), (torch.tensor(2),)],
    {"a": torch.ones(1)},
    torch.nn.Parameter(torch.ones(2)),
    torch.ones(2, names=None) if False else "",
)

z = torch.tensor([1 + 1j, 2 - 3j, -1j])
print(
    z.real,
    z.imag,
    z.abs(),
    z.angle(),
    z.conj(),
    torch.view_as_real(z),
    torch.polar(torch.ones(2), torch.tensor([0.0, torch.pi / 2])),
    sep="\n",
)
print(z * z, z @ z.conj(), z.exp(), z.pow(2), torch.complex(torch.ones(2), torch.zeros(2)), torch.vdot(z, z), sep="\n")
w = torch.tensor([0.5 + 0.5j], requires_grad=True)
(w.abs() ** 2).sum().backward()
print(w.grad, z.is_complex(), torch.is_complex(w), torch.linalg.eigvals(torch.tensor([[0.0, 1.0], [-1.0, 0.0]])).imag.sort().values)
t = torch.arange(64) / 64
signal = torch.sin(2 * torch.pi * 4 * t) + 0.5 * torch.sin(2 * torch.pi * 20 * t)
spec = torch.fft.rfft(signal)
freq = torch.fft.rfftfreq(64, d=1 / 64)
print(freq[spec.abs().topk(2).indices], spec.abs().max())
spec[freq > 10] = 0
clean = torch.fft.irfft(spec, n=64)
print(
    (clean - torch.sin(2 * torch.pi * 4 * t)).abs().max() < 1e-5,
    torch.fft.fftshift(torch.fft.fftfreq(5)),
    torch.fft.fft2(torch.eye(3)).real,
)
kernel = torch.tensor([1.0, 2.0, 1.0])
full = torch.fft.ifft(torch.fft.fft(signal, 66) * torch.fft.fft(kernel, 66)).real
print(torch.allclose(full, F.conv1d(signal.view(1, 1, -1), kernel.flip(0).view(1, 1, -1), padding=2).view(-1), atol=1e-5))
window = torch.hann_window(16)
S = torch.stft(signal, n_fft=16, hop_length=8, window=window, return_complex=True)
print(S.shape, S.abs().mean(), torch.allclose(torch.istft(S, 16, 8, window=window, length=64), signal, atol=1e-5))

g = torch.Generator().manual_seed(2147483647)
print(
    torch.rand(2, generator=g),
    torch.randperm(6, generator=g),
    torch.randint(0, 10, (4,), generator=g),
    torch.randn(2, generator=g),
    g.initial_seed(),
)
state = g.get_state()
one = torch.multinomial(torch.tensor([0.1, 0.3, 0.6]), 5, replacement=True, generator=g)
g.set_state(state)
print(one, torch.multinomial(torch.tensor([0.1, 0.3, 0.6]), 5, replacement=True, generator=g), state.dtype, state.shape)
torch.manual_seed(3)
print(
    torch.bernoulli(torch.full((5,), 0.5)),
    torch.normal(0.0, torch.tensor([1.0, 2.0])),
    torch.empty(3).exponential_(),
    torch.poisson(torch.tensor([3.0, 9.0])),
)
with torch.random.fork_rng():
    torch.rand(100)
print(torch.rand(1), torch.initial_seed(), torch.rand_like(z.real), torch.randn(2, dtype=torch.complex64), torch.randint_like(t[:3], 5))
torch.testing.assert_close(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0 + 1e-7]))
for pair in [(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.5])), (torch.ones(2), torch.ones(3)), (torch.ones(2), torch.ones(2).double())]:
    try:
        torch.testing.assert_close(*pair)
    except AssertionError as e:
        print(str(e)[:60])
print(
    torch.tensor(3) == 3,
    torch.equal(torch.ones(2), torch.ones(2)),
    torch.ones(2).eq(1).all(),
    torch.allclose(torch.ones(1), torch.ones(1) + 1e-9),
    torch.tensor(5) // 2,
    divmod(7, 2),
)
for f in [
    lambda: torch.tensor(1.5, dtype=torch.int32) + torch.tensor("a"),
    lambda: torch.ones(2, dtype=torch.int64).mean(),
    lambda: torch.ones(2, dtype=torch.bool) - torch.ones(2, dtype=torch.bool),
    lambda: torch.tensor([[1, 2], [3]]),
    lambda: torch.tensor([1, 2], requires_grad=True),
    lambda: torch.nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor([0.0, 1.0])),
    lambda: torch.ones(2) @ torch.ones(2, dtype=torch.int64),
    lambda: torch.nn.Linear(2, 3)(torch.ones(2, dtype=torch.double)),
    lambda: torch.nn.Linear(2, 3)(torch.ones(3)),
    lambda: torch.nn.functional.nll_loss(torch.zeros(2, 3), torch.tensor([0, 5])),
]:
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, str(e)[:20])
