#!/bin/sh
# nel fmt as a shell sees it: files are rewritten whole or left alone, --check names the line and writes nothing, `-` is a filter.
set -eu
nel=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

fail() {
    echo "fmt: $1" >&2
    exit 1
}

same() { # same WHAT EXPECTED FOUND
    [ "$2" = "$3" ] || fail "$1: expected
$2
found
$3"
}

# A file is rewritten in place, and then stays as it is; its permissions are kept.
printf 'let x=1\n\n\nprint   x' >a.nel
chmod 640 a.nel
"$nel" fmt a.nel
same "rewritten" "let x = 1

print x" "$(cat a.nel)"
same "permissions" "-rw-r-----" "$(ls -l a.nel | cut -c1-10)"
before=$(ls -i a.nel)
"$nel" fmt a.nel
same "not written twice" "$before" "$(ls -i a.nel)"

# --check writes nothing and tells where.
printf 'let x = 1\nprint   x\n' >b.nel
status=0
out=$("$nel" fmt --check a.nel b.nel) || status=$?
same "--check" "b.nel:2: not in the canonical layout" "$out"
same "its status" 1 "$status"
same "nothing written" "let x = 1
print   x" "$(cat b.nel)"
"$nel" fmt --check a.nel || fail "--check of a file that is laid out fails"

# Standard input to standard output.
same "a filter" "print 1 + 2" "$(printf 'print 1+2' | "$nel" fmt -)"

# A file with errors is left alone and told; the others are laid out all the same.
printf 'let = 3\n' >bad.nel
status=0
"$nel" fmt bad.nel b.nel missing.nel . 2>errors || status=$?
same "status with errors" 1 "$status"
same "left alone" "let = 3" "$(cat bad.nel)"
same "the next one" "let x = 1
print x" "$(cat b.nel)"
grep -q 'bad.nel:1:5' errors || fail "the error has no place"
grep -q 'missing.nel' errors || fail "a missing file is not told"

# A link stays a link.
ln -s a.nel link.nel
printf 'print  1\n' >a.nel
"$nel" fmt link.nel
[ -L link.nel ] || fail "the link was replaced by a file"
same "behind the link" "print 1" "$(cat a.nel)"

# What cannot be written is told, and stays.
mkdir locked
printf 'print  1\n' >locked/c.nel
chmod 555 locked
if [ "$(id -u)" -ne 0 ]; then
    status=0
    "$nel" fmt locked/c.nel 2>errors || status=$?
    same "status where nothing can be written" 1 "$status"
    same "kept" "print  1" "$(cat locked/c.nel)"
fi
chmod 755 locked

status=0
"$nel" fmt 2>errors || status=$?
same "usage" 2 "$status"
