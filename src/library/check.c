/* `nel check`: a file is evaluated without training (unknown.h), and what its trainings will cost is told, as a table for people or,
   a line each, as JSON (session.h describes it). */
#include <math.h>

#include "library/session.h"
#include "library/show.h"
#include "molecule/dna.h"
#include "study/costs.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/threads.h"

/* Rows of one expression that the table shows; of a sweep's many networks the others are one row together. */
#define ROWS_SHOWN 12
/* Its width where it does not go to a terminal. */
#define FILE_COLUMNS 132
/* Longest DNA that it shows whole. */
#define DNA_SHOWN 24

static const char *const kind_names[] = {[COST_TRAIN] = "train", [COST_GROW] = "grow", [COST_EVOLVE] = "evolve"};

/* ---- figures of a row ---- */

static double side_by_side(const struct nel_state *state, double trainings)
{
    return fmin(state->threads ? state->threads : threads_available(), trainings);
}

/* Wall time of all its trainings; NaN where nobody knows it. */
static double row_seconds(const struct nel_state *state, const struct cost_row *row)
{
    return row->epochs > 0 ? row->epoch_seconds * row->epochs * row->trainings / side_by_side(state, row->trainings) : NAN;
}

static double row_bytes(const struct nel_state *state, const struct cost_row *row)
{
    return row->cost.data_bytes + row->cost.bytes * side_by_side(state, row->trainings);
}

static uint32_t row_line(const struct nel_state *state, const struct cost_row *row, uint32_t *column)
{
    const struct source *source = sources_get(&state->sources, row->span.source);
    struct position position = source ? source_position(source, row->span.start) : (struct position){0};
    *column = position.column;
    return position.line;
}

struct total {
    double trainings, flops, bytes, seconds;
    bool most, known; /* some figures are bounds; all are known */
};

static void total_add(const struct nel_state *state, struct total *total, const struct cost_row *row)
{
    double seconds = row_seconds(state, row);
    total->trainings += row->trainings;
    total->bytes = fmax(total->bytes, row_bytes(state, row));
    total->most = total->most || row->most;
    total->known = total->known && !isnan(seconds);
    if (!isnan(seconds)) {
        total->flops += row->cost.epoch_flops * row->epochs * row->trainings;
        total->seconds += seconds;
    }
}

/* ---- as a table ---- */

struct unit {
    double size;
    const char *name;
};

static void add_in_units(struct text *out, double value, const struct unit *units)
{
    while (units[1].name && value >= units[1].size * 0.9995)
        units++;
    number_write_short(out, value / units->size, 2 + (value / units->size >= 99.5));
    text_add(out, units->name);
}

static void add_flops(struct text *out, double flops)
{
    static const struct unit units[] = {{1, ""}, {1e3, " k"}, {1e6, " M"}, {1e9, " G"}, {1e12, " T"}, {1e15, " P"}, {0, NULL}};
    add_in_units(out, flops, units);
}

static void add_bytes(struct text *out, double bytes)
{
    static const struct unit units[] = {{1, " B"}, {1e3, " kB"}, {1e6, " MB"}, {1e9, " GB"}, {0, NULL}};
    add_in_units(out, bytes, units);
}

static void add_seconds(struct text *out, double seconds)
{
    static const struct unit units[] = {{1e-3, " ms"}, {1, " s"}, {60, " min"}, {3600, " h"}, {0, NULL}};
    if (seconds < 1e-3)
        text_addf(out, "%.1f ms", fmax(0.1, seconds * 1e3));
    else if (seconds >= 2 * 86400)
        text_addf(out, "%.0f days", seconds / 86400);
    else
        add_in_units(out, seconds, units);
}

static void add_dna(struct text *out, const struct molecule *molecule)
{
    struct text dna = {0};
    dna_encode(molecule, &dna);
    size_t shown = dna.len > DNA_SHOWN ? DNA_SHOWN - 1 : dna.len;
    text_add_str(out, (struct str){text_chars(&dna), shown});
    text_add(out, shown < dna.len ? "…" : "");
    text_release(&dna);
}

