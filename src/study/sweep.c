/* `sweep a in …, b in … where c { body }`: a parallel comprehension. The cells are enumerated first, each axis seeing the ones before
   it; then every core takes cells in order. A cell is evaluated under the state's lock, which its trainings give up: so the script's
   part is as simple as anywhere, and the cores are busy with training. Rows stand in the order of the cells, whoever computed them;
   what a cell prints comes out in that order, too; and the error that is told is the first cell's that failed. */
#include <math.h>
#include <string.h>

#include "interp/figures.h"
#include "interp/unknown.h"
#include "study/costs.h"
#include "study/learn.h"
#include "study/sweep.h"
#include "study/trials.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/threads.h"
#include "support/vec.h"

static void cell_release(const struct sweep *sweep, struct cell *cell)
{
    for (uint32_t i = 0; i < sweep->axis_count; i++) {
        value_release(cell->axes[i]);
        value_release(cell->labels[i]);
    }
    mem_free(cell->axes);
    mem_free(cell->labels);
    value_release(cell->result);
    text_release(&cell->printed);
    diags_release(&cell->diags);
    costs_release(cell->costs);
}

/* ---- enumeration ---- */

static bool add_cell(struct sweep *sweep, const struct value *values, const struct value *labels)
{
    struct eval *eval = sweep->eval;
    if (sweep->cells.count == LIMIT_SWEEP_CELLS) {
        eval_error(eval, sweep->node->span, "this sweep has more than %d cells", LIMIT_SWEEP_CELLS);
        return false;
    }
    struct cell cell = {.axes = mem_array(sweep->axis_count, sizeof *cell.axes),
                        .labels = mem_array(sweep->axis_count, sizeof *cell.labels)};
    if (!cell.axes || !cell.labels || !vec_push(&sweep->cells, cell)) {
        mem_free(cell.axes);
        mem_free(cell.labels);
        return diag_out_of_memory(eval->diags, sweep->node->span);
    }
    for (uint32_t i = 0; i < sweep->axis_count; i++) {
        cell.axes[i] = value_retain(values[i]);
        cell.labels[i] = value_retain(labels[i]);
    }
    return true;
}

static bool enumerate(struct sweep *sweep, uint32_t axis, struct value *values, struct value *labels);

static bool take(struct sweep *sweep, uint32_t axis, struct value value, struct value label, struct value *values,
                 struct value *labels)
{
    struct eval *eval = sweep->eval;
    if (!eval_may_train(eval, sweep->node->span))
        return false;
    size_t mark = pool_mark(eval);
    values[axis] = value;
    labels[axis] = label;
    bool well = frame_bind(eval, eval->frame, sweep->node->items[axis]->text, value) && enumerate(sweep, axis + 1, values, labels);
    pool_drain(eval, mark, value_none());
    return well;
}

static bool enumerate(struct sweep *sweep, uint32_t axis, struct value *values, struct value *labels)
{
    struct eval *eval = sweep->eval;
    if (axis == sweep->axis_count) {
        struct value keep = sweep->where ? eval_truth(eval, sweep->where->items[0]) : value_bool(true);
        sweep->open = sweep->open || keep.kind == VALUE_UNKNOWN;
        return !failed(keep) && (keep.kind != VALUE_BOOL || !keep.boolean || add_cell(sweep, values, labels));
    }
    const struct node *over = sweep->node->items[axis]->items[0];
    struct value items = eval_node(eval, over);
    bool well = !failed(items);
    if (value_content(items) == VALUE_UNKNOWN || (items.kind == VALUE_UNKNOWN && items.of == VALUE_RECORD)) {
        sweep->open = true; /* nel check */
        return take(sweep, axis, value_unknown(), value_unknown(), values, labels);
    }
    if (well && items.kind == VALUE_RECORD) { /* net in { plain: A, skip: B }: the keys are the labels */
        for (size_t i = 0; well && i < items.record->count; i++) {
            struct value key = {.kind = VALUE_STRING, .string = items.record->fields[i].key};
            well = take(sweep, axis, items.record->fields[i].value, key, values, labels);
        }
        return well;
    }
    const struct list *list;
    well = well && items_of(eval, items, over->span, &list);
    sweep->open = sweep->open || (well && list->open);
    for (size_t i = 0; well && i < list->count; i++)
        well = take(sweep, axis, list->items[i], list->items[i], values, labels);
    return well;
}

