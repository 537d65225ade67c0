# Needs Python 3.11 or newer, nothing else. `make demo` and `make test` install the rest into .venv.
#   make PYTHON=/path/to/python3.12 …   another interpreter than the newest suitable one
#   make JOBS=4 test                    more test processes

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
DEMO_ARGS ?=
# The newest version whose dependencies all have wheels comes first.
CANDIDATES := $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3 python)
# Without GNU timeout (macOS has none) the benchmarks' own limits hold alone.
LIMIT := $(shell command -v timeout || command -v gtimeout)
BENCH_SECONDS := 600
# The compiler that checks the pages' modules, and the types of the libraries in static/vendor.
TYPES := typescript@5.9.3 preact@11.2.0 htm@3.1.1 @preact/signals@2.11.4

.DEFAULT_GOAL := help
.PHONY: help demo test check faults bench protocol screens clean browser suite

help:
	@echo "make demo     the living demo market on http://127.0.0.1:8000"
	@echo "make test     everything the tests need, then the whole suite"
	@echo "make check    format, lint, types, import contracts, then the suite"
	@echo "make faults   every fault, the long ones too: a quarter of an hour"
	@echo "make bench    every benchmark, at most 10 minutes"
	@echo "make protocol writes the protocol's documents and types from its declarations"
	@echo "make screens  screenshots of the four pages into docs/screens"
	@echo "make clean    remove what make made"

demo: $(VENV)/roads.stamp
	$(BIN)/gigmarket demo $(DEMO_ARGS)

test: $(VENV)/dev.stamp browser suite

check: $(VENV)/dev.stamp browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory suite

faults: $(VENV)/dev.stamp
	$(BIN)/pytest -n $(JOBS) -m faults tests/faults

bench: $(VENV)/dev.stamp
	mkdir -p build
	$(if $(LIMIT),$(LIMIT) -k 15 $(BENCH_SECONDS)) $(BIN)/python -m loadtests all --html build/loadtests.html

protocol: $(VENV)/dev.stamp
	$(BIN)/python -m gigmarket.wire.generate
	GIGMARKET_TRANSCRIPT=write $(BIN)/pytest -n 0 -q tests/system/test_transcript.py

screens: $(VENV)/dev.stamp browser
	GIGMARKET_SCREENS=docs/screens $(BIN)/pytest -n 0 tests/browser

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find gigmarket workers loadtests tests -name __pycache__ -type d -prune -exec rm -rf {} +

suite: $(VENV)/dev.stamp
	$(BIN)/pytest -n $(JOBS)

# A stamp is as new as the install it stands for, so a second run goes straight to work.
$(VENV)/python.stamp:
	@chosen=; seen=; \
	for candidate in $(CANDIDATES); do \
	  version=$$($$candidate -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  seen="$$seen $$candidate=$$version"; \
	  $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue; \
	  if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then chosen=$$candidate; break; fi; \
	  seen="$$seen(without venv: on Debian and Ubuntu, apt-get install python$$version-venv)"; \
	done; \
	if [ -z "$$chosen" ]; then \
	  echo "gigmarket needs Python 3.11 or newer with the venv module. Found:$${seen:- no Python at all}" >&2; exit 1; \
	fi; \
	echo "Creating $(VENV) with $$($$chosen --version)"; \
	$$chosen -m venv $(VENV)
	@touch $@

$(VENV)/roads.stamp: $(VENV)/python.stamp pyproject.toml
	@echo "Installing gigmarket and what it needs (a minute, once)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[roads]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/python.stamp pyproject.toml
	@echo "Installing gigmarket and what its tests need (some minutes, once)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@if command -v npm >/dev/null 2>&1; then \
	  npm install --silent --no-audit --no-fund --prefix $(VENV)/node $(TYPES) || \
	    echo "TypeScript could not be installed: the pages' types will not be checked"; \
	fi
	@touch $(VENV)/roads.stamp $@

# Never fails the run: where Chromium cannot be had, the browser tests skip and say why.
browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  if command -v $$name >/dev/null 2>&1; then exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Chromium and a Chinese font for the browser tests"; \
	  export DEBIAN_FRONTEND=noninteractive; \
	  net="-o Acquire::Retries=1 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"; \
	  if apt-get $$net -qq update && \
	     apt-get $$net -qq install -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; then \
	    exit 0; \
	  fi; \
	fi; \
	echo "No Chromium here and none can be installed: the browser tests will skip." \
	     "To run them: apt-get install chromium fonts-noto-cjk"
