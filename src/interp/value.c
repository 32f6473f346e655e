/* Values: counting, making, changing while new.

   Letting go does not recurse. A script can nest lists, records and closures as deep as memory allows, so an object whose last
   reference is gone is put on a list of doomed ones, and the outermost value_release takes them apart one after the other; what they
   held joins the list in turn. The list belongs to the thread, and it is empty whenever value_release has returned. Its links lie in a
   field of the doomed object that is of no use any more. */
#include "interp/value.h"

#include <string.h>

#include "engine/report.h"
#include "interp/objects.h"
#include "interp/spec.h"
#include "lab/estimate.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- counting ---- */

struct value value_retain(struct value value)
{
    if (VALUE_IS_OBJECT(value))
        value.object->references++;
    return value;
}

static _Thread_local struct object *doomed;
static _Thread_local bool releasing;

/* Where a doomed object that holds others keeps its link; NULL for kinds that hold none and can go at once. */
static struct object **doomed_link(struct object *object)
{
    _Static_assert(sizeof(size_t) == sizeof(struct object *), "a capacity's place can hold a link");
    switch ((enum value_kind)object->kind) {
    case VALUE_LIST:
        return (void *)&((struct list *)object)->cap;
    case VALUE_RECORD:
        return (void *)&((struct record *)object)->cap;
    case VALUE_TABLE:
        return (void *)&((struct table_object *)object)->cap;
    case VALUE_FUNCTION:
        return (void *)&((struct function *)object)->node;
    case VALUE_RULE:
        return (void *)&((struct rule *)object)->node;
    case VALUE_GROWTH:
        return (void *)&((struct growth *)object)->node;
    case VALUE_SPEC:
        return (void *)&((struct spec *)object)->family;
    default:
        return NULL;
    }
}

static void release_string(struct string *string)
{
    if (string)
        value_release((struct value){.kind = VALUE_STRING, .string = string});
}

static void release_list(struct list *list)
{
    if (list)
        value_release((struct value){.kind = VALUE_LIST, .list = list});
}

static void release_run(struct run *run)
{
    if (run)
        value_release((struct value){.kind = VALUE_RUN, .run = run});
}

static void destroy_record(struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        release_string(record->fields[i].key);
        value_release(record->fields[i].value);
    }
    mem_free(record->fields);
}

static void destroy_table(struct table_object *table)
{
    for (size_t c = 0; table->names && c < table->columns; c++)
        release_string(table->names[c]);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        value_release(table->cells[i]);
    mem_free(table->names);
    mem_free(table->cells);
}

static void destroy_run(struct run *run)
{
    training_release(run->training);
    growth_release(run->growth);
    if (run->prepared)
        prepared_release(run->prepared);
    molecule_release(run->molecule);
    release_list(run->snapshots);
    if (run->data)
        mem_free(run->data->class_weights);
    mem_free(run->data);
    release_string(run->name);
    release_string(run->data_name);
}

static void destroy_ensemble(struct ensemble *ensemble)
{
    for (size_t i = 0; i < ensemble->count; i++)
        release_run(ensemble->members[i]);
    mem_free(ensemble->members);
    mem_free(ensemble->weights);
    for (int set = 0; set < SET_COUNT; set++) {
        mem_free(ensemble->own[set]);
        report_release(ensemble->reports[set]);
    }
}

static void destroy_evolution(struct evolution_object *object)
{
    if (object->evolution)
        evolution_release(object->evolution);
    if (object->prepared)
        prepared_release(object->prepared);
    value_release(object->best);
    value_release(object->front);
    value_release(object->train);
    if (object->mutate)
        value_release((struct value){.kind = VALUE_RECORD, .record = object->mutate});
}

static void release_frame(struct frame *frame)
{
    if (frame)
        frame_release(frame);
}

