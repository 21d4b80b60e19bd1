# hartlab: `make help` lists what can be made.
#
# Everything runs in .venv, with build tools pinned in requirements/. The engine is built in build/release,
# which stays, so that the second time compiles only what changed; stamps in .venv say what is up to date.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check -q
STAMP := $(VENV)/.stamp

WORKERS ?= auto
FUZZ_SECONDS ?= 60
SOAK_RUNS ?= 20
PYTEST_ARGS ?=

sources := CMakeLists.txt pyproject.toml README.md LICENSE \
  $(shell find cmake src python -not -name '__pycache__' -not -path '*/__pycache__/*' -not -name '*.pyc')
python_code := $(wildcard python tests tools benchmarks notebooks docs examples)
cxx_code = $(shell find src tests -name '*.cpp' -o -name '*.hpp')

.DEFAULT_GOAL := help
.PHONY: help venv build tour test pytest lint format stubs check-stubs bench docs docs-linkcheck wheel check-hosts platforms dev asan tsan techniques coverage fuzz conformance seams hostile soak clean distclean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- The environment -------------------------------------------------------------------------------

$(STAMP)-build: requirements/build.txt tools/preflight.sh
	@tools/preflight.sh $(PYTHON)
	@echo "making $(VENV)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -r requirements/build.txt
	@touch $@

$(STAMP)-tour: requirements/tour.txt $(STAMP)-build
	@echo "installing NumPy, JupyterLab and a RISC-V compiler into $(VENV)"
	@$(PIP) install -r requirements/tour.txt
	@touch $@

$(STAMP)-test: requirements/test.txt $(STAMP)-tour
	@echo "installing what the tests need into $(VENV)"
	@$(PIP) install -r requirements/test.txt
	@touch $@

$(STAMP)-engine: $(sources) $(STAMP)-build
	@echo "building and installing hartlab (minutes the first time, seconds after)"
	@$(PIP) install --no-build-isolation --no-deps --force-reinstall \
	  -Cbuild-dir=build/release -Ccmake.define.HARTLAB_WERROR=$(if $(CI),ON,OFF) .
	@touch $@

venv: $(STAMP)-test ## the environment in .venv, with every tool
build: $(STAMP)-tour $(STAMP)-engine ## the engine, built and installed into .venv

# --- What a newcomer runs --------------------------------------------------------------------------

tour: build ## run a C program on the simulated kernel, then the tour notebook
	@$(BIN)/hartlab tour
	@$(PY) tools/show_notebook.py notebooks/00_tour.ipynb --output build/tour
	@echo
	@echo "To open it in JupyterLab:  $(BIN)/jupyter lab notebooks/00_tour.ipynb"

# --- Checks ----------------------------------------------------------------------------------------

test: pytest check-stubs lint ## everything: tests, doctests, notebooks, stubs, lint

pytest: $(STAMP)-docs $(STAMP)-engine
	$(PY) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: $(STAMP)-test ## style, types, spelling and the order of the layers
	$(BIN)/ruff check $(python_code)
	$(BIN)/ruff format --check $(python_code)
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $(cxx_code)
	$(BIN)/codespell
	$(PY) tools/check_layers.py

format: $(STAMP)-test ## rewrite C++ and Python in the project's layout
	$(BIN)/ruff check --fix -q $(python_code) || true
	$(BIN)/ruff format $(python_code)
	$(BIN)/clang-format -i $(cxx_code)

stubs: $(STAMP)-test $(STAMP)-engine ## regenerate the engine's type stubs
	$(PY) tools/stubs.py --write

check-stubs: $(STAMP)-test $(STAMP)-engine
	$(PY) tools/stubs.py --check

$(STAMP)-docs: requirements/docs.txt $(STAMP)-test
	@echo "installing what builds the site"
	@$(PIP) install -r requirements/docs.txt
	@touch $@

sphinx = $(BIN)/sphinx-build -W --keep-going -q -j auto -c docs -d build/docs/doctrees

docs: $(STAMP)-docs $(STAMP)-engine ## the documentation site, its notebooks executed, in build/docs/html
	$(sphinx) -b html . build/docs/html
	@echo "The site: build/docs/html/index.html"

docs-linkcheck: $(STAMP)-docs $(STAMP)-engine ## whether the links to other sites still lead somewhere
	$(sphinx) -D nb_execution_mode=off -b linkcheck . build/docs/links

# One environment for each: what they pin does not go with what the tests have.
build/platforms/%/.stamp: requirements/%.txt
	@echo "making build/platforms/$*, with the real $*"
	@$(PYTHON) -m venv build/platforms/$*
	@build/platforms/$*/bin/python -m pip --disable-pip-version-check -q install -r $<
	@touch $@

