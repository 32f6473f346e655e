/* Runs in files where memory ends: whichever allocation fails, it is told, nothing is lost, and the next attempt goes well. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "script.h"
#include "support/file.h"
#include "support/memory.h"

static struct script script;
static char folder[] = "/tmp/nel-checkpoint-XXXXXX";

static int setup(void **state)
{
    (void)state;
    script_open(&script);
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const files[] = {"ck.safetensors", "net.safetensors", "some.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        remove(files[i]);
    script_close(&script);
    return rmdir(folder); /* nothing else is left in it */
}

static void repeat_without_memory(const char *source)
{
    bool well = false;
    for (long n = 0; !well && n < 20000; n += n < 200 ? 3 : 41) {
        mem_fail_after(n);
        well = state_evaluate(&script.state, "test.nel", str_of(source), &script.diags);
        mem_fail_after(-1);
        assert_true(well || script.diags.errors > 0 || script.diags.overflowed);
        diags_release(&script.diags);
        script.diags = (struct diags){0};
    }
    assert_true(well);
}

static void memory(void **state)
{
    (void)state;
    expect_print(&script, "loss l(c) (y, t) = c * (y - t)^2 + abs(y - t)\nelement wavy \"Wv\" (x; learned b = 2) = sin(b * x)", "");
    expect_print(&script, "let d = dataset([[x] for x in 1..9], [sin(x) for x in 1..9])", "");
    expect_print(&script, "fn some(epochs) = train wavy(3) -> batchnorm on d { epochs, loss: l(2), snapshots: [1] }", "");
    expect_print(&script,
                 "fn kept(epochs) = train wavy(3) -> batchnorm on d { epochs, loss: l(2), snapshots: [1], checkpoint: "
                 "\"ck.safetensors\" }",
                 "");
    expect_print(&script, "let whole = some(4)\nsave(kept(2), to: \"some.safetensors\")", "");
    repeat_without_memory("save(whole, to: \"net.safetensors\")");
    repeat_without_memory("assert load(\"net.safetensors\").history == whole.history");
    repeat_without_memory("assert continue(load(\"some.safetensors\"), epochs: 2, on: d).history == whole.history");
    repeat_without_memory("assert kept(4).history == whole.history");
    expect_print(&script, "print kept(4).history == whole.history, kept(4).at(1).weights == whole.at(1).weights", "true true\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
