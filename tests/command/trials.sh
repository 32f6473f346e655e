#!/bin/sh
# Ctrl-C in the midst of trials: those that came to their end are the result, it says how many they are, and a warning does.
set -eu
nel=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "trials: $*" >&2
    cat stopped.out stopped.err >&2
    exit 1
}

# interrupted NAME OPTION: `OPTION` is the option that makes several; on a busy machine none may have come to its end yet, and all of them must take longer than the longest pause.
interrupted() {
    cat >"$1.nel" <<END
let d = moons(n: 200, noise: 20%, seed: 1)
let runs = $2
print runs
print "best", runs.best.epochs
show runs
END
    for pause in 0.5 1 2 4 8; do
        timeout -s INT $pause "$nel" --quiet --threads 1 "$1.nel" >stopped.out 2>stopped.err || true
        grep -q 'runs\{0,1\} (of 5000, interrupted)' stopped.out && break
    done
    grep -q 'runs\{0,1\} (of 5000, interrupted) of R8' stopped.out || fail "$1: Ctrl-C left no result"
    grep -q 'interrupted: [0-9]* of 5000 trainings came to their end' stopped.err || fail "$1: nobody is told"
    grep -q 'best 400' stopped.out || fail "$1: what was interrupted is among them"
    grep -q ' of 5_000 trials: interrupted' stopped.out || fail "$1: show does not tell"
}

interrupted trials 'train relu(8) on d { epochs: 400, trials: 5000 }'
interrupted further 'continue(train relu(8) on d { epochs: 0, trials: 5000 }, epochs: 400)'
