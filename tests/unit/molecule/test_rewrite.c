/* The rewrite engine: places of patterns, slices, replacements with their taps and origins. The rules of the language stand here as
   C functions that do what the evaluator does with a rule's right side. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bench.h"
#include "molecule/graph.h"
#include "molecule/rewrite.h"
#include "support/progress.h"

/* ---- patterns ---- */

static struct pattern *pattern_of(enum pattern_kind kind)
{
    struct pattern *pattern = mem_alloc(sizeof *pattern);
    assert_non_null(pattern);
    pattern->kind = (uint8_t)kind;
    pattern->element_variable = pattern->width_variable = pattern->molecule_variable = -1;
    pattern->reads_variable = pattern->index_variable = -1;
    return pattern;
}

static struct pattern *any(int variable)
{
    struct pattern *pattern = pattern_of(PATTERN_ANY);
    pattern->molecule_variable = variable;
    return pattern;
}

/* ?a(?n): variables `element` and `width`. */
static struct pattern *any_layer(int element, int width)
{
    struct pattern *pattern = pattern_of(PATTERN_LAYER);
    pattern->element_variable = element;
    pattern->width_variable = width;
    return pattern;
}

static struct pattern *layer_of(const char *symbol, uint32_t width, int width_variable)
{
    struct pattern *pattern = any_layer(-1, width_variable);
    pattern->element = elements_by_symbol(&table, str_of(symbol));
    pattern->width = width;
    return pattern;
}

static struct pattern *exactly(const char *dna)
{
    struct pattern *pattern = pattern_of(PATTERN_EXACT);
    pattern->exact = decoded(dna);
    return pattern;
}

static struct pattern *joined(enum pattern_kind kind, struct pattern *a, struct pattern *b, struct pattern *c)
{
    struct pattern *pattern = pattern_of(kind);
    pattern->parts = mem_array(3, sizeof(struct pattern *));
    struct pattern *parts[] = {a, b, c};
    for (size_t i = 0; i < 3 && parts[i]; i++)
        pattern->parts[pattern->part_count++] = parts[i];
    return pattern;
}

struct found {
    struct place places[2000];
    struct bindings bindings[2000];
    size_t count, limit;
};

static bool note_place(void *context, struct place place, const struct bindings *bindings)
{
    struct found *found = context;
    if (found->count == sizeof found->places / sizeof found->places[0])
        return false;
    found->places[found->count] = place;
    found->bindings[found->count++] = *bindings;
    return found->limit == 0 || found->count < found->limit;
}

static void find(const struct pattern *pattern, const struct molecule *molecule, struct found *found)
{
    found->count = 0;
    pattern_places(pattern, molecule, NULL, note_place, found);
}

/* The places of a pattern in `dna`, each written as its slice, one space between; consumes the pattern. */
static void assert_places(struct pattern *pattern, const char *dna, const char *expected)
{
    static struct found found;
    struct molecule *molecule = decoded(dna);
    struct text text = {0};
    struct diags diags = {0};
    find(pattern, molecule, &found);
    for (size_t i = 0; i < found.count; i++) {
        struct molecule *slice = molecule_slice(molecule, found.places[i], &diags);
        assert_non_null(slice);
        if (i > 0)
            text_add_char(&text, ' ');
        dna_encode(slice, &text);
        molecule_release(slice);
        struct bindings bindings;
        assert_true(pattern_match(pattern, molecule, NULL, found.places[i], &bindings));
    }
    assert_string_equal(text_chars(&text), expected);
    text_release(&text);
    molecule_release(molecule);
    pattern_release(pattern);
}

