# Every command sets up what it needs by itself: Python 3.11+ and make are enough.
# Words for the program behind a command go into ARGS: make test ARGS="-k checkout"

MAKEFLAGS += --no-print-directory
# Without compiled code each of the shop's processes compiles some 1,700 files at every start.
unexport PYTHONDONTWRITEBYTECODE
PYTHON_OF_SHOP := .venv/bin/python
COMPILE := .boot/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate

.DEFAULT_GOAL := help
.PHONY: help up search-node test test-search test-faults check smoke bench-smoke openapi format bench fuzz peers simulate prove-prices seed migration lock clean runtime dev load

help: ## Show this list
	@echo "Shopwright"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

up: runtime ## Run the whole shop here: API, worker, clock, with its own PostgreSQL and Redis
	@exec env $(if $(search),SEARCH=$(search)) $(PYTHON_OF_SHOP) -m shopwright.cli up $(ARGS)

search-node: runtime ## Get Elasticsearch and OpenSearch, through Maven, for the tests and for: make up search=elasticsearch
	@exec $(PYTHON_OF_SHOP) -m shopwright.embedded.engine_files $(ARGS)

peers: ## Get the counterparts that the tests speak with and that are no Python packages
	@bin/peers

test: dev ## Run all tests, in parallel and in random order
	@exec $(PYTHON_OF_SHOP) -m pytest -n auto --dist loadgroup $(ARGS)

test-search: dev ## Run what speaks with the search engines; one that cannot be had is a failure
	@$(PYTHON_OF_SHOP) -m shopwright.embedded.engine_files --needed
	@SEARCH_ENGINES=needed exec $(PYTHON_OF_SHOP) -m pytest -n 0 tests/embedded/test_search_engines.py tests/listeners/search/contract tests/listeners/search/golden/test_gate.py $(ARGS)

test-faults: dev ## Kill, stop, starve and cut off a real shop; every scenario ends with the auditor
	@exec $(PYTHON_OF_SHOP) -m pytest tests/faults -n 2 $(ARGS)

check: dev ## Lint, format, types, import contracts, and the rules for the code's shape
	@$(PYTHON_OF_SHOP) -m ruff check .
	@$(PYTHON_OF_SHOP) -m ruff format --check .
	@$(PYTHON_OF_SHOP) -m mypy
	@.venv/bin/lint-imports
	@exec $(PYTHON_OF_SHOP) -m pytest -q tests/test_architecture.py

smoke: dev ## Start the shop, buy something over HTTP, stop it; twice
	@exec $(PYTHON_OF_SHOP) bench/smoke.py

bench-smoke: load ## See in little that the bench runs and that a crowd is served; times are not judged
	@exec $(PYTHON_OF_SHOP) -m bench --smoke

openapi: dev ## Write the API's document, to be reviewed as a difference
	@exec $(PYTHON_OF_SHOP) -m shopwright.cli openapi docs/api/openapi.json

format: dev ## Put all code into the one format
	@$(PYTHON_OF_SHOP) -m ruff check --fix-only --quiet .
	@exec $(PYTHON_OF_SHOP) -m ruff format .

bench: load ## Measure what the shop costs beside bare Flask and pgbench, and how it bears a crowd
	@exec $(PYTHON_OF_SHOP) -m bench $(ARGS)

fuzz: dev ## Attack the API with requests made from its own description
	@exec $(PYTHON_OF_SHOP) -m pytest tests/fuzz $(ARGS)

simulate: dev ## Live through random days with faults, from a seed: make simulate ARGS="--steps 1000000"
	@exec $(PYTHON_OF_SHOP) -m tests.simulation $(ARGS)

prove-prices: dev ## Judge a million random carts twice: make prove-prices ARGS="--carts 10000 --seed 1 --jobs 2"
	@exec $(PYTHON_OF_SHOP) -m tests.pricing_oracle $(ARGS)

seed: runtime ## Fill the database of DATABASE_URL with an example shop
	@exec $(PYTHON_OF_SHOP) -m shopwright.cli seed $(ARGS)

migration: dev ## Write a migration from the models: make migration name="add gift cards"
	@test -n "$(name)" || { echo 'Say what it does: make migration name="add gift cards"'; exit 1; }
	@exec $(PYTHON_OF_SHOP) -m alembic revision --autogenerate -m "$(name)"

lock: dev ## Compile the pinned, hashed packages anew: make lock ARGS=--upgrade
	@$(COMPILE) $(ARGS) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) $(ARGS) --extra dev pyproject.toml -o requirements/dev.txt
	@$(COMPILE) $(ARGS) --extra load pyproject.toml -o requirements/load.txt

clean: ## Remove everything that was installed or cached; the shop's data in .data stays
	@rm -rf .venv .boot .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	@find src tests bench migrations -name __pycache__ -type d -prune -exec rm -rf {} +

runtime dev load:
	@bin/bootstrap $@
