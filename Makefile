# Everything that people and CI do here. `make` alone lists it.
# make PYTHON=python3.12 ... chooses another interpreter; JOBS= sets how many tests run at once.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
PYTEST_ARGS ?=
REALWORLD_ARGS ?=
EXAM_ARGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# The parts share one environment and one target folder; cargo and pytest make use of the cores.
.NOTPARALLEL:

bin = $(VENV)/bin
pip = $(bin)/python -m pip --disable-pip-version-check --quiet
maturin = VIRTUAL_ENV="$(abspath $(VENV))" $(bin)/maturin
# The extension without Python: the pure rooms.
pure = --no-default-features
# One worker has a whole file, so that two never build the same extension at the same time.
pytest = $(bin)/python -m pytest -n $(JOBS) --dist loadfile
# Major and minor version of the interpreter in $(VENV).
minor = $$($(bin)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

# --- Environment -----------------------------------------------------------------------------

.PHONY: preflight
preflight:
	@need() { command -v "$$1" >/dev/null || { echo "$$1 is missing: $$2" >&2; exit 1; }; }; \
	need "$(PYTHON)" "install Python 3.10 or newer, or say make PYTHON=<path>"; \
	need cargo "install Rust 1.88 or newer with rustup"; \
	need cc "install a C compiler: apt-get install gcc libc6-dev"; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10) or sys.implementation.name != "cpython")' \
	  || { echo "$(PYTHON) is not CPython 3.10 or newer; say make PYTHON=<path>" >&2; exit 1; }

# Made anew when PYTHON is another interpreter than the one that the environment was made with.
.PHONY: venv
venv: preflight
	@which='import sys; print(sys.base_prefix, sys.version)'; wanted="$$("$(PYTHON)" -c "$$which")"; \
	if [ "$$($(bin)/python -c "$$which" 2>/dev/null || true)" != "$$wanted" ]; then \
	  echo "making $(VENV) with $$("$(PYTHON)" --version)"; \
	  "$(PYTHON)" -m venv --clear "$(VENV)" \
	    || { echo "cannot make an environment: apt-get install python3-venv" >&2; exit 1; }; \
	fi

.PHONY: tools
tools: venv
	@$(pip) install -r requirements-dev.txt

.PHONY: build
build: venv ## Build the extension into .venv
	@$(pip) install -c requirements-dev.txt maturin pytest setuptools
	@echo "building the extension for Python $(minor)"; $(maturin) develop --release --quiet

# --- The two commands of the README ----------------------------------------------------------

.PHONY: demo
demo: build ## Find the leaks of the bundled sample package
	@$(pip) install --no-build-isolation --no-deps --force-reinstall ./examples/leaky_package
	@status=0; $(bin)/python -m pytest -p no:cacheprovider \
	    -c examples/leaky_package/pyproject.toml --rootdir examples/leaky_package \
	    --refaudit --refaudit-explain --refaudit-report=demo-report.html --refaudit-report=demo-report.json \
	    examples/leaky_package/tests || status=$$?; \
	if [ $$status -ne 1 ]; then \
	  echo "expected pytest to report leaks (exit status 1), got $$status" >&2; exit 1; \
	fi
	@$(bin)/python examples/leaky_package/check_report.py demo-report.json
	@test -s demo-report.html
	@echo "The report to read is $(abspath demo-report.html)"

.PHONY: test
test: test-rust test-python test-others ## Run every Rust and Python test on every installed Python

# --- Parts of `make test` --------------------------------------------------------------------

.PHONY: test-rust
test-rust: preflight ## Run the Rust tests of the pure rooms
	@if cargo nextest --version >/dev/null 2>&1; then \
	  cargo nextest run $(pure) && cargo test $(pure) --doc --quiet; \
	else \
	  cargo test $(pure); \
	fi

.PHONY: test-python
test-python: tools build ## Run the Python tests on the default Python
	@mkdir -p build/logs
	@$(pytest) $(PYTEST_ARGS) tests 2>&1 | tee build/logs/pytest-$(minor).log

# The default interpreter has had its turn; every other one gets a wheel as a user would.
.PHONY: test-others
test-others: installed-wheels ## Run the Python tests on every other installed 3.10 to 3.13
	@default=$(minor); failed=""; \
	while read -r version path <&3; do \
	  short=$$(cut -d. -f1,2 <<< "$$version"); \
	  if [ "$$short" = "$$default" ]; then continue; fi; \
	  $(MAKE) --no-print-directory test-wheel PYTHON="$$path" VENV="build/venvs/$$short" \
	    || failed="$$failed $$short"; \
	done 3< build/interpreters; \
	if [ -n "$$failed" ]; then echo "tests failed on$$failed" >&2; exit 1; fi; \
	echo "tested on:"; sed 's/^/  /' build/interpreters

