# make demo     learn to read digits from scikit-learn's, and pictures of them; make captchas, and learn to read those
# make install  everything, into .venv
# make check    format, lint, types
# make test     all tests
# A Python of 3.11 or later is looked for; `make PYTHON=/path/to/python3.12 test` takes that one.

.PHONY: demo install check test format clean
.DEFAULT_GOAL := install

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
# Each of these files says that what it is called after is installed.
TRAIN := .venv/.stamp-train
DEV := .venv/.stamp-dev

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "no Python of 3.11 or later was found: install one, or say make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

$(TRAIN): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[train,captcha]'
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[train,dev]'
	@touch $(TRAIN) $@

install: $(DEV)

demo: $(TRAIN)
	$(BIN)/hornbook train digits --run demo/digits --fresh
	$(BIN)/hornbook evaluate demo/digits
	$(BIN)/python docs/demo_pictures.py demo/digits demo/photos
	$(BIN)/hornbook predict demo/digits demo/photos --show demo/seen
	rm -rf demo/captchas demo/fresh
	$(BIN)/hornbook make captcha demo/captchas --count 4000 --seed 1
	$(BIN)/hornbook train demo/captchas --recipe captcha --run demo/captcha --fresh --set training.epochs=10
	$(BIN)/hornbook make captcha demo/fresh --count 10 --seed 2
	$(BIN)/hornbook predict demo/captcha demo/fresh
	@echo "the reports: demo/digits/report.html and demo/captcha/report.html"

check: $(DEV)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

test: $(DEV)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

format: $(DEV)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:
	rm -rf .venv demo build dist .mypy_cache .ruff_cache .pytest_cache
