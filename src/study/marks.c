/* See marks.h. Options count by what they print, which is what somebody would compare who read both scripts. */
#include "study/marks.h"

#include "interp/print.h"
#include "interp/unknown.h"
#include "support/hash.h"

static void add(struct marks *marks, const char *name, uint64_t hash)
{
    marks->at[marks->count++] = (struct evolve_mark){name, hash};
}

static uint64_t hash_text(uint64_t hash, struct str text)
{
    return hash_bytes(hash_u64(hash, text.len), text.at, text.len);
}

static uint64_t hash_source(struct eval *eval, uint64_t hash, const struct node *node)
{
    return hash_text(hash, source_slice(&eval->state->sources, node->span));
}

static bool hash_value(struct eval *eval, struct value value, uint64_t *hash);

/* A rule counts by what was written, and by what its parameters were given. */
static bool hash_rule(struct eval *eval, const struct rule *rule, uint64_t *hash)
{
    const struct node *params = rule->node->items[0];
    *hash = hash_source(eval, *hash, rule->node);
    for (uint32_t i = 0; i < params->count; i++) {
        const struct binding *given = frame_find_here(rule->frame, params->items[i]->text);
        if (given && !hash_value(eval, given->value, hash))
            return false;
    }
    return true;
}

/* What a value prints; of functions and rules, also in lists, what was written. */
static bool hash_value(struct eval *eval, struct value value, uint64_t *hash)
{
    struct text text = {0};
    value_print(eval, value, true, &text);
    *hash = hash_text(*hash, text_str(&text));
    if (value.kind == VALUE_FUNCTION)
        *hash = hash_source(eval, *hash, value.function->node);
    const bool well = !text.failed;
    text_release(&text);
    if (value.kind == VALUE_RULE && !hash_rule(eval, value.rule, hash))
        return false;
    for (size_t i = 0; value.kind == VALUE_LIST && i < value.list->count; i++)
        if (value.list->items[i].kind == VALUE_RULE && !hash_rule(eval, value.list->items[i].rule, hash))
            return false;
    return well || diag_out_of_memory(eval->diags, SPAN_NONE);
}

static bool hash_rules(struct eval *eval, const struct record *record, uint64_t *hash)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct binding *rule = frame_find(eval->frame, string_str(record->fields[i].key));
        if (rule && !hash_value(eval, rule->value, hash))
            return false;
    }
    return true;
}

bool marks_make(struct eval *eval, const struct options *options, const struct evolve_options *made,
                const struct molecule *const *founders, size_t founder_count, struct marks *marks)
{
    static const char *const names[] = {"population", "mutate",  "crossover",  "select", "elite", "species",
                                        "inherit",    "fitness", "objectives", "train",  "limits"};
    uint64_t start = HASH_START;
    *marks = (struct marks){0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value value = option_value(options, names[i]);
        uint64_t hash = HASH_START;
        if (!hash_value(eval, value, &hash) ||
            (str_is(str_of(names[i]), "mutate") && value.kind == VALUE_RECORD && !hash_rules(eval, value.record, &hash)))
            return false;
        add(marks, names[i], hash);
    }
    for (size_t i = 0; i < founder_count; i++)
        start = hash_u64(start, founders[i]->hash);
    add(marks, "seed", hash_u64(hash_u64(HASH_START, made->seed), made->train.seed));
    add(marks, "start", start);
    const struct fitness *fitness = made->fitness_context;
    add(marks, "data", prepared_hash(fitness->prepared));
    return true;
}
