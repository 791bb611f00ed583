"""The rules of the project, from a raw folder and the seeds to the rows of the marts.

Names follow the specification: ``D`` is the as-of date of an observation, ``W`` the seven days up to it, ``M1`` the last
billing month that is due at ``D``. Money is Decimal; drops, ratios and means are floats rounded to six decimals.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from .raw import CONTRACT, RawData, Row, read_raw
from .seeds import Seeds, as_bool, as_date, as_decimal, as_int

ONE_DAY = timedelta(days=1)
Value = Any  # int, float, Decimal or None
Marts = dict[str, list[Row]]

# Indicators that are null where one of these feeds is declared absent; the rest need only what is always required.
NEEDS = {
    "suspended_days_7d": ("subscriber_status_events",),
    "closing_status": ("subscriber_status_events",),
    "arrears_suspensions_182d": ("subscriber_status_events",),
    "idle_days_7d": ("sms_cdrs", "data_cdrs"),
    "fee_drop_4w": ("sms_cdrs", "data_cdrs"),
    "arrears_amount": ("arrears_snapshots",),
    "arrears_months": ("arrears_snapshots",),
    "handset_risk": ("devices", "device_models"),
    "complaints_28d": ("complaints",),
    "complaints_91d": ("complaints",),
    "complaints_7d": ("complaints",),
    "severe_complaints_7d": ("complaints",),
    "severe_complaints_28d": ("complaints",),
    "overdue_complaints": ("complaints",),
    "max_fault_level_91d": ("complaints",),
    "care_contacts_182d": ("service_contacts",),
    "new_services_182d": ("service_subscriptions",),
    "new_service_fee_drop_2m": ("bills",),
    "fee_ratio_3m_6m": ("bills",),
    "contract_days_left": ("contracts",),
    "amortisation_days_left": ("contracts",),
    "expiring_contracts_30d": ("contracts",),
    "group_member": ("group_members", "enterprise_groups"),
}


# ---------------------------------------------------------------- numbers and dates


def round_half_away(value: Fraction, decimals: int) -> Fraction:
    """Rounds an exact value to some decimals, half away from zero."""
    scaled = abs(value) * 10**decimals
    whole = int(scaled)
    if scaled - whole >= Fraction(1, 2):
        whole += 1
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def round6(value: Fraction) -> float:
    """Rounds to six decimals, half away from zero.

    The rules compute in double; exact arithmetic gives what every order of operations there should give after rounding.
    """
    return float(round_half_away(value, 6))


def mean(values: list) -> Fraction:
    """The exact mean of one value or more."""
    return Fraction(sum(values)) / len(values)


def drop(now: Any, before: Any) -> float | None:
    """``1 - now / before`` rounded to six decimals; None where before is None or 0."""
    if now is None or before is None or before == 0:
        return None
    return round6(1 - Fraction(now) / Fraction(before))


def round_money(value: Fraction) -> Decimal:
    """Rounds an exact value to cents, half away from zero."""
    return Decimal(int(round_half_away(value, 2) * 100)).scaleb(-2)


def month_of(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def add_months(month: date, count: int) -> date:
    """The first day of the month that lies ``count`` months after that of ``month``."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def month_end(month: date) -> date:
    """The last day of the month."""
    return add_months(month, 1) - ONE_DAY


def days(first: date, last: date) -> list[date]:
    """All days from first to last, both included."""
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def strip_86(number: str | None) -> str | None:
    """A phone number without a leading +86."""
    return number[3:] if number is not None and number.startswith("+86") else number


# ---------------------------------------------------------------- what is known about a subscriber


@dataclass
class DayUsage:
    """The CDRs of one subscriber on one day."""

    seconds: int = 0  # voice mo + mt
    calls: int = 0  # voice mo + mt
    peers: set = field(default_factory=set)  # distinct known voice peers, mo + mt
    fee: Decimal = Decimal(0)  # all CDRs
    is_active: bool = False  # a voice mo, an sms mo or a data row
    forwards: int = 0  # forwarded to a competitor's network
    own_hotline: int = 0  # calls made
    competitor_hotline: int = 0  # calls made or received
    data_bytes: int = 0


NO_USAGE = DayUsage()


