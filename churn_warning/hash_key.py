"""The key of the keyed hashes: which one a raw folder is read with, and whether it may be."""

from __future__ import annotations

import os
from pathlib import Path

from churn_warning.demo_data.generator import MARKER_NAME

VARIABLE = "CHURN_WARNING_HASH_KEY"
DEMO_KEY = "demo-key-for-generated-data-only"
# There are so few telephone numbers that a hash under a guessable key hides none of them.
SHORTEST = 16


def key_for(raw_dir: Path) -> str | None:
    """The key to hash this folder's personal data with; None if there is none that may be used (see `problem_with_key`)."""
    return None if problem_with_key(raw_dir) else os.environ.get(VARIABLE) or DEMO_KEY


def problem_with_key(raw_dir: Path) -> str:
    """Why this folder cannot be read with the key that is set; empty if it can.

    Only data that carries the demo generator's marker may be hashed with the public demo key.
    """
    key = os.environ.get(VARIABLE, "")
    if key and len(key.strip()) < SHORTEST:
        return f"{VARIABLE} is too short: {len(key.strip())} characters."
    is_demo = (raw_dir / MARKER_NAME).is_file()
    if not key and not is_demo:
        return f"{VARIABLE} is not set, and this is not generated demo data."
    if key == DEMO_KEY and not is_demo:
        return f"{VARIABLE} is the public key for demo data."
    return ""


ADVICE = f"Set {VARIABLE} to a secret of your own of at least {SHORTEST} characters, for example from: openssl rand -hex 32"
