"""Unit tests of the row rules cannot look at the contract, so they carry copies of its tables; the copies must not drift."""

import re
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


def test_the_names_that_dbt_needs_while_it_parses_are_those_of_the_contract() -> None:
    tables = yaml.safe_load((STAGING / "_sources.yml").read_text(encoding="utf-8"))["sources"][0]["tables"]
    macros = (STAGING.parents[1] / "macros/raw_contract/raw_contract.sql").read_text(encoding="utf-8")
    by_day = {table["name"] for table in tables if table["config"]["meta"].get("read_by_day")}
    for macro, names in (("raw_table_names", {table["name"] for table in tables}), ("tables_read_by_day", by_day)):
        listed = re.search(rf"macro {macro}\(\).*?return\(\[(.*?)\]\)", macros, re.DOTALL)[1]
        assert set(re.findall(r"'(\w+)'", listed)) == names
