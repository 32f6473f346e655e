/* The grammar in the manual is the decoder's: the page's EBNF is read, sentences are generated from it and random strings are
   recognised by it. What it gives is decoded, or refused for a reason that is none of syntax; what it does not give is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "any_molecule.h"
#include "support/file.h"

/* ---- the grammar as a tree ---- */

enum node_kind { NODE_TEXT, NODE_RANGE, NODE_NAME, NODE_ROW, NODE_CHOICE, NODE_OPTION, NODE_REPEAT };

/* Children are a list: `first`, then `next`. Node 0 is none. */
struct node {
    enum node_kind kind;
    struct str text; /* of a literal, a name; a range's two letters */
    int first, next;
};

enum { NODES = 400, RULES = 40, LONGEST = 60 };

static struct {
    struct text page;
    const char *at;
    struct node nodes[NODES];
    int count;
    struct {
        struct str name;
        int body;
    } rules[RULES];
    int rule_count;
} grammar;

static int new_node(enum node_kind kind, struct str text, int first)
{
    assert_true(grammar.count + 1 < NODES);
    grammar.nodes[++grammar.count] = (struct node){kind, text, first, 0};
    return grammar.count;
}

static void skip_blanks(void)
{
    while (*grammar.at == ' ' || *grammar.at == '\n')
        grammar.at++;
}

static bool taken(char c)
{
    skip_blanks();
    if (*grammar.at != c)
        return false;
    grammar.at++;
    return true;
}

static struct str read_name(void)
{
    skip_blanks();
    const char *start = grammar.at;
    while (*grammar.at >= 'a' && *grammar.at <= 'z')
        grammar.at++;
    return (struct str){start, (size_t)(grammar.at - start)};
}

static struct str read_literal(void)
{
    const char *start = grammar.at, *end = strchr(start, '"');
    assert_non_null(end);
    grammar.at = end + 1;
    return (struct str){start, (size_t)(end - start)};
}

static int read_choice(void);

static int read_factor(void)
{
    static const char *const brackets[] = {"()", "[]", "{}"};
    static const enum node_kind kinds[] = {NODE_ROW, NODE_OPTION, NODE_REPEAT};
    for (int i = 0; i < 3; i++)
        if (taken(brackets[i][0])) {
            int body = read_choice();
            assert_true(taken(brackets[i][1]));
            return new_node(kinds[i], STR(""), body);
        }
    if (!taken('"')) {
        struct str name = read_name();
        assert_true(name.len > 0);
        return new_node(NODE_NAME, name, 0);
    }
    struct str text = read_literal();
    if (strncmp(grammar.at, "..", 2) != 0)
        return new_node(NODE_TEXT, text, 0);
    grammar.at += 3;
    struct str last = read_literal();
    return new_node(NODE_RANGE, (struct str){text.at, (size_t)(last.at - text.at) + 1}, 0);
}

static int read_row(void)
{
    int row = new_node(NODE_ROW, STR(""), 0), *link = &grammar.nodes[row].first;
    skip_blanks();
    while (!strchr("|;)]}", *grammar.at)) {
        *link = read_factor();
        link = &grammar.nodes[*link].next;
        skip_blanks();
    }
    return row;
}

static int read_choice(void)
{
    int choice = new_node(NODE_CHOICE, STR(""), 0), *link = &grammar.nodes[choice].first;
    do {
        *link = read_row();
        link = &grammar.nodes[*link].next;
    } while (taken('|'));
    return choice;
}

static int grammar_setup(void **state)
{
    struct diags diags = {0};
    assert_true(file_read(DNA_PAGE, 1 << 20, &grammar.page, &diags, SPAN_NONE));
    const char *start = strstr(text_chars(&grammar.page), "```ebnf\n");
    assert_non_null(start);
    grammar.at = start + 8;
    for (skip_blanks(); *grammar.at != '`'; skip_blanks()) {
        assert_true(grammar.rule_count < RULES);
        struct str name = read_name();
        assert_true(name.len > 0 && taken('='));
        grammar.rules[grammar.rule_count].name = name;
        grammar.rules[grammar.rule_count++].body = read_choice();
        assert_true(taken(';'));
    }
    bench_setup(state);
    add_user_element();
    return 0;
}

static int grammar_teardown(void **state)
{
    text_release(&grammar.page);
    return bench_teardown(state);
}

static int rule_of(struct str name)
{
    for (int i = 0; i < grammar.rule_count; i++)
        if (str_equal(grammar.rules[i].name, name))
            return grammar.rules[i].body;
    fail_msg("the grammar has no rule `%.*s`", STR_ARG(name));
    return 0;
}

