#!/bin/sh
# lint.sh ROOT BUILD: the layout of every C file, clang-tidy on src and on what measures it, floors and manners. Says all it finds before it fails.
set -u
cd "$1" || exit 1
build=$2
failed=0
find src tests examples -name '*.[ch]' | sort | xargs clang-format --dry-run -Werror || failed=1
find src tests/bench -name '*.c' | sort | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 4 clang-tidy --quiet -p "$build" 2>/dev/null || failed=1
sh tests/tools/floors.sh src || failed=1
sh tests/tools/manners.sh src || failed=1
exit $failed
