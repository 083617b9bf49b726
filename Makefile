# Everything goes through these verbs; each sets up what it needs, into .venv beside this file.

# The first Python 3.11 that runs and can make an environment: pyenv's python3.11 may be a stub that does not run,
# Debian's python3 may lack ensurepip. Another one: make PYTHON=/path/to/python3.11 test
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# also the peers of `make bench` and the renderer of made skin
READY_BENCH := $(VENV)/.ready-bench
# one process more than there are cores, for the tests wait for servers and browsers, but not more than four: each loads
# the landmark model; a file's tests stay together, for some are a story
WORKERS = $(shell n=$$(nproc 2>/dev/null || echo 2); [ $$n -lt 4 ] && expr $$n + 1 || echo 4)
PYTEST  = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
PIP     = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps

.PHONY: help setup run test test-slow test-postgresql check format bench bench-truth picture lock clean

help:
	@echo "make run        compare the demonstration pair, then open the demonstration clinic (Ctrl-C stops it)"
	@echo "make test       run the tests, those that take more than ten seconds left out"
	@echo "make test-slow  run those that were left out, and those that render"
	@echo "make test-postgresql  run the site's tests on a PostgreSQL of their own"
	@echo "make check      ruff, mypy, import-linter, generated pages, translations"
	@echo "make format     write the files as ruff wants them"
	@echo "make bench      our registration beside the peers, our colour layers on measured skin"
	@echo "make bench-truth  how right the answers are on made skin: docs/performance-card.md (hours)"
	@echo "make picture    make the README's picture from the demonstration"
	@echo "make lock       resolve the dependencies again and write requirements/*.lock"
	@echo "make setup      only create .venv from the hashed lock file"

setup: $(READY)

# pip alone installs from the lock; --no-deps because the lock is complete and leaves two OpenCV copies out
# (docs/decisions/0002). The second line is the project itself, editable, built without a download.
$(READY): requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 with venv is needed: apt-get install python3.11-venv, or make PYTHON=/path/to/python3.11 ..."; exit 2; }
	@test -x $(BIN)/python || { echo "Setting up $(VENV) with $(PYTHON); the first time takes a few minutes."; $(PYTHON) -m venv $(VENV); }
	$(PIP) --require-hashes -r requirements/dev.lock
	$(PIP) --no-build-isolation -e .
	@touch $@

$(READY_BENCH): requirements/bench.lock $(READY)
	$(PIP) --require-hashes -r requirements/bench.lock
	@touch $@

run: setup
	@$(BIN)/microrelief demo --out out/demo
	@echo
	@$(BIN)/microrelief serve --demo --data .cache/demo-clinic

test: setup
	$(PYTEST)

test-slow: $(READY_BENCH)
	$(PYTEST) -m "slow or renders"

# on PostgreSQL, each process in a database of its own;
# on a cluster of its own, on a socket in a temporary folder, stopped at the end; says so where there is none
test-postgresql: setup
	$(BIN)/python -m tests.web.postgresql $(PYTEST) tests/web

# each writes a page of docs/reference, or the catalogues of languages, from the code; with --check it only says whether
# they are up to date
GENERATED := microrelief.report.reference microrelief.web.languages.catalogue $(if $(wildcard src/microrelief/pathway/reference.py),microrelief.pathway.reference)

check: setup
	@failed=0; \
	for step in "ruff check ." "ruff format --check ." mypy "lint-imports --no-logo" $(GENERATED:%="python -m % --check"); do \
		echo "== $$step"; $(BIN)/$$step || failed=1; \
	done; exit $$failed

format: setup
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(READY_BENCH)
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.spectra
	$(BIN)/python -m tests.web.load --seconds 30 --staff 20

bench-truth: $(READY_BENCH)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.truth

UV_COMPILE = $(BIN)/uv pip compile -q pyproject.toml --override requirements/overrides.txt --generate-hashes \
	--no-emit-index-url --no-annotate --no-header --python-version 3.11

# the README's picture: the demonstration's pair.png, made small
picture: setup
	$(BIN)/microrelief demo --out out/demo
	$(BIN)/python -c "from PIL import Image; i = Image.open('out/demo/pair.png').convert('RGB'); \
	i.thumbnail((1400, 1400), Image.Resampling.LANCZOS); \
	i.save('docs/images/pair.jpg', quality=82, optimize=True, progressive=True)"

lock: setup
	$(UV_COMPILE) --extra dev -o requirements/dev.lock
	$(UV_COMPILE) --extra dev --extra bench --extra phantom -c requirements/dev.lock -o requirements/bench.lock

clean:
	rm -rf $(VENV) .cache build dist out
