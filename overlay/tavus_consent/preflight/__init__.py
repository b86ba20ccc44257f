"""Checks of the media before hours of training."""
