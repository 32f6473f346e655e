#!/bin/sh
# check.sh NEL: `nel check` against running. A script that runs passes it: no false error. What it finds in a script that fails is what
# running it tells, and more where the run ends at the first of several errors; a run may show the value that it found where the check
# knows its kind alone, so that what was found is not compared. A script whose error only a run can find says so in a line
# `# only a run tells`.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
nel=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export NO_COLOR=1 LC_ALL=C.UTF-8 COLUMNS=80
failed=0
count=0

needs_data() {
    grep -q '^#.*needs NEL_DATA' "$1" && [ -z "${NEL_DATA:-}" ]
}

# Studies of large data sets are checked with the data that they make themselves.
runs() {
    needs_data "$1" && return
    count=$((count + 1))
    made=
    grep -q '^param source' "$1" && made='--source made'
    "$nel" check "$1" $made >"$work/out" 2>"$work/err" && return
    failed=$((failed + 1))
    echo "$1 runs, but nel check tells:"
    cat "$work/err"
}

fails() {
    grep -q '^# only a run tells' "$1" && return
    count=$((count + 1))
    "$nel" check "$1" >"$work/out" 2>"$work/err"
    status=$?
    sed 's/, found .*//' "$work/err" >"$work/told"
    grep '^error' "${1%.nel}.err" | sed 's/, found .*//' | while read -r line; do
        grep -qxF "$line" "$work/told" || exit 1
    done && [ $status -eq 1 ] && return
    failed=$((failed + 1))
    echo "$1 fails, and nel check tells of it:"
    cat "$work/err"
}

cd "$root/.." || exit 1
for script in examples/*.nel examples/*/*.nel tests/acceptance/*.nel tests/repeat/*.nel; do
    runs "$script"
done
cd "$root/golden" || exit 1
for script in */*.nel; do
    [ -e "${script%.nel}.args" ] && continue # options, or another command
    [ -e "${script%.nel}.env" ] && continue
    if grep -q '^error' "${script%.nel}.err" 2>/dev/null; then
        fails "$script"
    else
        runs "$script"
    fi
done
echo "$count scripts, $failed wrong"
[ $failed -eq 0 ] && [ $count -gt 100 ]
