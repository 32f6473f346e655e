/* FANN's training files: the number of patterns, inputs and outputs, then for each pattern its inputs and its outputs, all numbers
   with white space between (line ends have no meaning of their own, but messages name lines). */
#include <string.h>

#include "data/cell.h"
#include "data/readers.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"

struct fann {
    const char *name;
    struct span span;
    struct diags *diags;
    const char *at, *end;
    uint32_t line;
    uint32_t patterns, inputs, outputs;
};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next word, "" at the end of the file. */
static struct str word_take(struct fann *fann)
{
    for (; fann->at < fann->end && is_space(*fann->at); fann->at++)
        fann->line += *fann->at == '\n';
    const char *start = fann->at;
    while (fann->at < fann->end && !is_space(*fann->at))
        fann->at++;
    return (struct str){start, (size_t)(fann->at - start)};
}

/* The error for a word that is not the number it should be; `what` is "output 2 of pattern 7". */
static bool word_refuse(struct fann *fann, struct str word, const char *what, const char *why)
{
    struct text shown = {0};
    if (word.len == 0) {
        diag_error(fann->diags, fann->span, "%s:%u: the file ends before %s", fann->name, fann->line, what);
    } else {
        cell_show(&shown, word);
        diag_error(fann->diags, fann->span, "%s:%u: %s is %s, %s", fann->name, fann->line, what, text_chars(&shown), why);
    }
    text_release(&shown);
    return false;
}

static bool count_take(struct fann *fann, const char *what, uint32_t *count)
{
    struct str word = word_take(fann);
    double value;
    if (!cell_number(word, &value) || !(value >= 1 && value <= (double)LIMIT_DATA_VALUES) || value != (uint32_t)value)
        return word_refuse(fann, word, what, "which is not a sensible count");
    *count = (uint32_t)value;
    return true;
}

static bool header_take(struct fann *fann)
{
    if (!count_take(fann, "the number of patterns", &fann->patterns) || !count_take(fann, "the number of inputs", &fann->inputs) ||
        !count_take(fann, "the number of outputs", &fann->outputs))
        return false;
    uint64_t width = (uint64_t)fann->inputs + fann->outputs;
    if (!table_size_allowed(fann->name, fann->patterns, width, fann->span, fann->diags))
        return false;
    /* Each number takes a digit and a separator. */
    uint64_t values = fann->patterns * width, bytes = (uint64_t)(fann->end - fann->at);
    if (values > bytes / 2) {
        diag_error(fann->diags, fann->span, "%s: the file is too short for %u patterns of %u inputs and %u outputs", fann->name,
                   fann->patterns, fann->inputs, fann->outputs);
        return false;
    }
    return true;
}

static bool number_take(struct fann *fann, const char *kind, uint32_t number, uint32_t pattern, float *out)
{
    struct str word = word_take(fann);
    double value;
    bool read = cell_number(word, &value);
    if (read && cell_fits(value)) {
        *out = (float)value;
        return true;
    }
    struct text what = {0};
    text_addf(&what, "%s %u of pattern %u", kind, number + 1, pattern + 1);
    word_refuse(fann, word, text_chars(&what), read ? "which is too large" : "which is not a number");
    text_release(&what);
    return false;
}

static bool patterns_take(struct fann *fann, struct table *table)
{
    for (uint32_t p = 0; p < fann->patterns; p++) {
        for (uint32_t i = 0; i < fann->inputs; i++)
            if (!number_take(fann, "input", i, p, &table->x[(size_t)p * fann->inputs + i]))
                return false;
        for (uint32_t o = 0; o < fann->outputs; o++)
            if (!number_take(fann, "output", o, p, &table->y[(size_t)p * fann->outputs + o]))
                return false;
    }
    struct str rest = word_take(fann);
    if (rest.len == 0)
        return true;
    diag_error(fann->diags, fann->span, "%s:%u: more follows behind the last of %u patterns", fann->name, fann->line,
               fann->patterns);
    return false;
}

/* The class that outputs [count] stand for: the one that is 1 where all others are 0, or a single 0 or 1; -1 for none. */
static int32_t class_of(const float *outputs, uint32_t count)
{
    int32_t found = -1;
    if (count == 1)
        return outputs[0] == 0 ? 0 : outputs[0] == 1 ? 1 : -1;
    for (uint32_t i = 0; i < count; i++)
        if (outputs[i] == 1 && found < 0)
            found = (int32_t)i;
        else if (outputs[i] != 0)
            return -1;
    return found;
}

static bool rows_are_classes(const struct table *table)
{
    for (uint32_t i = 0; i < table->rows; i++)
        if (class_of(table->y + (size_t)i * table->outputs, table->outputs) < 0)
            return false;
    return true;
}

/* Makes labels of a table's values; false where memory is exhausted. */
static bool labels_make(struct table *table)
{
    table->labels = mem_array(table->rows, sizeof *table->labels);
    if (!table->labels || !table_name_target(table, STR("class")))
        return false;
    for (uint32_t i = 0; i < table->rows; i++)
        table->labels[i] = class_of(table->y + (size_t)i * table->outputs, table->outputs);
    mem_free(table->y);
    table->y = NULL;
    table->target = TARGET_CLASS;
    table->outputs = table->outputs == 1 ? 2 : table->outputs;
    return true;
}

struct dataset *fann_decode(struct str bytes, const char *name, struct span span, struct diags *diags)
{
    struct fann fann = {.name = name, .span = span, .diags = diags, .at = bytes.at, .end = bytes.at + bytes.len, .line = 1};
    if (!header_take(&fann))
        return NULL;
    struct table *table = table_new(fann.patterns, fann.inputs, TARGET_VALUE, fann.outputs);
    if (!table) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    if (!patterns_take(&fann, table)) {
        table_release(table);
        return NULL;
    }
    bool finished = !rows_are_classes(table) || labels_make(table);
    struct dataset *dataset = finished ? dataset_of(table_retain(table), name) : NULL;
    table_release(table);
    if (!dataset)
        diag_out_of_memory(diags, span);
    return dataset;
}

struct dataset *fann_read(const char *path, struct span span, struct diags *diags)
{
    struct text bytes = {0};
    struct dataset *dataset = NULL;
    if (file_read(path, LIMIT_DATA_BYTES, &bytes, diags, span))
        dataset = fann_decode(text_str(&bytes), basename(path), span, diags);
    text_release(&bytes);
    return dataset;
}
