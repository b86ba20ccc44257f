"""The hand-written namespaces as async code. The sync code is derived from it."""
