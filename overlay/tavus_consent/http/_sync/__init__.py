# Derived from ../_async/__init__.py by scripts/derive_sync.py, do not edit.
"""The callers of generated functions as sync code."""
