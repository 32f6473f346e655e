/* The bytes of a file become a training. Nothing in them is trusted: what a molecule would need is compared with what the file holds
   before anything is made from it, and every tensor must be one that the molecule has. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/loops.h"
#include "engine/plan.h"
#include "export/model_fields.h"
#include "export/model_file.h"
#include "export/model_recipe.h"
#include "export/model_report.h"
#include "export/model_story.h"
#include "export/model_tensors.h"
#include "molecule/dna.h"
#include "support/limits.h"
#include "support/memory.h"

void kept_release(struct kept *kept)
{
    training_release(kept->training);
    mem_free(kept->name);
    mem_free(kept->data_name);
    mem_free(kept->data.class_weights);
    story_release(kept->story, kept->rounds);
    *kept = (struct kept){0};
}

void model_file_close(struct model_file *file)
{
    tensors_release(&file->tensors);
    json_release(file->elements);
    mem_free(file->declarations);
    *file = (struct model_file){0};
}

bool model_file_refuse(const struct model_file *file, struct diags *diags, const char *why, ...)
{
    char room[512];
    va_list args;
    va_start(args, why);
    vsnprintf(room, sizeof room, why, args);
    va_end(args);
    diag_note(diag_error(diags, file->span, "`%s` holds no model that can be used", file->path), "%s", room);
    return false;
}

/* The JSON in a note; NULL with a diagnostic. */
static struct json *read_note(const struct model_file *file, const char *key, struct diags *diags)
{
    const char *text = tensors_text(&file->tensors, key), *why = NULL;
    struct json *json = text ? json_read(str_of(text), &why) : NULL;
    if (!json)
        model_file_refuse(file, diags, text ? "its `%s` cannot be read: %s" : "it has no `%s`", key, why);
    return json;
}

bool model_version_check(const struct tensors *tensors, const char *path, struct span span, struct diags *diags)
{
    const char *version = tensors_text(tensors, "nel");
    if (!version) {
        diag_help(diag_error(diags, span, "`%s` was not written by NEL", path),
                  "its tensors alone do not tell the network; `save` writes files that do");
        return false;
    }
    if (strncmp(version, "search", strlen("search")) == 0) {
        diag_help(diag_error(diags, span, "`%s` is the checkpoint of an evolution, not a network", path),
                  "`evolve` goes on from it; `save(result.best, …)` saves a network");
        return false;
    }
    if (strlen(version) > 9 || strspn(version, "0123456789") != strlen(version) || strtol(version, NULL, 10) < 1)
        return model_file_refuse(&(struct model_file){.path = path, .span = span}, diags, "`%.20s` is no version", version);
    if (strtol(version, NULL, 10) > MODEL_FILE_VERSION) {
        diag_help(diag_error(diags, span, "`%s` was written by a newer NEL, in version %s of its format", path, version),
                  "this one reads version %d", MODEL_FILE_VERSION);
        return false;
    }
    return true;
}

bool model_file_open(struct model_file *file, struct str bytes, const char *path, struct span span, struct diags *diags)
{
    *file = (struct model_file){.path = path, .span = span};
    if (!tensors_read(&file->tensors, bytes, path, span, diags) || !model_version_check(&file->tensors, path, span, diags))
        return false;
    if (tensors_text(&file->tensors, "together"))
        return model_file_refuse(file, diags, "it holds several networks, where one is wanted");
    file->loss = tensors_text(&file->tensors, "loss");
    file->elements = read_note(file, "elements", diags);
    if (!file->elements)
        return false;
    file->declarations = mem_array(json_count(file->elements) + (size_t)1, sizeof *file->declarations);
    if (!file->declarations)
        return diag_out_of_memory(diags, span);
    for (const struct json *item = json_is_list(file->elements) ? json_first(file->elements) : NULL; item; item = json_next(item)) {
        if (!json_text(item))
            return model_file_refuse(file, diags, "its `elements` are not texts");
        file->declarations[file->declaration_count++] = json_text(item);
    }
    return true;
}

