"""Measures the project against a hand-written script; see bench/README.md."""
