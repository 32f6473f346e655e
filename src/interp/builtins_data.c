/* Built-ins on data sets: readers, toys, splits, preprocessing, and data made from functions and lists. */
#include <math.h>
#include <stdlib.h>

#include "data/readers.h"
#include "data/toys.h"
#include "interp/builtins.h"
#include "interp/objects.h"
#include "support/file.h"
#include "support/limits.h"
#include "interp/place.h"
#include "support/memory.h"
#include "support/number.h"

struct value value_dataset(struct eval *eval, struct dataset *dataset)
{
    struct value value = dataset ? value_object(eval, sizeof(struct dataset_object), VALUE_DATASET) : value_failed();
    if (failed(value))
        dataset_release(dataset);
    else
        value.dataset->dataset = dataset;
    return value;
}

struct value value_split(struct eval *eval, struct split *split)
{
    struct value value = split ? value_object(eval, sizeof(struct split_object), VALUE_SPLIT) : value_failed();
    if (failed(value))
        split_release(split);
    else
        value.split->split = split;
    return value;
}

static uint64_t seed_of(const struct eval *eval, struct value value)
{
    return value.kind == VALUE_NUMBER ? (uint64_t)value.number : eval->state->seed;
}

/* The one data set of an argument; a split is refused, since the operation would have to know of which part. */
static struct dataset *whole_of(struct eval *eval, const struct args *args, int number)
{
    if (args->at[number].kind == VALUE_DATASET)
        return args->at[number].dataset->dataset;
    eval_error_help(eval, args->span[number], "do this before `split`, or name a part such as `.train`",
                    "this data is split already");
    return NULL;
}

/* ---- the same done to every part of a split ---- */

typedef struct dataset *(*part_change)(struct eval *eval, struct dataset *part, const struct args *args);

static bool change_part(struct eval *eval, struct dataset *part, const struct args *args, part_change change,
                        struct dataset **changed)
{
    *changed = part ? change(eval, part, args) : NULL;
    return !part || *changed;
}

static struct value change_data(struct eval *eval, const struct args *args, part_change change)
{
    if (args->at[0].kind == VALUE_DATASET)
        return value_dataset(eval, change(eval, args->at[0].dataset->dataset, args));
    const struct split *split = args->at[0].split->split;
    struct split *result = mem_alloc(sizeof *result);
    if (!result)
        return eval_out_of_memory(eval, args->call);
    result->references = 1;
    if (change_part(eval, split->train, args, change, &result->train) &&
        change_part(eval, split->validation, args, change, &result->validation) &&
        change_part(eval, split->test, args, change, &result->test))
        return value_split(eval, result);
    split_release(result);
    return value_failed();
}

/* ---- toys ---- */

/* The number of samples asked for; false with a diagnostic where the toy has not so many or so few. */
static bool toy_size(struct eval *eval, const struct toy *toy, double wanted, struct span span, uint32_t *n)
{
    *n = (uint32_t)fmin(wanted, UINT32_MAX);
    if (wanted >= toy->least_n && wanted <= toy->most_n)
        return true;
    eval_error(eval, span, "`%s` has from %s to %s, not %s", toy->name, counted(toy->least_n, "", "").text,
               counted(toy->most_n, "sample", "samples").text, counted(wanted, "", "").text);
    return false;
}

static struct value call_toy(struct eval *eval, const struct builtin *self, const struct args *args)
{
    const struct toy *toy = self->context;
    struct toy_args toy_args = {.n = toy->n, .noise = toy->noise, .seed = eval->state->seed};
    bool well = true;
    for (size_t i = 0; i < self->signature.count; i++) {
        struct str name = self->signature.parameters[i].name;
        if (str_is(name, "n"))
            well = toy_size(eval, toy, args->at[i].number, args->span[i], &toy_args.n);
        else if (str_is(name, "noise"))
            toy_args.noise = args->at[i].number;
        else
            toy_args.seed = seed_of(eval, args->at[i]);
    }
    return well ? value_dataset(eval, toy_make(toy, &toy_args, args->call, eval->diags)) : value_failed();
}

/* "moons(n: count = 200, noise: number = 0.1, seed: whole?)": what the toy takes. */
static void toy_signature(const struct toy *toy, struct text *out)
{
    const char *comma = "";
    text_addf(out, "%s(", toy->name);
    if (toy->n) {
        text_addf(out, "n: count = %u", toy->n);
        comma = ", ";
    }
    if (!isnan(toy->noise)) {
        text_addf(out, "%snoise: number = %g", comma, toy->noise);
        comma = ", ";
    }
    if (toy->random)
        text_addf(out, "%sseed: whole?", comma);
    text_add(out, "): dataset");
}

