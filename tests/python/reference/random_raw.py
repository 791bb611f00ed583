"""Random raw folders and seed variants, small and dense in edge cases.

Everything is drawn from one seeded generator, so a case is named by its seed alone. The values aim at bounds: the first and
last day of a window, the last microsecond of a day and the first of the next, drops and means that equal a threshold, rows
that break each rule, several versions of a row, references that their table does not know.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from .raw import ALWAYS_REQUIRED, CONTRACT, EVENT_TIME, OPERATORS, PERIODS, Column, Row, Table
from .rules import add_months, days, month_end, month_of, round_money
from .seeds import as_bool

ONE_DAY = timedelta(days=1)
STATUSES = [
    "active",
    "suspended_on_request",
    "reported_suspended",
    "suspended_arrears",
    "pre_cancelled",
    "retention_period",
    "frozen",
    "cancelled",
]
STICKY = [
    "shred_list",
    "phonebook_manager",
    "info_manager",
    "m_group",
    "family_numbers",
    "group_internal_app",
    "mobile_mailbox",
    "mobile_data",
]
SERVICES = STICKY + ["ring_tone", "mobile_tv", "mobile_wallet"] + [f"bundle_{i:02d}" for i in range(1, 10)] + ["no_such"]
PLAN_FEES = {
    "P9": "9.00",
    "P0": "0.00",
    "P58": "58.00",
    "P149": "149.99",
    "P150": "150.00",
    "P388": "388.00",
    "P666": "666.00",
    "P1500": "1500.00",
    "P3000": "3000.00",
}
PLANS = [*PLAN_FEES, "no_plan"]
MODELS = ["M_PLAIN", "M_DUAL", "M_OWN_DUAL", "M_UNICOM", "M_TELECOM_DUAL", "M_NULL", "M_UNKNOWN"]
BRANCH_CITY = {"B01": "C01", "B02": "C01", "B03": "C02", "B04": "C02", "B05": "C03"}
# A manager may have the code of a branch: their lists must not be mixed.
MANAGERS = ["MG1", "MG2", "MG3", "B02"]
HOTLINES = ["10086", "+8610086", "10010", "+8610010", "10000", "10099", "8610086", "+86+8610086", "100860"]
INDUSTRIES = ["retail", "power", "insurance", "no_industry"]
EXTRA_COLUMNS = ["extra_note", "rn", "rule_code", "source_file", "Extra Column"]


READ_BY_DAY = ("voice_cdrs", "sms_cdrs", "data_cdrs")


class Bad(str):
    """A text that the column's type cannot hold; written to CSV as it is."""


BAD_TEXTS = {
    "money": ["12,5", "abc", "1.2.3", "--1"],
    "int": ["seven", "3x", "1,000"],
    "date": ["2026-02-30", "yesterday", "31/12/2025", "2026-13-01"],
    "timestamp": ["2026-02-30 10:00:00", "noon", "2026-01-01 25:00:00"],
    "bool": ["maybe", "2x"],
}


# First and last delivery that holds these rows.
Part = tuple[int, int, list[Row]]


@dataclass
class RandomCase:
    """A generated raw folder: where it is, the run's date, the tables declared absent, the seed row file that says so."""

    raw_dir: Path
    as_of: date
    weeks: int | None
    absent: set[str]
    feed_expectations: Path
    layouts: dict[str, str] = field(default_factory=dict)


def write_random_raw(
    out_dir: str | Path,
    seed: int,
    subscribers: int = 60,
    weeks: int = 16,
    as_of: date | None = None,
    absent: set[str] | None = None,
    column_named_folders: bool = False,
) -> RandomCase:
    """Writes a random raw folder ``out_dir/raw`` and its ``out_dir/feed_expectations.csv``.

    ``as_of`` and the set of tables declared absent are drawn if they are not given. ``weeks`` is the length of the feed, at
    least 6. ``column_named_folders`` also writes folders like ``fee=1`` that name a column which the files hold themselves: their
    own values count, but a reader that takes such names for partitions gets others. The result names the paths, the date, and the
    ``weeks`` limit that the run should use (None: all).
    """
    out_dir = Path(out_dir)
    rng = random.Random(seed)
    generator = _Generator(rng, subscribers, weeks, as_of, absent)
    generator.generate()
    raw_dir = out_dir / "raw"
    if raw_dir.exists():
        shutil.rmtree(raw_dir)
    raw_dir.mkdir(parents=True)
    layouts = {}
    for name, table in CONTRACT.items():
        if name in generator.absent:
            # A table that is declared absent is not read even if something lies there.
            if rng.random() < 0.5:
                (raw_dir / f"{name}.csv").write_text("no_such_column\n1\n", encoding="utf-8")
            continue
        layouts[name] = generator.layouts[name]
        _write_table(rng, raw_dir, table, generator.tables[name], generator.layouts[name], column_named_folders)
    feeds = _write_feed_expectations(rng, out_dir, generator.absent)
    limit = rng.choice([None, None, None, 1, 3])
    return RandomCase(raw_dir, generator.as_of, limit, generator.absent, feeds, layouts)


