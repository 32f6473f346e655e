/* From genes to the parts of a diagram. Chains are rolled as DNA rolls them (dna_roll.h), so that a repeat is one part. Inside
   repeats a part stands for all its copies: its figures are gathered over them. */
#include "picture/diagram_part.h"

#include "molecule/dna.h"
#include "molecule/trait.h"
#include "support/memory.h"
#include "support/number.h"

/* No page shows more parts. */
#define PARTS_MOST 4000

/* Columns of one atom's text, in names and in symbols. */
enum { NAME_COLUMNS = 44, SYMBOL_COLUMNS = 18, PARAMS_COLUMNS = 20 };

/* A repeat around the present place: its copies lie `stride` genes apart. */
struct copies {
    uint32_t times, stride;
};

struct maker {
    struct part_tree *tree;
    struct part_facts *facts;
    struct part_limits limits;
    struct copies copies[PART_DEPTH + 1];
    unsigned copied; /* repeats around the present place */
    unsigned depth;  /* forks, skips and frames around the present place */
};

/* ---- texts ---- */

struct str part_str(const struct part_tree *tree, struct part_text text)
{
    return (struct str){text_chars(&tree->text) + text.at, text.len};
}

/* The text written since `from`, cut where it is longer than `most` columns (0: it is not cut). */
static struct part_text text_since(struct part_tree *tree, size_t from, unsigned most)
{
    struct part_text text = {from, tree->text.len - from, 0};
    size_t columns = text_columns(part_str(tree, text));
    if (most > 0 && columns > most && !tree->text.failed) {
        size_t kept = 0, bytes = 0;
        while (kept + 1 < most && bytes < text.len) { /* one column a character here: names and DNA */
            size_t step = utf8_length(tree->text.at + from + bytes, text.len - bytes);
            bytes += step ? step : 1;
            kept++;
        }
        tree->text.len = from + bytes;
        text_add(&tree->text, "…");
        text.len = tree->text.len - from;
        columns = text_columns(part_str(tree, text));
    }
    text.columns = (unsigned)columns;
    return text;
}

static const char *gene_word(const struct gene *gene)
{
    return gene->element ? gene->element->name : gene->kind == GENE_OUTPUT ? "out" : gene_kind_name(gene->kind);
}

/* `relu 8%25[bias=0]`: the gene's word, then what its DNA says behind the symbol. */
static struct part_text atom_text(struct maker *maker, uint32_t gene, uint32_t times)
{
    struct text dna = {0}, *out = &maker->tree->text;
    size_t from = out->len;
    dna_encode_atom(maker->facts->molecule, gene, &dna);
    struct str rest = text_str(&dna);
    if (!maker->limits.symbols && rest.len > 0) {
        size_t symbol = rest.len > 1 && rest.at[1] >= 'a' && rest.at[1] <= 'z' ? 2 : 1;
        rest = (struct str){rest.at + symbol, rest.len - symbol};
        text_add(out, gene_word(&maker->facts->molecule->genes[gene]));
        if (rest.len > 0)
            text_add_char(out, ' ');
        if (rest.len > 0 && rest.at[0] == '%') /* a rate: `dropout 10%` */
            text_addf(out, "%.*s%%", (int)rest.len - 1, rest.at + 1);
        else
            text_add_str(out, rest);
    } else {
        text_add_str(out, rest);
    }
    out->failed |= dna.failed;
    text_release(&dna);
    struct part_text text = text_since(maker->tree, from, maker->limits.symbols ? SYMBOL_COLUMNS : NAME_COLUMNS);
    if (times > 1) {
        text_addf(out, " ×%u", times);
        text = text_since(maker->tree, from, 0);
    }
    return text;
}

static void add_name(struct maker *maker, uint32_t label)
{
    dna_encode_label(maker->facts->names && label < FREE_LABEL ? maker->facts->names[label] : 0, &maker->tree->text);
}

/* ---- figures over all copies ---- */

static uint32_t copies_count(const struct maker *maker)
{
    uint32_t count = 1;
    for (unsigned i = 0; i < maker->copied; i++)
        count *= maker->copies[i].times;
    return count;
}

/* How far the `number`th copy lies behind the first. */
static uint32_t copy_offset(const struct maker *maker, uint32_t number)
{
    uint32_t offset = 0;
    for (unsigned i = maker->copied; i-- > 0; number /= maker->copies[i].times)
        offset += number % maker->copies[i].times * maker->copies[i].stride;
    return offset;
}

