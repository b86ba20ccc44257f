"""The hand-written namespaces, which need judgment; the others are generated."""
