#!/bin/sh
# generate.sh [--check]: writes the syntax files of the editors from words.txt and templates/, or checks that they are up to date.
# A template names a class of words as @class|@ (joined by `|`, for TextMate) or as @class\|@ (joined by `\|`, for Vim).
set -eu
cd "$(dirname "$0")"

expand() {
    awk '
        FNR == NR { if ($0 !~ /^#/ && NF > 1) { class = $1; $1 = ""; sub(/^ +/, ""); words[class] = $0 } next }
        {
            for (class in words) {
                plain = words[class]; gsub(/ +/, "|", plain)
                vim = words[class]; gsub(/ +/, "\\|", vim)
                line = ""; rest = $0
                while (match(rest, "@" class "\\\\?[|]@")) {
                    found = substr(rest, RSTART, RLENGTH)
                    line = line substr(rest, 1, RSTART - 1) (index(found, "\\") ? vim : plain)
                    rest = substr(rest, RSTART + RLENGTH)
                }
                $0 = line rest
            }
            print
        }' words.txt "$1"
}

status=0
while read -r template target; do
    made=$(mktemp)
    expand "templates/$template" >"$made"
    if [ "${1:-}" != --check ]; then
        cp "$made" "$target"
    elif ! cmp -s "$made" "$target"; then
        echo "editors/$target is not what words.txt and templates/$template make: run editors/generate.sh" >&2
        status=1
    fi
    rm -f "$made"
done <<'LIST'
nel.vim vim/syntax/nel.vim
nel.tmLanguage.json vscode/syntaxes/nel.tmLanguage.json
LIST
exit $status
