# One door for people and CI. Every target does its own set-up into .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
export PYTHONHASHSEED ?= 0

.DEFAULT_GOAL := help
.PHONY: help setup test check lint types sim bench chaos demo live clean mutate mutants process newcomer wheel docs

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Make .venv with the `hub` command in it

$(STAMP): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Syncline needs Python >= 3.11; call: make PYTHON=python3.12 setup" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

check: setup lint types ## Lint, types, import contracts, size limits

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: setup
	$(BIN)/mypy

test: check ## Everything CI runs, with a 60-second slice of simulation
	$(BIN)/pytest -n 2 --dist worksteal

sim: setup ## Twenty minutes of fresh worlds on two cores, with what they have to reach (ARGS="--minutes 5 --from 100000")
	$(BIN)/python -m tests.simulation.run --minutes 20 --jobs 2 --from 10000 $(ARGS)

chaos: setup ## The real daemon killed, stopped, out of disk, without its database or systems; the judge's word (ARGS="--only sigkill --json FILE")
	$(BIN)/python -m tests.chaos $(ARGS)

bench: setup ## Speed and memory beside the reference pipeline and a singer-sdk load (some ten minutes; ARGS="--only webhooks")
	@$(MAKE) --no-print-directory .bench/singer/.installed || echo "bench: no singer-sdk, its rows are skipped" >&2
	@$(MAKE) --no-print-directory .bench/receiver/.installed || echo "bench: no reference receiver, --only webhooks cannot run" >&2
	$(BIN)/python -m tests.bench $(ARGS)

.bench/receiver/.installed: requirements/receiver.in
	$(PYTHON) -m venv .bench/receiver
	.bench/receiver/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/receiver.in
	@touch $@

.bench/singer/.installed: requirements/bench.in
	$(PYTHON) -m venv .bench/singer
	.bench/singer/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.in
	@touch $@

live: setup ## A real Vendure, a simulated till and the hub, killed in between (needs node >= 20; the first time takes minutes)
	@LIVE_PYTHON=$(BIN)/python tests/live/vendure/up > /dev/null
	SYNCLINE_LIVE=1 $(BIN)/pytest tests/live --timeout 600 -v $(ARGS)

process: setup ## The longer stories of the hub as a process: PostgreSQL, files that change while it runs (a minute)
	$(BIN)/pytest tests/e2e -m process $(ARGS)

newcomer: setup ## The wheel in an empty venv, then the tutorial from its first line to its last (two minutes)
	$(BIN)/pytest tests/docs -m newcomer $(ARGS)

docs: ## The pages as a site in site/; a link that leads nowhere fails (ARGS=serve to look at it while writing)
	@$(MAKE) --no-print-directory .docs/.installed
	.docs/bin/mkdocs $(or $(ARGS),build --strict)

.docs/.installed: requirements/docs.txt
	$(PYTHON) -m venv .docs
	.docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

wheel: setup ## dist/syncline-*.whl
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	@rm -rf build; ls dist

mutate: setup ## Break every rule of the design once, in a copy, and see its case go red (ARGS="--rule 2.7")
	$(BIN)/python -m tests.rules.mutate $(ARGS)

mutants: setup ## Small faults in the hub, one at a time: do its tests notice? (ARGS="--package reconcile --sample 300 --seed 1")
	nice -n 19 $(BIN)/python -m tests.mutants $(ARGS)

demo: setup ## Shop, tills, CRM, help desk, people and the hub between them, until Ctrl-C
	$(BIN)/hub demo

clean: ## Remove what the targets made
	rm -rf $(VENV) .docs .mutants site .mypy_cache .ruff_cache .pytest_cache build dist *.egg-info
