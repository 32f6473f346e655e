#!/bin/sh
# fuzz.sh BUILD CORPUS SECONDS: runs each libFuzzer target of BUILD for so many seconds, beginning with CORPUS/<name>. New inputs stay
# in BUILD/corpus, findings in BUILD/findings. Stops at the first finding.
set -eu
build=$1
corpus=$2
seconds=$3
mkdir -p "$build/findings"
targets=0
for target in "$build"/fuzz_*; do
    [ -f "$target" ] && [ -x "$target" ] || continue
    name=${target##*/fuzz_}
    mkdir -p "$build/corpus/$name"
    seeds=
    [ ! -d "$corpus/$name" ] || seeds=$corpus/$name
    words=
    set -- "$corpus/$name"/*.nel
    [ ! -e "$1" ] || words=-dict=$corpus/../script.dict
    echo "fuzz/$name: $seconds s"
    # shellcheck disable=SC2086 # no seeds: no word
    "$target" $words -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$build/findings/$name-" "$build/corpus/$name" $seeds 2>"$build/findings/$name.log" || {
        tail -n 60 "$build/findings/$name.log"
        exit 1
    }
    grep -E 'number_of_executed_units|new_units_added' "$build/findings/$name.log" | sed 's/^stat::/  /'
    targets=$((targets + 1))
done
echo "$targets targets, no finding"
[ "$targets" -gt 0 ]
