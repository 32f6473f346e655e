/* See marks.h. Options count by what they print, which is what somebody would compare who read both scripts; functions and rules by what
   was written, and by what the names in it stand for. */
#include "study/marks.h"

#include "export/model_file.h"
#include "interp/print.h"
#include "interp/unknown.h"
#include "support/hash.h"
#include "support/vec.h"

/* Code that counts: its names are looked up in the frame. */
struct code {
    const struct node *node;
    struct frame *frame;
};

/* One mark in the making. Code is put aside as it is met and counted once, so that functions may call each other. */
struct marker {
    struct eval *eval;
    uint64_t hash;
    VEC(struct code) code;
    bool failed; /* memory */
};

static void count_text(struct marker *marker, struct str text)
{
    marker->hash = hash_bytes(hash_u64(marker->hash, text.len), text.at, text.len);
}

static void add_code(struct marker *marker, const struct node *node, struct frame *frame)
{
    for (size_t i = 0; i < marker->code.count; i++)
        if (marker->code.at[i].node == node && marker->code.at[i].frame == frame)
            return;
    marker->failed = !vec_push(&marker->code, ((struct code){node, frame})) || marker->failed;
}

/* ---- values ---- */

static void count_value(struct marker *marker, struct value value, bool outside);

/* A rule's parameters have what they were given. */
static void count_given(struct marker *marker, const struct rule *rule)
{
    const struct node *params = rule->node->items[0];
    for (uint32_t i = 0; i < params->count; i++) {
        const struct binding *given = frame_find_here(rule->frame, params->items[i]->text);
        if (given)
            count_value(marker, given->value, false);
    }
}

static void count_element(struct marker *marker, const struct element *element)
{
    struct text text = {0};
    element_declaration(element, &text);
    count_text(marker, text_str(&text));
    marker->failed = marker->failed || text.failed;
    text_release(&text);
}

/* What printing does not tell. */
static void count_content(struct marker *marker, struct value value)
{
    if (value.kind == VALUE_FUNCTION)
        add_code(marker, value.function->node, value.function->frame);
    if (value.kind == VALUE_ELEMENT)
        count_element(marker, value.element->element);
    if (value.kind == VALUE_RULE) {
        add_code(marker, value.rule->node, value.rule->frame);
        count_given(marker, value.rule);
    }
}

/* What a value prints and is; `outside`: with the items of a list and the fields of a record. */
static void count_value(struct marker *marker, struct value value, bool outside)
{
    struct text text = {0};
    value_print(marker->eval, value, true, &text);
    count_text(marker, text_str(&text));
    marker->failed = marker->failed || text.failed;
    text_release(&text);
    count_content(marker, value);
    for (size_t i = 0; outside && value.kind == VALUE_LIST && i < value.list->count; i++)
        count_content(marker, value.list->items[i]);
    for (size_t i = 0; outside && value.kind == VALUE_RECORD && i < value.record->count; i++)
        count_content(marker, value.record->fields[i].value);
}

/* ---- code ---- */

/* Whether the node gives a name of its own to something. */
static bool makes_name(const struct node *node)
{
    return node->kind == NODE_PARAM || node->kind == NODE_LET || node->kind == NODE_FN || node->kind == NODE_FOR ||
           node->kind == NODE_COMPREHENSION || node->kind == NODE_AXIS || node->kind == NODE_AS;
}

static bool makes(const struct node *node, struct str name)
{
    bool found = makes_name(node) && str_equal(node->text, name);
    for (uint32_t i = 0; !found && i < node->count; i++)
        found = makes(node->items[i], name);
    return found;
}

static void count_names(struct marker *marker, const struct code *code, const struct node *node)
{
    const struct binding *binding = node->kind == NODE_NAME ? frame_find(code->frame, node->text) : NULL;
    if (binding && binding->value.kind != VALUE_BUILTIN && !makes(code->node, node->text)) {
        count_text(marker, node->text);
        count_value(marker, binding->value, true);
    }
    for (uint32_t i = 0; i < node->count; i++)
        count_names(marker, code, node->items[i]);
}

static void count_code(struct marker *marker)
{
    for (size_t i = 0; !marker->failed && i < marker->code.count; i++) { /* it grows on the way */
        const struct code code = marker->code.at[i];
        count_text(marker, source_slice(&marker->eval->state->sources, code.node->span));
        count_names(marker, &code, code.node);
    }
    vec_release(&marker->code);
}

/* ---- the marks ---- */

static bool add(struct marks *marks, const char *name, struct marker *marker)
{
    count_code(marker);
    marks->at[marks->count++] = (struct evolve_mark){name, marker->hash};
    return !marker->failed || diag_out_of_memory(marker->eval->diags, SPAN_NONE);
}

static void count_rules(struct marker *marker, const struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct binding *rule = frame_find(marker->eval->frame, string_str(record->fields[i].key));
        if (rule)
            count_value(marker, rule->value, false);
    }
}

/* A formula that is one of the known losses is that. */
static void count_loss(struct marker *marker, const struct train_options *train)
{
    struct text text = {0};
    marker->hash = hash_u64(marker->hash, train->loss);
    if (train->loss == LOSS_FORMULA)
        loss_declaration(train->formula, train->formula_params, &text);
    count_text(marker, text_str(&text));
    marker->failed = marker->failed || text.failed;
    text_release(&text);
}

bool marks_make(struct eval *eval, const struct options *options, const struct evolve_options *made,
                const struct molecule *const *founders, size_t founder_count, struct marks *marks)
{
    static const char *const names[] = {"population", "mutate",  "crossover",  "select", "elite", "species",
                                        "inherit",    "fitness", "objectives", "train",  "limits"};
    const struct fitness *fitness = made->fitness_context;
    *marks = (struct marks){0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value value = option_value(options, names[i]);
        struct marker marker = {.eval = eval, .hash = HASH_START};
        count_value(&marker, value, true);
        if (str_is(str_of(names[i]), "mutate") && value.kind == VALUE_RECORD)
            count_rules(&marker, value.record);
        if (str_is(str_of(names[i]), "train"))
            count_loss(&marker, &made->train);
        if (!add(marks, names[i], &marker))
            return false;
    }
    struct marker seed = {.eval = eval, .hash = hash_u64(hash_u64(HASH_START, made->seed), made->train.seed)};
    struct marker start = {.eval = eval, .hash = HASH_START};
    struct marker data = {.eval = eval, .hash = prepared_hash(fitness->prepared)};
    for (size_t i = 0; i < founder_count; i++)
        start.hash = hash_u64(start.hash, founders[i]->hash);
    return add(marks, "seed", &seed) && add(marks, "start", &start) && add(marks, "data", &data);
}
