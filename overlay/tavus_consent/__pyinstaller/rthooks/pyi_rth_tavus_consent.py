"""Runs before the frozen program: in a child process of a preflight, instead of it."""

from tavus_consent.preflight.isolation import freeze_support

freeze_support()
