"""A reader in a process of its own: reads what is published, over and over, until its input has something; prints what it saw.

Usage: python poll_published.py <publish-dir> <rows per mart> <mart> ...

Every mart has a column `version` with the same number in all rows of one version.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

import duckdb


def poll(publish_dir: Path, rows: int, marts: list[str]) -> dict[str, int]:
    current = publish_dir / "current"
    newest, reads, versions = 0, 0, set()
    # One that stays open: it may keep pieces of files that it has read.
    long_lived = duckdb.connect()

    def see(found: tuple[int, int, int] | None, what: str) -> int:
        nonlocal reads
        oldest_row, newest_row, count = found
        assert oldest_row == newest_row, f"{what}: rows of versions {oldest_row} and {newest_row}"
        assert count == rows, f"{what}: {count} rows"
        assert oldest_row >= newest, f"{what}: version {oldest_row} after version {newest}"
        reads += 1
        versions.add(oldest_row)
        return oldest_row

    def parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
        query = f"select min(version), max(version), count(*) from read_parquet('{path}')"
        return see(connection.execute(query).fetchone(), path.name)

    def database(path: Path) -> int:
        with duckdb.connect(str(path), read_only=True) as connection:
            seen = {
                see(connection.execute(f"select min(version), max(version), count(*) from {mart}").fetchone(), mart) for mart in marts
            }
        assert len(seen) == 1, f"{path.name}: marts of versions {sorted(seen)}"
        return seen.pop()

    is_last = False
    while not is_last:
        is_last = bool(select.select([sys.stdin], [], [], 0)[0])
        newest = database(current / "marts.duckdb")
        for mart in marts:
            with duckdb.connect() as connection:
                newest = parquet(connection, current / f"{mart}.parquet")
            newest = parquet(long_lived, current / f"{mart}.parquet")
        # Files of one version belong together for those who look up once what is current.
        folder = current.resolve()
        together = {database(folder / "marts.duckdb"), *(parquet(long_lived, folder / f"{mart}.parquet") for mart in marts)}
        together.add(int(json.loads((folder / "manifest.json").read_text())["run_id"]))
        assert len(together) == 1, f"versions {sorted(together)} in {folder}"
        newest = together.pop()
    return {"reads": reads, "versions": len(versions), "newest": newest}


if __name__ == "__main__":
    print("ready", flush=True)
    print(json.dumps(poll(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])))