static void patterns_match(void **state)
{
    (void)state;
    assert_places(any_layer(0, 1), "R8-~(T8-G4)-Bn-R", "R8 T8 G4");
    assert_places(any(0), "R8-~(T8-G4)", "R8-~(T8-G4) R8 ~(T8-G4) T8-G4 T8 G4");
    assert_places(any(0), "R8", "R8");
    assert_places(any(0), "I2-R8-T4-O3", "R8-T4 R8 T4");
    assert_places(any(0), "I2-R8-O3", "R8");
    assert_places(any(0), "I2-O3", "");
    assert_places(any(0), "O3", "");
    assert_places(any_layer(0, 1), "I2-(R8|T4)-O3", "R8 T4");
    assert_places(layer_of("R", 0, 0), "R8-T8-R4", "R8 R4");
    assert_places(layer_of("R", 8, -1), "R8-T8-R4", "R8");
    assert_places(exactly("R8"), "R8-T8-R8%50-R8", "R8 R8");
    assert_places(exactly("R8-T8"), "R8-T8-G8-((R8-T8)|R8)-R8-T8", "R8-T8 R8-T8 R8-T8");
    assert_places(exactly("(R8|T8)"), "(R8|T8)-((R8|T8)+G16)-(R8|T8|G8)", "(R8|T8) (R8|T8)");
    assert_places(joined(PATTERN_CHAIN, any(0), any(1), NULL), "R8-T8-G8-S8-L8", "R8-T8 T8-G8 G8-S8 S8-L8");
    assert_places(joined(PATTERN_CHAIN, any(0), any(1), any(2)), "R8-~(T8-G8-S8)-L8", "R8-~(T8-G8-S8)-L8 T8-G8-S8");
    assert_places(joined(PATTERN_CHAIN, any(0), any(1), NULL), "I2-R8-T8-G8-O3", "R8-T8 T8-G8");
    assert_places(joined(PATTERN_CHAIN, any(0), any(0), NULL), "R8-R8-T8-(G8*2|R8)-(G8*2|R8)", "R8*2 (G8*2|R8)*2 G8*2 G8*2");
    assert_places(joined(PATTERN_CHAIN, any_layer(0, 1), any_layer(0, 2), NULL), "R8-R4-T4-T4", "R8-R4 T4*2");
    assert_places(joined(PATTERN_CHAIN, any_layer(0, 1), any_layer(2, 1), NULL), "R8-R4-T4-T9", "R4-T4");
    assert_places(joined(PATTERN_CHAIN, exactly("R8-T8"), any(0), NULL), "R8-T8-G8-T8-R8-T8-S4", "R8-T8-G8 R8-T8-S4");
    assert_places(joined(PATTERN_BRANCH, any(0), any(1), NULL), "(R8|T8)-(R8|T8|G8)-(R8+T8)", "(R8|T8) (R8|T8|G8)");
    assert_places(joined(PATTERN_BRANCH, any(0), any_layer(1, 2), NULL), "(R8|T8)-(R8|T8|G8)", "(R8|T8)");
    assert_places(joined(PATTERN_SUM, any(0), any(0), NULL), "(R8+T8)-(T8+T8)-(T8|T8)", "(T8+T8)");
    assert_places(joined(PATTERN_PRODUCT, any(0), any(1), NULL), "(R8+T8)-(T8*S8)", "(T8*S8)");
    assert_places(joined(PATTERN_SKIP, any(0), NULL, NULL), "~R8-~~T8", "~R8 ~~T8 ~T8");
    assert_places(joined(PATTERN_SKIP, joined(PATTERN_CHAIN, any(0), any(1), NULL), NULL, NULL), "~(R8-T8)-~R8-~(R8-T8-G8)",
                  "~(R8-T8)");
}

/* Equal but for the stage that a tap means. */
static void taps_count_in_comparison(void **state)
{
    (void)state;
    assert_places(joined(PATTERN_SUM, any(0), any(0), NULL), "S8:a-T8:b-(~:a+~:b)-(~:a+~:a)", "(~:open+~:open)");
    assert_places(joined(PATTERN_SUM, any(0), any(0), NULL), "((S8:a-(T8+:a))+(S8:a-(T8+:a)))", "((S8:a-(T8+:a))+(S8:b-(T8+:b)))");
    assert_places(joined(PATTERN_SUM, any(0), any(0), NULL), "S8:b-((S8:a-(T8+:a))+(S8:a-(T8+:b)))", "");
}

