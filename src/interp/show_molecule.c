/* Views of molecules and elements. A molecule is drawn as a tree of its layers: stages of a chain one under the other, what stands
   inside a branch, a sum, a product or a skip below it and further in. */
#include "interp/show.h"
#include "molecule/dna.h"
#include "molecule/graph.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"

/* What the graph tells of one gene. */
struct gene_facts {
    uint32_t input, width; /* values a sample; 0: not known */
    double params;         /* of its own, projection excepted */
    uint32_t projection_input;
    double projection; /* parameters of a skip's projection; 0: it has none */
};

struct structure {
    struct show *show;
    const struct molecule *molecule;
    struct gene_facts *facts; /* [genes]; NULL: the input's width is not known */
    struct grid grid;
    unsigned depth; /* composites around the present place */
    size_t rows;
};

/* Rows of one view; past these a drawing does not help. */
#define ROWS_MOST 80

static struct gene_facts *gather_facts(const struct molecule *molecule, const struct graph *graph)
{
    struct gene_facts *facts = mem_array(molecule->count, sizeof *facts);
    if (!facts)
        return NULL;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        struct gene_facts *of = &facts[node->gene];
        uint32_t input = node->input_count ? graph->nodes[graph->inputs[node->input_at]].width : 0;
        if (node->projection) {
            of->projection = (double)node->params;
            of->projection_input = input;
            continue;
        }
        if (of->width == 0)
            of->input = input;
        of->width = node->width;
        of->params += (double)node->params;
    }
    return facts;
}

/* ---- rows ---- */

static const char *const kind_titles[] = {
    [GENE_INPUT] = "input",         [GENE_OUTPUT] = "output", [GENE_DROPOUT] = "dropout", [GENE_BATCHNORM] = "batchnorm",
    [GENE_LAYERNORM] = "layernorm", [GENE_GATHER] = "gather", [GENE_SCATTER] = "scatter", [GENE_CHAIN] = "in a row",
    [GENE_BRANCH] = "branch",       [GENE_SUM] = "sum",       [GENE_PRODUCT] = "product", [GENE_SKIP] = "skip",
};

/* A tap's name: labels are numbered in the order in which DNA names them. */
static void add_label(uint32_t label, struct text *out)
{
    uint32_t number = label - 1;
    if (label >= FREE_LABEL)
        text_add(out, "open");
    else
        text_add_char(out, (char)('a' + (number < 26 ? number : 25)));
    if (label < FREE_LABEL && number >= 26)
        text_addf(out, "%u", number - 25);
}

static void add_title(const struct structure *structure, const struct gene *gene, size_t times, struct text *out)
{
    text_add_repeat(out, "│  ", structure->depth);
    if (gene->kind == GENE_LAYER || gene->kind == GENE_ACTIVATION)
        text_add(out, gene->element->name);
    else if (gene->kind == GENE_TAP)
        text_add(out, "tap ");
    else
        text_add(out, kind_titles[gene->kind]);
    if (gene->kind == GENE_OUTPUT && gene->head != HEAD_AUTO)
        text_addf(out, " (%s)", head_names[gene->head]);
    if (gene->kind == GENE_DROPOUT)
        text_addf(out, " %g%%", gene->rate * 100);
    if (gene->label) {
        text_add(out, gene->kind == GENE_TAP ? "" : " as ");
        add_label(gene->label, out);
    }
    if (times > 1)
        text_addf(out, " × %zu", times);
}

static bool composite(const struct gene *gene)
{
    return gene->kind >= GENE_CHAIN;
}

/* What goes into the subtree at `gene`: what its first layer reads (a tap reads nothing of it); 0: not known. */
static uint32_t input_of(const struct structure *structure, uint32_t gene)
{
    const struct gene *at = &structure->molecule->genes[gene];
    if (!composite(at))
        return structure->facts[gene].input;
    uint32_t child = gene + 1, input = input_of(structure, child);
    if (at->kind == GENE_CHAIN)
        return input;
    for (uint32_t i = 1; input == 0 && i < at->count; i++) {
        child += structure->molecule->genes[child].size;
        input = input_of(structure, child);
    }
    return input;
}

static void add_shape(const struct structure *structure, uint32_t gene, struct text *out)
{
    const struct gene_facts *facts = structure->facts ? &structure->facts[gene] : NULL;
    uint32_t input = facts ? input_of(structure, gene) : 0;
    if (input && facts->width)
        text_addf(out, "%u → %u", input, facts->width);
    else if (facts && facts->width)
        text_addf(out, "%u", facts->width);
    else if (structure->molecule->genes[gene].width)
        text_addf(out, "%u", structure->molecule->genes[gene].width);
}

static void add_dna(const struct structure *structure, uint32_t gene, struct text *out)
{
    const struct gene *at = &structure->molecule->genes[gene];
    if (!composite(at) && at->kind != GENE_TAP && !structure->molecule->free_labels)
        dna_encode_part(structure->molecule, gene, out);
}

