# Keyward. Two commands do all the set-up: make run and make test.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GOLANGCI_LINT := 2.15.0
TOOLS         := $(CURDIR)/.tools
GOBUILD       := CGO_ENABLED=0 GOFLAGS= go build -buildvcs=false -tags lambda.norpc -trimpath -ldflags "-s -w"
FN            ?= whoami
EVENT         ?= events/$(FN).json
FUZZTIME      ?= 60s

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# need fails with one line where a program is missing, and says what to install.
need = command -v $(1) >/dev/null || { echo "keyward: $(1) is missing: install $(2)" >&2; exit 1; }

.PHONY: prerequisites
prerequisites:
	@$(call need,go,Go 1.26 or later)
	@$(call need,java,Java 17 or later (for DynamoDB Local))
	@$(call need,npm,Node.js 20 or later and npm (for DynamoDB Local and CDK))
	@$(call need,curl,curl)

.PHONY: synth-prerequisites
synth-prerequisites:
	@$(call need,go,Go 1.26 or later)
	@$(call need,node,Node.js 20 or later (for CDK))

.PHONY: build
build: ## Build the functions, and what runs them, for this machine, into dist/local
	@$(call build,local,,./functions ./authorizer ./infra/local)

CONSOLE := functions/get-console/web

$(CONSOLE)/node_modules: $(CONSOLE)/package-lock.json
	@echo "keyward: installing what builds and tests the console"
	@cd $(CONSOLE) && npm ci --no-audit --no-fund --silent
	@touch $@

TYPESCRIPT := shared/client/typescript

$(TYPESCRIPT)/node_modules: $(TYPESCRIPT)/package-lock.json
	@echo "keyward: installing what builds and tests the TypeScript client"
	@cd $(TYPESCRIPT) && npm ci --no-audit --no-fund --silent
	@touch $@

.PHONY: console
console: $(CONSOLE)/node_modules ## Build the console's files, which are committed
	@cd $(CONSOLE) && npm run --silent types && npm run --silent check && npm run --silent build

# The console is tested in Chromium, under any of its names. On Debian it is
# installed where it is missing and one may.
.PHONY: browser
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "keyward: installing Chromium" && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-color-emoji >/dev/null; } || \
	  { echo "keyward: a browser is missing: install chromium" >&2; exit 1; }

# The examples of introspection are tested with NGINX and Apache. Debian would start
# NGINX once it is installed, unless policy-rc.d forbids that; apache2-bin is no
# service. What was there before stays.
.PHONY: introspectors
introspectors:
	@[ -e /usr/lib/nginx/modules/ngx_http_js_module.so ] && [ -e /usr/lib/apache2/modules/mod_oauth2.so ] && command -v nginx apache2 >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "keyward: installing NGINX and Apache, which are not started" && \
	    { [ -e /usr/sbin/policy-rc.d ] || { trap 'rm -f /usr/sbin/policy-rc.d' EXIT; printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod +x /usr/sbin/policy-rc.d; }; } && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx libnginx-mod-http-js apache2-bin libapache2-mod-oauth2 >/dev/null; } || \
	  { echo "keyward: NGINX or Apache is missing: install nginx, libnginx-mod-http-js, apache2-bin and libapache2-mod-oauth2" >&2; exit 1; }

# A guide has a program in Python.
.PHONY: python
python:
	@command -v python3 >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "keyward: installing Python" && \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 >/dev/null; } || \
	  { echo "keyward: Python is missing: install python3" >&2; exit 1; }

.PHONY: lambda
lambda: ## Build the functions for Lambda (arm64), into dist/lambda
	@echo "keyward: building the functions for Lambda" >&2
	@$(call build,lambda,GOOS=linux GOARCH=arm64,./functions ./authorizer)

# The command line needs no C library, and is the same bytes from the same commit
# wherever it is built. It has its version from Git.
CLI_PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64

.PHONY: cli
cli: ## Build the command line for five platforms, with checksums, into dist/cli
	@rm -rf dist/cli && mkdir -p dist/cli
	@for platform in $(CLI_PLATFORMS); do \
	  name=keyward-$${platform/\//-}; case $$platform in windows/*) name=$$name.exe ;; esac; \
	  echo "keyward: building $$name" >&2; \
	  CGO_ENABLED=0 GOFLAGS= GOOS=$${platform%/*} GOARCH=$${platform#*/} go build -buildvcs=auto -trimpath -ldflags "-s -w" -o dist/cli/$$name ./shared/cmd/keyward; done
	@cd dist/cli && { if command -v sha256sum >/dev/null; then sha256sum keyward-*; else shasum -a 256 keyward-*; fi; } > SHA256SUMS
	@cat dist/cli/SHA256SUMS

.PHONY: zips
zips: lambda ## Pack the functions for Lambda, the same bytes from the same commit, into dist/zips
	@go run ./infra/zips dist/lambda dist/zips

# One go command builds all programs with the same flags, so that it compiles each
# package once, and links again only what changed. Lambda wants each program in a
# folder of its own, under the name "bootstrap". What an earlier release built
# besides goes.
define build
	all=; [ -d dist/$(1)/.built ] || all=$$($(2) go list -deps $(3) 2> >($(count)) | wc -l); \
	$(2) $(GOBUILD) -v -o dist/$(1)/.built/ $(3) 2>&1 | $(count); \
	for binary in dist/$(1)/.built/*; do \
	  name=$${binary##*/}; folder=dist/$(1)/$$name; \
	  case " $(notdir $(3)) " in \
	  *" $$name "*) mkdir -p $$folder; ln -f $$binary $$folder/bootstrap ;; \
	  *) rm -rf $$binary $$folder ;; esac; done
