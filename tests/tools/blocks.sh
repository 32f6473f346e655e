#!/bin/sh
# blocks.sh NEL FILE.md: every fenced block of a manual page is a test.
#
#   ```nel           runs; must succeed
#   ```nel fails     runs; must fail, and what follows is its diagnostics
#   ```nel norun     is checked (`nel check`) and not run
#   ```sh run        runs in a shell, with `nel` in the path
#   ```c             is a program that is built with the library beside `nel` (with $CC and $CFLAGS) and runs
#   ```text          directly behind one of these: what it prints. A line `...` stands for any number of lines; figures of
#                    time may differ
#
# A block whose script says `needs NEL_DATA` is left out where the variable names no folder. Blocks run in one scratch folder, in
# order, so that a later one may use the files of an earlier one.
set -u
here=$(cd "$(dirname "$0")" && pwd)
nel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
page=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/run"
ln -s "$nel" "$work/bin/nel"
library=$(dirname "$nel")
PATH=$work/bin:$PATH
export PATH NO_COLOR=1 LC_ALL=C.UTF-8 COLUMNS=80

# One folder a block: 0012 for the block whose fence is in line 12, with `kind`, `source` and perhaps `expected`.
awk -v work="$work" '
    function open_block(kind) {
        folder = sprintf("%s/block-%06d", work, NR)
        system("mkdir " folder)
        print kind > (folder "/kind")
        close(folder "/kind")
        target = folder "/source"
        printf "" > target
        last = folder
    }
    in_block && /^```[ \t]*$/ { close(target); in_block = 0; after = 1; next }
    in_block { print > target; next }
    /^```/ {
        in_block = 1
        fence = $0
        sub(/^```[ \t]*/, "", fence)
        sub(/[ \t]+$/, "", fence)
        if (fence ~ /^(text|output)$/ && after && last != "") {
            target = last "/expected"
            printf "" > target
            last = ""
        } else if (fence ~ /^(nel|nel fails|nel norun|sh run|c)$/) {
            open_block(fence)
        } else {
            target = "/dev/null"
            last = ""
            if (fence ~ /^nel/) {
                print FILENAME ":" NR ": `" fence "` is no kind of block" > "/dev/stderr"
                exit 1
            }
        }
        after = 0
        next
    }
    /[^ \t]/ { after = 0; last = "" }
    END {
        if (in_block) {
            print FILENAME ": a block is not closed" > "/dev/stderr"
            exit 1
        }
    }' "$page" || exit 1

failed=0
count=0
cd "$work/run" || exit 1
for block in "$work"/block-*; do
    [ -d "$block" ] || continue
    line=${block##*-}
    where=$(basename "$page"):$(echo "$line" | sed 's/^0*//')
    if grep -q 'needs NEL_DATA' "$block/source" && [ ! -d "${NEL_DATA:-}" ]; then
        echo "$where: left out, it needs NEL_DATA"
        continue
    fi
    if [ "$(cat "$block/kind")" = c ] && [ ! -e "$library/libnel.so" ]; then
        echo "$where: left out, the library was not built"
        continue
    fi
    count=$((count + 1))
    cp "$block/source" block.nel
    wanted=0
    case $(cat "$block/kind") in
    nel) nel --quiet block.nel </dev/null >"$block/printed" 2>"$block/err" ;;
    'nel fails') nel --quiet block.nel </dev/null >"$block/printed" 2>&1; wanted=$?; [ $wanted -eq 1 ] && wanted=0 || wanted=1; [ $wanted -eq 0 ] ;;
    'nel norun') nel check block.nel </dev/null >"$block/printed" 2>"$block/err" ;;
    c)
        ${CC:-cc} ${CFLAGS-} -std=c99 -Wall -Wextra -Werror -I"$here/../../src/api" -x c block.nel -L"$library" -lnel \
            -Wl,-rpath,"$library" -o block >"$block/printed" 2>&1 && ./block </dev/null >"$block/printed" 2>"$block/err"
        ;;
    'sh run') sh -eu block.nel </dev/null >"$block/printed" 2>"$block/err" ;;
    esac
    if [ $? -ne 0 ]; then
        echo "$where: the block ($(cat "$block/kind")) went wrong:"
        cat "$block/printed"
        [ ! -e "$block/err" ] || cat "$block/err"
        failed=1
    elif [ -e "$block/expected" ] && ! awk -f "$here/match.awk" "$block/expected" "$block/printed"; then
        echo "$where: it prints something else:"
        diff -u --label page --label printed "$block/expected" "$block/printed"
        failed=1
    fi
done
echo "$(basename "$page"): $count blocks"
exit $failed
