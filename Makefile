# One command a task. `make run` and `make test` are all that anyone needs.
.DELETE_ON_ERROR:
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB := api/web
UV_VERSION := 0.13.9
# Tests run in as many processes, each with a Neo4j of its own; they share one that is named.
WORKERS ?= $(if $(COMPLAINT_GRAPH_NEO4J__URI),0,2)
# pip's configured mirror, if any, also serves uv.
MIRROR = $$($(BIN)/python -m pip config get global.index-url 2>/dev/null || true)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench sbom audit lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "complaint-graph needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@mirror="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$(MIRROR)}}"; if [ -n "$$mirror" ]; then export UV_DEFAULT_INDEX="$$mirror"; fi; \
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --requirement requirements.lock && \
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB)/dist/installed.json: $(WEB)/package.json $(WEB)/package-lock.json tools/browser_files.py | $(VENV)/.installed
	@echo "Fetching the files of web pages into $(WEB)/dist ..."
	@$(BIN)/python -m tools.browser_files

setup: $(VENV)/.installed $(WEB)/dist/installed.json ## create .venv with the locked dependencies; get the files of web pages

run: setup ## start the service on the demo bank: http://127.0.0.1:8000/graphql
	@$(BIN)/complaint-graph serve --demo

test: setup ## every test, on a real Neo4j (WORKERS=0: one after the other)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## format, lint, types, layers
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup ## rewrite the code as the formatter wants it
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup ## performance, as ratios measured in one run
	@$(BIN)/python -m benchmarks speed

sbom: setup ## what ships, with licences, as CycloneDX: sbom.cdx.json
	@$(BIN)/python -m tools.sbom --output sbom.cdx.json

audit: setup ## known weaknesses of what the lock names (ARGS=--required: fail where nobody tells)
	@$(BIN)/python -m tools.audit $(ARGS)

lock: $(BIN)/python ## resolve the newest allowed versions into requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --group dev --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove .venv, fetched files and caches (data stays)
	@rm -rf $(VENV) $(WEB)/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