bool toys_add(struct eval *eval)
{
    struct value listed = value_list(eval);
    bool well = !failed(listed);
    for (size_t i = 0; well && i < toy_count; i++) {
        struct text signature = {0};
        toy_signature(&toys[i], &signature);
        well = !signature.failed && builtin_add(eval, signature.at, toys[i].doc, &toys[i], false, call_toy);
        text_release(&signature);
        struct binding *made = well ? frame_find_here(eval->state->builtins, str_of(toys[i].name)) : NULL;
        if (made && toys[i].listed)
            well = list_add(eval, listed.list, made->value);
    }
    return well && frame_bind(eval, eval->state->builtins, STR("toys"), listed);
}

/* ---- readers ---- */

/* A list of names of columns, each with its place; freed by the caller. */
static bool columns_of(struct eval *eval, struct value list, struct span span, struct column_wish **columns, size_t *count)
{
    *columns = NULL;
    *count = list.kind == VALUE_LIST ? list.list->count : 0;
    if (*count == 0)
        return true;
    *columns = mem_array(*count, sizeof **columns);
    if (!*columns)
        return diag_out_of_memory(eval->diags, span);
    for (size_t i = 0; i < *count; i++) {
        const struct span place = span_of_item(eval, span, i);
        if (list.list->items[i].kind != VALUE_STRING) {
            mem_free(*columns);
            *columns = NULL;
            eval_error_type(eval, place, "the name of a column", list.list->items[i]);
            return false;
        }
        (*columns)[i] = (struct column_wish){string_str(list.list->items[i].string), place};
    }
    return true;
}

static bool missing_of(struct eval *eval, struct value value, struct span span, enum missing_kind *missing)
{
    static const char *const names[] = {"refuse", "mean", "median", "most_common", "zero", "drop"};
    struct str word;
    if (value.kind == VALUE_NONE || !value_word(value, &word))
        return true;
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
        if (str_is(word, names[i])) {
            *missing = (enum missing_kind)i;
            return true;
        }
    eval_error_help(eval, span, "one of refuse, mean, median, most_common, zero, drop", "unknown way `%.*s` to fill missing values",
                    STR_ARG(word));
    return false;
}

/* A path as given or, where no such file is there and it is relative, below $NEL_DATA. False where memory is exhausted. */
static bool data_path(struct eval *eval, const struct args *args, int number, struct text *path)
{
    const char *root = getenv("NEL_DATA"), *given = args->at[number].string->at;
    if (root && given[0] != '/' && !file_exists(given)) {
        text_addf(path, "%s/%s", root, given);
        if (file_exists(text_chars(path)))
            return true;
        text_clear(path); /* the error is to name the path that was written */
    }
    text_add(path, given);
    return !path->failed || diag_out_of_memory(eval->diags, args->call);
}

static struct value call_csv(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct csv_options options = {0};
    struct column_wish *drop = NULL, *categories = NULL;
    if (args->at[1].kind == VALUE_STRING)
        options.target = (struct column_wish){string_str(args->at[1].string), args->span[1]};
    options.no_target = args->at[1].kind == VALUE_BOOL && !args->at[1].boolean;
    struct str kind = {0};
    bool well = columns_of(eval, args->at[2], args->span[2], &drop, &options.drop_count) &&
                columns_of(eval, args->at[3], args->span[3], &categories, &options.category_count) &&
                missing_of(eval, args->at[4], args->span[4], &options.missing);
    if (well && value_word(args->at[5], &kind)) {
        options.classes = str_is(kind, "classes");
        options.values = str_is(kind, "values");
        if (!options.classes && !options.values) {
            eval_error(eval, args->span[5], "`kind` is `classes` or `values`");
            well = false;
        }
    }
    options.drop = drop;
    options.categories = categories;
    struct text path = {0};
    struct dataset *dataset =
        well && data_path(eval, args, 0, &path) ? csv_read(path.at, &options, args->span[0], eval->diags) : NULL;
    text_release(&path);
    mem_free(drop);
    mem_free(categories);
    return value_dataset(eval, dataset);
}

