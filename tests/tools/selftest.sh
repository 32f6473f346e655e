#!/bin/sh
# selftest.sh NEL: the checks of this folder notice what they are there for. Each is given something wrong and must say so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
nel=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0

# passes WHAT COMMAND…, fails WHAT COMMAND…
passes() {
    what=$1
    shift
    "$@" >"$work/log" 2>&1 || { echo "$what: should pass"; cat "$work/log"; failed=1; }
}
fails() {
    what=$1
    shift
    ! "$@" >"$work/log" 2>&1 || { echo "$what: should fail"; failed=1; }
}

# A house of two floors.
mkdir -p "$work/src/support" "$work/src/engine" "$work/src/data"
cat >"$work/src/ARCHITECTURE.md" <<'END'
| 2 | `src/engine/` | |
| 1 | `src/data/` · `src/molecule/` | |
| 0 | `src/support/` | |

| `<zlib.h>` | `src/support/file.c` | |
END
echo '#include <zlib.h>' >"$work/src/support/file.c"
echo '#include "support/file.h"' >"$work/src/engine/a.c"
passes 'a house in order' sh "$here/floors.sh" "$work/src"
passes 'good manners' sh "$here/manners.sh" "$work/src"
echo '#include "engine/a.h"' >"$work/src/data/up.c"
fails 'an include from above' sh "$here/floors.sh" "$work/src"
echo '#include "molecule/a.h"' >"$work/src/data/up.c"
fails 'an include from beside' sh "$here/floors.sh" "$work/src"
echo '  #  include <zlib.h>' >"$work/src/data/up.c"
fails 'a third-party header elsewhere' sh "$here/floors.sh" "$work/src"
echo '#include "cellar/a.h"' >"$work/src/data/up.c"
fails 'a folder without a floor' sh "$here/floors.sh" "$work/src"
for line in 'p = malloc(3);' '    exit(1);' 'int n = atoi(s);' '/* x */ printf("%d", n);'; do
    echo "$line" >"$work/src/data/up.c"
    fails "$line" sh "$here/manners.sh" "$work/src"
done
for line in '/* malloc(3) */' 'text_printf(3);' 's = "exit(1)";' 'x->free(p);' 'mem_free(p);'; do
    echo "$line" >"$work/src/data/up.c"
    passes "$line" sh "$here/manners.sh" "$work/src"
done

# Pages.
page() {
    printf '%s\n' "$@" | sed "s/^'''/\`\`\`/" >"$work/page.md"
}
page "'''nel" 'print 1 + 1' "'''" '' "'''text" '2' "'''"
passes 'a block and its output' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel" 'print 1 + 1' "'''" "'''text" '3' "'''"
fails 'other output' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel" 'for i in 1..9 { print i }' "'''" "'''text" '1' '...' '9' "'''"
passes 'lines left out' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel" 'for i in 1..9 { print i }' "'''" "'''text" '1' '...' '8' "'''"
fails 'another last line' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel" 'print nothing' "'''"
fails 'a block that fails' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel fails" 'print 1' "'''"
fails 'a block that should fail' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel fails" 'print nothing' "'''"
passes 'a block that fails as it should' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel norun" 'print 1' "'''" "'''sh run" "nel -e '1 + 1'" "'''" "'''sh" 'exit 3' "'''"
passes 'kinds of blocks' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel" 'print 1'
fails 'an open block' sh "$here/blocks.sh" "$nel" "$work/page.md"
page "'''nel whatever" 'print 1' "'''"
fails 'an unknown kind' sh "$here/blocks.sh" "$nel" "$work/page.md"

page "'''c" '#include <nel.h>' 'int main(void) { return nel_abi() - NEL_ABI; }' "'''"
passes 'a program' sh "$here/blocks.sh" "$nel" "$work/page.md"
if [ -e "$(dirname "$nel")/libnel.so" ]; then
    page "'''c" '#include <nel.h>' 'int main(void) { return nel_nothing(); }' "'''"
    fails 'a program that does not build' sh "$here/blocks.sh" "$nel" "$work/page.md"
fi

# Scripts.
echo 'assert 1 == 2' >"$work/a.nel"
fails 'a script that fails' sh "$here/script.sh" "$nel" "$work/a.nel"
printf '# needs NEL_DATA\nassert 1 == 2\n' >"$work/a.nel"
NEL_DATA= sh "$here/script.sh" "$nel" "$work/a.nel" >/dev/null
[ $? -eq 77 ] || { echo 'a script without its data should be skipped'; failed=1; }
exit $failed
