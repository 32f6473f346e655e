#!/bin/sh
# The checkpoint of a search as a shell sees it: killed at any moment and asked for again, it ends as if nothing had happened; Ctrl-C ends
# it with the best so far, also before `finish`; a search that had ended goes on; another one is refused.
set -eu
nel=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "evolve: $1" >&2
    exit 1
}

cat >search.nel <<'END'
param seed = 1
param generations = 10
param inherit = false
param file = "search.safetensors"
let d = moons(n: 300, noise: 20%, seed: 1) |> split(60%, 20%)
let result = evolve [`T2`, `R3`] on d {
  population: 16
  generations: generations
  mutate: { widen: 2, deepen: 1, shortcut: 1, retype: 1 }
  crossover: 30%
  fitness: fn(run) = -run.loss
  train: { epochs: 300 }
  inherit: inherit
  seed: seed
  checkpoint: file
}
print result.history, result.lineage
print result.best.dna, result.best.validation.loss, result.best.test.loss
END

for inherit in false true; do
    "$nel" --quiet search.nel --inherit $inherit --file whole_$inherit.safetensors >whole_$inherit.out || fail "the undisturbed search"
    kills=0
    for pause in 0.1 0.3 0.2; do
        timeout -s KILL $pause "$nel" --quiet search.nel --inherit $inherit >part.out 2>/dev/null || kills=$((kills + 1))
    done
    [ $kills -gt 0 ] || echo "evolve: too fast to be killed" >&2
    "$nel" --quiet --threads 1 search.nel --inherit $inherit >resumed.out || fail "the search that was killed $kills times"
    cmp whole_$inherit.out resumed.out || fail "a search that was killed came out otherwise"
    "$nel" --quiet search.nel --inherit $inherit --generations 12 >longer.out || fail "more generations"
    "$nel" --quiet search.nel --inherit $inherit --generations 12 --file anew_$inherit.safetensors >anew.out
    cmp longer.out anew.out || fail "a search with more generations came out otherwise"
    rm -f search.safetensors
done

# Ctrl-C: a result, with exit status and output as any other; and the file is there to go on from. On a busy machine the founders may
# not be trained yet, and then there is none.
for pause in 0.4 1 2 4 8; do
    timeout -s INT $pause "$nel" --quiet search.nel --generations 4000 >stopped.out 2>/dev/null || true
    grep -q 'O1\[head=sigmoid\]' stopped.out && break
done
grep -q 'O1\[head=sigmoid\]' stopped.out || fail "Ctrl-C left no result"

# With `finish` too: its best is as the search trained it, and that is told.
cat >finish.nel <<'END'
param checkpoint = "finish.safetensors"
param generations = 4000
let d = moons(n: 300, noise: 20%, seed: 1) |> split(60%, 20%)
let result = evolve [`T2`, `R3`] on d {
  population: 8
  generations: generations
  mutate: { widen: 1 }
  train: { epochs: 300 }
  limits: { params: 100000 }
  finish: { epochs: 2, checkpoint: checkpoint }
}
print result.best.dna, result.best.test.loss
END
for pause in 0.4 1 2 4 8; do
    timeout -s INT $pause "$nel" --quiet finish.nel >stopped.out 2>stopped.err || true
    grep -q 'O1\[head=sigmoid\]' stopped.out && break
done
grep -q 'O1\[head=sigmoid\]' stopped.out || fail "Ctrl-C left no result of a search with \`finish\`"
grep -q 'this search was interrupted after generation [0-9]* of 4000' stopped.err || fail "an interruption that nobody is told of"
grep -q 'did not begin' stopped.err || fail "nobody is told that \`finish\` did not begin"
[ ! -e finish.safetensors ] || fail "a search that was interrupted was finished"

# Whatever ends `finish`, the search is not lost by it.
"$nel" --quiet finish.nel --generations 1 --checkpoint whole_true.safetensors >spoilt.out 2>spoilt.err || fail "a finish ended a search"
grep -q 'O1\[head=sigmoid\]' spoilt.out || fail "a finish that cannot be left no result"
grep -q 'the best could not be trained anew' spoilt.err || fail "nobody is told that \`finish\` could not be"

if "$nel" --quiet search.nel --seed 2 --file whole_false.safetensors >/dev/null 2>refused.err; then
    fail "the checkpoint of another search was used"
fi
grep -q 'its `seed` is another' refused.err || fail "a refusal without its reason"

if "$nel" -e 'load("whole_false.safetensors")' >/dev/null 2>refused.err; then
    fail "a search was loaded as a network"
fi
grep -q 'the checkpoint of an evolution' refused.err || fail "a search is not called one"

# What fitness, rules and losses refer to belongs to the search.
cat >refers.nel <<'END'
param k = 0.001
param grown = 3
param power = 4
let data = moons(n: 60, noise: 15%, seed: 1) |> split(60%, 20%)
fn burden(run, depth) = if depth == 0 { k * run.params } else { burden(run, depth - 1) }
rule more: ?a(?n) => ?a(?n + grown)
loss own(p) (y, t) = abs(y - t)^p
print (evolve `R4` on data {
  population: 4
  generations: 1
  mutate: { more: 1 }
  train: { epochs: 1, loss: own(power) }
  fitness: fn(run) = run.accuracy - burden(run, 2)
  checkpoint: "refers.safetensors"
}).best.dna
END
"$nel" --quiet refers.nel >first.out || fail 'refers'
"$nel" --quiet refers.nel >second.out || fail 'the search is not known again'
cmp first.out second.out || fail 'refers: another result'
for change in '--k 0.1' '--grown 2' '--power 3'; do
    "$nel" --quiet refers.nel $change >other.out 2>other.err && fail "$change: the checkpoint of another search was used"
    grep -q 'is not the checkpoint of this search' other.err || fail "$change: not told"
done
