"""The raw contract: reading the delivered tables, row rules, quarantine, newest versions.

Parquet is read through DuckDB (as a file reader only); CSV through the standard library, because its cells have to be cast
one by one to tell a broken value from a missing one.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb

Row = dict[str, Any]

CENT = Decimal("0.01")
OPERATORS = "own unicom telecom broadcast fixed international"

# One line per column: name, type, then flags: * required, + not negative, a list in parentheses.
_CONTRACT = """
customers: customer_id
  customer_id text *
  customer_type text * (individual group)
  customer_name text
  gender text (f m)
  birth_date date
  contact_phone text
  address text
  certificate_no text
  certificate_verified bool
  city_code text *
  branch_code text *
  manager_id text
  created_at timestamp *
  updated_at timestamp *
accounts: account_id
  account_id text *
  customer_id text *
  payment_method text (prepaid postpaid)
  opened_on date
  updated_at timestamp *
subscribers: subscriber_id
  subscriber_id text *
  customer_id text *
  account_id text *
  msisdn text *
  brand_code text
  plan_code text
  activated_on date *
  updated_at timestamp *
subscriber_status_events: subscriber_id changed_at
  subscriber_id text *
  status_code text * (STATUS)
  changed_at timestamp *
plans: plan_code
  plan_code text *
  plan_name text
  monthly_fee money * +
plan_changes: subscriber_id changed_at
  subscriber_id text *
  changed_at timestamp *
  from_plan_code text *
  to_plan_code text *
bills: subscriber_id bill_month
  subscriber_id text *
  account_id text *
  bill_month date *
  total_fee money *
  voice_fee money
  sms_fee money
  data_fee money
  new_service_fee money
  issued_on date *
  updated_at timestamp *
arrears_snapshots: subscriber_id snapshot_on
  subscriber_id text *
  snapshot_on date *
  arrears_amount money *
  arrears_months int *
  updated_at timestamp *
voice_cdrs: cdr_id
  cdr_id text *
  subscriber_id text *
  started_at timestamp *
  call_type text * (mo mt fwd)
  peer_number text
  peer_operator text * (OPERATORS)
  duration_s int * +
  fee money * +
sms_cdrs: cdr_id
  cdr_id text *
  subscriber_id text *
  sent_at timestamp *
  direction text * (mo mt)
  peer_number text
  peer_operator text * (OPERATORS)
  fee money * +
data_cdrs: cdr_id
  cdr_id text *
  subscriber_id text *
  started_at timestamp *
  bytes_total int * +
  fee money * +
complaints: complaint_id
  complaint_id text *
  subscriber_id text *
  opened_at timestamp *
  severity text * (normal severe)
  fault_level int * (0 1 2 3 4 5)
  due_at timestamp *
  answered_at timestamp
  updated_at timestamp *
contracts: contract_id
  contract_id text *
  subscriber_id text *
  contract_type text * (fee_amortisation handset_lease business)
  starts_on date *
  ends_on date *
  updated_at timestamp *
service_subscriptions: subscriber_id service_code started_on
  subscriber_id text *
  service_code text *
  started_on date *
  ended_on date
  updated_at timestamp *
devices: subscriber_id first_seen_on
  subscriber_id text *
  device_model_code text *
  first_seen_on date *
device_models: device_model_code
  device_model_code text *
  brand text
  price_tier text (low mid high)
  is_dual_sim bool
  customised_for text (own unicom telecom)
enterprise_groups: group_id
  group_id text *
  group_name text
  industry_code text *
  is_top_taxpayer bool
  city_code text *
  branch_code text *
  manager_id text
  profile_complete bool
  updated_at timestamp *
group_members: group_id subscriber_id joined_on
  group_id text *
  subscriber_id text *
  member_role text * (key_person member)
  joined_on date *
  left_on date
  updated_at timestamp *
service_contacts: contact_id
  contact_id text *
  subscriber_id text *
  contacted_at timestamp *
  channel text * (visit phone counter sms)
  purpose text * (care retention)
  outcome_code text (reached not_reached accepted declined)
  churn_reason_code text (price quality social convenience)
  manager_id text
  updated_at timestamp *
branches: branch_code
  branch_code text *
  branch_name text
  city_code text *
  city_name text
managers: manager_id
  manager_id text *
  manager_name text
  branch_code text *