static void push_copies(struct maker *maker, uint32_t times, uint32_t stride)
{
    if (times > 1)
        maker->copies[maker->copied++] = (struct copies){times, stride};
}

/* The parameters of the genes from `gene` to `end` in every copy: "48 + 2 × 272", or the sum where that is long. */
static void set_params(struct maker *maker, struct part *part, uint32_t gene, uint32_t end)
{
    const double *params = maker->facts->params;
    if (!params)
        return;
    struct text *out = &maker->tree->text;
    size_t from = out->len;
    uint32_t count = copies_count(maker);
    for (uint32_t i = 0, run, terms = 0; i < count; i += run) {
        uint32_t offset = copy_offset(maker, i);
        double each = params[end + offset] - params[gene + offset];
        for (run = 1; i + run < count; run++) {
            uint32_t next = copy_offset(maker, i + run);
            if (params[end + next] - params[gene + next] != each)
                break;
        }
        part->total += each * run;
        if (each == 0 || terms > 2)
            continue;
        text_add(out, terms++ > 0 ? " + " : "");
        if (run > 1)
            text_addf(out, "%u × ", run);
        number_write_count(out, each);
    }
    part->params = text_since(maker->tree, from, 0);
    if (part->params.columns <= PARAMS_COLUMNS)
        return;
    out->len = from;
    number_write_count(out, part->total);
    part->params = text_since(maker->tree, from, 0);
}

/* The width behind the stage at `gene`; of the first copy and of the last, where they differ. */
static void set_wire(struct maker *maker, struct part *part, uint32_t gene)
{
    const uint32_t *widths = maker->facts->widths;
    if (!widths)
        return;
    size_t from = maker->tree->text.len;
    uint32_t first = widths[gene], last = widths[gene + copy_offset(maker, copies_count(maker) - 1)];
    text_addf(&maker->tree->text, "%u", first);
    if (last != first)
        text_addf(&maker->tree->text, " … %u", last);
    part->wire = text_since(maker->tree, from, 0);
}

/* ---- parts ---- */

static uint32_t make_gene(struct maker *maker, uint32_t gene);

/* A new part; what was added before may have moved. 0 (the root) where there is no more room. */
static uint32_t add_part(struct maker *maker, enum part_kind kind)
{
    struct part_tree *tree = maker->tree;
    struct part part = {.kind = kind, .reads = kind != PART_TAP};
    tree->crowded = tree->crowded || tree->parts.count >= PARTS_MOST;
    if (tree->crowded)
        return 0;
    if (!vec_push(&tree->parts, part)) {
        tree->failed = true;
        return 0;
    }
    return (uint32_t)tree->parts.count - 1;
}

static struct part *part_at(struct maker *maker, uint32_t part)
{
    return &maker->tree->parts.at[part];
}

static bool stopped(const struct maker *maker)
{
    return maker->tree->crowded || maker->tree->failed;
}

/* Puts a child behind the one added last. */
static void add_child(struct maker *maker, uint32_t parent, uint32_t *last, uint32_t child)
{
    if (stopped(maker))
        return;
    if (*last)
        part_at(maker, *last)->next = child;
    else
        part_at(maker, parent)->first = child;
    *last = child;
}

/* A text in place of the genes from `gene` to `end`. */
__attribute__((format(printf, 4, 5))) static uint32_t make_stand_in(struct maker *maker, uint32_t gene, uint32_t end,
                                                                    const char *format, ...)
{
    uint32_t part = add_part(maker, PART_TEXT);
    if (stopped(maker))
        return 0;
    size_t from = maker->tree->text.len;
    va_list args;
    va_start(args, format);
    text_addv(&maker->tree->text, format, args);
    va_end(args);
    part_at(maker, part)->text = text_since(maker->tree, from, 0);
    set_params(maker, part_at(maker, part), gene, end);
    return part;
}

/* A composite too deep inside others to be drawn. */
static uint32_t make_closed(struct maker *maker, uint32_t gene)
{
    const struct gene *genes = maker->facts->molecule->genes;
    uint32_t end = gene + genes[gene].size, layers = 0, atoms = 0;
    for (uint32_t i = gene; i < end; i++) {
        layers += genes[i].kind == GENE_LAYER || genes[i].kind == GENE_OUTPUT;
        atoms += !gene_kind_composite(genes[i].kind);
    }
    uint32_t count = layers ? layers : atoms;
    return make_stand_in(maker, gene, end, "(%u %s%s)", count, layers ? "layer" : "gene", count == 1 ? "" : "s");
}

