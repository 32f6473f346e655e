/* Canonical form. While a molecule is built its genes stand as they were asked for: composites of one child, chains in chains, labels
   under the numbers their makers gave them. They are walked once, in place (the result is never longer), which

   - dissolves a composite of one child, and a chain in a chain, branch in branch, sum in sum, product in product; a label on what is
     dissolved goes to the last stage that came out of it,
   - looks up each tap among the labels seen so far. A label means the stage labelled so last; what a chain defined is forgotten
     when the chain ends. Since a definition comes before its uses in the array, one table from label to stage is enough, with a
     list of what to undo at a chain's end. It also follows that copies of one part need no renaming among themselves: each use
     finds the definition in its own copy,
   - numbers the labels in use by the order in which their stages end, which is the order in which they are printed. All labels of
     one stage become one; a stage that is a tap passes its label on to what it taps. */
#include "molecule/canonical.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "molecule/trait.h"
#include "support/hash.h"
#include "support/memory.h"
#include "support/number.h"

#define LABEL_USED (FREE_LABEL - 1) /* on a stage whose number is not given yet */

/* A label's meaning before the latest definition of the same label. */
struct undo {
    uint32_t name, target;
};

/* What labels mean at one point of the walk. A target is 1 + a stage's index, a free label that the stage taps, or 0: nothing. */
struct scope {
    uint32_t *names;   /* labels defined anywhere, ascending */
    uint32_t *targets; /* by name: what it means now */
    struct undo *undo; /* of definitions that are visible now */
    uint32_t *stages;  /* labelled so far, in the order in which they end */
    size_t name_count, undo_count, stage_count;
};

struct finish {
    struct gene *genes;
    const uint32_t *indices;
    uint32_t out;    /* genes written */
    uint32_t output; /* 1 + index of a GENE_OUTPUT or GENE_HEAD, 0 none so far */
    bool too_deep, tapped, free_labels;
    struct scope scope;
    char problem[120]; /* the first thing that makes the molecule invalid, "" none */
    struct span problem_span;
};

/* A composite that is being written. */
struct level {
    enum gene_kind kind;
    uint32_t at, count;
    uint32_t last; /* its newest child */
    unsigned depth;
};

static int compare_labels(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool defines_label(const struct gene *gene)
{
    return gene->label != 0 && gene->kind != GENE_TAP;
}

/* Collects the labels defined; one block holds all four arrays. */
static bool scope_init(struct scope *scope, const struct gene *genes, size_t count)
{
    size_t definitions = 0;
    for (size_t i = 0; i < count; i++)
        definitions += defines_label(&genes[i]);
    *scope = (struct scope){0};
    if (definitions == 0)
        return true;
    scope->names = mem_array(definitions, 3 * sizeof *scope->names + sizeof *scope->undo);
    if (!scope->names)
        return false;
    scope->targets = scope->names + definitions;
    scope->stages = scope->targets + definitions;
    scope->undo = (struct undo *)(scope->stages + definitions);
    for (size_t i = 0, n = 0; i < count; i++)
        if (defines_label(&genes[i]))
            scope->names[n++] = genes[i].label;
    qsort(scope->names, definitions, sizeof *scope->names, compare_labels);
    for (size_t i = 0; i < definitions; i++)
        if (scope->name_count == 0 || scope->names[scope->name_count - 1] != scope->names[i])
            scope->names[scope->name_count++] = scope->names[i];
    return true;
}

static uint32_t *scope_target(const struct scope *scope, uint32_t label)
{
    if (scope->name_count == 0)
        return NULL;
    const uint32_t *name = bsearch(&label, scope->names, scope->name_count, sizeof label, compare_labels);
    return name ? &scope->targets[name - scope->names] : NULL;
}

static void scope_define(struct finish *finish, uint32_t label, uint32_t stage)
{
    struct scope *scope = &finish->scope;
    uint32_t *target = scope_target(scope, label);
    scope->undo[scope->undo_count++] = (struct undo){(uint32_t)(target - scope->targets), *target};
    if (finish->genes[stage].kind == GENE_TAP) {
        *target = finish->genes[stage].label;
    } else {
        *target = stage + 1;
        scope->stages[scope->stage_count++] = stage;
    }
}

static void scope_leave(struct scope *scope, size_t mark)
{
    while (scope->undo_count > mark) {
        struct undo undo = scope->undo[--scope->undo_count];
        scope->targets[undo.name] = undo.target;
    }
}

static void invalid(struct finish *finish, const struct gene *gene, const char *problem)
{
    if (finish->problem[0] != '\0')
        return;
    snprintf(finish->problem, sizeof finish->problem, "%s", problem[0] ? problem : "a trait is out of its range");
    finish->problem_span = gene->span;
}

/* Resolves a tap to 1 + its stage or to a free label. */
static void bind_tap(struct finish *finish, struct gene *tap)
{
    const uint32_t *target = scope_target(&finish->scope, tap->label);
    if (target && *target != 0)
        tap->label = *target;
    else if (tap->label < FREE_LABEL)
        invalid(finish, tap, "this would leave a tap undefined");
    finish->tapped = true;
    if (tap->label >= FREE_LABEL)
        finish->free_labels = true;
    else if (finish->problem[0] == '\0')
        finish->genes[tap->label - 1].label = LABEL_USED;
}

static void check_width(struct finish *finish, const struct gene *gene)
{
    if (gene->width < 1 || gene->width > LIMIT_WIDTH)
        invalid(finish, gene, "a width is from 1 to 1_000_000");
}

/* An output without a width has as many values as the data asks for; what else it says must be something. */
static void check_output(struct finish *finish, const struct gene *gene)
{
    if (gene->width > 0)
        check_width(finish, gene);
    else if (gene->head == HEAD_AUTO && traits_usual(&gene->traits, NULL) && !gene->weights)
        invalid(finish, gene, "an output needs a width, a head or a trait");
}

static void check_traits(struct finish *finish, const struct gene *gene)
{
    const struct trait_row *row = traits_usual(&gene->traits, gene->element) ? NULL : traits_out_of_range(&gene->traits);
    if (!row)
        return;
    struct text problem = {0};
    text_addf(&problem, "`%s` is from ", row->key);
    number_write(&problem, row->low);
    text_add(&problem, " to ");
    number_write(&problem, row->high);
    invalid(finish, gene, text_chars(&problem));
    text_release(&problem);
}

/* What is no layer has at most a learning rate of its own, where it learns something. */
static void check_rate_alone(struct finish *finish, const struct gene *gene, bool learns)
{
    struct traits rest = gene->traits;
    if (learns)
        rest.lr_scale = 1;
    const struct trait_row *row = traits_first_set(&rest);
    if (!row) {
        check_traits(finish, gene);
        return;
    }
    char problem[100];
    snprintf(problem, sizeof problem, "`%s` belongs to a layer: %s", row->key,
             gene->kind == GENE_ACTIVATION ? "an activation alone has no weights"
             : gene->kind == GENE_HEAD     ? "a head alone has no weights"
                                           : "a norm has only `lr_scale`");
    invalid(finish, gene, problem);
}

static void check_indices(struct finish *finish, const struct gene *gene)
{
    if (gene->index_count == 0)
        invalid(finish, gene, "at least one index is needed");
    uint32_t end = gene->kind == GENE_SCATTER ? gene->width : LIMIT_WIDTH;
    for (uint32_t i = 0; i < gene->index_count; i++)
        if (finish->indices[gene->index_at + i] >= end)
            invalid(finish, gene, gene->kind == GENE_SCATTER ? "an index lies past the width" : "an index is below 1_000_000");
}

/* Inputs come first and outputs last in the whole molecule: `parent` is the outermost chain or nothing. */
static void check_end(struct finish *finish, const struct gene *gene, uint32_t at, const struct level *parent)
{
    bool outermost = !parent || (parent->at == 0 && parent->kind == GENE_CHAIN);
    if (gene->kind == GENE_INPUT && (!outermost || at > 1))
        invalid(finish, gene, "an input can only be the first stage");
    const bool last = gene->kind == GENE_OUTPUT || gene->kind == GENE_HEAD;
    if (last && !outermost)
        invalid(finish, gene,
                gene->kind == GENE_HEAD ? "a head can only be the last stage" : "an output can only be the last stage");
    if (finish->output) {
        const struct gene *before = &finish->genes[finish->output - 1];
        invalid(finish, before,
                before->kind == GENE_HEAD ? "a head can only be the last stage" : "an output can only be the last stage");
    }
    if (last)
        finish->output = at + 1;
}

/* Whether the gene just written at `at` can be. */
static void check_gene(struct finish *finish, uint32_t at, const struct level *parent)
{
    struct gene *gene = &finish->genes[at];
    check_end(finish, gene, at, parent);
    switch ((enum gene_kind)gene->kind) {
    case GENE_LAYER:
        check_traits(finish, gene);
        check_width(finish, gene);
        break;
    case GENE_OUTPUT:
        check_traits(finish, gene);
        check_output(finish, gene);
        break;
    case GENE_ACTIVATION:
        check_rate_alone(finish, gene, element_learns(gene->element));
        break;
    case GENE_INPUT:
        check_width(finish, gene);
        break;
    case GENE_SCATTER:
        check_width(finish, gene);
        check_indices(finish, gene);
        break;
    case GENE_GATHER:
        check_indices(finish, gene);
        break;
    case GENE_DROPOUT:
        if (!(gene->rate >= 0 && gene->rate < 1))
            invalid(finish, gene, "dropout drops from 0% to less than 100%");
        break;
    case GENE_TAP:
        bind_tap(finish, gene);
        break;
    case GENE_BATCHNORM:
    case GENE_LAYERNORM:
        check_rate_alone(finish, gene, true);
        break;
    case GENE_HEAD:
        check_rate_alone(finish, gene, false);
        break;
    case GENE_CHAIN:
    case GENE_BRANCH:
    case GENE_SUM:
    case GENE_PRODUCT:
    case GENE_SKIP:
        break;
    }
}

/* Writes the subtree at `raw` in canonical form as a child of `parent` (NULL: the root). */
static void emit(struct finish *finish, uint32_t raw, struct level *parent, unsigned nesting)
{
    struct gene *genes = finish->genes;
    uint32_t label = defines_label(&genes[raw]) ? genes[raw].label : 0, end = raw + genes[raw].size;
    enum gene_kind kind = genes[raw].kind;
    unsigned depth = parent ? parent->depth + 1 : 1;
    if (nesting > 2 * LIMIT_NESTING || depth > LIMIT_MOLECULE_DEPTH) {
        finish->too_deep = true;
        return;
    }
    if (gene_kind_composite(kind) && genes[raw].count == 0) {
        invalid(finish, &genes[raw], "a bracket needs at least one gene");
        return;
    }
    struct level level = {kind, finish->out, 0, 0, depth};
    bool dissolved = gene_kind_flattens(kind) && (genes[raw].count == 1 || (parent && parent->kind == kind));
    size_t mark = finish->scope.undo_count;
    if (!dissolved) {
        if (finish->out != raw)
            genes[finish->out] = genes[raw];
        finish->out++;
        if (kind != GENE_TAP)
            genes[level.at].label = 0;
        if (parent) {
            parent->last = level.at;
            parent->count++;
        }
        check_gene(finish, level.at, parent);
    }
    for (uint32_t child = raw + 1, next; gene_kind_composite(kind) && child < end; child = next) {
        next = child + genes[child].size;
        emit(finish, child, dissolved ? parent : &level, nesting + 1);
    }
    if (!dissolved && gene_kind_composite(kind)) {
        genes[level.at].count = level.count;
        genes[level.at].size = finish->out - level.at;
        scope_leave(&finish->scope, mark);
    }
    if (label && parent && parent->kind == GENE_CHAIN && !finish->too_deep && finish->problem[0] == '\0')
        scope_define(finish, label, parent->last);
}

/* Gives the labels in use their numbers; the number of labels. */
static uint32_t number_labels(struct finish *finish)
{
    uint32_t labels = 0;
    for (size_t i = 0; i < finish->scope.stage_count; i++) {
        struct gene *stage = &finish->genes[finish->scope.stages[i]];
        if (stage->label == LABEL_USED)
            stage->label = ++labels;
    }
    for (uint32_t i = 0; finish->tapped && i < finish->out; i++) {
        struct gene *gene = &finish->genes[i];
        if (gene->kind == GENE_TAP && gene->label < FREE_LABEL)
            gene->label = finish->genes[gene->label - 1].label;
    }
    return labels;
}

static uint64_t molecule_hash(const struct molecule *molecule)
{
    uint64_t hash = hash_u64(HASH_START, molecule->count);
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        hash = hash_u64(hash, gene_hash(gene, molecule->indices) + gene->label);
        if (gene->weights)
            hash = hash_u64(hash, gene->weights->hash);
    }
    return hash;
}

/* The finished molecule out of canonical genes; it takes over the builder's indices. NULL without memory. */
static struct molecule *molecule_of_genes(struct molecule_builder *builder, struct finish *finish)
{
    struct molecule *molecule = mem_alloc(sizeof *molecule + finish->out * sizeof *molecule->genes);
    if (!molecule)
        return NULL;
    molecule->references = 1;
    molecule->labels = number_labels(finish);
    molecule->free_labels = finish->free_labels;
    molecule->count = finish->out;
    molecule->indices = builder->indices;
    molecule->index_count = (uint32_t)builder->index_count;
    builder->indices = NULL;
    memcpy(molecule->genes, finish->genes, finish->out * sizeof *molecule->genes);
    for (uint32_t i = 0; i < molecule->count; i++)
        molecule->trained |= weights_retain(molecule->genes[i].weights) != NULL;
    molecule->hash = molecule_hash(molecule);
    return molecule;
}

struct molecule *builder_canonical(struct molecule_builder *builder, struct span span, struct diags *diags)
{
    struct finish finish = {.genes = builder->genes, .indices = builder->indices};
    if (!scope_init(&finish.scope, builder->genes, builder->count)) {
        builder->failed = true;
        return NULL;
    }
    emit(&finish, 0, NULL, 0);
    struct molecule *molecule = NULL;
    if (finish.too_deep) {
        builder->too_deep = true;
    } else if (finish.out > LIMIT_GENES) {
        builder->too_large = true;
    } else if (finish.problem[0] != '\0') {
        diag_error(diags, finish.problem_span.source ? finish.problem_span : span, "%s", finish.problem);
    } else {
        molecule = molecule_of_genes(builder, &finish);
        builder->failed = !molecule;
    }
    mem_free(finish.scope.names);
    return molecule;
}
