/* The words that editors highlight are those of the parser, and the elements those of the standard library: both ways. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/file.h"
#include "support/limits.h"
#include "syntax/parse.h"

static const char *words_path, *elements_path;

static struct text file_text(const char *path)
{
    struct text text = {0};
    struct diags diags = {0};
    assert_true(file_read(path, LIMIT_SOURCE_BYTES, &text, &diags, SPAN_NONE));
    return text;
}

/* Counts the words of the classes that begin with `prefix`; `word` is looked for among them where it is not NULL. */
static size_t words_of(const char *prefix, const char *word, bool *found)
{
    struct text text = file_text(words_path);
    size_t count = 0;
    char *rest = text.at;
    for (char *line; (line = strsep(&rest, "\n"));) {
        if (strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        strsep(&line, " ");
        for (char *one; (one = strsep(&line, " "));) {
            count += *one != '\0';
            if (word && strcmp(one, word) == 0)
                *found = true;
        }
    }
    text_release(&text);
    return count;
}

static void same_words(const char *prefix, const char *const *words)
{
    size_t count = 0;
    for (; words[count]; count++) {
        bool found = false;
        words_of(prefix, words[count], &found);
        if (!found)
            fail_msg("%s lacks `%s`", words_path, words[count]);
    }
    assert_int_equal(words_of(prefix, NULL, NULL), count);
}

static void words_are_the_parsers(void **state)
{
    (void)state;
    same_words("hard.", parse_hard_words);
    same_words("soft.", parse_soft_words);
}

static void elements_are_the_librarys(void **state)
{
    (void)state;
    struct text text = file_text(elements_path);
    struct sources sources = {0};
    struct diags diags = {0};
    struct arena arena;
    arena_init(&arena, LIMIT_AST_BYTES);
    const struct node *program = parse_program(&sources, sources_add(&sources, elements_path, text_str(&text)), &arena, &diags);
    assert_int_equal(diags.errors, 0);
    size_t count = 0;
    for (uint32_t i = 0; i < program->count; i++) {
        if (program->items[i]->kind != NODE_ELEMENT)
            continue;
        char name[64];
        bool found = false;
        snprintf(name, sizeof name, "%.*s", STR_ARG(program->items[i]->text));
        words_of("element", name, &found);
        if (!found)
            fail_msg("%s lacks the element `%s`", words_path, name);
        count++;
    }
    assert_int_equal(words_of("element", NULL, NULL), count);
    arena_release(&arena);
    sources_release(&sources);
    text_release(&text);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    words_path = arguments[1];
    elements_path = arguments[2];
    const struct CMUnitTest tests[] = {cmocka_unit_test(words_are_the_parsers), cmocka_unit_test(elements_are_the_librarys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
