/* What `nel ir` and `nel dna` print: a molecule met by an input width, as graph and plan. */
#include "engine/plan.h"
#include "interp/evaluate.h"
#include "interp/learn.h"
#include "interp/session.h"
#include "molecule/dna.h"
#include "molecule/graph.h"

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

static bool explain(struct eval *eval, const struct molecule *molecule, uint32_t inputs, struct text *out)
{
    struct value value = value_molecule(eval, molecule_retain(molecule));
    if (failed(value) || !value_show(eval, value, SPAN_NONE, out))
        return false;
    const struct gene *input = molecule_input(molecule);
    uint32_t width = inputs ? inputs : input ? input->width : 0;
    struct graph *graph = width ? graph_build(molecule, width, eval->diags) : NULL;
    if (graph) {
        text_add_char(out, '\n');
        graph_print(graph, out);
    }
    bool well = !width || graph;
    graph_release(graph);
    return well;
}

bool state_explain(struct nel_state *state, struct str dna, uint32_t inputs, struct text *out, struct diags *diags)
{
    uint32_t source = sources_add(&state->sources, "<dna>", dna);
    if (!source)
        return diag_out_of_memory(diags, SPAN_NONE);
    struct molecule *molecule = dna_decode(dna, &state->elements, (struct span){source, 0, 0}, diags);
    if (!molecule)
        return false;
    struct eval eval;
    eval_start(&eval, state, state->globals, diags, (size_t)1 << 20);
    bool well = explain(&eval, molecule, inputs, out);
    eval_end(&eval);
    molecule_release(molecule);
    return well;
}
