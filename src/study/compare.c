/* Comparisons of two samples, and of every two groups of a table.

   Many comparisons find differences by chance alone. Bonferroni multiplies each p by their number; Holm (1979) goes through them from
   the least, multiplies by how many are left, and never lets a later one be smaller than an earlier one. The intervals stay those of
   each comparison by itself.

   A paired test of a table pairs rows that agree in every axis but the one compared: the same seed, the same data. */
#include "study/compare.h"

#include <math.h>
#include <stdlib.h>

#include "interp/groups.h"
#include "interp/table.h"
#include "interp/unknown.h"
#include "lab/estimate.h"
#include "support/memory.h"

/* Parameters of the built-in. */
enum { ARG_A, ARG_B, ARG_FIGURE, ARG_BY, ARG_TEST, ARG_ADJUST };

struct sample {
    double *at;
    size_t count;
    bool unknown; /* nel check: the values are not known */
};

static bool word_is_one_of(struct eval *eval, const struct args *args, int number, const char *const *words, int *which)
{
    struct str word = STR("none");
    value_word(args->at[number], &word);
    for (*which = 0; words[*which]; ++*which)
        if (str_is(word, words[*which]))
            return true;
    struct text help = {0};
    for (int i = 0; words[i]; i++)
        text_addf(&help, "%s`%s`", i == 0 ? "one of " : ", ", words[i]);
    eval_error_help(eval, args->span[number], help.at, "unknown choice `%.*s`", STR_ARG(word));
    text_release(&help);
    return false;
}

static bool read_test(struct eval *eval, const struct args *args, bool *paired)
{
    static const char *const tests[] = {"welch", "paired", NULL};
    int which;
    bool well = word_is_one_of(eval, args, ARG_TEST, tests, &which);
    *paired = well && which == 1;
    return well;
}

/* ---- two samples ---- */

static bool sample_of(struct eval *eval, const struct args *args, int number, struct sample *sample)
{
    struct value value = args->at[number];
    if (value.kind != VALUE_ESTIMATE && value.kind != VALUE_LIST && args->at[ARG_FIGURE].kind == VALUE_STRING)
        value = value_path(eval, value, string_str(args->at[ARG_FIGURE].string), args->span[number]);
    if (value.kind == VALUE_ESTIMATE)
        value = value_member(eval, value, STR("values"), args->span[number]);
    enum value_kind kind = value_content(value);
    *sample = (struct sample){0};
    if (value.kind == VALUE_UNKNOWN && (kind == VALUE_ESTIMATE || kind == VALUE_LIST || kind == VALUE_UNKNOWN))
        return sample->unknown = true;
    if (value.kind != VALUE_LIST) {
        if (kind == VALUE_NUMBER)
            eval_error_help(eval, args->span[number], "train with `trials: 5`, say", "one value says nothing about chance");
        else if (kind == VALUE_RUNS || kind == VALUE_RUN)
            eval_error_help(eval, args->call, "`compare(a, b, \"accuracy\")`", "compare which figure of these runs?");
        else if (!failed(value))
            eval_error_type(eval, args->span[number], "runs of several trials, an estimate or a list of numbers", value);
        return false;
    }
    sample->unknown = eval->state->checking && !value_known(value);
    sample->at = mem_array(value.list->count + 1, sizeof *sample->at);
    if (!sample->at)
        return diag_out_of_memory(eval->diags, args->call);
    for (; sample->count < value.list->count; sample->count++)
        if (unknown_number(value.list->items[sample->count]))
            sample->at[sample->count] = NAN;
        else if (!value_as_number(value.list->items[sample->count], &sample->at[sample->count])) {
            eval_error_type(eval, args->span[number], "a list of numbers", value.list->items[sample->count]);
            return false;
        }
    return true;
}

static bool set(struct eval *eval, struct value record, const char *key, double number)
{
    return record_set(eval, record.record, str_of(key), value_number(number));
}

static struct value comparison_record(struct eval *eval, const struct comparison *comparison)
{
    struct value record = value_record(eval);
    bool well = !failed(record) && set(eval, record, "difference", comparison->difference) &&
                set(eval, record, "low", comparison->low) && set(eval, record, "high", comparison->high) &&
                set(eval, record, "p", comparison->p) && set(eval, record, "effect", comparison->effect);
    return well ? record : value_failed();
}

struct value compare_pair(struct eval *eval, const struct args *args)
{
    struct sample a = {0}, b = {0};
    bool paired;
    struct value result = value_failed();
    if (read_test(eval, args, &paired) && sample_of(eval, args, ARG_A, &a) && sample_of(eval, args, ARG_B, &b)) {
        if (a.unknown || b.unknown) {
            struct comparison nothing = {0};
            result = comparison_record(eval, &nothing);
            result = failed(result) ? result : value_like(eval, result);
        } else if (paired && a.count != b.count) {
            eval_error(eval, args->call, "a paired test needs as many values on both sides: there are %zu and %zu", a.count,
                       b.count);
        } else {
            struct comparison comparison =
                paired ? compare_paired(a.at, b.at, a.count) : compare_welch(a.at, a.count, b.at, b.count);
            result = comparison_record(eval, &comparison);
        }
    }
    mem_free(a.at);
    mem_free(b.at);
    return result;
}

