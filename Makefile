# Two commands do everything, each making its own .venv: `make demo` and `make test`.
# `make docs` builds the pages and runs their examples: docs/_build/html/index.html.
# `make test-all` adds the long tests: fuzzing, killed fits, thousands of arrays, other libraries.
# `make test-lowest` runs the tests with the oldest libraries that are allowed, in .venv-lowest.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# The oldest libraries run what calls them; fuzzing, pages and every check of every model are ours.
LOWEST := --ignore=tests/reliability --ignore=tests/persistence/test_hostile_files.py \
	--ignore=tests/test_docs.py -k "not check_estimator and not many_seeds"

.PHONY: demo test test-all test-lowest lint docs bench clean

# Twenty epochs a fit: less than a half of what the defaults take.
demo: .venv/demo-ready  ## PCA against the autoencoder on the bundled MNIST sample
	$(BIN)/skae compare --max-iter 20 --output report

test: .venv/ready  ## the tests, without the slow ones
	OMP_NUM_THREADS=1 $(PYTEST) -n 2

test-all: .venv/ecosystem-ready  ## every test
	OMP_NUM_THREADS=1 $(PYTEST) -n 2 -m "slow or not slow"

test-lowest: .venv-lowest/ready  ## the tests, with the lowest versions that pyproject.toml names
	OMP_NUM_THREADS=1 .venv-lowest/bin/python -m pytest -n 2 tests $(LOWEST)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Warnings are errors. Examples that have not changed are not run again.
docs: .venv/docs-ready  ## the documentation, its examples run
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "Documentation: docs/_build/html/index.html"

bench: .venv/ready  ## the measurements behind the README
	$(BIN)/python -m pip install -q -c constraints.txt scikit-image PyWavelets bm3d pyod lightning \
		palmerpenguins
	$(BIN)/python -m pip install -q --ignore-requires-python --no-deps encdr==1.2.0
	$(BIN)/python benchmarks/compare_pca.py
	$(BIN)/python benchmarks/small_tables.py
	$(BIN)/python benchmarks/founding_model.py
	$(BIN)/python benchmarks/fit_speed.py
	$(BIN)/python benchmarks/time_to_quality.py
	$(BIN)/python benchmarks/transform_speed.py
	$(BIN)/python benchmarks/precision.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/larger_than_memory.py
	$(BIN)/python benchmarks/blocks.py
	$(BIN)/python benchmarks/deep_autoencoder.py
	$(BIN)/python benchmarks/denoise_digits.py
	$(BIN)/python benchmarks/denoising.py
	$(BIN)/python benchmarks/convolutions.py
	$(BIN)/python benchmarks/swap_codes.py
	$(BIN)/python benchmarks/swap_codes.py --activation gelu --tables wine
	$(BIN)/python benchmarks/table_codes.py
	$(BIN)/python benchmarks/ordered.py
	$(BIN)/python benchmarks/before_a_classifier.py --tables --numbers \
		--sizes 2 8 16 --labels 100 1000 20000 60000
	$(BIN)/python benchmarks/outliers.py
	$(BIN)/python benchmarks/imputation.py

# torch is installed first and by its exact version, so that no other build of it is pulled in: the
# one without GPU libraries, which is gigabytes smaller, where its index can be reached.
.venv/demo-ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --retries 0 --timeout 10 torch==2.13.0 \
		--index-url https://download.pytorch.org/whl/cpu \
		|| $(BIN)/python -m pip install -q -c constraints.txt torch==2.13.0
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[cli]"
	touch $@

.venv/ready: .venv/demo-ready
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[cli,data,onnx,tables]" \
		pytest pytest-xdist pytest-timeout hypothesis polars ruff mypy
	touch $@

# The names are those of the group "docs" in pyproject.toml.
.venv/docs-ready: .venv/ready
	$(BIN)/python -m pip install -q -c constraints.txt sphinx pydata-sphinx-theme numpydoc \
		sphinx-gallery sphinx-copybutton myst-parser optuna palmerpenguins
	touch $@

# The names are those of the group "ecosystem" in pyproject.toml.
.venv/ecosystem-ready: .venv/ready
	$(BIN)/python -m pip install -q -c constraints.txt optuna mlflow-skinny sqlalchemy alembic \
		"dask[distributed]" tensorboard pyspark
	touch $@

.venv-lowest/ready: pyproject.toml .ci/lowest.py
	$(PYTHON) -m venv .venv-lowest
	$(PYTHON) .ci/lowest.py > .venv-lowest/constraints.txt
	.venv-lowest/bin/python -m pip install -q -c .venv-lowest/constraints.txt torch==2.13.0
	.venv-lowest/bin/python -m pip install -q -c .venv-lowest/constraints.txt \
		-e ".[cli,data,onnx,tables]" pytest pytest-xdist pytest-timeout hypothesis polars
	touch $@

clean:
	rm -rf .venv .venv-lowest report docs/_build docs/auto_examples docs/api/generated docs/api/examples