endef

# count tells of a build that takes long: of what go -v prints, which is a package a
# line, and of what go downloads, it shows how many; anything else it passes on. awk
# would keep all of it back until the end.
define count
{ built=0; fetched=0; \
	while IFS= read -r line || [ -n "$$line" ]; do case "$$line" in \
	  "go: downloading "*) fetched=$$((fetched + 1)); [ $$((fetched % 10)) != 1 ] || echo "keyward: downloading modules ($$fetched)" ;; \
	  *[[:space:]]*) echo "$$line" ;; \
	  *) built=$$((built + 1)); [ $$((built % 25)) != 0 ] || echo "keyward: compiled $$built$${all:+ of $$all} packages" ;; esac; done; \
	[ $$built -lt 25 ] || echo "keyward: compiled $$built packages in all"; } >&2
endef

.PHONY: run
run: prerequisites ## Start all of Keyward on this machine (PORT, DATA_DIR, CACHE_TTL, GATEWAY_TTL, CONCURRENCY)
	@echo "keyward: building the functions"
	@$(MAKE) --no-print-directory build
	@exec dist/local/.built/local run

.PHONY: invoke
invoke: prerequisites build ## Run one function on one event, and check its answer: FN=create-apikey EVENT=events/create-apikey.json; FN=all
	@exec dist/local/.built/local invoke -fn "$(FN)" -event "$(EVENT)"

.PHONY: generate
generate: ## Write the generated documents again
	go generate ./shared/... ./infra/sam ./infra/stacks ./infra/proof/conformance/...

.PHONY: synth
synth: synth-prerequisites zips ## Write the CDK stacks' templates, into infra/cdk.out
	@rm -rf infra/cdk.out # of other settings, there would be templates that this run does not write
	@echo "keyward: writing the templates; the first time, building CDK takes about a minute"
	@CDK_OUTDIR=infra/cdk.out JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 go run ./infra
	@echo "keyward: wrote $$(cd infra/cdk.out && echo *.template.json) into infra/cdk.out"

.PHONY: deploy
deploy: synth-prerequisites ## Build, show what changes, ask, and deploy it (YES=1 asks nothing)
	@$(call need,npm,Node.js 20 or later and npm (for CDK))
	@YES=$(YES) go run ./infra/deploy

# A process's arguments are for everybody on the machine to see: the key comes in the
# environment, and one that was given to make is refused.
.PHONY: smoke
smoke: ## Try a deployment within a minute, and leave nothing behind: URL=https://..., KEY in the environment
	@$(call need,go,Go 1.26 or later)
	@[ -z "$(filter command line,$(origin KEY) $(origin KEYWARD_API_KEY))" ] || \
	  echo "keyward: KEY in the command line shows in the list of processes; on a shared machine: read -rs KEY; export KEY; make smoke URL=https://..." >&2
	@mkdir -p dist && go build -o dist/keyward-smoke ./infra/smoke
	@exec dist/keyward-smoke

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT)
	@unformatted=$$(find functions authorizer shared infra -name node_modules -prune -o -name '*.go' -print | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; } >&2
	$< run ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_LINT):
	@echo "building golangci-lint $(GOLANGCI_LINT), once"
	@GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_LINT)
	@mv $(TOOLS)/golangci-lint $@

# What AWS says of its resource types, which the CDK's command line brings along;
# npm holds it to the lock file's hash.
SPECIFICATION := infra/node_modules/aws-cdk/db.json.gz

$(SPECIFICATION): infra/package-lock.json
	@echo "keyward: installing the CDK's command line, for its specification of resource types"
	@cd infra && npm ci --no-audit --no-fund --silent
	@touch $@

# Packages that run things concurrently are tested under the race detector, which takes
# four times the CPU. The packages that grep removes are sequential, or only call a
# stack whose packages are themselves tested under it. The rest of infra is sequential
# too, and CDK's jsii fails under the detector.
RACED = $$(go list ./authorizer/... ./functions/... ./shared/... ./infra/local/... ./infra/proof/... | grep -vE '/(actors|architecture|openapi|browser|conformance|e2e|upgrade)$$')
PLAIN = $$(go list ./... | grep -vxF "$(RACED)")

