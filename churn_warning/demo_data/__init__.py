"""A made-up mobile operator: raw tables for demonstrations, tests and benchmarks (see docs/demo_data.md)."""

from churn_warning.demo_data.generator import generate

__all__ = ["generate"]
