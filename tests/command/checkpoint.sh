#!/bin/sh
# The option `checkpoint` as a shell sees it: a training that is killed, or stopped with Ctrl-C, and started again ends with the same bits
# as one that nothing disturbed; a file of another training is refused with the reason; a full disk costs the checkpoint and no more.
set -eu
nel=$1
tools=$(cd "$(dirname "$0")/../tools" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "checkpoint: $1" >&2
    exit 1
}

same() { # same WHAT FILE FILE
    cmp -s "$2" "$3" || fail "$1: $(diff "$2" "$3" | head -n 4)"
}

# train NAME EPOCHS OPTIONS: a script that trains and prints everything that a training leaves, to the last bit.
train() {
    cat >"$1.nel" <<END
element wavy "Wv" (x; a = 0.5, learned b = 2) = x + a * sin(b * x)
molecule Net = wavy(32) -> batchnorm -> dropout(10%) -> relu(32, density: 50%)
let data = moons(n: 200, noise: 20%, seed: 3) |> split(60%, 20%)
let run = train Net on data { epochs: $2, stop: patience(10000000), snapshots: [0, 10, 40], noise: 0.01, $3 }
print(run.history)
print([run.loss, run.train.loss, run.test.accuracy])
print([run.weights, run.biases, run.model.weights])
print(if run.epochs < 40 { [] } else { [run.at(10).weights, run.at(40).weights, run.at(40).loss] })
END
}

epochs() {
    "$nel" -e 'print(load("net.safetensors").epochs)'
}

# ---- killed, and stopped with Ctrl-C ----

checkpoint='checkpoint: "net.safetensors"'
train long 10000000 "$checkpoint"
"$nel" long.nel >killed.out 2>&1 &
process=$!
until [ -e net.safetensors ] && [ "$(epochs)" -gt 0 ]; do
    kill -0 $process || fail "the training ended: $(cat killed.out)"
    sleep 0.1
done
kill -9 $process
wait $process 2>/dev/null || true
killed=$(epochs)

"$nel" --threads 2 long.nel >/dev/null 2>&1 &
process=$!
sleep 0.3
kill -INT $process
wait $process 2>/dev/null || true
stopped=$(epochs)
[ "$stopped" -gt "$killed" ] || fail "Ctrl-C in epoch $stopped left nothing behind epoch $killed"

train resumed $((stopped + 20)) "$checkpoint"
train undisturbed $((stopped + 20)) 'seed: 0'
"$nel" undisturbed.nel >undisturbed.out || fail 'undisturbed'
"$nel" resumed.nel >resumed.out || fail 'resumed'
same 'killed, stopped and resumed' undisturbed.out resumed.out

# Finished: what it gave is given again, and the file stays as it is.
before=$(cksum <net.safetensors)
"$nel" resumed.nel >again.out || fail 'again'
same 'finished' undisturbed.out again.out
[ "$before" = "$(cksum <net.safetensors)" ] || fail 'a finished training wrote its file again'
[ -z "$(find . -name '*.tmp')" ] || fail 'temporary files are left'

# ---- more epochs, early stopping, trials, folds: each in steps, and at once ----

in_steps() { # in_steps NAME EPOCHS EPOCHS OPTIONS: the later run goes on from the earlier one's file
    rm -f net*.safetensors
    train "$1_some" "$2" "$4, $checkpoint"
    train "$1_all" "$3" "$4, $checkpoint"
    train "$1_once" "$3" "$4"
    "$nel" "$1_some.nel" >/dev/null && "$nel" --threads 2 "$1_all.nel" >"$1_all.out" || fail "$1 in steps"
    "$nel" "$1_once.nel" >"$1_once.out" || fail "$1 at once"
    same "$1" "$1_once.out" "$1_all.out"
}

in_steps plain 20 60 'class_weights: [1, 2], optimizer: adamw'
in_steps late 45 60 'schedule: plateau(patience: 2), optimizer: rprop, batch: full'
in_steps scheduled 30 60 'schedule: cosine(epochs: 50, warmup: 5), optimizer: momentum(nesterov: true)'

several() { # several NAME OPTION: the files of several trainings
    cat >"$1.nel" <<END
let runs = train tanh(8) on moons(n: 100, noise: 20%, seed: 1) { epochs: 10, seed: 4, $2 }
print([runs.at(5).loss, runs.loss, [run.weights for run in runs.runs]])
END
}
several trials 'trials: 3, snapshots: [5], checkpoint: "many.safetensors"'
several plain 'trials: 3, snapshots: [5]'
"$nel" plain.nel >plain.out || fail 'trials at once'
"$nel" --threads 2 trials.nel >trials.out || fail 'trials'
same 'trials' plain.out trials.out
rm many.5.safetensors
"$nel" trials.nel >trials.out || fail 'trials again'
same 'trials again' plain.out trials.out
[ -e many.4.safetensors ] && [ -e many.5.safetensors ] && [ -e many.6.safetensors ] || fail 'trials have no files'

