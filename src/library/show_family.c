/* The family tree of an evolution: of a table of its lineage, or of what a script has filtered of one. The fittest and all they come
   from are drawn, as many as a screen holds; the line of the fittest goes straight down. */
#include <math.h>
#include <stdlib.h>

#include "interp/table.h"
#include "library/show.h"
#include "picture/tree.h"
#include "support/memory.h"
#include "support/number.h"

enum { family_most = 36 };

/* The columns of a lineage that are drawn, in this order. */
enum family_column { NUMBER, PARENT, FITNESS, DNA, BY, OTHER, GENERATION, PARAMS, FAMILY_COLUMNS };
static const char *const family_names[FAMILY_COLUMNS] = {"number", "parent", "fitness",    "dna",
                                                         "by",     "other",  "generation", "params"};
/* A table with these is one of a family. */
#define FAMILY_NEEDS (DNA + 1)

struct relative {
    double number, parent, fitness; /* NaN where there is none */
    size_t row;
    int64_t above; /* index of the parent among the relatives, -1 */
    bool drawn;
    size_t skipped; /* who are between it and the one above it, where a line is too long to be drawn whole */
};

struct family {
    const struct table_object *table;
    int columns[FAMILY_COLUMNS]; /* -1: the table lacks it */
    struct relative *at;         /* by number */
    size_t count;
};

static double number_at(const struct family *family, size_t row, enum family_column column)
{
    double number = NAN;
    if (family->columns[column] >= 0)
        value_as_number(family->table->cells[row * family->table->columns + (size_t)family->columns[column]], &number);
    return number;
}

static bool find_columns(struct family *family)
{
    for (size_t i = 0; i < FAMILY_COLUMNS; i++) {
        family->columns[i] = -1;
        for (size_t c = 0; c < family->table->columns; c++)
            if (str_is(string_str(family->table->names[c]), family_names[i]))
                family->columns[i] = (int)c;
        if (i < FAMILY_NEEDS && family->columns[i] < 0)
            return false;
    }
    return true;
}

bool table_is_family(const struct table_object *table)
{
    struct family family = {.table = table};
    return find_columns(&family);
}

static int by_number(const void *a, const void *b)
{
    const struct relative *p = a, *q = b;
    return p->number < q->number ? -1 : p->number > q->number;
}

static int by_fitness(const void *a, const void *b)
{
    const struct relative *p = *(const struct relative *const *)a, *q = *(const struct relative *const *)b;
    if (p->fitness != q->fitness)
        return p->fitness > q->fitness ? -1 : 1;
    return p->number < q->number ? -1 : p->number > q->number;
}

/* Rows with a number and a fitness, in order of birth. A parent who is not in the table is none: the child heads a family. */
static bool read_relatives(struct family *family)
{
    family->at = mem_array(family->table->rows + 1, sizeof *family->at);
    for (size_t row = 0; family->at && row < family->table->rows; row++) {
        struct relative one = {.number = number_at(family, row, NUMBER),
                               .parent = number_at(family, row, PARENT),
                               .fitness = number_at(family, row, FITNESS),
                               .row = row,
                               .above = -1};
        one.fitness = isnan(one.fitness) ? -INFINITY : one.fitness;
        if (!isnan(one.number))
            family->at[family->count++] = one;
    }
    if (!family->at)
        return false;
    qsort(family->at, family->count, sizeof *family->at, by_number);
    for (size_t i = 0; i < family->count; i++) {
        const struct relative wanted = {.number = family->at[i].parent};
        const struct relative *parent =
            isnan(wanted.number) ? NULL : bsearch(&wanted, family->at, i, sizeof *family->at, by_number);
        family->at[i].above = parent ? parent - family->at : -1;
    }
    return true;
}

static struct relative *above(const struct family *family, const struct relative *one)
{
    return one->above < 0 ? NULL : &family->at[one->above];
}

/* Marks the line that is longer than a screen: where it begins, and its end; how many are between is noted. */
static size_t draw_ends(const struct family *family, struct relative *one)
{
    struct relative *last = one;
    for (size_t kept = 1; one && kept < family_most; kept++, one = above(family, one)) {
        one->drawn = true;
        last = one;
    }
    for (; one && above(family, one); one = above(family, one))
        last->skipped++;
    if (one) {
        last->above = one - family->at;
        one->drawn = true;
    }
    return family_most;
}

/* Marks the fittest with all they come from, while there is room. False where memory ran out. */
static bool choose_drawn(struct family *family)
{
    struct relative **order = mem_array(family->count + 1, sizeof(struct relative *));
    if (!order)
        return false;
    for (size_t i = 0; i < family->count; i++)
        order[i] = &family->at[i];
    qsort((void *)order, family->count, sizeof *order, by_fitness);
    size_t drawn = 0;
    for (size_t i = 0; i < family->count; i++) {
        size_t more = 0;
        for (const struct relative *one = order[i]; one && !one->drawn && drawn + more <= family_most; one = above(family, one))
            more++;
        if (drawn + more > family_most) {
            drawn += i == 0 ? draw_ends(family, order[i]) : 0;
            continue;
        }
        drawn += more;
        for (struct relative *one = order[i]; one && !one->drawn; one = above(family, one))
            one->drawn = true;
    }
    mem_free((void *)order);
    return true;
}

/* ---- drawing ---- */

