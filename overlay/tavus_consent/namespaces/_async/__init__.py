"""The hand-written namespaces as async code, the only code of them that is written by hand."""
