# make demo: see it check files. make story: see transfers from a branch to a reversal, in scratch repositories.
# make test: everything that must hold. make proof: runs that are killed, hundreds of them over each kind of ledger.
# All need git and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.PHONY: demo story test proof clean

demo: $(VENV)/.package
	@echo "Good transfer files: wxp-lint check --config examples/assignments/wxp-lint.toml"
	@$(BIN)/wxp-lint check --config examples/assignments/wxp-lint.toml
	@echo
	@echo "What people get wrong: wxp-lint check examples/first-try.csv"
	@$(BIN)/wxp-lint check examples/first-try.csv; test $$? -eq 1
	@echo
	@echo "One file a defect, a line a finding: wxp-lint check examples/broken --output concise"
	@$(BIN)/wxp-lint check examples/broken --output concise; test $$? -eq 1

story: $(VENV)/.package
	@$(BIN)/python examples/story.py

# A file's tests stay together, since they share what is slow to build; pytest comes last and has the last word.
test: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov=wxp_lint $(PYTEST)

# `make test` has a small share of it. PostgreSQL is needed; it takes some half an hour.
proof: $(VENV)/.dev
	WXP_LINT_PROOF=200 WXP_LINT_REQUIRE_SERVICES=1 $(BIN)/pytest tests/proof $(PYTEST)

clean:
	rm -rf $(VENV)

# The virtual environment is made anew when pyproject.toml changes. Nothing is installed outside of it.
$(VENV)/.package: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; where it has another name: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "Installing wxp-lint into $(VENV) ..."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# Dependency groups need pip 25.1.
$(VENV)/.dev: $(VENV)/.package
	@echo "Installing the tools for the tests into $(VENV) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/pip install --quiet --group dev
	@touch $@
