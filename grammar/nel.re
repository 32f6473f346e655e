/* The scanner of NEL: one call, one token. Blanks and comments fall away here (`#` to the line's end; a `##` comment documents a
   declaration, and src/syntax/doc.c finds it in the source again). Line ends are tokens; the layout filter judges them.

   Text that is no token is reported at once, by src/syntax/stray.c. Where the intention is plain (a curly quote, `<=` as one
   character, `&&`, a stray `%`) the token that was meant comes out, marked as mended; elsewhere STRAY, at which the parser
   recovers without a word.

   Brackets are kept on a stack, since `}` ends a block, a record or a hole in a string, and since newlines count only where the
   innermost bracket is `{`. */
#include "syntax/nel.tab.h"
#include "syntax/scan.h"
#include "syntax/stray.h"

/*!include:re2c "unicode_categories.re" */

/*!re2c
    re2c:define:YYCTYPE  = "unsigned char";
    re2c:define:YYCURSOR = cursor;
    re2c:define:YYMARKER = marker;
    re2c:define:YYCTXMARKER = context;
    re2c:yyfill:enable = 0;

    blank   = [ \t];
    eol     = "\n" | "\r\n";
    digits  = [0-9] ("_"? [0-9])*;
    number  = digits ("." digits)? ([eE] [+-]? [0-9]+)? "%"?;
    start   = L | Nl | "_";
    name    = start (start | Mn | Mc | Nd)*;
*/

/* The piece of a string that begins at `start` (its `"`, or the `}` that ends a hole) up to the next `"` or `{`. */
static struct token string_piece(struct scanner *scanner, uint32_t start, bool head)
{
    const unsigned char *const text = (const unsigned char *)scanner->text.at;
    const unsigned char *cursor = text + start + 1, *marker;
    for (;;) {
        const uint32_t here = (uint32_t)(cursor - text);
#define END_OF_PIECE ((uint32_t)(cursor - text))
        /*!re2c
            "\""             { return scan_as(scanner, head ? TOKEN_STRING : TOKEN_STRING_TAIL, start, END_OF_PIECE); }
            "{"              { return scan_open(scanner, head ? TOKEN_STRING_HEAD : TOKEN_STRING_MIDDLE, '"', start, END_OF_PIECE); }
            "\\" [^\r\n\x00] { continue; }
            "\\u{"           { continue; }
            [^\\"{\r\n\x00]+ { continue; }
            eol              { return stray_open_string(scanner, head, start, here); }
            *                {
                if (here >= scanner->text.len)
                    return stray_open_string(scanner, head, start, (uint32_t)scanner->text.len);
                continue;
            }
        */
#undef END_OF_PIECE
    }
}

struct token scan_token(struct scanner *scanner)
{
    const unsigned char *const text = (const unsigned char *)scanner->text.at;
    const unsigned char *cursor = text + scanner->at, *marker, *context;
    for (;;) {
        const uint32_t here = (uint32_t)(cursor - text);
/* One token of the text from `here` to the cursor. */
#define EXTENT      here, (uint32_t)(cursor - text)
#define TOKEN(kind) return scan_as(scanner, (kind), EXTENT)
#define WORD(kind)  return scan_word(scanner, (kind), EXTENT)
/* Another spelling of a token: reported, and taken for what was meant. */
#define MEANT(kind, help) return stray_meant(scanner, (kind), EXTENT, (help))
        /*!re2c
            blank+                  { continue; }
            "\r"                    {
                if (text[here + 1] == '\r' || text[here + 1] == '\n')
                    continue;
                stray_return(scanner, here);
                struct token token = scan_as(scanner, TOKEN_NEWLINE, EXTENT);
                scanner->line_start = scanner->at;
                return token;
            }
            "#" [^\r\n\x00]*        { continue; }
            eol                     {
                if (stray_hole_at_line_end(scanner, here))
                    return scan_made_up_close(scanner, here);
                struct token token = scan_as(scanner, TOKEN_NEWLINE, EXTENT);
                scanner->line_start = scanner->at;
                return token;
            }
            "\x00"                  {
                if (here < scanner->text.len)
                    continue;
                if (stray_hole_at_line_end(scanner, here))
                    return scan_made_up_close(scanner, here);
                return scan_as(scanner, TOKEN_END, here, here);
            }

            "0" [0-9]+              { return stray_zeros(scanner, EXTENT); }
            number                  { TOKEN(TOKEN_NUMBER); }
            digits "." / [^.a-zA-Z_\x80-\U0010FFFF] { return stray_number(scanner, EXTENT); }
            number name             { return stray_number(scanner, EXTENT); }
            "." digits              { return stray_point(scanner, EXTENT); }
            "\"\"\""                { return stray_block_string(scanner, here); }
            [fFrRbBuU] "\""         {
                if (!stray_prefix(scanner, here))
                    return scan_mended(scanner, TOKEN_STRAY, here, here + 1);
                return string_piece(scanner, here + 1, true);
            }
            "\""                    { return string_piece(scanner, here, true); }
            "`" [^`\r\n\x00]* "`"   { TOKEN(TOKEN_DNA); }
            "`"                     { return stray_open_dna(scanner, here); }
            "?" name                { TOKEN(TOKEN_VARIABLE); }

            "->"                    { TOKEN(TOKEN_ARROW); }
            "|>"                    { TOKEN(TOKEN_PIPE); }
            "=>"                    { TOKEN(TOKEN_MAPS); }
            ".."                    { TOKEN(TOKEN_RANGE); }
            "..."                   { TOKEN(TOKEN_SPREAD); }
            "=="                    { TOKEN(TOKEN_EQ); }
            "!="                    { TOKEN(TOKEN_NE); }
            "<="                    { TOKEN(TOKEN_LE); }
            ">="                    { TOKEN(TOKEN_GE); }
            [-+*/^|~=<>.,:;]        { TOKEN(text[here]); }

