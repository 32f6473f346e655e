#!/bin/sh
# save and load as a shell sees them: another process goes on with the same bits, damaged files are refused with a reason, and a file
# that cannot be written leaves the old one as it was.
set -eu
nel=$1
tools=$(cd "$(dirname "$0")/../tools" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "save: $1" >&2
    exit 1
}

run() { # run NAME: the script on standard input
    cat >"$1.nel"
    "$nel" "$1.nel" || fail "$1.nel"
}

run save <<'END'
element wavy "Wv" (x; a = 0.5, learned b = 2) = x + a * sin(b * x)
molecule Net = wavy(8) -> batchnorm -> dropout(10%) -> relu(8, density: 50%) -> layernorm
let data = moons(n: 200, noise: 20%, seed: 3) |> split(60%, 20%)
let options = { stop: patience(60), snapshots: [0, 10, 100], class_weights: [1, 2], optimizer: adam(lr: 0.01) }
save(train Net on data { epochs: 50, ...options }, to: "half.safetensors")
save(train Net on data { epochs: 100, ...options }, to: "whole.safetensors")
assert (train Net on data { epochs: 20, checkpoint: "kept.safetensors" }).epochs == 20
save(train tanh(2) on moons { epochs: 3, stop: patience(5) }, to: "plain.safetensors")
let bare = relu(4) -> linear(2) + (gather([0, 3]) -> tanh(3) -> linear(2)) -> head()
save(train bare on moons { epochs: 3 }, to: "bare.safetensors")

loss pinball(q, w = 2) (y, t) = w * max(q * (t - y), (q - 1) * (t - y)) + sin(y - t)^2 / (1 + exp(-y))
loss cubed (y, t) = abs(y - t)^3
let values = dataset([[x] for x in 1..60], [sin(x) for x in 1..60])
for epochs in [10, 20] {
  save(train tanh(4) on values { epochs: epochs, loss: pinball(0.3) }, to: "pinball{epochs}.safetensors")
  save(train tanh(4) on values { epochs: epochs, loss: cubed }, to: "cubed{epochs}.safetensors")
}
END

# Weights from a file know how their inputs were scaled.
run scale <<'END'
save(train tanh(2) on (moons() |> normalize) { epochs: 1 }, to: "scaled.safetensors")
END
"$nel" -e 'print train body(load("scaled.safetensors")) -> tanh(2) on moons() { epochs: 1 }' >out 2>err
grep -q 'there they were normalised to mean 0 and standard deviation 1, here they are not normalised' err || fail 'the scale of inputs'

# A session that has another element of that name and symbol: the model goes by its file.
run load <<'END'
element wavy "Wv" (x) = 7 * x
let data = moons(n: 200, noise: 20%, seed: 3) |> split(60%, 20%)
let half = load("half.safetensors")
let whole = load("whole.safetensors")
let more = continue(half, epochs: 50, on: data)
fn same(a, b) = a.loss == b.loss and a.history == b.history and predict_proba(a, [0.3, -0.2]) == predict_proba(b, [0.3, -0.2])
assert half.epochs == 50 and half.name == "Net" and half.data == "moons" and more.epochs == 100
assert same(more, whole) and more.train.loss == whole.train.loss
assert predict_proba(more.at(100), [1, 2]) == predict_proba(whole.at(100), [1, 2])
assert predict_proba(half.at(10), [1, 2]) == predict_proba(whole.at(10), [1, 2])
assert score(half, data.test).accuracy == half.accuracy
save(more, to: "more.safetensors")
assert same(load("more.safetensors"), whole)
for saved in [half, whole, load("more.safetensors"), load("kept.safetensors")] {
  assert { ...score(saved, data.test), loss: 0 } == { ...saved.test, loss: 0 }
  assert saved.validation.f1 == score(saved, data.validation).f1 and saved.auc == score(saved, data.test).auc
}
let bare = load("bare.safetensors")
assert bare.dna == "R4-(L2+(Gt[0,3]-T3-L2))-H[head=softmax]" and score(bare, moons()).loss == bare.train.loss
let plain = continue(load("plain.safetensors"), epochs: 2, on: moons)
assert plain.epochs == 5

