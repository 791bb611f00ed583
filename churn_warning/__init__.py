"""Churn early warning: the runner around the dbt project."""

__version__ = "0.1.0"
