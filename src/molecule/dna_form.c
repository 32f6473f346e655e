/* The reserved symbols of DNA, one row each. */
#include "molecule/dna_form.h"

const struct dna_form dna_forms[] = {
    {"H", GENE_HEAD, DNA_WIDTH_NONE, DNA_PERCENT_NONE, DNA_BRACKET_TRAITS, "H[head=softmax]"},
    {"I", GENE_INPUT, DNA_WIDTH_MUST, DNA_PERCENT_NONE, DNA_BRACKET_NONE, "I2"},
    {"O", GENE_OUTPUT, DNA_WIDTH_MAY, DNA_PERCENT_DENSITY, DNA_BRACKET_TRAITS, "O3"},
    {"D", GENE_DROPOUT, DNA_WIDTH_NONE, DNA_PERCENT_RATE, DNA_BRACKET_NONE, "D%10"},
    {"Bn", GENE_BATCHNORM, DNA_WIDTH_NONE, DNA_PERCENT_NONE, DNA_BRACKET_TRAITS, "Bn"},
    {"Ln", GENE_LAYERNORM, DNA_WIDTH_NONE, DNA_PERCENT_NONE, DNA_BRACKET_TRAITS, "Ln"},
    {"Gt", GENE_GATHER, DNA_WIDTH_NONE, DNA_PERCENT_NONE, DNA_BRACKET_INDICES, "Gt[3,7]"},
    {"Sc", GENE_SCATTER, DNA_WIDTH_MUST, DNA_PERCENT_NONE, DNA_BRACKET_INDICES, "Sc256[0,1]"},
    {0},
};

const struct dna_form dna_form_element = {NULL, GENE_LAYER, DNA_WIDTH_MAY, DNA_PERCENT_DENSITY, DNA_BRACKET_TRAITS, "R8%2"};

const struct dna_form *dna_form_of(enum gene_kind kind)
{
    for (const struct dna_form *form = dna_forms; form->symbol; form++)
        if (form->kind == kind)
            return form;
    return &dna_form_element;
}
