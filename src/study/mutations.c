/* See mutations.h. */
#include "study/mutations.h"

#include <math.h>
#include <string.h>

#include "interp/place.h"
#include "interp/print.h"
#include "interp/unknown.h"
#include "study/setback.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"
#include "support/vec.h"

struct rule_mutation {
    struct eval *eval;
    const struct rule *rule; /* NULL: weights are moved */
    struct span span;        /* of the name */
    const char *name;
    uint32_t input_width;   /* of the data; 0: not known */
    bool begun;             /* a failure ends nothing */
    bool matched;           /* it had a place in some molecule */
    bool made;              /* … and gave another one */
    char *refused;          /* why it was refused the first time; NULL: it was not */
    struct setback setback; /* what failed since then */
};

/* ---- a rule as a mutation ---- */

/* Whether what was told is to end the evolution; else it is counted. */
static bool ends(struct rule_mutation *mutation, struct diags *told, struct diags *diags)
{
    if (mutation->begun && setback_take(&mutation->setback, mutation->eval, told))
        return false;
    diags_move(diags, told);
    return true;
}

/* A way is a place and a choice of the rule's parameters there. */
static bool mutation_ways(void *context, const struct molecule *molecule, uint32_t *count, struct diags *diags)
{
    struct rule_mutation *mutation = context;
    struct eval *eval = mutation->eval;
    struct diags *outer = eval->diags, told = {0};
    struct place_list places;
    *count = 0;
    eval->diags = &told;
    bool well = rule_places(eval, mutation->rule, molecule, mutation->input_width, &places);
    if (well) {
        *count = (uint32_t)fmin(UINT32_MAX, (double)places_ways(&places));
        vec_release(&places);
    }
    eval->diags = outer;
    mutation->matched = mutation->matched || *count > 0;
    well = well || !ends(mutation, &told, diags);
    diags_release(&told);
    return well;
}

/* NULL without a diagnostic where it is refused. */
static struct molecule *mutation_apply(void *context, const struct molecule *molecule, uint32_t way, uint64_t seed,
                                       struct diags *diags)
{
    struct rule_mutation *mutation = context;
    struct eval *eval = mutation->eval;
    struct diags *outer = eval->diags, told = {0};
    struct place_list places;
    struct molecule *result = NULL;
    bool refused = false;
    eval->diags = &told;
    if (rule_places(eval, mutation->rule, molecule, mutation->input_width, &places)) {
        if (places.count > 0) {
            struct application application = {.seed = seed, .span = mutation->span, .input_width = mutation->input_width};
            const struct place place = places_way(&places, way, &application.choice);
            result = rule_apply(eval, mutation->rule, molecule, place, &application);
            refused = application.refused;
        }
        vec_release(&places);
    }
    eval->diags = outer;
    mutation->made = mutation->made || (result && !molecule_equal(result, molecule));
    if (refused && !mutation->refused && told.count > 0)
        mutation->refused = mem_copy_text(told.at[0].message, strlen(told.at[0].message));
    if (result)
        diags_move(diags, &told);
    else if (!refused && told.errors > 0)
        ends(mutation, &told, diags);
    diags_release(&told);
    return result;
}

bool mutations_try(const struct mutations *mutations, const struct molecule *const *founders, size_t count, struct diags *diags)
{
    const size_t errors = diags->errors;
    for (size_t m = 0; m < mutations->count; m++) {
        const struct mutation *mutation = &mutations->at[m];
        uint32_t ways = 0;
        for (size_t i = 0; mutation->apply && mutation->weight > 0 && i < count; i++)
            if (mutation->ways(mutation->context, founders[i], &ways, diags) && ways > 0)
                molecule_release(mutation->apply(mutation->context, founders[i], 0, 0, diags));
    }
    return diags->errors == errors;
}

void mutations_begin(struct mutations *mutations)
{
    for (size_t i = 0; i < mutations->count; i++)
        mutations->rules[i].begun = true;
}

static void tell_failures(struct eval *eval, struct rule_mutation *rule)
{
    struct text what = {0};
    text_addf(&what, "the rule `%s` failed %s", rule->name, counted((double)rule->setback.count, "time", "times").text);
    setback_tell(&rule->setback, eval, rule->span, text_chars(&what),
                 "nothing was made there: a guard, `when …`, says where a rule fits");
    text_release(&what);
}

