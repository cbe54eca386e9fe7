# Two commands do everything, each making its own .venv: `make demo` and `make test`.
# `make test-all` adds the long tests: fuzzing, killed fits, thousands of arrays.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.PHONY: demo test test-all lint bench clean

demo: .venv/ready  ## PCA against the autoencoder on the bundled MNIST sample
	$(BIN)/skae compare --output report

test: .venv/ready  ## the tests, without the slow ones
	OMP_NUM_THREADS=1 $(PYTEST) -n 2

test-all: .venv/ready  ## every test
	OMP_NUM_THREADS=1 $(PYTEST) -n 2 -m "slow or not slow"

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/ready  ## the measurements behind the README
	$(BIN)/python -m pip install -q -c constraints.txt scikit-image PyWavelets bm3d
	$(BIN)/python benchmarks/compare_pca.py
	$(BIN)/python benchmarks/small_tables.py
	$(BIN)/python benchmarks/founding_model.py
	$(BIN)/python benchmarks/fit_speed.py
	$(BIN)/python benchmarks/denoising.py
	$(BIN)/python benchmarks/convolutions.py
	$(BIN)/python benchmarks/swap_codes.py

# torch is installed first and by its exact version, so that no other build of it is pulled in.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[cli,data,onnx]" \
		pytest pytest-xdist pytest-timeout hypothesis polars ruff mypy
	touch $@

clean:
	rm -rf .venv report