static struct value call_idx(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct text images = {0}, labels = {0};
    struct dataset *dataset = data_path(eval, args, 0, &images) && data_path(eval, args, 1, &labels)
                                  ? idx_read(images.at, labels.at, args->call, eval->diags)
                                  : NULL;
    text_release(&images);
    text_release(&labels);
    return value_dataset(eval, dataset);
}

static struct value call_fann(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct text path = {0};
    struct dataset *dataset = data_path(eval, args, 0, &path) ? fann_read(path.at, args->span[0], eval->diags) : NULL;
    text_release(&path);
    return value_dataset(eval, dataset);
}

static const char *folder_of(const struct args *args)
{
    return args->at[0].kind == VALUE_STRING ? args->at[0].string->at : NULL;
}

static struct value call_mnist(struct eval *eval, const struct builtin *self, const struct args *args)
{
    const char *folder = str_is(self->signature.name, "mnist") ? "mnist" : "fashion-mnist";
    return value_split(eval, mnist_folder(folder_of(args), folder, args->call, eval->diags));
}

static struct value call_cifar10(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return value_split(eval, cifar_folder(folder_of(args), args->call, eval->diags));
}

/* ---- parts and preprocessing ---- */

static struct value call_split(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct dataset *dataset = whole_of(eval, args, 0);
    if (!dataset)
        return value_failed();
    double validation = args->at[2].kind == VALUE_NUMBER ? args->at[2].number : 0;
    return value_split(eval,
                       dataset_split(dataset, args->at[1].number, validation, seed_of(eval, args->at[3]), args->call, eval->diags));
}

static struct value call_parts(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct dataset *part[3] = {0}; /* train, test, validation */
    for (int i = 0; i < 3; i++)
        if ((i < 2 || args->given[i]) && !(part[i] = whole_of(eval, args, i)))
            return value_failed();
    for (int i = 1; i < 3; i++)
        if (part[i] && !dataset_fits(part[0], part[i], args->span[i], eval->diags))
            return value_failed();
    for (int i = 0; i < 3; i++)
        if (part[i])
            dataset_retain(part[i]);
    return value_split(eval, split_join(part[0], part[2], part[1], args->call, eval->diags));
}

static struct dataset *normalize_part(struct eval *eval, struct dataset *part, const struct args *args)
{
    struct recipe_spec spec = part->spec;
    struct str how = {0};
    value_word(args->at[1], &how);
    spec.normalize = str_is(how, "range") ? NORMALIZE_RANGE : NORMALIZE_STANDARD;
    if (!str_is(how, "standard") && !str_is(how, "range")) {
        eval_error(eval, args->span[1], "`how` is `standard` (mean 0, deviation 1) or `range` (0 to 1)");
        return NULL;
    }
    if (args->given[2] || args->given[3]) {
        if (args->at[2].kind != VALUE_NUMBER || args->at[3].kind != VALUE_NUMBER) {
            eval_error(eval, args->call, "give both `mean` and `std`, or neither");
            return NULL;
        }
        spec.normalize = NORMALIZE_FIXED;
        spec.fixed_mean = args->at[2].number;
        spec.fixed_std = args->at[3].number;
    }
    return dataset_with_spec(part, spec, args->call, eval->diags);
}

static struct value call_normalize(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return change_data(eval, args, normalize_part);
}

static struct dataset *reconstruct_part(struct eval *eval, struct dataset *part, const struct args *args)
{
    struct recipe_spec spec = part->spec;
    spec.reconstruct = true;
    return dataset_with_spec(part, spec, args->call, eval->diags);
}

static struct value call_reconstruct(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return change_data(eval, args, reconstruct_part);
}

static struct dataset *one_hot_part(struct eval *eval, struct dataset *part, const struct args *args)
{
    return dataset_one_hot(part, args->call, eval->diags);
}

static struct value call_one_hot(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return change_data(eval, args, one_hot_part);
}

static struct dataset *noise_part(struct eval *eval, struct dataset *part, const struct args *args)
{
    return dataset_noise(part, args->at[1].number, seed_of(eval, args->at[2]), args->call, eval->diags);
}

static struct value call_noise(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    return change_data(eval, args, noise_part);
}

static struct value call_shuffle(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct dataset *dataset = whole_of(eval, args, 0);
    return dataset ? value_dataset(eval, dataset_shuffle(dataset, seed_of(eval, args->at[1]), args->call, eval->diags))
                   : value_failed();
}

