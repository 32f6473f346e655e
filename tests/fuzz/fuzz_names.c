/* Any bytes as a script whose names are resolved, as the command and the checker do before anything runs; each in a state of its own,
   so that what is left behind shows as a leak. Texts that name a file are left out: what they would read is not of the input. */
/* links: nel_library */
#include <string.h>

#include "interp/module.h"
#include "interp/resolve.h"
#include "library/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct nel_state state;
    struct diags diags = {0}, warnings = {0};
    struct eval eval;
    struct text told = {0};
    if (len > 0 && memchr(bytes, '/', len))
        return 0;
    if (!state_open(&state, &diags))
        __builtin_trap();
    state.checking = true;
    eval_start(&eval, &state, state.globals, &diags, (size_t)8 << 20);
    eval.warnings = &warnings;
    const struct node *program = source_read(&eval, "fuzz.nel", (struct str){(const char *)bytes, len});
    size_t errors = diags.errors;
    if (!program)
        __builtin_trap();
    if (module_script_begin(&eval, "fuzz.nel", program)) {
        bool well = resolve_program(&eval, program, state.globals, false);
        if (errors == 0 && well != (diags.errors == 0))
            __builtin_trap(); /* what is told and what is answered agree */
        module_script_end(&state);
    }
    diags_render(&diags, &state.sources, false, &told);
    diags_render(&warnings, &state.sources, false, &told);
    text_release(&told);
    diags_release(&warnings);
    eval_end(&eval);
    state_close(&state);
    diags_release(&diags);
    return 0;
}
