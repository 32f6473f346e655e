/* Modules as far as golden scripts cannot show them: files made on the spot, the prompt, exhausted memory. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "interp/declared.h"
#include "interp/module.h"
#include "library/script.h"
#include "support/limits.h"
#include "support/memory.h"

static char folder[] = "/tmp/nel-modules-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    (void)state;
    char command[sizeof folder + 16];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_prompt(void **unused)
{
    (void)unused;
    struct script script;
    script_open(&script);
    script.state.interactive = true;
    write_file("mended.nel", "let x = \n");
    expect_error(&script, "use \"mended.nel\"", "expected an expression");
    expect_error(&script, "use \"mended.nel\"", "expected an expression"); /* told again, since the file is read again */
    write_file("mended.nel", "let x = [1][1]\n");
    expect_error(&script, "use \"mended.nel\"", "there is no item 1");
    write_file("mended.nel", "let x = 3\nfn f() = x\nlet _y = 4\n");
    expect_print(&script, "use \"mended.nel\"", "");
    expect_print(&script, "use \"mended.nel\" as m", "");
    expect_print(&script, "x + m.f()", "6\n");
    expect_error(&script, "m.g", "`mended.nel` has no `g`");
    expect_error(&script, "m._y", "`_y` is private to `mended.nel`");
    expect_error(&script, "x = 4", "`x` comes from `mended.nel` and cannot be assigned");
    expect_print(&script, "let x = 5", ""); /* a later line of a prompt may name anew */
    expect_print(&script, "x = x + 1\nx", "6\n");
    write_file("bad.nel", "let z = nothing\n"); /* told once, for the first of those that use it */
    write_file("first.nel", "use \"bad.nel\"\n");
    write_file("second.nel", "use \"bad.nel\"\nprint \"second\", z\n");
    expect_error(&script, "use \"first.nel\"\nuse \"second.nel\"", "unknown name `nothing`");
    write_file("bad.nel", "let z = 7\n");
    expect_print(&script, "use \"second.nel\"", "second 7\n");
    write_file("lost.nel", "let x = 3\nx + 1\n");
    expect_error(&script, "use \"lost.nel\"", "this value is not used"); /* what a prompt shows is lost in a module */
    script_close(&script);
}

static void test_depth(void **unused)
{
    (void)unused;
    struct script script;
    char path[32], text[64];
    for (int i = 0; i <= LIMIT_MODULE_DEPTH; i++) {
        snprintf(path, sizeof path, "deep%d.nel", i);
        snprintf(text, sizeof text, "use \"deep%d.nel\"\nlet d%d = %d\n", i + 1, i, i);
        write_file(path, i == LIMIT_MODULE_DEPTH ? "let last = 1\n" : text);
    }
    script_open(&script);
    expect_error(&script, "use \"deep0.nel\"", "more than 100 files use each other in a row here");
    expect_print(&script, "use \"deep1.nel\"\nprint d1", "1\n");
    script_close(&script);
}

static void test_files(void **unused)
{
    (void)unused;
    struct script script;
    script_open(&script);
    FILE *huge = fopen("huge.nel", "w"); /* without blocks on the disk */
    assert_non_null(huge);
    assert_int_equal(ftruncate(fileno(huge), (off_t)LIMIT_SOURCE_BYTES + 1), 0);
    fclose(huge);
    expect_error(&script, "use \"huge.nel\"", "file `huge.nel` is too large");
    assert_int_equal(mkfifo("pipe.nel", 0600), 0);
    expect_error(&script, "use \"pipe.nel\"", "`pipe.nel` is a device or a pipe, not a file");
    assert_int_equal(symlink("loop.nel", "loop.nel"), 0);
    expect_error(&script, "use \"loop.nel\"", "cannot read `loop.nel`");
    write_file("closed.nel", "let x = 1\n");
    assert_int_equal(chmod("closed.nel", 0), 0);
    if (access("closed.nel", R_OK) != 0) /* not for the superuser */
        expect_error(&script, "use \"closed.nel\"", "cannot read `closed.nel`");
    char longest[5000] = "use \"";
    memset(longest + 5, 'a', sizeof longest - 7);
    longest[sizeof longest - 2] = '"';
    expect_error(&script, longest, "cannot read");
    write_file("empty.nel", "");
    expect_print(&script, "use \"empty.nel\" as e", "");
    expect_error(&script, "use \"empty.nel\" as e\nprint e.x", "it declares no names");
    script_close(&script);
}