/* ---- sentences ---- */

struct maker {
    struct random random;
    struct text out;
    unsigned depth;
};

static bool draw(struct maker *maker, double share)
{
    return random_unit(&maker->random) < share;
}

/* Names at random rarely mean something: often one that does. */
static bool make_known(struct maker *maker, struct str name)
{
    static const char *const symbols[] = {"R", "T", "Si", "Lr", "I", "O", "D", "Bn", "Ln", "Gt", "Sc", "H", "Wb", "S"};
    static const char *const words[] = {"bias", "init", "l2", "l1", "lr_scale", "head", "he", "step", "slope", "softmax"};
    static const char *const labels[] = {"a", "b", "h1"};
    if (str_is(name, "symbol") && draw(maker, 0.95))
        text_add(&maker->out, symbols[random_below(&maker->random, 14)]);
    else if (str_is(name, "word") && draw(maker, 0.9))
        text_add(&maker->out, words[random_below(&maker->random, 10)]);
    else if (str_is(name, "label") && draw(maker, 0.9))
        text_add(&maker->out, labels[random_below(&maker->random, 3)]);
    else
        return false;
    return true;
}

static void make(struct maker *maker, int at)
{
    const struct node *node = &grammar.nodes[at];
    uint32_t count = 0;
    switch (node->kind) {
    case NODE_TEXT:
        text_add_str(&maker->out, node->text);
        break;
    case NODE_RANGE: {
        char low = node->text.at[0], high = node->text.at[node->text.len - 1];
        text_add_char(&maker->out, (char)(low + random_below(&maker->random, (uint32_t)(high - low + 1))));
        break;
    }
    case NODE_NAME:
        maker->depth++;
        if (!make_known(maker, node->text))
            make(maker, rule_of(node->text));
        maker->depth--;
        break;
    case NODE_ROW:
        for (int child = node->first; child; child = grammar.nodes[child].next)
            make(maker, child);
        break;
    case NODE_CHOICE:
        for (int child = node->first; child; child = grammar.nodes[child].next)
            count++;
        /* Deep inside the third is the simplest: an atom. */
        count = maker->depth > 12 && count == 4 ? 2 : random_below(&maker->random, count);
        at = node->first;
        while (count-- > 0)
            at = grammar.nodes[at].next;
        make(maker, at);
        break;
    case NODE_OPTION:
        if (draw(maker, 0.35))
            make(maker, node->first);
        break;
    case NODE_REPEAT:
        while (draw(maker, maker->depth > 12 ? 0.1 : 0.3))
            make(maker, node->first);
        break;
    }
}

/* ---- recognition: from each place the set of places where a node may end, as bits ---- */

static uint64_t ends(int at, struct str text, size_t from);

static uint64_t ends_of_all(int at, struct str text, uint64_t starts)
{
    uint64_t all = 0;
    for (size_t i = 0; i <= text.len; i++)
        if (starts >> i & 1)
            all |= ends(at, text, i);
    return all;
}

static uint64_t ends(int at, struct str text, size_t from)
{
    const struct node *node = &grammar.nodes[at];
    uint64_t found = 0, start = UINT64_C(1) << from;
    switch (node->kind) {
    case NODE_TEXT:
        return text.len - from >= node->text.len && memcmp(text.at + from, node->text.at, node->text.len) == 0
                   ? start << node->text.len
                   : 0;
    case NODE_RANGE:
        return from < text.len && text.at[from] >= node->text.at[0] && text.at[from] <= node->text.at[node->text.len - 1]
                   ? start << 1
                   : 0;
    case NODE_NAME:
        return ends(rule_of(node->text), text, from);
    case NODE_ROW:
        for (int child = node->first; child && start; child = grammar.nodes[child].next)
            start = ends_of_all(child, text, start);
        return start;
    case NODE_CHOICE:
        for (int child = node->first; child; child = grammar.nodes[child].next)
            found |= ends(child, text, from);
        return found;
    case NODE_OPTION:
        return start | ends(node->first, text, from);
    case NODE_REPEAT:
        for (found = start; start; start = ends_of_all(node->first, text, start) & ~found, found |= start)
            continue;
        return found;
    }
    return 0;
}

static bool is_sentence(struct str text)
{
    return text.len <= LONGEST && ends(rule_of(STR("dna")), text, 0) >> text.len & 1;
}

/* ---- the decoder held to it ---- */

