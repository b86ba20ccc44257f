# Derived from ../_async/__init__.py by scripts/derive_sync.py, do not edit.
"""The hand-written namespaces as async code. The sync code is derived from it."""