/* `draw 200`: so many of the cells by chance, in their order. */
static bool draw_cells(struct sweep *sweep)
{
    if (!sweep->draw)
        return true;
    struct eval *eval = sweep->eval;
    struct value wanted = eval_node(eval, sweep->draw->items[0]);
    if (failed(wanted) || (wanted.kind == VALUE_UNKNOWN && (wanted.of == VALUE_NUMBER || wanted.of == VALUE_UNKNOWN))) {
        sweep->open = true; /* nel check */
        return !failed(wanted);
    }
    if (wanted.kind != VALUE_NUMBER || wanted.number < 1 || wanted.number != floor(wanted.number))
        return eval_error_type(eval, sweep->draw->items[0]->span, "a count of cells", wanted), false;
    struct random random = random_stream(eval->state->seed, RANDOM_SWEEP, 0);
    size_t left = sweep->cells.count, kept = 0;
    double needed = fmin(wanted.number, (double)left);
    for (size_t i = 0; i < sweep->cells.count; i++, left--) { /* selection sampling (Knuth, algorithm S) */
        struct cell cell = sweep->cells.at[i];
        if (random_unit(&random) * (double)left < needed) {
            sweep->cells.at[i] = sweep->cells.at[kept];
            sweep->cells.at[kept++] = cell;
            needed--;
        }
    }
    while (sweep->cells.count > kept)
        cell_release(sweep, &sweep->cells.at[--sweep->cells.count]);
    return true;
}

/* ---- one cell ---- */

static void report(struct sweep *sweep)
{
    pthread_mutex_lock(&sweep->progress_lock);
    sweep->finished++;
    struct progress_event event = {.kind = PROGRESS_SWEEP,
                                   .done = sweep->finished,
                                   .total = sweep->cells.count,
                                   .seconds = clock_seconds() - sweep->began,
                                   .loss = NAN,
                                   .accuracy = NAN,
                                   .what = "cell",
                                   .finished = sweep->finished == sweep->cells.count};
    if (!sweep->eval->nested && !sweep->eval->state->checking)
        progress_report(&sweep->eval->state->progress, &event);
    pthread_mutex_unlock(&sweep->progress_lock);
}

static struct value evaluate_cell(struct sweep *sweep, struct cell *cell, struct eval *eval)
{
    struct frame *frame = frame_new(eval->state, sweep->eval->frame);
    if (!frame)
        return eval_out_of_memory(eval, sweep->node->span);
    eval->outside = sweep->outside;
    bool well = true;
    for (uint32_t i = 0; well && i < sweep->axis_count; i++)
        well = frame_bind(eval, frame, sweep->node->items[i]->text, cell->axes[i]);
    struct value value = well ? eval_block_in(eval, sweep->body, frame) : value_failed();
    frame_release(frame);
    return value;
}

void sweep_run_cell(void *context, size_t index)
{
    struct sweep *sweep = context;
    struct cell *cell = &sweep->cells.at[index];
    struct nel_state *state = sweep->eval->state;
    if (cell->done || atomic_load(&sweep->stop) || progress_cancelled(&state->progress))
        return;
    char *here = __builtin_frame_address(0);
    bool caller = pthread_equal(pthread_self(), sweep->caller);
    size_t stack = caller ? (size_t)(here - sweep->eval->stack_limit) : LIMIT_THREAD_STACK;
    struct eval eval;
    pthread_mutex_lock(&state->lock);
    eval_start(&eval, state, sweep->eval->frame, &cell->diags, stack);
    eval.nested = true;
    eval.out = &cell->printed;
    eval.call = sweep->eval->call;
    eval.uncertain = sweep->eval->uncertain;
    eval.costs = cell->costs;
    struct value result = evaluate_cell(sweep, cell, &eval);
    cell->done = !progress_cancelled(&state->progress); /* else what it trained was cut short, perhaps */
    if (cell->done)
        cell->result = value_retain(result);
    if (cell->done && failed(result))
        atomic_store(&sweep->stop, true);
    eval_end(&eval);
    pthread_mutex_unlock(&state->lock);
    report(sweep);
}

/* ---- the table ---- */

/* Figures of a run that become columns where they apply to its data. */
static const char *const figures[] = {"accuracy", "r2", "loss", "epochs", "params", "diverged"};
#define FIGURES (sizeof figures / sizeof *figures)

