/* Which options an evolution takes. */
#include <math.h>

#include "lab/evolve.h"
#include "support/limits.h"

/* The option that does not hold, which the error at nowhere is about. */
static const char *selection_wrong(const struct evolve_options *options, struct diags *diags)
{
    const struct selection *select = &options->select;
    const bool drawn = select->kind == SELECT_TOURNAMENT || select->kind == SELECT_AGING;
    if (drawn && (select->size == 0 || select->size > LIMIT_POPULATION)) {
        diag_error(diags, SPAN_NONE, "a tournament has 1 to %d contestants", LIMIT_POPULATION);
        return "select";
    }
    if (select->kind == SELECT_AGING && (select->batch == 0 || select->batch > options->population)) {
        diag_error(diags, SPAN_NONE, "aging makes 1 child at a time, or up to %u, the whole population", options->population);
        return "select";
    }
    if (select->kind == SELECT_NSGA2 && options->population > LIMIT_FRONT_POPULATION) {
        diag_error(diags, SPAN_NONE, "`nsga2` takes a population of up to %d", LIMIT_FRONT_POPULATION);
        return "population";
    }
    if (options->objectives > 1 && (select->kind != SELECT_NSGA2 || options->species > 0)) {
        diag_help(
            diag_error(diags, SPAN_NONE, "%u objectives are weighed against each other by `nsga2` alone", options->objectives),
            "`select: nsga2`, without `species`; or one `fitness` of all of them");
        return select->kind != SELECT_NSGA2 ? "select" : "species";
    }
    return NULL;
}

static const char *mutations_wrong(const struct evolve_options *options, struct diags *diags)
{
    double sum = options->retrain;
    for (size_t i = 0; i < options->mutation_count; i++) {
        double weight = options->mutations[i].weight;
        if (!(weight >= 0) || !isfinite(weight)) {
            diag_error(diags, SPAN_NONE, "the weight of the mutation `%s` is not a number of at least 0",
                       options->mutations[i].name);
            return "mutate";
        }
        sum += weight;
    }
    if ((options->mutation_count > 0 || options->gene_count > 0) && !(sum > 0 && isfinite(sum))) {
        diag_error(diags, SPAN_NONE, "no mutation can be drawn: their weights are all 0");
        return "mutate";
    }
    return NULL;
}

const char *evolve_options_wrong(const struct evolve_options *options, size_t founder_count, struct diags *diags)
{
    if (options->population == 0 || options->population > LIMIT_POPULATION || options->generations > LIMIT_POPULATION) {
        diag_error(diags, SPAN_NONE, "an evolution has a population of 1 to %d and at most %d generations", LIMIT_POPULATION,
                   LIMIT_POPULATION);
        return options->generations > LIMIT_POPULATION ? "generations" : "population";
    }
    const char *wrong = selection_wrong(options, diags);
    if (!wrong && (founder_count == 0 || founder_count > options->population)) {
        diag_error(diags, SPAN_NONE, "%zu founders for a population of %u", founder_count, options->population);
        wrong = "population";
    }
    return wrong ? wrong : mutations_wrong(options, diags);
}
