"""Unit tests of the row rules cannot look at the contract, so they carry copies of its tables; the copies must not drift."""

from pathlib import Path

import yaml

STAGING = Path(__file__).resolve().parents[2] / "models" / "staging"


def test_the_contract_in_the_unit_tests_is_the_contract_of_the_sources() -> None:
    sources = yaml.safe_load((STAGING / "_sources.yml").read_text(encoding="utf-8"))["sources"][0]["tables"]
    contract = {
        table["name"]: (
            table["config"]["meta"]["key"],
            table["config"]["meta"].get("event_at"),
            table["config"]["meta"].get("read_by_day"),
            [(column["name"], column["data_type"], column.get("config", {}).get("meta", {})) for column in table["columns"]],
        )
        for table in sources
    }
    anchors = yaml.safe_load((STAGING / "_staging__unit_tests.yml").read_text(encoding="utf-8"))["anchors"]
    copies = {
        copy["name"]: (
            copy["key"],
            copy.get("event_at"),
            copy.get("read_by_day"),
            [(column["name"], column["type"], column["meta"]) for column in copy["columns"]],
        )
        for copy in anchors
        if "columns" in copy and "key" in copy
    }

    assert copies
    assert copies == {name: contract[name] for name in copies}
