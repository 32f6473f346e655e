#!/bin/sh
# run.sh SOURCE BUILD CC [FLAGS]: the library as its users meet it. Installs BUILD below a scratch folder, looks at what it exports,
# builds examples/embed in every way that the manual names, and compares what each program prints.
set -eu
source=$1
build=$2
cc=$3
flags=${4-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR=$work/stage cmake --install "$build" --prefix /opt/nel >/dev/null
prefix=$work/stage/opt/nel
pc=$(find "$prefix" -name nel.pc)
PKG_CONFIG_PATH=$(dirname "$pc")
libdir=$(dirname "$PKG_CONFIG_PATH")
LD_LIBRARY_PATH=$libdir
export PKG_CONFIG_PATH LD_LIBRARY_PATH

# What the header declares is exported, and nothing else: the rest is nobody's business.
sed -n 's/^NEL_API.*[ *]\(nel_[a-z_]*\)(.*/\1/p' "$prefix/include/nel.h" | sort >"$work/declared"
for symbols in "nm -D --defined-only $libdir/libnel.so" "nm -g --defined-only $libdir/libnel.a"; do
    $symbols | awk 'NF == 3 { print $3 }' | sort | diff -u --label declared --label "$symbols" "$work/declared" -
done
objdump -p "$libdir/libnel.so" | grep -q 'SONAME *libnel\.so\.0$'

# The header needs nothing else, in C and in C++.
printf '#include <nel.h>\nint main(void) { return nel_abi() != NEL_ABI; }\n' >"$work/alone.c"
$cc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include" "$work/alone.c"
if command -v c++ >/dev/null; then
    c++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only "-I$prefix/include" -x c++ "$work/alone.c"
fi

# same WHAT PROGRAM: it prints what it should.
same() {
    "$2" >"$work/printed" 2>&1 || { echo "$1: it failed"; cat "$work/printed"; exit 1; }
    diff -u --label expected --label "$1" "$source/tests/embed/embed.out" "$work/printed"
}

cp -R "$source/examples/embed" "$work/embed"
cd "$work/embed"
$cc $flags embed.c $(pkg-config --cflags --libs nel) -lm -o shared
same 'pkg-config' ./shared
# The archive beside a program that has names of its own; --static tells what else is needed.
$cc $flags embed.c "$source/tests/embed/clash.c" $(pkg-config --cflags --libs --static nel | sed 's/-lnel/-l:libnel.a/') -o static
same 'pkg-config --static' ./static
! objdump -p static | grep -q 'NEEDED *libnel'

for static in OFF ON; do
    cmake -S . -B cmake-$static -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$flags" \
        -DNEL_STATIC=$static >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    cmake --build cmake-$static >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    same "find_package, static $static" ./cmake-$static/embed
done

# Another language; an instrumented library needs an instrumented host.
if [ -z "$flags" ] && command -v python3 >/dev/null; then
    python3 "$source/tests/embed/ask.py" "$libdir/libnel.so"
fi
