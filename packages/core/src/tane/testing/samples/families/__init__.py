"""A module for each family of ops, named as in ``tane.ops``."""
