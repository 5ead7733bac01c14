# Every command of the project; `make` or `make help` prints them. Two are enough to begin: `make serve`, `make test`.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev serve test test-platform test-bot check format index train eval eval-nlu bench bench-retrieval bench-simulator bench-channels bench-reminders bench-experiments ablation lock clean

# A Python >= 3.11 that runs (a name on the PATH may be an empty shell); `make PYTHON=/path/to/python …` overrides it.
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python)
FOUND = $(shell for name in $(CANDIDATES); do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

PLATFORM := .venv/bin/python
SHEBAO := .venv/bin/shebao
LOCK := .tools/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-header

define SET_UP
$(if $(FOUND),$(FOUND) -m deploy.set_up,@echo "No Python 3.11 or later was found. Mend: install one \
(Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python …" >&2; exit 1 #)
endef

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

setup: ## install, train and index whatever is missing or has changed
	@$(SET_UP)

setup-dev:
	@$(SET_UP) --dev

serve: setup ## set up, then start everything; the web chat is at http://127.0.0.1:8000, Ctrl-C stops it
	@exec $(SHEBAO) serve

test: setup-dev ## set up, then run all tests of the platform and of the bot
	@platform=0; bot=0; \
	$(PLATFORM) -m pytest || platform=$$?; \
	(cd bot && .venv/bin/python -m pytest -c pyproject.toml -p no:warnings tests) || bot=$$?; \
	if [ $$platform -eq 0 ] && [ $$bot -eq 0 ]; then echo "All tests passed: platform and bot."; \
	else echo "Tests FAILED (pytest's exit codes: platform $$platform, bot $$bot)." >&2; exit 1; fi

check: setup-dev ## formatting, lint and types of the code; lint of the bot's and the knowledge folder's files
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy --strict actions channels tests
	.venv/bin/yamllint --strict bot knowledge
	$(SHEBAO) knowledge check
	@echo "All checks passed."

format: setup-dev ## rewrite the code in the project's format
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

index: setup ## bring the index up to date with the knowledge folder
	@$(SHEBAO) knowledge index

train: ## train the Rasa model again, even if nothing changed
	@$(SET_UP) --again train

eval: setup ## measure the answers on the questions in knowledge/evaluation
	@$(SHEBAO) knowledge eval

eval-nlu: setup ## cross-validate the intents, per language
	cd bot && .venv/bin/python cross_validate.py

bench: setup ## measure turns, load and memory, next to stock Rasa
	$(PLATFORM) -m benchmarks.turns

bench-retrieval: setup ## measure finding alone: this folder and 100,000 generated articles, next to bm25s and exact search
	$(PLATFORM) -m benchmarks.retrieval

bench-simulator: setup ## measure the simulator: one estimate, and a million careers beside a loop and OpenFisca-Core
	$(PLATFORM) -m benchmarks.simulator

bench-channels: setup-dev ## measure the channels: 10,000 WeChat messages under a slow Rasa, 2,000 open web conversations
	$(PLATFORM) -m benchmarks.channels
	$(PLATFORM) -m benchmarks.open_conversations

bench-reminders: setup ## measure reminders: planning, throughput beside Celery, nothing lost or doubled under kills
	$(PLATFORM) -m benchmarks.reminders planning
	$(PLATFORM) -m benchmarks.reminders throughput
	$(PLATFORM) -m benchmarks.reminders kills

bench-experiments: setup ## measure how honest the campaigns' reports are: 2,000 simulated campaigns
	$(PLATFORM) -m benchmarks.experiments

ablation: setup ## measure what each part of finding brings, and how honest the judge's chances are
	$(PLATFORM) -m benchmarks.ablation --plot docs/images/reliability.svg

lock: ## compile the lock files again from the pyproject files
	@$(SET_UP) --only tools
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --extra dev pyproject.toml -o requirements-dev.lock -c requirements.lock
	cd bot && ../$(LOCK) --extra dev pyproject.toml -o requirements.lock

clean: ## remove what set-up made: environments, models, index and logs (the database stays)
	rm -rf .tools .venv bot/.venv bot/models bot/.rasa var/index var/bench var/log *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