static void the_rest_is_one_binding(void **state)
{
    (void)state;
    static struct found found;
    struct diags diags = {0};
    struct pattern *pattern = joined(PATTERN_BRANCH, any(0), any(1), NULL);
    struct molecule *molecule = decoded("(R8|T8|(G8-S8))");
    find(pattern, molecule, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.bindings[0].at[1].count, 2);
    assert_dna(molecule_slice(molecule, (struct place){found.bindings[0].at[1].gene, 2}, &diags), "(T8|(G8-S8))");
    pattern_release(pattern);
    molecule_release(molecule);
}

static void a_search_can_be_stopped(void **state)
{
    (void)state;
    static struct found found;
    struct pattern *pattern = any(0);
    struct molecule *molecule = decoded("I2-R8-~T8-(G8|S8)-O2");
    found.limit = 3;
    find(pattern, molecule, &found);
    assert_int_equal(found.count, 3);
    found.limit = 0;
    pattern_release(pattern);
    molecule_release(molecule);
}

static bool count_place(void *context, struct place place, const struct bindings *bindings)
{
    (void)place;
    (void)bindings;
    ++*(size_t *)context;
    return true;
}

static void a_long_chain_is_searched_quickly(void **state)
{
    (void)state;
    struct molecule *molecule = decoded("R8*50000-T8*49999");
    struct pattern *pattern = joined(PATTERN_CHAIN, any(0), any(0), NULL);
    size_t count = 0;
    double before = clock_seconds();
    pattern_places(pattern, molecule, NULL, count_place, &count);
    assert_int_equal(count, 99997);
    assert_true(clock_seconds() - before < 2); /* some hundredths; quadratic would be a minute */
    pattern_release(pattern);
    molecule_release(molecule);
}

/* ---- rules ---- */

enum rule { WIDEN, DEEPEN, SHORTCUT, FORK, RETYPE, THIN, DROP, SWAP, DOUBLE, GATE, KEEP, RULES };

static struct pattern *rule_pattern(enum rule rule)
{
    switch (rule) {
    case WIDEN:
    case DEEPEN:
    case RETYPE:
    case THIN:
        return any_layer(0, 1);
    case DROP:
    case SWAP:
    case DOUBLE:
        return joined(PATTERN_CHAIN, any(0), any(1), NULL);
    default:
        return any(0);
    }
}

static void add_slice(struct molecule_builder *builder, const struct molecule *molecule, const struct bindings *bindings,
                      int variable)
{
    struct diags diags = {0};
    struct molecule *slice =
        molecule_slice(molecule, (struct place){bindings->at[variable].gene, bindings->at[variable].count}, &diags);
    if (slice)
        builder_copy(builder, slice, 0);
    molecule_release(slice);
    diags_release(&diags);
}

/* What the right side of a rule evaluates to. */
static struct molecule *right_side(enum rule rule, const struct molecule *molecule, const struct bindings *bindings,
                                   struct diags *diags)
{
    struct molecule_builder builder = {0};
    struct gene layer = molecule->genes[bindings->at[0].gene];
    layer.origin = bindings->at[0].gene + 1;
    layer.label = 0;
    static const enum gene_kind kinds[RULES] = {
        [WIDEN] = GENE_CHAIN,  [DEEPEN] = GENE_CHAIN, [SHORTCUT] = GENE_SKIP, [FORK] = GENE_BRANCH,
        [RETYPE] = GENE_CHAIN, [THIN] = GENE_CHAIN,   [DROP] = GENE_CHAIN,    [SWAP] = GENE_CHAIN,
        [DOUBLE] = GENE_CHAIN, [GATE] = GENE_PRODUCT, [KEEP] = GENE_CHAIN};
    builder_open(&builder, kinds[rule], SPAN_NONE);
    switch (rule) {
    case WIDEN:
        layer.width = layer.width > LIMIT_WIDTH / 2 ? layer.width : layer.width * 2;
        builder_atom(&builder, layer, NULL);
        break;
    case DEEPEN:
        builder_atom(&builder, layer, NULL);
        builder_atom(&builder, layer, NULL);
        break;
    case RETYPE:
        layer.element = elements_by_name(&table, STR("tanh"));
        layer.traits.params[0] = 0;
        builder_atom(&builder, layer, NULL);
        break;
    case THIN:
        layer.traits.density = 0.5;
        builder_atom(&builder, layer, NULL);
        break;
    case SHORTCUT:
    case KEEP:
        add_slice(&builder, molecule, bindings, 0);
        break;
    case FORK:
        add_slice(&builder, molecule, bindings, 0);
        add_slice(&builder, molecule, bindings, 0);
        break;
    case GATE:
        add_slice(&builder, molecule, bindings, 0);
        builder_atom(&builder, gene_layer(elements_by_name(&table, STR("sigmoid")), 8, SPAN_NONE), NULL);
        break;
    case DROP:
        add_slice(&builder, molecule, bindings, 1);
        break;
    case SWAP:
        add_slice(&builder, molecule, bindings, 1);
        add_slice(&builder, molecule, bindings, 0);
        break;
    case DOUBLE: /* ?A -> linear(3) -> ?B -> ?B */
        add_slice(&builder, molecule, bindings, 0);
        builder_atom(&builder, gene_layer(elements_by_name(&table, STR("linear")), 3, SPAN_NONE), NULL);
        add_slice(&builder, molecule, bindings, 1);
        add_slice(&builder, molecule, bindings, 1);
        break;
    case RULES:
        break;
    }
    builder_close(&builder);
    return builder_finish(&builder, SPAN_NONE, diags);
}