/* A search in which nothing could happen. */
static void tell_standstill(struct eval *eval, const struct mutations *mutations)
{
    struct diag *diag = diag_warning(eval->diags, mutations->span, "no rule of `mutate` could change anything");
    for (size_t i = 0; i < mutations->count; i++) {
        const struct rule_mutation *rule = &mutations->rules[i];
        if (mutations->at[i].weight > 0 && rule->rule)
            diag_label(diag, rule->span, "%s",
                       !rule->matched  ? "matches nowhere"
                       : rule->refused ? rule->refused
                                       : "gives the same again");
    }
    diag_help(diag, "`places(m, rule)` tells where a rule matches, and `rewrite(m, rule)` what it gives");
}

void mutations_tell(struct eval *eval, struct mutations *mutations, const struct evolution *evolution, size_t founders)
{
    bool moves = mutations->retrain > 0 || evolution->cancelled;
    for (size_t i = 0; i < mutations->count; i++) {
        struct rule_mutation *rule = &mutations->rules[i];
        moves = moves || rule->made || (!rule->rule && mutations->at[i].weight > 0);
        if (rule->setback.count > 0)
            tell_failures(eval, rule);
    }
    if (!moves && evolution->count <= founders)
        tell_standstill(eval, mutations);
}

void mutations_release(struct mutations *mutations)
{
    for (size_t i = 0; mutations->rules && i < mutations->count; i++) {
        setback_release(&mutations->rules[i].setback);
        mem_free(mutations->rules[i].refused);
    }
    mem_free(mutations->rules);
    mem_free(mutations->at);
}

/* ---- the option ---- */

static void unknown_rule(struct eval *eval, struct span span, struct str name)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, name);
    for (const struct frame *frame = eval->frame; frame; frame = frame->parent)
        for (size_t i = 0; i < frame->count; i++)
            if (frame->bindings[i].value.kind == VALUE_RULE)
                suggest_offer(&suggestion, frame->bindings[i].name);
    struct text help = {0};
    if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else
        text_add(&help, "each option of `mutate` is the name of a rule, as in `mutate: { widen: 3, deepen: 2 }`");
    eval_error_help(eval, span, text_chars(&help), "there is no rule `%.*s`", STR_ARG(name));
    text_release(&help);
}

/* The name among the odds under which options of `train` that are lists are drawn anew. */
#define BY_TRAINING "train"
/* … and under which inherited weights are moved by chance. */
#define BY_WEIGHTS "weights"

/* Both are asked for where they can mean something only. */
static bool word_allowed(struct eval *eval, const struct options *options, const struct tuning *tuning, struct str name)
{
    const struct span span = span_of_field_key(eval, option_span(options, "mutate"), name);
    const struct value inherit = option_value(options, "inherit");
    if (str_is(name, BY_TRAINING) && tuning->gene_count == 0) {
        eval_error_help(eval, span, "such as `train: { batch: [8, 32] }`: then the batch evolves beside the molecule",
                        "no option of `train` is a list to draw from");
        return false;
    }
    if (str_is(name, BY_WEIGHTS) && inherit.kind == VALUE_BOOL && !inherit.boolean) {
        eval_error_help(eval, span, "with `inherit: true` a child has its parent's weights, moved a little",
                        "there are no weights to move where nobody inherits them");
        return false;
    }
    return true;
}

static bool weight_of(struct eval *eval, struct value value, struct span span, double *weight)
{
    if (value.kind == VALUE_UNKNOWN && (value.of == VALUE_NUMBER || value.of == VALUE_UNKNOWN))
        value = value_number(1); /* nel check: whatever it is */
    if (value.kind != VALUE_NUMBER || !(value.number >= 0) || !isfinite(value.number)) {
        eval_error_type(eval, span, "a weight, a number from 0", value);
        return false;
    }
    *weight = value.number;
    return true;
}

/* The rule that a field names, or is: in a record made of a list. */
static const struct rule *rule_of(struct eval *eval, const struct field *field, struct span whole)
{
    const struct str name = string_str(field->key);
    const struct binding *binding = field->value.kind == VALUE_RULE ? NULL : frame_find(eval->frame, name);
    if (field->value.kind == VALUE_RULE)
        return field->value.rule;
    if (binding && binding->value.kind == VALUE_RULE)
        return binding->value.rule;
    unknown_rule(eval, span_of_field_key(eval, whole, name), name);
    return NULL;
}

