/* What `nel ir` prints of a training: the molecule met by an input width, as graph and plan. */
#include "engine/plan.h"
#include "molecule/dna.h"
#include "molecule/graph.h"
#include "study/learn.h"

bool explain_training(struct eval *eval, const struct molecule *molecule, uint32_t input_width, struct text *out)
{
    struct graph *graph = graph_build(molecule, input_width, eval->diags);
    struct plan *plan = graph ? plan_compile(graph, eval->state->seed, eval->diags) : NULL;
    if (plan) {
        text_addf(out, "%smolecule ", out->len ? "\n" : "");
        dna_encode(molecule, out);
        text_add(out, "\n\ngraph\n");
        graph_print(graph, out);
        text_add(out, "\nplan\n");
        plan_print(plan, out);
    }
    bool well = plan;
    plan_release(plan);
    graph_release(graph);
    return well;
}