static void destroy_collection(struct value value)
{
    switch (value.kind) {
    case VALUE_LIST:
        for (size_t i = 0; i < value.list->count; i++)
            value_release(value.list->items[i]);
        mem_free(value.list->items);
        break;
    case VALUE_RECORD:
        destroy_record(value.record);
        break;
    case VALUE_TABLE:
        destroy_table(value.table);
        break;
    case VALUE_SPEC:
        if (value.spec->fields)
            value_release((struct value){.kind = VALUE_RECORD, .record = value.spec->fields});
        break;
    case VALUE_RUNS:
        for (size_t i = 0; i < value.runs->count; i++)
            release_run(value.runs->items[i]);
        mem_free(value.runs->items);
        break;
    case VALUE_ENSEMBLE:
        destroy_ensemble(value.ensemble);
        break;
    default:
        break;
    }
}

/* What wraps something of the floors below, and what was made from source. */
static void destroy_wrapper(struct value value)
{
    switch (value.kind) {
    case VALUE_FUNCTION:
        if (value.function->frame)
            value.function->frame->closures--;
        release_frame(value.function->frame);
        break;
    case VALUE_ELEMENT:
        weights_release(value.element->layer.weights);
        break;
    case VALUE_BUILTIN:
        signature_release(&value.builtin->signature);
        value_release(value.builtin->bound);
        break;
    case VALUE_RULE:
        if (value.rule->pattern)
            pattern_release(value.rule->pattern);
        release_frame(value.rule->frame);
        break;
    case VALUE_GROWTH:
        release_frame(value.growth->frame);
        break;
    case VALUE_MOLECULE:
        molecule_release(value.molecule->molecule);
        release_string(value.molecule->name);
        release_run(value.molecule->run);
        break;
    case VALUE_DATASET:
        if (value.dataset->dataset)
            dataset_release(value.dataset->dataset);
        break;
    case VALUE_SPLIT:
        if (value.split->split)
            split_release(value.split->split);
        break;
    case VALUE_MODEL:
        if (value.model->model)
            model_release(value.model->model);
        release_run(value.model->run);
        break;
    case VALUE_RUN:
        destroy_run(value.run);
        break;
    case VALUE_EVOLUTION:
        destroy_evolution(value.evolution);
        break;
    default:
        break;
    }
}

static void destroy(struct object *object)
{
    struct value value = {.kind = object->kind, .object = object};
    destroy_collection(value);
    destroy_wrapper(value);
    mem_free(object);
}

void value_release(struct value value)
{
    if (!VALUE_IS_OBJECT(value))
        return;
    if (value.kind == VALUE_MODULE) {
        frame_release(value.module);
        return;
    }
    if (--value.object->references > 0)
        return;
    struct object **link = doomed_link(value.object);
    if (!link) {
        destroy(value.object);
        return;
    }
    *link = doomed;
    doomed = value.object;
    if (releasing)
        return;
    releasing = true;
    while (doomed) {
        struct object *object = doomed;
        doomed = *doomed_link(object);
        destroy(object);
    }
    releasing = false;
}

/* ---- making ---- */

struct value value_object(struct eval *eval, size_t size, enum value_kind kind)
{
    struct object *object = mem_alloc(size);
    if (!object)
        return eval_out_of_memory(eval, SPAN_NONE);
    object->references = 1;
    object->kind = (uint8_t)kind;
    if (!pool_add(eval, object))
        return value_failed();
    return (struct value){.kind = kind, .object = object};
}

struct value value_string(struct eval *eval, struct str text)
{
    if (text.len > LIMIT_STRING_BYTES)
        return eval_error(eval, SPAN_NONE, "this text would have %s; a text has at most %s",
                          counted((double)text.len, "byte", "bytes").text, counted(LIMIT_STRING_BYTES, "", "").text);
    struct value value = value_object(eval, sizeof(struct string) + text.len + 1, VALUE_STRING);
    if (failed(value))
        return value;
    value.string->len = text.len;
    if (text.len)
        memcpy(value.string->at, text.at, text.len);
    return value;
}

struct value value_text(struct eval *eval, struct text *text)
{
    struct value value = text->failed ? eval_out_of_memory(eval, SPAN_NONE) : value_string(eval, text_str(text));
    text_release(text);
    return value;
}

