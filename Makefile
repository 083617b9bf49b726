# Everything goes through these verbs; each sets up what it needs, into .venv beside this file.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
UV      = $(BIN)/uv

.PHONY: help setup run test check bench bench-truth lock clean

help:
	@echo "make setup   create .venv from the hashed lock file"
	@echo "make run     compare the demonstration pair and say where the report is"
	@echo "make test    run the tests"
	@echo "make check   ruff, mypy, import-linter, generated files"
	@echo "make bench   our comparison and registration beside the peers"
	@echo "make lock    resolve the dependencies again and write requirements/*.lock"

setup: $(STAMP)

# pip alone installs from the lock; --no-deps because the lock is complete and leaves two OpenCV copies out.
$(STAMP): requirements/dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install python3.11 or run 'make PYTHON=/path/to/python3.11 ...'"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/microrelief demo --out .cache/demo

test: setup
	$(BIN)/python -m pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m microrelief.pathway.reference --check

bench: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/bench.lock
	$(BIN)/python -m tests.bench

lock: $(STAMP)
	$(UV) pip compile -q pyproject.toml --extra dev --override requirements/overrides.txt --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 -o requirements/dev.lock
	$(UV) pip compile -q pyproject.toml --extra dev --extra bench --extra phantom --override requirements/overrides.txt -c requirements/dev.lock --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11 -o requirements/bench.lock

clean:
	rm -rf $(VENV) .cache build dist
