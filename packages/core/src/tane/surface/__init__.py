"""PyTorch's names and signatures over the ops: functions of the ``tane`` namespace and methods of ``Tensor``.

Ops speak NumPy (``axis``, ``keepdims``) and know nothing of ``out=`` or ``dim``; that is translated here. A module's functions come in families
as the ops do.
"""
