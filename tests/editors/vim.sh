#!/bin/sh
# vim.sh RUNTIME SAMPLE.vim: runs the checks of SAMPLE.vim in a Vim that knows nothing but RUNTIME.
set -u
command -v vim >/dev/null || { echo "skipped: vim is not installed"; exit 77; }
vim --version | grep -q '+syntax' || { echo "skipped: this vim has no syntax highlighting"; exit 77; }
report=$(mktemp)
trap 'rm -f "$report"' EXIT
export NEL_VIM=$1 NEL_REPORT=$report
vim -Nu NONE -i NONE -Es -c 'set runtimepath^=$NEL_VIM' -S "$2" </dev/null
cat "$report"
grep -q '^all .* checks passed$' "$report"
