/* Figures of runs by name, and the tables that tell of trainings, growth and evolution. A figure without a set is that of the most
   honest set there is: test, else validation, else training. */
#include <math.h>
#include <stddef.h>

#include "interp/objects.h"
#include "interp/unknown.h"
#include "molecule/dna.h"
#include "support/memory.h"

const char *const run_figures[] = {"accuracy", "loss", "r2", "mse", "mae", "epochs", "params", "flops", "diverged", NULL};

/* Figures of one set. */
static const struct {
    const char *name;
    size_t offset;
} score_rows[] = {
    {"accuracy", offsetof(struct scores, accuracy)}, {"loss", offsetof(struct scores, loss)}, {"r2", offsetof(struct scores, r2)},
    {"mse", offsetof(struct scores, mse)},           {"mae", offsetof(struct scores, mae)},
};
#define SCORE_ROWS (sizeof score_rows / sizeof *score_rows)

static double score_at(const struct scores *scores, size_t row)
{
    return *(const double *)((const char *)scores + score_rows[row].offset);
}

static const struct scores *honest_scores(const struct training *training)
{
    return training->test.count ? &training->test : training->validation.count ? &training->validation : &training->train;
}

static const struct scores *scores_of(const struct training *training, struct str set)
{
    return str_is(set, "test") ? &training->test : str_is(set, "validation") ? &training->validation : &training->train;
}

bool run_figure(const struct run *run, struct str name, double *figure)
{
    const struct training *training = run->training;
    for (size_t i = 0; i < SCORE_ROWS; i++)
        if (str_is(name, score_rows[i].name)) {
            *figure = training ? score_at(honest_scores(training), i) : NAN;
            return true;
        }
    if (str_is(name, "params"))
        *figure = run->params;
    else if (str_is(name, "flops"))
        *figure = run->flops;
    else if (str_is(name, "epochs"))
        *figure = training ? (double)training->epochs : NAN;
    else if (str_is(name, "seconds"))
        *figure = training ? training->seconds : NAN;
    else if (str_is(name, "diverged"))
        *figure = training ? (double)training->diverged : NAN;
    else
        return false;
    return true;
}

bool run_figure_known(const struct run *run, struct str name)
{
    return run->training || (run->molecule && (str_is(name, "params") || str_is(name, "flops")));
}

bool run_figure_applies(const struct run *run, struct str name)
{
    if (!run->prepared) /* nel check: any may apply */
        return true;
    bool classes = run->prepared->train.labels;
    bool of_values = str_is(name, "r2") || str_is(name, "mse") || str_is(name, "mae");
    return str_is(name, "accuracy") ? classes : !of_values || !classes;
}

/* ---- over trials ---- */

static struct value estimate_of_trials(struct eval *eval, struct run *const *runs, size_t count,
                                       double (*figure)(const struct run *run, const void *context), const void *context)
{
    double *values = mem_array(count, sizeof *values);
    if (!values)
        return eval_out_of_memory(eval, SPAN_NONE);
    for (size_t i = 0; i < count; i++)
        values[i] = figure(runs[i], context);
    struct value value = value_estimate(eval, values, count);
    mem_free(values);
    return value;
}

static double figure_named(const struct run *run, const void *name)
{
    double figure = NAN;
    run_figure(run, *(const struct str *)name, &figure);
    return figure;
}

struct value runs_figure(struct eval *eval, const struct runs *runs, struct str name)
{
    double figure;
    if (!run_figure(runs->items[0], name, &figure))
        return value_none();
    return estimate_of_trials(eval, runs->items, runs->count, figure_named, &name);
}

struct score_wish {
    struct str set;
    size_t row;
};

static double figure_of_set(const struct run *run, const void *context)
{
    const struct score_wish *wish = context;
    return score_at(scores_of(run->training, wish->set), wish->row);
}

