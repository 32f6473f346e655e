#!/bin/sh
# qemu.sh EMULATOR PROCESSOR NEL PROGRAM…: NEL trains on the emulated processor, and each PROGRAM (a unit test) passes there.
# Skipped (status 77) where the emulator is not installed.
set -eu
unset OPENBLAS_CORETYPE # it would name the kernels of another processor
emulator=$1
processor=$2
nel=$3
shift 3
if ! command -v "$emulator" >/dev/null; then
    echo "skipped: there is no $emulator (on Debian the package qemu-user)"
    exit 77
fi
# What an emulated processor lacks of the real one's features is no matter here.
on_processor() { # COMMAND…
    "$emulator" -cpu "$processor" "$@" 2>&1 | grep -v '^qemu-.*: warning: TCG'
}
said=$(on_processor "$nel" --quiet -e '
let d = moons(n: 200, noise: 10%, seed: 1) |> split(80%)
let run = train tanh(16) -> ~gelu(16) -> layernorm -> sine(8) on d { epochs: 40, optimizer: adam(lr: 1e-2) }
assert run.accuracy >= 80%
let wide = train relu(300) -> relu(200, density: 10%) on rings(n: 60, seed: 1) { epochs: 20 }
assert wide.loss < 1.2
print "trained"')
echo "$said"
[ "$said" = trained ]
for program; do
    "$emulator" -cpu "$processor" "$program"
done