/* Those who are drawn, and where each relative is among them. */
struct drawing {
    struct show *show;
    const struct family *family;
    const struct relative **drawn;
    int64_t *parents;
    size_t *places; /* by relative */
    struct tree_line *lines;
    struct text leads;
    size_t count, best;
    struct str tail; /* the outputs in which all their DNA ends, which is written below them once */
};

static struct str cell_text(const struct family *family, size_t row, enum family_column column)
{
    const int at = family->columns[column];
    const struct value none = value_none(),
                       *cell = at < 0 ? &none : &family->table->cells[row * family->table->columns + (size_t)at];
    return cell->kind == VALUE_STRING ? string_str(cell->string) : STR("");
}

/* What DNA ends in: its outputs, which are always last. */
static struct str outputs_of(struct str dna)
{
    for (size_t at = dna.len; at-- > 1;)
        if (dna.at[at] == 'O' && dna.at[at - 1] == '-')
            return (struct str){dna.at + at - 1, dna.len - at + 1};
    return STR("");
}

static void collect_drawn(struct drawing *drawing)
{
    const struct family *family = drawing->family;
    for (size_t i = 0; i < family->count; i++) {
        const struct relative *one = &family->at[i];
        if (!one->drawn)
            continue;
        const size_t place = drawing->count++;
        const struct str tail = outputs_of(cell_text(family, one->row, DNA));
        drawing->drawn[place] = one;
        drawing->places[i] = place;
        drawing->parents[place] = one->above < 0 ? -1 : (int64_t)drawing->places[one->above];
        if (one->fitness > drawing->drawn[drawing->best]->fitness)
            drawing->best = place;
        if (place == 0)
            drawing->tail = tail;
        else if (!str_equal(drawing->tail, tail))
            drawing->tail = STR("");
    }
}

static void add_line(const struct drawing *drawing, const struct tree_line *line, struct grid *grid)
{
    static const char *const marks[2][2][2] = {{{"+", "*"}, {"o", "@"}}, {{"●", "◆"}, {"○", "◇"}}};
    const struct family *family = drawing->family;
    const size_t row = drawing->drawn[line->node]->row;
    const bool founder = drawing->parents[line->node] < 0, best = line->node == drawing->best;
    struct str dna = cell_text(family, row, DNA), by = cell_text(family, row, BY);
    dna.len -= drawing->tail.len;
    text_addf(grid_cell(grid), "%.*s%s %.*s", (int)(line->to - line->from), text_chars(&drawing->leads) + line->from,
              marks[drawing->show->style.unicode][founder][best], STR_ARG(dna));
    grid_end(grid);
    const size_t skipped = drawing->drawn[line->node]->skipped;
    if (skipped > 0) {
        text_add(grid_cell(grid), "… ");
        number_write_count(grid_cell(grid), (double)skipped);
        text_add(grid_cell(grid), " between, ");
    }
    text_addf(grid_cell(grid), "%.*s", STR_ARG(by));
    const double other = number_at(family, row, OTHER);
    if (!isnan(other))
        text_addf(grid_cell(grid), " with %.0f", other);
    grid_end(grid);
    static const enum family_column figures[] = {NUMBER, GENERATION, FITNESS, PARAMS};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        grid_figure(grid, number_at(family, row, figures[i]));
}

static void draw_lines(struct drawing *drawing)
{
    struct show *show = drawing->show;
    struct grid grid = {.header = {"molecule", "by", "number", "generation", "fitness", "params"},
                        .right = {false, false, true, true, true, true},
                        .columns = 6};
    for (size_t i = 0; i < drawing->count; i++)
        add_line(drawing, &drawing->lines[i], &grid);
    grid_show(show, &grid);
    struct text note = {0};
    if (drawing->tail.len > 0)
        text_addf(&note, "each with %.*s behind it; ", (int)drawing->tail.len - 1, drawing->tail.at + 1);
    text_addf(&note, "%s begins a family, %s is the fittest", show->style.unicode ? "○" : "o", show->style.unicode ? "◆" : "*");
    if (drawing->count < drawing->family->count)
        text_addf(&note, "; not drawn: %s", counted((double)(drawing->family->count - drawing->count), "other", "others").text);
    show_note(show, "%s", text_chars(&note));
    text_release(&note);
}

static bool draw_family(struct show *show, const struct family *family)
{
    const size_t room = family->count + 1;
    struct drawing drawing = {.show = show,
                              .family = family,
                              .drawn = mem_array(room, sizeof(const struct relative *)),
                              .parents = mem_array(room, sizeof *drawing.parents),
                              .places = mem_array(room, sizeof *drawing.places),
                              .lines = mem_array(room, sizeof *drawing.lines)};
    bool well = drawing.drawn && drawing.parents && drawing.places && drawing.lines;
    if (well) {
        collect_drawn(&drawing);
        tree_layout(drawing.parents, drawing.count, drawing.best, show->style.unicode, drawing.lines, &drawing.leads);
        well = !drawing.leads.failed;
    }
    if (well)
        draw_lines(&drawing);
    text_release(&drawing.leads);
    mem_free((void *)drawing.drawn);
    mem_free(drawing.parents);
    mem_free(drawing.places);
    mem_free(drawing.lines);
    return well;
}

bool show_family(struct show *show, const struct table_object *table)
{
    struct family family = {.table = table};
    bool well = find_columns(&family) && read_relatives(&family) && choose_drawn(&family);
    if (well && family.count > 0)
        well = draw_family(show, &family);
    mem_free(family.at);
    return well || diag_out_of_memory(show->eval->diags, show->span);
}
