"""The steps of receiving and delivering callbacks as async code, the only code of them that is written by hand."""
