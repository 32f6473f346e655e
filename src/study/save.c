/* Runs kept in files: `save` and `load`, and what `continue` needs to know of a run that was loaded. The bytes are export/model_file's
   business; here are the elements that a file declares, and the data that it does not hold. */
#include "study/save.h"

#include <math.h>
#include <string.h>

#include "engine/choices.h"
#include "engine/plan.h"
#include "engine/report.h"
#include "interp/module.h"
#include "study/learn.h"
#include "study/several.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"

/* ---- saving ---- */

struct data_note prepared_note(const struct prepared *prepared)
{
    return (struct data_note){.hash = prepared_hash(prepared),
                              .share = prepared->share,
                              .seed = prepared->seed,
                              .fold = prepared->fold,
                              .class_weights = prepared->class_weights,
                              .classes = prepared->class_weights ? prepared->train.outputs : 0};
}

struct data_note run_data_note(const struct run *run)
{
    return run->prepared ? prepared_note(run->prepared) : run->data ? *run->data : (struct data_note){0};
}

bool save_path_check(struct eval *eval, struct str path, struct span span)
{
    const size_t length = strlen(SAVE_ENDING);
    if (path.len > length && memcmp(path.at + path.len - length, SAVE_ENDING, length) == 0)
        return true;
    eval_error_help(eval, span, "such as \"net" SAVE_ENDING "\"", "the name of a model's file ends in `" SAVE_ENDING "`");
    return false;
}

bool run_save(struct eval *eval, const struct run *run, struct text *out, struct span span)
{
    if (run->prepared && !training_report_all(run->training, run->prepared))
        return diag_out_of_memory(eval->diags, span);
    const struct kept kept = {.training = run->training,
                              .options = run->options,
                              .name = run->name ? run->name->at : NULL,
                              .data_name = run->data_name ? run->data_name->at : NULL,
                              .data = run_data_note(run),
                              .story = run->growth ? run->growth->story : NULL,
                              .rounds = run->growth ? run->growth->rounds : 0};
    return model_file_write(&kept, out, span, eval->diags);
}

bool saved_store(struct eval *eval, struct value value, struct span value_span, const char *path, struct span span)
{
    struct text bytes = {0};
    const bool several = value.kind == VALUE_RUNS || value.kind == VALUE_ENSEMBLE;
    const struct run *run = several ? NULL : run_of(eval, value, value_span);
    const bool well = (several ? several_save(eval, value, &bytes, span) : run && run_save(eval, run, &bytes, span)) &&
                      file_write(path, text_str(&bytes), eval->diags, span);
    text_release(&bytes);
    return well;
}

/* Whether the value can be saved, as far as nel check knows it. */
static bool can_be_saved(struct eval *eval, struct value value, struct span span)
{
    const enum value_kind kind = value_content(value);
    if (kind == VALUE_RUNS || kind == VALUE_ENSEMBLE)
        return true;
    if (kind != VALUE_RUN && kind != VALUE_MODEL && kind != VALUE_EVOLUTION && kind != VALUE_UNKNOWN)
        return eval_error_type(eval, span, "a run, trials or an ensemble", value), false;
    return true;
}

static struct value call_save(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    if (args->at[1].kind == VALUE_STRING && !save_path_check(eval, string_str(args->at[1].string), args->span[1]))
        return value_failed();
    const bool well =
        can_be_saved(eval, args->at[0], args->span[0]) &&
        (eval->state->checking || saved_store(eval, args->at[0], args->span[0], args->at[1].string->at, args->span[1]));
    return well ? value_none() : value_failed();
}

/* ---- what a file declares ---- */

/* The element that reads like this among those of a table; NULL: none. */
static const struct element *declared_so(const struct elements *elements, const char *declaration)
{
    const struct element *found = NULL;
    for (size_t i = elements->count; !found && i-- > 0;) {
        struct text line = {0};
        element_declaration(elements->at[i], &line);
        if (strcmp(text_chars(&line), declaration) == 0)
            found = elements->at[i];
        text_release(&line);
    }
    return found;
}

/* A file declares elements and a loss, with numbers for defaults, and nothing else: nothing in it is evaluated. */
static bool only_declares(const struct node *program, enum node_kind kind)
{
    if (program->count != 1 || program->items[0]->kind != kind)
        return false;
    const bool element = kind == NODE_ELEMENT; /* its x has no default */
    const struct node *params = program->items[0]->items[element ? 1 : 0];
    for (uint32_t i = element ? 1 : 0; i < params->count; i++) {
        const struct node *initial = params->items[i]->count > 0 ? params->items[i]->items[0] : NULL;
        if (initial && initial->kind == NODE_UNARY && initial->op == OP_NEGATE)
            initial = initial->items[0];
        if (!initial || initial->kind != NODE_NUMBER)
            return false;
    }
    return true;
}

