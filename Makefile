# Every command of the project. `make` alone lists them.
#
# BIN says where the programs are. Another value uses an environment you made yourself and installs nothing:
#     make lint BIN=/some/where/bin/

BIN ?= .venv/bin/
HOST ?= 127.0.0.1
PORT ?= 5000
# How many test processes run side by side, and what pytest gets on top: make test ARGS="-k vote"
WORKERS ?= 2
ARGS ?=
export HOST PORT

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
# One pip at a time.
.NOTPARALLEL:

ifeq ($(BIN),.venv/bin/)
runtime := .venv/.runtime-installed
development := .venv/.development-installed
endif

locales := sv en
catalogues := $(locales:%=dialogue/translations/%/LC_MESSAGES/messages.po)
compiled := $(catalogues:.po=.mo)

# $(call install,requirements file): pip's talk goes to a log; a terminal sees a counter. Of two commands in a pipe the
# shell reports only the last one's failure, therefore pip's own status travels along as a line of text.
define install
	total=$$(grep -c '==' $(1)); [ -t 1 ] && tty=1 || tty=0; \
	echo "Installing $$total pinned packages (once; up to a minute)"; \
	{ .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r $(1) \
	  && .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off \
	     --no-index --no-deps --no-build-isolation -e . ; echo "exit $$?"; } 2>&1 \
	| awk -v log_file=.venv/install.log -v total=$$total -v tty=$$tty ' \
	    /^exit / { status = $$2; told = 1; next } \
	    { print > log_file; lines[++count % 15] = $$0 } \
	    /^(Collecting|Requirement already satisfied)/ && tty { printf "\r  %d of %d", ++n, total; fflush() } \
	    /^Installing collected/ && tty { printf "\r  unpacking   "; fflush() } \
	    END { if (tty) printf "\r               \r"; \
	          if (!told) status = 1; \
	          if (status) for (i = count - 14; i <= count; i++) if (i > 0) print lines[i % 15]; \
	          exit status }'
endef

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(runtime) $(compiled) ## install what running needs, in .venv
	@:

.PHONY: run
run: $(runtime) $(compiled) ## start web and worker with a filled database (HOST, PORT); Ctrl-C stops both
	@exec $(BIN)dialogue run

.PHONY: test
test: $(development) $(compiled) ## run every test, on SQLite and PostgreSQL and in a browser (ARGS="-k vote", WORKERS)
	@BIN=$(BIN) WORKERS=$(WORKERS) tests/run $(ARGS)

.PHONY: lint
lint: $(development) ## check style, types and templates
	@$(BIN)ruff check --quiet .
	@$(BIN)ruff format --quiet --check . || { echo "Not formatted. Mend it with: $(BIN)ruff format ." >&2; exit 1; }
	@$(BIN)mypy --no-error-summary
	@[ ! -d templates ] || $(BIN)djlint --lint --quiet templates

.PHONY: bench
bench: $(runtime) $(compiled) ## measure pages under load, on 1,000 and 100,000 requests
	@$(BIN)python -m tests.bench $(ARGS)

.PHONY: messages
messages: $(development) ## collect the texts to translate into dialogue/translations
	@pot=$$(mktemp) && trap 'rm -f "$$pot"' EXIT && \
	$(BIN)pybabel --quiet extract --mapping-file pyproject.toml --output-file "$$pot" --sort-output --no-location \
	  --project Dialogue --version "" --copyright-holder Dialogue --width 120 $(wildcard dialogue templates) && \
	for locale in $(locales); do \
	  $(BIN)pybabel --quiet update --input-file "$$pot" --locale $$locale --width 120 --no-fuzzy-matching \
	    --ignore-obsolete --ignore-pot-creation-date --output-dir dialogue/translations || exit 1; \
	done

# Extras stay in the pins: pip takes `coverage==1` for no answer to a package that wants `coverage[toml]`, and looks for a
# newer one, which has no hash.
.PHONY: requirements
requirements: $(development) ## pin what pyproject.toml asks for, with hashes, in requirements*.txt
	@[ -x $(BIN)uv ] || $(BIN)python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@pin() { $(BIN)uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-strip-extras --no-header --no-emit-index-url --no-emit-find-links --extra build "$$@"; }; \
	pin --output-file requirements.txt && \
	pin --extra dev --constraints requirements.txt --output-file requirements-dev.txt

.PHONY: clean
clean: ## remove what the other commands made, but not var/, which holds the database
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov $(compiled)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@python=; for candidate in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$candidate; \
	    if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Dialogue needs Python 3.11 or newer. Install it (Debian: apt install python3 python3-venv)." >&2; exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "$$found cannot make virtual environments. Install the missing part (Debian: apt install python3-venv)." >&2; \
	  exit 1; \
	fi; \
	rm -rf .venv && $$python -m venv .venv

.venv/.runtime-installed: requirements.txt pyproject.toml | .venv/bin/python
	@$(call install,requirements.txt)
	@touch $@

.venv/.development-installed: requirements-dev.txt pyproject.toml | .venv/bin/python
	@$(call install,requirements-dev.txt)
	@touch $@ .venv/.runtime-installed

%.mo: %.po | $(runtime)
	@$(BIN)pybabel --quiet compile --input-file $< --output-file $@