/* ---- groups of a table ---- */

/* A figure and what its row is paired by: the number of its other axes' values among all. */
struct figure {
    double value;
    size_t pair;
};

struct side {
    struct figure *at;
    size_t count, cap;
};

struct contest {
    const struct table_object *table;
    size_t by;            /* the column compared */
    struct groups groups; /* its values */
    struct groups pairs;  /* values of the other axes */
    struct side *sides;   /* [groups] */
    size_t side_count;
    bool unknown; /* nel check: the figures, or how many there are, are not known */
};

static bool side_add(struct side *side, struct figure figure)
{
    if (side->count == side->cap) {
        size_t cap = side->cap ? side->cap * 2 : 16;
        struct figure *at = mem_resize(side->at, cap, sizeof *at);
        if (!at)
            return false;
        side->at = at;
        side->cap = cap;
    }
    side->at[side->count++] = figure;
    return true;
}

static void contest_release(struct contest *contest)
{
    for (size_t i = 0; i < contest->side_count; i++)
        mem_free(contest->sides[i].at);
    mem_free(contest->sides);
    groups_release(&contest->groups);
    groups_release(&contest->pairs);
}

/* Numbers the row's group and pair. `keys` has room for every column. */
static bool row_numbers(struct contest *contest, size_t row, struct value *keys, size_t *group, size_t *pair)
{
    const struct value *cells = &contest->table->cells[row * contest->table->columns];
    size_t count = 0;
    for (size_t c = 0; c < contest->table->axes; c++)
        if (c != contest->by)
            keys[count++] = cells[c];
    contest->pairs.key_count = count;
    return groups_number(&contest->groups, &cells[contest->by], group) && groups_number(&contest->pairs, keys, pair);
}

/* Groups that compare may have: each two are compared. */
#define GROUPS_MOST 1000

static bool contest_add(struct eval *eval, struct contest *contest, size_t row, struct str figure, struct span span,
                        struct value *keys)
{
    size_t group, pair;
    if (!row_numbers(contest, row, keys, &group, &pair))
        return diag_out_of_memory(eval->diags, span);
    if (group == GROUPS_MOST) {
        eval_error(eval, span, "there are more than %d groups to compare", GROUPS_MOST);
        return false;
    }
    if (group == contest->side_count) {
        struct side *sides = mem_resize(contest->sides, group + 1, sizeof *sides);
        if (!sides)
            return diag_out_of_memory(eval->diags, span);
        contest->sides = sides;
        contest->sides[contest->side_count++] = (struct side){0};
    }
    struct value cell = table_cell(eval, contest->table, row, figure, span);
    double number = NAN;
    contest->unknown = contest->unknown || unknown_number(cell);
    if (!unknown_number(cell) && !value_as_number(cell, &number)) {
        if (!failed(cell))
            eval_error_type(eval, span, "a column of numbers", cell);
        return false;
    }
    return side_add(&contest->sides[group], (struct figure){number, pair}) || diag_out_of_memory(eval->diags, span);
}

static bool contest_read(struct eval *eval, const struct args *args, struct contest *contest)
{
    struct value *keys = mem_array(contest->table->columns + 1, sizeof *keys);
    bool well = keys || diag_out_of_memory(eval->diags, args->call);
    for (size_t r = 0; well && r < contest->table->rows; r++)
        well = contest_add(eval, contest, r, string_str(args->at[ARG_B].string), args->span[ARG_B], keys);
    mem_free(keys);
    return well;
}

static int by_pair(const void *a, const void *b)
{
    const struct figure *x = a, *y = b;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

/* Both sides' figures in the order of their pairs; pairs that one side lacks are left out. The number of pairs. */
static size_t match(const struct side *a, const struct side *b, double *first, double *second)
{
    size_t count = 0;
    for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
        if (a->at[i].pair == b->at[k].pair) {
            first[count] = a->at[i++].value;
            second[count++] = b->at[k++].value;
        } else if (a->at[i].pair < b->at[k].pair) {
            i++;
        } else {
            k++;
        }
    }
    return count;
}

static bool compare_sides(const struct side *a, const struct side *b, bool paired, struct comparison *comparison)
{
    double *first = mem_array(a->count + 1, sizeof *first), *second = mem_array(b->count + 1, sizeof *second);
    bool well = first && second;
    if (well && paired) {
        size_t count = match(a, b, first, second);
        *comparison = compare_paired(first, second, count);
    } else if (well) {
        for (size_t i = 0; i < a->count; i++)
            first[i] = a->at[i].value;
        for (size_t i = 0; i < b->count; i++)
            second[i] = b->at[i].value;
        *comparison = compare_welch(first, a->count, second, b->count);
    }
    mem_free(first);
    mem_free(second);
    return well;
}