/* What is declared, `element` or `loss`, is kept apart from the session's own. False with a diagnostic. */
static bool declare_apart(struct eval *eval, const struct model_file *file, enum node_kind kind, const char *declaration)
{
    struct nel_state *state = eval->state;
    struct diags wrong = {0}, *diags = eval->diags;
    bool well = false;
    eval->diags = &wrong;
    const struct node *program = source_read(eval, file->path, str_of(declaration));
    const bool declares = program && wrong.errors == 0 && only_declares(program, kind);
    memset(state->loaded.by_symbol, 0, sizeof state->loaded.by_symbol); /* two files may give one symbol to different elements */
    if (declares && kind == NODE_ELEMENT)
        well = element_add(eval, program->items[0], &state->loaded);
    else if (declares)
        well = loss_add(eval, program->items[0], &state->loaded_losses);
    eval->diags = diags;
    if (!well)
        model_file_refuse(file, diags, "its %s `%.100s` cannot be used%s%s", kind == NODE_ELEMENT ? "element" : "loss", declaration,
                          wrong.count > 0 ? ": " : "", wrong.count > 0 ? wrong.at[0].message : "");
    diags_release(&wrong);
    return well;
}

/* The elements that the file means: a table that only borrows them. False with a diagnostic. */
static bool elements_of_file(struct eval *eval, const struct model_file *file, struct elements *view)
{
    for (uint32_t i = 0; i < file->declaration_count; i++) {
        const char *declaration = file->declarations[i];
        const struct element *element = declared_so(&eval->state->elements, declaration);
        if (!element)
            element = declared_so(&eval->state->loaded, declaration);
        if (!element && !declare_apart(eval, file, NODE_ELEMENT, declaration))
            return false;
        elements_borrow(view, element ? element : eval->state->loaded.at[eval->state->loaded.count - 1]);
    }
    return true;
}

/* The loss that the file declares, in *loss; NULL where it declares none. False with a diagnostic. */
static bool loss_of_file(struct eval *eval, const struct model_file *file, const struct loss **loss)
{
    const struct losses *loaded = &eval->state->loaded_losses;
    for (size_t i = loaded->count; file->loss && !*loss && i-- > 0;) {
        struct text line = {0};
        loss_declaration(loaded->at[i], NULL, &line);
        if (strcmp(text_chars(&line), file->loss) == 0)
            *loss = loaded->at[i];
        text_release(&line);
    }
    if (!file->loss || *loss)
        return true;
    if (!declare_apart(eval, file, NODE_LOSS, file->loss))
        return false;
    *loss = loaded->at[loaded->count - 1];
    return true;
}

/* ---- what a file was trained with ---- */

/* Whether the parameters of a choice are such as a script may give it: those of `adam` what the signature of `adam` says. Choices that
   nobody can write have none to check. */
static bool choice_holds(struct eval *eval, const struct model_file *file, const char *family, const char *name,
                         const struct train_options *options)
{
    const struct binding *binding = frame_find_here(eval->state->builtins, str_of(name));
    const struct signature *signature = binding && spec_row_of(binding->value) ? &binding->value.builtin->signature : NULL;
    for (size_t i = 0; signature && i < signature->count; i++) {
        const struct parameter *parameter = &signature->parameters[i];
        const struct choice_field *field = choice_field_find(family, parameter->name);
        const double value = field ? choice_field_get(options, field) : 0;
        if (field && !(isfinite(value) && number_fits(value, parameter->type)))
            return model_file_refuse(file, eval->diags, "its option `%s.%.*s` cannot be used", family, STR_ARG(parameter->name));
    }
    return true;
}

static bool choices_hold(struct eval *eval, const struct model_file *file, const struct train_options *options)
{
    bool well = options->patience == 0 || choice_holds(eval, file, "stop", "patience", options);
    for (size_t i = 0; well && i < choice_family_count; i++)
        well = choice_holds(eval, file, choice_families[i].name, choice_name(options, &choice_families[i]), options);
    return well;
}

/* ---- loading ---- */

static struct string *name_of(struct eval *eval, const char *name)
{
    struct value value = name ? value_string(eval, str_of(name)) : value_none();
    return value.kind == VALUE_STRING ? value_retain(value).string : NULL;
}

/* The epochs that the file has snapshots of, or will have. */
static struct list *snapshots_of(struct eval *eval, const struct training *training)
{
    struct value list = value_list(eval);
    for (uint32_t i = 0; !failed(list) && i < training->snapshot_count; i++)
        if (!list_add(eval, list.list, value_number(training->snapshots[i].epoch)))
            return NULL;
    return failed(list) ? NULL : value_retain(list).list;
}

