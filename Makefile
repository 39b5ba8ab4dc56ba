# Two commands matter: `make demo` and `make test`. Each sets up what it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
CITY_TEST_FLAGS ?=

.PHONY: help demo test test-unit check bench scenarios soak pictures lock clean system-packages console
.DEFAULT_GOAL := help

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lamplighter needs Python 3.11 or newer; '$(PYTHON)' is older. Set PYTHON=python3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) (once)"
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.development: requirements-dev.lock $(VENV)/.runtime
	@echo "Adding what tests and checks need"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# Nothing to do where the console's sources did not change.
console: $(VENV)/.runtime ## build the operators' console (Node comes with the environment)
	@$(BIN)/python controller/console/hatch_build.py

demo: console ## one night of a simulated city in about two minutes
	@$(BIN)/lamplighter demo

test: $(VENV)/.development system-packages console ## every test; installs mosquitto and promtool where it may
	@$(BIN)/python -m pytest -n 4 --dist loadscope --no-loadscope-reorder $(CITY_TEST_FLAGS)

test-unit: $(VENV)/.development ## the tests that need nothing but Python
	@$(BIN)/python -m pytest -n 3 --dist loadscope tests/unit tests/property tests/contract

check: $(VENV)/.development ## lint, format, types, import contracts, the console's types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --no-logo
	@$(BIN)/python controller/console/hatch_build.py check

bench: $(VENV)/.development system-packages ## the benchmarks; writes docs/BENCHMARKS.md
	@$(BIN)/lamplighter bench --output docs/BENCHMARKS.md

scenarios: $(VENV)/.development system-packages ## what can go wrong, with 100,000 luminaires, for an hour or so
	@$(BIN)/python -m tests.system.scenarios.run_scenarios --output docs/SCENARIOS.md

soak: $(VENV)/.development ## ten years of switchings in seven time zones, for an hour or so
	@$(BIN)/python tests/benchmarks/sweep_ten_years.py

pictures: $(VENV)/.development system-packages console ## the pictures of the operators' guide, taken anew
	@$(BIN)/python -m tests.system.make_guide_pictures

system-packages:
	@.ci/system-packages

lock: ## resolve the lock files anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --extra build --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements.lock pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --extra build --extra dev --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -o requirements-dev.lock -c requirements.lock pyproject.toml

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
		controller/console/node_modules controller/web/console