/* ---- many comparisons ---- */

enum adjustment { ADJUST_NONE, ADJUST_BONFERRONI, ADJUST_HOLM };

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (isnan(x->p) || isnan(y->p))
        return isnan(x->p) - isnan(y->p);
    return x->p < y->p ? -1 : x->p > y->p;
}

static bool adjust(struct comparison *comparisons, size_t count, enum adjustment adjustment)
{
    struct ranked *ranked = mem_array(count + 1, sizeof *ranked);
    if (!ranked)
        return false;
    for (size_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){comparisons[i].p, i};
    qsort(ranked, count, sizeof *ranked, by_p);
    double least = 0;
    for (size_t i = 0; i < count && adjustment != ADJUST_NONE; i++) {
        double factor = adjustment == ADJUST_HOLM ? (double)(count - i) : (double)count;
        double p = fmin(1, ranked[i].p * factor);
        if (isnan(ranked[i].p))
            continue;
        least = adjustment == ADJUST_HOLM ? fmax(least, p) : p;
        comparisons[ranked[i].at].p = least;
    }
    mem_free(ranked);
    return true;
}

static struct value comparisons_table(struct eval *eval, const struct contest *contest, const struct comparison *comparisons)
{
    static const char *const names[] = {"a", "b", "difference", "low", "high", "p", "effect"};
    struct value table = value_table(eval, names, sizeof names / sizeof *names);
    size_t next = 0;
    for (size_t a = 0; !failed(table) && a < contest->side_count; a++)
        for (size_t b = a + 1; !failed(table) && b < contest->side_count; b++) {
            const struct comparison *c = &comparisons[next++];
            struct value cells[] = {contest->groups.keys[a], contest->groups.keys[b], value_number(c->difference),
                                    value_number(c->low),    value_number(c->high),   value_number(c->p),
                                    value_number(c->effect)};
            if (!table_add_row(eval, table.table, cells))
                table = value_failed();
        }
    if (!failed(table))
        table.table->axes = 2;
    return table;
}

/* nel check: a row for all that there may be. */
static struct value comparisons_unknown(struct eval *eval, const struct contest *contest)
{
    struct comparison nothing = {0};
    struct contest pair = {.groups = contest->groups, .side_count = 2};
    struct value table = contest->side_count < 2 ? value_none() : comparisons_table(eval, &pair, &nothing);
    return table.kind != VALUE_TABLE ? (failed(table) ? table : value_unknown_of(VALUE_TABLE)) : table_open(eval, table.table);
}

static struct value compare_groups(struct eval *eval, const struct args *args, struct contest *contest, bool paired,
                                   enum adjustment adjustment)
{
    size_t count = contest->side_count * (contest->side_count - 1) / 2, next = 0;
    if (contest->side_count < 2)
        return eval_error(eval, args->span[ARG_BY], "there is only one group: nothing to compare");
    struct comparison *comparisons = mem_array(count, sizeof *comparisons);
    bool well = comparisons;
    for (size_t i = 0; i < contest->side_count; i++)
        qsort(contest->sides[i].at, contest->sides[i].count, sizeof *contest->sides[i].at, by_pair);
    for (size_t a = 0; well && a < contest->side_count; a++)
        for (size_t b = a + 1; well && b < contest->side_count; b++)
            well = compare_sides(&contest->sides[a], &contest->sides[b], paired, &comparisons[next++]);
    well = well && adjust(comparisons, count, adjustment);
    struct value table = well ? comparisons_table(eval, contest, comparisons) : eval_out_of_memory(eval, args->call);
    mem_free(comparisons);
    return table;
}

struct value compare_table(struct eval *eval, const struct args *args)
{
    static const char *const adjustments[] = {"none", "bonferroni", "holm", NULL};
    bool paired;
    int adjustment;
    struct str by;
    if (!read_test(eval, args, &paired) || !word_is_one_of(eval, args, ARG_ADJUST, adjustments, &adjustment))
        return value_failed();
    if (args->at[ARG_B].kind != VALUE_STRING || !value_word(args->at[ARG_BY], &by))
        return eval_error_help(eval, args->call, "`compare(table, \"accuracy\", by: \"act\")`",
                               "a table is compared by a figure and a column of groups");
    int column = table_column_named(eval, args->at[ARG_A].table, by, args->span[ARG_BY]);
    if (column < 0)
        return value_failed();
    struct contest contest = {.table = args->at[ARG_A].table, .by = (size_t)column, .groups.key_count = 1};
    if (paired && contest.table->axes < 2)
        return eval_error_help(eval, args->span[ARG_TEST], "a sweep's table says which rows belong together, by its other axes",
                               "this table does not say which rows are pairs");
    struct value result = value_failed();
    if (contest_read(eval, args, &contest))
        result = contest.unknown || contest.table->open ? comparisons_unknown(eval, &contest)
                                                        : compare_groups(eval, args, &contest, paired, (enum adjustment)adjustment);
    contest_release(&contest);
    return result;
}
