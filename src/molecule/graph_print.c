/* A graph as a table for people: a node a row, columns as wide as what stands in them, numbers to the right. */
#include "molecule/graph.h"
#include "molecule/trait.h"
#include "support/number.h"

const char *graph_op_name(enum graph_op op)
{
    static const char *const names[] = {
        [GRAPH_INPUT] = "input",         [GRAPH_AFFINE] = "affine",   [GRAPH_ACTIVATION] = "activation",
        [GRAPH_HEAD] = "head",           [GRAPH_CONCAT] = "concat",   [GRAPH_SUM] = "sum",
        [GRAPH_PRODUCT] = "product",     [GRAPH_DROPOUT] = "dropout", [GRAPH_BATCHNORM] = "batchnorm",
        [GRAPH_LAYERNORM] = "layernorm", [GRAPH_GATHER] = "gather",   [GRAPH_SCATTER] = "scatter",
    };
    return names[op];
}

static uint32_t input_width(const struct graph *graph, const struct graph_node *node)
{
    return graph->nodes[graph->inputs[node->input_at]].width;
}

const char *graph_node_name(const struct graph *graph, const struct graph_node *node)
{
    const struct gene *gene = &graph->molecule->genes[node->gene];
    if (node->op == GRAPH_ACTIVATION)
        return gene->element->name;
    if (node->op == GRAPH_HEAD)
        return head_names[gene->head];
    if (node->projection)
        return "projection";
    bool sparse = node->op == GRAPH_AFFINE && node->weights < (uint64_t)input_width(graph, node) * node->width;
    return sparse ? "sparse" : graph_op_name(node->op);
}

enum column { COLUMN_NODE, COLUMN_OP, COLUMN_READS, COLUMN_SHAPE, COLUMN_PARAMS, COLUMN_FLOPS, COLUMN_COUNT };

static void add_count(struct text *out, double count)
{
    if (count > 0)
        number_write_count(out, count);
}

static void add_node_cell(const struct graph *graph, uint32_t number, enum column column, struct text *out)
{
    const struct graph_node *node = &graph->nodes[number];
    switch (column) {
    case COLUMN_NODE:
        text_addf(out, "%%%u", number);
        break;
    case COLUMN_OP:
        text_add(out, graph_node_name(graph, node));
        break;
    case COLUMN_READS:
        for (uint32_t i = 0; i < node->input_count; i++)
            text_addf(out, "%s%%%u", i == 0 ? "" : " ", graph->inputs[node->input_at + i]);
        break;
    case COLUMN_SHAPE:
        if (node->input_count == 1 && input_width(graph, node) != node->width)
            text_addf(out, "%u → ", input_width(graph, node));
        text_addf(out, "%u", node->width);
        break;
    case COLUMN_PARAMS:
        add_count(out, (double)node->params);
        break;
    case COLUMN_FLOPS:
        add_count(out, node->flops);
        break;
    case COLUMN_COUNT:
        break;
    }
}

static void add_total_cell(const struct graph *graph, enum column column, struct text *out)
{
    if (column == COLUMN_OP)
        text_add(out, "in all");
    else if (column == COLUMN_SHAPE)
        text_addf(out, "%u → %u", graph->input_width, graph->output_width);
    else if (column == COLUMN_PARAMS)
        number_write_count(out, (double)graph->params);
    else if (column == COLUMN_FLOPS)
        number_write_count(out, graph->flops);
}

/* Row 0 is the heading, the last one the total. */
static void set_cell(const struct graph *graph, uint32_t row, enum column column, struct text *out)
{
    static const char *const headings[COLUMN_COUNT] = {"node", "op", "reads", "shape", "parameters", "flops a sample"};
    text_clear(out);
    if (row == 0)
        text_add(out, headings[column]);
    else if (row <= graph->count)
        add_node_cell(graph, row - 1, column, out);
    else
        add_total_cell(graph, column, out);
}

static void print_row(const struct graph *graph, uint32_t row, const size_t *widths, struct text *cell, struct text *out)
{
    size_t blanks = 0; /* owed before the next cell: none stand at a line's end */
    for (unsigned column = 0; column < COLUMN_COUNT; column++) {
        set_cell(graph, row, column, cell);
        size_t pad = widths[column] - text_columns(text_str(cell));
        bool right = column >= COLUMN_SHAPE;
        blanks += (column == 0 ? 0 : 2) + (right ? pad : 0);
        if (cell->len > 0) {
            text_add_repeat(out, " ", blanks);
            text_add_str(out, text_str(cell));
            blanks = 0;
        }
        blanks += right ? 0 : pad;
    }
    text_add_char(out, '\n');
}

void graph_print(const struct graph *graph, struct text *out)
{
    struct text cell = {0};
    size_t widths[COLUMN_COUNT] = {0};
    for (uint32_t row = 0; row < graph->count + 2; row++)
        for (unsigned column = 0; column < COLUMN_COUNT; column++) {
            set_cell(graph, row, column, &cell);
            size_t width = text_columns(text_str(&cell));
            widths[column] = width > widths[column] ? width : widths[column];
        }
    for (uint32_t row = 0; row < graph->count + 2; row++)
        print_row(graph, row, widths, &cell, out);
    out->failed = out->failed || cell.failed;
    text_release(&cell);
}
