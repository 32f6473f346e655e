/* Parts of a data set: split, folds, shuffle, take. All of them are views of the same table.

   Stratification. Rows are shuffled, then put into an order of which every stretch has nearly the mix of classes of the whole: the
   k-th row of a class with m rows gets the place (k + 1/2) / m, and rows are sorted by place. Cutting that order anywhere gives
   parts whose sizes are exact and in which each class is within one row of its due share; a split cuts it at its shares, folds cut
   it into equal stretches. Rows at the same place stand in a random order of classes, so that the odd rows do not always fall to
   the same class. Without classes all rows are one class and the order is the shuffle. Each part is shuffled once more, since its
   rows would otherwise alternate between the classes. */
#include <math.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "data/streams.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/random.h"

struct placed {
    double place;
    uint32_t class_rank; /* of the class in the random order of classes */
    uint32_t position;   /* in the view */
};

static int placed_compare(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;
    if (p->place != q->place)
        return p->place < q->place ? -1 : 1;
    /* No two rows of one class share a place. */
    return p->class_rank < q->class_rank ? -1 : p->class_rank > q->class_rank;
}

static void sequence_fill(uint32_t *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        items[i] = i;
}

/* Fills `placed` [count] from the shuffled `order`; `seen`, `total` and `rank` are [classes], the first two zeroed. */
static void rows_place(const struct dataset *dataset, const uint32_t *order, struct placed *placed, uint32_t *seen, uint32_t *total,
                       const uint32_t *rank)
{
    bool classes = dataset->table->target == TARGET_CLASS;
    for (uint32_t i = 0; i < dataset->count; i++)
        total[classes ? dataset_label(dataset, i) : 0]++;
    for (uint32_t i = 0; i < dataset->count; i++) {
        int32_t label = classes ? dataset_label(dataset, order[i]) : 0;
        placed[i] = (struct placed){(seen[label]++ + 0.5) / total[label], rank[label], order[i]};
    }
}

/* The order described above, as positions of the view; NULL where memory is exhausted. `random` goes on from there. */
static uint32_t *stratified_order(const struct dataset *dataset, struct random *random)
{
    uint32_t count = dataset->count;
    uint32_t classes = dataset->table->target == TARGET_CLASS ? dataset->table->outputs : 1;
    uint32_t *order = mem_array(count, sizeof *order);
    uint32_t *tally = mem_array((size_t)classes * 3, sizeof *tally);
    struct placed *placed = mem_array(count, sizeof *placed);
    if (order && tally && placed) {
        uint32_t *rank = tally + 2 * (size_t)classes;
        sequence_fill(order, count);
        random_shuffle(random, order, count);
        sequence_fill(rank, classes);
        random_shuffle(random, rank, classes);
        rows_place(dataset, order, placed, tally, tally + classes, rank);
        qsort(placed, count, sizeof *placed, placed_compare);
        for (uint32_t i = 0; i < count; i++)
            order[i] = placed[i].position;
    } else {
        mem_free(order);
        order = NULL;
    }
    mem_free(tally);
    mem_free(placed);
    return order;
}

/* Rows order[0..count) as a view in random order; NULL for none. */
static struct dataset *part_new(struct dataset *dataset, uint32_t *order, uint32_t count, struct random *random, struct span span,
                                struct diags *diags)
{
    if (count == 0)
        return NULL;
    random_shuffle(random, order, count);
    return dataset_pick(dataset, order, count, span, diags);
}

/* A split of `order`, which it frees: `train` rows, then `validation` rows, then the rest as test. */
static struct split *split_cut(struct dataset *dataset, uint32_t *order, uint32_t train, uint32_t validation, struct random *random,
                               struct span span, struct diags *diags)
{
    struct split *split = mem_alloc(sizeof *split);
    uint32_t test = dataset->count - train - validation;
    if (split) {
        split->references = 1;
        split->train = part_new(dataset, order, train, random, span, diags);
        split->validation = part_new(dataset, order + train, validation, random, span, diags);
        split->test = part_new(dataset, order + train + validation, test, random, span, diags);
        if (split->test)
            split->test->judges = true;
        if (!split->train || (validation && !split->validation) || (test && !split->test)) {
            split_release(split);
            split = NULL;
        }
    } else {
        diag_out_of_memory(diags, span);
    }
    mem_free(order);
    return split;
}

/* "80%" */
static void share_write(struct text *out, double share)
{
    number_write_short(out, share * 100, 4);
    text_add_char(out, '%');
}

static struct split *split_refuse(double train, double validation, const char *why, struct span span, struct diags *diags)
{
    struct text shares = {0};
    share_write(&shares, train);
    if (validation != 0) {
        text_add(&shares, ", ");
        share_write(&shares, validation);
    }
    struct diag *diag = diag_error(diags, span, "split(%s) %s", text_chars(&shares), why);
    diag_help(diag, "shares are of the whole, as in `split(80%%)` or `split(60%%, 20%%)`; what they leave is for testing");
    text_release(&shares);
    return NULL;
}

struct split *dataset_split(struct dataset *dataset, double train, double validation, uint64_t seed, struct span span,
                            struct diags *diags)
{
    /* Shares that add up to 1 as people see it may miss it by a rounding error. */
    const double slack = 1e-9;
    if (!(train > 0 && train < 1))
        return split_refuse(train, validation, "needs a training share above 0% and below 100%", span, diags);
    if (!(validation >= 0 && train + validation <= 1 + slack))
        return split_refuse(train, validation, "shares out more than there is", span, diags);