static uint32_t make_atom(struct maker *maker, uint32_t gene, uint32_t times)
{
    const struct gene *at = &maker->facts->molecule->genes[gene];
    uint32_t part = add_part(maker, at->kind == GENE_TAP ? PART_TAP : PART_TEXT);
    if (stopped(maker))
        return 0;
    if (at->kind == GENE_TAP) {
        size_t from = maker->tree->text.len;
        text_add(&maker->tree->text, "tap ");
        add_name(maker, at->label);
        part_at(maker, part)->text = text_since(maker->tree, from, 0);
    } else {
        part_at(maker, part)->text = atom_text(maker, gene, times);
        push_copies(maker, times, 1);
        set_params(maker, part_at(maker, part), gene, gene + 1);
        maker->copied -= times > 1;
    }
    return part;
}

static void set_projection(struct maker *maker, uint32_t part, uint32_t gene)
{
    const double *projections = maker->facts->projections;
    uint32_t count = copies_count(maker), projected = 0;
    double total = 0;
    for (uint32_t i = 0; projections && i < count; i++) {
        double each = projections[gene + copy_offset(maker, i)];
        projected += each > 0;
        total += each;
    }
    if (projected == 0)
        return;
    struct text *out = &maker->tree->text;
    size_t from = out->len;
    text_add(out, maker->limits.symbols ? "proj" : "projection");
    if (projected < count)
        text_addf(out, " ×%u", projected);
    part_at(maker, part)->text = text_since(maker->tree, from, 0);
    from = out->len;
    number_write_count(out, total);
    part_at(maker, part)->params = text_since(maker->tree, from, 0);
    part_at(maker, part)->total = total;
}

static uint32_t make_skip(struct maker *maker, uint32_t gene)
{
    uint32_t part = add_part(maker, PART_SKIP), last = 0;
    if (stopped(maker))
        return 0;
    set_projection(maker, part, gene);
    add_child(maker, part, &last, make_gene(maker, gene + 1));
    return part;
}

static uint32_t make_fork(struct maker *maker, uint32_t gene)
{
    const struct gene *genes = maker->facts->molecule->genes, *at = &genes[gene];
    uint32_t part = add_part(maker, PART_FORK), last = 0, most = maker->limits.members;
    uint32_t shown = at->count > most + 1 ? most : at->count, gap = at->count - shown;
    bool reads = false;
    for (uint32_t i = 0, child = gene + 1; i < at->count && !stopped(maker); i++, child += genes[child].size) {
        bool left_out = gap > 0 && i == (shown + 1) / 2;
        uint32_t end = child, member;
        for (uint32_t k = 0; left_out && k < gap; k++)
            end += genes[end].size;
        member = left_out ? make_stand_in(maker, child, end, "… %u more …", gap) : make_gene(maker, child);
        add_child(maker, part, &last, member);
        reads = reads || (!stopped(maker) && part_at(maker, member)->reads);
        if (left_out) { /* the loop steps over the last one left out */
            for (uint32_t k = 1; k < gap; k++)
                child += genes[child].size;
            i += gap - 1;
        }
    }
    if (stopped(maker))
        return 0;
    part_at(maker, part)->reads = reads;
    part_at(maker, part)->sign = at->kind == GENE_BRANCH ? '|' : at->kind == GENE_SUM ? '+' : '*';
    return part;
}

static uint32_t make_stages(struct maker *maker, const struct token *tokens, size_t count);

static uint32_t stride_of(const struct token *token)
{
    return (token->end - token->gene) / token->times;
}

/* The stage that is the last one of the first copies around and of the last copy of the token itself. */
static uint32_t last_stage(const struct token *token)
{
    uint32_t behind = (token->times - 1) * stride_of(token);
    return behind + (token->body_count ? last_stage(&token->body[token->body_count - 1]) : token->gene);
}

