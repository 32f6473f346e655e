/* What makes a session work: texts, names, calls, trainings, predictions, files. */
#include <string.h>

#include "api/api.h"
#include "molecule/dna.h"
#include "study/learn.h"
#include "study/predict.h"
#include "study/save.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"
#include "syntax/parse.h"

/* ---- texts ---- */

nel_value *nel_evaluate(nel_session *session, const char *name, const char *text)
{
    struct work work;
    if (!name || !text)
        return &failure_null;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    return work_end(&work, state_value(&work.eval, name, str_of(text)));
}

nel_value *nel_evaluate_file(nel_session *session, const char *path)
{
    struct work work;
    if (!path)
        return &failure_null;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    struct text text = {0};
    struct value value = value_failed();
    if (file_read(path, LIMIT_SOURCE_BYTES, &text, &work.diags, SPAN_NONE))
        value = state_value(&work.eval, path, text_str(&text));
    text_release(&text);
    return work_end(&work, value);
}

/* ---- names ---- */

static struct value value_named(struct work *work, const char *name)
{
    struct binding *binding = frame_find(work->eval.frame, str_of(name));
    return binding ? binding->value : work_error(work, "there is no name `%s` here", name);
}

nel_value *nel_get(nel_session *session, const char *name)
{
    struct work work;
    if (!name)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    return work_end(&work, value_named(&work, name));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Whether a script can write this name. */
static bool is_name(const char *name)
{
    size_t length = 0;
    while (is_letter(name[length]) || (length > 0 && name[length] >= '0' && name[length] <= '9'))
        length++;
    bool well = length > 0 && name[length] == '\0';
    for (const char *const *word = parse_hard_words; well && *word; word++)
        well = strcmp(*word, name) != 0;
    return well;
}

static struct value bind(struct work *work, const char *name, struct value value)
{
    if (!is_name(name))
        return work_error(work, "`%s` is not a name: letters, digits and `_`, and no word of the language", name);
    struct str kept = session_name(work->session, name);
    if (!kept.len)
        return eval_out_of_memory(&work->eval, SPAN_NONE);
    return frame_bind(&work->eval, work->eval.frame, kept, value) ? value_none() : value_failed();
}

nel_value *nel_set(nel_session *session, const char *name, nel_value *value)
{
    struct work work;
    nel_value *unfit = name ? values_unfit(session, &value, 1) : &failure_null;
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    return work_end(&work, bind(&work, name, value->value));
}

/* ---- calls ---- */

static struct value call(struct work *work, struct value callee, nel_value *const *values, size_t count, const nel_value *named)
{
    const struct record *record = named ? named->value.record : NULL;
    if (named && named->value.kind != VALUE_RECORD)
        return work_error(work, "named arguments come as a record, not as %s", value_kind_article(named->value.kind));
    size_t total = count + (record ? record->count : 0);
    struct argument *arguments = mem_array(total, sizeof *arguments);
    if (!arguments)
        return eval_out_of_memory(&work->eval, SPAN_NONE);
    for (size_t i = 0; i < total; i++)
        arguments[i] = i < count ? (struct argument){.value = values[i]->value}
                                 : (struct argument){.label = string_str(record->fields[i - count].key),
                                                     .value = record->fields[i - count].value};
    struct value value = call_value(&work->eval, callee, arguments, total, SPAN_NONE);
    mem_free(arguments);
    return value;
}

static nel_value *arguments_unfit(const nel_session *session, nel_value *const *arguments, size_t count, nel_value *named)
{
    nel_value *unfit = values_unfit(session, arguments, count);
    return unfit ? unfit : values_unfit(session, &named, named ? 1 : 0);
}

nel_value *nel_call(nel_session *session, const char *name, nel_value *const *arguments, size_t count, nel_value *named)
{
    struct work work;
    nel_value *unfit = name ? arguments_unfit(session, arguments, count, named) : &failure_null;
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    struct value callee = value_named(&work, name);
    return work_end(&work, failed(callee) ? callee : call(&work, callee, arguments, count, named));
}

nel_value *nel_apply(nel_value *function, nel_value *const *arguments, size_t count, nel_value *named)
{
    struct work work;
    nel_session *session = function ? function->session : NULL;
    nel_value *unfit = values_unfit(session, &function, 1);
    unfit = unfit ? unfit : arguments_unfit(session, arguments, count, named);
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    return work_end(&work, call(&work, function->value, arguments, count, named));
}

/* ---- trainings and predictions ---- */

/* A text stands for the molecule whose DNA it is. */
static struct value molecule_given(struct work *work, struct value value)
{
    if (value.kind != VALUE_STRING)
        return value;
    struct argument dna = {.value = value};
    return call_value(&work->eval, value_named(work, "molecule_of"), &dna, 1, SPAN_NONE);
}

nel_value *nel_train(nel_value *molecule, nel_value *data, nel_value *options)
{
    struct work work;
    nel_session *session = molecule ? molecule->session : NULL;
    nel_value *const given[] = {molecule, data, options};
    nel_value *unfit = values_unfit(session, given, options ? 3 : 2);
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    const struct training_wish wish = {.molecule = molecule_given(&work, molecule->value),
                                       .data = data->value,
                                       .options = options ? options->value : value_none(),
                                       .data_span = SPAN_NONE,
                                       .options_span = SPAN_NONE};
    return work_end(&work, failed(wish.molecule) ? wish.molecule : train_value(&work.eval, &wish));
}

static bool predict(struct work *work, struct value run, const float *features, size_t rows, size_t columns, float *out,
                    size_t size)
{
    struct predictor trained;
    if (!predictor_of(&work->eval, run, SPAN_NONE, &trained))
        return false;
    size_t width = predictor_width(&trained);
    if (rows > size / width) {
        work_error(work, "%zu rows of %zu outputs do not fit into room for %zu", rows, width, size);
        return false;
    }
    return predict_rows(&work->eval, &trained, features, rows, columns, out);
}

nel_value *nel_predict(nel_value *run, const float *features, size_t rows, size_t columns, float *out, size_t size)
{
    struct work work;
    nel_session *session = run ? run->session : NULL;
    nel_value *unfit = rows > 0 && (!features || !out) ? &failure_null : values_unfit(session, &run, 1);
    if (unfit)
        return unfit;
    if (!work_begin(&work, session, WORK_STOPPABLE))
        return work.refused;
    bool well = predict(&work, run->value, features, rows, columns, out, size);
    return work_end(&work, well ? value_none() : value_failed());
}

size_t nel_outputs(nel_value *run)
{
    struct work work;
    if (!run || !work_begin(&work, run->session, WORK_PLAIN))
        return 0;
    struct predictor trained;
    const bool answers = !failed(run->value) && predictor_of(&work.eval, run->value, SPAN_NONE, &trained);
    size_t width = answers ? predictor_width(&trained) : 0;
    work_close(&work);
    return width;
}

/* ---- runs in files ---- */

nel_value *nel_save(nel_value *run, const char *path)
{
    struct work work;
    nel_value *unfit = path ? values_unfit(run ? run->session : NULL, &run, 1) : &failure_null;
    if (unfit)
        return unfit;
    if (!work_begin(&work, run->session, WORK_PLAIN))
        return work.refused;
    const bool well =
        save_path_check(&work.eval, str_of(path), SPAN_NONE) && saved_store(&work.eval, run->value, SPAN_NONE, path, SPAN_NONE);
    return work_end(&work, well ? value_none() : value_failed());
}

nel_value *nel_load(nel_session *session, const char *path)
{
    struct work work;
    if (!path)
        return &failure_null;
    if (!work_begin(&work, session, WORK_PLAIN))
        return work.refused;
    const bool named = save_path_check(&work.eval, str_of(path), SPAN_NONE);
    return work_end(&work, named ? saved_load(&work.eval, path, SPAN_NONE) : value_failed());
}
