# Derived from ../_async/__init__.py by scripts/derive_sync.py, do not edit.
"""The steps of receiving and delivering callbacks as sync code."""
