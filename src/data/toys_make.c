/* What the makers of toys share; see toys_make.h. */
#include "data/toys_make.h"

#include "data/streams.h"

struct plane plane_start(const struct toy_args *args, uint32_t classes)
{
    struct table *table = table_new(args->n, 2, TARGET_CLASS, classes);
    if (table && !table_name_target(table, STR("class"))) {
        table_release(table);
        table = NULL;
    }
    return (struct plane){
        .table = table,
        .place = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_PLACES),
        .noise = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_NOISE),
        .sd = args->noise,
    };
}

void plane_add(struct plane *plane, double x, double y, int32_t label)
{
    if (!plane->table)
        return;
    float *row = plane->table->x + 2 * (size_t)plane->next;
    if (plane->sd > 0) {
        x += plane->sd * random_normal(&plane->noise);
        y += plane->sd * random_normal(&plane->noise);
    }
    row[0] = (float)x;
    row[1] = (float)y;
    plane->table->labels[plane->next++] = label;
}

struct dataset *plane_finish(struct plane *plane, const struct toy *toy, const struct toy_args *args, bool shuffle)
{
    struct dataset *dataset = dataset_of(plane->table, toy->name);
    if (dataset && shuffle) {
        struct random order = random_stream(args->seed, RANDOM_DATA, DATA_STREAM_ORDER);
        random_shuffle(&order, dataset->rows, dataset->count);
    }
    return dataset;
}

uint32_t group_size(uint32_t n, uint32_t groups, uint32_t group)
{
    return n / groups + (group < n % groups);
}
