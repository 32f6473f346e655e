#!/bin/sh
# Trials, folds and ensembles in one file: another process has them as they were, and what was changed is refused.
set -eu
nel=$1
tools=$(cd "$(dirname "$0")/../tools" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "save several: $1" >&2
    exit 1
}

run() { # run NAME: the script on standard input
    cat >"$1.nel"
    "$nel" check "$1.nel" >told 2>&1 || { cat told >&2; fail "check $1.nel"; }
    "$nel" "$1.nel" || fail "$1.nel"
}

cat >data.nel <<'END'
element wavy "Wv" (x; learned b = 2) = x + sin(b * x) / 2
let data = moons(n: 120, noise: 20%, seed: 3) |> split(60%, 20%)
let runs = train wavy(4) on data { epochs: 10, trials: 3, seed: 5 }
let folds = train tanh(3) on moons(n: 60, noise: 20%, seed: 3) { epochs: 5, folds: 3 }
let values = train tanh(3) on dataset([[x] for x in 1..60], [sin(x) for x in 1..60]) { epochs: 5, trials: 2 }
let mixed = ensemble([...runs.runs, folds.best], combine: vote, weights: [1, 2, 0.1, 3])
END

run save >save.out <<'END'
use "data.nel"
save(runs, to: "runs.safetensors")
save(folds, to: "folds.safetensors")
save(ensemble(runs), to: "average.safetensors")
save(mixed, to: "vote.safetensors")
save(ensemble(values), to: "values.safetensors")
show ensemble(runs)
END

run load >load.out <<'END'
use "data.nel"
let a = load("runs.safetensors")
assert length(a.runs) == 3 and a.accuracy == runs.accuracy and a.test == runs.test and a.best.seed == runs.best.seed
assert predict_proba(a, [0.3, 0.1]) == predict_proba(runs, [0.3, 0.1])
let b = load("folds.safetensors")
assert length(b.runs) == 3 and b.accuracy == folds.accuracy
# Each fold goes on with its own part of the data, alone or with the others, again and again.
let cut = moons(n: 60, noise: 20%, seed: 3)
let more = continue(b, epochs: 3, on: cut)
let whole = continue(folds, epochs: 3)
assert [run.history for run in more.runs] == [run.history for run in whole.runs] and more.test == whole.test
save(folds.runs[1], to: "fold.safetensors")
assert continue(load("fold.safetensors"), epochs: 3, on: cut).history == whole.runs[1].history
save(more, to: "more.safetensors")
assert continue(load("more.safetensors"), epochs: 1, on: cut).accuracy == continue(whole, epochs: 1).accuracy
save(load("folds.safetensors"), to: "folds2.safetensors")
show more
let rows = [[0.3, 0.1], [1, -0.5], [-0.2, 0.9]]
for pair in [[load("average.safetensors"), ensemble(runs)], [load("vote.safetensors"), mixed]] {
  assert [predict(pair[0], row) for row in rows] == [predict(pair[1], row) for row in rows]
  assert score(pair[0], data.test) == score(pair[1], data.test)
}
let together = ensemble(runs)
let loaded = load("average.safetensors")
assert loaded.accuracy == together.accuracy and loaded.auc == together.auc and loaded.f1 == together.f1
assert loaded.test == together.test and loaded.train == together.train and loaded.confusion == together.confusion
assert load("values.safetensors").r2 == ensemble(values).r2
save(load("vote.safetensors"), to: "again.safetensors")
save(loaded, to: "average2.safetensors")
show loaded
save(load("runs.safetensors"), to: "runs2.safetensors")
END
cmp vote.safetensors again.safetensors || fail 'an ensemble that was loaded is saved as it was'
cmp average.safetensors average2.safetensors || fail 'an ensemble with figures that was loaded is saved as it was'
sed '/^its decisions/,$d' save.out | grep -v '^$' >figures.out # the picture of its data is not in the file
grep -q balanced_accuracy figures.out || fail 'an ensemble shows its figures'
sed -n '/^ensemble of/,$p' load.out | grep -v '^$' | cmp - figures.out || fail 'a loaded ensemble shows as it did'
cmp folds.safetensors folds2.safetensors || fail 'folds that were loaded are saved as they were'
grep -q '3 folds' load.out || fail 'folds that went on are folds'
cmp runs.safetensors runs2.safetensors || fail 'runs that were loaded are saved as they were'

refused() { # refused FILE WHY
    "$nel" -e "load(\"$1\")" >out 2>err && fail "$1 was not refused"
    grep -qF "$2" err || { cat err >&2; fail "$1: not told that $2"; }
}
head -c 3000 vote.safetensors >cut.safetensors
refused cut.safetensors 'safetensors file, or it is damaged'
sed 's/"together":"vote"/"together":"bote"/' vote.safetensors >word.safetensors
refused word.safetensors 'a word that is not known'
sed 's/member\.1"/member.7"/' vote.safetensors >names.safetensors
refused names.safetensors '`member.0`, `member.1`'
# Its figures as a whole hang together, and are of the rows of its members.
LC_ALL=C sed '1s/"scores":"{\\"train\\":{\\"count\\":72/"scores":"{\\"train\\":{\\"count\\":71/' average.safetensors >rows.safetensors
refused rows.safetensors 'its `reports` cannot be used'
LC_ALL=C sed '1s/{\\"count\\":60,/{\\"count\\":59,/' values.safetensors >rows.safetensors
refused rows.safetensors 'its `scores` are of other rows'
LC_ALL=C sed '1s/"reports":"{\\"train/"reports":"{\\"trait/' average.safetensors >kind.safetensors
refused kind.safetensors 'are not of one kind'
# A fold is one of as many as there are.
LC_ALL=C sed 's/\\"number\\":1,\\"of\\":3/\\"number\\":4,\\"of\\":3/' folds.safetensors >fold.safetensors
refused fold.safetensors 'its `data` cannot be used'
"$nel" -e 'continue(load("folds.safetensors"), epochs: 1, on: moons(n: 61, noise: 20%, seed: 3))' 2>err && fail 'folds of other data'
grep -q 'not the data that the run was trained on' err || fail 'folds of other data'
# One of the members is damaged: which one is told.
LC_ALL=C sed 's/"dna":"Wv4/"dna":"Wv5/' runs.safetensors >member.safetensors
refused member.safetensors 'member.safetensors, member 0'
"$nel" -e 'print train wavy(4) on moons { epochs: 1, checkpoint: "runs.safetensors" }' >out 2>err && fail 'several are no checkpoint'

if command -v python3 >/dev/null; then
    python3 "$tools/safetensors.py" runs.safetensors folds.safetensors average.safetensors vote.safetensors || fail 'the format'
fi