.PHONY: installed-wheels
installed-wheels: tools
	@mkdir -p build; rm -rf build/wheels; $(bin)/python tools/interpreters > build/interpreters
	@echo "building wheels for Python $$(cut -d' ' -f1 build/interpreters | xargs)"; \
	$(maturin) build --release --quiet -o build/wheels -i $$(cut -d' ' -f2- build/interpreters)

.PHONY: test-wheel
test-wheel: tools
	@echo "testing on Python $(minor)"; version=$(minor); \
	$(pip) install --force-reinstall --no-deps build/wheels/*-cp$${version/./}-*.whl
	@mkdir -p build/logs
	@$(pytest) $(PYTEST_ARGS) tests 2>&1 | tee build/logs/pytest-$(minor).log

# --- Tests that need more than Python, a compiler and Rust ------------------------------------

.PHONY: oracle
oracle: tools build ## Compare with a debug CPython and with valgrind, open reports in a browser
	@compgen -c | grep -qx 'python3\.[0-9]*-dbg' \
	  || { echo "a debug build of Python is missing: apt-get install python3-dbg" >&2; exit 1; }
	@command -v valgrind >/dev/null \
	  || { echo "valgrind is missing: apt-get install valgrind" >&2; exit 1; }
	@command -v chromium >/dev/null \
	  || { echo "a browser is missing: apt-get install chromium" >&2; exit 1; }
	@$(pytest) -m "oracle or browser" $(PYTEST_ARGS) tests

.PHONY: test-realworld
test-realworld: installed-wheels ## Audit published wheels: leaks, life cycles (needs the package index)
	@$(bin)/python tests/realworld/run.py -j $(JOBS) $(REALWORLD_ARGS)

.PHONY: exam
exam: tools build ## Audit planted reference bugs: does the ledger name the guilty line
	@$(bin)/python tests/exam/run.py -j $(JOBS) $(EXAM_ARGS)

.PHONY: test-matrix
test-matrix: preflight ## Run the tests on CPython 3.14 and 3.15
	@PYTHON="$(PYTHON)" JOBS="$(JOBS)" PYTEST_ARGS="$(PYTEST_ARGS)" tools/matrix 3.14 3.15

.PHONY: test-stress
test-stress: tools build ## Run CPython's own tests with every object in guarded memory
	@$(bin)/python tests/stress/guarded_suites.py

.PHONY: test-stress-wheels
test-stress-wheels: tools build ## The same for published wheels (needs the package index)
	@$(bin)/python tests/stress/guarded_wheels.py

.PHONY: bench
bench: tools build ## Measure speed and memory, as ratios
	@$(bin)/python tests/benchmarks

# --- What is published -------------------------------------------------------------------------

# maturin knows the build data of every CPython, so that none of them need be here to be built for.
.PHONY: wheels
wheels: tools ## Build the wheels of 3.10 to 3.15 into dist, and try each in a clean environment
	@rm -rf dist; for version in 3.10 3.11 3.12 3.13 3.14 3.15; do \
	  echo "building the wheel of $$version"; \
	  $(maturin) build --release --quiet --compatibility pypi -o dist -i python$$version; \
	done
	@$(bin)/python tools/smoke dist

.PHONY: sdist
sdist: tools ## Make the source distribution in dist, and build a wheel of it without network
	@mkdir -p dist; rm -f dist/*.tar.gz; $(maturin) sdist --quiet -o dist
	@rm -rf build/sdist; CARGO_NET_OFFLINE=true $(pip) wheel --no-index --no-build-isolation --no-deps \
	  -w build/sdist dist/*.tar.gz
	@ls build/sdist

# --- House-keeping ---------------------------------------------------------------------------

.PHONY: lint
lint: tools ## Check format, lints and types
	@cargo fmt --check
	@cargo clippy --all-targets --quiet -- -D warnings
	@cargo clippy --all-targets --quiet $(pure) -- -D warnings
	@$(bin)/ruff check .
	@$(bin)/mypy

.PHONY: docs
docs: tools build ## Build the documentation into build/docs, and run its examples
	@$(MAKE) --no-print-directory docs-pages
	@$(pytest) $(PYTEST_ARGS) tests/docs

.PHONY: docs-pages
docs-pages: ## Build the documentation alone
	@$(MAKE) --no-print-directory venv VENV=build/venvs/docs
	@build/venvs/docs/bin/python -m pip --disable-pip-version-check --quiet install -r docs/requirements.txt
	@build/venvs/docs/bin/python -m sphinx -n -W --keep-going -q -b html docs build/docs
	@echo "The documentation is $(abspath build/docs/index.html)"

.PHONY: clean
clean: ## Remove everything that was built, environments included
	@rm -rf build dist target $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@rm -rf demo-report.html demo-report.json examples/*/build examples/*/src/*.egg-info
	@find python tests tools -name __pycache__ -prune -exec rm -rf {} +
	@find python -name '*.so' -delete