static struct recipe *read_recipe(const struct model_file *file, struct diags *diags)
{
    struct json *inputs = read_note(file, "inputs", diags), *target = inputs ? read_note(file, "target", diags) : NULL;
    const char *wrong = NULL;
    struct recipe *recipe = target ? recipe_read(inputs, target, &wrong) : NULL;
    if (wrong)
        model_file_refuse(file, diags, "its `%s` cannot be used", wrong);
    else if (target && !recipe)
        diag_out_of_memory(diags, file->span);
    json_release(inputs);
    json_release(target);
    return recipe;
}

/* ---- the model ---- */

/* The molecule, its genes at the place where the file was asked for. */
static struct molecule *read_molecule(const struct model_file *file, const struct elements *elements, struct diags *diags)
{
    const char *dna = tensors_text(&file->tensors, "dna");
    struct diags wrong = {0};
    struct molecule *molecule = dna ? dna_decode(str_of(dna), elements, file->span, &wrong) : NULL;
    if (!molecule)
        model_file_refuse(file, diags, "%s%s", dna ? "its DNA cannot be read: " : "it has no `dna`",
                          wrong.count > 0 ? wrong.at[0].message : "");
    for (uint32_t i = 0; molecule && i < molecule->count; i++)
        molecule->genes[i].span = file->span;
    diags_release(&wrong);
    return molecule;
}

/* Whether the molecule has the ends that the recipe says, and no more parameters than the file can hold. */
static bool molecule_fits(const struct model_file *file, const struct molecule *molecule, const struct recipe *recipe,
                          struct diags *diags)
{
    const struct gene *output = molecule_output(molecule);
    if (!output || output->head == HEAD_AUTO)
        return model_file_refuse(file, diags, "its DNA does not end in an output with a head");
    struct diags wrong = {0};
    struct graph *graph = graph_build(molecule, recipe->width, &wrong);
    const uint32_t outputs = graph ? graph->output_width : 0;
    const bool two = recipe->target == TARGET_CLASS && recipe->outputs == 2 && outputs == 1;
    double held = 0;
    for (size_t i = 0; i < file->tensors.list.count; i++)
        held += (double)file->tensors.list.at[i].bytes / sizeof(float);
    const bool fits = graph && (outputs == recipe->outputs || two) && (double)graph->params <= held;
    if (graph && outputs != recipe->outputs && !two)
        model_file_refuse(file, diags, "its DNA has %u outputs, its target %u", outputs, recipe->outputs);
    else if (!fits)
        model_file_refuse(file, diags, "%s%s", graph ? "its DNA needs more parameters than it holds" : "its DNA cannot be used: ",
                          wrong.count > 0 ? wrong.at[0].message : "");
    graph_release(graph);
    diags_release(&wrong);
    return fits;
}

/* Filling a model's tensors from the file's. */
struct filling {
    const struct model_file *file;
    struct diags *diags;
    size_t used;
    bool diverged; /* then weights need not be finite */
};

static bool has_shape(const struct tensor *tensor, const struct model_tensor *wanted)
{
    const uint32_t dimensions = wanted->rows ? 2 : 1;
    return tensor->type == wanted->type && tensor->dimensions == dimensions &&
           tensor->shape[0] == (wanted->rows ? wanted->rows : wanted->columns) &&
           (dimensions == 1 || tensor->shape[1] == wanted->columns);
}

static bool fill_tensor(void *context, const struct model_tensor *wanted)
{
    struct filling *filling = context;
    const struct tensor *tensor = tensors_find(&filling->file->tensors, wanted->name);
    if (!tensor)
        return model_file_refuse(filling->file, filling->diags, "its DNA has a tensor `%s`, which is missing", wanted->name);
    if (!has_shape(tensor, wanted))
        return model_file_refuse(filling->file, filling->diags, "its tensor `%s` does not have the shape that its DNA says",
                                 wanted->name);
    filling->used++;
    memcpy(wanted->values ? (void *)wanted->values : wanted->connections, tensor->data, tensor->bytes);
    if (wanted->values && !filling->diverged && !floats_finite(wanted->values, tensor->bytes / sizeof(float)))
        return model_file_refuse(filling->file, filling->diags, "its tensor `%s` holds what is no finite number", wanted->name);
    return true;
}

