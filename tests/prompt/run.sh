#!/bin/sh
# run.sh TRANSCRIPT NEL [--update]: types session.in at the prompt and compares what was shown with session.out.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export HOME="$work" NO_COLOR=1 LC_ALL=C.UTF-8
unset NEL_DATA
"$1" "$here/session.in" "$2" --quiet >"$work/shown" || exit $? # 77: there is no pseudo-terminal here
if [ "${3-}" = --update ]; then
    cp "$work/shown" "$here/session.out"
fi
diff -u --label expected --label shown "$here/session.out" "$work/shown"