"""

# "Ends before it starts": end column, start column.
PERIODS = {
    "contracts": ("ends_on", "starts_on"),
    "service_subscriptions": ("ended_on", "started_on"),
    "group_members": ("left_on", "joined_on"),
    "complaints": ("answered_at", "opened_at"),
}

# Tables whose rows must not be older than the day before activation, and the column that dates them.
EVENT_TIME = {
    "subscriber_status_events": "changed_at",
    "plan_changes": "changed_at",
    "voice_cdrs": "started_at",
    "sms_cdrs": "sent_at",
    "data_cdrs": "started_at",
    "complaints": "opened_at",
    "service_contacts": "contacted_at",
}

ALWAYS_REQUIRED = ("customers", "accounts", "subscribers", "branches", "voice_cdrs")


@dataclass(frozen=True)
class Column:
    """A column of the raw contract; ``type`` is text, date, timestamp, money, int or bool."""

    name: str
    type: str
    required: bool
    not_negative: bool
    codes: tuple[str, ...] | None


@dataclass(frozen=True)
class Table:
    """A table of the raw contract, its columns in contract order."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def has(self, column: str) -> bool:
        """Whether the contract names this column."""
        return any(c.name == column for c in self.columns)


def _parse_contract() -> dict[str, Table]:
    tables: dict[str, Table] = {}
    name, key, columns = "", (), []

    def close() -> None:
        if name:
            tables[name] = Table(name, key, tuple(columns))

    for line in _CONTRACT.strip().splitlines():
        if not line.startswith(" "):
            close()
            name, _, keys = line.partition(":")
            key, columns = tuple(keys.split()), []
            continue
        spec, _, listed = line.partition("(")
        words = spec.split()
        codes = tuple(listed.rstrip(")").replace("OPERATORS", OPERATORS).split()) if listed else None
        columns.append(Column(words[0], words[1], "*" in words, "+" in words, codes))
    close()
    return tables


CONTRACT = _parse_contract()


@dataclass
class RawData:
    """What staging makes of a delivery."""

    accepted: dict[str, list[Row]] = field(default_factory=dict)
    reconciliation: list[Row] = field(default_factory=list)
    quarantine: Counter = field(default_factory=Counter)  # (table_name, rule_code) -> delivered rows
    provided: set[str] = field(default_factory=set)


class NotCastable(ValueError):
    """A single value that its column's type cannot hold."""


def _cast_text(text: str, type_: str) -> Any:
    """Casts one CSV cell; raises NotCastable."""
    try:
        if type_ == "text":
            return text
        if type_ == "date":
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                raise NotCastable(text)
            return date.fromisoformat(text)
        if type_ == "timestamp":
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?)?", text):
                raise NotCastable(text)
            head, _, fraction = text.partition(".")
            moment = datetime.fromisoformat(head)
            return moment.replace(microsecond=int(fraction.ljust(6, "0")) if fraction else 0)
        if type_ == "int":
            if not re.fullmatch(r"[+-]?\d+", text):
                raise NotCastable(text)
            return int(text)
        if type_ == "money":
            if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)", text):
                raise NotCastable(text)
            return Decimal(text).quantize(CENT, ROUND_HALF_UP)
        if type_ == "bool":
            if text.lower() not in ("true", "false"):
                raise NotCastable(text)
            return text.lower() == "true"
    except (ValueError, InvalidOperation) as error:
        raise NotCastable(text) from error
    raise AssertionError(type_)


def _cast_value(value: Any, type_: str) -> Any:
    """Casts a value read from Parquet, whose file may use a neighbouring type (int32 for bigint, double for money)."""
    if value is None:
        return None
    if type_ == "money":
        return Decimal(str(value)).quantize(CENT, ROUND_HALF_UP)
    if type_ == "date" and isinstance(value, datetime):
        return value.date()
    if type_ == "timestamp" and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value


def _files(raw_dir: Path, table: str) -> list[Path]:
    for kind in ("parquet", "csv"):
        single = raw_dir / f"{table}.{kind}"
        if single.is_file():
            return [single]
        nested = sorted((raw_dir / table).rglob(f"*.{kind}"))
        if nested:
            return nested
    raise FileNotFoundError(f"{table}: neither a file nor a folder in {raw_dir}")