/* The connections of sparse layers lead to neurons that exist, each once, ascending. */
static bool connections_hold(const struct plan *plan)
{
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (!op->sparse)
            continue;
        const uint32_t *start = op->sparse->start, *input = op->sparse->input;
        if (start[0] != 0 || start[op->width] != op->weight_count)
            return false;
        for (uint32_t o = 0; o < op->width; o++) {
            if (start[o] > start[o + 1] || start[o + 1] > op->weight_count)
                return false;
            for (uint32_t k = start[o]; k < start[o + 1]; k++)
                if (input[k] >= op->depth || (k > start[o] && input[k] <= input[k - 1]))
                    return false;
        }
    }
    return true;
}

static struct model *read_model(struct filling *filling, const struct elements *elements)
{
    const struct model_file *file = filling->file;
    struct recipe *recipe = read_recipe(file, filling->diags);
    struct molecule *molecule = recipe ? read_molecule(file, elements, filling->diags) : NULL;
    struct model *model = molecule && molecule_fits(file, molecule, recipe, filling->diags)
                              ? model_create(molecule, recipe->width, recipe, 0, filling->diags)
                              : NULL;
    bool whole = model && model_tensors_each(model->plan, model->params, fill_tensor, filling);
    if (whole && !connections_hold(model->plan))
        whole = model_file_refuse(file, filling->diags, "the connections of a sparse layer lead nowhere");
    molecule_release(molecule);
    recipe_release(recipe);
    if (whole)
        return model;
    model_release(model);
    return NULL;
}

/* ---- the training ---- */

/* The vector of that name, `count` finite floats, as a block of its own in *values; NULL where the file has none. */
static bool read_vector(struct filling *filling, const char *name, size_t count, float **values)
{
    const struct tensor *tensor = tensors_find(&filling->file->tensors, name);
    if (!tensor)
        return true;
    if (tensor->type != TENSOR_F32 || tensor->dimensions != 1 || tensor->shape[0] != count)
        return model_file_refuse(filling->file, filling->diags, "its tensor `%s` does not have the shape that its DNA says", name);
    *values = mem_floats(count + 1);
    if (!*values)
        return diag_out_of_memory(filling->diags, filling->file->span);
    memcpy(*values, tensor->data, tensor->bytes);
    filling->used++;
    return filling->diverged || floats_finite(*values, count) ||
           model_file_refuse(filling->file, filling->diags, "its tensor `%s` holds what is no finite number", name);
}

static bool read_history(struct filling *filling, struct training *training)
{
    const struct tensor *tensor = tensors_find(&filling->file->tensors, "training.history");
    const uint64_t columns = training->epochs ? MODEL_HISTORY_COLUMNS : 0;
    if (!tensor || tensor->type != TENSOR_F64 || tensor->dimensions != (columns ? 2 : 1) || tensor->shape[0] != training->epochs ||
        (columns && tensor->shape[1] != columns))
        return model_file_refuse(filling->file, filling->diags, "its history is not as long as its epochs");
    filling->used++;
    mem_free(training->history);
    training->history = mem_array(training->epochs + (size_t)1, sizeof *training->history);
    if (!training->history)
        return diag_out_of_memory(filling->diags, filling->file->span);
    for (uint32_t i = 0; i < training->epochs; i++) {
        double row[MODEL_HISTORY_COLUMNS];
        memcpy(row, tensor->data + (size_t)i * sizeof row, sizeof row);
        training->history[i] = (struct history_row){i + 1, row[0], row[1], row[2], row[3], row[4]};
    }
    return true;
}

static int snapshot_order(const void *a, const void *b)
{
    const uint32_t left = ((const struct snapshot *)a)->epoch, right = ((const struct snapshot *)b)->epoch;
    return left < right ? -1 : left > right;
}

static bool read_snapshots(struct filling *filling, struct training *training)
{
    const struct tensors *tensors = &filling->file->tensors;
    const size_t prefix = strlen(SNAPSHOT_PREFIX), params = training->model->plan->param_count;
    training->snapshots = mem_array(LIMIT_SNAPSHOTS, sizeof *training->snapshots);
    if (!training->snapshots)
        return diag_out_of_memory(filling->diags, filling->file->span);
    for (size_t i = 0; i < tensors->list.count; i++) {
        const struct tensor *tensor = &tensors->list.at[i];
        if (strncmp(tensor->name, SNAPSHOT_PREFIX, prefix) != 0)
            continue;
        const char *digits = tensor->name + prefix;
        const size_t length = strlen(digits);
        if (length == 0 || length > 9 || strspn(digits, "0123456789") != length || (digits[0] == '0' && length > 1) ||
            training->snapshot_count == LIMIT_SNAPSHOTS)
            return model_file_refuse(filling->file, filling->diags, "its tensor `%.100s` is no snapshot", tensor->name);
        struct snapshot *snapshot = &training->snapshots[training->snapshot_count++];
        snapshot->epoch = (uint32_t)strtoul(digits, NULL, 10);
        if (!read_vector(filling, tensor->name, snapshot->epoch <= training->epochs ? params : 0, &snapshot->params))
            return false;
    }
    qsort(training->snapshots, training->snapshot_count, sizeof *training->snapshots, snapshot_order);
    return true;
}

