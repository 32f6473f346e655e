/* What `nel dna` prints: a molecule met by an input width, as a diagram; DNA line by line. */
#include <inttypes.h>
#include <string.h>

#include "library/session.h"
#include "library/show.h"
#include "molecule/dna.h"
#include "molecule/graph.h"

/* Inputs that a molecule is drawn for where nobody says; how many genes are asked for a better number, how many are tried. */
#define INPUTS_USUAL  2
#define OTHER_INPUTS  10 /* an example of another number */
#define GENES_ASKED   100
#define NUMBERS_TRIED 64

/* Widths of inputs worth a try: a small one, what a part of the molecule asks for, and then one after the other. */
static uint32_t width_to_try(const struct molecule *molecule, uint32_t number)
{
    if (number == 0)
        return INPUTS_USUAL;
    if (number > molecule->count || number > GENES_ASKED)
        return number - (molecule->count < GENES_ASKED ? molecule->count : GENES_ASKED);
    const struct gene *gene = &molecule->genes[number - 1];
    uint32_t most = 0;
    for (uint32_t i = 0; gene->kind == GENE_GATHER && i < gene->index_count; i++)
        most = molecule->indices[gene->index_at + i] >= most ? molecule->indices[gene->index_at + i] + 1 : most;
    return gene->kind == GENE_SCATTER ? gene->index_count : gene->kind == GENE_LAYER ? gene->width : most;
}

/* The graph for a number of inputs that nobody gave: of its input(n), or the first that fits. NULL without a diagnostic. */
static struct graph *graph_guess(const struct molecule *molecule, struct diags *diags)
{
    const struct gene *input = molecule_input(molecule);
    if (input)
        return graph_build(molecule, 0, diags);
    for (uint32_t number = 0; number < GENES_ASKED + NUMBERS_TRIED; number++) {
        struct diags unheard = {0};
        uint32_t width = width_to_try(molecule, number);
        struct graph *graph = width ? graph_build(molecule, width, &unheard) : NULL;
        diags_release(&unheard);
        if (graph)
            return graph;
    }
    return NULL;
}

static bool explain(struct eval *eval, const struct molecule *molecule, uint32_t inputs, struct text *out)
{
    size_t errors = eval->diags->errors;
    struct graph *graph = inputs ? graph_build(molecule, inputs, eval->diags) : graph_guess(molecule, eval->diags);
    struct show show = show_start(eval, SPAN_NONE, out);
    struct text dna = {0};
    show_dna(molecule, "`nel dna -` prints them", &dna);
    show_heading(&show, "%s", text_chars(&dna));
    show_gap(&show);
    show_structure(&show, molecule, graph);
    show_gap(&show);
    if (graph)
        show_totals(&show, (double)graph->params, graph->flops);
    if (graph && !inputs && !molecule_input(molecule))
        show_note(&show, "drawn for %u inputs: `nel dna STRING %u` draws it for %u", graph->input_width, OTHER_INPUTS,
                  OTHER_INPUTS);
    else if (!graph && eval->diags->errors == errors)
        show_note(&show, "drawn without widths: none of the numbers of inputs that were tried fits; one given behind the string is "
                         "taken, or told why not");
    out->failed |= dna.failed;
    text_release(&dna);
    graph_release(graph);
    return eval->diags->errors == errors;
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

/* A line's DNA in canonical form behind its hash; empty lines pass. */
static bool list_line(struct nel_state *state, struct str line, struct span place, struct text *out, struct diags *diags)
{
    if (line.len > 0 && line.at[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return true;
    struct molecule *molecule = dna_decode(line, &state->elements, place, diags);
    if (!molecule)
        return false;
    text_addf(out, "%016" PRIx64 "  ", molecule->hash);
    dna_encode(molecule, out);
    text_add_char(out, '\n');
    molecule_release(molecule);
    return true;
}

bool state_list_dna(struct nel_state *state, struct str lines, struct text *out, struct diags *diags)
{
    uint32_t source = sources_add(&state->sources, "<stdin>", lines);
    if (!source)
        return diag_out_of_memory(diags, SPAN_NONE);
    bool well = true;
    for (size_t start = 0; start < lines.len;) {
        const char *end = memchr(lines.at + start, '\n', lines.len - start);
        size_t length = end ? (size_t)(end - lines.at) - start : lines.len - start;
        struct span place = {source, (uint32_t)start, (uint32_t)start};
        well = list_line(state, (struct str){lines.at + start, length}, place, out, diags) && well;
        start += length + 1;
    }
    return well && !out->failed;
}
