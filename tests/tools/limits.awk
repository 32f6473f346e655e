# limits.awk: a page of Markdown whose block ```limits is written anew from the bounds of the program and their reasons.
#
#   awk -f limits.awk limits.h reference.md
FILENAME ~ /\.h$/ {
    if (/^\/\*/)
        reason = ""
    if (/^\/\*|^   [A-Z a-z]/ && !/^#/)
        reason = reason (reason == "" ? "" : " ") $0
    if (/^#define LIMIT_/) {
        name = tolower(substr($2, 7))
        gsub(/_/, " ", name)
        value = $0
        sub(/^#define [A-Z_]+ +/, "", value)
        gsub(/\(size_t\)|[()]/, "", value)
        sub(/u <</, " <<", value)
        if (split(value, part, / *<< */) == 2)
            value = part[2] == 30 ? part[1] " GiB" : part[2] == 20 ? part[1] " MiB" : part[2] == 10 ? part[1] " KiB" : "2^" part[2]
        sub(/\.0$/, "", value)
        gsub(/^\/\* *| *\*\/ *$/, "", reason)
        gsub(/  +/, " ", reason)
        lines = lines sprintf("%-18s %s\n", name, value)
        if (reason != "") {
            n = split(reason, word, " ")
            line = "   "
            for (i = 1; i <= n; i++) {
                if (length(line) + length(word[i]) > 96) {
                    lines = lines line "\n"
                    line = "   "
                }
                line = line " " word[i]
            }
            lines = lines line "\n"
            reason = ""
        }
    }
    next
}
/^```limits$/ { print; printf "%s", lines; skipping = 1; next }
skipping && /^```$/ { skipping = 0 }
!skipping { print }
