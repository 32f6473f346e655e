/* Any bytes as a model's file. What is accepted predicts, prints and is written again, and what was written is accepted, too. */
/* links: nel_interp */
#include "interp/save.h"
#include "interp/session.h"
#include "support/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void use(struct eval *eval, struct value run)
{
    const struct model *model = run.run->training->model;
    float *inputs = mem_floats(model_input_width(model)), *outputs = mem_floats(model_output_width(model));
    struct text text = {0}, written = {0};
    if (inputs && outputs)
        model_predict(model, inputs, 1, outputs);
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    value_print(eval, run, false, &text);
    text_release(&text);
    if (!run_save(eval, run.run, &written, SPAN_NONE) || failed(run_of_bytes(eval, text_str(&written), "again", SPAN_NONE)))
        __builtin_trap();
    text_release(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct nel_state state;
    struct diags diags = {0};
    struct eval eval;
    struct text told = {0};
    if (!state_open(&state, &diags))
        __builtin_trap();
    eval_start(&eval, &state, state.globals, &diags, (size_t)8 << 20);
    struct value run = run_of_bytes(&eval, (struct str){(const char *)bytes, len}, "fuzz.safetensors", SPAN_NONE);
    if (failed(run) != (diags.errors > 0))
        __builtin_trap(); /* what is refused has a reason */
    if (!failed(run))
        use(&eval, run);
    diags_render(&diags, &state.sources, false, &told);
    text_release(&told);
    eval_end(&eval);
    state_close(&state);
    diags_release(&diags);
    return 0;
}
