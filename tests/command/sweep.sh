#!/bin/sh
# Ctrl-C in the midst of a sweep: the cells that came to their end are the table, nothing that was cut short is among them, and a warning
# says how many they are.
set -eu
nel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "sweep: $*" >&2
    cat stopped.out stopped.err >&2
    exit 1
}

cat >sweep.nel <<'END'
let d = moons(n: 200, noise: 20%, seed: 1)
let table = sweep width in 1..5000 {
  print "cell {width}"
  let run = train relu(8) on d { epochs: 400, seed: width }
  { epochs: run.epochs }
}
let rows = length(table.epochs)
print "rows {rows}, least {min(table.epochs)}"
END
for pause in 0.5 1 2 4 8; do
    timeout -s INT $pause "$nel" --quiet --threads 2 sweep.nel >stopped.out 2>stopped.err || true
    grep -q '^rows' stopped.out && break
done
rows=$(sed -n 's/^rows \([0-9]*\), least 400$/\1/p' stopped.out)
[ -n "$rows" ] && [ "$rows" -gt 0 ] && [ "$rows" -lt 5000 ] || fail 'Ctrl-C left no whole cells'
[ "$(grep -c '^cell ' stopped.out)" -eq "$rows" ] || fail 'what other cells printed is among it'
grep -q "interrupted: $rows of 5000 cells came to their end" stopped.err || fail 'nobody is told'
