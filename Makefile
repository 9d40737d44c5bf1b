# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The first of these commands that is Python 3.11 or later; or give one: make PYTHON=/path/to/python3
PYTHON := $(shell for command in python3 python3.13 python3.12 python3.11; do \
	"$$command" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$command" && break; done)
CHECK := .venv/bin/python tests/tools/check.py
# More arguments for the command behind a target: make unit ARGS="-k plan -x"
ARGS :=

unexport PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONWARNINGS VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: help demo test test-all bench docs setup setup-demo unit integration soak replay sanity lint types format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 14

demo: setup-demo ## Fail an initialisation on a simulated agent, explain it, recover it
	@.venv/bin/python tests/demo/demo.py

test: setup ## Run the tests and checks; the last line counts them
	@$(CHECK) --tags test

test-all: setup ## Run the long tests, and all on every supported ansible-core; check the built package
	@$(CHECK) --tags matrix

bench: setup ## Measure, against Ansible's own modules and the official SDK; ARGS="lag sizes" selects
	@.venv/bin/nox --session bench -- $(ARGS)

docs: setup ## Build the docs site, in .build/docs/html
	@.venv/bin/nox --session docs

setup: ## Install what the tests need, into .venv
	@$(if $(PYTHON),,$(error Python 3.11 or later is needed))$(PYTHON) -I tests/tools/setup.py test

setup-demo:
	@$(if $(PYTHON),,$(error Python 3.11 or later is needed))$(PYTHON) -I tests/tools/setup.py demo

unit: setup ## Run the unit tests and those of the simulator; ARGS="-k plan" selects
	@$(CHECK) --session unit -- $(ARGS)

integration: setup ## Run Ansible itself against the simulator; ARGS="-k role" selects
	@$(CHECK) --session integration -- $(ARGS)

soak: setup ## Run 10,000 random operations through a wire that breaks; SOAK_SEED=... runs the same again
	@SOAK_OPERATIONS=$${SOAK_OPERATIONS:-10000} HYPOTHESIS_STORAGE_DIRECTORY=.build/cache/hypothesis \
		.venv/bin/python -m pytest --quiet tests/faults/test_soak.py

replay: setup ## Replay recordings of real agents against the simulator; ARGS="FILE..." selects
	@PYTHONPATH=.build .venv/bin/python -m ansible_collections.oceanbase.obshell.tests.simulator.replay $(ARGS)

sanity: setup ## Run ansible-test sanity; ARGS="--test pylint" selects
	@$(CHECK) --session sanity -- $(ARGS)

lint: setup ## Run ansible-lint, yamllint and ruff
	@$(CHECK) --tags lint

types: setup ## Check types with mypy
	@$(CHECK) --session types

format: setup ## Format the Python files, and mend what ruff can mend
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

clean: ## Remove all that make put into the checkout
	rm -rf .venv .build
	find . -name __pycache__ -prune -exec rm -rf {} +
