/* Built-ins on data sets: readers, toys, splits and preprocessing. */
#include <math.h>
#include <stdlib.h>

#include "data/readers.h"
#include "data/toys.h"
#include "interp/objects.h"
#include "interp/place.h"
#include "library/builtins.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

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
};
const size_t builtins_data_count = sizeof builtins_data / sizeof *builtins_data;