/* Powers with which the optimiser began: they are there where a growth's rewrites came between its steps. */
static bool read_starts(struct filling *filling, const struct plan *plan, double **starts)
{
    const struct tensor *tensor = tensors_find(&filling->file->tensors, "training.starts");
    const size_t count = 2 * (size_t)plan->span_count;
    if (!tensor)
        return true;
    if (tensor->type != TENSOR_F64 || tensor->dimensions != 1 || tensor->shape[0] != count)
        return model_file_refuse(filling->file, filling->diags,
                                 "its tensor `training.starts` does not have the shape that its DNA says");
    *starts = mem_array(count + 1, sizeof **starts);
    if (!*starts)
        return diag_out_of_memory(filling->diags, filling->file->span);
    memcpy(*starts, tensor->data, tensor->bytes);
    filling->used++;
    for (size_t i = 0; i < count; i++)
        if (!((*starts)[i] >= 0 && (*starts)[i] <= 1))
            return model_file_refuse(filling->file, filling->diags,
                                     "its tensor `training.starts` holds what is no power of a beta");
    return true;
}

static bool none_negative(const float *values, size_t count)
{
    for (size_t i = 0; values && i < count; i++)
        if (values[i] < 0)
            return false;
    return true;
}

/* Running variances among all parameters (NULL: there are none) are not below 0: their roots are taken. */
static bool variances_hold(const struct plan *plan, const float *params)
{
    bool hold = true;
    for (uint32_t i = 0; params && i < plan->op_count; i++)
        if (plan->ops[i].running != PLAN_NONE)
            hold = hold && none_negative(params + plan->ops[i].running + plan->ops[i].width, plan->ops[i].width);
    return hold;
}

/* What has a square for its origin, or is the size of a step, is not below 0. */
static bool check_squares(struct filling *filling, const struct training *training)
{
    const struct plan *plan = training->model->plan;
    bool hold = variances_hold(plan, training->model->params) && variances_hold(plan, training->state.last);
    for (uint32_t i = 0; hold && i < training->snapshot_count; i++)
        hold = training->snapshots[i].epoch > training->epochs || variances_hold(plan, training->snapshots[i].params);
    if (!hold)
        return model_file_refuse(filling->file, filling->diags, "a variance of its `batchnorm` is below 0");
    return none_negative(training->state.second, plan->trained_count) ||
           model_file_refuse(filling->file, filling->diags, "its tensor `training.second` holds what is below 0");
}

static bool read_state(struct filling *filling, struct training *training)
{
    struct training_state *state = &training->state;
    const struct plan *plan = training->model->plan;
    return read_vector(filling, "training.last", plan->param_count, &state->last) &&
           read_vector(filling, "training.first", plan->trained_count, &state->first) &&
           read_vector(filling, "training.second", plan->trained_count, &state->second) &&
           read_starts(filling, plan, &state->starts) && read_history(filling, training) && read_snapshots(filling, training) &&
           check_squares(filling, training);
}

static bool read_scores(const struct model_file *file, struct training *training, struct diags *diags)
{
    struct json *json = read_note(file, "scores", diags);
    const char *name = NULL;
    const bool well = json && fields_read(score_fields, json_member(json, "train"), &training->train, &name) &&
                      fields_read(score_fields, json_member(json, "validation"), &training->validation, &name) &&
                      fields_read(score_fields, json_member(json, "test"), &training->test, &name);
    json_release(json);
    return well || (json && model_file_refuse(file, diags, "its `scores` have no `%s`", name));
}

