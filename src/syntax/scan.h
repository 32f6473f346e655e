/* Tokens, in two steps. `scan_token` (grammar/nel.re) reads the next piece of text, whatever it means; `layout_next`
   (src/syntax/layout.c) stands between it and the parser and decides which line ends separate statements. Both share one
   scanner. Text that is no token is reported by them, once; the parser then stays silent about it. */
#ifndef NEL_SYNTAX_SCAN_H
#define NEL_SYNTAX_SCAN_H

#include "support/diag.h"
#include "support/vec.h"

struct token {
    int kind; /* a code of the grammar: TOKEN_LET, '(' */
    struct span span;
    bool starts_line;
    bool mended; /* made up or corrected after a report: a syntax error at it is no news */
};

/* One that is open. The hole of a string counts too: `"` stands for the `{` in "a {". */
struct bracket {
    uint32_t at;       /* of the bracket; of a hole, its `{` */
    uint32_t indent;   /* bytes before the first token of its line */
    uint32_t dedented; /* of a block: 1 + start of the first token that begins a line no deeper than `indent` */
    char open;         /* ( [ { or " */
    bool statements;   /* a block: the parser said so */
    bool told;         /* that something is wrong with it */
};

struct scanner {
    struct str text; /* a NUL stands behind it */
    uint32_t source;
    struct diags *diags;
    VEC(struct bracket) brackets;
    uint32_t deep;        /* brackets open beyond LIMIT_NESTING, of whatever kind */
    uint32_t at;          /* where the next token is looked for */
    uint32_t line_start;  /* of the line at `at` */
    uint32_t line_seen;   /* start of the last line that has a token */
    uint32_t indent;      /* bytes before the first token of that line */
    uint32_t open_string; /* start of the line after one with a string left open, 0: none */
    uint32_t suspect;     /* 1 + place of a `{` whose `}` begins a line that is indented less than the one with the `{` */
    uint32_t mismatch;    /* end of the last closing bracket that was told not to match */
    int previous;         /* kind of the token scanned last */
    int delivered;        /* kind of the token that the layout let through last */
    struct token held;    /* scanned ahead by the layout */
    bool holds;
    bool closing;  /* the layout is making up closing brackets */
    bool too_deep; /* of the statement it was told that its brackets are nested too deep */
    bool returned; /* a carriage return alone was told */
    bool skipping; /* the driver throws tokens away: brackets are no longer reported */
    bool out_of_memory;
};

void scanner_init(struct scanner *scanner, struct str text, uint32_t source, struct diags *diags);
void scanner_release(struct scanner *scanner);

/* The parser has just taken a `{` that opens a block of statements. */
void scanner_enter_block(struct scanner *scanner);

/* NULL where none is open. */
static inline struct bracket *scanner_innermost(const struct scanner *scanner)
{
    return scanner->brackets.count ? &scanner->brackets.at[scanner->brackets.count - 1] : NULL;
}

/* The next token of the text; END at its end, again and again. */
struct token scan_token(struct scanner *scanner);

/* `token` becomes the next one for the parser, NEWLINE only where it separates statements, fields or clauses. Written in place: a
   copy of what was written a moment ago in pieces makes a processor wait. */
void layout_next(struct scanner *scanner, struct token *token);

/* Whether a line that ends, or begins, with such a token goes on there. */
bool layout_expects_more(int kind);
bool layout_continues(int kind);

/* ---- for grammar/nel.re ---- */

/* A token made of the text [start, end); what lies behind it is next. */
struct token scan_as(struct scanner *scanner, int kind, uint32_t start, uint32_t end);

struct token scan_mended(struct scanner *scanner, int kind, uint32_t start, uint32_t end);
struct span scan_span(const struct scanner *scanner, uint32_t start, uint32_t end);
struct token scan_word(struct scanner *scanner, int kind, uint32_t start, uint32_t end); /* reserved; a label before `:` */
bool scan_at_statement(const struct scanner *scanner);                                   /* a statement may begin here */

/* bracket.c */
struct token scan_open(struct scanner *scanner, int kind, char open, uint32_t start, uint32_t end);
struct token scan_close(struct scanner *scanner, uint32_t start, uint32_t end); /* right or wrong */
int scan_closer(char open);                                                     /* the kind of token that closes such a bracket */
struct token scan_made_up_close(struct scanner *scanner, uint32_t at);          /* closes the innermost bracket, which exists */

#endif
