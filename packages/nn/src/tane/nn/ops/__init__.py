"""The primitives of neural networks, declared as those of ``tane.ops`` are: a forward formula and a gradient formula for each input."""
