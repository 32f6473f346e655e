/* Views of molecules and elements. */
#include <math.h>

#include "library/show.h"
#include "molecule/graph.h"
#include "molecule/rewrite.h"
#include "picture/diagram.h"
#include "support/number.h"

/* ---- molecules ---- */

void show_structure(struct show *show, const struct molecule *molecule, const struct graph *graph)
{
    plot_molecule(show->out, molecule, graph, show->style);
}

void show_totals(struct show *show, double params, double flops)
{
    struct text totals = {0};
    number_write_count(&totals, params);
    text_add(&totals, params == 1 ? " parameter, " : " parameters, ");
    number_write_count(&totals, flops);
    text_add(&totals, " operations a sample");
    show_note(show, "%s", text_chars(&totals));
    text_release(&totals);
}

void show_sources(struct show *show, const struct molecule *molecule)
{
    struct text sources = {0};
    print_sources(molecule, &sources);
    if (sources.len)
        show_note(show, "%s", text_chars(&sources) + 1);
    text_release(&sources);
}

/* How many of the parameters begin with weights that the molecule carries. */
static void show_carried(struct show *show, const struct molecule *molecule, double params)
{
    double carried = 0;
    for (uint32_t i = 0; i < molecule->count; i++)
        if (molecule->genes[i].weights)
            carried += (double)weights_trained(&molecule->genes[i].weights->shape);
    carried = fmin(carried, params); /* of a layer that was made narrower some are left out */
    struct text text = {0};
    number_write_count(&text, carried);
    text_add(&text, carried == 1 ? " parameter begins with its weight" : " parameters begin with their weights");
    if (carried < params) {
        text_add(&text, ", ");
        number_write_count(&text, params - carried);
        text_add(&text, " with fresh ones");
    }
    show_note(show, "%s", text_chars(&text));
    text_release(&text);
}

/* What the rewrite that made it did. */
static void show_change(struct show *show, const struct molecule_object *object)
{
    const uint32_t projections = object->change.projections;
    if (!object->change.told)
        return;
    show_note(show, object->change.preserving ? "rewritten: it computes the same as before"
                                              : "rewritten: it computes something else than before");
    if (projections > 0)
        show_note(show, "%s: `linear` stages where widths no longer agreed",
                  counted(projections, "projection mends it", "projections mend it").text);
}

/* Characters of DNA in a heading. */
#define HEADING_MOST 400

void show_dna(const struct molecule *molecule, const char *where, struct text *out)
{
    struct text dna = {0};
    print_dna(molecule, &dna);
    if (dna.len > HEADING_MOST)
        text_addf(out, "%.*s… (%s characters; %s)", HEADING_MOST / 2, text_chars(&dna), counted((double)dna.len, "", "").text,
                  where);
    else
        text_add_str(out, text_str(&dna));
    text_release(&dna);
}

void show_molecule(struct show *show, const struct molecule_object *object)
{
    const struct molecule *molecule = object->molecule;
    struct text dna = {0};
    show_dna(molecule, "`.dna` has them", &dna);
    if (object->name)
        show_heading(show, "%.*s  %s", STR_ARG(string_str(object->name)), text_chars(&dna));
    else
        show_heading(show, "%s", text_chars(&dna));
    text_release(&dna);
    show_sources(show, molecule);
    const uint32_t width = molecule->free_labels ? 0 : molecule_reads(molecule);
    struct graph *graph = width > 0 ? graph_build(molecule, width, show->eval->diags) : NULL;
    show_structure(show, molecule, graph);
    if (graph)
        show_totals(show, (double)graph->params, graph->flops);
    if (graph && molecule->trained)
        show_carried(show, molecule, (double)graph->params);
    graph_release(graph);
    show_change(show, object);
}

void show_model(struct show *show, const struct model *model)
{
    struct text dna = {0};
    show_dna(model->molecule, "`.dna` has them", &dna);
    show_heading(show, "a model of %s", text_chars(&dna));
    text_release(&dna);
    struct graph *graph = graph_build(model->molecule, model_input_width(model), show->eval->diags);
    show_structure(show, model->molecule, graph);
    if (graph)
        show_totals(show, (double)graph->params, graph->flops);
    graph_release(graph);
}

/* ---- elements ---- */

#define ELEMENT_POINTS 200
#define ELEMENT_REACH  4.0 /* elements are drawn from -4 to 4: what they do, they do around 0 */

static void draw_element(struct show *show, const struct element *element)
{
    double x[ELEMENT_POINTS], value[ELEMENT_POINTS], slope[ELEMENT_POINTS], params[LIMIT_ELEMENT_PARAMETERS] = {0};
    for (unsigned i = 0; i < element->param_count; i++)
        params[i] = element->params[i].initial;
    for (size_t i = 0; i < ELEMENT_POINTS; i++) {
        x[i] = -ELEMENT_REACH + 2 * ELEMENT_REACH * (double)i / (ELEMENT_POINTS - 1);
        value[i] = formula_evaluate(&element->formula, element->value, x[i], params);
        slope[i] = formula_evaluate(&element->formula, element->slope, x[i], params);
    }
    struct plot_series series[] = {{element->name, x, value, ELEMENT_POINTS}, {"its derivative", x, slope, ELEMENT_POINTS}};
    struct plot_style style = show->style;
    style.columns = style.columns < 72 ? style.columns : 72;
    style.rows = 10;
    plot_curves(show->out, series, 2, NULL, style);
}

static void add_formula(struct show *show, const struct element *element, formula_id id, const char *sign)
{
    const char *names[LIMIT_ELEMENT_PARAMETERS];
    for (unsigned i = 0; i < element->param_count; i++)
        names[i] = element->params[i].name;
    struct text text = {0};
    text_addf(&text, "%s = ", sign);
    formula_print(&element->formula, id, names, &text);
    show_fold(show, &text);
    text_addf(show->out, "  %s\n", text_chars(&text));
    text_release(&text);
}

void show_element(struct show *show, const struct element *element)
{
    struct text title = {0};
    text_addf(&title, "%s  %s", element->name, element->symbol);
    for (unsigned i = 0; i < element->param_count; i++) {
        text_addf(&title, "%s%s = ", i == 0 ? "  " : ", ", element->params[i].name);
        number_write(&title, element->params[i].initial);
        text_add(&title, element->params[i].learned ? " (learned)" : "");
    }
    show_heading(show, "%s", text_chars(&title));
    text_release(&title);
    if (element->doc && element->doc[0])
        show_paragraph(show, str_of(element->doc));
    add_formula(show, element, element->value, "f(x)");
    add_formula(show, element, element->slope, "f′(x)");
    show_gap(show);
    draw_element(show, element);
}