/* A text that came from a file is that file: a module cannot use it in turn. Afterwards it is forgotten. */
static void test_script(void **unused)
{
    (void)unused;
    struct script script;
    script_open(&script);
    write_file("test.nel", "let y = 2\n");
    write_file("turn.nel", "use \"test.nel\"\n");
    expect_error(&script, "use \"turn.nel\"", "`test.nel` uses itself, by way of `turn.nel`");
    assert_int_equal(unlink("test.nel"), 0);
    expect_error(&script, "use \"turn.nel\"", "there is no file `test.nel`");
    script_close(&script);
}

/* Whether the text names a year, as a source does. */
static bool has_year(const char *text)
{
    for (; *text; text++)
        if ((strncmp(text, "19", 2) == 0 || strncmp(text, "20", 2) == 0) && isdigit(text[2]) && isdigit(text[3]))
            return true;
    return false;
}

/* Each file of the standard library says what it is, and each of its public names what it does; an architecture also whose it is. */
static void test_library(void **unused)
{
    (void)unused;
    struct script script;
    script_open(&script);
    for (const struct library_file *file = library_files; file->name; file++) {
        char use[64];
        snprintf(use, sizeof use, "use %s as m", file->name);
        expect_print(&script, use, "");
        const struct module *module = script.state.modules;
        while (module && strcmp(module->name, file->name) != 0)
            module = module->older;
        assert_non_null(module);
        if (file->text[0] != '#' || file->text[1] == '#')
            fail_msg("%s.nel does not begin with a comment that says what it is", file->name);
        for (uint32_t i = 0; i < module->program->count; i++) {
            const struct node *node = module->program->items[i];
            struct text doc = {0};
            if (!declares(node) || node->text.at[0] == '_')
                continue;
            if (!doc_comment(sources_get(&script.state.sources, node->span.source), node, &doc))
                fail_msg("`%.*s` of %s.nel has no doc comment", STR_ARG(node->text), file->name);
            if (node->kind == NODE_MOLECULE && !has_year(text_chars(&doc)))
                fail_msg("`%.*s` of %s.nel does not name its source", STR_ARG(node->text), file->name);
            text_release(&doc);
        }
    }
    script_close(&script);
}

/* Whether the text runs where the allocation of that number fails; what went wrong was told. */
static bool runs_with_memory(const char *source, long allocation)
{
    struct script script;
    script_open(&script);
    mem_fail_after(allocation);
    bool well = state_evaluate(&script.state, "memory.nel", str_of(source), &script.diags);
    mem_fail_after(-1);
    assert_true(well || script.diags.errors > 0);
    script_close(&script);
    return well;
}

static void test_out_of_memory(void **unused)
{
    (void)unused;
    write_file("one.nel", "use \"two.nel\" as two\nlet a = 1\nfn f() = two.b\n");
    write_file("two.nel", "let b = 2\n");
    write_file("wrong.nel", "use \"gone.nel\"\nuse \"wrong.nel\"\nlet c = nothing\n");
    static const char fine[] = "use \"one.nel\"\nuse \"./two.nel\"\nuse rules as r\nlet ok = f() + b\n"
                               "let p = parts(xor4(), xor4(), validation: xor4())\n";
    static const char amiss[] = "use \"one.nel\" as one\nuse \"two.nel\"\nuse \"wrong.nel\"\nlet b = 3\nprint one.z, one._z\n"
                                "use nothing\nuse \"tow.nel\"\n";
    static const char unknown[] = "use \"one.nel\" as one\nprint a, b, mlp\n";
    long enough = 0;
    while (!runs_with_memory(fine, enough))
        enough++;
    for (long allocation = 0; allocation < 2 * enough; allocation++) {
        assert_false(runs_with_memory(amiss, allocation));
        assert_false(runs_with_memory(unknown, allocation));
    }
    struct script script;
    script_open(&script);
    expect_error(&script, amiss, "`wrong.nel` uses itself");
    expect_error(&script, amiss, "`b` is declared here, and it comes from `two.nel` too");
    expect_error(&script, amiss, "did you mean `use \"two.nel\"`?");
    expect_error(&script, unknown, "did you mean `one.a`?");
    expect_error(&script, unknown, "it is a name of `two.nel`, which has to be used here too");
    expect_error(&script, unknown, "`mlp` is of the standard library: `use molecules`");
    script_close(&script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prompt), cmocka_unit_test(test_depth),   cmocka_unit_test(test_files),
        cmocka_unit_test(test_script), cmocka_unit_test(test_library), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