static struct molecule *applied(enum rule rule, const struct molecule *molecule, struct place place,
                                const struct bindings *bindings, struct diags *diags)
{
    struct molecule *replacement = right_side(rule, molecule, bindings, diags);
    struct molecule *result = replacement ? molecule_replace(molecule, place, replacement, diags) : NULL;
    molecule_release(replacement);
    return result;
}

/* `rule` at its place number `number` in `dna` gives `expected`; an expectation that begins with `!` is an error. */
static void assert_rule(enum rule rule, const char *dna, size_t number, const char *expected)
{
    static struct found found;
    struct molecule *molecule = decoded(dna);
    struct pattern *pattern = rule_pattern(rule);
    struct diags diags = {0};
    find(pattern, molecule, &found);
    assert_true(number < found.count);
    struct molecule *result = applied(rule, molecule, found.places[number], &found.bindings[number], &diags);
    if (expected[0] == '!') {
        assert_null(result);
        assert_diag(&diags, expected + 1);
    } else {
        if (diags.count > 0)
            print_error("%s at %zu of `%s`: %s\n", expected, number, dna, diags.at[0].message);
        assert_int_equal(diags.count, 0);
        assert_dna(result, expected);
    }
    pattern_release(pattern);
    molecule_release(molecule);
}

static void rules_of_the_language(void **state)
{
    (void)state;
    assert_rule(WIDEN, "R8-T4", 1, "R8-T8");
    assert_rule(WIDEN, "R8[bias=0]-T4", 0, "R16[bias=0]-T4");
    assert_rule(DEEPEN, "R8-T4", 0, "R8*2-T4");
    assert_rule(DEEPEN, "I2-R8-O3", 0, "I2-R8*2-O3");
    assert_rule(SHORTCUT, "R8-T4", 0, "~(R8-T4)");
    assert_rule(SHORTCUT, "R8-T4", 1, "~R8-T4");
    assert_rule(SHORTCUT, "I2-R8-T4-O3", 0, "I2-~(R8-T4)-O3");
    assert_rule(FORK, "R8-T4", 2, "R8-(T4|T4)");
    assert_rule(FORK, "(R8|T4)", 1, "(R8|R8|T4)");
    assert_rule(FORK, "R8", 0, "(R8|R8)");
    assert_rule(RETYPE, "R8-~G4", 1, "R8-~T4");
    assert_rule(THIN, "(R8|G4)", 0, "(R8%50|G4)");
    assert_rule(DROP, "R8-T4-G2", 0, "T4-G2");
    assert_rule(DROP, "R8-T4-G2", 1, "R8-G2");
    assert_rule(DROP, "~(R8-T4)", 0, "~T4");
    assert_rule(GATE, "R8-T8", 2, "R8-(T8*S8)");
}

