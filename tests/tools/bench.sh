#!/bin/sh
# bench.sh NEL FOLDER: times each script of FOLDER, three runs each, least and middle in seconds. Says first what was measured on.
set -eu
nel=$1
folder=$2
echo "# $(uname -sm), $(getconf _NPROCESSORS_ONLN) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)"
echo "# OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-} NEL_DATA=${NEL_DATA:-}"
echo "script seconds_least seconds_middle"
for script in "$folder"/*.nel; do
    [ -e "$script" ] || continue
    if grep -q '^#.*needs NEL_DATA' "$script" && [ ! -d "${NEL_DATA:-}" ]; then
        echo "# $(basename "$script") left out: it needs NEL_DATA"
        continue
    fi
    for run in 1 2 3; do
        start=$(date +%s.%N)
        "$nel" --quiet "$script" >/dev/null
        end=$(date +%s.%N)
        echo "$start $end"
    done | awk '{ print $2 - $1 }' | sort -n | awk -v name="$(basename "$script")" '{ t[NR] = $1 } END { printf "%s %.3f %.3f\n", name, t[1], t[2] }'
done