            [([{]                   { return scan_open(scanner, text[here], (char)text[here], EXTENT); }
            [)\]}]                  {
                const struct bracket *innermost = scanner_innermost(scanner);
                if (innermost && innermost->open == '"' && text[here] == '}') {
                    scanner->brackets.count--;
                    return string_piece(scanner, here, false);
                }
                return scan_close(scanner, EXTENT);
            }

            "let"      { WORD(TOKEN_LET); }
            "fn"       { WORD(TOKEN_FN); }
            "show"     { WORD(TOKEN_SHOW); }
            "print"    { WORD(TOKEN_PRINT); }
            "if"       { WORD(TOKEN_IF); }
            "else"     { WORD(TOKEN_ELSE); }
            "for"      { WORD(TOKEN_FOR); }
            "in"       { WORD(TOKEN_IN); }
            "and"      { WORD(TOKEN_AND); }
            "or"       { WORD(TOKEN_OR); }
            "not"      { WORD(TOKEN_NOT); }
            "mod"      { WORD(TOKEN_MOD); }
            "as"       { WORD(TOKEN_AS); }
            "true"     { WORD(TOKEN_TRUE); }
            "false"    { WORD(TOKEN_FALSE); }
            "none"     { WORD(TOKEN_NONE); }
            "train"    { WORD(TOKEN_TRAIN); }
            "on"       { WORD(TOKEN_ON); }
            "grow"     { WORD(TOKEN_GROW); }
            "by"       { WORD(TOKEN_BY); }
            "evolve"   { WORD(TOKEN_EVOLVE); }
            "sweep"    { WORD(TOKEN_SWEEP); }

            "molecule" { TOKEN(TOKEN_MOLECULE); }
            "element"  { TOKEN(TOKEN_ELEMENT); }
            "loss"     { TOKEN(TOKEN_LOSS); }
            "rule"     { TOKEN(TOKEN_RULE); }
            "growth"   { TOKEN(TOKEN_GROWTH); }
            "use"      { TOKEN(TOKEN_USE); }
            "param"    { TOKEN(TOKEN_PARAM); }
            "learned"  { TOKEN(TOKEN_LEARNED); }
            "every"    { TOKEN(TOKEN_EVERY); }
            "when"     { TOKEN(TOKEN_WHEN); }
            "accept"   { TOKEN(TOKEN_ACCEPT); }
            "stop"     { TOKEN(TOKEN_STOP); }
            "at"       { TOKEN(TOKEN_AT); }
            "after"    { TOKEN(TOKEN_AFTER); }
            "before"   { TOKEN(TOKEN_BEFORE); }
            "where"    { TOKEN(TOKEN_WHERE); }
            "draw"     { TOKEN(TOKEN_DRAW); }
            "undo"     { TOKEN(TOKEN_UNDO); }
            "assert" / (blank* ("(" | "[" | "{" | "\"" | "`" | "~" | "?") | blank+ ("-" | "." | [0-9] | start)) {
                TOKEN(scan_at_statement(scanner) ? TOKEN_ASSERT : TOKEN_NAME);
            }
            name       { TOKEN(TOKEN_NAME); }

            "==="                   { MEANT(TOKEN_EQ, "equality is written `==`"); }
            "!==" | "<>"            { MEANT(TOKEN_NE, "write `!=`"); }
            "=<"                    { MEANT(TOKEN_LE, "write `<=`"); }
            "!"                     { MEANT(TOKEN_NOT, "write `not`"); }
            "&" | "&&"              { MEANT(TOKEN_AND, "write `and`"); }
            "||"                    { MEANT(TOKEN_OR, "write `or`; branches stand side by side with `|`"); }
            "**"                    { MEANT('^', "a power is written `x ^ 2`"); }
            "%"                     { return stray_percent(scanner, here); }
            ":="                    { return stray_assign(scanner, EXTENT); }
            "<-" / blank            { return stray_assign(scanner, EXTENT); }
            [-+*/] "=" | "++"       { return stray_update(scanner, EXTENT); }
            "--" / (eol | [;)}\x00]) { return stray_update(scanner, EXTENT); }
            "//" | "/*"             { cursor = text + stray_comment(scanner, EXTENT); continue; }
            "--" / blank            { cursor = text + stray_comment(scanner, EXTENT); continue; }
            "??"                    { MEANT(TOKEN_OR, "write `if x == none { … } else { x }`"); }
            "≤"                     { MEANT(TOKEN_LE, "write `<=`"); }
            "≥"                     { MEANT(TOKEN_GE, "write `>=`"); }
            "≠"                     { MEANT(TOKEN_NE, "write `!=`"); }
            "→" | "⟶"               { MEANT(TOKEN_ARROW, "write `->`"); }
            "⇒"                     { MEANT(TOKEN_MAPS, "write `=>`"); }
            "…"                     { MEANT(TOKEN_SPREAD, "write `...`"); }
            "×" | "·"               { MEANT('*', "write `*`"); }
            "÷"                     { MEANT('/', "write `/`"); }
            "−" | "–" | "—"         { MEANT('-', "write `-`"); }
            "'"                     { return stray_quote(scanner, here); }
            [“”„‟‘’‚«»]             { return stray_quote(scanner, here); }
            [\u00A0\u2000-\u200D\u202F\u3000\uFEFF] { stray_blank(scanner, EXTENT); continue; }
            *                       {
                if (utf8_length((const char *)text + here, scanner->text.len - here) == 0)
                    continue; /* reported before the parse began */
                cursor = text + here + utf8_length((const char *)text + here, scanner->text.len - here);
                return stray_character(scanner, EXTENT);
            }
        */
    }
}
