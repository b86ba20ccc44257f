"""The steps of the gate as async code. The sync code is derived from it."""
