# Everything is done by ./hadron, which sets itself up at first use; these are short names for it.
# What ends up in `out/` can be made again at any time; what was built is kept in the cache (`./hadron store`).

IMAGE ?= cloud
# `docker`: build and disk need nothing but Docker with BuildKit (docs/docker.md); STEPS="zlib …" builds a part.
ENGINE ?= sandbox
OUT := out
HADRON := ./hadron

.DEFAULT_GOAL := help
.PHONY: build disk devel-iso run-qemu test verify-reproducible ddc test-docker test-arm test-cosign test-edge fuzz soak experiments bench docs docs-check ok clean help

ifeq ($(ENGINE),docker)
build: ## every component in recipes/, from upstream source, with its test (ENGINE=docker: by Docker alone)
	docker/build $(STEPS)

disk: ## a bootable disk: out/cloud.raw (IMAGE=… for another image)
	docker/build $(IMAGE):disk
	docker/hadron image $(IMAGE) --as disk --offline --output $(OUT)/$(IMAGE).raw
else
build:
	$(HADRON) build $(STEPS)

disk:
	$(HADRON) image $(IMAGE) --as disk --output $(OUT)/$(IMAGE).raw
endif

devel-iso: ## a live ISO that boots by UEFI and runs from RAM: out/cloud.iso
	$(HADRON) image $(IMAGE) --as iso --output $(OUT)/$(IMAGE).iso

run-qemu: ## boot the image in a VM, to a root shell on this terminal
	$(HADRON) run $(IMAGE)

test: setup ## format, lint, types, unit tests, the whole build, boots in a VM
	@npm run --silent all

verify-reproducible: setup ## everything again from nothing, elsewhere, and compared; goes on where it was stopped (ONLY="zlib …" for a part)
	@npm run --silent verify-reproducible -- $(foreach step,$(ONLY),--only $(step))

ddc: setup ## the same images with a second toolbox (Debian 12's compilers and build systems), compared
	@npm run --silent ddc

test-docker: setup ## every component and the images by Docker alone, compared; goes on where it was stopped (needs root)
	@npm run --silent test-docker

test-arm: setup ## the aarch64 toolchain from the same recipes, and a program made with it
	@npm run --silent test-arm

test-cosign: setup ## what is signed as bundles, judged by cosign 3 (fetches it from Debian's testing suite)
	@npm run --silent test-cosign

test-edge: setup ## the image for physical machines, signed, built and booted (compiles its kernel: half an hour)
	@npm run --silent test-edge

fuzz: setup ## every parser of what comes from outside, with fresh inputs, 30 s each
	@npm run --silent fuzz

soak: setup ## one machine left alone for 12 minutes: nothing may fail, leak or complain
	@npm run --silent soak

experiments: setup ## what is tried before formats are settled: GRUB on a BIOS, /var bound to a TPM (docs/adr/)
	@npm run --silent experiments

bench: setup ## measure, and write docs/benchmarks.md
	@npm run --silent bench

docs: setup ## the documentation as a static site: out/docs/index.html
	@npm run --silent docs

docs-check: setup ## every page in a browser, at a phone's width and a desktop's (fetches the browser)
	@npm run --silent docs-check

ok: setup ## the gate alone: format, lint, types, unit tests
	@npm run --silent ok

clean: ## remove out/ (the cache stays: see `./hadron store gc --older-than 30`)
	rm -rf $(OUT)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup:
	@$(HADRON) --version > /dev/null