class Subscriber:
    """A subscriber's accepted rows, arranged for questions at a date."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.id: str = row["subscriber_id"]
        self.activated: date = row["activated_on"]
        self.usage: dict[date, DayUsage] = defaultdict(DayUsage)
        self.events: list[Row] = []
        self.plan_changes: list[Row] = []
        self.bills: dict[date, Row] = {}
        self.arrears: list[Row] = []
        self.complaints: list[Row] = []
        self.contracts: list[Row] = []
        self.services: list[Row] = []
        self.devices: list[Row] = []
        self.contacts: list[Row] = []
        self.memberships: list[Row] = []

    def use(self, day: date) -> DayUsage:
        """Usage of a day, empty if there was none."""
        return self.usage.get(day, NO_USAGE)

    def arrange(self) -> None:
        """Sorts what has an order; call once, after the rows are in."""
        self.events.sort(key=lambda r: r["changed_at"])
        self.plan_changes.sort(key=lambda r: r["changed_at"])
        self._event_times = [r["changed_at"] for r in self.events]

    def status_at(self, day: date) -> str | None:
        """The status code at the end of a day; None before activation."""
        if day < self.activated:
            return None
        count = bisect_right(self._event_times, _last_moment(day))
        return self.events[count - 1]["status_code"] if count else "active"

    def entries(self) -> list[tuple[date, str, str | None]]:
        """Status events that changed the status: date, new code, previous code (None before activation)."""
        result = []
        for i, event in enumerate(self.events):
            day = event["changed_at"].date()
            first = "active" if day >= self.activated else None
            previous = self.events[i - 1]["status_code"] if i else first
            if previous != event["status_code"]:
                result.append((day, event["status_code"], previous))
        return result

    def present_bill(self, month: date, known_on: date) -> Row | None:
        """The bill of a month if it had been issued by then."""
        bill = self.bills.get(month)
        return bill if bill is not None and bill["issued_on"] <= known_on else None


def _last_moment(day: date) -> datetime:
    return datetime.combine(day, time.max)


def _in(day: date, last: date, count: int) -> bool:
    """Whether a day lies in the ``count`` days that end on ``last``."""
    return last - timedelta(days=count) < day <= last


class World:
    """Everything accepted, with nulls put in for references that their table does not know."""

    def __init__(self, data: RawData, seeds: Seeds) -> None:
        self.data, self.seeds, self.provided = data, seeds, data.provided
        accepted = data.accepted
        self.customers = {r["customer_id"]: r for r in accepted["customers"]}
        self.branch_city = {r["branch_code"]: r["city_code"] for r in accepted["branches"]}
        self.managers = {r["manager_id"] for r in accepted["managers"]}
        self.plan_fee = {r["plan_code"]: r["monthly_fee"] for r in accepted["plans"]}
        self.models = {r["device_model_code"]: r for r in accepted["device_models"]}
        self.groups = {r["group_id"]: r for r in accepted["enterprise_groups"]}
        self.subscribers = {r["subscriber_id"]: Subscriber(r) for r in accepted["subscribers"]}
        self._read_usage()
        lists = {
            "subscriber_status_events": "events",
            "plan_changes": "plan_changes",
            "arrears_snapshots": "arrears",
            "complaints": "complaints",
            "contracts": "contracts",
            "service_subscriptions": "services",
            "devices": "devices",
            "service_contacts": "contacts",
        }
        for table, attribute in lists.items():
            for row in accepted[table]:
                getattr(self.subscribers[row["subscriber_id"]], attribute).append(row)
        for row in accepted["bills"]:
            self.subscribers[row["subscriber_id"]].bills[row["bill_month"]] = row
        for row in accepted["group_members"]:
            # A membership of an unknown group is no membership. Without the table of groups their ids stay as delivered.
            if row["group_id"] in self.groups or "enterprise_groups" not in self.provided:
                self.subscribers[row["subscriber_id"]].memberships.append(row)
        for subscriber in self.subscribers.values():
            subscriber.arrange()
        self._group_class_cache: dict[date, dict[str, str]] = {}

    def _read_usage(self) -> None:
        first: list[date] = []
        seeds = self.seeds
        for row in self.data.accepted["voice_cdrs"]:
            day = row["started_at"].date()
            first.append(day)
            use = self.subscribers[row["subscriber_id"]].usage[day]
            use.fee += row["fee"]
            kind, peer = row["call_type"], strip_86(row["peer_number"])
            if kind in ("mo", "mt"):
                use.seconds += row["duration_s"]
                use.calls += 1
                if peer is not None:
                    use.peers.add(peer)
                use.competitor_hotline += peer in seeds.competitor_hotlines
            if kind == "mo":
                use.is_active = True
                use.own_hotline += peer in seeds.own_hotlines
            if kind == "fwd":
                use.forwards += row["peer_operator"] in seeds.competitors
        for row in self.data.accepted["sms_cdrs"]:
            day = row["sent_at"].date()
            first.append(day)
            use = self.subscribers[row["subscriber_id"]].usage[day]
            use.fee += row["fee"]
            use.is_active = use.is_active or row["direction"] == "mo"
        for row in self.data.accepted["data_cdrs"]:
            day = row["started_at"].date()
            first.append(day)
            use = self.subscribers[row["subscriber_id"]].usage[day]
            use.fee += row["fee"]
            use.is_active = True
            use.data_bytes += row["bytes_total"]
        self.first_day: date | None = min(first) if first else None

    # ------------------------------------------------ references

    def plan_code(self, code: str | None) -> str | None:
        """A plan code, null if the plans do not know it; as delivered without that table."""
        return code if "plans" not in self.provided or code in self.plan_fee else None

    def branch_code(self, code: str | None) -> str | None:
        """A branch code, null if unknown."""
        return code if code in self.branch_city else None

    def manager_id(self, manager: str | None) -> str | None:
        """A manager, null if unknown; as delivered without that table."""
        return manager if "managers" not in self.provided or manager in self.managers else None

    # ------------------------------------------------ section 1: billing months

    def m1(self, day: date) -> date:
        """The last billing month due at a day."""
        lagged = day - timedelta(days=self.seeds.int_parameter("billing_lag_days"))
        return add_months(month_of(lagged), -1)

    # ------------------------------------------------ section 2 and 3

    def category_at(self, subscriber: Subscriber, day: date) -> str | None:
        """The status category at the end of a day; None before activation."""
        status = subscriber.status_at(day)
        return None if status is None else self.seeds.category[status]

    def plan_at(self, subscriber: Subscriber, day: date) -> str | None:
        """The plan at the end of a day, null if unknown."""
        past = [r for r in subscriber.plan_changes if r["changed_at"].date() <= day]
        later = [r for r in subscriber.plan_changes if r["changed_at"].date() > day]
        if past:
            return self.plan_code(past[-1]["to_plan_code"])
        if later:
            return self.plan_code(later[0]["from_plan_code"])
        return self.plan_code(subscriber.row["plan_code"])

    def arpu_3m(self, subscriber: Subscriber, day: date) -> Decimal | None:
        """Mean bill of M1..M3, else the fee of the plan, else null."""
        m1 = self.m1(day)
        fees = []
        for back in range(3):
            bill = subscriber.present_bill(add_months(m1, -back), day)
            if bill is not None:
                fees.append(bill["total_fee"])
        if fees:
            return round_money(Fraction(sum(fees)) / len(fees))
        return self.plan_fee.get(self.plan_at(subscriber, day))

    def tier(self, arpu: Decimal | None) -> Row:
        """The value tier of an arpu; the lowest if it is null or below every bound."""
        if arpu is not None:
            for tier in self.seeds.tiers:
                bound = as_decimal(tier["min_arpu"])
                if bound is None or arpu >= bound:
                    return tier
        return self.seeds.tiers[-1]

    def active_memberships(self, subscriber: Subscriber, day: date) -> list[Row]:
        """Memberships that run at a day."""
        return [m for m in subscriber.memberships if m["joined_on"] <= day and (m["left_on"] is None or m["left_on"] > day)]

    def group_classes(self, day: date) -> dict[str, str]:
        """The class of every group at a day."""
        if day not in self._group_class_cache:
            members: dict[str, int] = defaultdict(int)
            for s in self.subscribers.values():
                if s.activated > day or self.category_at(s, day) == "left":
                    continue
                for group in {m["group_id"] for m in self.active_memberships(s, day)}:
                    members[group] += 1
            industries = {r["industry_code"]: r["min_class"] for r in self.seeds.rows("industries")}
            classes = {}
            for group_id in {m["group_id"] for s in self.subscribers.values() for m in s.memberships} | set(self.groups):
                group = self.groups.get(group_id)
                reached = [
                    r["class_code"]
                    for r in self.seeds.rows("group_classes")
                    if members[group_id] >= (as_int(r["min_members"]) or 0)
                ]
                if group is not None:
                    reached.append(industries.get(group["industry_code"], ""))
                if group is not None and group["is_top_taxpayer"]:
                    reached.append(self.seeds.parameters["top_taxpayer_class"])
                ranks = self.seeds.class_rank
                classes[group_id] = min((c for c in reached if c in ranks), key=lambda c: ranks[c])
            self._group_class_cache[day] = classes
        return self._group_class_cache[day]


# ---------------------------------------------------------------- section 4: indicators


def indicators(world: World, s: Subscriber, day: date) -> dict[str, Value]:
    """All indicators of a subscriber at ``D``; None where not known."""
    seeds, values = world.seeds, {}
    week = days(day - timedelta(days=6), day)

    def usage(count: int) -> list[DayUsage]:
        return [s.use(d) for d in days(day - timedelta(days=count - 1), day)]

    values["suspended_days_7d"] = sum(world.category_at(s, d) == "suspended" for d in week)
    values["closing_status"] = int(world.category_at(s, day) == "closing")

    # Drops of W against the mean of the counted previous weeks.
    previous: list[list[DayUsage]] = []
    for back in range(1, 5):
        start = week[0] - timedelta(days=7 * back)
        if start >= s.activated and start >= world.first_day:
            previous.append([s.use(d) for d in days(start, start + timedelta(days=6))])

    def drop_4w(measure: Any) -> float | None:
        if len(previous) < 2:
            return None
        return drop(sum(measure(u) for u in usage(7)), mean([sum(measure(u) for u in w) for w in previous]))

    values["minutes_drop_4w"] = drop_4w(lambda u: Fraction(u.seconds, 60))
    values["peer_days_drop_4w"] = drop_4w(lambda u: len(u.peers))
    values["fee_drop_4w"] = drop_4w(lambda u: u.fee)
    values["idle_days_7d"] = sum(d >= s.activated and not s.use(d).is_active for d in week)
    values["forward_days_7d"] = sum(s.use(d).forwards > 0 for d in week)
    values["forwards_28d"] = sum(u.forwards for u in usage(28))
    values["forwards_91d"] = sum(u.forwards for u in usage(91))

    max_age = seeds.int_parameter("arrears_max_age_days")
    snapshots = [r for r in s.arrears if _in(r["snapshot_on"], day, max_age)]
    last = max(snapshots, key=lambda r: r["snapshot_on"], default=None)
    values["arrears_amount"] = last["arrears_amount"] if last else Decimal("0.00")
    values["arrears_months"] = last["arrears_months"] if last else 0
    values["arrears_suspensions_182d"] = sum(code == "suspended_arrears" and _in(on, day, 182) for on, code, _ in s.entries())

    values["handset_risk"] = None
    seen = [r for r in s.devices if r["first_seen_on"] <= day]
    if seen:
        model = world.models.get(max(seen, key=lambda r: r["first_seen_on"])["device_model_code"])
        if model is not None:
            if model["customised_for"] in seeds.competitors:
                values["handset_risk"] = 2
            else:
                values["handset_risk"] = 1 if model["is_dual_sim"] else 0

    def complaints(count: int) -> list[Row]:
        return [r for r in s.complaints if _in(r["opened_at"].date(), day, count)]

    values["complaints_28d"] = len(complaints(28))
    values["complaints_91d"] = len(complaints(91))
    values["complaints_7d"] = len(complaints(7))
    values["severe_complaints_7d"] = sum(r["severity"] == "severe" for r in complaints(7))
    values["severe_complaints_28d"] = sum(r["severity"] == "severe" for r in complaints(28))
    values["overdue_complaints"] = sum(
        r["due_at"].date() <= day and (r["answered_at"] is None or r["answered_at"].date() > day)
        for r in complaints(seeds.int_parameter("overdue_window_days"))
    )
    values["max_fault_level_91d"] = max((r["fault_level"] for r in complaints(91)), default=0)

    values["own_hotline_calls_182d"] = sum(u.own_hotline for u in usage(182))
    values["competitor_hotline_calls_7d"] = sum(u.competitor_hotline for u in usage(7))
    values["competitor_hotline_calls_182d"] = sum(u.competitor_hotline for u in usage(182))
    values["care_contacts_182d"] = sum(r["purpose"] == "care" and _in(r["contacted_at"].date(), day, 182) for r in s.contacts)
    values["new_services_182d"] = len(
        {
            r["service_code"]
            for r in s.services
            if _in(r["started_on"], day, 182)
            and r["service_code"] in seeds.services
            and as_bool(seeds.services[r["service_code"]]["is_new_service"])
        }
    )

    m1 = world.m1(day)
    bills = [s.present_bill(add_months(m1, -back), day) for back in range(6)]
    new_fees = [None if b is None else (b["new_service_fee"] or Decimal(0)) for b in bills[:4]]
    values["new_service_fee_drop_2m"] = None if None in new_fees else drop(new_fees[0] + new_fees[1], new_fees[2] + new_fees[3])
    three = [b["total_fee"] for b in bills[:3] if b is not None]
    six = [b["total_fee"] for b in bills if b is not None]
    values["fee_ratio_3m_6m"] = round6(mean(three) / mean(six)) if three and sum(six) > 0 else None

    running = [c for c in s.contracts if c["starts_on"] <= day <= c["ends_on"]]
    amortised = [c for c in running if c["contract_type"] == "fee_amortisation"]
    values["contract_days_left"] = max(((c["ends_on"] - day).days for c in running), default=0)
    values["amortisation_days_left"] = max(((c["ends_on"] - day).days for c in amortised), default=0)
    horizon = day + timedelta(days=seeds.int_parameter("expiry_horizon_days"))
    values["expiring_contracts_30d"] = sum(
        c["contract_type"] in ("handset_lease", "business") and c["ends_on"] <= horizon for c in running
    )
    values["tenure_days"] = (day - s.activated).days
    values["group_member"] = int(bool(world.active_memberships(s, day)))

    data_bytes = sum(u.data_bytes for u in usage(28))
    on = {r["service_code"] for r in s.services if r["started_on"] <= day and (r["ended_on"] is None or r["ended_on"] > day)}
    for code, service in seeds.services.items():
        if not as_bool(service["is_sticky"]):
            continue
        needed, min_mb = {"service_subscriptions"}, as_decimal(service["min_usage_mb_28d"])
        held = code in on
        if min_mb is not None:
            needed.add("data_cdrs")
            held = held and data_bytes >= min_mb * 2**20
        values[f"sticky_{code}"] = int(held) if needed <= world.provided else None

    for code, tables in NEEDS.items():
        if not set(tables) <= world.provided:
            values[code] = None
    return values


# ---------------------------------------------------------------- sections 5 and 6: points


@dataclass
class Contribution:
    """The points of one indicator in one scorecard."""

    scorecard: str
    family: str
    indicator: str
    value: Value
    lower: Decimal | None
    upper: Decimal | None
    points: int
    is_counted: bool
    scope_type: str
    scope_code: str


def _as_decimal(value: Value) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def contributions(
    seeds: Seeds, values: dict[str, Value], day: date, model_scope: str, branch: str | None, city: str | None
) -> list[Contribution]:
    """All bands hit (points of 0 included), and whether each counted in its family."""
    valid: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for band in seeds.rows("scorecard_bands"):
        until = as_date(band["valid_to"])
        if as_date(band["valid_from"]) <= day and (until is None or until >= day):
            valid[band["scorecard_code"], band["indicator_code"]].append(band)

    scopes = [("base", "*")]
    if model_scope == "local":
        scopes = [("branch", branch), ("city", city), ("base", "*")]
    family_of = {(r["scorecard_code"], r["indicator_code"]): r["family_code"] for r in seeds.rows("scorecard_indicators")}
    rule_of = {(r["scorecard_code"], r["family_code"]): r["family_rule"] for r in seeds.rows("indicator_families")}

    hits: list[Contribution] = []
    for (scorecard, indicator), bands in sorted(valid.items()):
        chosen: list[Row] = []
        for scope_type, scope_code in scopes:
            chosen = [b for b in bands if b["scope_type"] == scope_type and b["scope_code"] == scope_code]
            if chosen:
                break
        value = values[indicator]
        for band in chosen:
            lower, upper = as_decimal(band["lower_bound"]), as_decimal(band["upper_bound"])
            if value is None:
                hit = as_bool(band["match_missing"])
            else:
                number = _as_decimal(value)
                hit = (
                    not as_bool(band["match_missing"])
                    and (lower is None or number >= lower)
                    and (upper is None or number < upper)
                )
            if hit:
                hits.append(
                    Contribution(
                        scorecard,
                        family_of[scorecard, indicator],
                        indicator,
                        value,
                        lower,
                        upper,
                        int(band["points"]),
                        True,
                        band["scope_type"],
                        band["scope_code"],
                    )
                )

    by_family: dict[tuple[str, str], list[Contribution]] = defaultdict(list)
    for hit in hits:
        by_family[hit.scorecard, hit.family].append(hit)
    for family, members in by_family.items():
        if rule_of[family] == "max":
            winner = min(members, key=lambda c: (-c.points, c.indicator))
            for member in members:
                member.is_counted = member is winner
    return hits


# ---------------------------------------------------------------- section 7: levels


def _between(value: int, low: str, high: str) -> bool:
    low_bound, high_bound = as_int(low), as_int(high)
    return (low_bound is None or value >= low_bound) and (high_bound is None or value <= high_bound)


def commitment_risk_level(world: World, s: Subscriber, day: date) -> int | None:
    """1 if no amortisation contract holds the subscriber for long, else 2; None without the feed."""
    if "contracts" not in world.provided:
        return None
    months = world.seeds.int_parameter("commitment_horizon_months")
    horizon = month_end(add_months(month_of(day), months))
    ends = [
        c["ends_on"] for c in s.contracts if c["contract_type"] == "fee_amortisation" and c["starts_on"] <= day <= c["ends_on"]
    ]
    return 1 if not ends or max(ends) <= horizon else 2


def conditions(seeds: Seeds, values: dict[str, Value]) -> dict[str, bool]:
    """Special conditions of the early warning; a row with an unknown indicator does not hold."""
    met: dict[str, bool] = {}
    for row in seeds.rows("warning_conditions"):
        code, value, threshold = row["condition_code"], values[row["indicator_code"]], as_decimal(row["threshold"])
        holds = False
        if value is not None:
            number = _as_decimal(value)
            holds = number > threshold if row["operator"] == ">" else number >= threshold
        met[code] = met.get(code, False) or holds
    return met


def _targets(world: World, day: date) -> list[tuple[Subscriber, Row]]:
    """Target subscribers at a day, with the attributes of the observation."""
    seeds, result = world.seeds, []
    classes = world.group_classes(day)
    for s in sorted(world.subscribers.values(), key=lambda s: s.id):
        if s.activated > day or world.category_at(s, day) == "left":
            continue
        arpu = world.arpu_3m(s, day)
        tier = world.tier(arpu)
        memberships = world.active_memberships(s, day)
        keys = [m for m in memberships if m["member_role"] == "key_person"]
        key_classes = {r["class_code"] for r in seeds.rows("group_classes") if as_bool(r["is_target_key_person"])}
        if not as_bool(tier["is_target"]) and not any(classes[m["group_id"]] in key_classes for m in keys):
            continue
        main = min(
            memberships,
            key=lambda m: (seeds.class_rank[classes[m["group_id"]]], m["joined_on"], m["group_id"]),
            default=None,
        )
        customer = world.customers[s.row["customer_id"]]
        result.append(
            (
                s,
                {
                    "customer_id": s.row["customer_id"],
                    "account_id": s.row["account_id"],
                    "customer_class": "group_key_person" if keys else "group_member" if memberships else "individual",
                    "value_tier": tier["tier_code"],
                    "arpu_3m": arpu,
                    "brand_code": s.row["brand_code"],
                    "plan_code": world.plan_at(s, day),
                    "city_code": customer["city_code"],
                    "branch_code": world.branch_code(customer["branch_code"]),
                    "manager_id": world.manager_id(customer["manager_id"]),
                    "group_id": main["group_id"] if main else None,
                    "group_class": classes[main["group_id"]] if main else None,
                },
            )
        )
    return result


class Day:
    """All observations of one as-of date: indicators, points, levels, ranks."""

    def __init__(self, world: World, day: date) -> None:
        self.date = day
        self.indicator_rows: list[Row] = []
        self.contribution_rows: list[Row] = []
        self.alerts: dict[tuple[str, str], Row] = {}  # (subscriber_id, model_scope)
        history = (day - world.first_day).days + 1
        for s, attributes in _targets(world, day):
            values = indicators(world, s, day)
            self.indicator_rows.append({"as_of_date": day, "subscriber_id": s.id, "history_days": history, **values})
            for model_scope in ("base", "local"):
                self._score(world, s, attributes, values, model_scope)
        self._rank(world.seeds)

    def _score(self, world: World, s: Subscriber, attributes: Row, values: dict, model_scope: str) -> None:
        seeds, day = world.seeds, self.date
        branch = attributes["branch_code"]
        points = contributions(seeds, values, day, model_scope, branch, world.branch_city.get(branch))
        for c in points:
            if c.points:
                self.contribution_rows.append(
                    {
                        "as_of_date": day,
                        "subscriber_id": s.id,
                        "model_scope": model_scope,
                        "scorecard_code": c.scorecard,
                        "indicator_code": c.indicator,
                        "family_code": c.family,
                        "indicator_value": c.value,
                        "lower_bound": c.lower,
                        "upper_bound": c.upper,
                        "points": c.points,
                        "is_counted": c.is_counted,
                        "scope_type": c.scope_type,
                        "scope_code": c.scope_code,
                    }
                )
        score = {r["scorecard_code"]: 0 for r in seeds.rows("scorecards")}
        for c in points:
            if c.is_counted:
                score[c.scorecard] += c.points

        stability_level = "none"
        for rule in seeds.rows("stability_alert_rules"):
            if _between(score["core_risk"], rule["risk_min"], rule["risk_max"]) and _between(
                score["core_stability"], rule["stability_min"], rule["stability_max"]
            ):
                stability_level = rule["alert_level"]
        commitment = commitment_risk_level(world, s, day)
        met = conditions(seeds, values)
        early = "none"
        for rule in seeds.rows("early_warning_rules"):
            if as_int(rule["commitment_risk_level"]) == commitment and as_bool(rule["has_condition"]) == any(met.values()):
                early = rule["alert_level"]
        card = next(r for r in seeds.rows("scorecards") if r["scorecard_code"] == "churn_traceback")
        is_potential = score["churn_traceback"] >= as_decimal(card["alert_threshold"])

        signals = {("stability", stability_level), ("early_warning", early)}
        if is_potential:
            signals.add(("traceback", "potential"))
        levels = [r["alert_level"] for r in seeds.rows("alert_policy") if (r["signal"], r["signal_value"]) in signals]
        level = max(levels, key=lambda code: seeds.severity[code], default="none")

        best: dict[str, int] = {}
        for c in points:
            if c.is_counted and c.points > 0 and c.scorecard in ("core_risk", "churn_traceback"):
                best[c.indicator] = max(best.get(c.indicator, 0), c.points)
        reasons = sorted(code for code, holds in met.items() if holds)
        reasons += sorted(best, key=lambda code: (-best[code], code))

        self.alerts[s.id, model_scope] = {
            "as_of_date": day,
            "week_start_date": day - timedelta(days=6),
            "subscriber_id": s.id,
            **attributes,
            "model_scope": model_scope,
            "core_risk_score": score["core_risk"],
            "core_stability_score": score["core_stability"],
            "churn_traceback_score": score["churn_traceback"],
            "stability_alert_level": stability_level,
            "commitment_risk_level": commitment,
            **{f"has_{code}_condition": holds for code, holds in met.items()},
            "early_warning_level": early,
            "is_potential_churner": is_potential,
            "value_churn_probability": None,
            "value_churn_zone": None,
            "lifecycle_stage": None,
            "segment_code": None,
            "alert_level": level,
            "priority_rank": None,
            "reason_codes": ",".join(reasons[:5]),
            "is_provisional": False,
        }

    def _rank(self, seeds: Seeds) -> None:
        lists: dict[tuple, list[Row]] = defaultdict(list)
        for alert in self.alerts.values():
            if alert["alert_level"] != "none":
                manager = alert["manager_id"]
                owner = ("manager", manager) if manager is not None else ("branch", alert["branch_code"])
                lists[alert["model_scope"], owner].append(alert)
        for alerts in lists.values():
            alerts.sort(
                key=lambda a: (
                    -seeds.severity[a["alert_level"]],
                    -(a["core_risk_score"] + a["churn_traceback_score"] - a["core_stability_score"]),
                    a["arpu_3m"] is None,
                    -(a["arpu_3m"] or Decimal(0)),
                    a["subscriber_id"],
                )
            )
            for rank, alert in enumerate(alerts, start=1):
                alert["priority_rank"] = rank


def _with_state(alert: Row, before: Row | None, severity: dict[str, int]) -> Row:
    """The alert with its state against an earlier observation that has its own count already."""
    now = severity[alert["alert_level"]]
    then = severity[before["alert_level"]] if before else 0
    if now == 0:
        state = "cleared" if then else "none"
    elif then == 0:
        state = "new"
    else:
        state = "escalated" if now > then else "de_escalated" if now < then else "persisting"
    weeks = (before["weeks_in_alert"] if before else 0) + 1 if now else 0
    return {**alert, "alert_state": state, "weeks_in_alert": weeks}


# ---------------------------------------------------------------- section 8: loss judgement


def loss_judgements(world: World, as_of: date) -> list[Row]:
    """One row per subscriber and month, judged with what the run at ``as_of`` knows."""
    # Without any bill the rule names no first month; the feed's first month stands in.
    months = [b["bill_month"] for b in world.data.accepted["bills"]] or [month_of(world.first_day)]
    result = []
    for s in sorted(world.subscribers.values(), key=lambda s: s.id):
        month = max(month_of(s.activated), min(months))
        last = world.m1(as_of)
        if world.category_at(s, as_of) == "left":
            left_on = [
                on
                for on, code, before in s.entries()
                if on <= as_of
                and world.seeds.category[code] == "left"
                and (before is None or world.seeds.category[before] != "left")
            ]
            last = min(last, month_of(left_on[-1]))
        while month <= last:
            result.append(_judge(world, s, month, as_of))
            month = add_months(month, 1)
    return result


def _judge(world: World, s: Subscriber, month: date, as_of: date) -> Row:
    seeds = world.seeds

    def fee(m: date) -> Decimal | None:
        bill = s.present_bill(m, as_of)
        return None if bill is None else bill["total_fee"]

    # The feed's first full month.
    first_full = month_of(world.first_day)
    if first_full < world.first_day:
        first_full = add_months(first_full, 1)

    def usage(m: date, measure: str) -> Any:
        """Voice minutes (exact) or calls of a month; None if the month is not known."""
        if m < first_full or m < s.activated:
            return None
        used = [s.use(d) for d in days(m, month_end(m))]
        return Fraction(sum(u.seconds for u in used), 60) if measure == "minutes" else sum(u.calls for u in used)

    def measure_of(name: str, m: date) -> Any:
        return fee(m) if name == "fee" else usage(m, name)

    def fell(name: str, times: int) -> bool:
        """The measure fell month on month, this many times in a row."""
        for back in range(times):
            now, before = measure_of(name, add_months(month, -back)), measure_of(name, add_months(month, -back - 1))
            if now is None or before is None or not now < before:
                return False
        return True

    def below_mean(name: str, threshold: Decimal) -> bool:
        """The measure lies below the threshold's share of its mean over the known months of the six before."""
        now = measure_of(name, month)
        before = [measure_of(name, add_months(month, -back)) for back in range(1, 7)]
        before = [value for value in before if value is not None]
        if now is None or not before:
            return False
        # Both sides rounded, so that a value that equals the bound exactly is not below it.
        return round6(Fraction(now)) < round6(mean(before) * Fraction(threshold))

    def bundles(day: date) -> int:
        return len(
            {
                r["service_code"]
                for r in s.services
                if r["started_on"] <= day
                and (r["ended_on"] is None or r["ended_on"] > day)
                and r["service_code"] in seeds.services
                and as_bool(seeds.services[r["service_code"]]["is_bundle"])
            }
        )

    def new_service_fee(m: date) -> Decimal | None:
        bill = s.present_bill(m, as_of)
        return None if bill is None else (bill["new_service_fee"] or Decimal(0))

    def fell_by(now: Any, before: Any, threshold: Decimal) -> bool:
        fall = drop(now, before)
        return fall is not None and _as_decimal(fall) >= threshold

    rules = {}
    for row in seeds.rows("loss_rules"):
        code, threshold = row["rule_code"], as_decimal(row["threshold"])
        times = as_int(row["declining_months"]) or 0
        if code in ("fee", "minutes", "calls"):
            rules[code] = fell(row["declining_measure"], times) and below_mean(code, threshold)
        elif code == "bundles":
            rules[code] = "service_subscriptions" in world.provided and fell_by(
                bundles(month_end(month)), bundles(month - ONE_DAY), threshold
            )
        elif code == "new_service_fee":
            rules[code] = fell_by(new_service_fee(month), new_service_fee(add_months(month, -1)), threshold)
        elif code == "plan_downgrade":
            rules[code] = any(
                month_of(r["changed_at"].date()) == month
                and r["from_plan_code"] in world.plan_fee
                and r["to_plan_code"] in world.plan_fee
                and world.plan_fee[r["to_plan_code"]] < world.plan_fee[r["from_plan_code"]]
                for r in s.plan_changes
            )
        elif code == "quantity":
            rules[code] = any(month_of(on) == month and status in seeds.quantity_loss for on, status, _ in s.entries())
    return {
        "bill_month": month,
        "subscriber_id": s.id,
        "is_value_loss": any(met for code, met in rules.items() if code != "quantity"),
        "is_quantity_loss": rules["quantity"],
        "loss_rule_codes": ",".join(sorted(code for code, met in rules.items() if met)),
        **{f"is_{code}_loss": met for code, met in rules.items()},
    }


