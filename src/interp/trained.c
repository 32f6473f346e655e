/* Values that stand for trained models: the run behind each, and trained models as atoms, molecules that carry their weights. */
#include "engine/transplant.h"
#include "interp/figures.h"
#include "interp/objects.h"
#include "interp/print.h"

bool value_is_trained(struct value value)
{
    return value.kind == VALUE_RUN || value.kind == VALUE_RUNS || value.kind == VALUE_EVOLUTION || value.kind == VALUE_MODEL;
}

struct run *run_of(struct eval *eval, struct value value, struct span span)
{
    if (value.kind == VALUE_EVOLUTION)
        value = value.evolution->best;
    struct run *run = value.kind == VALUE_RUN     ? value.run
                      : value.kind == VALUE_RUNS  ? value.runs->items[value.runs->best]
                      : value.kind == VALUE_MODEL ? value.model->run
                                                  : NULL;
    if (!run)
        eval_error_type(eval, span, "a run", value);
    return run;
}

bool may_be_trained(struct value value)
{
    return value.kind == VALUE_UNKNOWN && (value.of == VALUE_UNKNOWN || value_is_trained((struct value){.kind = value.of}));
}

bool may_answer(struct value value)
{
    return may_be_trained(value) || (value.kind == VALUE_UNKNOWN && value.of == VALUE_ENSEMBLE);
}

/* So much of a molecule's DNA stands for it in the name of a source. */
#define SOURCE_DNA_MOST 40

static void name_molecule(const struct molecule *molecule, struct text *out)
{
    struct text dna = {0};
    print_dna(molecule, &dna);
    struct str text = text_str(&dna);
    bool whole = text.len <= SOURCE_DNA_MOST;
    text_add_str(out, whole ? text : (struct str){text.at, SOURCE_DNA_MOST});
    text_add(out, whole ? "" : "…");
    text_release(&dna);
}

/* "Coil on circles, seed 3": what a run's weights are called where they are used. */
static void name_run(const struct run *run, struct text *out)
{
    if (run->name)
        text_add_str(out, string_str(run->name));
    else if (run->molecule)
        name_molecule(run->molecule, out);
    if (run->data_name)
        text_addf(out, " on %.*s", STR_ARG(string_str(run->data_name)));
    text_addf(out, ", seed %llu", (unsigned long long)run->options.seed);
}

static struct weights_source *source_of(struct eval *eval, const struct run *run, const struct model *model, struct span span)
{
    struct text name = {0};
    const bool trained = run && (run->prepared || run->data || !model); /* else of `model(…)` */
    const struct recipe *recipe = trained ? run_recipe(run) : NULL;
    if (trained)
        name_run(run, &name);
    else
        text_add(&name, "given numbers");
    struct weights_source *source =
        name.failed ? NULL : weights_source_new(text_chars(&name), recipe ? recipe_scaling(recipe) : NULL);
    text_release(&name);
    if (!source)
        eval_out_of_memory(eval, span);
    return source;
}

/* Where nothing was trained (nel check), what is known of the molecule: which gene reads how many values. */
static struct molecule *outline(struct eval *eval, const struct run *run, struct weights_source *source, struct span span)
{
    struct graph *graph = graph_build(run->molecule, run->prepared->train.width, eval->diags);
    struct molecule *molecule = graph ? graph_molecule(graph, span, source, eval->diags) : NULL;
    graph_release(graph);
    return molecule;
}

/* `training`: whose model it is, where the state of its optimiser is wanted, too; else NULL. */
static struct value atom_of(struct eval *eval, const struct run *run, const struct model *model, const struct training *training,
                            struct span span)
{
    if (!model && (!run->molecule || !run->prepared))
        return value_unknown_of(VALUE_MOLECULE);
    struct weights_source *source = source_of(eval, run, model, span);
    struct molecule *molecule = !source    ? NULL
                                : training ? training_molecule(training, run->options.optimizer, span, source, eval->diags)
                                : model    ? model_molecule(model, span, source, eval->diags)
                                           : outline(eval, run, source, span);
    weights_source_release(source);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

/* The whole network of a run, which it remembers. */
static struct value network_of(struct eval *eval, struct run *run, bool standing, struct span span)
{
    const struct training *training = run->training;
    struct value value = atom_of(eval, run, training ? training->model : NULL, standing && !run->past ? training : NULL, span);
    if (value.kind == VALUE_MOLECULE)
        value.molecule->run = value_retain((struct value){.kind = VALUE_RUN, .run = run}).run;
    return value;
}

struct value value_atom(struct eval *eval, struct value value, struct span span)
{
    if (value.kind == VALUE_UNKNOWN && value_is_trained((struct value){.kind = value.of}))
        return value_unknown_of(VALUE_MOLECULE);
    if (value.kind == VALUE_MODEL)
        return atom_of(eval, value.model->run, value.model->model, NULL, span);
    if (!value_is_trained(value))
        return value;
    struct run *run = run_of(eval, value, span);
    return run ? network_of(eval, run, false, span) : value_failed();
}

struct value value_standing(struct eval *eval, struct value molecule, struct span span)
{
    struct run *run = molecule.kind == VALUE_MOLECULE && !molecule.molecule->rewritten ? molecule.molecule->run : NULL;
    return run ? network_of(eval, run, true, span) : molecule;
}