struct value value_list(struct eval *eval)
{
    return value_object(eval, sizeof(struct list), VALUE_LIST);
}

struct value value_record(struct eval *eval)
{
    return value_object(eval, sizeof(struct record), VALUE_RECORD);
}

struct value value_estimate(struct eval *eval, const double *values, size_t count)
{
    struct value value = value_object(eval, sizeof(struct estimate_object) + count * sizeof *values, VALUE_ESTIMATE);
    if (failed(value))
        return value;
    value.estimate->count = count;
    if (count)
        memcpy(value.estimate->values, values, count * sizeof *values);
    return value;
}

/* A string that belongs to whoever asked, not to the pool; NULL where memory is exhausted. */
static struct string *string_new(struct str text)
{
    struct string *string = mem_alloc(sizeof *string + text.len + 1);
    if (!string)
        return NULL;
    string->object.references = 1;
    string->object.kind = VALUE_STRING;
    string->len = text.len;
    if (text.len)
        memcpy(string->at, text.at, text.len);
    return string;
}

struct value value_table(struct eval *eval, const char *const *names, size_t columns)
{
    struct value value = value_object(eval, sizeof(struct table_object), VALUE_TABLE);
    if (failed(value))
        return value;
    struct table_object *table = value.table;
    table->names = mem_array(columns ? columns : 1, sizeof *table->names);
    if (!table->names)
        return eval_out_of_memory(eval, SPAN_NONE);
    for (; table->columns < columns; table->columns++) {
        table->names[table->columns] = string_new(str_of(names[table->columns]));
        if (!table->names[table->columns])
            return eval_out_of_memory(eval, SPAN_NONE);
    }
    return value;
}

/* ---- changing while new ---- */

bool list_add(struct eval *eval, struct list *list, struct value item)
{
    if (list->count == LIMIT_LIST_ITEMS) {
        eval_error(eval, SPAN_NONE, "a list has at most %s", counted(LIMIT_LIST_ITEMS, "item", "items").text);
        return false;
    }
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        struct value *items = mem_resize(list->items, cap, sizeof *items);
        if (!items)
            return diag_out_of_memory(eval->diags, SPAN_NONE);
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = value_retain(item);
    return true;
}

static struct field *find_field(const struct record *record, struct str key)
{
    for (size_t i = 0; i < record->count; i++)
        if (str_equal(string_str(record->fields[i].key), key))
            return &record->fields[i];
    return NULL;
}

static bool record_grow(struct eval *eval, struct record *record)
{
    if (record->count == LIMIT_RECORD_FIELDS) {
        eval_error(eval, SPAN_NONE, "a record has at most %s", counted(LIMIT_RECORD_FIELDS, "field", "fields").text);
        return false;
    }
    if (record->count < record->cap)
        return true;
    size_t cap = record->cap ? record->cap * 2 : 4;
    struct field *fields = mem_resize(record->fields, cap, sizeof *fields);
    if (!fields)
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    record->fields = fields;
    record->cap = cap;
    return true;
}

bool record_set(struct eval *eval, struct record *record, struct str key, struct value value)
{
    struct field *field = find_field(record, key);
    if (field) {
        struct value before = field->value;
        field->value = value_retain(value);
        value_release(before);
        return true;
    }
    if (!record_grow(eval, record))
        return false;
    struct string *name = string_new(key);
    if (!name)
        return diag_out_of_memory(eval->diags, SPAN_NONE);
    record->fields[record->count++] = (struct field){name, value_retain(value)};
    return true;
}

