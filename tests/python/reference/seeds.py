"""The seeds that the rules read, as lists of text rows plus the few typed look-ups that are used often."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

SeedRow = dict[str, str]


def as_bool(text: str) -> bool:
    """A boolean cell; blank is false."""
    return text.strip().lower() == "true"


def as_decimal(text: str) -> Decimal | None:
    """A numeric cell; None if blank."""
    return Decimal(text) if text.strip() else None


def as_int(text: str) -> int | None:
    """A whole-number cell; None if blank."""
    return int(Decimal(text)) if text.strip() else None


def as_date(text: str) -> date | None:
    """An ISO date cell; None if blank."""
    return date.fromisoformat(text.strip()) if text.strip() else None


class Seeds:
    """All seed files below a folder, by name; raises KeyError for one that is not there."""

    def __init__(self, seeds_dir: Path) -> None:
        self._files = {p.stem: p for p in Path(seeds_dir).rglob("*.csv")}
        self._rows: dict[str, list[SeedRow]] = {}
        self.parameters = {r["parameter_code"]: r["value"] for r in self.rows("parameters")}
        self.competitors = {r["operator_code"] for r in self.rows("operators") if as_bool(r["is_competitor"])}
        own = {r["operator_code"] for r in self.rows("operators") if as_bool(r["is_own"])}
        hotlines = self.rows("operator_hotlines")
        self.own_hotlines = {r["hotline_number"] for r in hotlines if r["operator_code"] in own}
        self.competitor_hotlines = {r["hotline_number"] for r in hotlines if r["operator_code"] in self.competitors}
        self.services = {r["service_code"]: r for r in self.rows("services")}
        self.category = {r["status_code"]: r["category"] for r in self.rows("subscriber_statuses")}
        self.quantity_loss = {r["status_code"] for r in self.rows("subscriber_statuses") if as_bool(r["is_quantity_loss"])}
        self.severity = {r["level_code"]: int(r["severity"]) for r in self.rows("alert_levels")}
        self.tiers = sorted(self.rows("value_tiers"), key=lambda r: int(r["rank"]))
        self.class_rank = {r["class_code"]: int(r["rank"]) for r in self.rows("group_classes")}

    def rows(self, name: str) -> list[SeedRow]:
        """The rows of one seed file."""
        if name not in self._rows:
            with open(self._files[name], newline="", encoding="utf-8-sig") as handle:
                self._rows[name] = list(csv.DictReader(handle))
        return self._rows[name]

    def int_parameter(self, code: str) -> int:
        """A whole-number parameter."""
        return int(Decimal(self.parameters[code]))

    def provided_tables(self, all_tables: list[str]) -> set[str]:
        """The tables that are not declared absent; one without a row is provided."""
        absent = {r["table_name"] for r in self.rows("feed_expectations") if not as_bool(r["is_provided"])}
        return {t for t in all_tables if t not in absent}