platforms: build/platforms/nbgrader/.stamp build/platforms/otter/.stamp $(STAMP)-test $(STAMP)-engine ## the real nbgrader and Otter grade the labs, and the scripts for other platforms run
	HARTLAB_PLATFORMS=build/platforms $(PY) -m pytest -n 2 --dist loadfile tests/platforms $(PYTEST_ARGS)

bench: $(STAMP)-test $(STAMP)-engine ## figures, as a table and as JSON in build/bench
	@PATH="$(CURDIR)/$(BIN):$$PATH" cmake --preset release-portable-fp >/dev/null
	@$(BIN)/cmake --build build/release-portable-fp
	$(PY) benchmarks/run.py --output build/bench

wheel: ## the wheel for each of WHEEL_PYTHONS, audited, and tried in a clean environment
	$(PYTHON) tools/wheel.py $(WHEEL_PYTHONS)

check-hosts: $(STAMP)-test ## whether the engine compiles for the hosts that it is not tested on
	$(PY) tools/check_hosts.py

# --- Builds by preset: run from the tree, with PYTHONPATH=build/<preset>/python -----------------------

cmake = PATH="$(CURDIR)/$(BIN):$$PATH" cmake --preset $@ >/dev/null && $(BIN)/cmake --build build/$@

dev: $(STAMP)-test ## assertions on; the tests, from the tree
	@$(cmake)
	PYTHONPATH=build/dev/python $(PY) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

asan: $(STAMP)-test ## the tests under the address and undefined-behaviour sanitizers
	@$(cmake)
	$(PY) tools/sanitized.py build/asan -m pytest -m "not notebook" -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

tsan: $(STAMP)-test ## the tests under the thread sanitizer
	@$(cmake)
	$(PY) tools/sanitized.py build/tsan -m pytest -m "not notebook" $(PYTEST_ARGS)

techniques: $(STAMP)-test $(STAMP)-engine ## the tests with each technique for speed switched off
	HARTLAB_WITHOUT=memory_loops $(PY) -m pytest -m "not notebook" -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)
	HARTLAB_WITHOUT=idle_loops $(PY) -m pytest -m "not notebook" -n $(WORKERS) --dist worksteal tests/board $(PYTEST_ARGS)
	HARTLAB_WITHOUT=blocks $(PY) -m pytest -m "not notebook" -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)
	PATH="$(CURDIR)/$(BIN):$$PATH" cmake --preset portable >/dev/null && $(BIN)/cmake --build build/portable
	PYTHONPATH=build/portable/python $(PY) -m pytest -m "not notebook" -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

coverage: $(STAMP)-test ## the tests, and how many lines of C++ they reach
	@$(cmake)
	@find build/coverage -name '*.gcda' -delete
	PYTHONPATH=build/coverage/python $(PY) -m pytest -m "not notebook" -n $(WORKERS) $(PYTEST_ARGS)
	$(PIP) install gcovr==8.8
	$(BIN)/gcovr --root . --filter src/ --object-directory build/coverage --txt

fuzz: $(STAMP)-test ## each fuzzer for FUZZ_SECONDS (60) under the sanitizers
	@PATH="$(CURDIR)/$(BIN):$$PATH" cmake --preset asan >/dev/null && $(BIN)/cmake --build build/asan
	$(PY) tools/fuzz.py --seconds $(FUZZ_SECONDS)

conformance: $(STAMP)-test $(STAMP)-engine ## 48,000 blocks of privileged programs, on the board and on QEMU
	HARTLAB_RANDOM_PROGRAMS=12000 $(PY) -m pytest -n $(WORKERS) --dist worksteal \
	  tests/hart/test_privileged_against_qemu.py $(PYTEST_ARGS)

seams: $(STAMP)-test $(STAMP)-engine ## each replaced function alone, in every workload
	HARTLAB_SEAM_MATRIX=1 HARTLAB_SEAM_STEPS=400 $(PY) -m pytest -n $(WORKERS) --dist worksteal \
	  tests/kernel/test_replacements.py $(PYTEST_ARGS)

hostile: $(STAMP)-test $(STAMP)-engine ## each hostile submission at each level of isolation that this computer has
	HARTLAB_EVERY_LEVEL=1 $(PY) -m pytest tests/grading/test_hostile.py $(PYTEST_ARGS)

soak: $(STAMP)-test $(STAMP)-engine ## the same submissions graded SOAK_RUNS (20) times, on a busy computer too
	$(PY) tools/soak_grading.py --runs $(SOAK_RUNS)

# --- Tidying ---------------------------------------------------------------------------------------

clean: ## remove what was built
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis $(STAMP)-engine
	find python tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	rm -rf $(VENV)
