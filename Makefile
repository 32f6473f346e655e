# The front door. The build itself is CMake's (CMakeLists.txt, CMakePresets.json); this saves remembering its commands.
#
#   make          builds build/release/nel             make lint     layout, clang-tidy, floors
#   make demo     packages, build, a first network     make format   lays out every C file
#   make test     packages, build, every test          make asan     the tests under ASan and UBSan
#   make install  PREFIX=/usr/local                    make fuzz     each fuzz target for FUZZ_SECONDS
#   make deps     packages alone                       make clean    away with build/
#
#   make bench          nel beside PyTorch, scikit-learn, NumPy and FANN, those that are installed, and beside a plain loop in C;
#                       then the front end and DNA. Ten minutes
#   make bench-quick    a minute of it
#   make figures        the README's table, from what `make bench` measured last

.POSIX:

PREFIX = /usr/local
FUZZ_SECONDS = 60
BUILD = build/release
NEL = $(BUILD)/nel
CONFIGURE = CMAKE_GENERATOR=$${CMAKE_GENERATOR:-Ninja} cmake
PYTHON = PYTHONDONTWRITEBYTECODE=1 python3
CTEST = ctest --output-on-failure --no-tests=error -j "$$(getconf _NPROCESSORS_ONLN)"

all:
	@$(CONFIGURE) --preset release >/dev/null
	@cmake --build --preset release

deps:
	@.ci/deps build

demo:
	@.ci/deps build
	@$(MAKE) all
	@$(NEL) examples/demo.nel

test:
	@.ci/deps test
	@$(MAKE) all
	@cd $(BUILD) && $(CTEST)

asan:
	@.ci/deps test
	@$(CONFIGURE) --preset asan >/dev/null
	@cmake --build --preset asan
	@cd build/asan && $(CTEST) -LE slow

install: all
	@cmake --install $(BUILD) --prefix "$(PREFIX)"

bench:
	@.ci/deps bench
	@$(MAKE) all
	@$(PYTHON) tests/bench/compare.py $(BUILD) --json $(BUILD)/bench/figures.json
	@$(BUILD)/tests/front_bench $(NEL)
	@$(BUILD)/tests/dna_bench

bench-quick:
	@.ci/deps bench
	@$(MAKE) all
	@$(PYTHON) tests/bench/compare.py $(BUILD) --quick

figures:
	@cp $(BUILD)/bench/figures.json tests/bench/figures.json
	@$(PYTHON) tests/bench/readme.py tests/bench/figures.json README.md

fuzz:
	@.ci/deps fuzz
	@$(CONFIGURE) --preset fuzz >/dev/null
	@cmake --build --preset fuzz --target fuzz-targets
	@sh tests/tools/fuzz.sh build/fuzz/tests tests/fuzz/corpus $(FUZZ_SECONDS)

lint:
	@.ci/deps lint
	@$(MAKE) all
	@sh tests/tools/lint.sh . $(BUILD)

format:
	@.ci/deps lint
	@find src tests examples -name '*.[ch]' | xargs clang-format -i

clean:
	rm -rf build

.PHONY: all deps demo test asan install bench bench-quick figures fuzz lint format clean