/* Empty where the network or its data is not known. */
static void table_figures(struct grid *grid, const struct nel_state *state, const struct cost_row *row)
{
    bool known = row->cost.params > 0;
    if (known)
        number_write_count(grid_cell(grid), row->cost.params);
    grid_end(grid);
    if (known)
        add_flops(grid_cell(grid), row->cost.epoch_flops);
    grid_end(grid);
    if (known)
        add_bytes(grid_cell(grid), row_bytes(state, row));
    grid_end(grid);
}

static void add_time(struct text *out, const struct nel_state *state, const struct cost_row *row)
{
    double seconds = row_seconds(state, row);
    if (isnan(row->epoch_seconds)) {
        text_add(out, "not known");
    } else if (isnan(seconds)) {
        add_seconds(out, row->epoch_seconds);
        text_add(out, " an epoch");
    } else {
        text_add(out, row->most ? "≤ " : "");
        add_seconds(out, seconds);
    }
}

static void table_row(struct grid *grid, const struct nel_state *state, const struct cost_row *row)
{
    uint32_t column;
    number_write_count(grid_cell(grid), row_line(state, row, &column));
    grid_end(grid);
    grid_text(grid, kind_names[row->kind]);
    if (row->molecule)
        add_dna(grid_cell(grid), row->molecule);
    grid_end(grid);
    table_figures(grid, state, row);
    if (row->epochs > 0)
        number_write_count(grid_cell(grid), row->epochs);
    grid_end(grid);
    number_write_count(grid_cell(grid), row->trainings);
    grid_end(grid);
    add_time(grid_cell(grid), state, row);
    grid_end(grid);
}

/* Rows of one expression that are too many to be read, together. */
static void table_rest(struct grid *grid, const struct nel_state *state, const struct cost_row *rows, size_t count)
{
    struct total total = {.known = true};
    uint32_t column;
    for (size_t i = 0; i < count; i++)
        total_add(state, &total, &rows[i]);
    number_write_count(grid_cell(grid), row_line(state, rows, &column));
    grid_end(grid);
    grid_text(grid, kind_names[rows->kind]);
    text_addf(grid_cell(grid), "… %zu other networks", count);
    grid_end(grid);
    grid_text(grid, "");
    grid_text(grid, "");
    add_bytes(grid_cell(grid), total.bytes);
    grid_end(grid);
    grid_text(grid, "");
    number_write_count(grid_cell(grid), total.trainings);
    grid_end(grid);
    text_add(grid_cell(grid), total.most ? "≤ " : "");
    add_seconds(grid_cell(grid), total.seconds);
    grid_end(grid);
}

static size_t same_expression(const struct costs *costs, size_t first)
{
    const struct span span = costs->rows.at[first].span;
    size_t count = 0;
    while (first + count < costs->rows.count && costs->rows.at[first + count].span.source == span.source &&
           costs->rows.at[first + count].span.start == span.start)
        count++;
    return count;
}

static void table_total(struct grid *grid, const struct total *total)
{
    grid_text(grid, "");
    grid_text(grid, "total");
    add_flops(grid_cell(grid), total->flops);
    text_add(grid_cell(grid), " FLOPs");
    grid_end(grid);
    grid_text(grid, "");
    grid_text(grid, "");
    add_bytes(grid_cell(grid), total->bytes);
    grid_end(grid);
    grid_text(grid, "");
    number_write_count(grid_cell(grid), total->trainings);
    grid_end(grid);
    text_add(grid_cell(grid), !total->known ? "> " : total->most ? "≤ " : "");
    add_seconds(grid_cell(grid), total->seconds);
    grid_end(grid);
}

static void report_table(struct nel_state *state, struct text *out)
{
    const struct costs *costs = state->costs;
    struct eval eval = {.state = state};
    struct show show = show_start(&eval, SPAN_NONE, out);
    struct grid grid = {
        .header = {"line", "", "network", "parameters", "FLOPs/epoch", "memory", "epochs", "trainings", "estimated time"},
        .right = {true, false, false, true, true, true, true, true, false},
        .columns = 9};
    struct total total = {.known = true};
    if (!state->output.columns) /* a file has room */
        show.style.columns = FILE_COLUMNS;
    for (size_t i = 0; i < costs->rows.count;) {
        size_t count = same_expression(costs, i), shown = count > ROWS_SHOWN ? ROWS_SHOWN - 1 : count;
        for (size_t k = 0; k < shown; k++)
            table_row(&grid, state, &costs->rows.at[i + k]);
        if (shown < count)
            table_rest(&grid, state, &costs->rows.at[i + shown], count - shown);
        for (size_t k = 0; k < count; k++)
            total_add(state, &total, &costs->rows.at[i + k]);
        i += count;
    }
    if (costs->rows.count > 1)
        table_total(&grid, &total);
    text_add_char(out, '\n');
    grid_show(&show, &grid);
}

