/* Any bytes as a script: they parse or are refused, and what the parser says of them renders. The prompt's question goes with it. */
/* links: nel_syntax */
#include "support/limits.h"
#include "syntax/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Every span lies in the text; whether something was not understood. */
static bool holds_error(const struct node *node, size_t len)
{
    bool error = node->kind == NODE_ERROR;
    if (node->span.start > node->span.end || node->span.end > len || (node->kind != NODE_PROGRAM && node->depth > LIMIT_NESTING))
        __builtin_trap();
    for (uint32_t i = 0; i < node->count; i++)
        error |= holds_error(node->items[i], len);
    return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct str text = {(const char *)bytes, len};
    struct sources sources = {0};
    struct diags diags = {0};
    struct arena arena;
    struct text told = {0};
    arena_init(&arena, LIMIT_AST_BYTES);
    uint32_t source = sources_add(&sources, "fuzz.nel", text);
    struct node *program = parse_program(&sources, source, &arena, &diags);
    if (!program || (holds_error(program, len) && diags.errors == 0))
        __builtin_trap();
    ast_print(program, &told);
    for (uint32_t i = 0; i < program->count; i++)
        doc_comment(sources_get(&sources, source), program->items[i], &told);
    diags_render(&diags, &sources, false, &told);
    enum completeness completeness = parse_completeness(text);
    if (diags.errors == 0 && completeness != INPUT_COMPLETE)
        __builtin_trap(); /* what parses is complete */
    if (diags.errors > 0 && completeness == INPUT_COMPLETE)
        __builtin_trap();
    text_release(&told);
    diags_release(&diags);
    arena_release(&arena);
    sources_release(&sources);
    return 0;
}