loss cubed (y, t) = (y - t)^4
assert "{cubed}" != ""
let values = dataset([[x] for x in 1..60], [sin(x) for x in 1..60])
for name in ["pinball", "cubed"] {
  let all = load("{name}20.safetensors")
  let rest = continue(load("{name}10.safetensors"), epochs: 10, on: values)
  assert rest.history == all.history and rest.weights == all.weights and rest.loss == all.loss
  save(rest, to: "rest.safetensors")
  assert load("rest.safetensors").history == all.history and score(rest, values) == score(all, values)
}
END

refused() { # refused WHAT WORDS: the script on standard input fails with a message that has these words
    cat >"refused.nel"
    if "$nel" refused.nel >/dev/null 2>said; then
        fail "$1 is accepted"
    fi
    tr '\n' ' ' <said | grep -q "$2" || fail "$1: $(cat said)"
}

refused 'other data' 'not the data' <<'END'
print(continue(load("half.safetensors"), epochs: 5, on: moons(n: 200, noise: 20%, seed: 4) |> split(60%, 20%)))
END
refused 'no data' 'does not hold its data' <<'END'
print(continue(load("half.safetensors"), epochs: 5))
END
refused 'another ending' 'ends in `.safetensors`' <<'END'
save(load("half.safetensors"), to: "half.bin")
END
refused 'a missing file' 'no such file' <<'END'
print(load("hafl.safetensors"))
END

# A file system that is full, or a limit of size: the old file stays, and nothing is left beside it.
before=$(cksum <plain.safetensors)
if (ulimit -f 1 && "$nel" -e 'save(load("half.safetensors"), to: "plain.safetensors")') >/dev/null 2>said; then
    fail 'a file past the limit was written'
fi
[ "$before" = "$(cksum <plain.safetensors)" ] || fail 'a failed write changed the old file'
[ -z "$(find . -name '*.tmp')" ] || fail 'a failed write left its temporary file'

# The manual's program in another language gives the answer that NEL gives.
if command -v python3 >/dev/null; then
    mkdir manual
    awk '/^```python/ { on = 1; next } /^```/ { on = 0 } on' "$tools/../../grammar/files.md" >manual/ask.py
    (
        cd manual
        cat >train.nel <<'END'
let run = train tanh(8) on (moons(n: 200, noise: 15%, seed: 1) |> normalize) { epochs: 200 }
save(run, to: "moons.safetensors")
print run.dna, round(predict_proba(run, [0.5, -0.2])["1"] * 1e5)
END
        "$nel" train.nel >here
        python3 ask.py | awk '{ printf "%s %.0f\n", $1, $2 * 1e5 }' >there
    )
    printed=$(cat manual/here)
    [ "$printed" = "$(cat manual/there)" ] || fail "the manual's program: $(cat manual/there), not $printed"
fi

# By the letter of the format, in other hands; and damaged copies, none of which is accepted or changes anything.
if command -v python3 >/dev/null; then
    python3 "$tools/safetensors.py" half.safetensors whole.safetensors plain.safetensors more.safetensors pinball10.safetensors || fail 'the format'
    mkdir damaged
    python3 "$tools/safetensors.py" --break damaged plain.safetensors
    python3 "$tools/safetensors.py" --break-loss damaged pinball10.safetensors
    python3 "$tools/safetensors.py" --break-norm damaged half.safetensors
    for file in damaged/*; do
        what=$(basename "$file" .safetensors)
        status=0
        "$nel" -e "load(\"$file\")" >/dev/null 2>said || status=$?
        [ "$status" = 1 ] || fail "damaged file $what: status $status"
        grep -q "damaged/$what" said || fail "damaged file $what: $(cat said)"
    done
    [ ! -e harm.txt ] || fail 'a file was obeyed'
    grep -q 'newer' said || "$nel" -e 'load("damaged/newer.safetensors")' 2>&1 | grep -q 'newer NEL' || fail 'a newer version'
fi