/* Reports on the parts that have one; files of before they were kept have none at all. */
static bool read_reports(const struct model_file *file, struct training *training, struct diags *diags)
{
    struct json *json = tensors_text(&file->tensors, "reports") ? read_note(file, "reports", diags) : NULL;
    bool well = json || !tensors_text(&file->tensors, "reports"), memory = true;
    const struct recipe *recipe = training->model->recipe;
    for (enum sample_set set = SET_TRAIN; well && set < SET_COUNT; set++) {
        const struct json *part = json_member(json, set_names[set]);
        const uint32_t count = scores_of(training, set)->count;
        if (part && recipe_tells_classes(recipe) && count > 0)
            training->reports[set] = report_read(part, count, recipe->outputs, &memory);
        well = !part || training->reports[set];
        if (!memory)
            diag_out_of_memory(diags, file->span);
        else if (!well)
            model_file_refuse(file, diags, "its report on `%s` cannot be used", set_names[set]);
    }
    json_release(json);
    return well;
}

/* Copies the text, where there is one. */
static bool keep_text(const struct model_file *file, const char *text, char **copy, struct diags *diags)
{
    *copy = text ? mem_copy_text(text, strlen(text)) : NULL;
    return !text || *copy || diag_out_of_memory(diags, file->span);
}

static bool read_data(const struct model_file *file, const struct recipe *recipe, struct kept *kept, struct diags *diags)
{
    struct json *json = read_note(file, "data", diags);
    const struct json *weights = json_member(json, "class_weights"), *label = json_member(json, "name");
    const struct json *fold = json_member(json, "fold");
    const char *name = NULL;
    bool well = json && fields_read(data_fields, json, &kept->data, &name) && kept->data.share >= 0 && kept->data.share < 1;
    if (well && fold)
        well = fields_read(fold_fields, fold, &kept->data.fold, &name) && kept->data.fold.number >= 1 &&
               kept->data.fold.number <= kept->data.fold.of && kept->data.fold.of >= 2 && kept->data.fold.of <= LIMIT_TRIALS;
    if (well && weights) {
        kept->data.classes = recipe->outputs;
        kept->data.class_weights = mem_array(recipe->outputs, sizeof *kept->data.class_weights);
        well = kept->data.class_weights && json_floats(weights, kept->data.class_weights, recipe->outputs);
        for (uint32_t c = 0; well && c < recipe->outputs; c++)
            well = kept->data.class_weights[c] >= 0;
    }
    if (json && !well)
        model_file_refuse(file, diags, "its `data` cannot be used");
    well = well && keep_text(file, json_text(label), &kept->data_name, diags);
    json_release(json);
    return well;
}

/* Of a growth; other trainings have none. */
static bool read_story(const struct model_file *file, struct kept *kept, struct diags *diags)
{
    if (!tensors_text(&file->tensors, "story"))
        return true;
    struct json *json = read_note(file, "story", diags);
    bool memory = true;
    const bool well = json && story_read(json, &kept->story, &kept->rounds, &memory);
    json_release(json);
    if (!memory)
        diag_out_of_memory(diags, file->span);
    else if (json && !well)
        model_file_refuse(file, diags, "its `story` cannot be used");
    return well;
}

/* The name of an option that is not in the range that it has; NULL: none. What a choice's parameters may be is told by whoever reads
   them from a script (study/save.c). */
static const char *option_out_of_range(const struct train_options *options)
{
    return options->epochs > LIMIT_EPOCHS                                             ? "epochs"
           : !(options->schedule.span >= 0 && options->schedule.span <= LIMIT_EPOCHS) ? "schedule"
           : !(options->clip >= 0 && isfinite(options->clip))                         ? "clip"
           : !(options->smoothing >= 0 && options->smoothing < 1)                     ? "smoothing"
           : !(options->noise >= 0 && isfinite(options->noise))                       ? "noise"
           : !(options->l1 >= 0 && isfinite(options->l1))                             ? "l1"
           : !(options->l2 >= 0 && isfinite(options->l2))                             ? "l2"
                                                                                      : NULL;
}

