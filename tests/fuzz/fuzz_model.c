/* Any bytes as a model's file. What is accepted predicts, prints, goes on for an epoch and is written again, and what was written is
   accepted, too. */
/* links: nel_library */
#include "study/save.h"
#include "study/several.h"
#include "library/session.h"
#include "support/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { ROWS = 5 };

/* A few rows that fit the model, as training data; the counts of classes go round. */
static struct prepared *rows_for(const struct model *model)
{
    struct prepared *data = mem_alloc(sizeof *data);
    if (!data)
        return NULL;
    *data = (struct prepared){.references = 1, .recipe = recipe_retain(model->recipe)};
    struct samples *train = &data->train;
    *train = (struct samples){.count = ROWS, .width = model->recipe->width, .outputs = model->recipe->outputs};
    train->x = mem_floats((size_t)ROWS * train->width + 1);
    train->y = mem_floats((size_t)ROWS * train->outputs + 1);
    train->labels = mem_array(ROWS, sizeof *train->labels);
    for (uint32_t i = 0; train->x && i < ROWS * train->width; i++)
        train->x[i] = (float)(i % 7) - 3;
    for (uint32_t i = 0; train->labels && i < ROWS; i++)
        train->labels[i] = (int32_t)(i % train->outputs);
    if (train->x && train->y && train->labels) {
        if (model->recipe->target != TARGET_CLASS) {
            mem_free(train->labels);
            train->labels = NULL;
        }
        return data;
    }
    prepared_release(data);
    return NULL;
}

static void go_on(const struct run *run)
{
    struct prepared *data = rows_for(run->training->model);
    struct train_options options = run->options;
    struct diags diags = {0};
    struct scores scores;
    options.epochs = run->training->epochs + 1;
    if (data && run->training->state.position <= ROWS) {
        model_score(run->training->model, &data->train, &options, NULL, &scores);
        struct training *next = train_further(run->training, NULL, data, &options, NULL, &diags);
        if (!next && diags.errors == 0)
            __builtin_trap();
        training_release(next);
    }
    if (data)
        prepared_release(data);
    diags_release(&diags);
}

static void use(struct eval *eval, struct value run)
{
    const struct model *model = run.run->training->model;
    float *inputs = mem_floats(model_input_width(model)), *outputs = mem_floats(model_output_width(model));
    struct text text = {0}, written = {0};
    if (inputs && outputs)
        model_predict(model, inputs, 1, outputs);
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    go_on(run.run);
    value_print(eval, run, false, &text);
    text_release(&text);
    if (!run_save(eval, run.run, &written, SPAN_NONE) || failed(run_of_bytes(eval, text_str(&written), "again", SPAN_NONE)))
        __builtin_trap();
    text_release(&written);
}

/* What was read can be written, and reads as the same. */
static void use_several(struct eval *eval, struct value saved)
{
    struct text text = {0}, written = {0};
    value_print(eval, saved, false, &text);
    text_release(&text);
    if (!several_save(eval, saved, &written, SPAN_NONE) ||
        saved_of_bytes(eval, text_str(&written), "again", SPAN_NONE).kind != saved.kind)
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
    struct value saved = saved_of_bytes(&eval, (struct str){(const char *)bytes, len}, "fuzz.safetensors", SPAN_NONE);
    if (failed(saved) != (diags.errors > 0))
        __builtin_trap(); /* what is refused has a reason */
    if (saved.kind == VALUE_RUN)
        use(&eval, saved);
    else if (!failed(saved))
        use_several(&eval, saved);
    diags_render(&diags, &state.sources, false, &told);
    text_release(&told);
    eval_end(&eval);
    state_close(&state);
    diags_release(&diags);
    return 0;
}
