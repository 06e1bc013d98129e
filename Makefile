# Set-up is part of every target: a fresh clone and Python 3.11 or later are enough.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help demo test lint format migrate constraints clean

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# uv resolves and installs in seconds what pip needs minutes for.
$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Flakescope needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

# One stamp for each set of packages: made again when pyproject.toml changes.
.venv/serve: $(BIN)/uv pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[cpu]'
	@touch $@

.venv/develop: $(BIN)/uv pyproject.toml
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[cpu,czi,nd2,postgres,s3,train,dev]'
	@touch $@ .venv/serve

demo: .venv/serve ## Screen a synthetic chip and go on serving at the printed address
	$(BIN)/flakescope demo

# Whole files go to one process: what a file prepares is prepared once.
test: .venv/develop ## Run every test, on every core
	$(BIN)/pytest -n auto --dist loadfile

lint: .venv/develop ## Check style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/develop ## Put the code into its standard form
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

migrate: .venv/serve ## Bring the database of ./var up to date
	$(BIN)/flakescope migrate

PIN := $(BIN)/uv pip compile --universal --python-version 3.11 --no-annotate --no-header --quiet
constraints: .venv/develop ## Choose the versions of the images anew: the newest that pyproject.toml allows
	$(PIN) pyproject.toml --extra cpu --extra czi --extra nd2 --extra postgres --extra s3 --extra train > .venv/pins
	echo 'flakescope[gpu] @ .' | $(PIN) - --constraint .venv/pins --no-emit-package flakescope > .venv/pins-gpu
	sort -u .venv/pins .venv/pins-gpu > constraints.txt

clean: ## Remove everything that was installed or made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
