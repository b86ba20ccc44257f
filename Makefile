# Each target installs what it needs. Prerequisites: Python 3.11 or newer with pip, and make.
PYTHON ?= python3
UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
SYNC := $(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python
PYTEST := -q -n auto --dist loadfile --no-loadscope-reorder
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_NO_PROGRESS := 1
# Tests start several hundred processes that import the same modules. Compiling them each time takes longer than the
# tests. So compiled modules are kept even if the environment says not to write them.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup setup-all demo test test-all coverage pythons versions pipeline long lint check wheel fuzz mutants corpus bench regenerate client upstream clean

help: ## show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# The environment has three layers, and each target installs only the ones it needs. A layer never removes anything.
# A stamp is newer than the lock only if its layer was installed from it.
$(VENV)/.complete-uv: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@touch $@

$(VENV)/.complete-demo: $(VENV)/.complete-uv
	@$(SYNC) --no-default-groups --extra cli --extra mock
	@touch $@

$(VENV)/.complete-test: $(VENV)/.complete-uv
	@$(SYNC) --all-extras --no-extra speech --group dev
	@touch $@

$(VENV)/.complete-all: $(VENV)/.complete-uv
	@$(SYNC) --all-extras --group dev --group heavy
	@touch $@

setup: $(VENV)/.complete-test ## create .venv with the development tools and all extras but `speech`

setup-all: $(VENV)/.complete-all ## create .venv with all extras, speech models and other heavy packages

demo: $(VENV)/.complete-demo ## create a replica with spoken consent on the embedded fake
	@$(BIN)/tavus-consent demo

test: setup ## run the tests, except the pipeline's and the heavy ones
	@$(BIN)/python -m pytest $(PYTEST) -m 'not heavy' --ignore=tests/pipeline $(ARGS)

# These targets do not repeat `make test`. Coverage is measured on the newest Python on this machine. `make long` draws
# more Hypothesis examples, without a tracer, which would make each example three times as slow.
LONG := tests/contract tests/docs tests/security
LONG += tests/preflight/test_hostile.py::test_damaged_files_end_in_findings

test-all: coverage pythons versions pipeline long ## run all of these: every test, the heavy and the long ones too

coverage: setup-all ## run the tests that cover overlay/, and require 100 % coverage
	@$(BIN)/python scripts/test_pythons.py --coverage

pythons: setup ## run the tests that can differ on every other supported Python on this machine
	@$(BIN)/python scripts/test_pythons.py

versions: setup ## run the main flow with the lowest and with the newest versions of the dependencies
	@$(BIN)/python scripts/test_versions.py

pipeline: setup ## run the tests of scripts/ and of the generated code
	@HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest $(PYTEST) tests/pipeline

long: setup-all ## run heavy tests without coverage, with more examples, and fuzz the served fake
	@HYPOTHESIS_PROFILE=full $(BIN)/python -m pytest $(PYTEST) -m 'heavy or hypothesis or scaled' $(LONG)
	@$(BIN)/python scripts/fuzz.py --cases 2000 $(if $(SEED),--seed $(SEED))

lint: setup ## ruff, the layers of the packages, mypy --strict, pyright, ty, undeclared breaks of the public API
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/mypy
	@$(BIN)/pyright --pythonpath $(BIN)/python
	@$(BIN)/ty check --quiet --python $(VENV) tests/typing
	@$(BIN)/python scripts/public_api.py --check

check: setup ## fail if generated/, the sync code or a generated page of docs/ is not current
	@$(BIN)/python scripts/regenerate.py --check
	@$(BIN)/python scripts/derive_sync.py --check
	@$(BIN)/python scripts/list_operations.py --check
	@$(BIN)/python scripts/list_reference.py --check
	@$(BIN)/python scripts/list_links.py --check
	@$(BIN)/python scripts/public_api.py --current

regenerate: setup ## rebuild openapi/tavus.yaml, generated/, the sync code and the generated pages of docs/
	@$(BIN)/python scripts/regenerate.py
	@$(BIN)/python scripts/derive_sync.py
	@$(BIN)/python scripts/list_operations.py
	@$(BIN)/python scripts/list_reference.py
	@$(BIN)/python scripts/list_links.py

client: setup ## compare openapi/ with Tavus's own client, if the tests have installed it
	@$(BIN)/python scripts/compare_client.py

upstream: setup ## take over Tavus's current document, or SOURCE: report, version, changelog, rebuilt tree
	@$(BIN)/python scripts/take_upstream.py $(if $(SOURCE),--source '$(SOURCE)') $(ARGS)
	@$(BIN)/python scripts/list_operations.py
	@$(BIN)/python scripts/list_reference.py
	@$(BIN)/python scripts/list_links.py

wheel: setup ## build the package, install it into an empty environment, use it
	@$(BIN)/python scripts/check_wheel.py

fuzz: setup ## fuzz the served fake with schemathesis, 10,000 cases or more, and preflight with 20,000 damaged files
	@$(BIN)/python scripts/fuzz.py --cases 10000
	@$(BIN)/python -W error -m tests.preflight.fuzzing --cases 20000

mutants: setup-all ## make small changes to policy, errors and consent, and list those that no test detects
	@$(SYNC) --group mutants
	@$(BIN)/python scripts/mutants.py

corpus: setup-all ## create the clips for measuring the preflight, from a seed
	@$(BIN)/python -m tests.benchmarks.corpus

bench: setup-all ## print the costs of the SDK next to their baselines
	@$(SYNC) --group bench
	@$(BIN)/python -m tests.benchmarks

clean: ## remove the files that the targets above created
	rm -rf $(VENV) .venv-* .corpus .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
