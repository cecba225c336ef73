# Two commands on a fresh machine with Python 3.11+ and make: `make run`, `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PYTEST ?= $(BIN)/pytest

.DEFAULT_GOAL := help
.PHONY: help setup run demo test test-unit check lint types imports format docs clean bench-newsroom bench-extract
.PHONY: bench-frontier bench-body bench-furniture bench-stories bench-feeds bench-polling bench-poll-load bench-addresses

help:  ## list all targets
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## make the environment in .venv

$(READY): pyproject.toml worker/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "feedmill: Python 3.11 or newer is needed; say which with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "feedmill: the venv module is missing (Debian, Ubuntu: apt-get install python3-venv)"; exit 2; }
	@echo "installing into $(VENV), once; about a minute"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

run: setup  ## poll config/feeds.yaml and build the archive in data/ (Ctrl-C ends it)
	@exec $(BIN)/feedmill run

demo: setup  ## the whole pipeline on a bundled sample newsroom; no network needed
	@exec $(BIN)/feedmill demo

test: setup check  ## lint, types, import contract and all tests
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder

test-unit: setup  ## the tests that need no server (seconds)
	$(PYTEST) tests/unit

check: lint types imports  ## lint, types and import contract

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

format: setup  ## put the code into its standard form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup  ## write docs/settings.md and config/feedmill.toml anew from settings.py
	$(BIN)/python -m worker.cli.reference

bench-newsroom: setup  ## 1,000 articles from ../shared/newsroom through both indexes (not in CI)
	$(BIN)/python tests/bench/newsroom.py

bench-polling: setup  ## polling rules compared at equal requests, in simulation (QUICK=1: a minute)
	$(BIN)/python tests/bench/polling.py $(if $(QUICK),--quick)

bench-feeds: setup  ## the feed parser against feedparser over ../shared/corpus/feeds (not in CI)
	$(BIN)/python tests/bench/feeds.py

bench-poll-load: setup  ## what polling 50,000 feeds costs, and how late polls are (two minutes; not in CI)
	$(BIN)/python tests/bench/poll_load.py

bench-frontier: setup  ## what a claim costs, and what a host takes in memory (a minute; not in CI)
	$(BIN)/python tests/bench/frontier.py

bench-extract: setup  ## our extraction against trafilatura, on ../shared/corpus/pages (not in CI)
	$(BIN)/python tests/bench/extract.py

bench-body: setup  ## snippets that must and must not come out of some 1,500 made-up pages: ours and trafilatura
	$(BIN)/python tests/bench/body.py
	$(BIN)/python tests/bench/body.py --pages systems

bench-furniture: setup  ## what learned furniture costs, and how soon ../shared/newsroom is clean of it (not in CI)
	$(BIN)/python tests/bench/furniture.py
	$(BIN)/python tests/bench/furniture_newsroom.py

bench-stories: setup  ## how right, quick and small story grouping is, beside MinHash-LSH (not in CI)
	@$(BIN)/python -c 'import datasketch' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python tests/bench/stories.py

bench-addresses: setup  ## what it costs to know articles by all their addresses (not in CI)
	$(BIN)/python -m tests.bench.addresses

clean:  ## remove the environment and caches, not the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
