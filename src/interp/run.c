/* Runs as values: one training, several trials of one, a training that went on. */
#include "interp/run.h"

#include "molecule/graph.h"
#include "support/memory.h"

/* ---- one ---- */

const struct dataset *run_dataset(struct value data)
{
    return data.kind == VALUE_DATASET ? data.dataset->dataset : data.kind == VALUE_SPLIT ? data.split->split->train : NULL;
}

static struct string *name_of_data(struct eval *eval, struct value data)
{
    const struct dataset *dataset = run_dataset(data);
    struct value name = dataset && dataset->name ? value_string(eval, str_of(dataset->name)) : value_none();
    return name.kind == VALUE_STRING ? value_retain(name).string : NULL;
}

struct value run_make(struct eval *eval, struct training *training, struct prepared *prepared, const struct molecule *molecule,
                      struct value named, const struct train_options *options, struct value data)
{
    struct value value = value_object(eval, sizeof(struct run), VALUE_RUN);
    if (failed(value)) {
        training_release(training);
        return value;
    }
    struct run *run = value.run;
    run->training = training;
    run->prepared = prepared ? prepared_retain(prepared) : NULL;
    run->molecule = molecule ? molecule_retain(molecule) : NULL;
    run->options = *options;
    run->options.watch = NULL;
    run->data_name = name_of_data(eval, data);
    if (named.kind == VALUE_MOLECULE && named.molecule->name) {
        struct value name = {.kind = VALUE_STRING, .string = named.molecule->name};
        run->name = value_retain(name).string;
    }
    if (!molecule || !prepared)
        return value;
    struct graph *graph = graph_build(molecule, prepared->train.width, eval->diags);
    if (!graph)
        return value_failed();
    run->params = (double)graph->params;
    run->flops = graph->flops;
    graph_release(graph);
    return value;
}

struct value run_again(struct eval *eval, const struct run *run, struct training *training, uint32_t epochs)
{
    struct value value = value_object(eval, sizeof(struct run), VALUE_RUN);
    if (failed(value)) {
        training_release(training);
        return value;
    }
    struct run *again = value.run;
    *again = (struct run){.object = again->object,
                          .training = training,
                          .prepared = prepared_retain(run->prepared),
                          .molecule = run->molecule ? molecule_retain(run->molecule) : NULL,
                          .options = run->options,
                          .grown = run->grown,
                          .growth = run->growth ? growth_retain(run->growth) : NULL,
                          .params = run->params,
                          .flops = run->flops};
    again->options.epochs = epochs;
    if (run->name)
        again->name = value_retain((struct value){.kind = VALUE_STRING, .string = run->name}).string;
    if (run->snapshots)
        again->snapshots = value_retain((struct value){.kind = VALUE_LIST, .list = run->snapshots}).list;
    if (run->data_name)
        again->data_name = value_retain((struct value){.kind = VALUE_STRING, .string = run->data_name}).string;
    return value;
}

/* ---- several ---- */

/* Better on validation, on training where there is none; a diverged run is worse than any other. */
static bool run_better(const struct run *a, const struct run *b)
{
    if (a->training->diverged != b->training->diverged)
        return b->training->diverged;
    bool validated = a->training->validation.count > 0;
    double first = validated ? a->training->validation.loss : a->training->train.loss;
    double second = validated ? b->training->validation.loss : b->training->train.loss;
    return first < second;
}

static struct value runs_with_room(struct eval *eval, size_t count)
{
    struct value value = value_object(eval, sizeof(struct runs), VALUE_RUNS);
    if (failed(value))
        return value;
    value.runs->items = mem_array(count, sizeof *value.runs->items);
    return value.runs->items ? value : eval_out_of_memory(eval, SPAN_NONE);
}

struct value runs_make(struct eval *eval, const struct value *runs, size_t count)
{
    struct value value = runs_with_room(eval, count);
    for (size_t i = 0; !failed(value) && i < count; i++) {
        value.runs->items[value.runs->count++] = value_retain(runs[i]).run;
        if (runs[i].run->training && run_better(runs[i].run, value.runs->items[value.runs->best]))
            value.runs->best = i;
    }
    if (!failed(value))
        value.runs->wanted = count;
    return value;
}

struct value runs_alike(struct eval *eval, struct value run, size_t count)
{
    struct value value = runs_with_room(eval, count);
    while (!failed(value) && value.runs->count < count)
        value.runs->items[value.runs->count++] = value_retain(run).run;
    if (!failed(value))
        value.runs->wanted = count;
    return value;
}