/* ---- data made from functions and lists ---- */

/* Most inputs of a truth table: 2^20 rows. */
#define TRUTH_INPUTS 20

/* What a function gives as a class: false and true are 0 and 1. */
static bool class_of(struct eval *eval, struct value value, struct span span, int32_t *label)
{
    if (value.kind == VALUE_BOOL) {
        *label = value.boolean;
        return true;
    }
    if (value.kind == VALUE_NUMBER && value.number >= 0 && value.number < LIMIT_CLASSES && value.number == floor(value.number)) {
        *label = (int32_t)value.number;
        return true;
    }
    if (!failed(value))
        eval_error_type(eval, span, "true, false or the number of a class", value);
    return false;
}

static struct value call_truth(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    if (args->at[0].number > TRUTH_INPUTS)
        return eval_error(eval, args->span[0], "a truth table has at most %d inputs", TRUTH_INPUTS);
    uint32_t inputs = (uint32_t)args->at[0].number, rows = 1u << inputs, classes = 2;
    struct table *table = table_new(rows, inputs, TARGET_CLASS, classes);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    for (uint32_t r = 0; r < rows; r++) {
        struct argument bits[TRUTH_INPUTS];
        for (uint32_t c = 0; c < inputs; c++) {
            bool bit = r >> (inputs - 1 - c) & 1;
            bits[c] = (struct argument){.value = value_bool(bit), .span = args->span[1]};
            table->x[(size_t)r * inputs + c] = bit;
        }
        size_t mark = pool_mark(eval);
        struct value value = call_value(eval, args->at[1], bits, inputs, args->span[1]);
        if (value.kind == VALUE_UNKNOWN) { /* nel check: so are the classes */
            table_release(table);
            return value_unknown_of(VALUE_DATASET);
        }
        bool well = class_of(eval, value, args->span[1], &table->labels[r]);
        pool_drain(eval, mark, value_none());
        if (!well) {
            table_release(table);
            return value_failed();
        }
        if ((uint32_t)table->labels[r] >= classes)
            classes = (uint32_t)table->labels[r] + 1;
    }
    table->outputs = classes;
    return value_dataset(eval, dataset_of(table, "truth"));
}

static bool number_of(struct value value, float *number)
{
    if (value.kind == VALUE_BOOL)
        *number = value.boolean;
    else if (value.kind == VALUE_NUMBER && isfinite(value.number))
        *number = (float)value.number;
    else
        return false;
    return true;
}

static bool value_in(struct eval *eval, struct value value, struct span span, float *number)
{
    if (!number_of(value, number))
        eval_error_type(eval, span, "a finite number", value);
    return number_of(value, number);
}

/* The width of a list of rows: numbers are rows of one value. False with a diagnostic where rows differ. */
static bool rows_width(struct eval *eval, const struct list *rows, struct span span, uint32_t *width)
{
    for (size_t i = 0; i < rows->count; i++) {
        size_t here = rows->items[i].kind == VALUE_LIST ? rows->items[i].list->count : 1;
        if (i > 0 && here != *width) {
            eval_error(eval, span_of_item(eval, span, i), "row %zu has %s, the rows before it %u", i,
                       counted((double)here, "value", "values").text, *width);
            return false;
        }
        if (here == 0 || here > LIMIT_COLUMNS) {
            eval_error(eval, span_of_item(eval, span, i), "row %zu has %s", i, counted((double)here, "value", "values").text);
            return false;
        }
        *width = (uint32_t)here;
    }
    return true;
}

static bool fill_rows(struct eval *eval, const struct list *rows, uint32_t width, struct span span, float *out)
{
    for (size_t i = 0; i < rows->count; i++)
        for (uint32_t c = 0; c < width; c++) {
            struct value item = rows->items[i].kind == VALUE_LIST ? rows->items[i].list->items[c] : rows->items[i];
            if (number_of(item, &out[i * width + c]))
                continue;
            const struct span row = span_of_item(eval, span, i);
            eval_error_type(eval, rows->items[i].kind == VALUE_LIST ? span_of_item(eval, row, c) : row, "a finite number", item);
            return false;
        }
    return true;
}

