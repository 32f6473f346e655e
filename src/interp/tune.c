/* See tune.h. Every combination of choices is read as `train` would read it, once, before anything is trained: a wrong value in a list is
   told where it stands, and the search itself deals in numbers. */
#include "interp/tune.h"

#include "interp/place.h"
#include "support/memory.h"

/* Options that can evolve: they change nothing about data, molecule or what is measured. */
static bool may_evolve(struct str name)
{
    static const char *const names[] = {"epochs",    "batch",   "optimizer", "schedule", "clip",
                                        "smoothing", "shuffle", "noise",     "l1",       "l2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

/* More than anybody will try. */
#define VARIANTS_MOST 10000

static bool add_gene(struct eval *eval, const struct field *field, struct span span, struct tuning *tuning)
{
    const size_t count = field->value.list->count;
    if (count == 0 || tuning->gene_count == TRAINING_GENES_MOST || count > VARIANTS_MOST / tuning->variant_count) {
        const struct span at = span_of_field(eval, span, string_str(field->key));
        if (count == 0)
            eval_error(eval, at, "there is no value to choose from");
        else
            eval_error(eval, at, "at most %d options of `train` can be lists, of %d combinations in all", TRAINING_GENES_MOST,
                       VARIANTS_MOST);
        return false;
    }
    tuning->names[tuning->gene_count] = field->key->at;
    tuning->gene_sizes[tuning->gene_count++] = (uint32_t)count;
    tuning->variant_count *= (uint32_t)count;
    return true;
}

struct value tuning_record(struct eval *eval, const struct tuning *tuning, uint32_t variant)
{
    struct value record = value_record(eval);
    for (uint32_t i = 0; !failed(record) && i < tuning->gene_count; variant /= tuning->gene_sizes[i++]) {
        const struct str name = str_of(tuning->names[i]);
        const struct value *list = record_get(tuning->given, name);
        if (!record_set(eval, record.record, name, list->list->items[variant % tuning->gene_sizes[i]]))
            return value_failed();
    }
    return record;
}

/* The record with the choices of a variant in the place of the lists. */
static struct value whole_record(struct eval *eval, const struct tuning *tuning, uint32_t variant)
{
    struct value record = value_record(eval), choices = tuning_record(eval, tuning, variant);
    if (failed(record) || failed(choices))
        return value_failed();
    for (size_t i = 0; i < tuning->given->count; i++) {
        const struct field *field = &tuning->given->fields[i];
        const struct value *choice = record_get(choices.record, string_str(field->key));
        if (!record_set(eval, record.record, string_str(field->key), choice ? *choice : field->value))
            return value_failed();
    }
    return record;
}

static bool read_variants(struct eval *eval, struct span span, struct tuning *tuning)
{
    tuning->variants = mem_array(tuning->variant_count, sizeof *tuning->variants);
    if (!tuning->variants)
        return diag_out_of_memory(eval->diags, span);
    for (uint32_t i = 0; i < tuning->variant_count; i++) {
        struct lesson lesson;
        const size_t mark = pool_mark(eval);
        struct value record = whole_record(eval, tuning, i);
        const bool well = !failed(record) && lesson_of_record(eval, record, span, &lesson);
        tuning->variants[i] = lesson.options;
        pool_drain(eval, mark, value_none());
        if (!well)
            return false;
    }
    tuning->first = whole_record(eval, tuning, 0);
    return !failed(tuning->first);
}

bool tuning_read(struct eval *eval, struct value train, struct span span, struct tuning *tuning)
{
    *tuning = (struct tuning){.first = train, .variant_count = 1};
    for (size_t i = 0; train.kind == VALUE_RECORD && i < train.record->count; i++) {
        const struct field *field = &train.record->fields[i];
        if (field->value.kind == VALUE_LIST && may_evolve(string_str(field->key)) && !add_gene(eval, field, span, tuning))
            return false;
    }
    if (tuning->gene_count == 0) {
        tuning->variant_count = 0;
        return true;
    }
    tuning->given = train.record;
    return read_variants(eval, span, tuning);
}

void tuning_release(struct tuning *tuning)
{
    mem_free(tuning->variants);
}