/* Takes over what was kept. */
static struct value run_of_kept(struct eval *eval, struct kept *kept)
{
    struct value value = value_object(eval, sizeof(struct run), VALUE_RUN);
    struct data_note *data = mem_alloc(sizeof *data);
    if (failed(value) || !data) {
        mem_free(data);
        kept_release(kept);
        return failed(value) ? value : eval_out_of_memory(eval, SPAN_NONE);
    }
    struct run *run = value.run;
    *data = kept->data;
    run->training = kept->training;
    run->molecule = molecule_retain(kept->training->model->molecule);
    run->options = kept->options;
    run->data = data;
    run->params = (double)kept->training->params;
    run->flops = kept->training->flops;
    run->past = kept->training->epochs > 0 && kept->training->state.step == 0;
    run->snapshots = snapshots_of(eval, kept->training);
    run->name = name_of(eval, kept->name);
    run->data_name = name_of(eval, kept->data_name);
    run->grown = kept->story;
    run->growth = kept->story ? growth_told(kept->story, kept->rounds) : NULL;
    kept->training = NULL;
    kept->data.class_weights = NULL;
    kept->story = NULL;
    kept->rounds = 0;
    kept_release(kept);
    return run->grown && !run->growth ? eval_out_of_memory(eval, SPAN_NONE) : value;
}

struct value run_of_bytes(struct eval *eval, struct str bytes, const char *path, struct span span)
{
    struct model_file file = {0};
    struct elements view = {0};
    struct kept kept = {0};
    const struct loss *loss = NULL;
    const bool well = model_file_open(&file, bytes, path, span, eval->diags) && elements_of_file(eval, &file, &view) &&
                      loss_of_file(eval, &file, &loss) && model_file_read(&file, &view, loss, &kept, eval->diags);
    const bool holds = well && choices_hold(eval, &file, &kept.options);
    model_file_close(&file);
    if (well && !holds)
        kept_release(&kept);
    return holds ? run_of_kept(eval, &kept) : value_failed();
}

static struct value load(struct eval *eval, const char *path, struct span span,
                         struct value (*read)(struct eval *eval, struct str bytes, const char *path, struct span span))
{
    struct text bytes = {0};
    struct value value = value_failed();
    if (file_read(path, LIMIT_MODEL_BYTES, &bytes, eval->diags, span))
        value = read(eval, text_str(&bytes), path, span);
    text_release(&bytes);
    return value;
}

struct value run_load(struct eval *eval, const char *path, struct span span)
{
    return load(eval, path, span, run_of_bytes);
}

struct value saved_load(struct eval *eval, const char *path, struct span span)
{
    return load(eval, path, span, saved_of_bytes);
}

static struct value call_load(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    if (args->at[0].kind == VALUE_STRING && !save_path_check(eval, string_str(args->at[0].string), args->span[0]))
        return value_failed();
    if (args->at[0].kind != VALUE_STRING || eval->state->checking)
        return value_unknown_of(VALUE_UNKNOWN); /* a run, several, or an ensemble: that is in the file */
    return saved_load(eval, args->at[0].string->at, args->span[0]);
}

/* ---- data for one that was loaded ---- */

/* The parts of the data as the run had them: of a cross-validation's, the fold again, from the whole data set. Takes `split` over. */
static struct split *fold_again(struct eval *eval, struct split *split, const struct fold *fold, struct span span)
{
    if (!split || fold->of == 0 || split->validation || split->test)
        return split;
    struct split *again = dataset_fold(split->train, fold->of, fold->number - 1, fold->seed, span, eval->diags);
    split_release(split);
    return again;
}

struct prepared *run_prepare(struct eval *eval, const struct run *run, struct value data, struct span span)
{
    data = data_of_value(eval, data, run->options.seed, span);
    struct split *split = failed(data) || data.kind == VALUE_UNKNOWN ? NULL : split_of_data(eval, data, span);
    const struct data_note note = run_data_note(run);
    split = fold_again(eval, split, &note.fold, span);
    struct prepared *prepared = split ? prepare(split, note.share, note.seed, span, eval->diags) : NULL;
    split_release(split);
    if (!prepared)
        return NULL;
    if (note.class_weights && prepared->train.labels && prepared->train.outputs == note.classes) {
        prepared->class_weights = mem_array(note.classes, sizeof *prepared->class_weights);
        if (prepared->class_weights)
            memcpy(prepared->class_weights, note.class_weights, note.classes * sizeof *prepared->class_weights);
    }
    if (prepared_hash(prepared) == note.hash && run->training->state.position <= prepared->train.count)
        return prepared;
    prepared_release(prepared);
    eval_error_help(eval, span, "`train` begins a training with the weights of any run, on any data",
                    "this is not the data that the run was trained on");
    return NULL;
}

const struct builtin_row builtins_save[] = {
    {"save(run: any, to: text): none",
     "Writes a run to a file in the format safetensors, `save(run, to: \"net.safetensors\")`: its weights, which any reader of the "
     "format can use, and in the metadata molecule, elements, preprocessing, class names, options and the state of the training. "
     "The runs of several trials or folds, and an ensemble, go into one file, too. The file is whole or not there: an old one of "
     "that name stays until the new one is on disk.",
     call_save},
    {"load(path: text): any",
     "What is in a file that `save` wrote: a run, the runs of trials or folds, or an ensemble. It predicts and shows as it did; "
     "its "
     "data is not in the file. Elements come with the file: where the session has others of the same name, the model goes by the "
     "file's.",
     call_load},
};
const size_t builtins_save_count = sizeof builtins_save / sizeof *builtins_save;