static bool read_options(const struct model_file *file, const struct loss *loss, struct train_options *options, struct diags *diags)
{
    struct json *json = read_note(file, "options", diags);
    const char *name = "epochs";
    *options = train_options_default();
    bool well = json && options_read(json, options, &name);
    if (well && option_out_of_range(options)) {
        name = option_out_of_range(options);
        well = false;
    }
    json_release(json);
    if (well && (options->loss == LOSS_FORMULA) != (loss != NULL)) {
        name = "loss";
        well = false;
    }
    options->formula = loss;
    for (unsigned i = 0; loss && i < loss->param_count; i++)
        options->formula_params[i] = loss->params[i].initial;
    return well || (json && model_file_refuse(file, diags, "its option `%s` cannot be used", name));
}

/* Whether the molecule's head, the target and the loss go together. */
static bool loss_fits(const struct model_file *file, const struct model *model, enum loss_kind loss, struct diags *diags)
{
    struct diags wrong = {0};
    int32_t no_label = 0;
    const struct recipe *recipe = model->recipe;
    const struct prepared no_data = {
        .train = {.labels = recipe->target == TARGET_CLASS ? &no_label : NULL, .width = recipe->width, .outputs = recipe->outputs}};
    struct molecule *fitting = molecule_for_data(model->molecule, &no_data, loss, SPAN_NONE, &wrong);
    if (!fitting)
        model_file_refuse(file, diags, "%s", wrong.count > 0 ? wrong.at[0].message : "its loss does not fit its DNA");
    molecule_release(fitting);
    diags_release(&wrong);
    return fitting;
}

/* Figures that hang together, so that a training can go on from them. */
static bool check_training(const struct model_file *file, const struct training *training, struct diags *diags)
{
    if (training->epochs > LIMIT_EPOCHS || training->best_epoch > training->epochs || isnan(training->state.best_figure))
        return model_file_refuse(file, diags, "its epochs do not hang together");
    if (!(training->state.power1 >= 0 && training->state.power1 <= 1 && training->state.power2 >= 0 && training->state.power2 <= 1))
        return model_file_refuse(file, diags, "the state of its optimiser cannot be used");
    if (!(training->state.schedule.plateau >= 0 && training->state.schedule.plateau <= 1))
        return model_file_refuse(file, diags, "the state of its schedule cannot be used");
    if (!(training->seconds >= 0 && isfinite(training->seconds)))
        return model_file_refuse(file, diags, "its `seconds` are no time");
    return true;
}

static bool read_training(struct filling *filling, const struct elements *elements, const struct loss *loss, struct kept *kept)
{
    const struct model_file *file = filling->file;
    struct json *json = read_note(file, "training", filling->diags);
    struct training figures = {0};
    const char *name = NULL;
    const bool known = json && fields_read(training_fields, json, &figures, &name);
    json_release(json);
    if (!known)
        return json && model_file_refuse(file, filling->diags, "its `training` has no `%s`", name);
    filling->diverged = figures.diverged;
    if (!check_training(file, &figures, filling->diags) || !read_options(file, loss, &kept->options, filling->diags))
        return false;
    struct model *model = read_model(filling, elements);
    if (!model)
        return false;
    struct train_options options = kept->options;
    options.epochs = 0;
    struct training *training = training_new(model, &options, NULL);
    if (!training)
        return diag_out_of_memory(filling->diags, file->span);
    kept->training = training;
    for (const struct figure_field *field = training_fields; field->name; field++)
        memcpy((char *)training + field->offset, (const char *)&figures + field->offset, field_bytes(field));
    if (figures.divergence.gene >= model->molecule->count)
        return model_file_refuse(file, filling->diags, "its divergence is at no layer");
    return loss_fits(file, model, kept->options.loss, filling->diags) && read_state(filling, training) &&
           read_scores(file, training, filling->diags) && read_reports(file, training, filling->diags) &&
           read_data(file, model->recipe, kept, filling->diags) && read_story(file, kept, filling->diags);
}

bool model_file_read(const struct model_file *file, const struct elements *elements, const struct loss *loss, struct kept *kept,
                     struct diags *diags)
{
    struct filling filling = {.file = file, .diags = diags};
    *kept = (struct kept){0};
    bool well = read_training(&filling, elements, loss, kept);
    if (well && filling.used != file->tensors.list.count)
        well = model_file_refuse(file, diags, "it holds tensors that its DNA does not have");
    well = well && keep_text(file, tensors_text(&file->tensors, "name"), &kept->name, diags);
    if (!well)
        kept_release(kept);
    return well;
}
