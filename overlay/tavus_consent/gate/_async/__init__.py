"""The steps of the gate as async code, the only code of them that is written by hand."""
