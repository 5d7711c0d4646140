"""Linear algebra, as ``torch.linalg``: functions of matrices, the last two dimensions of a tensor, and of batches of them."""

from __future__ import annotations

from tane.linalg.checks import LinAlgError as LinAlgError
from tane.linalg.equations import (
    cholesky as cholesky,
    cholesky_ex as cholesky_ex,
    det as det,
    inv as inv,
    inv_ex as inv_ex,
    lstsq as lstsq,
    pinv as pinv,
    slogdet as slogdet,
    solve as solve,
    solve_ex as solve_ex,
    solve_triangular as solve_triangular,
    tensorinv as tensorinv,
    tensorsolve as tensorsolve,
)
from tane.linalg.norms import cond as cond, matrix_norm as matrix_norm, matrix_rank as matrix_rank, norm as norm
from tane.linalg.products import (
    cross as cross,
    diagonal as diagonal,
    matrix_power as matrix_power,
    multi_dot as multi_dot,
    vander as vander,
    vecdot as vecdot,
)
from tane.linalg.spectra import (
    eig as eig,
    eigh as eigh,
    eigvals as eigvals,
    eigvalsh as eigvalsh,
    qr as qr,
    svd as svd,
    svdvals as svdvals,
)
from tane.surface.matmul import matmul as matmul
from tane.surface.norm import vector_norm as vector_norm