static int by_text(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* The different texts of `y` in sorted order, views; the caller frees them. NULL with a diagnostic. */
static struct str *texts_sorted(struct eval *eval, const struct list *y, struct span span, uint32_t *count)
{
    struct str *texts = mem_array(y->count, sizeof *texts);
    if (!texts)
        return eval_out_of_memory(eval, span), NULL;
    for (size_t i = 0; i < y->count; i++) {
        if (y->items[i].kind != VALUE_STRING) {
            eval_error_type(eval, span_of_item(eval, span, i), "the name of a class, as the other targets are", y->items[i]);
            mem_free(texts);
            return NULL;
        }
        texts[i] = string_str(y->items[i].string);
    }
    qsort(texts, y->count, sizeof *texts, by_text);
    *count = 0;
    for (size_t i = 0; i < y->count; i++)
        if (*count == 0 || !str_equal(texts[*count - 1], texts[i]))
            texts[(*count)++] = texts[i];
    if (*count >= 2 && *count <= LIMIT_CLASSES)
        return texts;
    eval_error(eval, span, "expected 2 to %s, found %s", counted(LIMIT_CLASSES, "class", "classes").text,
               counted(*count, "", "").text);
    mem_free(texts);
    return NULL;
}

static bool name_classes(struct table *table, const struct str *texts, uint32_t count)
{
    const char **names = mem_array(count, sizeof *names);
    bool well = names != NULL;
    for (uint32_t i = 0; well && i < count; i++)
        well = (names[i] = mem_copy_text(texts[i].at, texts[i].len)) != NULL;
    well = well && table_name_classes(table, names);
    for (uint32_t i = 0; names && i < count; i++)
        mem_free((void *)names[i]);
    mem_free(names);
    return well;
}

/* A data set whose targets are the names of classes. */
static struct table *table_of_names(struct eval *eval, const struct list *y, uint32_t width, const struct args *args)
{
    uint32_t count;
    struct str *texts = texts_sorted(eval, y, args->span[1], &count);
    if (!texts)
        return NULL;
    struct table *table = table_new((uint32_t)y->count, width, TARGET_CLASS, count);
    if (table && !name_classes(table, texts, count)) {
        table_release(table);
        table = NULL;
    }
    for (size_t i = 0; table && i < y->count; i++) {
        const struct str name = string_str(y->items[i].string);
        const struct str *found = bsearch(&name, texts, count, sizeof *texts, by_text);
        table->labels[i] = (int32_t)(found - texts);
    }
    mem_free(texts);
    if (!table)
        eval_out_of_memory(eval, args->call);
    return table;
}

/* Targets are classes where all are true or false, or whole numbers from 0 that `classes: true` says are labels. */
static bool are_classes(const struct list *y, bool wanted)
{
    for (size_t i = 0; i < y->count; i++)
        if (y->items[i].kind != VALUE_BOOL && !wanted)
            return false;
    return true;
}

static bool fill_labels(struct eval *eval, const struct list *y, struct span span, struct table *table)
{
    for (size_t i = 0; i < y->count; i++) {
        if (!class_of(eval, y->items[i], span, &table->labels[i]))
            return false;
        if ((uint32_t)table->labels[i] >= table->outputs)
            table->outputs = (uint32_t)table->labels[i] + 1;
    }
    return true;
}

static struct value call_dataset(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const struct list *x = args->at[0].list, *y = args->at[1].list;
    uint32_t width = 0, outputs = 0;
    if (x->count == 0 || x->count != y->count)
        return eval_error(eval, args->call, "a data set needs as many targets as rows: found %zu rows and %zu targets", x->count,
                          y->count);
    if (!rows_width(eval, x, args->span[0], &width) || !rows_width(eval, y, args->span[1], &outputs))
        return value_failed();
    if ((double)x->count * (width + outputs) > LIMIT_DATA_VALUES)
        return eval_error(eval, args->call, "this data set has more than %zu values", (size_t)LIMIT_DATA_VALUES);
    if (y->items[0].kind == VALUE_STRING) {
        struct table *named = table_of_names(eval, y, width, args);
        if (named && fill_rows(eval, x, width, args->span[0], named->x))
            return value_dataset(eval, dataset_of(named, "dataset"));
        table_release(named);
        return value_failed();
    }
    bool classes = are_classes(y, args->at[2].boolean);
    struct table *table = table_new((uint32_t)x->count, width, classes ? TARGET_CLASS : TARGET_VALUE, classes ? 2 : outputs);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    bool well = fill_rows(eval, x, width, args->span[0], table->x) &&
                (classes ? fill_labels(eval, y, args->span[1], table) : fill_rows(eval, y, outputs, args->span[1], table->y));
    if (well)
        return value_dataset(eval, dataset_of(table, "dataset"));
    table_release(table);
    return value_failed();
}

static struct value call_sampled(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    double from = args->at[1].number, to = args->at[2].number, n = args->at[3].number;
    if (n > LIMIT_DATA_VALUES / 2)
        return eval_error(eval, args->span[3], "`n` is too large");
    struct table *table = table_new((uint32_t)n, 1, TARGET_VALUE, 1);
    if (!table)
        return eval_out_of_memory(eval, args->call);
    for (uint32_t i = 0; i < table->rows; i++) {
        double x = n > 1 ? from + (to - from) * i / (n - 1) : from;
        table->x[i] = (float)x;
        size_t mark = pool_mark(eval);
        struct value y = call_one(eval, args->at[0], value_number(x), args->span[0]);
        bool unknown =
            y.kind == VALUE_UNKNOWN && (y.of == VALUE_NUMBER || y.of == VALUE_UNKNOWN); /* nel check: the shape will do */
        bool well = unknown || (!failed(y) && value_in(eval, y, args->span[0], &table->y[i]));
        pool_drain(eval, mark, value_none());
        if (!well) {
            table_release(table);
            return value_failed();
        }
    }
    return value_dataset(eval, dataset_of(table, "sampled"));
}

const struct builtin_row builtins_data[] = {
    {"csv(path: text, target: any?, drop: list?, categories: list?, missing: word?, kind: word?): dataset",
     "Reads a CSV file with a header line; a relative path is also looked for below `$NEL_DATA`. The target is the last column or "
     "the one named (`false`: none); text columns and those "
     "named in `categories` are one-hot encoded; `missing` fills empty cells: mean, median, most_common, zero or drop.",
     call_csv},
    {"idx(images: text, labels: text): dataset", "Reads IDX images and labels, plain or gzipped, pixels scaled to 0..1.", call_idx},
    {"fann(path: text): dataset", "Reads a training file in FANN's text format.", call_fann},
    {"mnist(folder: text?): split", "MNIST, train and test, from a folder or `$NEL_DATA/mnist`.", call_mnist},
    {"fashion_mnist(folder: text?): split", "Fashion-MNIST, train and test, from a folder or `$NEL_DATA/fashion-mnist`.",
     call_mnist},
    {"cifar10(folder: text?): split", "CIFAR-10's binary batches, train and test, from a folder or `$NEL_DATA/cifar-10`.",
     call_cifar10},
    {"split(data: data, train: share = 80%, validation: share?, seed: whole?): split",
     "Parts of a data set, drawn by chance, stratified where the target is a class: `split(80%)` has `.train` and `.test`, "
     "`split(60%, 20%)` also `.validation`.",
     call_split},
    {"parts(train: data, test: data, validation: data?)",
     "A split made of data sets of the same features and the same kind of target, such as the files of a benchmark.", call_parts},
    {"normalize(data: data, how: word = standard, mean: number?, std: number?)",
     "Scales every feature when a training begins, fitted on its training part: `standard` to mean 0 and deviation 1 (a value "
     "target "
     "too), `range` to 0..1, or by a given mean and std.",
     call_normalize},
    {"reconstruct(data: data)", "The same data with its own features as the target, for autoencoders.", call_reconstruct},
    {"one_hot(data: data)",
     "A class target as one value of 0 or 1 a class. A run on one-hot values has the figures of classes, too: its answer is the "
     "greatest output.",
     call_one_hot},
    {"noise(data: data, sd: number, seed: whole?)", "A copy with Gaussian noise added to every feature.", call_noise},
    {"shuffle(data: data, seed: whole?)", "The same rows in an order drawn by chance.", call_shuffle},
    {"truth(inputs: count, f: function): dataset", "The truth table of a function of so many bits: `truth(2, fn(a, b) = a != b)`.",
     call_truth},
    {"dataset(x: list, y: list, classes: bool = false): dataset",
     "A data set from lists: `x` holds a list of numbers a row, `y` a target a row. Booleans are classes, numbers are values, or "
     "labels with `classes: true`.",
     call_dataset},
    {"sampled(f: function, from: number = 0, to: number = 1, n: count = 200): dataset",
     "A regression task: `n` points evenly spaced, the target is `f(x)`.", call_sampled},
};
const size_t builtins_data_count = sizeof builtins_data / sizeof *builtins_data;
