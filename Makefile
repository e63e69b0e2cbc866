# make run starts Aliquot, make test tests it. Programs live in .venv, data in .aliquot; nothing else is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
ALIQUOT_PORT ?= 8000
# Files of tests are dealt out to so many processes; each has a database server of its own.
SIDE_BY_SIDE ?= -n auto --maxprocesses 4 --dist loadfile
ARGS ?=
export ALIQUOT_PORT
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# A cache on another disk makes hard links impossible; copying is right then, and no cause for a warning.
export UV_LINK_MODE ?= copy

.PHONY: run test check mutation setup lock clean catalogues chromium
.DELETE_ON_ERROR:

run: setup
	@exec $(BIN)/aliquot demo

setup: $(VENV)/.run catalogues

test: $(VENV)/.dev catalogues chromium
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

check: $(VENV)/.dev catalogues chromium
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/aliquot makemigrations --check --dry-run
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

# What the tests of the rules notice when one thing in a rule is changed: make mutation ARGS="flow/results/rules".
mutation: $(VENV)/.dev catalogues
	@nice -n 10 $(BIN)/python -m tests.mutation $(ARGS)

catalogues: $(VENV)/.run
	@$(BIN)/python -m aliquot.foundation.translations

chromium: $(VENV)/.dev
	@$(BIN)/python -m tests.chromium

# A virtual environment with uv in it. Debian keeps ensurepip in python3-venv: root installs it, others borrow pip.
$(VENV)/.uv: requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Aliquot needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@set -e; \
	if ! $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get install -qy python3-venv || { apt-get update -q && apt-get install -qy python3-venv; } || true; \
	fi; \
	if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then \
	  [ -x $(BIN)/python ] || $(PYTHON) -m venv --clear $(VENV); \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  [ -x $(BIN)/python ] || $(PYTHON) -m venv --clear --without-pip $(VENV); \
	  $(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check --require-hashes -r requirements-uv.txt; \
	else \
	  echo "Python's venv is missing here. Install it (Debian: apt-get install python3-venv), then try again."; exit 1; \
	fi
	@touch $@

# Running needs the runtime set; the development set holds it too, so installing never takes anything away.
$(VENV)/.run: $(VENV)/.uv requirements.txt pyproject.toml
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(UV) pip sync -q --python $(BIN)/python --require-hashes requirements-dev.txt
	$(UV) pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(VENV)/.run $@

# Renew the pinned sets from pyproject.toml. Addresses of registries stay out of the repository: uv.lock is ignored.
lock: $(VENV)/.uv
	$(UV) lock -q --python $(BIN)/python $(ARGS)
	$(UV) export -q --frozen --format requirements-txt --no-emit-project --no-dev -o requirements.txt
	$(UV) export -q --frozen --format requirements-txt --no-emit-project -o requirements-dev.txt

# Programs and caches only. Data stay: remove .aliquot yourself when you mean it.
clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find src tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +
