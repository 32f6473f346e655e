/* Molecules of every form drawn at random, and each of them made in three ways that must agree: by one builder as it was drawn, by a
   spelling of DNA among many, and by the operators of the language in some grouping. Widths need not agree: no graph is asked for. */
#ifndef TEST_MOLECULE_ANY_MOLECULE_H
#define TEST_MOLECULE_ANY_MOLECULE_H

#include "molecule/bench.h"
#include "molecule/dna_form.h"
#include "support/number.h"

enum { SHAPES_MOST = 160, INDICES_MOST = 10 };

/* One stage as it was drawn: an atom, or a composite of other shapes; 0 is no shape. */
struct shape {
    struct gene gene; /* of a tap: `label` is the shape that it taps */
    uint32_t indices[INDICES_MOST];
    uint32_t first, next; /* first child, next sibling */
    uint32_t times;
    bool tapped;     /* some tap uses it */
    uint32_t number; /* its label in the builder at work */
};

struct drawer {
    struct random random;
    struct shape at[SHAPES_MOST];
    uint32_t count;
    uint32_t visible[SHAPES_MOST]; /* shapes that may be tapped here */
    uint32_t visible_count;
};

static inline uint32_t below(struct drawer *drawer, uint32_t n)
{
    return random_below(&drawer->random, n);
}

static inline bool chance(struct drawer *drawer, double share)
{
    return random_unit(&drawer->random) < share;
}

/* Elements as a user might add them: several parameters, one of them learned. */
static inline void add_user_element(void)
{
    static const char *const keys[] = {"a", "b2_c", "z"};
    struct element element = {0};
    struct diags diags = {0};
    element.name = mem_copy_text("wobble", 6);
    element.doc = mem_copy_text("", 0);
    memcpy(element.symbol, "Wb", 3);
    element.value = formula_x(&element.formula);
    for (unsigned i = 0; i < 3; i++)
        element.params[element.param_count++] = (struct element_param){
            .name = mem_copy_text(keys[i], strlen(keys[i])), .initial = (double[]){0.25, -3, 1e-7}[i], .learned = i == 0};
    assert_non_null(elements_add(&table, &element, &diags));
}

/* ---- drawing ---- */

static inline double any_number(struct drawer *drawer, double low, double high)
{
    static const double plain[] = {0, 0.5, 0.1, 1e-4, 2, 0.001, 1, 1e-300, 0.3, 1e5, 123456.789, 1.0 / 3};
    double number =
        chance(drawer, 0.7) ? plain[below(drawer, sizeof plain / sizeof *plain)] : random_between(&drawer->random, 0, 10);
    number = low < 0 && chance(drawer, 0.3) ? -number : number;
    return number < low ? low : number > high ? high : number;
}

static inline void draw_traits(struct drawer *drawer, struct gene *gene)
{
    struct traits *traits = &gene->traits;
    for (unsigned i = 0; gene->element && i < gene->element->param_count; i++)
        if (chance(drawer, 0.4))
            traits->params[i] = any_number(drawer, -1e6, 1e300);
    if (gene->kind == GENE_ACTIVATION || chance(drawer, 0.6))
        return;
    traits->bias = chance(drawer, 0.5);
    traits->init = (uint8_t)below(drawer, INIT_ORTHOGONAL + 1);
    traits->share = (uint8_t)below(drawer, SHARE_ERK + 1);
    if (chance(drawer, 0.3))
        traits->density = chance(drawer, 0.6) ? (1 + below(drawer, 100)) / 100.0 : random_between(&drawer->random, 1e-6, 1);
    if (chance(drawer, 0.3))
        traits->init_scale = any_number(drawer, 0, 1e6);
    if (chance(drawer, 0.3))
        traits->l1 = any_number(drawer, 0, 1e6);
    if (chance(drawer, 0.3))
        traits->l2 = any_number(drawer, 0, 1e6);
    if (chance(drawer, 0.3))
        traits->lr_scale = any_number(drawer, 0, 1e6);
}

static inline uint32_t new_shape(struct drawer *drawer, struct gene gene)
{
    uint32_t at = ++drawer->count;
    assert_true(at < SHAPES_MOST);
    drawer->at[at] = (struct shape){.gene = gene, .times = 1};
    return at;
}

static inline uint32_t draw_width(struct drawer *drawer)
{
    static const uint32_t widths[] = {1, 2, 3, 8, 8, 8, 16, 64, 999999, 1000000};
    return widths[below(drawer, sizeof widths / sizeof *widths)];
}

static inline void draw_indices(struct drawer *drawer, struct shape *shape, uint32_t most)
{
    shape->gene.index_count = 1 + below(drawer, INDICES_MOST - 1);
    for (uint32_t i = 0, next = below(drawer, most); i < shape->gene.index_count; i++) {
        shape->indices[i] = next % most;
        next = chance(drawer, 0.6) ? next + 1 : below(drawer, most);
    }
}

static inline uint32_t draw_atom(struct drawer *drawer)
{
    static const enum gene_kind kinds[] = {GENE_LAYER,     GENE_LAYER,     GENE_LAYER,  GENE_LAYER,   GENE_ACTIVATION,
                                           GENE_BATCHNORM, GENE_LAYERNORM, GENE_GATHER, GENE_SCATTER, GENE_DROPOUT};
    enum gene_kind kind = kinds[below(drawer, sizeof kinds / sizeof *kinds)];
    const struct element *element = table.at[below(drawer, (uint32_t)table.count)];
    uint32_t at = new_shape(drawer, kind == GENE_LAYER        ? gene_layer(element, draw_width(drawer), SPAN_NONE)
                                    : kind == GENE_ACTIVATION ? gene_activation(element, SPAN_NONE)
                                                              : gene_of(kind, SPAN_NONE));
    struct shape *shape = &drawer->at[at];
    if (kind == GENE_LAYER || kind == GENE_ACTIVATION)
        draw_traits(drawer, &shape->gene);
    if (kind == GENE_DROPOUT)
        shape->gene.rate = chance(drawer, 0.7) ? below(drawer, 100) / 100.0 : random_unit(&drawer->random);
    if (kind == GENE_SCATTER)
        shape->gene.width = 4 + below(drawer, 30);
    if (kind == GENE_SCATTER || kind == GENE_GATHER)
        draw_indices(drawer, shape, kind == GENE_SCATTER ? shape->gene.width : 40);
    return at;
}

static inline uint32_t draw_stages(struct drawer *drawer, unsigned depth, bool outermost);

static inline bool crowded(const struct drawer *drawer)
{
    return drawer->count > SHAPES_MOST - 40;
}

static inline uint32_t draw_composite(struct drawer *drawer, unsigned depth)
{
    static const enum gene_kind kinds[] = {GENE_CHAIN, GENE_BRANCH, GENE_SUM, GENE_PRODUCT, GENE_SKIP};
    enum gene_kind kind = kinds[below(drawer, 5)];
    if (kind == GENE_CHAIN)
        return draw_stages(drawer, depth, false);
    uint32_t at = new_shape(drawer, gene_of(kind, SPAN_NONE)), *link = &drawer->at[at].first;
    for (uint32_t n = kind == GENE_SKIP ? 1 : 2 + below(drawer, 2); n > 0; n--) {
        *link = draw_stages(drawer, depth, false);
        link = &drawer->at[*link].next;
    }
    return at;
}

static inline uint32_t draw_stage(struct drawer *drawer, unsigned depth)
{
    uint32_t at;
    if (drawer->visible_count > 0 && chance(drawer, 0.15)) {
        at = new_shape(drawer, gene_of(GENE_TAP, SPAN_NONE));
        uint32_t tapped = drawer->visible[below(drawer, drawer->visible_count)];
        drawer->at[at].gene.label = tapped;
        drawer->at[tapped].tapped = true;
    } else if (depth > 0 && !crowded(drawer) && chance(drawer, 0.4)) {
        at = draw_composite(drawer, depth - 1);
    } else {
        at = draw_atom(drawer);
    }
    if (chance(drawer, 0.15))
        drawer->at[at].times = 2 + below(drawer, 3);
    return at;
}

/* A chain of some stages, each of which later ones may tap; outermost ones may have ends. */
static inline uint32_t draw_stages(struct drawer *drawer, unsigned depth, bool outermost)
{
    uint32_t at = new_shape(drawer, gene_of(GENE_CHAIN, SPAN_NONE)), mark = drawer->visible_count;
    uint32_t *link = &drawer->at[at].first, stages = 1 + below(drawer, 3);
    if (outermost && chance(drawer, 0.3)) {
        *link = new_shape(drawer, gene_of(GENE_INPUT, SPAN_NONE));
        drawer->at[*link].gene.width = draw_width(drawer);
        drawer->visible[drawer->visible_count++] = *link;
        link = &drawer->at[*link].next;
    }
    for (uint32_t i = 0; i < stages; i++) {
        *link = draw_stage(drawer, depth);
        drawer->visible[drawer->visible_count++] = *link;
        link = &drawer->at[*link].next;
    }
    if (outermost && chance(drawer, 0.3)) {
        const bool bare = chance(drawer, 0.3);
        *link = new_shape(drawer, gene_of(bare ? GENE_HEAD : GENE_OUTPUT, SPAN_NONE));
        drawer->at[*link].gene.head = (uint8_t)below(drawer, HEAD_STEP + 1);
        if (!bare)
            draw_traits(drawer, &drawer->at[*link].gene);
        if (!bare && (drawer->at[*link].gene.head == HEAD_AUTO || chance(drawer, 0.8))) /* else what the data asks for */
            drawer->at[*link].gene.width = draw_width(drawer);
    }
    drawer->visible_count = mark;
    return at;
}

/* Draws the next molecule; its shape. */
static inline uint32_t draw_any(struct drawer *drawer, unsigned depth)
{
    drawer->count = drawer->visible_count = 0;
    return draw_stages(drawer, depth, true);
}

/* ---- as it was drawn ---- */

static inline void build_shape(struct drawer *drawer, struct molecule_builder *builder, uint32_t at)
{
    struct shape *shape = &drawer->at[at];
    if (gene_kind_composite(shape->gene.kind)) {
        builder_open(builder, shape->gene.kind, SPAN_NONE);
        for (uint32_t child = shape->first; child; child = drawer->at[child].next)
            build_shape(drawer, builder, child);
        builder_close(builder);
    } else {
        struct gene gene = shape->gene;
        gene.label = gene.kind == GENE_TAP ? drawer->at[gene.label].number : 0;
        builder_atom(builder, gene, shape->indices);
    }
    builder_repeat(builder, shape->times);
    if (shape->tapped) {
        shape->number = builder_new_label(builder);
        builder_label(builder, shape->number);
    }
}

static inline struct molecule *build_any(struct drawer *drawer, uint32_t at)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    build_shape(drawer, &builder, at);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    if (!molecule)
        fail_msg("no molecule: %s", diags.count ? diags.at[0].message : "");
    return molecule;
}

/* ---- by the operators of the language, grouped at random ---- */

static inline bool taps(const struct drawer *drawer, uint32_t at, uint32_t tapped)
{
    const struct shape *shape = &drawer->at[at];
    if (shape->gene.kind == GENE_TAP)
        return shape->gene.label == tapped;
    for (uint32_t child = shape->first; child; child = drawer->at[child].next)
        if (taps(drawer, child, tapped))
            return true;
    return false;
}

/* Whether `count` siblings from `at` on can stand in a bracket: nothing behind them taps one of them but the last. */
static inline bool closed_run(const struct drawer *drawer, uint32_t at, uint32_t count)
{
    uint32_t end = at;
    for (uint32_t i = 0; i < count; i++)
        end = drawer->at[end].next;
    for (uint32_t i = 0; i + 1 < count; i++, at = drawer->at[at].next)
        for (uint32_t behind = end; behind; behind = drawer->at[behind].next)
            if (taps(drawer, behind, at))
                return false;
    return true;
}

/* How many siblings from `at` on to bracket together; at most `left`. */
static inline uint32_t draw_run(struct drawer *drawer, enum gene_kind kind, uint32_t at, uint32_t left)
{
    uint32_t run = left > 2 && chance(drawer, 0.4) ? 2 + below(drawer, left - 2) : 1;
    return kind != GENE_CHAIN || closed_run(drawer, at, run) ? run : 1;
}

static inline uint32_t siblings(const struct drawer *drawer, uint32_t at)
{
    uint32_t count = 0;
    for (; at; at = drawer->at[at].next)
        count++;
    return count;
}

static inline struct molecule *operate(struct drawer *drawer, uint32_t at);

/* What the evaluator does with a bracket: parts side by side, or stages with the names behind them. */
static inline struct molecule *operate_run(struct drawer *drawer, enum gene_kind kind, uint32_t at, uint32_t count)
{
    struct molecule_builder builder = {0};
    struct diags diags = {0};
    builder_open(&builder, kind, SPAN_NONE);
    while (count > 0) {
        uint32_t run = draw_run(drawer, kind, at, count), last = at;
        for (uint32_t i = 1; i < run; i++)
            last = drawer->at[last].next;
        bool inner = run > 1 && run < count;
        uint32_t taken = inner ? run : 1;
        struct molecule *part = inner ? operate_run(drawer, kind, at, run) : operate(drawer, at);
        last = inner ? last : at;
        builder_copy(&builder, part, 0);
        if (kind == GENE_CHAIN && drawer->at[last].tapped)
            builder_label(&builder, drawer->at[last].number);
        molecule_release(part);
        at = drawer->at[last].next;
        count -= taken;
    }
    builder_close(&builder);
    struct molecule *molecule = builder_finish(&builder, SPAN_NONE, &diags);
    assert_non_null(molecule);
    return molecule;
}

static inline struct molecule *operate(struct drawer *drawer, uint32_t at)
{
    const struct shape *shape = &drawer->at[at];
    struct diags diags = {0};
    struct molecule *molecule, *repeated;
    if (gene_kind_composite(shape->gene.kind)) {
        molecule = operate_run(drawer, shape->gene.kind, shape->first, siblings(drawer, shape->first));
    } else {
        struct gene gene = shape->gene;
        gene.label = gene.kind == GENE_TAP ? drawer->at[gene.label].number : 0;
        molecule = molecule_atom(gene, shape->indices, SPAN_NONE, &diags);
    }
    assert_non_null(molecule);
    repeated = molecule_repeat(molecule, shape->times, &table, SPAN_NONE, &diags);
    assert_non_null(repeated);
    molecule_release(molecule);
    return repeated;
}

static inline struct molecule *operate_any(struct drawer *drawer, uint32_t at)
{
    for (uint32_t i = 1; i <= drawer->count; i++)
        drawer->at[i].number = label_fresh();
    return operate(drawer, at);
}

/* ---- as DNA, spelled at random ---- */

static inline void spell_number(struct drawer *drawer, double number, struct text *out)
{
    char digits[40];
    if (chance(drawer, 0.5)) {
        number_write(out, number);
        return;
    }
    snprintf(digits, sizeof digits, "%.17g", number);
    for (const char *c = digits; *c; c++)
        if (*c != '+')
            text_add_char(out, *c);
}

/* Traits in any order, and defaults among them. */
static inline void spell_traits(struct drawer *drawer, const struct gene *gene, struct text *out)
{
    struct text traits[16] = {0};
    uint32_t order[16], count = 0, shown = 0;
    for (size_t i = 0; gene->kind != GENE_ACTIVATION && i < trait_count; i++) {
        double value = trait_get(&gene->traits, &trait_table[i]);
        if (strcmp(trait_table[i].key, "density") == 0 || (value == trait_table[i].initial && chance(drawer, 0.9)))
            continue;
        text_addf(&traits[count], "%s=", trait_table[i].key);
        if (trait_table[i].words)
            text_add(&traits[count++], trait_table[i].words[(int)value]);
        else
            spell_number(drawer, value, &traits[count++]);
    }
    for (unsigned i = 0; gene->element && i < gene->element->param_count; i++) {
        if (gene->traits.params[i] == gene->element->params[i].initial && chance(drawer, 0.9))
            continue;
        text_addf(&traits[count], "%s=", gene->element->params[i].name);
        spell_number(drawer, gene->traits.params[i], &traits[count++]);
    }
    if ((gene->kind == GENE_OUTPUT || gene->kind == GENE_HEAD) && (gene->head != HEAD_AUTO || chance(drawer, 0.1)))
        text_addf(&traits[count++], "head=%s", head_names[gene->head]);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    random_shuffle(&drawer->random, order, count);
    for (; shown < count; shown++)
        text_addf(out, "%c%s", shown ? ',' : '[', text_chars(&traits[order[shown]]));
    text_add(out, count ? "]" : "");
    for (uint32_t i = 0; i < count; i++)
        text_release(&traits[i]);
}

static inline void spell_indices(struct drawer *drawer, const struct shape *shape, struct text *out)
{
    for (uint32_t i = 0, run; i < shape->gene.index_count; i += run) {
        for (run = 1;
             i + run < shape->gene.index_count && shape->indices[i + run] == shape->indices[i] + run && chance(drawer, 0.7);)
            run++;
        text_addf(out, "%c%u", i ? ',' : '[', shape->indices[i]);
        if (run > 1 || chance(drawer, 0.1))
            text_addf(out, "..%u", shape->indices[i] + run - 1);
    }
    text_add_char(out, ']');
}

static inline void spell_atom(struct drawer *drawer, const struct shape *shape, struct text *out)
{
    const struct gene *gene = &shape->gene;
    const struct dna_form *form = dna_form_of(gene->kind);
    text_add(out, gene->element ? gene->element->symbol : form->symbol);
    if (gene->width > 0)
        text_addf(out, "%u", gene->width);
    double share = gene->kind == GENE_DROPOUT ? gene->rate : gene->traits.density;
    if (gene->kind == GENE_DROPOUT || share != 1 || (gene->kind == GENE_LAYER && chance(drawer, 0.05))) {
        struct gene dropout = gene_of(GENE_DROPOUT, SPAN_NONE);
        dropout.rate = share == 1 ? 0 : share;
        struct molecule *one = molecule_atom(dropout, NULL, SPAN_NONE, &(struct diags){0});
        struct text percent = {0}; /* exactly, which the digits of a hundred times the share need not be */
        dna_encode_atom(one, 0, &percent);
        text_add(out, share == 1 ? "%100" : text_chars(&percent) + 1);
        text_release(&percent);
        molecule_release(one);
    }
    if (form->bracket == DNA_BRACKET_INDICES)
        spell_indices(drawer, shape, out);
    else if (form->bracket == DNA_BRACKET_TRAITS)
        spell_traits(drawer, gene, out);
}

static inline void spell_run(struct drawer *drawer, enum gene_kind kind, uint32_t at, uint32_t count, struct text *out);

static inline void spell_unit(struct drawer *drawer, uint32_t at, struct text *out)
{
    const struct shape *shape = &drawer->at[at];
    bool bracket = chance(drawer, 0.05);
    text_add(out, bracket ? "(" : "");
    if (shape->gene.kind == GENE_TAP) {
        text_addf(out, ":t%u", shape->gene.label);
    } else if (shape->gene.kind == GENE_SKIP) {
        text_add_char(out, '~');
        spell_unit(drawer, shape->first, out);
    } else if (gene_kind_composite(shape->gene.kind)) {
        text_add_char(out, '(');
        spell_run(drawer, shape->gene.kind, shape->first, siblings(drawer, shape->first), out);
        text_add_char(out, ')');
    } else {
        spell_atom(drawer, shape, out);
    }
    text_add(out, bracket ? ")" : "");
}

/* A stage and its repeats: as one, or in a chain also unrolled, or in two parts. */
static inline void spell_stage(struct drawer *drawer, uint32_t at, bool in_chain, struct text *out)
{
    uint32_t times = drawer->at[at].times, left = times;
    while (left > 0) {
        uint32_t part = in_chain && chance(drawer, 0.4) ? 1 + below(drawer, left) : left;
        text_add(out, left < times ? "-" : "");
        spell_unit(drawer, at, out);
        if (part > 1 || chance(drawer, 0.05))
            text_addf(out, "*%u", part);
        left -= part;
    }
}

/* Siblings joined by their sign, some in brackets of their own. */
static inline void spell_run(struct drawer *drawer, enum gene_kind kind, uint32_t at, uint32_t count, struct text *out)
{
    char sign = kind == GENE_CHAIN ? '-' : kind == GENE_BRANCH ? '|' : kind == GENE_SUM ? '+' : '*';
    for (bool first = true; count > 0; first = false) {
        uint32_t run = draw_run(drawer, kind, at, count), last = at;
        bool inner = run > 1 && run < count;
        for (uint32_t i = 1; inner && i < run; i++)
            last = drawer->at[last].next;
        if (!first)
            text_add_char(out, sign);
        if (inner) {
            text_add_char(out, '(');
            spell_run(drawer, kind, at, run, out);
            text_add_char(out, ')');
        } else {
            spell_stage(drawer, at, kind == GENE_CHAIN, out);
        }
        if (kind == GENE_CHAIN && drawer->at[last].tapped)
            text_addf(out, ":t%u", last);
        else if (chance(drawer, 0.05))
            text_addf(out, ":unused%u", below(drawer, 3));
        count -= inner ? run : 1;
        at = drawer->at[last].next;
    }
}

static inline void spell_any(struct drawer *drawer, uint32_t at, struct text *out)
{
    text_clear(out);
    spell_run(drawer, GENE_CHAIN, drawer->at[at].first, siblings(drawer, drawer->at[at].first), out);
}

#endif
