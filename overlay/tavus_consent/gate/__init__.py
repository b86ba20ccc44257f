"""The consent gate: the steps of a create and of a withdrawal, and the records that they rest on."""
