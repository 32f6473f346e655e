#!/bin/sh
# page.sh [--update] FILE COMMAND…: FILE is just what the command prints; with --update it becomes that.
set -u
update=0
[ "$1" = --update ] && { update=1; shift; }
page=$1
shift
printed=$(mktemp) || exit 1
trap 'rm -f "$printed"' EXIT
LC_ALL=C.UTF-8 NO_COLOR=1 "$@" >"$printed" || { echo "$* failed"; exit 1; }
if [ $update -eq 1 ]; then
    cp "$printed" "$page"
elif ! cmp -s "$page" "$printed"; then
    diff -u --label "$(basename "$page")" --label printed "$page" "$printed" | head -60
    echo "the page is not what the command prints; \`ninja $(basename "$page" .md)-update\` rewrites it"
    exit 1
fi
