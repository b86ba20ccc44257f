"""The callers of generated functions as async code, the only code of them that is written by hand."""
