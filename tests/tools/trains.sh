#!/bin/sh
# trains.sh NEL: the golden scripts that train something, of which most of the numbers in what they print come. Those in errors/ and
# check/ stop before they would.
set -u
here=$(cd "$(dirname "$0")" && pwd)
"$1" -e 1 >/dev/null || exit
cd "$here/../golden" || exit 1
names=$(grep -lE '\b(train|grow|evolve|sweep)\b' */*.nel | grep -vE '^(errors|check)/' | sed 's/\.nel$//')
[ -n "$names" ] || exit 1
exec sh "$here/golden.sh" "$1" $names
