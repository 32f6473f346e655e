#!/bin/sh
# script.sh [--repeat] NEL FILE: runs a script of examples/ or tests/acceptance/ in a scratch folder; it passes where the script
# does. A script whose comments say `needs NEL_DATA` is skipped (status 77) where the variable names no folder.
# With --repeat it runs three times, with one thread, two threads and two again, which must print the same bytes.
set -u
repeat=false
if [ "$1" = --repeat ]; then
    repeat=true
    shift
fi
nel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
if grep -q '^#.*needs NEL_DATA' "$file" && [ ! -d "${NEL_DATA:-}" ]; then
    echo "skipped: $(basename "$file") needs the data sets, and NEL_DATA names no folder"
    exit 77
fi
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export NO_COLOR=1 LC_ALL=C.UTF-8 COLUMNS=80

if ! $repeat; then
    "$nel" --quiet "$file" </dev/null
    exit $?
fi
for threads in 1 2 2; do
    "$nel" --quiet --threads $threads "$file" </dev/null >out 2>&1 || { cat out; exit 1; }
    # How long something took differs from run to run.
    sed -E 's/[0-9][0-9.]* +(ms|s|min|h)([^a-z]|$)/_ s\2/g' out >now
    if [ -e before ] && ! diff -u --label 'before' --label "$threads threads" before now; then
        echo "$(basename "$file"): two runs printed different things"
        exit 1
    fi
    mv now before
done