def _write_feed_expectations(rng: random.Random, out_dir: Path, absent: set[str]) -> Path:
    feeds = out_dir / "feed_expectations.csv"
    with open(feeds, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(["table_name", "is_provided", "min_daily_row_share", "max_lag_days", "source", "note"])
        for name in CONTRACT:
            if name not in absent and name not in ALWAYS_REQUIRED and rng.random() < 0.1:
                continue  # no row: provided
            writer.writerow([name, str(name not in absent).lower(), "", "", "default", "random case"])
    return feeds


def write_deliveries(out_dir: str | Path, seed: int, subscribers: int = 60, weeks: int = 16) -> Iterator[RandomCase]:
    """Writes a random raw folder in three deliveries, each on top of the one before; yields the case after each of them.

    Calls, messages and sessions come in files of a day. With a later delivery some days come whole, some rows come late (in the
    day's file, written again, or in a further file), and some rows and days are taken back; rows of the other tables come and go
    as well. The versions of one record come together: that a later version moves a record to another day is noticed only among
    days that are read together. Files that do not change are not written again.
    """
    out_dir = Path(out_dir)
    rng = random.Random(seed)
    generator = _Generator(rng, subscribers, weeks, None, None)
    generator.generate()
    raw_dir = out_dir / "raw"
    shutil.rmtree(raw_dir, ignore_errors=True)
    feeds = _write_feed_expectations(rng, out_dir, generator.absent)
    limit = rng.choice([None, None, 1])
    parts: dict[str, dict[Path, list[Part]]] = {}
    for name, table in CONTRACT.items():
        if name not in generator.absent:
            rows = generator.tables[name]
            parts[name] = _deliver_by_day(rng, table, rows) if name in READ_BY_DAY else _deliver_by_row(rng, table, rows)
    for stage in range(3):
        for name, files in parts.items():
            kind = "csv" if generator.layouts[name].startswith("csv") else "parquet"
            for place, deliveries in files.items():
                path = raw_dir / place.with_suffix(f".{kind}")
                rows, before = (
                    [row for first, last, part in deliveries if first <= at <= last for row in part] for at in (stage, stage - 1)
                )
                if rows == before and stage:
                    continue
                path.unlink(missing_ok=True)
                if rows or name not in READ_BY_DAY:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    columns = [column.name for column in CONTRACT[name].columns]
                    if kind == "csv":
                        _write_csv(rng, path, columns, rows)
                    else:
                        _write_parquet(path, CONTRACT[name], columns, rows, small_types=False)
        yield RandomCase(raw_dir, generator.as_of, limit, generator.absent, feeds, generator.layouts)


def _deliver_by_day(rng: random.Random, table: Table, rows: list[Row]) -> dict[Path, list[Part]]:
    """Files of a day: path without its ending -> what is delivered in it."""
    event_at = EVENT_TIME[table.name]
    periods: dict[Any, tuple[int, int, str]] = {}
    days: dict[str, tuple[int, int]] = {}
    files: dict[Path, dict[tuple[int, int], list[Row]]] = {}
    for row in rows:
        at = row[event_at]
        day = f"day={at:%Y-%m-%d}" if isinstance(at, datetime) else "day=unknown"
        if day not in days:
            days[day] = rng.choice([(0, 2)] * 20 + [(1, 2), (2, 2), (0, 0), (0, 1)])
        key = row["cdr_id"]
        if key not in periods:
            late = rng.choice([None] * 30 + [(1, 2), (2, 2), (0, 0), (0, 1)])
            periods[key] = (*(late or days[day]), rng.choice(["part-0", "part-1"]) if late else "part-0")
        first, last, part = periods[key]
        files.setdefault(Path(table.name) / day / part, {}).setdefault((first, last), []).append(row)
    return {path: [(*period, part) for period, part in periods.items()] for path, periods in files.items()}


def _deliver_by_row(rng: random.Random, table: Table, rows: list[Row]) -> dict[Path, list[Part]]:
    """One file whose rows come and go; the first two rows always stay, so that no table is ever empty.

    Of customers and lines only one or two do, since each takes along all of its days.
    """
    stays = 80 if table.name in ("customers", "subscribers") else 12
    periods = [(0, 2), (0, 2), *(rng.choice([(0, 2)] * stays + [(1, 2), (2, 2), (0, 0), (0, 1)]) for _ in rows)]
    return {Path(table.name): [(*period, [row]) for period, row in zip(periods, rows, strict=False)]}


class _Generator:
    def __init__(self, rng: random.Random, count: int, weeks: int, as_of: date | None, absent: set[str] | None) -> None:
        self.rng, self.count = rng, count
        if as_of is None:
            as_of = date(2026, 1, 4) + timedelta(days=7 * rng.randrange(30))
            if rng.random() < 0.3:
                as_of = date(2026, 1, 1) + timedelta(days=rng.randrange(220))
            elif rng.random() < 0.3:
                # A Sunday on which the billing lag matters.
                as_of = rng.choice([date(2026, 2, 1), date(2026, 3, 1), date(2026, 5, 3), date(2026, 8, 2), date(2026, 1, 4)])
        self.as_of = as_of
        self.first_day = as_of - timedelta(days=7 * weeks - 1 - rng.choice([0, 0, 1, 3]))
        sunday = as_of - timedelta(days=as_of.isoweekday() % 7)
        self.sundays = [sunday - timedelta(days=7 * i) for i in range(max(1, weeks - 4))]
        self.later_weeks = rng.choice([0, 0, 0, 2, 6])
        self.absent = self._absent() if absent is None else set(absent)
        self.layouts = {
            t: rng.choice(["parquet", "csv", "parquet_folder", "csv_folder", "parquet_nested", "csv_nested"]) for t in CONTRACT
        }
        self.tables: dict[str, list[Row]] = {t: [] for t in CONTRACT}
        self.serial = 0
        self.activated: dict[str, date] = {}

    def _absent(self) -> set[str]:
        if self.rng.random() < 0.6:
            return set()
        optional = [t for t in CONTRACT if t not in ALWAYS_REQUIRED]
        return set(self.rng.sample(optional, self.rng.choice([1, 1, 2, 4, 8])))

    # ------------------------------------------------ small helpers

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def pick(self, values: Any) -> Any:
        return self.rng.choice(list(values))

    def next_id(self, prefix: str) -> str:
        self.serial += 1
        return f"{prefix}{self.serial:06d}"

    def day(self) -> date:
        """A day that is likely to be an as-of date."""
        roll = self.rng.random()
        if roll < 0.5:
            return self.as_of
        if roll < 0.8:
            return self.pick(self.sundays)
        return self.as_of - timedelta(days=self.rng.randrange(7))

    def near(self, *offsets: int) -> date:
        """A likely as-of date plus one of the offsets in days."""
        return self.day() + timedelta(days=self.pick(offsets))

    def at(self, day: date) -> datetime:
        """A moment of the day, often its first or last."""
        edge = self.pick([time(0), time(23, 59, 59), time(23, 59, 59, 999999), time(12), time(8, 30, 5), time(0, 0, 0, 1)])
        return datetime.combine(day, edge)

    def add(self, table: str, **values: Any) -> Row:
        row = {c.name: values.get(c.name) for c in CONTRACT[table].columns}
        if "updated_at" in row and row["updated_at"] is None:
            row["updated_at"] = datetime(2025, 6, 1, 12)
        self.tables[table].append(row)
        return row

    # ------------------------------------------------ the world

    def generate(self) -> None:
        self._masters()
        for number in range(self.count):
            self._subscriber(number)
        self._breakage()
        self._no_column_without_value()

    def _masters(self) -> None:
        for branch, city in BRANCH_CITY.items():
            self.add("branches", branch_code=branch, branch_name=f'Branch, "{branch}"', city_code=city, city_name="市")
        for manager in MANAGERS:
            self.add(
                "managers", manager_id=manager, manager_name=f"Manager {manager}", branch_code=self.pick([*BRANCH_CITY, "B99"])
            )
        for plan, fee in PLAN_FEES.items():
            self.add("plans", plan_code=plan, plan_name=self.pick([None, "", "Plan"]), monthly_fee=Decimal(fee))
        brands = {"M_PLAIN": (False, None), "M_DUAL": (True, None), "M_OWN_DUAL": (True, "own"), "M_UNICOM": (False, "unicom")}
        brands |= {"M_TELECOM_DUAL": (True, "telecom"), "M_NULL": (None, None)}
        for model, (dual, maker) in brands.items():
            self.add(
                "device_models",
                device_model_code=model,
                brand=self.pick([None, "Alpha"]),
                price_tier=self.pick([None, "low", "mid", "high"]),
                is_dual_sim=dual,
                customised_for=maker,
            )
        self.groups = [f"G{i:02d}" for i in range(1, 9)]
        for i, group in enumerate(self.groups):
            self.add(
                "enterprise_groups",
                group_id=group,
                group_name=f"Group {group}\nsecond line",
                industry_code=self.pick(INDUSTRIES) if i > 1 else "retail",
                is_top_taxpayer=self.pick([None, False, False, True]) if i > 1 else False,
                city_code=self.pick(["C01", "C02"]),
                branch_code=self.pick(["B01", "B99"]),
                manager_id=self.pick([None, "MG1", "MG99"]),
                profile_complete=self.pick([None, True, False]),
            )

    def _subscriber(self, number: int) -> None:
        # Ids that a reader of CSV could take for numbers.
        sid = f"{number:05d}" if number % 7 == 3 else f"S{number:05d}"
        cid = f"K{number - 1:05d}" if number and self.chance(0.1) else f"K{number:05d}"
        if cid == f"K{number:05d}":
            self.add(
                "customers",
                customer_id=cid,
                customer_type=self.pick(["individual", "group"]),
                customer_name=self.pick([None, 'Li, "Wei"', "王伟", "null"]),
                gender=self.pick([None, "f", "m"]),
                birth_date=self.pick([None, date(1980, 2, 29)]),
                contact_phone=f"139{number:08d}",
                address="Road\n1",
                certificate_no=f"ID{number:08d}",
                certificate_verified=self.pick([None, True, False]),
                city_code=self.pick(["C01", "C01", "C02", "C03"]),
                branch_code=self.pick([*BRANCH_CITY, *BRANCH_CITY, "B99"]),
                manager_id=self.pick([None, None, *MANAGERS, "MG99"]),
                created_at=datetime(2020, 1, 1),
            )
        self.add(
            "accounts",
            account_id=f"A{number:05d}",
            customer_id=cid,
            payment_method=self.pick([None, "prepaid", "postpaid"]),
            opened_on=self.pick([None, date(2020, 1, 1)]),
        )
        activated = self._activation()
        self.activated[sid] = activated
        self.add(
            "subscribers",
            subscriber_id=sid,
            customer_id=cid,
            account_id=self.pick([f"A{number:05d}", "A_unknown"]),
            msisdn=f"138{number:08d}",
            brand_code=self.pick([None, "mzone", "gotone"]),
            plan_code=self.pick([None, *PLANS]),
            activated_on=activated,
        )
        self._status(sid, activated)
        self._plan_changes(sid, activated)
        self._bills(sid, number)
        self._usage(sid, activated)
        # Without quiet subscribers nearly every alert would be red.
        if self.chance(0.6):
            self._rare_calls(sid, activated)
            self._complaints(sid, activated)
        self._arrears(sid)
        self._contracts(sid)
        self._services(sid)
        self._devices(sid)
        self._contacts(sid, activated)
        self._memberships(sid, number)

    def _activation(self) -> date:
        roll = self.rng.random()
        if roll < 0.55:
            return date(2024, 1, 1) - timedelta(days=self.rng.randrange(2500))
        if roll < 0.65:
            return self.day() - timedelta(days=self.pick([729, 730, 731, 1824, 1825]))
        if roll < 0.75:
            return self.first_day + timedelta(days=self.pick([-1, 0, 1, 40]))
        # Inside W, its first day, inside the previous weeks and on their first days, after the as-of date.
        return self.near(0, -1, -3, -6, -7, -13, -14, -20, -21, -24, -27, -28, -34, -35, 1, 2)

    def _status(self, sid: str, activated: date) -> None:
        if self.chance(0.45):
            return
        moment = max(activated - ONE_DAY, self.near(-200, -100, -60, -30, -14))
        if self.chance(0.3):
            moment = activated - ONE_DAY
        used: set[datetime] = set()
        for _ in range(self.pick([1, 1, 2, 3, 5, 12])):
            status = self.pick(STATUSES) if self.chance(0.7) else self.pick(["suspended_arrears", "active"])
            if status == "cancelled" and self.chance(0.5):
                status = "active"
            at = self.at(moment)
            if at not in used:
                used.add(at)
                self.add("subscriber_status_events", subscriber_id=sid, status_code=status, changed_at=at)
            roll = self.rng.random()
            if roll < 0.35:
                moment = moment + timedelta(days=self.pick([0, 0, 1, 2, 4]))
            elif roll < 0.7:
                moment = max(moment, self.near(-7, -6, -3, -2, -1, 0, 1, 1, 20))
            else:
                moment = moment + timedelta(days=self.rng.randrange(60))

    def _plan_changes(self, sid: str, activated: date) -> None:
        if self.chance(0.5):
            return
        used: set[datetime] = set()
        for _ in range(self.pick([1, 1, 2, 3])):
            day = max(activated - ONE_DAY, self.near(-120, -60, -31, -10, -1, 0, 1, 5))
            at = self.at(day)
            if at not in used:
                used.add(at)
                self.add(
                    "plan_changes",
                    subscriber_id=sid,
                    changed_at=at,
                    from_plan_code=self.pick(PLANS),
                    to_plan_code=self.pick(PLANS),
                )

    def _bills(self, sid: str, number: int) -> None:
        if self.chance(0.1):
            return
        last = add_months(month_of(self.as_of), self.pick([-1, -1, -1, 0, -2]))
        count = self.pick([1, 2, 3, 4, 6, 8, 9, 9, 10])
        fees, new_fees = self._fee_series(count), self._new_fee_series(count)
        for back in range(count):
            if back and self.chance(0.06):
                continue
            month = add_months(last, -back)
            issued = add_months(month, 1) + timedelta(days=self.pick([2, 2, 2, 0, 4]))
            if self.chance(0.12):
                issued = self.near(-7, 0, 1, 7)  # late, some of them not out yet
            self.add(
                "bills",
                subscriber_id=sid,
                account_id=self.pick([f"A{number:05d}", "A_other"]),
                bill_month=month,
                total_fee=fees[back],
                voice_fee=self.pick([None, Decimal("1.00")]),
                sms_fee=None,
                data_fee=Decimal("-0.50"),
                new_service_fee=new_fees[back],
                issued_on=issued,
            )

    def _fee_series(self, count: int) -> list[Decimal]:
        """Total fees, newest first."""
        kind = self.rng.randrange(9)
        if kind == 0:
            return [Decimal("150.00")] * count
        if kind == 1:  # the mean of two is 149.995, of three 149.99
            return [Decimal("149.99") if i % 2 else Decimal("150.00") for i in range(count)]
        if kind == 2:  # two falls in a row to exactly nine tenths of the mean, or a cent beside it
            head = [Decimal("90.00") + self.pick([Decimal("-0.01"), Decimal(0), Decimal("0.01")])]
            series = head + [Decimal(v) for v in ("95.00", "100.00", "105.00", "100.00", "100.00", "100.00")]
            shift = self.pick([0, 0, 1])
            return (series[shift:] + [Decimal("100.00")] * count)[:count]
        if kind == 3:  # credits and zeros
            return [Decimal(self.pick(["-10.00", "0.00", "0.01", "-0.01", "5.00"])) for _ in range(count)]
        if kind == 4:
            return [Decimal(self.pick(["666.00", "1500.00", "3000.00", "665.99", "2999.99", "3000.01"])) for _ in range(count)]
        if kind == 5:  # ever falling
            return [Decimal(100 + 17 * i) for i in range(count)]
        if kind == 6:
            return [Decimal("200.00") + Decimal(i % 2) for i in range(count)]
        level = self.pick([80, 160, 200, 700, 2000])
        return [round_money(Fraction(level * self.rng.uniform(0.5, 1.6))) for _ in range(count)]

    def _new_fee_series(self, count: int) -> list[Decimal | None]:
        kind = self.rng.randrange(5)
        if kind == 0:  # a drop of exactly 0.2 over two months, and month on month
            values = [Decimal("40.00"), Decimal("40.00"), Decimal("50.00"), Decimal("50.00")]
            values[0] += self.pick([Decimal(0), Decimal("0.01")])
            return (values + [Decimal("62.50")] * count)[:count]
        if kind == 1:
            return [None] * count
        if kind == 2:
            return [Decimal(self.pick(["0.00", "-5.00", "5.00", "-10.00"])) for _ in range(count)]
        return [self.pick([None, Decimal(self.rng.randrange(0, 60))]) for _ in range(count)]

    def _usage(self, sid: str, activated: date) -> None:
        """Weekly totals that step by exact factors, spread over the week's days."""
        kind = self.rng.random()
        if kind < 0.06:
            return
        seconds, fee_cents, peer_days = self.pick([600, 6000, 6000]), self.pick([0, 1000, 2000]), self.pick([2, 10, 10])
        factors = [1, 1, 1, 1, 1, 1.5, 0.7, 0.5, 0.2, 0.701, 0.699, 0.499, 0.199, 0, 0.3]
        # A run may look at a past date: later usage must not leak into it.
        monday = self.as_of - timedelta(days=6) + timedelta(days=7 * self.later_weeks)
        if self.chance(0.25):
            monday -= timedelta(days=self.rng.randrange(7))
        share = self.pick([1.0, 1.0, 0.8, 0.4])
        noisy = self.chance(0.25)
        while monday + timedelta(days=6) >= self.first_day:
            week = [d for d in days(monday, monday + timedelta(days=6)) if d >= self.first_day and d >= activated - ONE_DAY]
            monday -= timedelta(days=7)
            if not week or not self.chance(share):
                continue
            factor = self.pick(factors) if self.chance(0.4) else 1
            total = round(seconds * factor) if not noisy else self.rng.randrange(4000)
            active = sorted(self.rng.sample(week, min(len(week), self.pick([1, 3, 4, 5, 7]))))
            self._voice(sid, active, total, round(peer_days * (self.pick(factors) if self.chance(0.3) else 1)))
            cents = round(fee_cents * (self.pick(factors) if self.chance(0.4) else 1))
            self._fees(sid, active, cents if not noisy else self.rng.randrange(3000))

    def _voice(self, sid: str, active: list[date], total: int, peer_days: int) -> None:
        calls = max(peer_days, 1 if total else 0)
        for i in range(calls):
            part = total // calls + (total % calls if i == 0 else 0)
            day = active[i % len(active)]
            peer = f"1370000{i // len(active):04d}"
            roll = self.rng.random()
            if roll < 0.1:
                peer = f"+86{peer}"
            elif roll < 0.13:
                peer = self.pick([None, "", "+86"])
            self._call(sid, day, self.pick(["mo", "mo", "mt"]), peer, part)
            if self.chance(0.05):  # the same peer again, perhaps in the other spelling
                self._call(sid, day, "mt", self.pick([peer, f"1370000{i // len(active):04d}"]), 0)

    def _call(self, sid: str, day: date, kind: str, peer: str | None, seconds: int, operator: str | None = None) -> None:
        self.add(
            "voice_cdrs",
            cdr_id=self.next_id("V"),
            subscriber_id=sid,
            started_at=self.at(day),
            call_type=kind,
            peer_number=peer,
            peer_operator=operator or self.pick(OPERATORS.split()),
            duration_s=seconds,
            fee=Decimal("0.00"),
        )

    def _fees(self, sid: str, active: list[date], cents: int) -> None:
        parts = [cents // 3, cents // 3, cents - 2 * (cents // 3)]
        day = self.pick(active)
        self.add(
            "voice_cdrs",
            cdr_id=self.next_id("V"),
            subscriber_id=sid,
            started_at=self.at(day),
            call_type=self.pick(["mo", "mt", "fwd"]),
            peer_number=None,
            peer_operator="own",
            duration_s=0,
            fee=Decimal(parts[0]).scaleb(-2),
        )
        self.add(
            "sms_cdrs",
            cdr_id=self.next_id("M"),
            subscriber_id=sid,
            sent_at=self.at(self.pick(active)),
            direction=self.pick(["mo", "mt"]),
            peer_number=self.pick([None, "10086", ""]),
            peer_operator=self.pick(OPERATORS.split()),
            fee=Decimal(parts[1]).scaleb(-2),
        )
        self.add(
            "data_cdrs",
            cdr_id=self.next_id("D"),
            subscriber_id=sid,
            started_at=self.at(self.pick(active)),
            bytes_total=self.pick([0, 2**20, 2621440, 2621439, 10 * 2**20, 10 * 2**20 - 1, 5_000_000_000]),
            fee=Decimal(parts[2]).scaleb(-2),
        )

    def _rare_calls(self, sid: str, activated: date) -> None:
        earliest = max(activated - ONE_DAY, self.first_day)
        if self.chance(0.5):
            for _ in range(self.pick([1, 2, 3, 4, 6, 12])):
                day = max(earliest, self.near(0, -1, -2, -3, -6, -7, -27, -28, -90, -91, 1))
                self._call(
                    sid,
                    day,
                    "fwd",
                    self.pick([None, "13700000000", "10010"]),
                    30,
                    self.pick(["unicom", "telecom", "broadcast", "own", "fixed"]),
                )
        if self.chance(0.5):
            numbers = self.pick([HOTLINES, HOTLINES, HOTLINES[:2], HOTLINES[2:5]])
            for _ in range(self.pick([1, 2, 3, 6, 9])):
                day = max(earliest, self.near(0, -1, -6, -7, -60, -181, -182, 1))
                self._call(sid, day, self.pick(["mo", "mo", "mo", "mt", "fwd"]), self.pick(numbers), 60)

    def _arrears(self, sid: str) -> None:
        if self.chance(0.4):
            return
        for day in sorted({self.near(0, 1, -1, -61, -62, -63, -30, -7) for _ in range(self.pick([1, 2, 4]))}):
            self.add(
                "arrears_snapshots",
                subscriber_id=sid,
                snapshot_on=day,
                arrears_amount=Decimal(self.pick(["0.00", "0.01", "12.34", "-1.00", "200.00"])),
                arrears_months=self.pick([0, 1, 2, 5]),
            )

    def _complaints(self, sid: str, activated: date) -> None:
        if self.chance(0.45):
            return
        for _ in range(self.pick([1, 1, 2, 3, 5])):
            day = max(activated - ONE_DAY, self.near(0, 1, -3, -6, -7, -27, -28, -90, -91, -181, -182))
            opened = self.at(day)
            midnight = datetime.combine(self.day() + ONE_DAY, time(0))
            due = self.pick([midnight, midnight - timedelta(microseconds=1), opened + timedelta(days=2), opened])
            answered = self.pick([None, None, midnight, midnight - timedelta(microseconds=1), opened, opened + timedelta(days=3)])
            if answered is not None and answered < opened:
                answered = opened
            self.add(
                "complaints",
                complaint_id=self.next_id("CP"),
                subscriber_id=sid,
                opened_at=opened,
                severity=self.pick(["normal", "normal", "severe"]),
                fault_level=self.rng.randrange(6),
                due_at=due,
                answered_at=answered,
            )

    def _contracts(self, sid: str) -> None:
        if self.chance(0.5):  # held for long, whatever else there is
            self.add(
                "contracts",
                contract_id=self.next_id("CT"),
                subscriber_id=sid,
                starts_on=date(2025, 1, 1),
                ends_on=self.as_of + timedelta(days=900),
                contract_type="fee_amortisation",
            )
        if self.chance(0.4):
            return
        for _ in range(self.pick([1, 1, 2, 3])):
            day = self.day()
            third = month_end(add_months(month_of(day), 3))
            ends = self.pick(
                [day, day - ONE_DAY, third, third + ONE_DAY, third - ONE_DAY]
                + [day + timedelta(days=n) for n in (1, 29, 30, 31, 89, 90, 364, 365, 700)]
            )
            starts = min(ends, self.pick([day - timedelta(days=400), day, day + ONE_DAY, day - timedelta(days=1)]))
            self.add(
                "contracts",
                contract_id=self.next_id("CT"),
                subscriber_id=sid,
                starts_on=starts,
                ends_on=ends,
                contract_type=self.pick(["fee_amortisation", "fee_amortisation", "handset_lease", "business"]),
            )

    def _services(self, sid: str) -> None:
        if self.chance(0.15):
            return
        used: set[tuple] = set()
        for _ in range(self.pick([1, 3, 6, 10])):
            code = self.pick(SERVICES if self.chance(0.6) else ["mobile_data", *[s for s in SERVICES if "bundle" in s]])
            started = self.near(0, 1, -1, -7, -30, -60, -90, -181, -182, -400)
            if (code, started) in used:
                continue
            used.add((code, started))
            month_ends = [month_end(add_months(month_of(self.as_of), -i)) for i in range(1, 5)]
            ended = self.pick([None, None, None, started, self.near(0, 1, -1, 40), *month_ends, month_ends[0] + ONE_DAY])
            if ended is not None and ended < started:
                ended = started
            self.add("service_subscriptions", subscriber_id=sid, service_code=code, started_on=started, ended_on=ended)

    def _devices(self, sid: str) -> None:
        for day in sorted({self.near(0, 1, -1, -100, -500) for _ in range(self.pick([0, 1, 1, 2, 3]))}):
            self.add("devices", subscriber_id=sid, device_model_code=self.pick(MODELS), first_seen_on=day)

    def _contacts(self, sid: str, activated: date) -> None:
        for _ in range(self.pick([0, 0, 1, 2, 3, 4, 5])):
            self.add(
                "service_contacts",
                contact_id=self.next_id("SC"),
                subscriber_id=sid,
                contacted_at=self.at(max(activated - ONE_DAY, self.near(0, 1, -30, -181, -182, -7))),
                channel=self.pick(["visit", "phone", "counter", "sms"]),
                purpose=self.pick(["care", "care", "retention"]),
                outcome_code=self.pick([None, "reached", "not_reached", "accepted", "declined"]),
                churn_reason_code=self.pick([None, "price", "quality", "social", "convenience"]),
                manager_id=self.pick([None, "MG1", "MG99"]),
            )

    def _memberships(self, sid: str, number: int) -> None:
        # The first group has about ten members, the second about a hundred if there are so many.
        wanted: list[str] = []
        if number % 6 == 1 or number < 3:
            wanted.append(self.groups[0])
        if self.count > 100 and number < 103:
            wanted.append(self.groups[1])
        if self.chance(0.4):
            wanted += self.rng.sample([*self.groups[2:], "G_unknown"], self.pick([1, 1, 2, 3]))
        shared = self.near(-50, -20)  # joined on the same day: the group id decides
        for group in wanted:
            joined = self.pick([shared, self.near(-200, -7, -1, 0, 1)])
            left = self.pick([None, None, None, None, joined, self.near(-1, 0, 1, 9)])
            if left is not None and left < joined:
                left = joined
            role = self.pick(["member", "member", "key_person"])
            self.add("group_members", group_id=group, subscriber_id=sid, member_role=role, joined_on=joined, left_on=left)
            if self.chance(0.1):
                again = joined + timedelta(days=1)
                self.add("group_members", group_id=group, subscriber_id=sid, member_role="key_person", joined_on=again)

    # ------------------------------------------------ several versions and broken rows

    def _breakage(self) -> None:
        for name, table in CONTRACT.items():
            rows = self.tables[name]
            if not rows:
                continue
            original = list(rows)
            few = max(2, min(25, len(original) // 4))
            for row in self.rng.sample(original, min(len(original), few)):
                self._versions(table, row)
            breaks = self._breaks(table)
            for rule in breaks:
                for _ in range(self.pick([0, 1, 1, 2])):
                    self._broken(table, self.pick(original), [rule])
            if len(breaks) > 1:
                self._broken(table, self.pick(original), self.rng.sample(breaks, 2))
        # Masters whose only row is broken take everything that refers to them along.
        for name in ("customers", "subscribers"):
            for row in self.rng.sample(self.tables[name], self.pick([0, 1, 2])):
                row["updated_at"] = None

    def _versions(self, table: Table, row: Row) -> None:
        kind = self.pick(["same", "same", "older", "newer", "equal", "broken_newer"])
        copy = dict(row)
        if kind != "same":
            chosen = self.rng.sample(table.columns, min(len(table.columns), self.pick([1, 2, 3, 5])))
            if table.has("peer_number") and self.chance(0.4):
                # Only the number differs: the version is chosen by the number as delivered, not by its hash.
                chosen = [c for c in table.columns if c.name == "peer_number"]
            for column in chosen:
                if column.name not in table.key and column.name != "updated_at":
                    copy[column.name] = self._other_value(table, column, copy[column.name])
            self._repair(table, copy)
        if "updated_at" in copy and copy["updated_at"] is not None:
            step = {"older": -1, "newer": 1, "broken_newer": 5}.get(kind, 0)
            copy["updated_at"] += timedelta(days=step)
        if kind == "broken_newer":
            rule = self.pick(self._breaks(table))
            self._break(table, copy, rule)
        self.tables[table.name].append(copy)

    def _repair(self, table: Table, row: Row) -> None:
        """Keeps a mutated version free of broken rules, most of the time by accident and here by intent."""
        for end, start in PERIODS.values():
            if table.has(end) and row[end] is not None and row[start] is not None and row[end] < row[start]:
                row[end] = row[start]

    def _other_value(self, table: Table, column: Column, value: Any) -> Any:
        if not column.required and self.chance(0.3):
            return None
        if column.codes == ("STATUS",):
            return self.pick(STATUSES)
        if column.codes is not None:
            code = self.pick(column.codes)
            return int(code) if column.type == "int" else code
        if column.type == "money":
            return abs(value or Decimal(0)) + self.pick([Decimal("0.01"), Decimal("10.00")])
        if column.type == "int":
            return (value or 0) + self.pick([1, 60])
        if column.type == "bool":
            return not value
        if column.type == "date":
            return (value or date(2026, 1, 1)) + timedelta(days=self.pick([-1, 1, 3]))
        if column.type == "timestamp":
            return (value or datetime(2026, 1, 1)) + timedelta(days=self.pick([0, 1]), seconds=1)
        pools = {
            "plan_code": PLANS,
            "from_plan_code": PLANS,
            "to_plan_code": PLANS,
            "branch_code": list(BRANCH_CITY),
            "city_code": ["C01", "C02", "C03"],
            "manager_id": MANAGERS,
            "device_model_code": MODELS,
            "industry_code": INDUSTRIES,
            "peer_number": ["10086", "+8610086", "10010", "13700000000", "+8613700000001"],
        }
        if column.name in pools:
            return self.pick(pools[column.name])
        if column.name in ("customer_id", "subscriber_id"):
            other = self.pick(self.tables["customers" if column.name == "customer_id" else "subscribers"])
            return other[column.name]
        return f"{value or ''}x"

    def _breaks(self, table: Table) -> list[str]:
        rules = ["null_required"]
        if any(c.codes for c in table.columns):
            rules.append("code_outside_list")
        if any(c.not_negative for c in table.columns):
            rules.append("negative_value")
        if table.name == "bills" or table.name in PERIODS:
            rules.append("ends_before_starts")
        if table.has("subscriber_id") and table.name != "subscribers":
            rules.append("unknown_subscriber")
        if table.has("customer_id") and table.name != "customers":
            rules.append("unknown_customer")
        if table.name in EVENT_TIME:
            rules.append("event_before_activation")
        if self.layouts[table.name].startswith("csv") and any(c.type != "text" for c in table.columns):
            rules.append("not_castable")
        return rules

    def _broken(self, table: Table, row: Row, rules: list[str]) -> None:
        copy = dict(row)
        # Sometimes another key, sometimes a broken version of a good row.
        if len(table.key) == 1 and self.chance(0.6) and copy[table.key[0]] is not None:
            copy[table.key[0]] = f"{copy[table.key[0]]}_{self.next_id('x')}"
        for rule in rules:
            self._break(table, copy, rule)
        self.tables[table.name].append(copy)
        if self.chance(0.2):
            self.tables[table.name].append(dict(copy))

    def _break(self, table: Table, row: Row, rule: str) -> None:
        if rule == "null_required":
            row[self.pick([c.name for c in table.columns if c.required])] = None
        elif rule == "code_outside_list":
            column = self.pick([c for c in table.columns if c.codes])
            row[column.name] = self.pick([6, -1]) if column.type == "int" else self.pick(["no_such_code", "Own", " mo", "none"])
            if column.type == "text" and not self.layouts[table.name].startswith("csv") and self.chance(0.3):
                row[column.name] = ""
        elif rule == "negative_value":
            column = self.pick([c for c in table.columns if c.not_negative])
            row[column.name] = -1 if column.type == "int" else Decimal("-0.01")
        elif rule == "ends_before_starts":
            if table.name == "bills":
                if isinstance(row["bill_month"], date):
                    row["bill_month"] = row["bill_month"] + ONE_DAY
            else:
                end, start = PERIODS[table.name]
                step = timedelta(microseconds=1) if table.name == "complaints" else ONE_DAY
                if isinstance(row[start], (date, datetime)):
                    row[end] = row[start] - step
        elif rule == "unknown_subscriber":
            row["subscriber_id"] = self.pick(["S_nobody", "", "s00001"])
        elif rule == "unknown_customer":
            row["customer_id"] = self.pick(["K_nobody", "k00001"])
        elif rule == "event_before_activation":
            at = EVENT_TIME[table.name]
            if row["subscriber_id"] in self.activated:
                day = self.activated[row["subscriber_id"]] - timedelta(days=self.pick([2, 2, 30]))
                row[at] = datetime.combine(day, time(23, 59, 59, 999999))
                if table.name == "complaints" and isinstance(row["answered_at"], datetime):
                    row["answered_at"] = max(row["answered_at"], row[at])
        elif rule == "not_castable":
            column = self.pick([c for c in table.columns if c.type != "text"])
            row[column.name] = Bad(self.pick(BAD_TEXTS[column.type]))

    def _no_column_without_value(self) -> None:
        """A column none of whose values can be cast stops a run: leaves no column with bad values only."""
        for name, table in CONTRACT.items():
            for column in table.columns:
                values = [r[column.name] for r in self.tables[name] if r[column.name] is not None]
                if any(isinstance(v, Bad) for v in values) and all(isinstance(v, Bad) for v in values):
                    self.tables[name] = [r for r in self.tables[name] if not isinstance(r[column.name], Bad)]


# ---------------------------------------------------------------- writing tables


def _write_table(
    rng: random.Random, raw_dir: Path, table: Table, rows: list[Row], layout: str, column_named_folders: bool
) -> None:
    rows = list(rows)
    rng.shuffle(rows)
    kind = "csv" if layout.startswith("csv") else "parquet"
    if "_" not in layout:
        files = {raw_dir / f"{table.name}.{kind}": rows}
    else:
        count = min(len(rows), rng.choice([1, 2, 4]))
        parts = [rows[i::count] for i in range(count)]
        if rng.random() < 0.2:
            parts.append([])  # a file without rows
        folder, files = raw_dir / table.name, {}
        # A folder may be named like a column that the files hold themselves; their own values count.
        named = rng.choice([None, None, None, rng.choice(table.columns).name]) if column_named_folders else None
        for i, part in enumerate(parts):
            below = folder
            if layout.endswith("nested"):
                plain = rng.choice([f"day=2026-01-{i + 1:02d}", f"2026/{i + 1:02d}", "part one"])
                below = folder / (f"{named}={i + 1}" if named else plain)
            files[below / f"part-{i}.{kind}"] = part
    names = [c.name for c in table.columns]
    if rng.random() < 0.4:
        rng.shuffle(names)
    extra = rng.choice([None, None, *EXTRA_COLUMNS])
    small_types = rng.random() < 0.25
    for path, part in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = [*names, extra] if extra else names
        if kind == "csv":
            _write_csv(rng, path, columns, part)
        else:
            _write_parquet(path, table, columns, part, small_types)


def _csv_text(value: Any, true: str, separator: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return true if value else true.replace("true", "false").replace("True", "False").replace("TRUE", "FALSE")
    if isinstance(value, datetime):
        return value.isoformat(separator)
    return str(value)


def _write_csv(rng: random.Random, path: Path, columns: list[str], rows: list[Row]) -> None:
    true, separator = rng.choice(["true", "True", "TRUE"]), rng.choice([" ", "T"])
    with open(path, "w", newline="", encoding=rng.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig"])) as handle:
        quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        writer = csv.writer(handle, quoting=quoting, lineterminator=rng.choice(["\n", "\r\n"]))
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_csv_text(row.get(c, "extra"), true, separator) for c in columns])


_PARQUET_TYPES = {
    "text": "varchar",
    "date": "date",
    "timestamp": "timestamp",
    "money": "decimal(18,2)",
    "int": "bigint",
    "bool": "boolean",
}


def _write_parquet(path: Path, table: Table, columns: list[str], rows: list[Row], small_types: bool) -> None:
    """Writes typed Parquet by way of a CSV in which ``\\N`` alone is null, so that empty texts stay texts."""
    types = {c.name: _PARQUET_TYPES[c.type] for c in table.columns}
    if small_types:  # types that can be cast to the contract's without loss
        other = {"decimal(18,2)": "double", "bigint": "integer", "date": "timestamp", "timestamp": "timestamp_ns"}
        types = {n: t if n == "bytes_total" else other.get(t, t) for n, t in types.items()}
    scratch = path.with_suffix(".tmp")
    with open(scratch, "w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            cells = [row.get(c, "extra") for c in columns]
            writer.writerow(["\\N" if v is None else _csv_text(v, "true", " ") for v in cells])
    spec = ", ".join(f"'{c}': '{types.get(c, 'varchar')}'" for c in columns)
    connection = duckdb.connect()
    if rows:
        source = (
            f"read_csv('{scratch}', columns = {{{spec}}}, header = false, nullstr = '\\N', delim = ',', quote = '\"', "
            "escape = '\"', auto_detect = false, new_line = '\\n', allow_quoted_nulls = true, hive_partitioning = false)"
        )
    else:
        source = "(select {} where false)".format(", ".join(f'null::{types.get(c, "varchar")} as "{c}"' for c in columns))
    connection.execute(f"copy (select * from {source}) to '{path}' (format parquet)")
    connection.close()
    scratch.unlink()


# ---------------------------------------------------------------- seed variants


def write_random_seeds(seeds_dir: str | Path, out_dir: str | Path, seed: int, feed_expectations: Path | None = None) -> Path:
    """Copies the seeds of a project to ``out_dir`` and varies scorecard bands, families and thresholds.

    The variants keep every rule that the seeds are checked for: no overlaps, no gaps in time, no negative points in a max
    family. ``feed_expectations`` replaces the file of that name. Returns ``out_dir``.
    """
    out_dir = Path(out_dir)
    if out_dir.exists():
        shutil.rmtree(out_dir)
    shutil.copytree(seeds_dir, out_dir)
    rng = random.Random(seed * 7919 + 1)
    files = {p.stem: p for p in out_dir.rglob("*.csv")}
    if feed_expectations is not None:
        shutil.copy(feed_expectations, files["feed_expectations"])
    if rng.random() < 0.8:
        _vary_scorecards(rng, files)
    if rng.random() < 0.35:
        _vary_numbers(rng, files)
    return out_dir


def _edit(path: Path, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    with open(path, newline="", encoding="utf-8-sig") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or []), list(reader)
    rows = change(rows)
    with open(path, "w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _vary_scorecards(rng: random.Random, files: dict[str, Path]) -> None:
    max_families: set[tuple[str, str]] = set()

    def families(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        for row in rows:
            if rng.random() < 0.3:
                row["family_rule"] = rng.choice(["max", "sum"])
            if row["family_rule"] == "max":
                max_families.add((row["scorecard_code"], row["family_code"]))
        return rows

    _edit(files["indicator_families"], families)
    with open(files["scorecard_indicators"], newline="", encoding="utf-8-sig") as handle:
        members = list(csv.DictReader(handle))
    is_max = {
        (m["scorecard_code"], m["indicator_code"]): (m["scorecard_code"], m["family_code"]) in max_families for m in members
    }

    def bands(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        by_indicator: dict[tuple[str, str], list[dict[str, str]]] = {}
        for row in rows:
            by_indicator.setdefault((row["scorecard_code"], row["indicator_code"]), []).append(row)
        result: list[dict[str, str]] = []
        for (scorecard, indicator), base in sorted(by_indicator.items()):
            only_base = all(r["scope_type"] == "base" and not r["valid_to"] for r in base)
            if only_base and rng.random() < 0.25:
                # New weights from some day on, perhaps a Monday inside the history.
                changed = date(2025, 11, 3) + timedelta(days=rng.randrange(250))
                for row in base:
                    row["valid_to"] = (changed - ONE_DAY).isoformat()
                base = base + _band_set(rng, scorecard, indicator, "base", "*", changed, None, is_max[scorecard, indicator])
            elif only_base and rng.random() < 0.25 and not any(as_bool(r["match_missing"]) for r in base):
                base = base + [_missing_row(rng, base[0], is_max[scorecard, indicator])]
            result += base
            for scope_type, codes in (("branch", [*BRANCH_CITY]), ("city", ["C01", "C02", "C03"])):
                for code in codes:
                    if rng.random() < 0.12:
                        result += _periods(rng, scorecard, indicator, scope_type, code, is_max[scorecard, indicator])
        return result

    _edit(files["scorecard_bands"], bands)


def _missing_row(rng: random.Random, like: dict[str, str], is_max: bool) -> dict[str, str]:
    low = 0 if is_max else -2
    return {
        **like,
        "lower_bound": "",
        "upper_bound": "",
        "match_missing": "true",
        "points": str(rng.randint(low, 4)),
        "source": "default",
        "note": "random case",
    }


def _periods(
    rng: random.Random, scorecard: str, indicator: str, scope_type: str, code: str, is_max: bool
) -> list[dict[str, str]]:
    """One to three periods without a gap between them."""
    start = rng.choice([date(2020, 1, 1), date(2025, 11, 3) + timedelta(days=rng.randrange(250))])
    rows: list[dict[str, str]] = []
    count = rng.choice([1, 1, 2, 3])
    for i in range(count):
        end = start + timedelta(days=rng.choice([0, 6, 20, 60])) if i < count - 1 or rng.random() < 0.3 else None
        rows += _band_set(rng, scorecard, indicator, scope_type, code, start, end, is_max)
        if end is None:
            break
        start = end + ONE_DAY
    return rows


def _band_set(
    rng: random.Random, scorecard: str, indicator: str, scope_type: str, code: str, start: date, end: date | None, is_max: bool
) -> list[dict[str, str]]:
    if "drop" in indicator or "ratio" in indicator:
        pool = ["-0.5", "0", "0.2", "0.3", "0.5", "0.8", "0.9", "1", "0.333333"]
    elif indicator == "arrears_amount":
        pool = ["0.01", "12.34", "12.35", "100"]
    elif indicator in ("tenure_days", "contract_days_left"):
        pool = ["1", "30", "90", "365", "730", "1825"]
    else:
        pool = ["0", "1", "2", "3", "4", "5", "6"]
    cuts = sorted(rng.sample(pool, rng.choice([1, 2, 3])), key=float)
    edges = [("" if rng.random() < 0.3 else None), *cuts, ("" if rng.random() < 0.7 else None)]
    low = 0 if is_max else -2
    common = {
        "scorecard_code": scorecard,
        "scope_type": scope_type,
        "scope_code": code,
        "indicator_code": indicator,
        "match_missing": "false",
        "valid_from": start.isoformat(),
        "valid_to": end.isoformat() if end else "",
        "source": "default",
        "note": "random case",
    }
    rows = []
    for lower, upper in zip(edges, edges[1:], strict=False):
        if lower is None or upper is None:
            continue
        if rng.random() < 0.8:
            rows.append({**common, "lower_bound": lower, "upper_bound": upper, "points": str(rng.randint(low, 5))})
    if rng.random() < 0.25 or not rows:
        rows.append(_missing_row(rng, common, is_max))
    return rows


def _vary_numbers(rng: random.Random, files: dict[str, Path]) -> None:
    """Other parameters and thresholds: none of them may be a literal in a model."""
    parameters = {
        "billing_lag_days": [0, 3, 5, 10],
        "commitment_horizon_months": [1, 3, 6],
        "expiry_horizon_days": [30, 90],
        "arrears_max_age_days": [62, 30],
        "overdue_window_days": [182, 28],
        "top_taxpayer_class": ["A", "B"],
    }

    def vary(key: str, column: str, choices: dict[str, list]) -> Callable:
        def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
            for row in rows:
                if row[key] in choices:
                    row[column] = str(rng.choice(choices[row[key]]))
            return rows

        return change

    _edit(files["parameters"], vary("parameter_code", "value", parameters))
    _edit(files["value_tiers"], vary("tier_code", "min_arpu", {"mid": ["150", "100", "149.995"], "silver": ["666", "665.99"]}))
    _edit(files["group_classes"], vary("class_code", "min_members", {"C": [10, 5, 3], "B": [100, 20]}))
    _edit(files["scorecards"], vary("scorecard_code", "alert_threshold", {"churn_traceback": [10, 7, 12]}))
    _edit(
        files["warning_conditions"],
        vary("condition_code", "threshold", {"plunge": ["0.5", "0.3"], "forwarding": [2, 1], "competitor_contact": [2, 1]}),
    )
    _edit(
        files["loss_rules"],
        vary("rule_code", "threshold", {"fee": ["0.9", "1"], "bundles": ["0.15", "0.5"], "calls": ["0.8", "1"]}),
    )
    _edit(files["loss_rules"], vary("rule_code", "declining_months", {"minutes": [1, 2], "calls": [1, 3]}))
    _edit(files["loss_rules"], vary("rule_code", "declining_measure", {"minutes": ["fee", "minutes"], "calls": ["fee", "calls"]}))
    _edit(files["alert_policy"], vary("signal_value", "alert_level", {"potential": ["yellow", "blue", "red"]}))
