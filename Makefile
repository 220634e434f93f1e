# Suar 112. `make demo` shows it, `make test` proves it; both do their own set-up.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# bash has a SECONDS of its own: only one that is given on make's command line counts.
FUZZ_SECONDS := $(if $(filter command line,$(origin SECONDS)),$(SECONDS),600)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast lint bench faults fuzz lock clean

help: ## Show this list.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## Install what the project needs, below this folder.

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Suar needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		[ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; } || \
		{ echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Run a city with callers and operators; ONCE=1 ends after the four stories.
	$(BIN)/suar demo $(if $(ONCE),--once)

test: $(READY) lint ## Every ring: lint, types, contracts, unit, component, integration, browser.
	$(BIN)/suar asterisk install
	$(BIN)/python -m tests.browser_setup
	SUAR_TEST_EFFORT=thorough tests/rings.sh $(BIN)/python every

test-fast: $(READY) ## The rings without a real Asterisk or browser: a minute on two idle cores.
	tests/rings.sh $(BIN)/python fast

lint: $(READY) ## ruff, mypy and the import contracts.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## Print the figures, as ratios of one run.
	$(BIN)/suar asterisk install
	$(BIN)/python -m tests.bench

faults: $(READY) ## Break every part with calls in every state; writes docs/faults.md. Half an hour, as root.
	$(BIN)/suar asterisk install
	$(BIN)/python -m tests.faults

fuzz: $(READY) ## Read made-up location documents for ten minutes, or SECONDS=; a finding has its seed.
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

lock: $(READY) ## Pin the newest versions that pyproject.toml allows.
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra dev --upgrade \
		--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		-o requirements.lock

clean: ## Remove what make and the tests made; state in var/ is kept.
	rm -rf $(VENV) .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
