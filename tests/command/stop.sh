#!/bin/sh
# Ctrl-C as a shell sees it: it ends the training, growth or evolution that runs, with the best so far, and the script goes on with that;
# the next training ends the script. Where nothing trains it ends the script.
set -eu
nel=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "stop: $1" >&2
    exit 1
}

# stopped NAME STATUS FILES: runs the script, presses Ctrl-C once one of the files is there, and compares the status.
stopped() {
    "$nel" --threads 2 "$1.nel" >"$1.out" 2>"$1.err" &
    process=$!
    tries=0
    # shellcheck disable=SC2086
    until ls $3 >/dev/null 2>&1; do
        kill -0 $process 2>/dev/null || fail "$1 ended by itself: $(cat "$1.err")"
        tries=$((tries + 1))
        [ $tries -lt 300 ] || fail "$1 does not begin"
        sleep 0.1
    done
    sleep 0.3
    kill -INT $process
    status=0
    wait $process || status=$?
    [ $status -eq "$2" ] || fail "$1: status $status instead of $2: $(cat "$1.err")"
}

printed() { # printed NAME LINES…
    name=$1
    shift
    printf '%s\n' "$@" | cmp -s - "$name.out" || fail "$name printed: $(cat "$name.out")"
}

data='let d = moons(n: 200, noise: 20%, seed: 1) |> split(60%, 20%)'

cat >training.nel <<END
$data
let run = train relu(8) on d { epochs: 100_000_000, checkpoint: "training.safetensors" }
print run.epochs > 0
for i in 1..2 { print i }
fn twice(x) = 2 * x
print [twice(x) for x in 1..3]
let more = train relu(8) on d { epochs: 5 }
print "never"
END
stopped training 1 training.safetensors
printed training true 1 2 '[2, 4, 6]'
grep -q 'stopped before this training began' training.err || fail "training: $(cat training.err)"

cat >trials.nel <<END
$data
let run = train relu(8) on d { epochs: 100_000_000, trials: 5, checkpoint: "trials.safetensors" }
print length(run.runs) < 5
for i in 1..2 { print i }
END
stopped trials 0 'trials.*.safetensors'
printed trials true 1 2

cat >evolution.nel <<END
$data
rule more: ?a(?n) => ?a(?n + 1)
let found = evolve [relu(4)] on d {
  mutate: { more: 1 }
  generations: 100_000
  population: 4
  fitness: fn(run) = run.params
  train: { epochs: 5 }
  finish: { epochs: 10 }
  limits: { params: 1_000_000 }
  checkpoint: "evolution.safetensors"
}
print length(found.history) > 0
for i in 1..2 { print i }
print found.best.epochs
END
stopped evolution 0 evolution.safetensors
printed evolution true 1 2 5

cat >growth.nel <<END
$data
save(train relu(2) on d { epochs: 1 }, to: "growth.safetensors")
growth Slow {
  every 1000 epochs
  when round == 0 => widen
  stop when epoch >= 90_000_000
}
let grown = grow relu(4) on d by Slow
print grown.epochs > 0
for i in 1..2 { print i }
END
stopped growth 0 growth.safetensors
printed growth true 1 2

cat >loop.nel <<END
$data
save(train relu(2) on d { epochs: 1 }, to: "loop.safetensors")
for i in 1..10_000 { for j in 1..10_000 { for k in 1..10_000 { let _x = k } } }
END
stopped loop 1 loop.safetensors
grep -q 'error: stopped' loop.err || fail "loop: $(cat loop.err)"
