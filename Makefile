# make demo   set up, generate demo data, run the pipeline, show this week's alerts
# make test   set up, run all tests (pytest; it runs `dbt build` with its unit tests on small data)
# make crash-test  kill 20 whole runs at random moments instead of one (a quarter of an hour)
# make pictures    draw the pictures of docs/weights.md anew, after a change of what the commands say
# make bench  measure the project against a hand-written script on 1,000,000 lines (BENCH="--subscribers 20000 --cdrs 2000000": smaller)
# make lint   check style (sqlfluff, ruff)
# make lock   resolve the lock files again (needs uv)
# make clean  remove what runs left (data, published marts, dbt's target); the set-up stays

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# --no-compile halves the install time: Python compiles what is imported, when it is imported.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps
LOCK := uv pip compile --quiet --universal --python-version 3.10 --generate-hashes --no-annotate --no-header --no-emit-index-url

.PHONY: demo test crash-test bench pictures lint lock clean setup setup-dev

demo: setup
	$(BIN)/churn-warning demo

test: setup-dev
	$(BIN)/python -m pytest -n 2 --dist loadfile

crash-test: setup-dev
	CHURN_WARNING_CRASHES=20 $(BIN)/python -m pytest -s tests/python/test_crashes.py tests/python/test_publish.py

pictures: setup
	$(BIN)/python docs/pictures.py

bench: setup
	$(BIN)/python -m bench run $(BENCH)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/sqlfluff lint --processes 2 models tests analyses snapshots

setup: $(VENV)/.run-installed

setup-dev: $(VENV)/.dev-installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "Python 3.10 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# The stamp files remember what was installed; a changed lock file installs again.
$(VENV)/.run-installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the packages of a run (about a minute, once) ..."
	$(PIP_INSTALL) --require-hashes -r requirements.lock
	$(PIP_INSTALL) --no-build-isolation --editable .
	@mkdir -p data/warehouse  # plain dbt build makes the file, but not its folder
	@touch $@

$(VENV)/.dev-installed: requirements-dev.lock $(VENV)/.run-installed
	@echo "Installing the packages of tests and linters (once) ..."
	$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

lock:
	$(LOCK) requirements-dev.in -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock requirements.in -o requirements.lock

clean:
	rm -rf data published target logs
