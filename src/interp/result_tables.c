/* Tables that tell of trainings, growth and evolution, row by row. */
#include <math.h>
#include <stddef.h>

#include "interp/table.h"
#include "interp/unknown.h"
#include "molecule/dna.h"
#include "support/memory.h"

struct value table_unknown(struct eval *eval, const char *const *names, const enum value_kind *kinds, size_t columns)
{
    struct value table = value_table(eval, names, columns);
    struct value row = failed(table) ? table : value_list(eval);
    for (size_t c = 0; !failed(row) && c < columns; c++)
        if (!list_add(eval, row.list, value_unknown_of(kinds ? kinds[c] : VALUE_NUMBER)))
            return value_failed();
    if (failed(row) || !table_add_row(eval, table.table, row.list->items))
        return value_failed();
    table.table->open = true;
    return table;
}

static const struct {
    const char *name;
    size_t offset;
    bool of_classes, of_validation, of_rate; /* needs these */
} history_columns[] = {
    {.name = "loss", offsetof(struct history_row, loss)},
    {.name = "accuracy", offsetof(struct history_row, accuracy), .of_classes = true},
    {.name = "validation.loss", offsetof(struct history_row, validation_loss), .of_validation = true},
    {.name = "validation.accuracy", offsetof(struct history_row, validation_accuracy), .of_classes = true, .of_validation = true},
    {.name = "rate", offsetof(struct history_row, rate), .of_rate = true},
};
#define HISTORY_COLUMNS (sizeof history_columns / sizeof *history_columns)

static double history_at(const struct history_row *row, size_t column)
{
    return *(const double *)((const char *)row + history_columns[column].offset);
}

