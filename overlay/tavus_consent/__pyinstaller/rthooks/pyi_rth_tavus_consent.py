"""Runs before a frozen program. In the child process of a preflight, it runs instead of the program."""

from importlib import import_module

import_module("tavus_consent.preflight.isolation").freeze_support()