bool table_add_row(struct eval *eval, struct table_object *table, const struct value *cells)
{
    if ((table->rows + 1) * table->columns > LIMIT_LIST_ITEMS) {
        eval_error(eval, SPAN_NONE, "a table has at most %s", counted(LIMIT_LIST_ITEMS, "cell", "cells").text);
        return false;
    }
    if (table->rows == table->cap) {
        size_t cap = table->cap ? table->cap * 2 : 8;
        struct value *grown = mem_resize(table->cells, cap * (table->columns ? table->columns : 1), sizeof *grown);
        if (!grown)
            return diag_out_of_memory(eval->diags, SPAN_NONE);
        table->cells = grown;
        table->cap = cap;
    }
    for (size_t c = 0; c < table->columns; c++)
        table->cells[table->rows * table->columns + c] = value_retain(cells[c]);
    table->rows++;
    return true;
}

/* ---- looking in ---- */

const struct value *record_get(const struct record *record, struct str key)
{
    const struct field *field = find_field(record, key);
    return field ? &field->value : NULL;
}

int table_column(const struct table_object *table, struct str name)
{
    for (size_t c = 0; c < table->columns; c++)
        if (str_equal(string_str(table->names[c]), name))
            return (int)c;
    return -1;
}

struct str string_str(const struct string *string)
{
    return (struct str){string->at, string->len};
}

bool value_word(struct value value, struct str *word)
{
    switch (value.kind) {
    case VALUE_STRING:
    case VALUE_WORD:
        *word = string_str(value.string);
        return true;
    case VALUE_ELEMENT:
        *word = str_of(value.element->element->name);
        return true;
    case VALUE_BUILTIN:
        *word = value.builtin->signature.name;
        return true;
    case VALUE_FUNCTION: /* a declared one may have the name of a word: `siren` of the standard library */
        *word = value.function->name;
        return word->len > 0;
    default:
        return false;
    }
}

bool value_as_number(struct value value, double *number)
{
    if (value.kind == VALUE_NUMBER)
        *number = value.number;
    else if (value.kind == VALUE_ESTIMATE)
        *number = estimate_of(value.estimate->values, value.estimate->count).mean;
    else
        return false;
    return true;
}

/* ---- names of kinds ---- */

static const struct {
    const char *name, *article;
} kind_names[] = {
    [VALUE_FAILED] = {"nothing", "nothing"},
    [VALUE_NONE] = {"none", "none"},
    [VALUE_BOOL] = {"true or false", "true or false"},
    [VALUE_NUMBER] = {"number", "a number"},
    [VALUE_UNKNOWN] = {"figure", "a figure that only a training tells"},
    [VALUE_STRING] = {"text", "a text"},
    [VALUE_WORD] = {"word", "a word"},
    [VALUE_LIST] = {"list", "a list"},
    [VALUE_RECORD] = {"record", "a record"},
    [VALUE_ESTIMATE] = {"estimate", "an estimate"},
    [VALUE_FUNCTION] = {"function", "a function"},
    [VALUE_BUILTIN] = {"built-in function", "a built-in function"},
    [VALUE_SPEC] = {"option", "an option"},
    [VALUE_ELEMENT] = {"element", "an element"},
    [VALUE_MOLECULE] = {"molecule", "a molecule"},
    [VALUE_DATASET] = {"data set", "a data set"},
    [VALUE_SPLIT] = {"split data set", "a split data set"},
    [VALUE_MODEL] = {"model", "a model"},
    [VALUE_RUN] = {"run", "a run"},
    [VALUE_RUNS] = {"run of several trials", "a run of several trials"},
    [VALUE_ENSEMBLE] = {"ensemble", "an ensemble"},
    [VALUE_TABLE] = {"table", "a table"},
    [VALUE_RULE] = {"rule", "a rule"},
    [VALUE_GROWTH] = {"growth policy", "a growth policy"},
    [VALUE_EVOLUTION] = {"evolution", "an evolution"},
    [VALUE_MODULE] = {"module", "a module"},
};

const char *value_kind_name(enum value_kind kind)
{
    return kind_names[kind].name;
}

const char *value_kind_article(enum value_kind kind)
{
    return kind_names[kind].article;
}

const char *value_article(struct value value)
{
    if (value_is_action(value))
        return "an action";
    return value_kind_article(spec_row_of(value) ? VALUE_SPEC : value_content(value));
}
