"""Matrix products, einsum and linear algebra: values, and gradients of first and second order, against PyTorch."""

import numpy as np
import pytest

import tane

torch = pytest.importorskip("torch", reason="compares with PyTorch")

from tane.testing.parity import same

rng = np.random.default_rng(0)
A, B = rng.standard_normal((3, 4)), rng.standard_normal((4, 5))
C, D = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 4, 5))
V, W = rng.standard_normal(3), rng.standard_normal(4)
S = rng.standard_normal((3, 3)) + 3 * np.eye(3)
T = rng.standard_normal((2, 3, 3)) + 3 * np.eye(3)
M = rng.standard_normal((3, 5))
N = rng.standard_normal((2, 5, 3))

PD = "(lambda x: x @ x.mT + x.new_ones(x.shape[-1]).diag())"  # positive-definite, from any square matrix
SYM = "(lambda x: (x + x.mT) / 2)"

CASES = {
    "matmul 2 2": ("lambda torch, a, b: (a @ b) ** 2", A, B),
    "matmul 1 1": ("lambda torch, a, b: (a @ b) ** 2", W, W + 1),
    "matmul 1 2": ("lambda torch, a, b: (a @ b) ** 2", W, B),
    "matmul 2 1": ("lambda torch, a, b: (a @ b) ** 2", A, W),
    "matmul 3 3": ("lambda torch, a, b: (a @ b) ** 2", C, D),
    "matmul 3 2": ("lambda torch, a, b: (a @ b) ** 2", C, B),
    "matmul 2 3": ("lambda torch, a, b: (a @ b) ** 2", A, D),
    "matmul 3 1": ("lambda torch, a, b: (a @ b) ** 2", C, W),
    "matmul 1 3": ("lambda torch, a, b: (a @ b) ** 2", W, D),
    "matmul 4 4": ("lambda torch, a, b: (a[:, None] @ b[None]) ** 2", C, D),
    "matmul 4 2": ("lambda torch, a, b: (a[:, None] @ b) ** 2", C, B),
    "mm": ("lambda torch, a, b: torch.mm(a, b) ** 2", A, B),
    "mv": ("lambda torch, a, b: torch.mv(a, b) ** 2", A, W),
    "dot": ("lambda torch, a, b: torch.dot(a, b) ** 2", W, W + 1),
    "bmm": ("lambda torch, a, b: torch.bmm(a, b) ** 2", C, D),
    "addmm": ("lambda torch, x, a, b: torch.addmm(x, a, b, beta=0.5, alpha=2) ** 2", B[0], A, B),
    "addmv": ("lambda torch, x, a, b: torch.addmv(x, a, b, beta=0.5, alpha=2) ** 2", V, A, W),
    "addr": ("lambda torch, x, a, b: torch.addr(x, a, b, beta=0.5, alpha=2) ** 2", A, V, W),
    "baddbmm": ("lambda torch, x, a, b: torch.baddbmm(x, a, b, beta=0.5, alpha=2) ** 2", M, C, D),
    "addbmm": ("lambda torch, x, a, b: torch.addbmm(x, a, b, beta=0.5, alpha=2) ** 2", M, C, D),
    "addmm_": ("lambda torch, x, a, b: (x * 2).addmm_(a, b, alpha=2) ** 2", M, A, B),
    "outer": ("lambda torch, a, b: torch.outer(a, b) ** 2", V, W),
    "inner": ("lambda torch, a, b: torch.inner(a, b) ** 2", A, C),
    "tensordot": ("lambda torch, a, b: torch.tensordot(a, b, dims=([1, 2], [0, 1])) ** 2", C, rng.standard_normal((3, 4, 2))),
    "kron": ("lambda torch, a, b: torch.kron(a, b) ** 2", A, B),
    "cross": ("lambda torch, a, b: torch.linalg.cross(a, b) ** 2", N, N[::-1].copy()),
    "cross, broadcast": ("lambda torch, a, b: torch.linalg.cross(a, b) ** 2", N, N[:1]),
    "multi_dot": ("lambda torch, a, b, c, d: torch.linalg.multi_dot([a, b, c, d]) ** 2", V, A, B, B.T.copy()),
    "vecdot": ("lambda torch, a, b: torch.linalg.vecdot(a, b) ** 2", A, A + 1),
    "cdist": ("lambda torch, a, b: torch.cdist(a, b)", A, B.T.copy()),
    "einsum ij,jk->ik": ("lambda torch, a, b: torch.einsum('ij,jk->ik', a, b) ** 2", A, B),
    "einsum ij,jk->ki": ("lambda torch, a, b: torch.einsum('ij,jk->ki', a, b) ** 2", A, B),
    "einsum bij,bjk->bik": ("lambda torch, a, b: torch.einsum('bij,bjk->bik', a, b) ** 2", C, D),
    "einsum bij,bjk->kb": ("lambda torch, a, b: torch.einsum('bij,bjk->kb', a, b) ** 2", C, D),
    "einsum i,j->ij": ("lambda torch, a, b: torch.einsum('i,j->ij', a, b) ** 2", V, W),
    "einsum ii->i": ("lambda torch, a: torch.einsum('ii->i', a) ** 2", S),
    "einsum bii->b": ("lambda torch, a: torch.einsum('bii->b', a) ** 2", T),
    "einsum ij->": ("lambda torch, a: torch.einsum('ij->', a) ** 2", A),
    "einsum three": ("lambda torch, a, b, c: torch.einsum('i,ij,jk->k', a, b, c) ** 2", V, A, B),
    "einsum bilinear": ("lambda torch, a, w, b: torch.einsum('bi,oij,bj->bo', a, w, b) ** 2", A, rng.standard_normal((2, 4, 5)), M),
    "einsum attention": ("lambda torch, q, k: torch.einsum('bhqd,bhkd->bhqk', q[:, None], k[:, None]) ** 2", C, C + 1),
    "einsum ellipsis": ("lambda torch, a, b: torch.einsum('...ij,jk->...ik', a, b) ** 2", C, B),
    "einsum summed ellipsis": ("lambda torch, a, b: torch.einsum('b...,b...->...', a, b) ** 2", C, C + 1),
    "einsum a repeated label": ("lambda torch, a, b: torch.einsum('iij,jk->ik', a, b) ** 2", rng.standard_normal((3, 3, 4)), B),
    "einsum sublists": ("lambda torch, a, b: torch.einsum(a, [0, 1], b, [1, 2], [2, 0]) ** 2", A, B),
    "einsum sizes of 1": ("lambda torch, a, b: torch.einsum('ij,jk->ik', a[:, :1], b) ** 2", A, B),
    "einsum implicit": ("lambda torch, a, b: torch.einsum('ba,cb', a, b) ** 2", B.T.copy(), M),
    "inv": ("lambda torch, a: torch.linalg.inv(a)", T),
    "inverse": ("lambda torch, a: a.inverse()", S),
    "det": ("lambda torch, a: torch.det(a)", T),
    "slogdet": ("lambda torch, a: torch.linalg.slogdet(a)[1]", T),
    "logdet": (f"lambda torch, a: torch.logdet({PD}(a))", S),
    "solve": ("lambda torch, a, b: torch.linalg.solve(a, b)", T, rng.standard_normal((2, 3, 4))),
    "solve a vector": ("lambda torch, a, b: torch.linalg.solve(a, b)", S, V),
    "solve from the right": ("lambda torch, a, b: torch.linalg.solve(a, b, left=False)", S, rng.standard_normal((4, 3))),
    "solve, broadcast": ("lambda torch, a, b: torch.linalg.solve(a, b)", S, rng.standard_normal((2, 3, 4))),
    "solve_triangular": ("lambda torch, a, b: torch.linalg.solve_triangular(a, b, upper=True)", T, rng.standard_normal((2, 3, 4))),
    "solve_triangular unit": (
        "lambda torch, a, b: torch.linalg.solve_triangular(a, b, upper=False, left=False, unitriangular=True)",
        S,
        rng.standard_normal((4, 3)),
    ),
    "cholesky": (f"lambda torch, a: torch.linalg.cholesky({PD}(a))", T),
    "cholesky upper": (f"lambda torch, a: torch.linalg.cholesky({PD}(a), upper=True)", S),
    "cholesky_solve": (f"lambda torch, a, b: torch.cholesky_solve(b, torch.linalg.cholesky({PD}(a)))", S, rng.standard_normal((3, 2))),
    "cholesky_inverse": (f"lambda torch, a: torch.cholesky_inverse(torch.linalg.cholesky({PD}(a)))", S),
    "qr": ("lambda torch, a: torch.linalg.qr(a)", N),
    "qr wide": ("lambda torch, a: torch.linalg.qr(a)", M),
    "svd values": ("lambda torch, a: torch.linalg.svdvals(a)", N),
    "svd tall": ("lambda torch, a: [x.abs() for x in torch.linalg.svd(a, full_matrices=False)]", N),
    "svd wide": ("lambda torch, a: [x.abs() for x in torch.linalg.svd(a, full_matrices=False)]", M),
    "old svd": ("lambda torch, a: [x.abs() for x in torch.svd(a)]", S),
    "eigh": (f"lambda torch, a: [x.abs() for x in torch.linalg.eigh({SYM}(a))]", T),
    "eigvalsh": (f"lambda torch, a: torch.linalg.eigvalsh({SYM}(a), UPLO='U')", T),
    "pinv": ("lambda torch, a: torch.linalg.pinv(a)", N),
    "pinv wide": ("lambda torch, a: a.pinverse()", M),
    "lstsq": ("lambda torch, a, b: torch.linalg.lstsq(a, b).solution", N, rng.standard_normal((2, 5, 2))),
    "matrix_power": ("lambda torch, a: torch.linalg.matrix_power(a, 3)", T),
    "matrix_power -2": ("lambda torch, a: torch.matrix_power(a, -2)", T),
    "norm": ("lambda torch, a: torch.linalg.norm(a)", A),
    "matrix_norm nuc": ("lambda torch, a: torch.linalg.matrix_norm(a, 'nuc')", N),
    "matrix_norm 2": ("lambda torch, a: torch.linalg.norm(a, 2)", M),
    "matrix_norm 1": ("lambda torch, a: torch.linalg.matrix_norm(a, 1, keepdim=True)", N),
    "matrix_norm -inf": ("lambda torch, a: torch.linalg.matrix_norm(a, -float('inf'), dim=(0, 1))", N),
    "cond": ("lambda torch, a: torch.linalg.cond(a)", S),
    "cond 1": ("lambda torch, a: torch.linalg.cond(a, 1)", S),
    "vander": ("lambda torch, x: torch.vander(x, 4)", V),
    "tensorinv": ("lambda torch, a: torch.linalg.tensorinv(a, ind=1)", rng.standard_normal((4, 2, 2)) + 3 * np.eye(4).reshape(4, 2, 2)),
}

# As far as PyTorch itself has derivatives.
ORDER = {"cdist": 1, "cond 1": 0, "vander": 0}


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("name", CASES)
def test_matrices_and_their_gradients(name):
    source, *inputs = CASES[name]
    function = eval(source)
    # Inverses of ill-conditioned matrices lose a few digits more; first-order formulas of decompositions divide by gaps between values.
    same(
        lambda *args: function(tane, *args),
        lambda *args: function(torch, *args),
        *inputs,
        order=ORDER.get(name, 2),
        rtol=1e-7,
        atol=1e-8,
        single=2e-3 if "svd" in name or "eig" in name or "cond" in name or "pinv" in name else 2e-4,
    )
