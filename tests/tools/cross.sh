#!/bin/sh
# cross.sh COMPILER FOLDER…: compiles each C file of the folders of src/ for another processor and throws the result away; the headers
# of other people's libraries are this machine's. Skipped (status 77) where the compiler is not installed.
set -u
compiler=$1
shift
if ! command -v "$compiler" >/dev/null; then
    echo "skipped: there is no $compiler (on Debian the package gcc-aarch64-linux-gnu)"
    exit 77
fi
cd "$(dirname "$0")/../../src" || exit 1
guests="-idirafter /usr/include -idirafter /usr/include/cjson"
for folder in /usr/include/*-linux-gnu /usr/include/*-linux-gnu/openblas-pthread; do
    guests="$guests -idirafter $folder"
done
failed=0
for folder; do
    for file in "$folder"/*.c; do
        "$compiler" -std=gnu11 -O2 -D_GNU_SOURCE -DNEL_BLAS=1 -DNEL_VERSION='""' -I. $guests -Wall -Wextra -Wconversion -Wno-sign-conversion \
            -Wundef -fno-math-errno -fno-trapping-math -Werror -c "$file" -o /dev/null || failed=$((failed + 1))
    done
done
echo "$failed files do not compile"
[ $failed -eq 0 ]