/* The columns that a body's value gives: a record's fields; a run's figures and the run; else the value. */
static struct value row_of(struct eval *eval, struct value value, struct span span)
{
    if (value.kind == VALUE_RECORD)
        return value;
    struct value row = value_record(eval);
    if (failed(row))
        return row;
    if (value.kind == VALUE_UNKNOWN &&
        (value.of == VALUE_RECORD || value.of == VALUE_RUN || value.of == VALUE_RUNS || value.of == VALUE_UNKNOWN))
        return value; /* nel check: its columns are not known */
    bool is_run = value.kind == VALUE_RUN || value.kind == VALUE_RUNS;
    for (size_t i = 0; is_run && i < FIGURES; i++) {
        const struct run *run = value.kind == VALUE_RUN ? value.run : value.runs->items[0];
        if (!run_figure_applies(run, str_of(figures[i])))
            continue;
        struct value figure = value_member(eval, value, str_of(figures[i]), span);
        if (failed(figure) || !record_set(eval, row.record, str_of(figures[i]), figure))
            return value_failed();
    }
    return record_set(eval, row.record, is_run ? STR("run") : STR("value"), value) ? row : value_failed();
}

static bool is_axis(const struct sweep *sweep, struct str name)
{
    for (uint32_t i = 0; i < sweep->axis_count; i++)
        if (str_equal(sweep->node->items[i]->text, name))
            return true;
    return false;
}

/* Adds a row's columns to those behind the axes: cells may end with different fields. A run's figure that is an axis stands there. */
static bool add_columns(struct eval *eval, const struct sweep *sweep, const struct cell *cell, const struct record *row,
                        struct record *columns)
{
    for (size_t i = 0; i < row->count; i++) {
        struct str key = string_str(row->fields[i].key);
        if (!is_axis(sweep, key)) {
            if (!record_set(eval, columns, key, value_none()))
                return false;
        } else if (cell->result.kind == VALUE_RECORD) {
            eval_error_help(eval, sweep->body->span, "the table has each axis as a column anyway",
                            "`%.*s` is an axis of this sweep and a field of its body's record", STR_ARG(key));
            return false;
        }
    }
    return true;
}

static struct value new_table(struct eval *eval, const struct sweep *sweep, const struct record *fields)
{
    size_t columns = sweep->axis_count + fields->count;
    char **names = mem_array(columns, sizeof *names);
    bool well = names;
    for (size_t i = 0; well && i < columns; i++) {
        struct str name =
            i < sweep->axis_count ? sweep->node->items[i]->text : string_str(fields->fields[i - sweep->axis_count].key);
        names[i] = mem_copy_text(name.at, name.len);
        well = names[i];
    }
    struct value table =
        well ? value_table(eval, (const char *const *)names, columns) : eval_out_of_memory(eval, sweep->node->span);
    for (size_t i = 0; names && i < columns; i++)
        mem_free(names[i]);
    mem_free(names);
    if (!failed(table))
        table.table->axes = sweep->axis_count;
    return table;
}

/* Axis values as a table shows them: elements and functions by name, so that rows can be grouped by them. */
static struct value label_of(struct eval *eval, struct value value)
{
    struct str word;
    return value.kind != VALUE_ELEMENT && value.kind != VALUE_NUMBER && value_word(value, &word) ? value_string(eval, word) : value;
}

static bool add_row(struct eval *eval, const struct sweep *sweep, const struct cell *cell, const struct record *row,
                    struct table_object *table)
{
    struct value *cells = mem_array(table->columns, sizeof *cells);
    if (!cells)
        return diag_out_of_memory(eval->diags, sweep->node->span);
    for (size_t i = 0; i < table->columns; i++) {
        const struct value *field = i < sweep->axis_count ? NULL : record_get(row, string_str(table->names[i]));
        cells[i] = i < sweep->axis_count ? label_of(eval, cell->labels[i]) : field ? *field : value_none();
    }
    bool well = table_add_row(eval, table, cells);
    mem_free(cells);
    return well;
}

/* What the cells that are done printed and told, in their order; whether all went well. Where the sweep was interrupted, the table is of
   those that had come to their end. */
static bool tell_cells(struct eval *eval, struct sweep *sweep)
{
    size_t ended = 0;
    for (size_t i = 0; i < sweep->cells.count; i++) {
        struct cell *cell = &sweep->cells.at[i];
        if (!cell->done)
            continue;
        if (cell->printed.len)
            eval_write(eval, text_str(&cell->printed));
        diags_move(eval->diags, &cell->diags);
        if (failed(cell->result))
            return false;
        ended++;
    }
    if (ended == sweep->cells.count)
        return true;
    eval_heed_stop(eval);
    if (ended == 0)
        return eval_error(eval, sweep->node->span, "stopped before any of %zu cells came to its end", sweep->cells.count), false;
    diag_help(
        diag_warning(eval->diags, sweep->node->span, "interrupted: %zu of %zu cells came to their end", ended, sweep->cells.count),
        "the table has a row for each of these");
    return true;
}

