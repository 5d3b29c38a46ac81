# Lantern. `make` lists the targets; every target says what it does and is quick the second time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
PY := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: help setup run test lint bench faults load lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv with runtime and development tools, build the front end
	@scripts/setup

run: setup ## set up, load the demonstration, start web, worker and tick on http://localhost:8000
	@scripts/run

test: setup ## run every check and test (browser and PostgreSQL included)
	@scripts/test

lint: setup ## the checks without the tests
	@scripts/lint

bench: setup ## measure against floors of the same run: make bench ONLY=pages SIZE=100
	@$(PY) -m tests.benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE))

faults: setup ## kill workers in the middle of 1,000 certificates: make faults SIZE=1000
	@LANTERN_FAULT_CERTIFICATES=$(or $(SIZE),1000) $(PY) -m pytest -q tests/certificates/test_faults.py

load: setup ## learners take a quiz while the server is killed three times, on SQLite and PostgreSQL: make load LEARNERS=60
	@scripts/load $(or $(LEARNERS),500)

lock: ## write the lock files anew
	@$(PY) -m piptools compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate --output-file requirements.txt pyproject.toml
	@$(PY) -m piptools compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate --extra dev --output-file requirements-dev.txt pyproject.toml

clean: ## remove what set-up and runs made (the database too)
	@rm -rf .venv node_modules static/build var staticfiles .pytest_cache .mypy_cache .ruff_cache