static void taps_are_kept_whole(void **state)
{
    (void)state;
    /* The label of a single stage goes to the end of what replaces it. */
    assert_rule(DEEPEN, "R8:a-T8-(G8+:a)", 0, "R8*2:a-T8-(G8+:a)");
    assert_rule(SHORTCUT, "R8:a-T8-(G8+:a)", 1, "~R8:a-T8-(G8+:a)");
    assert_rule(GATE, "R8:a-T8-(G8+:a)", 1, "(R8*S8):a-T8-(G8+:a)");
    /* A stage whose definition goes leaves its label to what remains of the place. */
    assert_rule(DROP, "R8:a-T8-(G8+:a)", 0, "T8:a-(G8+:a)");
    assert_rule(DROP, "R8:a-T8:b-(:a+:b)", 0, "T8:a-(:a+:a)");
    /* One that stays keeps it. */
    assert_rule(DOUBLE, "R8:a-T8-(G8+:a)", 0, "R8:a-L3-T8*2-(G8+:a)");
    assert_rule(DOUBLE, "R8:a-T8:b-(:a+:b)", 0, "R8:a-L3-T8*2:b-(:a+:b)");
    assert_rule(SWAP, "R8:a-T8-(G8+:a)", 0, "T8-R8:a-(G8+:a)");
    /* Taps cut off from their definition find it again, the nearest copy of it. */
    assert_rule(DOUBLE, "R8:a-(G8+:a)", 0, "R8:a-L3-(G8+:a)*2");
    assert_rule(SWAP, "R8:a-(G8+:a)", 0, "!would leave a tap undefined");
    assert_rule(DROP, "R8:a-(G8+:a)", 0, "!would leave a tap undefined");
    assert_rule(DEEPEN, "R8:a-(G8+:a)-T8", 1, "R8:a-(G8*2+:a)-T8");
    /* Copies rename the labels that are their own. */
    assert_rule(FORK, "R8-~(T8:a-(G8+:a))", 2, "R8-(~(T8:a-(G8+:a))|~(T8:b-(G8+:b)))");
    assert_rule(FORK, "S8:a-~(T8:b-(:a+:b))", 2, "S8:a-(~(T8:b-(:a+:b))|~(T8:c-(:a+:c)))");
    assert_rule(FORK, "R8:a-T8-(G8+:a)", 0, "((R8:a-T8-(G8+:a))|(R8:b-T8-(G8+:b)))");
    assert_rule(KEEP, "S8:a-~(T8:b-(:a+:b))-:a", 0, "S8:a-~(T8:b-(:a+:b))-:a");
    assert_rule(KEEP, "S8:a-~(T8:b-(:a+:b))-:a", 2, "S8:a-~(T8:b-(:a+:b))-:a");
    assert_rule(FORK, "S8:a-T8-:a-R8", 3, "S8:a-T8-(:a|:a)-R8");
}

/* Each gene of the result says which gene it was. */
static void origins_lead_back(void **state)
{
    (void)state;
    static struct found found;
    struct diags diags = {0};
    struct molecule *molecule = decoded("I2-R8-T4-~(G4-S4)-O3");
    struct pattern *pattern = rule_pattern(DOUBLE);
    find(pattern, molecule, &found);
    struct molecule *result = applied(DOUBLE, molecule, found.places[0], &found.bindings[0], &diags);
    static const uint32_t expected[] = {1, 2, 3, 0, 4, 4, 5, 6, 7, 8, 9};
    assert_int_equal(result->count, sizeof expected / sizeof expected[0]);
    for (uint32_t i = 0; i < result->count; i++)
        assert_int_equal(result->genes[i].origin, expected[i]);
    molecule_release(result);
    molecule_release(molecule);
    pattern_release(pattern);
}

static void bad_places_are_refused(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("R8-~T8-(G8|S8)"), *part = decoded("L4");
    static const struct place places[] = {{8, 1}, {0, 2}, {1, 4}, {3, 2}, {1, 0}, {6, 2}, {UINT32_MAX, 1}, {1, UINT32_MAX}};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct bindings bindings;
        struct pattern *pattern = any(0);
        assert_false(pattern_match(pattern, molecule, NULL, places[i], &bindings));
        pattern_release(pattern);
        assert_null(molecule_slice(molecule, places[i], &diags));
        assert_diag(&diags, "no such place");
        assert_null(molecule_replace(molecule, places[i], part, &diags));
        assert_diag(&diags, "no such place");
    }
    assert_dna(molecule_replace(molecule, (struct place){5, 2}, part, &diags), "R8-~T8-L4");
    molecule_release(part);
    part = decoded("I2-R8");
    assert_null(molecule_replace(molecule, (struct place){2, 1}, part, &diags));
    assert_diag(&diags, "an input can only be the first stage");
    molecule_release(part);
    molecule_release(molecule);
}

