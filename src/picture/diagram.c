/* Diagrams are laid out in two walks over their parts: from the leaves up each part's size and the column of its wire (its axis),
   from the root down where it stands. If the whole is too wide or too long, less is drawn: symbols in place of names, fewer stages,
   fewer members, less depth, in this order, until it fits. */
#include "picture/diagram.h"

#include "picture/canvas.h"
#include "picture/diagram_part.h"
#include "support/memory.h"
#include "support/number.h"

/* Rows of a page; cells between members of a fork; columns from the drawing to its margin, and of the margin. */
enum { ROWS_USUAL = 100, COLUMNS_USUAL = 80, GAP = 3, MARGIN_GAP = 3, MARGIN_LEAST = 10, MARGIN_MOST = 20 };

/* What meets in a cell of a line. */
enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };

static const uint32_t line_glyphs[16] = {' ',    0x2575, 0x2577, 0x2502, 0x2574, 0x2518, 0x2510, 0x2524,
                                         0x2576, 0x2514, 0x250c, 0x251c, 0x2500, 0x2534, 0x252c, 0x253c};
enum { DASH_ACROSS = 0x2504, DASH_DOWN = 0x2506, ARROW = 0x25b8 };

/* Figures of one row, for the margin. */
struct margin {
    struct text terms;
    double total;
};

struct drawing {
    const struct part_tree *tree;
    struct canvas canvas;
    struct margin *margins; /* by row; NULL without a graph */
};