/* ---- as JSON ---- */

static void json_number(struct text *out, const char *name, double number)
{
    if (isfinite(number))
        text_addf(out, ",\"%s\":%.6g", name, number);
}

static void json_row(const struct nel_state *state, const struct cost_row *row, struct text *out)
{
    const struct source *source = sources_get(&state->sources, row->span.source);
    struct text dna = {0};
    uint32_t column, line = row_line(state, row, &column);
    text_addf(out, "{\"training\":\"%s\",\"file\":", kind_names[row->kind]);
    text_add_json(out, str_of(source ? source->name : ""));
    text_addf(out, ",\"line\":%u,\"column\":%u", line, column);
    if (row->molecule) {
        dna_encode(row->molecule, &dna);
        text_add(out, ",\"molecule\":");
        text_add_json(out, text_str(&dna));
        text_release(&dna);
    }
    if (row->cost.params > 0) {
        text_addf(out, ",\"parameters\":%.0f,\"flops_per_epoch\":%.0f", row->cost.params, row->cost.epoch_flops);
        text_addf(out, ",\"data_bytes\":%.0f,\"bytes\":%.0f", row->cost.data_bytes, row->cost.bytes);
        json_number(out, "seconds_per_epoch", row->epoch_seconds);
    }
    if (row->epochs > 0)
        text_addf(out, ",\"epochs\":%.0f", row->epochs);
    text_addf(out, ",\"trainings\":%.0f,\"cells\":%.0f", row->trainings, row->cells);
    json_number(out, "seconds", row_seconds(state, row));
    text_addf(out, ",\"at_most\":%s}\n", row->most ? "true" : "false");
}

static void report_json(struct nel_state *state, const char *name, const struct diags *diags, struct text *out)
{
    struct total total = {.known = true};
    diags_render_json(diags, &state->sources, out);
    for (size_t i = 0; i < state->costs->rows.count; i++) {
        json_row(state, &state->costs->rows.at[i], out);
        total_add(state, &total, &state->costs->rows.at[i]);
    }
    size_t warnings = 0;
    for (size_t i = 0; i < diags->count; i++)
        warnings += diags->at[i].severity == DIAG_WARNING;
    text_add(out, "{\"checked\":");
    text_add_json(out, str_of(name));
    text_addf(out, ",\"errors\":%zu,\"warnings\":%zu,\"trainings\":%.0f", diags->count - warnings, warnings, total.trainings);
    text_addf(out, ",\"flops\":%.6g,\"bytes\":%.0f,\"seconds\":%.6g", total.flops, total.bytes, total.seconds);
    text_addf(out, ",\"at_most\":%s,\"known\":%s", total.most ? "true" : "false", total.known ? "true" : "false");
    text_addf(out, ",\"threads\":%.0f}\n", side_by_side(state, INFINITY));
}

/* ---- all ---- */

bool state_check(struct nel_state *state, const char *name, struct str text, struct diags *diags)
{
    state->checking = true;
    if (!state->costs)
        state->costs = costs_new();
    return state->costs ? state_evaluate(state, name, text, diags) : diag_out_of_memory(diags, SPAN_NONE);
}

void state_check_report(struct nel_state *state, const char *name, const struct diags *diags, bool json, struct text *out)
{
    if (!state->costs) /* it was not even read */
        state->costs = costs_new();
    if (state->costs && json)
        report_json(state, name, diags, out);
    if (!state->costs || json || diags->errors)
        return;
    text_addf(out, "%s: no errors%s\n", name, diags->count ? ", but warnings" : "");
    if (state->costs->rows.count)
        report_table(state, out);
}
