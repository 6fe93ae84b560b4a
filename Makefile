# Two commands do everything: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-slow soak check install eval eval-full lock format

run: install ## Start the bot; without DISCORD_TOKEN, index articles/ and answer in the terminal
	@$(BIN)/footnote run

test: .venv/dev ## Run the tests
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

test-slow: .venv/dev ## The tests that start the program many times or wait for Discord to come back
	$(BIN)/pytest -n 4 -m slow

soak: .venv/dev ## The tests that take minutes: a hundred kills, thousands of operations on two servers
	$(BIN)/pytest -m soak

check: .venv/dev ## Format, lint, types, and our golden questions against the last accepted figures
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m evals.golden --check

eval: .venv/dev ## The benchmarks, quick
	$(BIN)/python -m evals

eval-full: .venv/dev ## The benchmarks on all questions
	$(BIN)/python -m evals --full

format: .venv/dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: .venv/run

# Everything comes from the lock files, by hash; nothing is resolved on the user's machine.
.venv/run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing (about a minute the first time) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

lock: .venv/dev ## Resolve the newest versions pyproject.toml allows into the lock files
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--extra build pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--constraint requirements.lock --extra build --extra dev pyproject.toml --output-file requirements-dev.lock