static uint32_t make_frame(struct maker *maker, const struct token *token)
{
    uint32_t part = add_part(maker, PART_FRAME), last = 0;
    if (stopped(maker))
        return 0;
    size_t from = maker->tree->text.len;
    text_addf(&maker->tree->text, "×%u", token->times);
    part_at(maker, part)->text = text_since(maker->tree, from, 0);
    push_copies(maker, token->times, stride_of(token));
    maker->depth++;
    uint32_t child = token->body_count ? make_stages(maker, token->body, token->body_count) : make_gene(maker, token->gene);
    maker->depth--;
    maker->copied--;
    add_child(maker, part, &last, child);
    if (!stopped(maker))
        part_at(maker, part)->reads = part_at(maker, child)->reads;
    return part;
}

static uint32_t make_token(struct maker *maker, const struct token *token)
{
    const struct gene *at = &maker->facts->molecule->genes[token->gene];
    uint32_t part;
    if (token->body_count == 0 && !gene_kind_composite(at->kind))
        part = make_atom(maker, token->gene, token->times);
    else if (token->times == 1)
        part = make_gene(maker, token->gene);
    else if (maker->depth >= maker->limits.depth)
        part = make_stand_in(maker, token->gene, token->end, "(%u genes)", token->end - token->gene);
    else
        part = make_frame(maker, token);
    if (stopped(maker))
        return 0;
    set_wire(maker, part_at(maker, part), last_stage(token));
    if (token->label) {
        size_t from = maker->tree->text.len;
        add_name(maker, token->label);
        part_at(maker, part)->tap = text_since(maker->tree, from, 0);
    }
    return part;
}

/* The first and the last stages, and a count of those between. */
static uint32_t make_stages(struct maker *maker, const struct token *tokens, size_t count)
{
    uint32_t part = add_part(maker, PART_CHAIN), last = 0;
    bool headed = count > 1 && maker->facts->molecule->genes[tokens->gene].kind == GENE_INPUT && !tokens->label;
    tokens += headed; /* it stands above the first wire */
    count -= headed;
    size_t most = maker->limits.stages, shown = count > most + 1 ? most : count, gap = count - shown;
    for (size_t i = 0; i < count && !stopped(maker);) {
        bool left_out = gap > 0 && i == (shown + 1) / 2;
        uint32_t child;
        if (left_out) {
            const struct token *behind = &tokens[i + gap - 1];
            child = make_stand_in(maker, tokens[i].gene, behind->end, "⋮ %zu more stages", gap);
            if (!stopped(maker))
                set_wire(maker, part_at(maker, child), last_stage(behind));
        } else {
            child = make_token(maker, &tokens[i]);
        }
        add_child(maker, part, &last, child);
        i += left_out ? gap : 1;
    }
    if (!stopped(maker))
        part_at(maker, part)->reads = part_at(maker, part_at(maker, part)->first)->reads;
    return part;
}

static uint32_t make_chain(struct maker *maker, uint32_t gene)
{
    struct roll *roll = &maker->facts->roll;
    size_t mark = roll->token_count, count;
    const struct token *tokens = roll_chain(roll, gene, &count);
    uint32_t part = make_stages(maker, tokens, count);
    roll->token_count = mark;
    return part;
}

static uint32_t make_gene(struct maker *maker, uint32_t gene)
{
    const struct gene *at = &maker->facts->molecule->genes[gene];
    uint32_t part;
    if (stopped(maker))
        return 0;
    if (!gene_kind_composite(at->kind))
        return make_atom(maker, gene, 1);
    if (at->kind == GENE_CHAIN)
        return make_chain(maker, gene);
    if (maker->depth >= maker->limits.depth)
        return make_closed(maker, gene);
    maker->depth++;
    part = at->kind == GENE_SKIP ? make_skip(maker, gene) : make_fork(maker, gene);
    maker->depth--;
    return part;
}

/* A chain of one is a chain here: its wire and its tap are drawn alike. */
void part_tree_build(struct part_tree *tree, struct part_facts *facts, struct part_limits limits)
{
    struct maker maker = {.tree = tree, .facts = facts, .limits = limits};
    tree->parts.count = 0;
    tree->crowded = false;
    text_clear(&tree->text);
    if (facts->molecule->genes[0].kind == GENE_CHAIN) {
        make_chain(&maker, 0);
    } else {
        uint32_t last = 0, root = add_part(&maker, PART_CHAIN);
        add_child(&maker, root, &last, make_gene(&maker, 0));
    }
    tree->failed = tree->failed || tree->text.failed;
}

void part_tree_release(struct part_tree *tree)
{
    vec_release(&tree->parts);
    text_release(&tree->text);
}
