/* `sweep a in …, b in … where c { body }`: a parallel comprehension. The cells are enumerated first, each axis seeing the ones before
   it; then every core takes cells in order. A cell is evaluated under the state's lock, which its trainings give up: so the script's
   part is as simple as anywhere, and the cores are busy with training. Rows stand in the order of the cells, whoever computed them;
   what a cell prints comes out in that order, too; and the error that is told is the first cell's that failed. */
#include <math.h>
#include <string.h>

#include "interp/learn.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/threads.h"
#include "support/vec.h"

struct cell {
    struct value *axes;   /* [axis count] what the body sees, retained */
    struct value *labels; /* [axis count] what the table shows, retained */
    struct value result;  /* retained */
    struct text printed;
    struct diags diags;
    bool done;
};

struct sweep {
    struct eval *eval; /* of the expression; its frame is where the body stands */
    const struct node *node;
    const struct node *body, *where, *draw;
    uint32_t axis_count;
    VEC(struct cell) cells;
    pthread_t caller;
    pthread_mutex_t progress_lock;
    size_t finished;
    double began;
    atomic_bool stop;
};

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
    values[axis] = value;
    labels[axis] = label;
    return frame_bind(sweep->eval, sweep->eval->frame, sweep->node->items[axis]->text, value) &&
           enumerate(sweep, axis + 1, values, labels);
}

static bool enumerate(struct sweep *sweep, uint32_t axis, struct value *values, struct value *labels)
{
    struct eval *eval = sweep->eval;
    if (axis == sweep->axis_count) {
        struct value keep = sweep->where ? eval_truth(eval, sweep->where->items[0]) : value_bool(true);
        return !failed(keep) && (keep.kind != VALUE_BOOL || !keep.boolean || add_cell(sweep, values, labels));
    }
    const struct node *over = sweep->node->items[axis]->items[0];
    struct value items = eval_node(eval, over);
    bool well = !failed(items);
    if (well && items.kind == VALUE_RECORD) { /* net in { plain: A, skip: B }: the keys are the labels */
        for (size_t i = 0; well && i < items.record->count; i++) {
            struct value key = {.kind = VALUE_STRING, .string = items.record->fields[i].key};
            well = take(sweep, axis, items.record->fields[i].value, key, values, labels);
        }
        return well;
    }
    const struct list *list;
    well = well && items_of(eval, items, over->span, &list);
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
    if (failed(wanted))
        return false;
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
    if (!sweep->eval->nested)
        progress_report(&sweep->eval->state->progress, &event);
    pthread_mutex_unlock(&sweep->progress_lock);
}

static struct value evaluate_cell(struct sweep *sweep, struct cell *cell, struct eval *eval)
{
    struct frame *frame = frame_new(eval->state, sweep->eval->frame);
    if (!frame)
        return eval_out_of_memory(eval, sweep->node->span);
    frame->barrier = true;
    bool well = true;
    for (uint32_t i = 0; well && i < sweep->axis_count; i++)
        well = frame_bind(eval, frame, sweep->node->items[i]->text, cell->axes[i]);
    struct value value = well ? eval_block_in(eval, sweep->body, frame) : value_failed();
    frame_release(frame);
    return value;
}

static void run_cell(void *context, size_t index)
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
    cell->result = value_retain(evaluate_cell(sweep, cell, &eval));
    cell->done = true;
    if (failed(cell->result))
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

static struct value new_table(struct eval *eval, const struct sweep *sweep, const struct record *row)
{
    size_t columns = sweep->axis_count + row->count;
    char **names = mem_array(columns, sizeof *names);
    bool well = names;
    for (size_t i = 0; well && i < columns; i++) {
        struct str name = i < sweep->axis_count ? sweep->node->items[i]->text : string_str(row->fields[i - sweep->axis_count].key);
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

static bool add_row(struct eval *eval, const struct sweep *sweep, const struct cell *cell, struct value *table)
{
    struct value row = row_of(eval, cell->result, sweep->body->span);
    if (failed(row))
        return false;
    if (table->kind == VALUE_NONE)
        *table = new_table(eval, sweep, row.record);
    if (failed(*table))
        return false;
    struct value *cells = mem_array(table->table->columns, sizeof *cells);
    if (!cells)
        return diag_out_of_memory(eval->diags, sweep->node->span);
    for (size_t i = 0; i < table->table->columns; i++) {
        if (i < sweep->axis_count) {
            cells[i] = label_of(eval, cell->labels[i]);
            continue;
        }
        const struct value *field = record_get(row.record, string_str(table->table->names[i]));
        cells[i] = field ? *field : value_none();
    }
    bool well = table_add_row(eval, table->table, cells);
    mem_free(cells);
    return well;
}

static struct value collect(struct eval *eval, struct sweep *sweep)
{
    struct value table = value_none();
    for (size_t i = 0; i < sweep->cells.count; i++) {
        struct cell *cell = &sweep->cells.at[i];
        if (cell->printed.len)
            eval_write(eval, text_str(&cell->printed));
        diags_move(eval->diags, &cell->diags);
        if (!cell->done || failed(cell->result))
            return cell->done
                       ? value_failed()
                       : eval_error(eval, sweep->node->span, "stopped after %zu of %zu cells", sweep->finished, sweep->cells.count);
        if (cell->result.kind != VALUE_NONE && !add_row(eval, sweep, cell, &table))
            return value_failed();
    }
    if (table.kind == VALUE_NONE)
        return eval_error_help(eval, sweep->body->span, "let the body end with a run, a number or a record",
                               sweep->cells.count ? "this sweep's body gives no value" : "this sweep has no cells");
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
    struct sweep sweep = {.eval = eval, .node = node, .caller = pthread_self(), .began = clock_seconds()};
    pthread_mutex_init(&sweep.progress_lock, NULL);
    read_parts(&sweep);
    struct value value = value_failed();
    if (enumerate_all(eval, &sweep)) {
        bool checking = eval->state->checking;
        size_t count = checking && sweep.cells.count > 0 ? 1 : sweep.cells.count; /* nel check: all cells are alike */
        state_unlock(eval);
        threads_each(eval->nested ? 1 : eval->state->threads, count, run_cell, &sweep);
        state_lock(eval);
        if (checking && count)
            diags_move(eval->diags, &sweep.cells.at[0].diags);
        value = checking ? count && failed(sweep.cells.at[0].result) ? value_failed() : value_unknown() : collect(eval, &sweep);
    }
    sweep_release(&sweep);
    return value;
}
