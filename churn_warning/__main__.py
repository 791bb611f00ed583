"""Makes `python -m churn_warning` the same as `churn-warning`."""

from churn_warning.cli import main

if __name__ == "__main__":
    main()