/* nel check: the same of runs that were not trained; their data tells which sets and which figures there are. */
static struct value scores_unknown(struct eval *eval, const struct run *run, size_t count, struct str set)
{
    const struct prepared *data = run->prepared;
    if (!data)
        return value_unknown_of(VALUE_RECORD);
    const struct samples *samples = str_is(set, "test")         ? &data->test
                                    : str_is(set, "validation") ? &data->validation
                                                                : &data->train;
    if (samples->count == 0)
        return value_none();
    struct value record = value_record(eval);
    for (size_t i = 0; !failed(record) && i < SCORE_ROWS; i++) {
        struct str name = str_of(score_rows[i].name);
        struct value score = value_unknown_of(count == 1 ? VALUE_NUMBER : VALUE_ESTIMATE);
        if (run_figure_applies(run, name) && !record_set(eval, record.record, name, score))
            return value_failed();
    }
    bool well = !failed(record) && record_set(eval, record.record, STR("count"), value_unknown_of(VALUE_NUMBER));
    return well ? record : value_failed();
}

struct value runs_scores(struct eval *eval, struct run *const *runs, size_t count, struct str set)
{
    if (!runs[0]->training)
        return scores_unknown(eval, runs[0], count, set);
    if (scores_of(runs[0]->training, set)->count == 0)
        return value_none();
    struct value record = value_record(eval);
    for (size_t i = 0; !failed(record) && i < SCORE_ROWS; i++) {
        struct score_wish wish = {set, i};
        if (!run_figure_applies(runs[0], str_of(score_rows[i].name)))
            continue;
        struct value value =
            count == 1 ? value_number(figure_of_set(runs[0], &wish)) : estimate_of_trials(eval, runs, count, figure_of_set, &wish);
        if (failed(value) || !record_set(eval, record.record, str_of(score_rows[i].name), value))
            return value_failed();
    }
    if (!failed(record) && !record_set(eval, record.record, STR("count"), value_number(scores_of(runs[0]->training, set)->count)))
        return value_failed();
    return record;
}

/* ---- tables ---- */

/* nel check: a table that only a training fills, with one row of unknowns for all that it may have. */
static struct value table_unknown(struct eval *eval, const char *const *names, size_t columns)
{
    struct value table = value_table(eval, names, columns);
    struct value row = failed(table) ? table : value_list(eval);
    for (size_t c = 0; !failed(row) && c < columns; c++) {
        struct str name = str_of(names[c]);
        bool text = str_is(name, "what") || str_is(name, "by") || str_is(name, "dna");
        if (!list_add(eval, row.list, value_unknown_of(text ? VALUE_STRING : VALUE_NUMBER)))
            return value_failed();
    }
    if (failed(row) || !table_add_row(eval, table.table, row.list->items))
        return value_failed();
    table.table->open = true;
    return table;
}

static const struct {
    const char *name;
    size_t offset;
} history_columns[] = {
    {"loss", offsetof(struct history_row, loss)},
    {"accuracy", offsetof(struct history_row, accuracy)},
    {"validation.loss", offsetof(struct history_row, validation_loss)},
    {"validation.accuracy", offsetof(struct history_row, validation_accuracy)},
};
#define HISTORY_COLUMNS (sizeof history_columns / sizeof *history_columns)

static double history_at(const struct history_row *row, size_t column)
{
    return *(const double *)((const char *)row + history_columns[column].offset);
}

static bool history_has(const struct run *run, size_t column)
{
    const struct training *training = run->training;
    if (!training) /* nel check: as its data says */
        return !run->prepared ||
               ((column % 2 == 0 || run->prepared->train.labels) && (column < 2 || run->prepared->validation.count));
    for (uint32_t i = 0; i < training->epochs; i++)
        if (!isnan(history_at(&training->history[i], column)))
            return true;
    return false;
}

