/* The driver: fetches tokens, pushes them into the parser, and looks after what the parser cannot see, that is groups in brackets
   that recovery must skip whole, nesting too deep for its stack, and exhausted memory. */
#include "syntax/parse.h"

#include "support/limits.h"
#include "support/memory.h"
#include "syntax/nel.tab.h"
#include "syntax/stray.h"

static void parser_init(struct parser *parser, struct str text, uint32_t source, struct arena *arena, struct diags *diags)
{
    *parser = (struct parser){.arena = arena};
    scanner_init(&parser->scanner, text, source, diags);
    parser->token.kind = TOKEN_NEWLINE;
}

static void parser_release(struct parser *parser)
{
    vec_release(&parser->nodes);
    vec_release(&parser->selves);
    scanner_release(&parser->scanner);
}

/* The next token becomes the current one. */
static void advance(struct parser *parser)
{
    int before = parser->token.kind;
    parser->before = parser->token;
    layout_next(&parser->scanner, &parser->token);
    int kind = parser->token.kind;
    bool begins = before == TOKEN_NEWLINE || before == '{';
    if (begins) {
        parser->first = parser->token;
        parser->indent = parser->scanner.indent;
    }
    if (before == TOKEN_NEWLINE && parser->scanner.brackets.count == 0)
        parser->too_deep = parser->scanner.too_deep = false;
    bool command = kind == TOKEN_TRAIN || kind == TOKEN_GROW || kind == TOKEN_EVOLVE;
    if (command)
        parser->command = parser->token;
    parser->commanded = (parser->commanded && !begins) || command;
}

/* Behind an opening bracket that recovery threw away: passes over everything up to the bracket that closes it. */
static void skip_group(struct parser *parser)
{
    struct scanner *scanner = &parser->scanner;
    size_t outside = scanner->brackets.count - 1;
    scanner->skipping = true;
    while (scanner->brackets.count > outside && parser->token.kind != TOKEN_END)
        advance(parser);
    scanner->skipping = false;
}

static bool opens(int kind)
{
    return kind == '(' || kind == '[' || kind == '{' || kind == TOKEN_STRING_HEAD;
}

/* A line end in front of a `{` that the statement still needs: told, and passed over. */
static bool brace_below(struct parser *parser, struct nel_automaton *automaton)
{
    const struct scanner *scanner = &parser->scanner;
    if (parser->token.kind != TOKEN_NEWLINE || !scanner->holds || scanner->held.kind != '{' || nel_discarding(automaton))
        return false;
    bool expected[TOKEN_CODES] = {false};
    nel_expected(automaton, expected);
    if (!expected['{'] || expected[TOKEN_NEWLINE])
        return false;
    diag_help(diag_error(scanner->diags, scanner->held.span, "this `{` is on a line of its own"),
              "it stands at the end of the line before: a statement ends with its line");
    return true;
}

/* Lines below a statement that could not be read and indented deeper, as of Python's blocks, are a part of it. */
static bool goes_on_below(const struct parser *parser, const struct nel_automaton *automaton)
{
    const struct scanner *scanner = &parser->scanner;
    return parser->token.kind == TOKEN_NEWLINE && nel_discarding(automaton) && scanner->holds && scanner->held.starts_line &&
           scanner->held.kind != TOKEN_END && scanner->indent > parser->indent;
}

static bool closes(int kind)
{
    return kind == ')' || kind == ']' || kind == '}' || kind == TOKEN_STRING_TAIL;
}

static enum nel_outcome push_made_up(struct parser *parser, struct nel_automaton *automaton, int kind)
{
    parser->before = parser->token;
    parser->token = (struct token){.kind = kind, .span = parser->token.span, .mended = true};
    parser->token.span.end = parser->token.span.start;
    return nel_push(automaton, kind, parser->token.span, parser);
}

/* The parser's stack is full: what is left of the statement, with all that it stands in, is passed over, and the brackets that the
   parser knows to be open are closed. Costs a statement, and not the program. */
static enum nel_outcome give_up_statement(struct parser *parser, struct nel_automaton *automaton)
{
    struct scanner *scanner = &parser->scanner;
    size_t open = scanner->brackets.count;
    char *kinds = mem_alloc(open + 1);
    if (!kinds)
        return NEL_NO_MEMORY;
    for (size_t i = 0; i < open; i++)
        kinds[i] = scanner->brackets.at[i].open;
    if (open && scanner->brackets.at[open - 1].at == parser->token.span.start)
        open--; /* the current token is not pushed */
    node_too_deep(parser, parser->token.span);
    scanner->skipping = true;
    while (parser->token.kind != TOKEN_END && (parser->token.kind != TOKEN_NEWLINE || scanner->brackets.count > 0))
        advance(parser);
    scanner->skipping = false;
    struct token end = parser->token;
    enum nel_outcome outcome = push_made_up(parser, automaton, TOKEN_STRAY);
    while (outcome == NEL_MORE && open > 0)
        outcome = push_made_up(parser, automaton, scan_closer(kinds[--open]));
    parser->token = end;
    mem_free(kinds);
    return outcome == NEL_MORE ? nel_push(automaton, end.kind, end.span, parser) : outcome;
}