/* A slice of a slice would mix up two molecules' taps. */
static void cut_molecules_are_not_rewritten(void **state)
{
    (void)state;
    struct diags diags = {0};
    struct molecule *molecule = decoded("R8:a-T8-~(G8-(S8+:a))"), *part = decoded("L4");
    struct molecule *slice = molecule_slice(molecule, (struct place){3, 1}, &diags);
    assert_true(slice->free_labels);
    assert_null(molecule_replace(slice, (struct place){2, 1}, part, &diags));
    assert_diag(&diags, "cannot be rewritten by itself");
    struct molecule *back = molecule_replace(molecule, (struct place){3, 1}, slice, &diags);
    assert_true(molecule_equal(back, molecule));
    molecule_release(back);
    molecule_release(slice);
    molecule_release(part);
    molecule_release(molecule);
}

/* ---- properties ---- */

/* What must hold of every result; consumes it. */
static void check_result(const struct molecule *before, struct molecule *after, const char *dna)
{
    struct text text = {0};
    assert_false(after->free_labels);
    for (uint32_t i = 0; i < after->count; i++)
        assert_true(after->genes[i].origin <= before->count);
    dna_encode(after, &text);
    struct molecule *back = decoded(text_chars(&text));
    if (!molecule_equal(after, back))
        fail_msg("a rewrite of `%s` prints as `%s`, which is another molecule", dna, text_chars(&text));
    molecule_release(back);
    molecule_release(after);
    text_release(&text);
}

static void random_rewrites_are_valid(void **state)
{
    (void)state;
    static struct writer writer;
    static struct found found;
    struct pattern *patterns[RULES];
    size_t done = 0, refused = 0;
    writer.random = random_stream(5, RANDOM_TEST, 0);
    for (int rule = 0; rule < RULES; rule++)
        patterns[rule] = rule_pattern((enum rule)rule);
    for (int i = 0; i < 40000; i++) {
        struct molecule *molecule = decoded(random_dna(&writer, 3));
        enum rule rule = (enum rule)random_below(&writer.random, RULES);
        struct diags diags = {0};
        find(patterns[rule], molecule, &found);
        if (found.count > 0) {
            size_t at = random_below(&writer.random, (uint32_t)found.count);
            struct molecule *result = applied(rule, molecule, found.places[at], &found.bindings[at], &diags);
            done++;
            refused += !result;
            if (!result && (diags.count != 1 || !strstr(diags.at[0].message, "would leave a tap undefined")))
                fail_msg("rule %d at %zu of `%s`: %s", rule, at, writer.text, diags.count ? diags.at[0].message : "no result");
            if (result && rule == KEEP && !molecule_equal(result, molecule))
                fail_msg("`%s` is not itself with a slice put back", writer.text);
            if (result)
                check_result(molecule, result, writer.text);
        }
        molecule_release(molecule);
        diags_release(&diags);
    }
    for (int rule = 0; rule < RULES; rule++)
        pattern_release(patterns[rule]);
    assert_true(done > 20000);
    assert_true(refused > 10 && refused < done / 10);
}

/* Whether every part of every sum and product of a molecule with an input is as wide as the others. */
static bool fits(const struct molecule *molecule)
{
    struct diags diags = {0};
    struct graph *graph = graph_build(molecule, 5, &diags);
    const bool well = graph != NULL;
    graph_release(graph);
    diags_release(&diags);
    return well;
}