    bool tested = train + validation < 1 - slack;
    double rows = dataset->count;
    double train_rows = round(train * rows);
    double validation_rows = tested ? round(validation * rows) : rows - train_rows;
    double test_rows = rows - train_rows - validation_rows;
    const char *empty = train_rows < 1                          ? "training"
                        : validation > 0 && validation_rows < 1 ? "validation"
                        : tested && test_rows < 1               ? "testing"
                                                                : NULL;
    if (empty) {
        struct text why = {0};
        text_addf(&why, "of %u row%s leaves none for %s", dataset->count, dataset->count == 1 ? "" : "s", empty);
        split_refuse(train, validation, text_chars(&why), span, diags);
        text_release(&why);
        return NULL;
    }

    struct random random = random_stream(seed, RANDOM_SPLIT, SPLIT_STREAM_PARTS);
    uint32_t *order = stratified_order(dataset, &random);
    if (!order) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    return split_cut(dataset, order, (uint32_t)train_rows, (uint32_t)validation_rows, &random, span, diags);
}

/* Puts order[start..end) behind all others, which keep their order. `spare` is [end - start]. */
static void stretch_move_last(uint32_t *order, uint32_t start, uint32_t end, uint32_t count, uint32_t *spare)
{
    for (uint32_t i = start; i < end; i++)
        spare[i - start] = order[i];
    for (uint32_t i = end; i < count; i++)
        order[i - (end - start)] = order[i];
    for (uint32_t i = start; i < end; i++)
        order[count - end + i] = spare[i - start];
}

struct split *dataset_fold(struct dataset *dataset, uint32_t folds, uint32_t k, uint64_t seed, struct span span,
                           struct diags *diags)
{
    uint32_t count = dataset->count;
    if (folds < 2 || folds > count || k >= folds) {
        if (k >= folds && folds >= 2)
            diag_error(diags, span, "fold %u of %u does not exist", k + 1, folds);
        else
            diag_help(diag_error(diags, span, "cannot make %u folds of %u rows", folds, count), "from 2 to as many folds as rows");
        return NULL;
    }
    struct random random = random_stream(seed, RANDOM_SPLIT, SPLIT_STREAM_PARTS);
    uint32_t start = (uint32_t)((uint64_t)count * k / folds);
    uint32_t end = (uint32_t)((uint64_t)count * (k + 1) / folds);
    uint32_t *order = stratified_order(dataset, &random);
    uint32_t *spare = mem_array(end - start, sizeof *spare);
    if (!order || !spare) {
        mem_free(order);
        mem_free(spare);
        diag_out_of_memory(diags, span);
        return NULL;
    }
    stretch_move_last(order, start, end, count, spare);
    mem_free(spare);
    struct split *split = split_cut(dataset, order, count - (end - start), 0, &random, span, diags);
    if (split)
        split->fold = (struct fold){k + 1, folds, seed};
    return split;
}

bool dataset_fits(const struct dataset *train, const struct dataset *part, struct span span, struct diags *diags)
{
    const struct table *a = train->table, *b = part->table;
    if (a->columns != b->columns)
        diag_error(diags, span, "this part has %u feature%s, the training part %u", b->columns, b->columns == 1 ? "" : "s",
                   a->columns);
    else if (a->target != b->target || (a->target == TARGET_VALUE && a->outputs != b->outputs))
        diag_error(diags, span, "this part has another kind of target than the training part");
    else
        return true;
    return false;
}

struct split *split_join(struct dataset *train, struct dataset *validation, struct dataset *test, struct span span,
                         struct diags *diags)
{
    struct split *split = train && test ? mem_alloc(sizeof *split) : NULL;
    if (split) {
        *split = (struct split){.references = 1, .train = train, .validation = validation, .test = test};
        test->judges = test->judges || test->references == 1; /* else it is somebody's for another purpose, too */
        return split;
    }
    if (train && test)
        diag_out_of_memory(diags, span);
    dataset_release(train);
    dataset_release(validation);
    dataset_release(test);
    return NULL;
}

struct dataset *dataset_shuffle(struct dataset *dataset, uint64_t seed, struct span span, struct diags *diags)
{
    uint32_t *order = mem_array(dataset->count, sizeof *order);
    if (!order) {
        diag_out_of_memory(diags, span);
        return NULL;
    }
    struct random random = random_stream(seed, RANDOM_SPLIT, SPLIT_STREAM_SHUFFLE);
    sequence_fill(order, dataset->count);
    random_shuffle(&random, order, dataset->count);
    struct dataset *view = dataset_pick(dataset, order, dataset->count, span, diags);
    mem_free(order);
    return view;
}

struct dataset *dataset_take(struct dataset *dataset, uint32_t count, struct span span, struct diags *diags)
{
    if (count == 0 || count > dataset->count) {
        struct diag *diag = diag_error(diags, span, "cannot take %u rows of `%s`", count, dataset->name);
        diag_note(diag, "it has %u", dataset->count);
        return NULL;
    }
    return dataset_pick(dataset, NULL, count, span, diags);
}