static void add_row(struct structure *structure, uint32_t gene, size_t times)
{
    struct grid *grid = &structure->grid;
    if (structure->rows++ >= ROWS_MOST)
        return;
    add_title(structure, &structure->molecule->genes[gene], times, grid_cell(grid));
    grid_end(grid);
    add_dna(structure, gene, grid_cell(grid));
    grid_end(grid);
    add_shape(structure, gene, grid_cell(grid));
    grid_end(grid);
    if (structure->facts) {
        double params = structure->facts[gene].params * (double)times;
        if (params > 0)
            number_write_count(grid_cell(grid), params);
        grid_end(grid);
    }
}

static void add_projection(struct structure *structure, uint32_t gene)
{
    const struct gene_facts *facts = structure->facts ? &structure->facts[gene] : NULL;
    if (!facts || facts->projection == 0 || structure->rows++ >= ROWS_MOST)
        return;
    struct grid *grid = &structure->grid;
    text_add_repeat(grid_cell(grid), "│  ", structure->depth);
    text_add(grid_cell(grid), "└─ projection");
    grid_end(grid);
    grid_end(grid);
    text_addf(grid_cell(grid), "%u → %u", facts->projection_input, facts->width);
    grid_end(grid);
    number_write_count(grid_cell(grid), facts->projection);
    grid_end(grid);
}

/* ---- the tree ---- */

static bool same_params(const struct structure *structure, uint32_t a, uint32_t b)
{
    if (!structure->facts)
        return true;
    const struct gene_facts *x = &structure->facts[a], *y = &structure->facts[b];
    return x->input == y->input && x->width == y->width && x->params == y->params;
}

/* How many equal single layers follow each other from `gene` on, at most `left`. */
static size_t count_equal(const struct structure *structure, uint32_t gene, uint32_t left)
{
    const struct molecule *molecule = structure->molecule;
    if (molecule->genes[gene].size > 1 || molecule->genes[gene].label || molecule->free_labels)
        return 1;
    struct text first = {0}, next = {0};
    dna_encode_part(molecule, gene, &first);
    size_t times = 1;
    while (times < left && molecule->genes[gene + times].size == 1 && molecule->genes[gene + times].label == 0 &&
           same_params(structure, gene, gene + (uint32_t)times)) {
        text_clear(&next);
        dna_encode_part(molecule, gene + (uint32_t)times, &next);
        if (!str_equal(text_str(&first), text_str(&next)))
            break;
        times++;
    }
    text_release(&first);
    text_release(&next);
    return times;
}

static void add_gene(struct structure *structure, uint32_t gene, size_t times);

/* Stages from `gene` on. */
static void add_stages(struct structure *structure, uint32_t gene, uint32_t count)
{
    for (uint32_t i = 0; i < count;) {
        size_t times = count_equal(structure, gene, count - i);
        add_gene(structure, gene, times);
        for (size_t k = 0; k < times; k++)
            gene += structure->molecule->genes[gene].size;
        i += (uint32_t)times;
    }
}

/* Everything inside a composite, behind a line that shows how far it reaches. */
static void add_inside(struct structure *structure, uint32_t gene)
{
    const struct molecule *molecule = structure->molecule;
    const struct gene *at = &molecule->genes[gene];
    bool only_chain = at->count == 1 && molecule->genes[gene + 1].kind == GENE_CHAIN; /* a skip around several stages */
    structure->depth++;
    if (only_chain)
        add_stages(structure, gene + 2, molecule->genes[gene + 1].count);
    else
        for (uint32_t i = 0, child = gene + 1; i < at->count; child += molecule->genes[child].size, i++)
            add_gene(structure, child, 1);
    structure->depth--;
    add_projection(structure, gene);
}

static void add_gene(struct structure *structure, uint32_t gene, size_t times)
{
    add_row(structure, gene, times);
    if (composite(&structure->molecule->genes[gene]))
        add_inside(structure, gene);
}

void show_structure(struct show *show, const struct molecule *molecule, const struct graph *graph)
{
    struct structure structure = {.show = show, .molecule = molecule};
    structure.facts = graph ? gather_facts(molecule, graph) : NULL;
    structure.grid = (struct grid){
        .header = {"layer", "dna", graph ? "shape" : "width", "parameters"},
        .right = {false, false, true, true},
        .columns = structure.facts ? 4 : 3,
    };
    if (molecule->genes[0].kind == GENE_CHAIN)
        add_stages(&structure, 1, molecule->genes[0].count);
    else
        add_gene(&structure, 0, 1);
    grid_show(show, &structure.grid);
    if (structure.rows > ROWS_MOST)
        show_note(show, "… and %zu more rows", structure.rows - ROWS_MOST);
    mem_free(structure.facts);
}

/* ---- molecules ---- */

void show_molecule(struct show *show, const struct molecule_object *object)
{
    const struct molecule *molecule = object->molecule;
    struct text dna = {0};
    print_dna(molecule, &dna);
    if (object->name)
        show_heading(show, "%.*s  %s", STR_ARG(string_str(object->name)), text_chars(&dna));
    else
        show_heading(show, "%s", text_chars(&dna));
    text_release(&dna);
    struct graph *graph = molecule_input(molecule) && !molecule->free_labels ? graph_build(molecule, 0, show->eval->diags) : NULL;
    show_structure(show, molecule, graph);
    if (graph) {
        struct text total = {0};
        number_write_count(&total, (double)graph->params);
        show_note(show, "%s parameters", text_chars(&total));
        text_release(&total);
    }
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
