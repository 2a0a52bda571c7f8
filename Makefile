# What one can do in a checkout; `make` alone lists it. Everything sets itself up: Node >= 20.19, Python 3 with pip and
# make are expected, Go only if no Pulumi is on PATH, a C++ compiler for the tests of TensorFlow.

RUN := node_modules/.bin
FOLDERS := core ports config workflows activities adapters infra installation workers simulation cli
SOURCES := $(shell find $(FOLDERS) -type f 2>/dev/null) tsconfig.json tsconfig.build.json tools/copyAssets.mjs
WORKFLOW_SOURCES := $(shell find workflows core -name '*.ts' 2>/dev/null)
comma := ,
say = @printf '\033[1m==> %s\033[0m\n' "$(1)" >&2

# Real traces for the tests that replay them; nothing else depends on it.
export PAM_TRACES ?= $(abspath $(wildcard ../shared/traces))

.DEFAULT_GOAL := help
.PHONY: help setup build up status down demo test bench check generate notices sbom format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@printf '\n  demo takes TRACE="NAME=FILE ..." CALENDAR="NAME=FILE|URL ..." FROM="NAME=TIME ..." and\n'
	@printf '  MINUTES BIN LEAD RISK PEAK_RATE SEED JSON, KEEP=1, PLAIN=1, COMPARE=1; test takes T=PATTERN\n'

setup: build ## packages, build, and the outside tools, cached for later
	$(call say,tools: Temporal Envoy Pulumi PostgreSQL TensorFlow are found or obtained)
	@bin/pam tools --install

node_modules/.package-lock.json: package-lock.json package.json
	$(call say,packages: npm ci)
	@node -e 'const [a,b]=process.versions.node.split(".").map(Number);if(a<20||(a===20&&b<19)){console.error("Node 20.19 or later is needed, this is "+process.version);process.exit(1)}'
	npm ci
	@touch $@

dist/.built: node_modules/.package-lock.json $(SOURCES)
	$(call say,build: TypeScript to dist/)
	$(RUN)/tsc -p tsconfig.build.json
	@node tools/copyAssets.mjs
	@touch $@

dist/workflow-bundle.js: dist/.built $(WORKFLOW_SOURCES)
	$(call say,build: workflow bundle)
	@node dist/workers/bundle.js >/dev/null
	@touch $@

# npm ci removes the link, and an emptied cache leaves it without a target: both times it is made again, from what the
# cache has. What the cache lacks is obtained by setup and by the tests that need it.
TENSORFLOW := node_modules/@tensorflow/tfjs-node/lib
.PHONY: link-again
node_modules/.tensorflow-linked: node_modules/.package-lock.json $(if $(wildcard $(TENSORFLOW)/.),,link-again) | dist/.built
	@node dist/installation/tools/linkTensorflow.js
	@touch $@

build: dist/.built dist/workflow-bundle.js node_modules/.tensorflow-linked ## compile to dist/ and bundle the workflows

up: build ## start everything on this machine and leave it running
	@bin/pam up

status: build ## what runs where
	@bin/pam status

down: build ## stop everything that `make up` started
	@bin/pam down

demo: build ## play a workload through the whole system, about five minutes
	$(call say,demo)
	@bin/pam demo $(if $(TRACE),--trace $(TRACE)) $(if $(CALENDAR),--calendar $(CALENDAR)) $(if $(FROM),--from $(FROM)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(if $(BIN),--bin $(BIN)) $(if $(LEAD),--lead $(LEAD)) $(if $(RISK),--risk $(RISK)) \
	  $(if $(PEAK_RATE),--peak-rate $(PEAK_RATE)) $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json $(JSON)) \
	  $(if $(KEEP),--keep) $(if $(PLAIN),--plain) $(if $(COMPARE),--compare-calendar)

test: build ## the whole test suite, servers included; T=PATTERN for some files
	$(call say,tests: first the tools that they need and this machine lacks; all of them take about ten minutes$(comma) once)
ifneq ($(T),)
	$(RUN)/jest --testPathPatterns '$(T)'
else
	$(call say,tests: two files at a time$(comma) then those that measure time)
	@code=0; $(RUN)/jest --selectProjects pure workflows trainer servers --maxWorkers $(or $(WORKERS),2) || code=$$?; \
	$(RUN)/jest --selectProjects quiet --maxWorkers 1 || code=$$?; exit $$code
endif

# Under an hour on two cores; FAST=1 takes a subset, which shows that all of it runs, and writes to dist/bench/ instead.
# The real traces are expected in PAM_TRACES. RAW=FOLDER keeps what was measured and goes on from there after a run that was cut short.
# ABLATION=1 measures the parts left out as well (docs/research/ablation.md), about an hour of one core.
BENCH := nice -n 10 node --expose-gc -r ./test/support/compileTypeScript.js
bench: node_modules/.package-lock.json $(if $(DISCOVERY),dist/.built) ## benchmarks with their rivals, written to bench/RESULTS.md; FAST=1
	$(call say,bench: allocations)
	@$(BENCH) bench/allocation/run.ts $(if $(FAST),--fast) $(if $(RAW),--raw $(RAW)/allocation)
ifneq ($(DISCOVERY),)
	$(call say,bench: discovery)
	@$(BENCH) bench/discovery/run.ts $(if $(FAST),--fast)
endif
ifneq ($(wildcard bench/forecasts/run.ts),)
	$(call say,bench: forecasts)
	@$(BENCH) bench/forecasts/run.ts $(if $(FAST),--fast)
endif
	@$(if $(FAST)$(ABLATION),$(BENCH) bench/ablation/run.ts $(if $(FAST),--fast) $(if $(RAW),--raw $(RAW)/ablation))
	@$(BENCH) bench/assemble.ts $(if $(FAST),--fast)

check: node_modules/.package-lock.json build ## format, lint, regular expressions, types, import rules, dead code, generated files, licences
	$(call say,check: format and lint)
	$(RUN)/biome check .
	$(call say,check: regular expressions)
	$(RUN)/eslint --cache --cache-location node_modules/.cache/eslint/ .
	$(call say,check: types)
	$(RUN)/tsc --noEmit -p .
	$(call say,check: import rules)
	$(RUN)/depcruise --config .dependency-cruiser.cjs $(FOLDERS)
	$(call say,check: dead code)
	$(RUN)/knip
	$(RUN)/knip --production
	$(call say,check: generated files)
	@node dist/cli/generatedFiles.js --check
	$(call say,check: licences$(comma) notices$(comma) known vulnerabilities)
	@node tools/licences.mjs
	@node tools/notices.mjs --check
	@node tools/audit.mjs

generate: build ## write the generated files again
	@node dist/cli/generatedFiles.js
	@node tools/notices.mjs

notices: node_modules/.package-lock.json ## list packages, tools and their licences again
	@node tools/notices.mjs

sbom: node_modules/.package-lock.json ## what PAM consists of, in CycloneDX: dist/pam.cdx.json
	@node tools/sbom.mjs

format: node_modules/.package-lock.json ## format and fix what can be fixed
	$(RUN)/biome check --write .

clean: ## remove what was built; data of an installation stay, see `bin/pam down --purge`
	rm -rf dist coverage
