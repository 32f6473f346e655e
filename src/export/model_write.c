/* A training becomes the bytes of a file; model_file.h says what stands where. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/plan.h"
#include "export/model_fields.h"
#include "export/model_file.h"
#include "export/model_recipe.h"
#include "export/model_report.h"
#include "export/model_story.h"
#include "export/model_tensors.h"
#include "molecule/dna.h"
#include "support/memory.h"
#include "support/number.h"

/* Adds the text as a note and empties it. */
static void note(struct tensors *tensors, const char *key, struct text *text)
{
    tensors->failed = tensors->failed || text->failed;
    tensors_note(tensors, key, text_str(text));
    text_clear(text);
}

/* ---- elements ---- */

void element_declaration(const struct element *element, struct text *out)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS];
    text_addf(out, "element %s \"%s\" (x", element->name, element->symbol);
    for (unsigned i = 0; i < element->param_count; i++) {
        names[i] = element->params[i].name;
        text_addf(out, "%s%s%s = ", i == 0 ? "; " : ", ", element->params[i].learned ? "learned " : "", names[i]);
        number_write(out, element->params[i].initial);
    }
    text_add(out, ") = ");
    formula_print(&element->formula, element->value, names, out);
}

void loss_declaration(const struct loss *loss, const double *params, struct text *out)
{
    text_addf(out, "loss %s", loss->name);
    for (unsigned i = 0; i < loss->param_count; i++) {
        text_addf(out, "%s%s = ", i == 0 ? "(" : ", ", loss->params[i].name);
        number_write(out, params ? params[i] : loss->params[i].initial);
    }
    text_addf(out, "%s (%s, %s) = ", loss->param_count > 0 ? ")" : "", loss->output_name, loss->target_name);
    loss_print(loss, loss->value, out);
}

/* Whether the declaration has its formula to the end. */
static bool is_whole(const struct text *declaration, const char *name, struct span span, struct diags *diags)
{
    if (!strstr(text_chars(declaration), "…"))
        return true;
    diag_help(diag_error(diags, span, "the formula of `%s` is too long to be saved", name),
              "written out it has more than %d characters", LIMIT_FORMULA_TEXT);
    return false;
}

static bool seen_before(const struct molecule *molecule, uint32_t gene)
{
    for (uint32_t i = 0; i < gene; i++)
        if (molecule->genes[i].element == molecule->genes[gene].element)
            return true;
    return false;
}

static bool write_elements(const struct molecule *molecule, struct text *out, struct span span, struct diags *diags)
{
    bool whole = true;
    text_add_char(out, '[');
    for (uint32_t i = 0; whole && i < molecule->count; i++) {
        const struct element *element = molecule->genes[i].element;
        if (!element || seen_before(molecule, i))
            continue;
        struct text line = {0};
        element_declaration(element, &line);
        whole = is_whole(&line, element->name, span, diags);
        if (out->len > 1)
            text_add_char(out, ',');
        text_add_json(out, text_str(&line));
        text_release(&line);
    }
    text_add_char(out, ']');
    return whole;
}

/* ---- data ---- */

static void write_data(const struct kept *kept, struct text *out)
{
    const struct data_note *data = &kept->data;
    text_add(out, "{\"name\":");
    if (kept->data_name)
        text_add_json(out, str_of(kept->data_name));
    else
        text_add(out, "null");
    text_add_char(out, ',');
    fields_write(data_fields, data, out);
    if (data->fold.of > 0) {
        text_add(out, ",\"fold\":{");
        fields_write(fold_fields, &data->fold, out);
        text_add_char(out, '}');
    }
    if (data->class_weights) {
        text_add(out, ",\"class_weights\":");
        json_write_floats(out, data->class_weights, data->classes);
    }
    text_add_char(out, '}');
}

/* ---- the training ---- */