# ---- files of others ----

refused() { # refused WHAT WORDS NAME EPOCHS OPTIONS
    train "$3" "$4" "$5"
    if "$nel" "$3.nel" >/dev/null 2>said; then
        fail "$1 is accepted"
    fi
    tr '\n' ' ' <said | grep -q "$2" || fail "$1: $(cat said)"
}

in_steps plain 20 60 'smoothing: 0.1'
refused 'another seed' 'its `seed`' other 60 "smoothing: 0.1, seed: 3, $checkpoint"
refused 'another rate' 'its `optimizer`' other 60 "smoothing: 0.1, optimizer: adam(lr: 0.1), $checkpoint"
refused 'fewer epochs' '60 epochs behind it' other 50 "smoothing: 0.1, $checkpoint"
refused 'other data' 'other data' other 60 "smoothing: 0.1, class_weights: [1, 3], $checkpoint"
cp net.safetensors kept.safetensors
sed 's/relu(32, /relu(16, /; s/"net\./"kept./' plain_all.nel >other.nel
"$nel" other.nel 2>&1 | grep -q 'its molecule is' || fail 'another molecule'
sed 's/sin(b \* x)/cos(b * x)/; s/"net\./"kept./' plain_all.nel >other.nel
"$nel" other.nel 2>&1 | grep -q 'other formulas' || fail 'another element'
sed 's/\[0, 10, 40\]/[0, 10, 40, 41]/; s/"net\./"kept./' plain_all.nel >other.nel
"$nel" other.nel 2>&1 | grep -q 'its `snapshots`' || fail 'other snapshots'
in_steps spanned 10 60 'schedule: cosine(epochs: 70)'
refused 'another span' 'its `schedule`' other 60 "schedule: cosine, $checkpoint"
cmp -s net.safetensors kept.safetensors && fail 'the files of two trainings are equal'
head -c 3000 kept.safetensors >net.safetensors
refused 'a truncated file' 'net.safetensors' other 60 "smoothing: 0.1, $checkpoint"
printf 'nothing of the kind' >net.safetensors
refused 'another kind of file' 'net.safetensors' other 60 "smoothing: 0.1, $checkpoint"
rm -f net.safetensors
refused 'a folder that is missing' 'cannot write' other 60 'checkpoint: "missing/net.safetensors"'
mkdir net.safetensors
refused 'a folder' 'is a folder' other 60 "$checkpoint"
rmdir net.safetensors
if command -v python3 >/dev/null; then
    python3 "$tools/safetensors.py" kept.safetensors many.4.safetensors || fail 'the format'
    sed 's/"nel": *"1"/"nel":"2"/' kept.safetensors >net.safetensors
    refused 'a newer file' 'newer NEL' other 60 "smoothing: 0.1, $checkpoint"
    rm net.safetensors
fi

# A cell of a sweep that would write over another one.
cat >sweep.nel <<'END'
show sweep seed in [1, 2] {
  train tanh(4) on moons { epochs: 50, checkpoint: "cells.safetensors", seed: seed }
}
END
"$nel" sweep.nel 2>&1 | grep -q 'checkpoint of another training' || fail 'two cells with one file'

# ---- a disk that is full ----

train full 60 "$checkpoint"
if (ulimit -f 1 && "$nel" full.nel) >/dev/null 2>said; then
    fail 'a training began without its checkpoint'
fi
grep -q 'cannot write' said || fail "a full disk: $(cat said)"
[ -z "$(find . -name '*.tmp')" ] && [ ! -e net.safetensors ] || fail 'a failed write left something behind'

# Later it stops nothing: the earlier file stays, and the run is what it would have been.
cat >fills.nel <<'END'
let run = train tanh(4) on moons { epochs: 2000, checkpoint: "fills.safetensors" }
print(run.loss)
END
sed 's/, checkpoint.*"//' fills.nel >roomy.nel
"$nel" roomy.nel >roomy.out
(ulimit -f 32 && "$nel" fills.nel) >fills.out 2>said || fail "a disk that fills: $(cat said)"
grep -q 'warning: cannot write' said || fail "a disk that fills: $(cat said)"
same 'a disk that fills' roomy.out fills.out
[ "$("$nel" -e 'print(load("fills.safetensors").epochs)')" = 0 ] || fail 'the earlier file is gone'
"$nel" fills.nel >fills.out || fail 'a disk with room again'
same 'a disk with room again' roomy.out fills.out
