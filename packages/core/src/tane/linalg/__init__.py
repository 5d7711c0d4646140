"""Linear algebra, as ``torch.linalg``: functions of matrices, the last two dimensions of a tensor, and of batches of them."""

from __future__ import annotations

from tane.linalg.checks import LinAlgError as LinAlgError
from tane.linalg.equations import (
    cholesky as cholesky,
)
from tane.linalg.equations import (
    cholesky_ex as cholesky_ex,
)
from tane.linalg.equations import (
    det as det,
)
from tane.linalg.equations import (
    inv as inv,
)
from tane.linalg.equations import (
    inv_ex as inv_ex,
)
from tane.linalg.equations import (
    lstsq as lstsq,
)
from tane.linalg.equations import (
    pinv as pinv,
)
from tane.linalg.equations import (
    slogdet as slogdet,
)
from tane.linalg.equations import (
    solve as solve,
)
from tane.linalg.equations import (
    solve_ex as solve_ex,
)
from tane.linalg.equations import (
    solve_triangular as solve_triangular,
)
from tane.linalg.equations import (
    tensorinv as tensorinv,
)
from tane.linalg.equations import (
    tensorsolve as tensorsolve,
)
from tane.linalg.norms import cond as cond
from tane.linalg.norms import matrix_norm as matrix_norm
from tane.linalg.norms import matrix_rank as matrix_rank
from tane.linalg.norms import norm as norm
from tane.linalg.products import (
    cross as cross,
)
from tane.linalg.products import (
    diagonal as diagonal,
)
from tane.linalg.products import (
    matrix_exp as matrix_exp,
)
from tane.linalg.products import (
    matrix_power as matrix_power,
)
from tane.linalg.products import (
    multi_dot as multi_dot,
)
from tane.linalg.products import (
    vander as vander,
)
from tane.linalg.products import (
    vecdot as vecdot,
)
from tane.linalg.spectra import (
    eig as eig,
)
from tane.linalg.spectra import (
    eigh as eigh,
)
from tane.linalg.spectra import (
    eigvals as eigvals,
)
from tane.linalg.spectra import (
    eigvalsh as eigvalsh,
)
from tane.linalg.spectra import (
    qr as qr,
)
from tane.linalg.spectra import (
    svd as svd,
)
from tane.linalg.spectra import (
    svdvals as svdvals,
)
from tane.linalg.triangles import lu as lu
from tane.linalg.triangles import lu_factor as lu_factor
from tane.linalg.triangles import lu_factor_ex as lu_factor_ex
from tane.linalg.triangles import lu_solve as lu_solve
from tane.surface.matmul import matmul as matmul
from tane.surface.norm import vector_norm as vector_norm
