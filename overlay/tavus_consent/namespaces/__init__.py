"""The namespaces that are written by hand, because they need judgment; the others are generated."""