# ---------------------------------------------------------------- the run


def weekly_dates(first_day: date, as_of: date, weeks: int | None) -> list[date]:
    """The Sundays of a run: from the first with 28 days of feed to the as-of date, or the last ``weeks`` of them."""
    sundays = [d for d in days(first_day + timedelta(days=27), as_of) if d.isoweekday() == 7]
    return sundays[-weeks:] if weeks else sundays


def build_expected(raw_dir: str | Path, seeds_dir: str | Path, as_of: date, weeks: int | None = None) -> Marts:
    """What the marts hold after a run at ``as_of``.

    ``raw_dir`` is laid out as the raw contract says, ``seeds_dir`` holds the seed files in any sub-folders, ``weeks`` limits
    the run to its last Sundays. Raises FileNotFoundError for a provided table that is absent.
    """
    seeds = Seeds(Path(seeds_dir))
    data = read_raw(Path(raw_dir), seeds.provided_tables(list(CONTRACT)), set(seeds.category))
    world = World(data, seeds)

    sundays = weekly_dates(world.first_day, as_of, weeks)
    lookback = seeds.int_parameter("daily_lookback_days")
    daily = days(as_of - timedelta(days=lookback - 1), as_of)
    built = {day: Day(world, day) for day in sorted(set(sundays) | set(daily))}

    weekly_alerts: dict[date, dict[tuple[str, str], Row]] = {}
    for sunday in sundays:
        before = weekly_alerts.get(sunday - timedelta(days=7), {})
        weekly_alerts[sunday] = {
            key: _with_state(alert, before.get(key), seeds.severity) for key, alert in built[sunday].alerts.items()
        }
    daily_alerts: list[Row] = []
    for day in daily:
        last_sunday = day - timedelta(days=day.isoweekday())
        before = weekly_alerts.get(last_sunday, {})
        daily_alerts += [_with_state(alert, before.get(key), seeds.severity) for key, alert in built[day].alerts.items()]

    return {
        "fct_weekly_alerts": [a for alerts in weekly_alerts.values() for a in alerts.values()],
        "fct_daily_alerts": daily_alerts,
        "fct_alert_contributions": [r for d in built.values() for r in d.contribution_rows],
        "fct_indicators": [r for d in built.values() for r in d.indicator_rows],
        "fct_loss_judgements": loss_judgements(world, as_of),
        "dq_reconciliation": data.reconciliation,
        "dq_quarantine": [
            {"table_name": table, "rule_code": rule, "rows": count} for (table, rule), count in sorted(data.quarantine.items())
        ],
    }
