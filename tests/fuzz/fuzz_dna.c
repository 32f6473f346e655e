/* links: nel_picture */
/* Any bytes as DNA. What is accepted prints as canonical DNA, which reads as the same molecule and prints the same again; each part
   of a small one, cut out and put back, gives the molecule again; and its diagram fits a page. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "molecule/dna.h"
#include "molecule/rewrite.h"
#include "picture/diagram.h"
#include "support/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void add_element(struct elements *elements, const char *name, const char *symbol, const char *param)
{
    struct element element = {0};
    struct diags diags = {0};
    element.name = mem_copy_text(name, str_of(name).len);
    element.doc = mem_copy_text("", 0);
    element.value = formula_x(&element.formula);
    for (size_t i = 0; symbol[i]; i++)
        element.symbol[i] = symbol[i];
    if (param) {
        element.params[0] = (struct element_param){mem_copy_text(param, str_of(param).len), 0.01, false, SPAN_NONE};
        element.param_count = 1;
    }
    if (!elements_add(elements, &element, &diags))
        abort();
}

/* Made once and kept: the table never changes after. */
static const struct elements *table(void)
{
    static struct elements elements;
    if (elements.count == 0) {
        add_element(&elements, "linear", "L", NULL);
        add_element(&elements, "relu", "R", NULL);
        add_element(&elements, "tanh", "T", NULL);
        add_element(&elements, "sine", "Si", NULL);
        add_element(&elements, "leaky_relu", "Lr", "slope");
    }
    return &elements;
}

/* Cuts the subtree at `gene` out and puts it back. */
static void check_part(const struct molecule *molecule, uint32_t gene)
{
    struct diags diags = {0};
    struct place place = {gene, 1};
    struct molecule *part = molecule_slice(molecule, place, &diags);
    struct molecule *back = part ? molecule_replace(molecule, place, part, &diags) : NULL;
    /* A part with an input or an output is one too; both stay in their place. */
    if (!back || !molecule_equal(back, molecule))
        abort();
    molecule_release(part);
    molecule_release(back);
    diags_release(&diags);
}

/* No line is wider than a page. */
static void check_diagram(const struct molecule *molecule)
{
    struct text out = {0};
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, 2, &diags);
    plot_molecule(&out, molecule, graph, (struct plot_style){.unicode = true});
    for (size_t i = 0, start = 0; i < out.len; i++)
        if (out.at[i] == '\n') {
            if (text_columns((struct str){out.at + start, i - start}) > 80)
                abort();
            start = i + 1;
        }
    graph_release(graph);
    diags_release(&diags);
    text_release(&out);
}

static void check_molecule(const struct molecule *molecule)
{
    struct text text = {0}, again = {0};
    struct diags diags = {0};
    dna_encode(molecule, &text);
    struct molecule *back = dna_decode(text_str(&text), table(), SPAN_NONE, &diags);
    if (!back || !molecule_equal(back, molecule) || back->hash != molecule->hash)
        abort();
    dna_encode(back, &again);
    if (!str_equal(text_str(&text), text_str(&again)))
        abort();
    for (uint32_t gene = 0; molecule->count < 64 && gene < molecule->count; gene++)
        check_part(molecule, gene);
    check_diagram(molecule);
    molecule_release(back);
    text_release(&text);
    text_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct diags diags = {0};
    struct str dna = {len > 0 ? (const char *)bytes : "", len};
    struct molecule *molecule = dna_decode(dna, table(), SPAN_NONE, &diags);
    if (!molecule != (diags.errors > 0))
        abort();
    if (molecule)
        check_molecule(molecule);
    molecule_release(molecule);
    diags_release(&diags);
    return 0;
}