static bool read_mutation(struct eval *eval, const struct options *options, const struct tuning *tuning, const struct field *field,
                          struct span span, struct mutations *mutations)
{
    const struct str name = string_str(field->key);
    const bool trains = str_is(name, BY_TRAINING), moves = str_is(name, BY_WEIGHTS);
    double weight = 1;
    if (!word_allowed(eval, options, tuning, name))
        return false;
    const struct rule *rule = trains || moves ? NULL : rule_of(eval, field, mutations->span);
    if (!trains && !moves && !rule)
        return false;
    if (field->value.kind != VALUE_RULE && !weight_of(eval, field->value, span_of_field(eval, mutations->span, name), &weight))
        return false;
    if (trains) {
        mutations->retrain = weight;
        return true;
    }
    struct rule_mutation *made = &mutations->rules[mutations->count];
    *made = (struct rule_mutation){
        .eval = eval, .rule = rule, .span = span, .name = field->key->at, .input_width = mutations->input_width};
    mutations->at[mutations->count++] = (struct mutation){.name = field->key->at,
                                                          .weight = weight,
                                                          .ways = moves ? NULL : mutation_ways,
                                                          .apply = moves ? NULL : mutation_apply,
                                                          .context = made};
    return true;
}

/* What a rule of a list is called in the results: as it was written, `widen(k: 3)`, or by its name where the list was not written here;
   numbered where that is taken. */
static bool name_item(struct eval *eval, const struct rule *rule, struct span item, const struct record *taken, struct text *name)
{
    const struct str written = source_slice(&eval->state->sources, item);
    const bool plain = item.source != 0 && memchr(written.at, '\n', written.len) == NULL;
    text_add_str(name, plain ? written : rule->node->text);
    const size_t length = name->len;
    for (unsigned number = 2; !name->failed && record_get(taken, text_str(name)); number++) {
        name->len = length;
        text_addf(name, " %u", number);
    }
    return !name->failed || diag_out_of_memory(eval->diags, item);
}

/* The record that a list of rules stands for; VALUE_FAILED with a diagnostic. */
static struct value record_of_list(struct eval *eval, const struct list *list, struct span span)
{
    struct value record = value_record(eval);
    for (size_t i = 0; !failed(record) && i < list->count; i++) {
        const struct value item = list->items[i];
        const struct span at = span_of_item(eval, span, i);
        struct text name = {0};
        if (item.kind != VALUE_RULE && item.kind != VALUE_UNKNOWN)
            return eval_error_type(eval, at, "a rule, such as `widen` or `widen(k: 3)`", item);
        const bool whole = at.start == span.start && at.end == span.end;
        bool well = item.kind == VALUE_UNKNOWN || (name_item(eval, item.rule, whole ? SPAN_NONE : at, record.record, &name) &&
                                                   record_set(eval, record.record, text_str(&name), item));
        text_release(&name);
        if (!well)
            return value_failed();
    }
    return record;
}

bool mutations_read(struct eval *eval, const struct options *options, const struct tuning *tuning, uint32_t input_width,
                    struct mutations *mutations)
{
    struct value given = option_value(options, "mutate");
    const struct span span = option_span(options, "mutate");
    const bool list = given.kind == VALUE_LIST;
    *mutations = (struct mutations){.span = span, .given = value_none(), .input_width = input_width};
    if (given.kind == VALUE_UNKNOWN || (list && given.list->open)) /* nel check */
        return true;
    if (list)
        given = record_of_list(eval, given.list, span);
    if (failed(given))
        return false;
    const size_t most = given.kind == VALUE_RECORD ? given.record->count : 0;
    if (most == 0 && !(list && option_value(options, "mutate").list->count > 0)) {
        const bool missing = given.kind == VALUE_NONE || given.kind == VALUE_RECORD;
        eval_error_help(eval, span, "such as `mutate: { widen: 3, deepen: 2 }`, or `[widen(k: 3), deepen]` with the same odds",
                        missing ? "`evolve` needs `mutate`" : "`mutate` is a record of weights by rule, or a list of rules");
        return false;
    }
    mutations->given = given;
    mutations->at = mem_array(most + 1, sizeof *mutations->at);
    mutations->rules = mem_array(most + 1, sizeof *mutations->rules);
    if (!mutations->at || !mutations->rules)
        return diag_out_of_memory(eval->diags, span);
    for (size_t i = 0; i < most; i++) {
        const struct field *field = &given.record->fields[i];
        const struct span at = list ? span_of_item(eval, span, i) : span_of_field_key(eval, span, string_str(field->key));
        if (!read_mutation(eval, options, tuning, field, at, mutations))
            return false;
    }
    if (tuning->gene_count > 0 && !record_get(given.record, STR(BY_TRAINING))) {
        eval_error_help(eval, span, "such as `mutate: { widen: 3, train: 2 }`",
                        "an option of `train` is a list, and `mutate` does not say how often another value is drawn");
        return false;
    }
    return true;
}