static bool history_has(const struct run *run, size_t column)
{
    const struct training *training = run->training;
    const struct prepared *data = run->prepared;
    if (!training) /* nel check: as its data and its optimiser say */
        return (!data || !history_columns[column].of_classes || data->train.labels) &&
               (!data || !history_columns[column].of_validation || data->validation.count > 0) &&
               (!history_columns[column].of_rate || run->options.optimizer != OPTIMIZER_RPROP);
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
        return table_unknown(eval, names, NULL, columns);
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

struct value run_story(struct eval *eval, const struct run *run)
{
    static const char *const names[] = {"round",        "epoch",        "measured",   "what",        "why",       "outcome",
                                        "params",       "params_after", "flops",      "flops_after", "accuracy",  "accuracy_after",
                                        "accuracy_end", "loss",         "loss_after", "loss_end",    "difference"};
    enum { STORY_COLUMNS = sizeof names / sizeof *names, FIRST_TEXT = 2, TEXTS = 4 };
    static const char *const outcomes[] = {"", "kept", "refused", "undone"};
    if (!run->growth) {
        enum value_kind kinds[STORY_COLUMNS];
        for (size_t c = 0; c < STORY_COLUMNS; c++)
            kinds[c] = c >= FIRST_TEXT && c < FIRST_TEXT + TEXTS ? VALUE_STRING : VALUE_NUMBER;
        return table_unknown(eval, names, kinds, STORY_COLUMNS);
    }
    struct value table = value_table(eval, names, STORY_COLUMNS);
    for (size_t i = 0; !failed(table) && i < run->growth->rounds; i++) {
        const struct story_row *row = &run->growth->story[i];
        const char *texts[] = {row->measured, row->what, row->why, outcomes[row->outcome]};
        struct value cells[] = {value_number(row->round),
                                value_number(row->epoch),
                                value_none(),
                                value_none(),
                                value_none(),
                                value_none(),
                                value_number(row->params_before),
                                value_number(row->params_after),
                                value_number(row->flops_before),
                                value_number(row->flops_after),
                                value_number(row->accuracy_before),
                                value_number(row->accuracy_after),
                                value_number(row->accuracy_end),
                                value_number(row->loss_before),
                                value_number(row->loss_after),
                                value_number(row->loss_end),
                                value_number(row->difference)};
        for (size_t t = 0; !failed(table) && t < TEXTS; t++) {
            cells[FIRST_TEXT + t] = value_string(eval, str_of(texts[t] ? texts[t] : ""));
            table = failed(cells[FIRST_TEXT + t]) ? cells[FIRST_TEXT + t] : table;
        }
        if (failed(table) || !table_add_row(eval, table.table, cells))
            return value_failed();
    }
    return table;
}

struct value evolution_history(struct eval *eval, const struct evolution *evolution)
{
    static const char *const names[] = {"generation", "best", "mean", "worst", "distinct", "species", "trained"};
    if (!evolution)
        return table_unknown(eval, names, NULL, sizeof names / sizeof *names);
    struct value table = value_table(eval, names, sizeof names / sizeof *names);
    for (uint32_t i = 0; !failed(table) && evolution->history && i <= evolution->generations; i++) {
        const struct generation_row *row = &evolution->history[i];
        struct value cells[] = {value_number(row->generation),     value_number(row->best),     value_number(row->mean),
                                value_number(row->worst),          value_number(row->distinct), value_number(row->species),
                                value_number((double)row->trained)};
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

/* One who was trained, as a row of a table of these columns. */
static const char *const lineage_names[] = {"number", "generation", "parent", "other", "by", "dna", "fitness", "params"};
static const enum value_kind lineage_kinds[] = {VALUE_NUMBER, VALUE_NUMBER, VALUE_NUMBER, VALUE_NUMBER,
                                                VALUE_STRING, VALUE_STRING, VALUE_NUMBER, VALUE_NUMBER};
enum { LINEAGE_COLUMNS = sizeof lineage_names / sizeof *lineage_names, OTHER = 3 };

static struct value number_or_none(uint32_t number)
{
    return number == NOBODY ? value_none() : value_number(number);
}

/* … or of a table without `other`. */
static bool add_individual(struct eval *eval, struct table_object *table, const struct evolution *evolution, size_t index)
{
    const struct lineage_row *one = &evolution->everyone[index];
    const struct form *form = evolution_form(evolution, index);
    struct value by = value_string(eval, str_of(evolution->causes[one->by]));
    struct value dna = dna_value(eval, form->molecule);
    if (failed(by) || failed(dna))
        return false;
    struct value cells[] = {value_number((double)index),
                            value_number(one->generation),
                            number_or_none(one->parent),
                            number_or_none(one->other),
                            by,
                            dna,
                            value_number(one->fitness),
                            value_number(form->params)};
    for (size_t i = OTHER + 1; table->columns < LINEAGE_COLUMNS && i < LINEAGE_COLUMNS; i++)
        cells[i - 1] = cells[i];
    return table_add_row(eval, table, cells);
}

struct value evolution_lineage(struct eval *eval, const struct evolution *evolution)
{
    if (!evolution)
        return table_unknown(eval, lineage_names, lineage_kinds, LINEAGE_COLUMNS);
    struct value table = value_table(eval, lineage_names, LINEAGE_COLUMNS);
    for (size_t i = 0; i < evolution->count && !failed(table); i++)
        if (!add_individual(eval, table.table, evolution, i))
            table = value_failed();
    return table;
}

/* A table for a line of descent: without `other` where nobody in it has two parents. */
static struct value descent_table(struct eval *eval, const struct evolution *evolution, const size_t *line, size_t length)
{
    const char *names[LINEAGE_COLUMNS];
    bool crossed = false;
    size_t columns = 0;
    for (size_t i = 0; i < length; i++)
        crossed = crossed || evolution->everyone[line[i]].other != NOBODY;
    for (size_t i = 0; i < LINEAGE_COLUMNS; i++)
        if (crossed || i != OTHER)
            names[columns++] = lineage_names[i];
    return value_table(eval, names, columns);
}

struct value evolution_descent(struct eval *eval, const struct evolution *evolution)
{
    size_t *line = mem_array(evolution->count, sizeof *line);
    size_t length = 0;
    if (!line)
        return eval_out_of_memory(eval, SPAN_NONE);
    for (size_t at = evolution->best; at != NOBODY && length < evolution->count; at = evolution->everyone[at].parent)
        line[length++] = at;
    struct value table = descent_table(eval, evolution, line, length);
    while (length > 0 && !failed(table))
        if (!add_individual(eval, table.table, evolution, line[--length]))
            table = value_failed();
    mem_free(line);
    return table;
}