static bool write_notes(const struct kept *kept, struct tensors *tensors, struct span span, struct diags *diags)
{
    const struct model *model = kept->training->model;
    const struct training *training = kept->training;
    const struct scores *const scores[SET_COUNT] = {&training->train, &training->validation, &training->test};
    struct text text = {0};
    text_addf(&text, "%d", MODEL_FILE_VERSION);
    note(tensors, "nel", &text);
    dna_encode(model->molecule, &text);
    note(tensors, "dna", &text);
    bool well = write_elements(model->molecule, &text, span, diags);
    note(tensors, "elements", &text);
    if (kept->options.loss == LOSS_FORMULA) {
        loss_declaration(kept->options.formula, kept->options.formula_params, &text);
        well = well && is_whole(&text, kept->options.formula->name, span, diags);
        note(tensors, "loss", &text);
    }
    recipe_write_inputs(model->recipe, &text);
    note(tensors, "inputs", &text);
    recipe_write_target(model->recipe, &text);
    note(tensors, "target", &text);
    options_write(&kept->options, &text);
    note(tensors, "options", &text);
    text_add_char(&text, '{');
    fields_write(training_fields, kept->training, &text);
    text_add_char(&text, '}');
    note(tensors, "training", &text);
    scores_note(scores, &text);
    note(tensors, "scores", &text);
    reports_note(kept->training->reports, &text);
    note(tensors, "reports", &text);
    write_data(kept, &text);
    note(tensors, "data", &text);
    if (kept->story) {
        story_write(kept->story, kept->rounds, &text);
        note(tensors, "story", &text);
    }
    if (kept->name)
        tensors_note(tensors, "name", str_of(kept->name));
    text_release(&text);
    return well;
}

static bool add_tensor(void *context, const struct model_tensor *tensor)
{
    const void *data = tensor->values ? (const void *)tensor->values : tensor->connections;
    tensors_add(context, tensor->name, tensor->type, tensor->rows, tensor->columns, data);
    return true;
}

/* History as the columns of a table, epochs left out: they are counted from 1. */
static double *history_values(const struct training *training)
{
    double *values = mem_array((size_t)training->epochs * MODEL_HISTORY_COLUMNS + 1, sizeof *values);
    for (uint32_t i = 0; values && i < training->epochs; i++) {
        const struct history_row *row = &training->history[i];
        memcpy(values + (size_t)i * MODEL_HISTORY_COLUMNS,
               (const double[MODEL_HISTORY_COLUMNS]){row->loss, row->accuracy, row->validation_loss, row->validation_accuracy,
                                                     row->rate},
               MODEL_HISTORY_COLUMNS * sizeof *values);
    }
    return values;
}

static void add_state(struct tensors *tensors, const struct training *training, const double *history)
{
    const struct plan *plan = training->model->plan;
    const struct training_state *state = &training->state;
    if (state->last)
        tensors_add(tensors, "training.last", TENSOR_F32, 0, plan->param_count, state->last);
    if (state->first)
        tensors_add(tensors, "training.first", TENSOR_F32, 0, plan->trained_count, state->first);
    if (state->second)
        tensors_add(tensors, "training.second", TENSOR_F32, 0, plan->trained_count, state->second);
    if (state->starts)
        tensors_add(tensors, "training.starts", TENSOR_F64, 0, 2 * (size_t)plan->span_count, state->starts);
    tensors_add(tensors, "training.history", TENSOR_F64, training->epochs, training->epochs ? MODEL_HISTORY_COLUMNS : 0, history);
    for (uint32_t i = 0; i < training->snapshot_count; i++) {
        const struct snapshot *snapshot = &training->snapshots[i];
        char name[32];
        snprintf(name, sizeof name, SNAPSHOT_PREFIX "%" PRIu32, snapshot->epoch);
        tensors_add(tensors, name, TENSOR_F32, 0, snapshot->epoch <= training->epochs ? plan->param_count : 0, snapshot->params);
    }
}

bool model_file_write(const struct kept *kept, struct text *out, struct span span, struct diags *diags)
{
    struct tensors tensors = {0};
    const struct training *training = kept->training;
    double *history = history_values(training);
    bool well = (history || diag_out_of_memory(diags, span)) && write_notes(kept, &tensors, span, diags);
    if (well) {
        model_tensors_each(training->model->plan, training->model->params, add_tensor, &tensors);
        add_state(&tensors, training, history);
        well = tensors_write(&tensors, out, span, diags);
    }
    tensors_release(&tensors);
    mem_free(history);
    return well;
}
