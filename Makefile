# Everything starts from Python 3.11 to 3.13, its venv module and make.

PYTHON ?= python3
PERSON ?= talker
# Makers of speech and language services, by the sandbox's stand-ins: deepgram,elevenlabs,openai
PROVIDERS ?=
# Tests wait more than they work: four workers keep two cores busy.
WORKERS ?= 4
VENV := .venv
BIN := $(VENV)/bin
# What runs the product, and with it what tests and checks it.
RUNNABLE := $(VENV)/.runnable
READY := $(VENV)/.ready

.PHONY: run demo test check fix soak bench migrate schema grants names rights setup lock browser pins

run: $(RUNNABLE)            ## sandbox and node, with a first call; Ctrl-C stops
	$(BIN)/talking up

demo: $(RUNNABLE)           ## one whole call in the terminal: PERSON=voicemail PROVIDERS=deepgram make demo
	$(BIN)/talking demo --person $(PERSON) --providers "$(PROVIDERS)"

# Tests start dozens of processes, which would each compile all modules where none may be kept.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(READY) browser   ## the whole test suite
	$(BIN)/python -m pytest -p tests.support.workers -n $(WORKERS)

# Tests in a real browser use the system's Chromium. Without one they say so, and the others run.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing Chromium for the browser tests ..."; \
		(apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium) >/dev/null 2>&1 \
		|| echo "no Chromium: the browser tests will be skipped"; \
	else echo "no Chromium: the browser tests will be skipped"; fi

check: $(READY)          ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(READY)            ## what can be put right by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)          ## benchmarks; prints figures and how to repeat them
	$(BIN)/python -m tests.bench

soak: $(READY)           ## long runs on a machine of one's own, half an hour; prints figures
	$(BIN)/pytest -s tests/soak
	TALKING_TEST_HISTORIES=5000 $(BIN)/pytest tests/unit/media/test_call_histories.py
	TALKING_TEST_STREAMS=10000 $(BIN)/pytest --timeout=1800 tests/unit/media/engines/test_guard_streams.py
	TALKING_TEST_HISTORIES=200 $(BIN)/pytest tests/integration/server/billing/test_histories.py
	$(BIN)/python -m tests.bench soak

migrate: $(RUNNABLE)        ## bring the configured database up to date
	$(BIN)/talking migrate

schema: $(READY)         ## db/schema.sql anew, after a new migration
	$(BIN)/python -m tests.integration.db.schema

grants: $(READY)         ## db/grants.sql anew, after another statement or migration
	$(BIN)/python -m tests.integration.db.grants

names: $(READY)          ## the pinned names of the contract anew, and the clients' shapes
	$(BIN)/python -m tests.architecture.names
	$(BIN)/python -m tests.architecture.client

rights: $(READY)         ## the list anew of functions that use the service's rights
	$(BIN)/python -m tests.architecture.rights

setup: $(RUNNABLE)          ## the virtual environment, with what it takes to run

$(VENV):
	@$(PYTHON) -c 'import sys; v = sys.version_info; \
	(3, 11) <= v < (3, 14) or sys.exit("This is Python %d.%d; 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.13" % v[:2])'
	@echo "making $(VENV) with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv $(VENV)

$(RUNNABLE): requirements.txt pyproject.toml | $(VENV)
	@$(BIN)/python .ci/install.py requirements.txt
	@touch $@

$(READY): requirements-dev.txt pyproject.toml | $(VENV)
	@$(BIN)/python .ci/install.py requirements-dev.txt --editable
	@touch $(RUNNABLE) $@

lock:                    ## pin every dependency anew, by hash, for all platforms
	uv pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --no-header --no-annotate -q -o requirements-dev.txt

pins:                    ## write the digests that the images' tags have now into Dockerfile and compose.yaml
	@for image in $$(sed -nE 's/^FROM ([^ @]+).*/\1/p; s/^ *image: ([^ @]+).*/\1/p' Dockerfile compose.yaml | sort -u); do \
		digest=$$(docker buildx imagetools inspect $$image --format '{{.Manifest.Digest}}') || exit 1; \
		sed -i -E "s#^(FROM |    image: )$$image(@sha256:[0-9a-f]{64})?#\1$$image@$$digest#" Dockerfile compose.yaml; \
		echo "$$image@$$digest"; \
	done