def _delivered(raw_dir: Path, table: Table) -> list[tuple[Row, bool]]:
    """Every delivered row of a table, cast, and whether one of its values could not be cast (it is then None)."""
    rows: list[tuple[Row, bool]] = []
    for file in _files(raw_dir, table.name):
        if file.suffix == ".parquet":
            names = ", ".join(f'"{c.name}"' for c in table.columns)
            query = f"select {names} from read_parquet(?, hive_partitioning = false)"
            for values in duckdb.connect().execute(query, [str(file)]).fetchall():
                row = {c.name: _cast_value(v, c.type) for c, v in zip(table.columns, values, strict=True)}
                rows.append((row, False))
            continue
        with open(file, newline="", encoding="utf-8-sig") as handle:
            for record in csv.DictReader(handle):
                row, broken = {}, False
                for c in table.columns:
                    text = record[c.name]
                    row[c.name] = None
                    if text:
                        try:
                            row[c.name] = _cast_text(text, c.type)
                        except NotCastable:
                            broken = True
                            # Not a null either: the rule for nulls must not see it.
                            row[c.name] = BROKEN
                rows.append((row, broken))
    return rows


BROKEN = object()


def _own_rules(table: Table, row: Row, status_codes: set[str]) -> set[str]:
    """The rules that a row breaks by itself."""
    rules: set[str] = set()
    value = {name: (None if v is BROKEN else v) for name, v in row.items()}
    for c in table.columns:
        if row[c.name] is BROKEN:
            rules.add("not_castable")
        elif row[c.name] is None:
            if c.required:
                rules.add("null_required")
        else:
            if c.codes == ("STATUS",):
                if row[c.name] not in status_codes:
                    rules.add("code_outside_list")
            elif c.codes is not None and str(row[c.name]) not in c.codes:
                rules.add("code_outside_list")
            if c.not_negative and row[c.name] < 0:
                rules.add("negative_value")
    if table.name in PERIODS:
        end, start = (value[c] for c in PERIODS[table.name])
        if end is not None and start is not None and end < start:
            rules.add("ends_before_starts")
    if table.name == "bills" and value["bill_month"] is not None and value["bill_month"].day != 1:
        rules.add("ends_before_starts")
    return rules


def _order(table: Table, row: Row) -> tuple:
    """Of several versions of a row the greatest of these wins: newest update, then the values, nulls lowest."""
    values = [row[c.name] for c in table.columns]
    if table.has("updated_at"):
        values.insert(0, row["updated_at"])
    return tuple((v is not None, v) if v is not None else (False,) for v in values)


def _newest(table: Table, rows: list[Row]) -> list[Row]:
    best: dict[tuple, Row] = {}
    for row in rows:
        key = tuple(row[c] for c in table.key)
        if key not in best or _order(table, row) > _order(table, best[key]):
            best[key] = row
    return list(best.values())


def read_raw(raw_dir: Path, provided: set[str], status_codes: set[str]) -> RawData:
    """Reads the provided tables of a delivery and applies row rules and versions.

    Raises FileNotFoundError for a provided table that is absent; the contract check proper is not imitated here.
    """
    data = RawData(provided=provided)
    # The masters first: the others are checked against their accepted rows.
    order = ["customers", "subscribers"] + [t for t in CONTRACT if t not in ("customers", "subscribers")]
    customer_ids: set[str] = set()
    activated: dict[str, date] = {}
    for name in order:
        if name not in provided:
            data.accepted[name] = []
            continue
        table = CONTRACT[name]
        delivered = _delivered(raw_dir, table)
        passing: list[Row] = []
        for row, _ in delivered:
            rules = _own_rules(table, row, status_codes)
            if name != "customers" and row.get("customer_id") is not None and row["customer_id"] not in customer_ids:
                rules.add("unknown_customer")
            if name != "subscribers" and table.has("subscriber_id"):
                subscriber = row["subscriber_id"]
                if subscriber is not None and subscriber not in activated:
                    rules.add("unknown_subscriber")
                moment = row.get(EVENT_TIME.get(name, ""))
                dated = isinstance(moment, datetime) and subscriber in activated
                if dated and moment.date() < activated[subscriber] - timedelta(days=1):
                    rules.add("event_before_activation")
            if rules:
                data.quarantine.update((name, rule) for rule in rules)
            else:
                passing.append(row)
        accepted = _newest(table, passing)
        data.accepted[name] = accepted
        if name == "customers":
            customer_ids = {r["customer_id"] for r in accepted}
        if name == "subscribers":
            activated = {r["subscriber_id"]: r["activated_on"] for r in accepted}
        data.reconciliation.append(
            {
                "table_name": name,
                "raw_rows": len(delivered),
                "accepted_rows": len(accepted),
                "duplicate_rows": len(passing) - len(accepted),
                "quarantined_rows": len(delivered) - len(passing),
            }
        )
    return data