/* What the decoder says of a string that is no sentence; every other message gives a reason that is none of syntax. */
static bool message_is_of_syntax(const char *message)
{
    static const char *const parts[] = {"expected ",     "stand in one bracket", "needs brackets around", "closes nothing",
                                        "is not closed", "no leading zeros",     "width is at least 1",   "count is at least 1"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(message, parts[i]))
            return true;
    return false;
}

static void sentences_are_accepted_or_refused_for_a_reason(void **state)
{
    (void)state;
    struct maker maker = {.random = random_stream(21, RANDOM_TEST, 0)};
    size_t accepted = 0;
    for (int i = 0; i < 100000; i++) {
        text_clear(&maker.out);
        maker.depth = 0;
        make(&maker, rule_of(STR("dna")));
        struct diags diags = {0};
        struct molecule *molecule = decode_len(text_chars(&maker.out), maker.out.len, &diags);
        assert_int_equal(molecule == NULL, diags.errors > 0);
        for (size_t k = 0; k < diags.count; k++)
            if (message_is_of_syntax(diags.at[k].message))
                fail_msg("`%s` is a sentence: %s", text_chars(&maker.out), diags.at[k].message);
        accepted += molecule != NULL;
        molecule_release(molecule);
        diags_release(&diags);
    }
    assert_true(accepted > 1000);
    text_release(&maker.out);
}

static void what_is_accepted_is_a_sentence(void **state)
{
    (void)state;
    static const char alphabet[] = "RTSIODBn88123%[]=,.:abh~-|+*()0e_";
    static struct drawer drawer;
    struct text dna = {0};
    size_t accepted = 0, refused = 0;
    drawer.random = random_stream(22, RANDOM_TEST, 0);
    for (int i = 0; i < 60000; i++) {
        struct diags diags = {0};
        if (i % 3 == 0) {
            text_clear(&dna);
            for (uint32_t n = 1 + below(&drawer, 7); n > 0; n--)
                text_add_char(&dna, alphabet[below(&drawer, sizeof alphabet - 1)]);
        } else {
            spell_any(&drawer, draw_any(&drawer, (unsigned)i % 2), &dna);
            if (i % 3 == 1 && dna.len > 0) /* one slip */
                dna.at[below(&drawer, (uint32_t)dna.len)] = alphabet[below(&drawer, sizeof alphabet - 1)];
        }
        if (dna.len > LONGEST)
            continue;
        struct molecule *molecule = decode_len(text_chars(&dna), dna.len, &diags);
        bool sentence = is_sentence(text_str(&dna));
        if (molecule && !sentence)
            fail_msg("`%s` is accepted and no sentence", text_chars(&dna));
        for (size_t k = 0; sentence && k < diags.count; k++)
            if (message_is_of_syntax(diags.at[k].message))
                fail_msg("`%s` is a sentence: %s", text_chars(&dna), diags.at[k].message);
        accepted += molecule != NULL;
        refused += !sentence;
        molecule_release(molecule);
        diags_release(&diags);
    }
    assert_true(accepted > 5000 && refused > 5000);
    text_release(&dna);
}

/* Every string of a few signs, so that no corner is left to chance. */
static void short_strings_are_all_tried(void **state)
{
    (void)state;
    static const char alphabet[] = "R8:a~-|*()";
    enum { SIGNS = sizeof alphabet - 1, LENGTH = 5 };
    char text[LENGTH + 1] = "";
    for (size_t length = 1; length <= LENGTH; length++) {
        size_t strings = 1;
        for (size_t i = 0; i < length; i++)
            strings *= SIGNS;
        for (size_t number = 0; number < strings; number++) {
            struct diags diags = {0};
            for (size_t i = 0, rest = number; i < length; i++, rest /= SIGNS)
                text[i] = alphabet[rest % SIGNS];
            struct molecule *molecule = decode_len(text, length, &diags);
            bool sentence = is_sentence((struct str){text, length});
            bool syntax = diags.count > 0 && message_is_of_syntax(diags.at[0].message);
            if (sentence ? syntax : molecule != NULL)
                fail_msg("`%.*s` is %s sentence", (int)length, text, sentence ? "a" : "no");
            molecule_release(molecule);
            diags_release(&diags);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_accepted_or_refused_for_a_reason),
        cmocka_unit_test(what_is_accepted_is_a_sentence),
        cmocka_unit_test(short_strings_are_all_tried),
    };
    return cmocka_run_group_tests(tests, grammar_setup, grammar_teardown);
}
