"""Fixtures: small demo data, a copy of the project to run in, and one finished run that many tests look at."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from project_copy import REPOSITORY as REPOSITORY
from project_copy import copy_project as copy_project
from typer.testing import CliRunner

# For data without the marker of the demo generator.
REAL_DATA_KEY = "a key that only the tests know"

DEMO_SUBSCRIBERS, DEMO_WEEKS, DEMO_SEED = 300, 10, 42
# A Sunday in the middle of the demo data.
ANALYSED_SUNDAY = "2026-06-14"


@pytest.fixture(autouse=True, scope="session")
def clean_environment() -> None:
    """Nobody's own settings, and no dbt settings, reach the tests."""
    for name in list(os.environ):
        if name.startswith(("CHURN_WARNING_", "DBT_")):
            del os.environ[name]


@pytest.fixture(scope="session")
def demo_raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw tables of a small demo operator; do not change them, see `raw_copy`."""
    from churn_warning import demo_data

    folder = tmp_path_factory.mktemp("demo") / "raw"
    demo_data.generate(folder, DEMO_SUBSCRIBERS, DEMO_WEEKS, DEMO_SEED)
    return folder


@pytest.fixture
def raw_copy(demo_raw: Path, tmp_path: Path) -> Path:
    """A copy of the demo raw tables, to break."""
    return Path(shutil.copytree(demo_raw, tmp_path / "raw"))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project that all runs share; do not change it, see `copy_project`."""
    return copy_project(tmp_path_factory.mktemp("shared") / "project")


def churn_warning(*arguments: object) -> Result:
    """Calls the command line in this process; whatever it ends with, it must not be a traceback."""
    from churn_warning.cli import app

    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


@dataclass(frozen=True)
class FinishedRun:
    """Where a run that went well took its data from and left its results."""

    project: Path
    raw: Path
    warehouse: Path
    published: Path
    output: str

    def run_again(self, *arguments: object) -> Result:
        """A run with the same folders; later arguments win."""
        folders = ["--project-dir", self.project, "--raw-dir", self.raw]
        return churn_warning("run", *folders, "--warehouse", self.warehouse, "--publish-dir", self.published, *arguments)

    def query(self, sql: str) -> list[tuple]:
        """Asks the published marts."""
        with duckdb.connect(str(self.published / "current" / "marts.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="session")
def finished_run(project: Path, demo_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """One run on the demo data; do not change its files, see `run_copy`."""
    folder = tmp_path_factory.mktemp("finished")
    run = FinishedRun(project, demo_raw, folder / "warehouse.duckdb", folder / "published", "")
    result = run.run_again()
    assert result.exit_code == 0, result.output
    return FinishedRun(run.project, run.raw, run.warehouse, run.published, result.output)


@pytest.fixture
def run_copy(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """The finished run with a warehouse and published marts of its own, to run again or to break.

    Always at the same place: dbt reads the whole project again if the path of the warehouse is another one.
    """
    folder = tmp_path_factory.getbasetemp() / "run_copy"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    warehouse = Path(shutil.copy(finished_run.warehouse, folder / "warehouse.duckdb"))
    published = Path(shutil.copytree(finished_run.published, folder / "published", symlinks=True))
    return FinishedRun(finished_run.project, finished_run.raw, warehouse, published, finished_run.output)


@pytest.fixture(scope="session")
def analyses(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The SQL of every file in analyses/ by name, asked about ANALYSED_SUNDAY; it runs on any warehouse file of the tests."""
    from dbt.cli.main import dbtRunner

    from churn_warning.dbt_project import close_connections

    target = tmp_path_factory.mktemp("analyses")
    folders = ["--project-dir", finished_run.project, "--profiles-dir", finished_run.project, "--target-path", target]
    chosen = ["--select", "resource_type:analysis", "--no-introspect", "--vars", f"{{as_of_date: {ANALYSED_SUNDAY}}}"]
    with pytest.MonkeyPatch.context() as patch:
        # The names of tables hold that of the warehouse file.
        patch.setenv("CHURN_WARNING_WAREHOUSE", str(finished_run.warehouse))
        outcome = dbtRunner().invoke(["--quiet", "--log-path", str(target), "compile", *map(str, [*chosen, *folders])])
    assert outcome.success, outcome.exception
    close_connections()
    return {result.node.name: result.node.compiled_code for result in outcome.result.results}


def blank_fields(connection: duckdb.DuckDBPyConnection, results: str) -> list[tuple]:
    """The checks in table dq_results that leave a field blank."""
    columns = [row[0] for row in connection.execute(f"describe {results}").fetchall()]
    blank = " or ".join(f"coalesce(trim({column}), '') = ''" for column in columns)
    return connection.execute(f"select * from {results} where {blank}").fetchall()


class Page(HTMLParser):
    """An HTML page: the text that a reader sees, its tags, and whatever it would load or link to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html, self.text, self.tags, self.references = html, "", set(), []
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.text += "" if tag in ("span", "wbr") else " "
        self.references += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action", "style")]

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(path: Path) -> Page:
    """A quality page; whatever run it is of, it loads nothing and runs nothing."""
    page = Page(path.read_text(encoding="utf-8"))
    assert page.references == []
    assert not page.tags & {"script", "link", "iframe", "img", "object", "embed", "base", "form"}
    assert not re.search(r"url\(|@import|https?:", page.html)
    return page


def tree_state(folder: Path) -> dict[str, str]:
    """Every file and link below a folder with its checksum or goal."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@contextmanager
def little_room(folder: Path, mebibytes: int) -> Iterator[Callable[[], None]]:
    """A folder on a small disk of its own; gives a function that makes the disk large.

    Who may not mount a disk in memory gets a limit on the size of files instead, which fails in the same places.
    """
    folder.mkdir(exist_ok=True)
    if _mount(folder, f"size={mebibytes}m"):
        try:
            yield lambda: subprocess.run(["mount", "-o", "remount,size=1g", str(folder)], check=True)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        return
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (mebibytes << 20, before[1]))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """While the block runs, nobody can write into the folder."""
    if os.geteuid() == 0:
        # Rights do not stop root, a mount does.
        if subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True).returncode:
            pytest.skip("root without the right to mount: nothing can be made read-only here")
        subprocess.run(["mount", "-o", "remount,bind,ro", str(folder)], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        folder.chmod(0o555)
        try:
            yield
        finally:
            folder.chmod(0o755)


def _mount(folder: Path, options: str) -> bool:
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(mount, capture_output=True).returncode == 0
