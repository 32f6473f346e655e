#!/bin/sh
# textmate.sh VSCODE TESTS: the grammar's plain check, and the scopes of sample.nel where `npm install` was run in VSCODE.
set -u
vscode=$1
tests=$2
command -v node >/dev/null || { echo "skipped: node is not installed"; exit 77; }
node "$tests/textmate.js" "$vscode" || exit 1
runner=$vscode/node_modules/.bin/vscode-tmgrammar-test
if [ ! -x "$runner" ]; then
    echo "the scopes of sample.nel were not tested: vscode-tmgrammar-test is not installed"
    exit 0
fi
cd "$vscode" && "$runner" "$tests/sample.nel"
