SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --warn-undefined-variables

CDK := npx --yes aws-cdk@2.1148.1
LINT_VERSION := v2.15.0
LINT := .tmp/bin/golangci-lint-$(LINT_VERSION)
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

# What ./... leaves out.
TOOLS := ./.ci/event-ruler ./.ci/measure ./.ci/mutate ./.ci/rulesbin ./.ci/source
PKG ?=
N ?= 200
SEED ?= 1
TESTS ?=
V ?=

.PHONY: help test simulate lint race fuzz bench million measure mutate golden synth check

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

test: ## Run every test (needs Node for the tests of cdk)
	go test ./...

simulate: ## Run the deployment on this machine and attack it
	go run ./lambda/trailkeeper simulate

lint: $(LINT) ## Vet and lint
	go vet ./... $(TOOLS)
	$(LINT) run ./... $(TOOLS)

# Without what plays the scenarios on every template, each technique by itself, with faults in the checks, or for a page: it runs the same
# code again. Without the bootstraps, whose tests start programs that are built without the detector, and without what makes policies, patterns
# and rules at synth, which does one thing after the other. Short, without what only takes long. Without vet, which test and lint do.
race: ## Run the tests of what runs in Lambda under the race detector
	go test -race -short -vet=off $$(go list ./events/... ./rules/... ./lambda/... | grep -vE '/internal/simulate(/(deployments|mutations|faults|techniques))?$$|/trailkeeper/(dashboard|doctor|simulate)$$|/lambda/(guard|watch)$$|/rules/(delivery|filterpattern|guardrail|metricfilter|protect|translate)(/|$$)')

# By count: a fuzz run that ends by time can fail with "context deadline exceeded" and nothing else (golang/go#75804).
FUZZ = 10000x
fuzz: ## Fuzz each parser and renderer with 10,000 inputs
	@failed=; \
	for file in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
	  for name in $$(grep -oE '^func Fuzz\w+' "$$file" | cut -c6-); do \
	    echo "$$(dirname "$$file") $$name"; \
	    if out=$$(go test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZ) -fuzzminimizetime 20x); \
	    then echo "$$out" | tail -n 3 | head -n 1; else echo "$$out"; failed="$$failed $$name"; fi; \
	  done; done; \
	[ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

bench: ## Measure start-up, the way to StartLogging, the rules and the rate of replay, each against its baseline in the same run
	go test ./lambda/guard -run '^$$' -bench . -benchtime 2s
	go test ./lambda/watch -run '^$$' -bench . -benchtime 2s
	go test ./lambda/internal/trail -run '^$$' -bench DiffOfFourFields
	go test ./rules -run '^$$' -bench Decide
	go test ./lambda/internal/replay -run '^$$' -bench QuietLog -benchtime 20x -cpu 1
	go test ./lambda/internal/backtest -run '^$$' -bench . -benchtime 5x -cpu 1
	$(MAKE) --no-print-directory million

million: ## Have the watch decide a million records, one object of which in a thousand is poisoned
	go test ./lambda/internal/watch -run '^$$' -bench Million -benchtime 1x -cpu 1

measure: ## Print how large and how tangled the code is, beside the goals; V=-v lists every place
	@go run ./.ci/measure $(V)

mutate: ## Measure which small changes to a package its tests notice: PKG=./lambda/internal/x [N=200] [SEED=1] [TESTS=./a,./b]
	@go run ./.ci/mutate -n $(N) -seed $(SEED) -tests '$(TESTS)' $(PKG)

golden: ## Write the golden files anew; read the diff before you commit it
	go test . ./events/read ./rules ./rules/attacks ./rules/metricfilter ./rules/guardrail ./cdk/stack ./lambda/internal/report ./lambda/internal/slack/... ./lambda/internal/sns ./lambda/internal/watch ./lambda/internal/localcloud \
	  ./lambda/internal/backtest/distributed -update
	go test ./lambda/internal/metrics ./lambda/internal/dashboard ./lambda/internal/simulate/page ./lambda/internal/simulate/render \
	  ./lambda/internal/simulate ./lambda/trailkeeper/... -update

synth: ## Synthesize the template of the example settings
	$(CDK) synth '**' --quiet

check: ## What CI runs
	bash .ci/run

$(LINT):
	GOBIN=$(CURDIR)/.tmp/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv .tmp/bin/golangci-lint $@
