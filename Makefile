# What people do with this repository; "make help" explains each target.
GO          ?= go
TEMPL       := github.com/a-h/templ/cmd/templ@v0.3.977
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
CORPUS      ?= ../shared/corpus
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BUILD       := $(GO) build -ldflags "-s -w -X main.stamped=$(VERSION)"

# The same settings everywhere, so that SQLite is compiled once for the binary, the tests and the checks.
export CGO_ENABLED := 0
export GOFLAGS     := $(strip $(GOFLAGS) -trimpath)

.DEFAULT_GOAL := help
.PHONY: help run build test test-race generate lint vuln bench fuzz eval chromium

help: ## show this
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

run: build ## build and serve the site on http://127.0.0.1:8080, data in ./data
	./opsbook --data data $(ARGS)

build: ## build ./opsbook: one static, stripped binary
	$(BUILD) -o opsbook .

test: chromium ## run all tests; installs Chromium with apt where it is missing
	$(GO) test ./...

# Tests in a browser, and of much work in one goroutine: slow under the race detector, which finds nothing in them.
NO_RACES := ^Test(Accessibility.*|.*Script|ChartsOnPaper|Simulation|EmbeddedLibraryIsClean|ItemsSayWhyAndHowToVerify|Sums|HostilePagesAreRefusedQuickly|StoreBehavesLikeItsModel|TimelineEqualsAnswers|KilledProgram.*|ReadRefusesHugeFiles|Compare|ExportOfThePast|ExportAndImport|Commands)$$
test-race: chromium ## run the tests with the race detector, but for the slow ones that have no races
	CGO_ENABLED=1 $(GO) test -race -skip '$(NO_RACES)' ./...

generate: ## make the Go code of the templates
	$(GO) run $(TEMPL) generate -path templates

lint: ## gofmt, vet, staticcheck, and content
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) run . check
	@if [ -d "$(CORPUS)" ]; then echo "comparing our prose with $(CORPUS)"; $(GO) run .ci/copied.go content "$(CORPUS)"; fi

vuln: ## look for known vulnerabilities in what we call; OFFLINE=1 goes on without the database
	@$(GO) run $(GOVULNCHECK) ./... > vuln.out 2>&1; status=$$?; cat vuln.out; \
	if [ $$status -ne 0 ] && [ "$(OFFLINE)" = 1 ] && grep -q "fetching vulnerabilities" vuln.out; then \
	  echo "NOT CHECKED: the vulnerability database cannot be reached from here."; status=0; fi; \
	rm -f vuln.out; exit $$status

bench: ## benchmarks of pages, search, answers and start-up
	$(GO) test -run '^$$' -bench . -benchmem ./...

QUERIES ?= ../shared/search/queries.jsonl
eval: ## measure search over CORPUS/pages with the judged QUERIES
	$(GO) test ./search -run TestEval -v -count=1 -corpus "$(abspath $(CORPUS))/pages" -queries "$(abspath $(QUERIES))" -misses 15

# Counted in runs: a fuzz that ends by the clock fails now and then of itself (go.dev/issue/75804).
FUZZRUNS ?= 20000
FUZZERS  := content:FuzzPage content:FuzzFrontMatter content:FuzzChecklist content/markdown:FuzzRender search:FuzzSearch \
	$(addprefix site/transfer:,FuzzReadJSON FuzzReadCSV FuzzCells FuzzFold)
fuzz: ## fuzz every parser for FUZZRUNS inputs each
	@set -e; for f in $(FUZZERS); do echo "$$f"; \
	  $(GO) test -run '^$$' -fuzz "^$${f#*:}$$" -fuzztime $(FUZZRUNS)x -fuzzminimizetime 10x ./$${f%:*}; done

chromium: # the browser tests need it
	@command -v chromium >/dev/null 2>&1 || [ -n "$$CHROME_PATH" ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "installing chromium for the browser tests"; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else \
	    echo "The browser tests need Chromium: run 'apt-get install chromium' as root, or set CHROME_PATH to a Chromium or Chrome." >&2; exit 1; \
	  fi; }
