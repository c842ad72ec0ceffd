# make demo   set everything up, load real purchases, serve on 127.0.0.1:8000
# make test   set everything up, run all checks and tests
# make check  the static part of `make test`
# make bench  measure, some minutes; see docs/performance.md
# make attack, make fuzz   try to break a gateway
# make model, make simulate, make soak   much more of what `make test` does of each

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test rows model simulate soak check graphiql mutants bench bench-ledger bench-plugins bench-rules attack fuzz clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

demo: $(STAMP)  ## Load real purchases into SQLite and serve the gateway
	GUERDON_GRAPHIQL=1 $(BIN)/guerdon demo

test: check  ## Run all checks and all tests, on SQLite and PostgreSQL
	$(BIN)/pytest -n auto --dist loadgroup --ignore tests/clients
	$(BIN)/pytest tests/clients

rows: $(STAMP)  ## Show which rows of the acceptance list hold, by their scenarios
	$(BIN)/python tests/scenarios/rows.py

model: $(STAMP)  ## Hold every store against the model: a thousand random histories
	$(BIN)/pytest tests/core/ledger/test_model.py --histories 1000

simulate: $(STAMP)  ## Run towns full of failures: thousands of seeds
	$(BIN)/pytest tests/core/ledger/test_simulation.py --seeds 5000

soak: $(STAMP)  ## Kill writers, sweepers and servers for ten minutes; then the proof
	$(BIN)/python tests/faults/kills.py --seconds 200 --pause 1.5 --kills 50
	PYTHONPATH=. $(BIN)/python tests/faults/redemptions.py --kills 100

check: $(STAMP)  ## Run the static checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

mutants: $(STAMP)  ## Put faults into the ledger and see which test finds each; minutes
	$(BIN)/python tests/mutations/run.py

bench: bench-ledger bench-plugins bench-rules  ## Run all benchmarks; some minutes, on a quiet machine

bench-ledger: $(STAMP)  ## Measure the ledger beside what databases can do without it
	$(BIN)/python tests/bench/ledger.py

bench-plugins: $(STAMP)  ## Measure redemptions beside a plugin that sleeps
	PYTHONPATH=. $(BIN)/python tests/bench/neighbors.py

bench-rules: $(STAMP)  ## Measure what rules cost an activity
	PYTHONPATH=. $(BIN)/python tests/bench/rules.py

attack: $(STAMP)  ## Attack a running gateway, and print what came of it
	PYTHONPATH=. $(BIN)/python tests/attacks/attacking.py

fuzz: $(STAMP)  ## Ask a gateway whatever its schema allows, 2,000 times
	PYTHONPATH=. $(BIN)/python tests/attacks/fuzzing.py

graphiql: $(STAMP)  ## Build the page of GraphiQL again, with what npm has
	cd gateway/graphiql/source && PATH="$(CURDIR)/$(BIN):$$PATH" sh -c "npm ci && npm run build"

clean:  ## Remove what was built; the demo's database too
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf tests/clients/node_modules tests/clients/.page gateway/graphiql/source/node_modules
	rm -f guerdon-demo.db guerdon-demo.db-*  guerdon-demo.db.lock

# Reinstalled only when what is to be installed changes, so a second run needs no network.
$(STAMP): pyproject.toml .ci/constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Guerdon needs Python 3.11 or newer; name one: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) \
		|| { echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check -c .ci/constraints.txt -e '.[dev]'
	@touch $@
