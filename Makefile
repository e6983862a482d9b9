# Everything happens inside .venv, made once from the hashed locks; afterwards no network is needed.
# `make run` needs requirements.lock alone; tests and checks install requirements-tools.lock on top of it.

PYTHON ?= $(firstword $(foreach p,python3.11 python3 python3.12 python3.13 python3.14 python,$(shell \
	$(p) -c 'import sys; print("$(p)" if sys.version_info >= (3, 11) else "")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NOT_INSTALLED := The libraries could not be installed: see the reason above. Without a network, name another index \
	(PIP_INDEX_URL=…) or a folder with their wheels (PIP_NO_INDEX=1 PIP_FIND_LINKS=…), then run make again.
TOOLS := $(VENV)/.tools
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test test-stress demo bench bench-compare faults fuzz late same-answers histories clients docs lint types check image k8s-check lock clean

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1	\2/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do \
		printf '  make %-13s %s\n' "$$name" "$$text"; done

run: $(READY) ## start the whole suite; Ctrl-C stops it (SIHE_PORT, SIHE_HOME, SIHE_ADMIN_KEY)
	@exec $(BIN)/sihe up

test: $(TOOLS) ## all tests that take no minutes, on two cores (ARGS="-m unit", "-m service" or "-m system" for one tier)
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

test-stress: $(TOOLS) ## the tests three times while other work keeps every core busy: half an hour
	@$(BIN)/python -m tests.stress.run $(ARGS)

demo: $(READY) ## run one order with a shortage and check the books at the end (ARGS="--lang zh" in Chinese)
	@exec $(BIN)/sihe demo $(ARGS)

bench: $(TOOLS) ## measure the suite against the raw limits of this machine
	@exec $(BIN)/sihe bench $(ARGS)

bench-compare: $(TOOLS) ## compare the rows of two trees, taken in turns: minutes (ARGS="--base REV --only cash")
	@$(BIN)/python -m tests.bench.compare.command $(ARGS)

faults: $(TOOLS) ## kills, cuts, duplicates, poison, bad input: minutes
	@$(BIN)/python -m pytest tests/faults -m "long or not long" $(ARGS)

fuzz: $(TOOLS) ## everything the API document allows, and much it does not, asked as every role: minutes
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

late: $(TOOLS) ## real books closed at the end of 1997, then 500 pieces of news of that year: minutes (ARGS="--events 50")
	@$(BIN)/python -m tests.late.run $(ARGS)

histories: $(TOOLS) ## random histories against an independent oracle: minutes (SEEDS=0-999 ARGS="--steps 200", "--processes")
	@$(BIN)/python -m tests.histories.run $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS) 2>/dev/null

same-answers: $(TOOLS) ## compare all answers and events with those of the base commit: minutes (ARGS="--base REV")
	@$(BIN)/python -m tests.same_answers.run $(ARGS)

clients: $(TOOLS) ## make a Python and a TypeScript client of the API and run the first order with each: minutes, node
	@$(BIN)/python -m tests.clients.run $(ARGS)

docs: $(TOOLS) ## write the generated pages, schemas and samples
	@$(BIN)/python -m docs.generate
	@$(BIN)/python docs/word_list.py --write

lint: types ## style, types, who may import whom, generated pages current, how much there is to read
	@$(BIN)/ruff check --no-cache .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo --config docs/import-rules.toml
	@$(BIN)/python -m docs.generate --check
	@$(BIN)/python docs/check_names.py
	@$(BIN)/python docs/word_list.py
	@$(BIN)/python -m docs.check_words
	@$(BIN)/python docs/measure.py

types: $(TOOLS) ## strict types only
	@$(BIN)/mypy

check: lint test ## what has to pass before a change goes in

ENGINE ?= $(firstword $(foreach e,docker podman buildah,$(shell $(e) info >/dev/null 2>&1 && echo $(e))))
IMAGE ?= sihe:$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

image: ## the container image of the suite (ENGINE=docker, podman or buildah; IMAGE=name:tag)
	@test -n "$(ENGINE)" || { echo "make image needs a running container engine: docker, podman or buildah." >&2; exit 2; }
	@export SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct); $(ENGINE) build --tag $(IMAGE) \
		--build-arg VERSION=$(lastword $(subst :, ,$(IMAGE))) --build-arg REVISION=$$(git rev-parse HEAD) .

k8s-check: $(TOOLS) $(VENV)/k8s/.ready ## the manifests of deploy/k8s as kustomize builds them, the Dockerfile
	@$(BIN)/python -m deploy.check $(VENV)/k8s/bin

lock: $(TOOLS) ## choose the newest allowed versions of all libraries, with hashes
	@$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet pip-tools
	@env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
		$(VENV)/lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
		--extra install --extra dev \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --annotation-style line \
		--output-file $(VENV)/complete.lock pyproject.toml
	@sed -i -E 's/^(pgserver==[^ ]+) \\/\1 ; python_version < "3.13" \\/' $(VENV)/complete.lock
	@$(BIN)/python docs/split_lock.py $(VENV)/complete.lock

clean: ## forget the environment (never the data)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(READY): requirements.lock pyproject.toml
	@$(if $(PYTHON),$(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed$(if $(PYTHON), ($(PYTHON) is not one)); name it: make PYTHON=…" >&2; exit 2; }
	@echo "Making $(VENV) with $$($(PYTHON) --version), once; it takes about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "  the libraries, at the versions and hashes of requirements.lock"
	@$(PIP) --require-hashes --requirement requirements.lock \
		2>$(VENV)/install.log || { cat $(VENV)/install.log >&2; echo "$(NOT_INSTALLED)" >&2; exit 1; }
	@echo "  the suite itself"
	@$(PIP) --no-deps --no-build-isolation --editable . \
		2>>$(VENV)/install.log || { cat $(VENV)/install.log >&2; echo "$(NOT_INSTALLED)" >&2; exit 1; }
	@touch $@

$(TOOLS): $(READY) requirements-tools.lock
	@echo "  the tools for tests and checks, at the versions and hashes of requirements-tools.lock"
	@$(PIP) --require-hashes --requirement requirements-tools.lock --constraint requirements.lock \
		2>$(VENV)/install.log || { cat $(VENV)/install.log >&2; echo "$(NOT_INSTALLED)" >&2; exit 1; }
	@touch $@

$(VENV)/k8s/.ready: requirements.k8s.lock
	@test -x $(VENV)/k8s/bin/python || $(PYTHON) -m venv $(VENV)/k8s
	@$(VENV)/k8s/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement requirements.k8s.lock 2>$(VENV)/install.log || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@