/* Pushes the current token. */
static enum nel_outcome push(struct parser *parser, struct nel_automaton *automaton)
{
    if (brace_below(parser, automaton) || goes_on_below(parser, automaton)) {
        parser->token.kind = parser->before.kind; /* the statement has not ended */
        return NEL_MORE;
    }
    if (nel_stack_full(automaton) && !closes(parser->token.kind)) /* there is room for what closes */
        return give_up_statement(parser, automaton);
    enum nel_outcome outcome = nel_push(automaton, parser->token.kind, parser->token.span, parser);
    if (outcome == NEL_MORE && opens(parser->token.kind) && nel_discarding(automaton))
        skip_group(parser);
    return outcome;
}

static void parse(struct parser *parser, struct nel_automaton *automaton)
{
    enum nel_outcome outcome = NEL_MORE;
    /* Past the errors that are kept nobody reads on, and neither does the parser. */
    while (outcome == NEL_MORE && !parser->scanner.out_of_memory && !parser->scanner.diags->overflowed) {
        advance(parser);
        outcome = push(parser, automaton);
    }
    if (outcome == NEL_NO_MEMORY)
        parser->scanner.out_of_memory = true;
}

/* What a parse returns that ended before its time. */
static struct node *empty_program(struct parser *parser)
{
    struct span whole = {parser->scanner.source, 0, (uint32_t)parser->scanner.text.len};
    return node_leaf(parser, NODE_PROGRAM, whole);
}

struct node *parse_program(const struct sources *sources, uint32_t source, struct arena *arena, struct diags *diags)
{
    const struct source *text = sources_get(sources, source);
    struct parser parser;
    parser_init(&parser, (struct str){text->text, text->len}, source, arena, diags);
    struct nel_automaton *automaton = nel_automaton_new();
    if (automaton && stray_bytes(parser.scanner.text, source, diags))
        parse(&parser, automaton);
    nel_automaton_free(automaton);
    struct node *program = parser.program ? parser.program : empty_program(&parser);
    bool failed = !automaton || parser.scanner.out_of_memory;
    parser_release(&parser);
    if (failed)
        diag_out_of_memory(diags, (struct span){source, 0, 0});
    return failed ? NULL : program;
}

/* ---- is it complete? ---- */

/* Whether a line that goes on here could make it whole; one that begins with a dot would not be such a line. */
static bool line_could_follow(const bool *expected)
{
    for (int kind = 0; kind < TOKEN_CODES; kind++)
        if (expected[kind] && layout_continues(kind) && kind != '.')
            return true;
    return false;
}

/* Pushes token after token up to the end of the text, or to the first error. */
static enum completeness judge(struct parser *parser, struct nel_automaton *automaton)
{
    const struct scanner *scanner = &parser->scanner;
    enum nel_outcome outcome = NEL_MORE;
    while (outcome == NEL_MORE && scanner->diags->errors == 0 && !scanner->out_of_memory) {
        size_t open = scanner->brackets.count;
        int last = parser->token.kind;
        advance(parser);
        if (parser->token.kind == TOKEN_END || (scanner->closing && scanner->held.kind == TOKEN_END)) {
            bool expected[TOKEN_CODES] = {false};
            nel_expected(automaton, expected);
            if (open == 0 && expected[TOKEN_END]) {
                push(parser, automaton); /* the last actions may have something to say */
                return scanner->diags->errors == 0 && !scanner->out_of_memory ? INPUT_COMPLETE : INPUT_ERROR;
            }
            return open > 0 || layout_expects_more(last) || line_could_follow(expected) ? INPUT_INCOMPLETE : INPUT_ERROR;
        }
        outcome = push(parser, automaton);
    }
    return INPUT_ERROR;
}

enum completeness parse_completeness(struct str text)
{
    struct diags diags = {0};
    struct arena arena;
    struct parser parser;
    char *copy = mem_copy_text(text.at, text.len); /* the scanner wants a NUL behind the text */
    struct nel_automaton *automaton = nel_automaton_new();
    enum completeness answer = INPUT_ERROR;
    arena_init(&arena, LIMIT_AST_BYTES);
    if (copy && automaton) {
        parser_init(&parser, (struct str){copy, text.len}, 0, &arena, &diags);
        if (stray_bytes(parser.scanner.text, 0, &diags))
            answer = judge(&parser, automaton);
        parser_release(&parser);
    }
    nel_automaton_free(automaton);
    arena_release(&arena);
    diags_release(&diags);
    mem_free(copy);
    return answer;
}
