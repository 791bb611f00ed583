"""The raw tables that the generator delivers: their columns, in contract order, with their types."""

from __future__ import annotations

MONEY = "DECIMAL(18, 2)"

CDR_TABLES: tuple[str, ...] = ("voice_cdrs", "sms_cdrs", "data_cdrs")

COLUMNS: dict[str, dict[str, str]] = {
    "customers": {
        "customer_id": "VARCHAR",
        "customer_type": "VARCHAR",
        "customer_name": "VARCHAR",
        "gender": "VARCHAR",
        "birth_date": "DATE",
        "contact_phone": "VARCHAR",
        "address": "VARCHAR",
        "certificate_no": "VARCHAR",
        "certificate_verified": "BOOLEAN",
        "city_code": "VARCHAR",
        "branch_code": "VARCHAR",
        "manager_id": "VARCHAR",
        "created_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
    "accounts": {
        "account_id": "VARCHAR",
        "customer_id": "VARCHAR",
        "payment_method": "VARCHAR",
        "opened_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "subscribers": {
        "subscriber_id": "VARCHAR",
        "customer_id": "VARCHAR",
        "account_id": "VARCHAR",
        "msisdn": "VARCHAR",
        "brand_code": "VARCHAR",
        "plan_code": "VARCHAR",
        "activated_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "subscriber_status_events": {
        "subscriber_id": "VARCHAR",
        "status_code": "VARCHAR",
        "changed_at": "TIMESTAMP",
    },
    "plans": {"plan_code": "VARCHAR", "plan_name": "VARCHAR", "monthly_fee": MONEY},
    "plan_changes": {
        "subscriber_id": "VARCHAR",
        "changed_at": "TIMESTAMP",
        "from_plan_code": "VARCHAR",
        "to_plan_code": "VARCHAR",
    },
    "bills": {
        "subscriber_id": "VARCHAR",
        "account_id": "VARCHAR",
        "bill_month": "DATE",
        "total_fee": MONEY,
        "voice_fee": MONEY,
        "sms_fee": MONEY,
        "data_fee": MONEY,
        "new_service_fee": MONEY,
        "issued_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "arrears_snapshots": {
        "subscriber_id": "VARCHAR",
        "snapshot_on": "DATE",
        "arrears_amount": MONEY,
        "arrears_months": "INTEGER",
        "updated_at": "TIMESTAMP",
    },
    "voice_cdrs": {
        "cdr_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "started_at": "TIMESTAMP",
        "call_type": "VARCHAR",
        "peer_number": "VARCHAR",
        "peer_operator": "VARCHAR",
        "duration_s": "BIGINT",
        "fee": MONEY,
    },
    "sms_cdrs": {
        "cdr_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "sent_at": "TIMESTAMP",
        "direction": "VARCHAR",
        "peer_number": "VARCHAR",
        "peer_operator": "VARCHAR",
        "fee": MONEY,
    },
    "data_cdrs": {
        "cdr_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "started_at": "TIMESTAMP",
        "bytes_total": "BIGINT",
        "fee": MONEY,
    },
    "complaints": {
        "complaint_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "opened_at": "TIMESTAMP",
        "severity": "VARCHAR",
        "fault_level": "INTEGER",
        "due_at": "TIMESTAMP",
        "answered_at": "TIMESTAMP",
        "updated_at": "TIMESTAMP",
    },
    "contracts": {
        "contract_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "contract_type": "VARCHAR",
        "starts_on": "DATE",
        "ends_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "service_subscriptions": {
        "subscriber_id": "VARCHAR",
        "service_code": "VARCHAR",
        "started_on": "DATE",
        "ended_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "devices": {"subscriber_id": "VARCHAR", "device_model_code": "VARCHAR", "first_seen_on": "DATE"},
    "device_models": {
        "device_model_code": "VARCHAR",
        "brand": "VARCHAR",
        "price_tier": "VARCHAR",
        "is_dual_sim": "BOOLEAN",
        "customised_for": "VARCHAR",
    },
    "enterprise_groups": {
        "group_id": "VARCHAR",
        "group_name": "VARCHAR",
        "industry_code": "VARCHAR",
        "is_top_taxpayer": "BOOLEAN",
        "city_code": "VARCHAR",
        "branch_code": "VARCHAR",
        "manager_id": "VARCHAR",
        "profile_complete": "BOOLEAN",
        "updated_at": "TIMESTAMP",
    },
    "group_members": {
        "group_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "member_role": "VARCHAR",
        "joined_on": "DATE",
        "left_on": "DATE",
        "updated_at": "TIMESTAMP",
    },
    "service_contacts": {
        "contact_id": "VARCHAR",
        "subscriber_id": "VARCHAR",
        "contacted_at": "TIMESTAMP",
        "channel": "VARCHAR",
        "purpose": "VARCHAR",
        "outcome_code": "VARCHAR",
        "churn_reason_code": "VARCHAR",
        "manager_id": "VARCHAR",
        "updated_at": "TIMESTAMP",
    },
    "branches": {
        "branch_code": "VARCHAR",
        "branch_name": "VARCHAR",
        "city_code": "VARCHAR",
        "city_name": "VARCHAR",
    },
    "managers": {"manager_id": "VARCHAR", "manager_name": "VARCHAR", "branch_code": "VARCHAR"},
}

# The leading columns that name a row; faults are planted on rows chosen by a hash of them.
KEY_COLUMNS: dict[str, tuple[str, ...]] = {
    "subscriber_status_events": ("subscriber_id", "changed_at"),
    "plan_changes": ("subscriber_id", "changed_at"),
    "bills": ("subscriber_id", "bill_month"),
    "arrears_snapshots": ("subscriber_id", "snapshot_on"),
    "service_subscriptions": ("subscriber_id", "service_code", "started_on"),
    "devices": ("subscriber_id", "first_seen_on"),
    "group_members": ("group_id", "subscriber_id", "joined_on"),
}


def key_columns(table: str) -> tuple[str, ...]:
    """Return the key columns of a raw table (one of COLUMNS)."""
    return KEY_COLUMNS.get(table, (next(iter(COLUMNS[table])),))