/* What fitted an input before a rewrite fits it after, but where widths hang on the input, on an index, or are too large. */
static void mended_molecules_fit(void **state)
{
    (void)state;
    static struct writer writer;
    static struct found found;
    size_t done = 0, mended = 0, unfit = 0, unfit_raw = 0;
    writer.random = random_stream(6, RANDOM_TEST, 0);
    struct pattern *patterns[RULES];
    for (int rule = 0; rule < RULES; rule++)
        patterns[rule] = rule_pattern((enum rule)rule);
    for (int i = 0; i < 40000; i++) {
        struct molecule *molecule = decoded(random_dna(&writer, 3));
        enum rule rule = (enum rule)random_below(&writer.random, RULES);
        struct diags diags = {0};
        find(patterns[rule], molecule, &found);
        if (found.count > 0 && fits(molecule)) {
            size_t at = random_below(&writer.random, (uint32_t)found.count);
            struct molecule *raw = applied(rule, molecule, found.places[at], &found.bindings[at], &diags);
            struct molecule *result = raw ? molecule_mend(raw, molecule, NULL, 0, &table, &diags) : NULL;
            if (result) {
                done++;
                mended += !molecule_equal(raw, result);
                unfit_raw += !fits(raw);
                unfit += !fits(result);
                if (fits(raw) && !fits(result))
                    fail_msg("mending broke a rewrite of `%s`", writer.text);
                check_result(molecule, molecule_retain(result), writer.text);
            }
            molecule_release(raw);
            molecule_release(result);
        }
        molecule_release(molecule);
        diags_release(&diags);
    }
    for (int rule = 0; rule < RULES; rule++)
        pattern_release(patterns[rule]);
    print_message("%zu rewrites, %zu mended; %zu do not fit, unmended %zu\n", done, mended, unfit, unfit_raw);
    assert_true(done > 2000);
    assert_true(mended > 20);
    assert_true(unfit < unfit_raw);
}

static void memory_may_fail_anywhere(void **state)
{
    (void)state;
    static struct found found;
    struct molecule *molecule = decoded("S8:a-~(T8:b-(:a+:b))-Gt[1,2]-:a");
    struct pattern *pattern = rule_pattern(FORK);
    find(pattern, molecule, &found);
    for (size_t at = 0; at < found.count; at++) {
        struct molecule *result = NULL;
        for (long n = 0; n < 100 && !result; n++) {
            struct diags diags = {0};
            mem_fail_after(n);
            result = applied(FORK, molecule, found.places[at], &found.bindings[at], &diags);
            mem_fail_after(-1);
            assert_true(result || diags.count > 0 || diags.overflowed);
            diags_release(&diags);
        }
        assert_non_null(result);
        molecule_release(result);
    }
    pattern_release(pattern);
    molecule_release(molecule);
}

static void mending_survives_failing_memory(void **state)
{
    (void)state;
    struct molecule *before = decoded("S8:a-~(T8:b-(:b+R8))-(:a*L8)"), *after = decoded("S8:a-~(T8:b-(:b+R16))-(:a*L8)");
    struct molecule *result = NULL;
    for (uint32_t i = 0; i < after->count; i++)
        after->genes[i].origin = i + 1;
    for (long n = 0; n < 100 && !result; n++) {
        struct diags diags = {0};
        mem_fail_after(n);
        result = molecule_mend(after, before, NULL, 0, &table, &diags);
        mem_fail_after(-1);
        assert_true(result || diags.out_of_memory);
        diags_release(&diags);
    }
    assert_dna(result, "S8:a-~(T8:b-(:b+(R16-L8)))-(:a*L8)");
    molecule_release(before);
    molecule_release(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match),
        cmocka_unit_test(taps_count_in_comparison),
        cmocka_unit_test(the_rest_is_one_binding),
        cmocka_unit_test(a_search_can_be_stopped),
        cmocka_unit_test(a_long_chain_is_searched_quickly),
        cmocka_unit_test(rules_of_the_language),
        cmocka_unit_test(taps_are_kept_whole),
        cmocka_unit_test(origins_lead_back),
        cmocka_unit_test(bad_places_are_refused),
        cmocka_unit_test(cut_molecules_are_not_rewritten),
        cmocka_unit_test(random_rewrites_are_valid),
        cmocka_unit_test(mended_molecules_fit),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(mending_survives_failing_memory),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
