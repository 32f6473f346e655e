/* The lists of words against the parser that knows them, names of kinds and operators, and documentation comments. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "parsed.h"

/* The errors of a text in which `@` stands for the word. */
static int errors_of(const char *pattern, const char *word)
{
    struct text source = {0};
    for (const char *at = pattern; *at; at++)
        if (*at == '@')
            text_add(&source, word);
        else
            text_add_char(&source, *at);
    int errors = parse_told(text_str(&source), NULL, NULL);
    text_release(&source);
    return errors;
}

static void hard_words_are_no_names(void **state)
{
    (void)state;
    for (size_t i = 0; parse_hard_words[i]; i++) {
        assert_true(errors_of("let @ = 1", parse_hard_words[i]) > 0);
        assert_int_equal(errors_of("a.@.b", parse_hard_words[i]), 0);
        assert_int_equal(errors_of("f(@: 1, b: { @: 2 })", parse_hard_words[i]), 0);
    }
}

static void soft_words_are_names(void **state)
{
    (void)state;
    for (size_t i = 0; parse_soft_words[i]; i++) {
        assert_int_equal(errors_of("let @ = 1\nprint @ + 2", parse_soft_words[i]), 0);
        assert_int_equal(errors_of("f(@: 1, b: { @: 2 })", parse_soft_words[i]), 0);
        assert_int_equal(errors_of("fn g(@ = 3) = { @ }", parse_soft_words[i]), 0);
    }
}

static void kinds_and_operators_have_names(void **state)
{
    (void)state;
    for (int kind = NODE_ERROR; kind <= NODE_PROGRAM; kind++)
        assert_memory_equal(node_kind_name((enum node_kind)kind), "NODE_", 5);
    assert_string_equal(node_kind_name(NODE_CALL), "NODE_CALL");
    assert_string_equal(node_kind_name((enum node_kind)200), "");
    assert_string_equal(op_text(OP_ADD), "+");
    assert_string_equal(op_text(OP_NONE), "");
    assert_string_equal(op_text((enum op)200), "");
}

/* The documentation of the last statement of `text`, NULL where it has none. */
static const char *doc_of(const char *text, struct text *out)
{
    struct sources sources = {0};
    struct diags diags = {0};
    struct arena arena;
    arena_init(&arena, LIMIT_AST_BYTES);
    uint32_t number = sources_add(&sources, "a.nel", str_of(text));
    const struct node *program = parse_program(&sources, number, &arena, &diags);
    text_clear(out);
    bool found = doc_comment(sources_get(&sources, number), program->items[program->count - 1], out);
    arena_release(&arena);
    sources_release(&sources);
    diags_release(&diags);
    return found ? text_chars(out) : NULL;
}

static void documentation_is_found(void **state)
{
    (void)state;
    struct text out = {0};
    assert_string_equal(doc_of("## one\n##   two  \r\nlet a = 1", &out), "one\ntwo");
    assert_string_equal(doc_of("let a = 1   ## behind", &out), "behind");
    assert_string_equal(doc_of("## above\nfn f(x) {\n x\n}  ## behind\n", &out), "above\nbehind");
    assert_string_equal(doc_of("## far\n\n  ## near\n  let a = 1", &out), "near");
    assert_string_equal(doc_of("##\nlet a = 1", &out), "");
    assert_null(doc_of("# plain\nlet a = 1 # plain", &out));
    assert_null(doc_of("## far\n\nlet a = \"## no\"", &out));
    assert_null(doc_of("let a = 1 ## its own\nlet b = 2", &out));
    text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hard_words_are_no_names),
        cmocka_unit_test(soft_words_are_names),
        cmocka_unit_test(kinds_and_operators_have_names),
        cmocka_unit_test(documentation_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
