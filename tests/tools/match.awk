# match.awk EXPECTED PRINTED: succeeds where the second file is what the first one says. A line `...` of the first stands for any
# number of lines; a span of time may differ, and white space around it; blanks at the ends of lines do not count.
function steady(line) {
    sub(/\r$/, "", line)
    gsub(/[0-9][0-9.]* (ms|s|min|h)[ ]*/, "_ s ", line)
    sub(/[ \t]+$/, "", line)
    return line
}
FNR == NR { expected[++wanted] = steady($0); next }
{ printed[++got] = steady($0) }
END {
    # reach[i, j]: the first i expected lines can stand for the first j printed ones.
    reach[0, 0] = 1
    for (i = 1; i <= wanted; i++) {
        any = expected[i] ~ /^[ \t]*\.\.\.$/
        for (j = 0; j <= got; j++)
            if (any)
                reach[i, j] = ((i - 1, j) in reach && reach[i - 1, j]) || (j > 0 && reach[i, j - 1])
            else
                reach[i, j] = j > 0 && reach[i - 1, j - 1] && expected[i] == printed[j]
    }
    exit !reach[wanted + 0, got + 0]
}