struct value run_history(struct eval *eval, const struct run *run)
{
    const struct training *training = run->training;
    const char *names[1 + HISTORY_COLUMNS] = {"epoch"};
    size_t column_of[1 + HISTORY_COLUMNS], columns = 1;
    for (size_t c = 0; c < HISTORY_COLUMNS; c++)
        if (history_has(run, c)) {
            column_of[columns] = c;
            names[columns++] = history_columns[c].name;
        }
    if (!training)
        return table_unknown(eval, names, columns);
    struct value table = value_table(eval, names, columns);
    for (uint32_t i = 0; !failed(table) && i < training->epochs; i++) {
        struct value cells[1 + HISTORY_COLUMNS] = {value_number(training->history[i].epoch)};
        for (size_t c = 1; c < columns; c++)
            cells[c] = value_number(history_at(&training->history[i], column_of[c]));
        if (!table_add_row(eval, table.table, cells))
            return value_failed();
    }
    return table;
}

struct value grown_story(struct eval *eval, const struct grown *grown)
{
    static const char *const names[] = {"round",    "epoch",        "what",           "params",
                                        "accuracy", "params_after", "accuracy_after", "difference"};
    if (!grown->result)
        return table_unknown(eval, names, sizeof names / sizeof *names);
    struct value table = value_table(eval, names, sizeof names / sizeof *names);
    for (size_t i = 0; !failed(table) && i < grown->result->rounds; i++) {
        const struct story_row *row = &grown->result->story[i];
        struct value what = value_string(eval, str_of(row->what ? row->what : ""));
        struct value cells[] = {
            value_number(row->round),          value_number(row->epoch),           what,
            value_number(row->params_before),  value_number(row->accuracy_before), value_number(row->params_after),
            value_number(row->accuracy_after), value_number(row->difference)};
        if (failed(what) || !table_add_row(eval, table.table, cells))
            return value_failed();
    }
    return table;
}

struct value evolution_history(struct eval *eval, const struct evolution *evolution)
{
    static const char *const names[] = {"generation", "best", "mean", "worst", "distinct", "trained"};
    if (!evolution)
        return table_unknown(eval, names, sizeof names / sizeof *names);
    struct value table = value_table(eval, names, sizeof names / sizeof *names);
    for (uint32_t i = 0; !failed(table) && evolution->history && i <= evolution->generations; i++) {
        const struct generation_row *row = &evolution->history[i];
        struct value cells[] = {value_number(row->generation), value_number(row->best),     value_number(row->mean),
                                value_number(row->worst),      value_number(row->distinct), value_number(row->trained)};
        if (!table_add_row(eval, table.table, cells))
            return value_failed();
    }
    return table;
}

static struct value dna_value(struct eval *eval, const struct molecule *molecule)
{
    struct text text = {0};
    dna_encode(molecule, &text);
    return value_text(eval, &text);
}

static bool add_ancestor(struct eval *eval, struct table_object *table, const struct individual *one)
{
    struct value by = value_string(eval, str_of(one->by ? one->by : "founder"));
    struct value dna = dna_value(eval, one->molecule);
    if (failed(by) || failed(dna))
        return false;
    struct value cells[] = {value_number(one->generation), by, dna, value_number(one->fitness), value_number(one->params)};
    return table_add_row(eval, table, cells);
}

struct value evolution_lineage(struct eval *eval, const struct evolution *evolution)
{
    static const char *const names[] = {"generation", "by", "dna", "fitness", "params"};
    if (!evolution)
        return table_unknown(eval, names, sizeof names / sizeof *names);
    struct value table = value_table(eval, names, sizeof names / sizeof *names);
    if (failed(table) || evolution->count == 0)
        return table;
    size_t *line = mem_array(evolution->count, sizeof *line);
    if (!line)
        return eval_out_of_memory(eval, SPAN_NONE);
    size_t length = 0;
    for (int64_t at = (int64_t)evolution->best; at >= 0 && length < evolution->count; at = evolution->everyone[at].parent)
        line[length++] = (size_t)at;
    while (length > 0 && !failed(table))
        if (!add_ancestor(eval, table.table, &evolution->everyone[line[--length]]))
            table = value_failed();
    mem_free(line);
    return table;
}
