"""Function transformations: gradients, Jacobians and products of plain functions, of Tensors and of NumPy code alike.

See :mod:`tane.autograd.transforms` for how arguments and results correspond.
"""

from tane.autograd.batching import vmap
from tane.autograd.jacobians import hessian, hessian_tensor_product, hessian_vector_product, jacfwd, jacobian, jacrev, make_hvp
from tane.autograd.stateless import functional_call, stack_module_state
from tane.autograd.transforms import (
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_and_value,
    grad_named,
    holomorphic_grad,
    jvp,
    linearize,
    make_jvp,
    make_vjp,
    multigrad_dict,
    value_and_grad,
    vjp,
)

__all__ = [
    "elementwise_grad",
    "functional_call",
    "grad",
    "grad_and_aux",
    "grad_and_value",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "linearize",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "multigrad_dict",
    "stack_module_state",
    "value_and_grad",
    "vjp",
    "vmap",
]
