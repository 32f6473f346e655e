#!/bin/sh
# links.sh PAGE.md…: every link to a file of this repository leads to one, and every `page.md#name` to a heading of that page.
set -u
failed=0
for page in "$@"; do
    folder=$(dirname "$page")
    # Links outside of code, one a line.
    for link in $(awk '/^```/ { code = !code; next } !code { gsub(/`[^`]*`/, "`"); print }' "$page" |
        grep -o '](\([^)]*\))' | sed 's/^](//; s/)$//' | grep -v '^[a-z]*:'); do
        file=${link%%#*}
        [ -n "$file" ] && target=$folder/$file || target=$page
        if [ ! -e "$target" ]; then
            echo "$page: there is no $file"
            failed=1
        elif [ "$link" != "$file" ] && ! grep -qi "^#* ${link#*#}\$" "$target"; then
            echo "$page: $target has no heading ${link#*#}"
            failed=1
        fi
    done
done
exit $failed
