#!/bin/sh
# golden.sh [--update] NEL NAME…: runs scripts of tests/golden and compares what they print with the files beside them.
#
#   area/name.nel    the script; it runs in tests/golden, so that diagnostics show its path the same everywhere
#   area/name.out    expected standard output (none: empty)
#   area/name.err    expected standard error (none: empty), diagnostics to the caret
#   area/name.in     standard input (none: empty)
#   area/name.env    variables of the environment, NAME=value, as a shell reads them
#   area/name.args   the command line, where it is not just the script: words as a shell reads them, {} for the script. A first line
#                    `status N` says which exit status is expected; otherwise it is 1 where .err holds an error, else 0.
#
# With --update the expected files are written instead; look at the difference before you commit it.
set -u
here=$(cd "$(dirname "$0")/../golden" && pwd)
update=false
if [ "$1" = --update ]; then
    update=true
    shift
fi
nel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
shift
cd "$here" || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset NEL_DATA NEL_PATH
export NO_COLOR=1 LC_ALL=C.UTF-8 COLUMNS=80 NEL_WORK="$work"

# How long something took differs from run to run.
steady() {
    sed -E 's/[0-9][0-9.]* (ms|s|min|h)([^a-z]|$)/_ s\2/g' "$1"
}

# keep FILE EXPECTED: what was printed becomes what is expected; an empty file is not kept.
keep() {
    if [ -s "$1" ]; then
        steady "$1" >"$2"
    else
        rm -f "$2"
    fi
}

# same ACTUAL EXPECTED
same() {
    steady "$1" >"$work/actual"
    if [ -e "$2" ]; then
        steady "$2" >"$work/expected"
    else
        : >"$work/expected"
    fi
    diff -u --label "$2 (expected)" --label "$2 (printed)" "$work/expected" "$work/actual"
}

run() {
    name=$1
    script=$name.nel
    status=
    words='{}'
    if [ -e "$name.args" ]; then
        words=$(sed '1{/^status [0-9]*$/d;}' "$name.args")
        status=$(sed -n '1s/^status \([0-9]*\)$/\1/p' "$name.args")
        [ -n "$words" ] || words='{}'
    fi
    input=/dev/null
    [ ! -e "$name.in" ] || input=$name.in
    environment=
    [ ! -e "$name.env" ] || environment=$(tr '\n' ' ' <"$name.env")
    eval "set -- $(printf '%s' "$words" | sed "s|{}|$script|g")"
    eval "env $environment \"\$nel\" --quiet \"\$@\"" <"$input" >"$work/out" 2>"$work/err"
    got=$?
    if $update; then
        keep "$work/out" "$name.out"
        keep "$work/err" "$name.err"
    fi
    if [ -z "$status" ]; then
        status=0
        [ ! -e "$name.err" ] || ! grep -q '^error' "$name.err" || status=1
    fi
    fine=true
    $update || same "$work/out" "$name.out" || fine=false
    $update || same "$work/err" "$name.err" || fine=false
    if [ "$got" -ne "$status" ]; then
        echo "$script: exit status $got, not $status"
        fine=false
    fi
    $fine
}

failed=0
for name in "$@"; do
    run "${name%.nel}" || failed=1
done
exit $failed
