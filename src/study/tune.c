/* See tune.h. Every combination of choices is read as `train` would read it, once, before anything is trained: a wrong value in a list is
   told where it stands, and the search itself deals in numbers. */
#include "study/tune.h"

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
        const struct value *list = record_get(tuning->given.record, name);
        if (!record_set(eval, record.record, name, list->list->items[variant % tuning->gene_sizes[i]]))
            return value_failed();
    }
    return record;
}

/* Sets the fields of `from`, a record or anything else, in `record`. */
static bool overlay(struct eval *eval, struct value record, struct value from)
{
    for (size_t i = 0; from.kind == VALUE_RECORD && i < from.record->count; i++)
        if (!record_set(eval, record.record, string_str(from.record->fields[i].key), from.record->fields[i].value))
            return false;
    return true;
}

struct value tuning_whole(struct eval *eval, const struct tuning *tuning, uint32_t variant, struct value over)
{
    struct value record = value_record(eval);
    const bool well = !failed(record) && overlay(eval, record, tuning->given) &&
                      overlay(eval, record, tuning_record(eval, tuning, variant)) && overlay(eval, record, over);
    return well ? record : value_failed();
}

static bool read_variants(struct eval *eval, struct span span, struct tuning *tuning)
{
    tuning->variants = mem_array(tuning->variant_count, sizeof *tuning->variants);
    if (!tuning->variants)
        return diag_out_of_memory(eval->diags, span);
    for (uint32_t i = 0; i < tuning->variant_count; i++) {
        struct lesson lesson;
        const size_t mark = pool_mark(eval);
        struct value record = tuning_whole(eval, tuning, i, value_none());
        const bool well = !failed(record) && lesson_of_record(eval, record, span, &lesson);
        tuning->variants[i] = lesson.options;
        pool_drain(eval, mark, value_none());
        if (!well)
            return false;
    }
    tuning->first = tuning_whole(eval, tuning, 0, value_none());
    return !failed(tuning->first);
}

bool tuning_read(struct eval *eval, struct value train, struct span span, struct tuning *tuning)
{
    *tuning = (struct tuning){.first = train, .given = train, .variant_count = 1};
    for (size_t i = 0; train.kind == VALUE_RECORD && i < train.record->count; i++) {
        const struct field *field = &train.record->fields[i];
        if (field->value.kind == VALUE_LIST && may_evolve(string_str(field->key)) && !add_gene(eval, field, span, tuning))
            return false;
    }
    if (tuning->gene_count == 0) {
        tuning->variant_count = 0;
        return true;
    }
    return read_variants(eval, span, tuning);
}

void tuning_release(struct tuning *tuning)
{
    mem_free(tuning->variants);
}