static unsigned max(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* ---- sizes ---- */

static void measure(struct part *parts, uint32_t at);

/* Columns to the right of the axis that a chain's wire needs for what stands beside it. */
static unsigned beside_wire(const struct part *part)
{
    unsigned wire = part->wire.columns ? part->wire.columns + 2 : 1, tap = part->tap.columns ? part->tap.columns + 4 : 1;
    return max(wire, tap);
}

/* Rows between a stage and the next. */
static unsigned wire_rows(const struct part *part)
{
    return part->tap.len > 0 ? 2 : 1;
}

static void measure_chain(struct part *parts, struct part *part)
{
    unsigned right = 0;
    for (uint32_t at = part->first; at; at = parts[at].next) {
        measure(parts, at);
        const struct part *child = &parts[at];
        part->axis = max(part->axis, child->axis);
        right = max(right, child->width - child->axis);
        if (child->next)
            right = max(right, beside_wire(child));
        part->height += child->height + (child->next ? wire_rows(child) : 0);
    }
    part->width = part->axis + right;
}

/* The wire in the middle of the outer members' wires, or right on a member's that is close or alone reads. */
static unsigned fork_axis(const struct part *parts, const struct part *part)
{
    unsigned left = 0, x = 0, low = 0, high = 0, middle, readers = 0, reader = 0;
    for (uint32_t at = part->first; at; at = parts[at].next, x += GAP) {
        high = x + parts[at].axis;
        low = at == part->first ? high : low;
        reader = parts[at].reads ? high : reader;
        readers += parts[at].reads;
        x += parts[at].width;
    }
    middle = readers == 1 ? reader : (low + high) / 2;
    for (uint32_t at = part->first; at; left += parts[at].width + GAP, at = parts[at].next) {
        unsigned axis = left + parts[at].axis;
        if (axis + 2 >= middle && axis <= middle + 2)
            return axis;
    }
    return middle;
}

static void measure_fork(struct part *parts, struct part *part)
{
    for (uint32_t at = part->first; at; at = parts[at].next) {
        measure(parts, at);
        part->width += parts[at].width + (parts[at].next ? GAP : 0);
        part->height = max(part->height, parts[at].height);
    }
    part->axis = fork_axis(parts, part);
    part->height += 2;
}

/* The rail's column, counted from the child's left: clear of the child, and of `(+)` below it. */
static unsigned rail_column(const struct part *child, const struct part *part)
{
    return max(child->width, child->axis + 3) + 1 + part->text.columns / 2;
}

static void measure_skip(struct part *parts, struct part *part)
{
    measure(parts, part->first);
    const struct part *child = &parts[part->first];
    part->axis = child->axis;
    part->width = rail_column(child, part) + max(1, part->text.columns - part->text.columns / 2);
    part->height = child->height + 2;
}

static void measure_frame(struct part *parts, struct part *part)
{
    measure(parts, part->first);
    const struct part *child = &parts[part->first];
    part->axis = child->axis + 2;
    part->width = max(child->width + 4, part->axis + part->text.columns + 5);
    part->height = child->height + 2;
}

static void measure(struct part *parts, uint32_t at)
{
    struct part *part = &parts[at];
    switch (part->kind) {
    case PART_TEXT:
    case PART_TAP:
        part->width = max(part->text.columns, 3); /* `(+)` stands in the same column as many a text */
        part->height = 1;
        part->axis = (part->width - 1) / 2;
        break;
    case PART_CHAIN:
        measure_chain(parts, part);
        break;
    case PART_FORK:
        measure_fork(parts, part);
        break;
    case PART_SKIP:
        measure_skip(parts, part);
        break;
    case PART_FRAME:
        measure_frame(parts, part);
        break;
    }
}

/* ---- strokes ---- */

static void stroke(struct drawing *drawing, unsigned x, unsigned y, unsigned lines)
{
    struct canvas *canvas = &drawing->canvas;
    if (x >= canvas->columns || y >= canvas->rows)
        return;
    uint32_t glyph = canvas->cells[(size_t)y * canvas->columns + x].glyph;
    for (unsigned i = 1; i < 16; i++)
        lines |= line_glyphs[i] == glyph ? i : 0;
    canvas_put(canvas, x, y, line_glyphs[lines], INK_DIM, INK_PLAIN);
}

static void stroke_across(struct drawing *drawing, unsigned from, unsigned to, unsigned y)
{
    for (unsigned x = from; x <= to && from < to; x++)
        stroke(drawing, x, y, (x > from ? LEFT : 0) | (x < to ? RIGHT : 0));
}

static void stroke_down(struct drawing *drawing, unsigned x, unsigned from, unsigned to)
{
    for (unsigned y = from; y < to; y++)
        stroke(drawing, x, y, UP | DOWN);
}

/* One column a character: element names, DNA and figures. */
static void write_text(struct drawing *drawing, unsigned x, unsigned y, struct str text, ink colour)
{
    for (size_t at = 0; at < text.len; x++) {
        size_t step = utf8_length(text.at + at, text.len - at);
        uint32_t glyph = step ? utf8_decode(text.at + at, step) : '?';
        canvas_put(&drawing->canvas, x, y, glyph, colour, INK_PLAIN);
        at += step ? step : 1;
    }
}

static void write_part(struct drawing *drawing, unsigned x, unsigned y, struct part_text text, ink colour)
{
    write_text(drawing, x, y, part_str(drawing->tree, text), colour);
}

static void note_params(struct drawing *drawing, const struct part *part, unsigned y)
{
    if (!drawing->margins || part->params.len == 0 || y >= drawing->canvas.rows)
        return;
    struct margin *margin = &drawing->margins[y];
    text_add(&margin->terms, margin->terms.len > 0 ? " + " : "");
    text_add_str(&margin->terms, part_str(drawing->tree, part->params));
    margin->total += part->total;
}

/* ---- parts ---- */

static void draw(struct drawing *drawing, const struct part *part, unsigned x, unsigned y);

static const struct part *part_of(const struct drawing *drawing, uint32_t at)
{
    return &drawing->tree->parts.at[at];
}

/* The wire behind a stage, with what it carries; it ends where the next one does not take it. */
static void draw_wire(struct drawing *drawing, const struct part *part, unsigned axis, unsigned y, bool taken)
{
    bool tapped = part->tap.len > 0;
    stroke(drawing, axis, y, taken || tapped ? UP | DOWN : UP);
    write_part(drawing, axis + 2, y, part->wire, INK_DIM);
    if (!tapped)
        return;
    stroke(drawing, axis, y + 1, RIGHT | UP | (taken ? DOWN : 0));
    stroke(drawing, axis + 1, y + 1, LEFT | RIGHT);
    canvas_put(&drawing->canvas, axis + 2, y + 1, ARROW, INK_DIM, INK_PLAIN);
    write_part(drawing, axis + 4, y + 1, part->tap, INK_PLAIN);
}

static void draw_chain(struct drawing *drawing, const struct part *part, unsigned x, unsigned y)
{
    unsigned axis = x + part->axis;
    for (uint32_t at = part->first; at; at = part_of(drawing, at)->next) {
        const struct part *child = part_of(drawing, at);
        draw(drawing, child, axis - child->axis, y);
        y += child->height;
        if (!child->next)
            break;
        draw_wire(drawing, child, axis, y, part_of(drawing, child->next)->reads);
        y += wire_rows(child);
    }
}

static void write_sign(struct drawing *drawing, unsigned axis, unsigned y, char sign)
{
    char text[] = {'(', sign, ')'};
    write_text(drawing, axis - 1, y, (struct str){text, sizeof text}, INK_PLAIN);
}

/* Members that read hang from the bar above, the others (taps) stand on the bar below. */
static void draw_fork(struct drawing *drawing, const struct part *part, unsigned x, unsigned y)
{
    unsigned axis = x + part->axis, bottom = y + part->height - 1, left = axis, right = axis, low = axis, high = axis;
    for (uint32_t at = part->first; at; at = part_of(drawing, at)->next) {
        const struct part *child = part_of(drawing, at);
        unsigned top = child->reads ? y + 1 : bottom - child->height, wire = x + child->axis;
        draw(drawing, child, x, top);
        stroke_down(drawing, wire, top + child->height, bottom);
        stroke(drawing, wire, bottom, UP);
        low = wire < low ? wire : low;
        high = max(high, wire);
        if (child->reads) {
            stroke(drawing, wire, y, DOWN);
            left = wire < left ? wire : left;
            right = max(right, wire);
        }
        x += child->width + GAP;
    }
    if (part->reads)
        stroke(drawing, axis, y, UP);
    stroke_across(drawing, left, right, y);
    stroke_across(drawing, low, high, bottom);
    write_sign(drawing, axis, bottom, part->sign);
}

static void draw_skip(struct drawing *drawing, const struct part *part, unsigned x, unsigned y)
{
    const struct part *child = part_of(drawing, part->first);
    unsigned axis = x + part->axis, bottom = y + part->height - 1, rail = x + rail_column(child, part);
    draw(drawing, child, x, y + 1);
    stroke(drawing, axis, y, child->reads ? UP | DOWN : UP);
    stroke_across(drawing, axis, rail, y);
    stroke(drawing, rail, y, DOWN);
    stroke_down(drawing, rail, y + 1, bottom);
    stroke(drawing, rail, bottom, UP);
    stroke_across(drawing, axis + 1, rail, bottom);
    write_sign(drawing, axis, bottom, '+');
    write_part(drawing, rail - part->text.columns / 2, y + 1, part->text, INK_PLAIN);
    note_params(drawing, part, y + 1);
}

static void draw_frame(struct drawing *drawing, const struct part *part, unsigned x, unsigned y)
{
    unsigned right = x + part->width - 1, bottom = y + part->height - 1, axis = x + part->axis;
    for (unsigned i = x + 1; i < right; i++) {
        canvas_put(&drawing->canvas, i, y, DASH_ACROSS, INK_DIM, INK_PLAIN);
        canvas_put(&drawing->canvas, i, bottom, DASH_ACROSS, INK_DIM, INK_PLAIN);
    }
    for (unsigned i = y + 1; i < bottom; i++) {
        canvas_put(&drawing->canvas, x, i, DASH_DOWN, INK_DIM, INK_PLAIN);
        canvas_put(&drawing->canvas, right, i, DASH_DOWN, INK_DIM, INK_PLAIN);
    }
    stroke(drawing, x, y, RIGHT | DOWN);
    stroke(drawing, right, y, LEFT | DOWN);
    stroke(drawing, x, bottom, RIGHT | UP);
    stroke(drawing, right, bottom, LEFT | UP);
    if (part->reads)
        stroke(drawing, axis, y, UP | DOWN);
    stroke(drawing, axis, bottom, UP | DOWN);
    canvas_put(&drawing->canvas, right - part->text.columns - 2, y, ' ', INK_PLAIN, INK_PLAIN);
    write_part(drawing, right - part->text.columns - 1, y, part->text, INK_PLAIN);
    canvas_put(&drawing->canvas, right - 1, y, ' ', INK_PLAIN, INK_PLAIN);
    draw(drawing, part_of(drawing, part->first), x + 2, y + 1);
}

static void draw(struct drawing *drawing, const struct part *part, unsigned x, unsigned y)
{
    switch (part->kind) {
    case PART_TEXT:
    case PART_TAP:
        write_part(drawing, x + (part->width - part->text.columns) / 2, y, part->text, INK_PLAIN);
        note_params(drawing, part, y);
        break;
    case PART_CHAIN:
        draw_chain(drawing, part, x, y);
        break;
    case PART_FORK:
        draw_fork(drawing, part, x, y);
        break;
    case PART_SKIP:
        draw_skip(drawing, part, x, y);
        break;
    case PART_FRAME:
        draw_frame(drawing, part, x, y);
        break;
    }
}

/* ---- the page ---- */

/* Draws less; false where nothing less makes sense. */
static bool draw_less(struct part_limits *limits, bool wide, bool tall)
{
    static const struct part_limits loosest = {true, 60, 24, PART_DEPTH};
    if (wide && !limits->symbols) {
        limits->symbols = true;
    } else if (tall && limits->stages > 3) {
        limits->stages = limits->stages * 3 / 4;
    } else if (wide && limits->members > 3) {
        limits->members = limits->members * 3 / 4;
    } else if (limits->depth > 1) {
        unsigned depth = limits->depth > 6 ? 6 : limits->depth - 1;
        *limits = loosest;
        limits->depth = depth;
    } else {
        return false;
    }
    return true;
}

/* Builds as much of the tree as fits into a page. */
static void build_fitting(struct part_tree *tree, struct part_facts *facts, unsigned columns, unsigned rows)
{
    struct part_limits limits = {false, 60, 24, PART_DEPTH};
    bool fits = false;
    while (!fits) {
        part_tree_build(tree, facts, limits);
        if (tree->failed)
            return;
        if (!tree->crowded)
            measure(tree->parts.at, 0);
        const struct part *root = &tree->parts.at[0];
        bool wide = tree->crowded || root->width > columns, tall = tree->crowded || root->height > rows;
        fits = (!wide && !tall) || !draw_less(&limits, wide, tall);
    }
}

/* What stands above the first wire and below the last. */
static void add_ends(struct drawing *drawing, const struct graph *graph, unsigned axis, struct str above)
{
    const struct part *root = part_of(drawing, 0);
    unsigned bottom = root->height + 2;
    write_text(drawing, axis - (unsigned)(above.len - 1) / 2, 0, above, INK_PLAIN);
    stroke(drawing, axis, 1, root->reads ? UP | DOWN : UP);
    stroke(drawing, axis, bottom, UP | DOWN);
    if (!graph)
        return;
    struct text width = {0};
    text_addf(&width, "%u", graph->output_width);
    write_text(drawing, axis + 2, bottom, text_str(&width), INK_DIM);
    text_release(&width);
}

/* Signs of a plain terminal. */
static uint32_t plain_glyph(uint32_t glyph)
{
    switch (glyph) {
    case 0x2502:
    case 0x2575:
    case 0x2577:
        return '|';
    case 0x2500:
        return '-';
    case DASH_ACROSS:
        return '.';
    case DASH_DOWN:
    case 0x22ee: /* ⋮ */
        return ':';
    case ARROW:
        return '>';
    case 0xd7: /* × */
        return 'x';
    case 0x2026: /* … */
        return '~';
    default:
        return glyph < 0x80 ? glyph : '+';
    }
}

static void make_plain(struct canvas *canvas)
{
    for (size_t i = 0; i < (size_t)canvas->columns * canvas->rows; i++)
        canvas->cells[i].glyph = plain_glyph(canvas->cells[i].glyph);
}

/* Each row's figures at the right edge, or their sum where they are too many. */
static void write_margins(struct drawing *drawing, unsigned most)
{
    const struct canvas *canvas = &drawing->canvas;
    write_text(drawing, canvas->columns - (unsigned)STR("parameters").len, 0, STR("parameters"), INK_DIM);
    for (unsigned row = 0; row < canvas->rows; row++) {
        struct margin *margin = &drawing->margins[row];
        if (text_columns(text_str(&margin->terms)) > most) {
            text_clear(&margin->terms);
            number_write_count(&margin->terms, margin->total);
        }
        unsigned width = (unsigned)text_columns(text_str(&margin->terms));
        write_text(drawing, canvas->columns - width, row, text_str(&margin->terms), INK_PLAIN);
    }
}

/* The whole sheet: a row above for what comes in, a wire, the parts, a wire. */
static void draw_sheet(struct drawing *drawing, const struct graph *graph, const struct text *above, struct plot_style style,
                       struct text *out)
{
    const struct part *root = part_of(drawing, 0);
    unsigned half = (unsigned)(text_columns(text_str(above)) - 1) / 2, inset = half > root->axis ? half - root->axis : 0;
    unsigned width = max(inset + root->width, inset + root->axis + max(half + 2, 10));
    unsigned room = style.columns > width + MARGIN_GAP ? style.columns - width - MARGIN_GAP : 0;
    unsigned margin = room < MARGIN_LEAST ? MARGIN_LEAST : room > MARGIN_MOST ? MARGIN_MOST : room;
    if (!canvas_init(&drawing->canvas, width + (graph ? MARGIN_GAP + margin : 0), root->height + 3)) {
        out->failed = true;
        return;
    }
    drawing->margins = graph ? mem_array(drawing->canvas.rows, sizeof *drawing->margins) : NULL;
    if (graph && !drawing->margins) {
        out->failed = true;
        return;
    }
    draw(drawing, root, inset, 2);
    add_ends(drawing, graph, inset + root->axis, text_str(above));
    if (graph)
        write_margins(drawing, margin);
    if (!style.unicode)
        make_plain(&drawing->canvas);
    for (unsigned row = 0; row < drawing->canvas.rows; row++) {
        canvas_row(&drawing->canvas, row, style.colour, out);
        text_add_char(out, '\n');
    }
    for (unsigned row = 0; graph && row < drawing->canvas.rows; row++)
        text_release(&drawing->margins[row].terms);
}

void plot_molecule(struct text *out, const struct molecule *molecule, const struct graph *graph, struct plot_style style)
{
    struct part_facts facts;
    struct part_tree tree = {0};
    struct drawing drawing = {.tree = &tree};
    struct text above = {0};
    style.columns = style.columns ? style.columns : COLUMNS_USUAL;
    unsigned columns = style.columns - (graph ? MARGIN_GAP + MARGIN_LEAST : 0);
    if (part_facts_init(&facts, molecule, graph))
        build_fitting(&tree, &facts, columns, style.rows ? style.rows : ROWS_USUAL);
    else
        tree.failed = true;
    if (graph)
        text_addf(&above, "%u input%s", graph->input_width, graph->input_width == 1 ? "" : "s");
    else
        text_add(&above, "inputs");
    if (tree.failed || above.failed)
        out->failed = true;
    else
        draw_sheet(&drawing, graph, &above, style, out);
    mem_free(drawing.margins);
    canvas_release(&drawing.canvas);
    text_release(&above);
    part_tree_release(&tree);
    part_facts_release(&facts);
}
