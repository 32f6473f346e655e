/* For tests: a script evaluated in a state of its own, what it printed and what it was told. Include after cmocka.h. */
#ifndef NEL_TEST_SCRIPT_H
#define NEL_TEST_SCRIPT_H

#include <string.h>

#include "library/session.h"

struct script {
    struct nel_state state;
    struct diags diags;
    struct text printed;
    struct text told; /* messages and help lines, one a line */
};

static inline void script_write(void *context, struct str text)
{
    text_add_str(context, text);
}

static inline void script_open(struct script *script)
{
    *script = (struct script){0};
    assert_true(state_open(&script->state, &script->diags));
    script->state.output = (struct output){.write = script_write, .context = &script->printed, .unicode = true};
    script->state.threads = 1;
}

static inline bool script_run(struct script *script, const char *source)
{
    text_clear(&script->printed);
    text_clear(&script->told);
    bool well = state_evaluate(&script->state, "test.nel", str_of(source), &script->diags);
    for (size_t i = 0; i < script->diags.count; i++)
        text_addf(&script->told, "%s\n%s\n", script->diags.at[i].message, script->diags.at[i].help ? script->diags.at[i].help : "");
    diags_release(&script->diags);
    script->diags = (struct diags){0};
    return well;
}

static inline void script_close(struct script *script)
{
    state_close(&script->state);
    diags_release(&script->diags);
    text_release(&script->printed);
    text_release(&script->told);
}

/* The script prints just this. */
static inline void expect_print(struct script *script, const char *source, const char *printed)
{
    if (!script_run(script, source))
        fail_msg("%s\nfailed: %s", source, text_chars(&script->told));
    assert_string_equal(text_chars(&script->printed), printed);
}

/* The script fails, and is told something that holds these words. */
static inline void expect_error(struct script *script, const char *source, const char *words)
{
    if (script_run(script, source))
        fail_msg("%s\nshould have failed, printed: %s", source, text_chars(&script->printed));
    if (!strstr(text_chars(&script->told), words))
        fail_msg("%s\nwas told: %s", source, text_chars(&script->told));
}

#endif
