# grammar.awk: a page of Markdown whose blocks ```ebnf rules, ```ebnf precedence and ```ebnf words are written anew from the grammar and
# the scanner that the parser is built from.
#
#   awk -f grammar.awk nel.re nel.y grammar.md
#
# Actions, recovery from errors and what only helps the generator fall away; left recursion becomes { repetition }; tokens are written
# as the scanner spells them.

# ---- nel.re: how tokens are spelt ----

function spells(token, text, is_hard) {
    if (token in spelling)
        return
    spelling[token] = text
    if (is_hard)
        hard = hard (hard ? " " : "") text
    else if (text ~ /^[a-z]/)
        soft = soft (soft ? " " : "") text
}

function token_named(line) {
    match(line, /TOKEN_[A-Z]+/)
    return substr(line, RSTART + 6, RLENGTH - 6)
}

FILENAME ~ /\.re$/ {
    if (match($0, /^ *"[^"\\]+" +\{ *(TOKEN|WORD)\(TOKEN_[A-Z]+\)/)) {
        split($0, part, "\"")
        spells(token_named($0), part[2], $0 ~ /WORD\(/)
    } else if (match($0, /^ *"[a-z]+" \/ .*\{$/)) { # a word that counts before certain text only: its action is on the next line
        split($0, part, "\"")
        getline
        spells(token_named($0), part[2], 0)
    }
    next
}

FILENAME ~ /\.y$/ { grammar = grammar $0 "\n"; next }

# ---- nel.y ----

function tokenise(text,    c, n, depth, word) {
    n = 0
    while (length(text)) {
        c = substr(text, 1, 1)
        if (match(text, /^[ \t\n]+/)) {
            text = substr(text, RLENGTH + 1)
        } else if (substr(text, 1, 2) == "/*") {
            text = substr(text, index(text, "*/") + 2)
        } else if (c == "'") {
            list[++n] = substr(text, 1, 3)
            text = substr(text, 4)
        } else if (c == "{") {
            depth = 0
            do {
                if (match(text, /^'.'/)) {
                    text = substr(text, 4)
                    continue
                }
                c = substr(text, 1, 1)
                depth += (c == "{") - (c == "}")
                text = substr(text, 2)
            } while (depth > 0)
        } else if (match(text, /^%?[A-Za-z_]+/)) {
            word = substr(text, 1, RLENGTH)
            text = substr(text, RLENGTH + 1)
            if (word == "%prec")
                sub(/^[ \t\n]*[A-Z_]+/, "", text)
            else
                list[++n] = word
        } else {
            list[++n] = c
            text = substr(text, 2)
        }
    }
    return n
}

function spelt(token) {
    if (token ~ /^'/)
        return "\"" substr(token, 2, 1) "\""
    return token in spelling ? "\"" spelling[token] "\"" : token
}

# Alternatives of a rule, one string of symbols each.
function read_rules(n,    i, name, alternative, bad) {
    rules = 0
    for (i = 1; i <= n; i++) {
        name = list[i]
        order[++rules] = name
        count[name] = 0
        alternative = ""
        bad = 0
        for (i += 2; ; i++) {
            if (list[i] == "|" || list[i] == ";") {
                if (!bad)
                    alternatives[name, ++count[name]] = alternative
                alternative = ""
                bad = 0
                if (list[i] == ";")
                    break
            } else if (list[i] == "error" || list[i] == "mistake" || list[i] == "NEVER") {
                bad = 1
            } else if (list[i] != "%empty" && list[i] != "block_begins") {
                alternative = alternative (alternative == "" ? "" : " ") spelt(list[i])
            }
        }
    }
}

function begins_with(alternative, name) {
    return substr(alternative " ", 1, length(name) + 1) == name " "
}

function holds(alternative, name) {
    return index(" " alternative " ", " " name " ")
}

function join(name, from, to, how,    i, text) {
    text = ""
    for (i = from; i <= to; i++)
        text = text (i > from ? how : "") picked[i]
    return text
}

# The right side of a rule: alternatives, repetition for plain left recursion, brackets where nothing is one of them.
function right_side(name, how,    i, n, m, empty, plain, text, first, rest) {
    plain = 1
    empty = n = m = 0
    for (i = 1; i <= count[name]; i++) {
        text = alternatives[name, i]
        if (begins_with(text, name)) {
            rest = substr(text, length(name) + 2)
            if (holds(rest, name))
                plain = 0
            repeated[++m] = rest
        } else if (text == "") {
            empty = 1
        } else {
            if (holds(text, name))
                plain = 0
            picked[++n] = text
        }
    }
    if (m && plain) {
        first = join(name, 1, n, " | ")
        if (n > 1)
            first = "( " first " )"
        for (i = 1; i <= m; i++)
            picked[i] = repeated[i]
        return first " { " join(name, 1, m, " | ") " }"
    }
    if (m) {
        n = 0
        for (i = 1; i <= count[name]; i++)
            if (alternatives[name, i] != "")
                picked[++n] = alternatives[name, i]
    }
    if (empty)
        return "[ " join(name, 1, n, " | ") " ]"
    return join(name, 1, n, how)
}

function print_rules(    i, name, line, indent) {
    for (i = 1; i <= rules; i++) {
        name = order[i]
        if (count[name] == 0 || (count[name] == 1 && alternatives[name, 1] == ""))
            continue
        indent = sprintf("%-15s  | ", "")
        line = sprintf("%-15s  = %s", name, right_side(name, " | "))
        if (length(line) > 100)
            line = sprintf("%-15s  = %s", name, right_side(name, "\n" indent))
        print line " ;"
    }
}

function print_precedence(    n, i, lines, field, row, k) {
    n = split(grammar, lines, "\n")
    for (i = 1; i <= n; i++) {
        if (lines[i] !~ /^%(left|right|nonassoc|precedence) / || lines[i] ~ /NO_|'{'|ELSE/)
            continue
        k = split(lines[i], field, " ")
        row = ""
        for (j = 2; j <= k; j++)
            row = row (row == "" ? "" : " ") (field[j] == "PREFIX" ? "\"-\" \"~\" in front" : spelt(field[j]))
        sub(/^%/, "", field[1])
        printf "%-38s %s\n", row, field[1] == "left" ? "from the left" : field[1] == "right" ? "from the right" : \
            field[1] == "nonassoc" ? "does not chain" : "in front"
    }
}

function wrapped(words,    n, i, field, line) {
    n = split(words, field, " ")
    line = ""
    for (i = 1; i <= n; i++) {
        if (length(line) + length(field[i]) > 90) {
            print line
            line = ""
        }
        line = line (line == "" ? "" : " ") field[i]
    }
    print line
}

FNR == 1 && !read {
    read = 1
    split(grammar, section, "\n%%\n")
    read_rules(tokenise(section[2]))
}

/^```ebnf / {
    print
    skipping = 1
    if ($2 == "rules")
        print_rules()
    else if ($2 == "precedence")
        print_precedence()
    else if ($2 == "words") {
        print "reserved:"
        wrapped(hard)
        print ""
        print "contextual:"
        wrapped(soft)
    }
    next
}
skipping && /^```$/ { skipping = 0 }
!skipping { print }