# These tests try very many cases, one after the other, and run without the detector.
# All other tests of these packages run under it.
SPLIT      := ./authorizer/gateway ./shared/apigw ./shared/apikey ./shared/apikeytest ./shared/dynamo ./shared/verify
ONE_BY_ONE := Model$$|Flood|^Test(ContractFindsFaults|DecodeDamagedEvents|EveryDamageCanBeDeleted|FaultsInEveryDialect|FindSortsManyKeys|ForgottenRecordsMakeRoom|$\
  FullOrganization|FullPolicy|FullService|FullUser|HostileTenants|HugeHeader|ItemSizeIsDynamoDBs|LongestAnswers|MostOfAPolicy|MutatedCredentials|$\
  PagesFitIntoAnswers|PathStaysOut|RecordsThroughDynamoDB|Waits|WarningsHaveABudget)$$

# lint runs the analyzers of go vet, so go test need not.
GOTEST := go test -vet=off -timeout 30m

.PHONY: test
test: prerequisites build lint $(SPECIFICATION) browser introspectors python $(CONSOLE)/node_modules $(TYPESCRIPT)/node_modules ## Check everything
	@# Both at once: much of either is waiting.
	@$(MAKE) --no-print-directory -j2 test-raced test-plain
	@# By count: by time, go test can fail a run that is cut off at its end.
	@$(MAKE) --no-print-directory fuzz FUZZTIME=3000x
	@echo "keyward: all tests passed"

.PHONY: test-raced test-plain
test-raced:
	$(GOTEST) -race $$(grep -vxF "$$(go list $(SPLIT))" <<< "$(RACED)")
	$(GOTEST) -race -skip '$(ONE_BY_ONE)' $(SPLIT)

test-plain:
	$(GOTEST) $(PLAIN)
	$(GOTEST) -run '$(ONE_BY_ONE)' $(SPLIT)

.PHONY: fuzz
fuzz: ## Fuzz each parser for FUZZTIME
	@grep -roE --include='*_test.go' --exclude-dir=node_modules '^func Fuzz[A-Za-z0-9]+' authorizer functions infra shared | \
	  sed -E 's|^(.*)/[^/]*:func (.*)$$|\1 \2|' | xargs -P 2 -L 1 sh -c '\
	    said=$$($(GOTEST) -run "^\$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) "./$$0" 2>&1); ended=$$?; \
	    printf "%s %s\n%s\n" "$$0" "$$1" "$$said"; exit $$ended'

.PHONY: mutations
mutations: ## Look for false accepts among 10^8 mutated credentials, before a release
	KEYWARD_MUTATIONS=100000000 go test -timeout 2h -run TestMutatedCredentials -v ./shared/verify

.PHONY: actors
actors: prerequisites ## Have actors of different rights attack the rules in 10^6 calls, before a release (SEED shows a fault again)
	KEYWARD_ACTORS=1000000 KEYWARD_ACTORS_SEED=$(SEED) go test -timeout 2h -run '^TestActors$$' -v ./shared/apikeytest/actors
	KEYWARD_ACTORS_DYNAMODB=10000 go test -timeout 2h -run '^TestActors$$' -v ./shared/dynamo

# The authorizer on aws-lambda-go's loop: what its own is held against.
authorizer_on_aws_lambda_go = $(GOBUILD) -tags lambda.norpc,keyward_stock -o $(1) ./authorizer

.PHONY: flood
flood: ## Measure memory under 10^6 distinct junk credentials, before a release
	KEYWARD_FLOOD=1000000 go test -timeout 30m -run TestFloodKeepsMemory -v ./shared/verify

.PHONY: moto
moto: prerequisites build ## Run the functions against the DynamoDB and KMS of moto's server, where that is installed
	@go run ./infra/proof/moto

.PHONY: bench
bench: prerequisites build ## Measure the authorizer, as ratios within one run, and count waits (ONLY=memory for one part)
	@case waits in *"$(ONLY)"*) go test -count=1 -v -run '^TestWaits$$' ./shared/apigw ;; esac
	@$(call build,bench,,$(patsubst %,./%,$(wildcard infra/proof/bench/functions/*)))
	@mkdir -p dist/bench/stock && $(call authorizer_on_aws_lambda_go,dist/bench/stock/bootstrap)
	@go run ./infra/proof/bench -only "$(ONLY)"

.PHONY: proof-life
proof-life: prerequisites build ## Prove under load that a rotation refuses nobody, and that 1,000 deleted keys end within the bound
	@go run ./infra/proof/life

.PHONY: clean
clean: ## Remove what the targets above have built
	@rm -rf dist .local infra/cdk.out
	@echo "keyward: removed dist, .local and infra/cdk.out; .cache (DynamoDB Local) and .tools (golangci-lint) stay"

.PHONY: distclean
distclean: clean ## Remove what was fetched as well
	@rm -rf .cache .tools infra/node_modules $(CONSOLE)/node_modules $(TYPESCRIPT)/node_modules
	@echo "keyward: removed .cache, .tools and what npm installed too"