/* What the cells end with, as records, none where a cell ends with none; and the columns that they have together. `known` is unset
   where nel check does not know them. */
static bool collect_rows(struct eval *eval, struct sweep *sweep, struct list *rows, struct record *columns, bool *known)
{
    for (size_t i = 0; i < sweep->cells.count; i++) {
        const struct cell *cell = &sweep->cells.at[i];
        size_t mark = pool_mark(eval);
        struct value row =
            !cell->done || cell->result.kind == VALUE_NONE ? value_none() : row_of(eval, cell->result, sweep->body->span);
        *known = *known && row.kind != VALUE_UNKNOWN;
        bool well = !failed(row) && (row.kind != VALUE_RECORD || add_columns(eval, sweep, cell, row.record, columns)) &&
                    list_add(eval, rows, row);
        pool_drain(eval, mark, value_none());
        if (!well)
            return false;
    }
    return true;
}

struct value sweep_collect(struct eval *eval, struct sweep *sweep)
{
    if (sweep->cells.count == 0)
        return eval_error(eval, sweep->node->span, "this sweep has no cells");
    struct value rows = value_list(eval);
    struct value columns = failed(rows) ? rows : value_record(eval);
    bool known = true;
    if (failed(columns) || !collect_rows(eval, sweep, rows.list, columns.record, &known))
        return value_failed();
    if (!known)
        return value_unknown_of(VALUE_TABLE);
    if (columns.record->count == 0)
        return eval_error_help(eval, sweep->body->span, "let the body end with a run, a number or a record",
                               "this sweep's body gives no value");
    struct value table = new_table(eval, sweep, columns.record);
    for (size_t i = 0; !failed(table) && i < sweep->cells.count; i++) {
        struct value row = rows.list->items[i];
        if (row.kind == VALUE_RECORD && !add_row(eval, sweep, &sweep->cells.at[i], row.record, table.table))
            return value_failed();
    }
    return table;
}

static void sweep_release(struct sweep *sweep)
{
    for (size_t i = 0; i < sweep->cells.count; i++)
        cell_release(sweep, &sweep->cells.at[i]);
    vec_release(&sweep->cells);
    pthread_mutex_destroy(&sweep->progress_lock);
}

static void read_parts(struct sweep *sweep)
{
    for (uint32_t i = 0; i < sweep->node->count; i++) {
        const struct node *part = sweep->node->items[i];
        if (part->kind == NODE_AXIS)
            sweep->axis_count++;
        else if (part->kind == NODE_WHERE)
            sweep->where = part;
        else if (part->kind == NODE_DRAW)
            sweep->draw = part;
        else
            sweep->body = part;
    }
}

static bool enumerate_all(struct eval *eval, struct sweep *sweep)
{
    struct value *values = mem_array(2 * (size_t)sweep->axis_count, sizeof *values);
    struct frame *outer = eval->frame;
    struct frame *frame = values ? frame_new(eval->state, outer) : NULL;
    if (!frame) {
        mem_free(values);
        return diag_out_of_memory(eval->diags, sweep->node->span);
    }
    eval->frame = frame;
    bool well = enumerate(sweep, 0, values, values + sweep->axis_count) && draw_cells(sweep);
    eval->frame = outer;
    frame_release(frame);
    mem_free(values);
    return well;
}

struct value eval_sweep(struct eval *eval, const struct node *node)
{
    struct sweep sweep = {
        .eval = eval, .outside = eval->state->frame_count, .node = node, .caller = pthread_self(), .began = clock_seconds()};
    pthread_mutex_init(&sweep.progress_lock, NULL);
    read_parts(&sweep);
    struct value value = value_failed();
    if (enumerate_all(eval, &sweep)) {
        if (eval->state->checking) {
            value = sweep_check(eval, &sweep);
        } else {
            state_unlock(eval);
            threads_each(eval->nested ? 1 : eval->state->threads, sweep.cells.count, sweep_run_cell, &sweep);
            state_lock(eval);
            value = tell_cells(eval, &sweep) ? sweep_collect(eval, &sweep) : value_failed();
        }
    }
    sweep_release(&sweep);
    return value;
}
