/* Members: `value.name`. Each kind of value has a table of its members, which also serves the error that lists or suggests them.
   Fields of records, columns of tables and names of modules come first, since they are the script's own. */
#include <math.h>

#include "interp/member.h"
#include "interp/preserve.h"
#include "interp/print.h"
#include "lab/estimate.h"
#include "molecule/graph.h"
#include "support/suggest.h"
#include "syntax/foreign.h"

struct value member_text(struct eval *eval, const char *text)
{
    return text ? value_string(eval, str_of(text)) : value_none();
}

struct value member_name(struct string *name)
{
    return name ? (struct value){.kind = VALUE_STRING, .string = name} : value_none();
}

/* ---- texts, lists, estimates, options ---- */

static struct value get_text_length(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    size_t count = 0;
    for (size_t i = 0; i < self.string->len; i++) /* code points: bytes that do not continue one */
        count += ((unsigned char)self.string->at[i] & 0xC0) != 0x80;
    return value_number((double)count);
}

static struct value get_list_length(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return self.list->open ? value_unknown_of(VALUE_NUMBER) : value_number((double)self.list->count);
}

static struct value get_estimate(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    struct estimate estimate = estimate_of(self.estimate->values, self.estimate->count);
    return value_number(str_is(name, "mean")   ? estimate.mean
                        : str_is(name, "sd")   ? estimate.sd
                        : str_is(name, "low")  ? estimate.low
                        : str_is(name, "high") ? estimate.high
                                               : (double)estimate.count);
}

static struct value get_estimate_values(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < self.estimate->count; i++)
        if (!list_add(eval, list.list, value_number(self.estimate->values[i])))
            return value_failed();
    return list;
}

static struct value get_function_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_string(eval, self.function->name);
}

static struct value get_builtin_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_string(eval, self.builtin->signature.name);
}

static struct value get_spec_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_string(eval, self.spec->name);
}

static struct value get_rule_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_string(eval, self.rule->node->text);
}

static struct value get_rule_preserving(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_bool(rule_preserving(eval, self.rule, true, NULL) == PRESERVES_ALWAYS);
}

static struct value get_growth_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return value_string(eval, self.growth->node->text);
}

/* ---- elements and molecules ---- */

static struct value get_element_text(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct element *element = self.element->element;
    return member_text(eval, str_is(name, "name") ? element->name : str_is(name, "symbol") ? element->symbol : element->doc);
}

static struct value get_element_formula(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct element *element = self.element->element;
    const char *names[LIMIT_ELEMENT_PARAMETERS];
    for (unsigned i = 0; i < element->param_count; i++)
        names[i] = element->params[i].name;
    struct text text = {0};
    formula_print(&element->formula, str_is(name, "formula") ? element->value : element->slope, names, &text);
    return value_text(eval, &text);
}

struct value member_dna(struct eval *eval, const struct molecule *molecule)
{
    struct text text = {0};
    print_dna(molecule, &text);
    return value_text(eval, &text);
}

/* Layers one behind the other on the longest way through the subtree at `gene`. */
static uint32_t molecule_depth(const struct molecule *molecule, uint32_t gene)
{
    const struct gene *at = &molecule->genes[gene];
    uint32_t depth = at->kind == GENE_LAYER || at->kind == GENE_OUTPUT;
    for (uint32_t i = 0, child = gene + 1; i < at->count; child += molecule->genes[child].size, i++) {
        uint32_t below = molecule_depth(molecule, child);
        depth = at->kind == GENE_CHAIN ? depth + below : depth > below ? depth : below;
    }
    return depth;
}

static struct value molecule_measure(const struct molecule *molecule, struct str name)
{
    if (str_is(name, "depth"))
        return value_number(molecule_depth(molecule, 0));
    double layers = 0, width = 0;
    for (uint32_t i = 0; i < molecule->count; i++) {
        const struct gene *gene = &molecule->genes[i];
        if (gene->kind != GENE_LAYER && gene->kind != GENE_OUTPUT)
            continue;
        layers++;
        width = fmax(width, gene->width);
    }
    return value_number(str_is(name, "layers") ? layers : width);
}

static struct value get_molecule_dna(struct eval *eval, struct value self, struct str name, struct span span)
{
    UNUSED_NAME_SPAN;
    return member_dna(eval, self.molecule->molecule);
}

static struct value get_molecule_name(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    UNUSED_NAME_SPAN;
    return member_name(self.molecule->name);
}

static struct value get_molecule_measure(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)eval;
    (void)span;
    return molecule_measure(self.molecule->molecule, name);
}

static struct value get_molecule_params(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)name;
    const uint32_t width = molecule_reads(self.molecule->molecule);
    if (!width)
        return eval_error_help(eval, span, "begin it with `input(2)`, say, or ask a run: `run.params`",
                               "how many parameters this molecule has depends on the data's width");
    struct graph *graph = graph_build(self.molecule->molecule, width, eval->diags);
    if (!graph)
        return value_failed();
    double params = (double)graph->params;
    graph_release(graph);
    return value_number(params);
}

/* ---- data ---- */

static struct value texts_value(struct eval *eval, char *const *texts, size_t count)
{
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < count; i++) {
        struct value text = member_text(eval, texts[i]);
        if (failed(text) || !list_add(eval, list.list, text))
            return value_failed();
    }
    return list;
}

static struct value get_dataset_count(struct eval *eval, struct value self, struct str name, struct span span)
{
    const struct dataset *dataset = self.dataset->dataset;
    if (str_is(name, "rows"))
        return value_number(dataset->count);
    if (str_is(name, "features"))
        return value_number(dataset->table->columns);
    if (dataset->table->target != TARGET_CLASS)
        return eval_error(eval, span, "this data has no classes: its target is %s",
                          dataset->table->target == TARGET_NONE ? "not there" : "numbers");
    return value_number(dataset->table->outputs);
}

static struct value get_dataset_text(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct dataset *dataset = self.dataset->dataset;
    return member_text(eval, str_is(name, "name") ? dataset->name : dataset->table->target_name);
}

static struct value get_dataset_names(struct eval *eval, struct value self, struct str name, struct span span)
{
    (void)span;
    const struct table *table = self.dataset->dataset->table;
    if (str_is(name, "class_names"))
        return table->class_names ? texts_value(eval, table->class_names, table->outputs) : value_none();
    struct value list = value_list(eval);
    for (uint32_t c = 0; !failed(list) && c < table->columns; c++) {
        struct value text = member_text(eval, table->column[c].name);
        if (failed(text) || !list_add(eval, list.list, text))
            return value_failed();
    }
    return list;
}

struct value test_refused(struct eval *eval, struct span span)
{
    return eval_error_help(eval, span, "`accuracy`, `loss` and the other signals are measured on validation data",
                           "a growth policy decides what the network becomes, so it cannot look at the test part");
}

static struct value get_split_part(struct eval *eval, struct value self, struct str name, struct span span)
{
    const struct split *split = self.split->split;
    if (eval->blind && str_is(name, "test"))
        return test_refused(eval, span);
    struct dataset *part = str_is(name, "train") ? split->train : str_is(name, "test") ? split->test : split->validation;
    if (!part)
        return eval_error_help(eval, span, "`split(60%, 20%)` makes train, validation and test", "this split has no `%.*s` part",
                               STR_ARG(name));
    return value_dataset(eval, dataset_retain(part));
}

/* ---- tables of members ---- */

static const struct member text_members[] = {MEMBER("length", get_text_length, NUMBER, "How many letters it has (code points)."),
                                             {0}};
static const struct member list_members[] = {MEMBER("length", get_list_length, NUMBER, "How many items it has."), {0}};
static const struct member estimate_members[] = {
    MEMBER("mean", get_estimate, NUMBER, "The mean of the trials; what comparisons and arithmetic with numbers use."),
    MEMBER("sd", get_estimate, NUMBER, "The standard deviation of the trials (n - 1); of a single one there is none, `nan`."),
    MEMBER("low", get_estimate, NUMBER,
           "The lower end of the 95 % confidence interval of the mean (Student 1908); of a single trial there is none, `nan`."),
    MEMBER("high", get_estimate, NUMBER, "The upper end of the interval."),
    MEMBER("count", get_estimate, NUMBER, "How many trials there are."),
    MEMBER("values", get_estimate_values, LIST, "The figures, trial by trial, as a list."),
    {0},
};
static const struct member function_members[] = {MEMBER("name", get_function_name, STRING, "Its name, empty for one without."),
                                                 {0}};
static const struct member builtin_members[] = {MEMBER("name", get_builtin_name, STRING, "Its name."), {0}};
static const struct member spec_members[] = {
    MEMBER("name", get_spec_name, STRING, "Its name, such as adam; its settings are members too."), {0}};
static const struct member rule_members[] = {
    MEMBER("name", get_rule_name, STRING, "Its name."),
    MEMBER("preserving", get_rule_preserving, BOOL,
           "Whether it keeps what a trained network computes, whatever the element: found by trying it. Of one place `preserves` "
           "tells."),
    {0},
};
static const struct member growth_members[] = {MEMBER("name", get_growth_name, STRING, "Its name."), {0}};
static const struct member element_members[] = {
    MEMBER("name", get_element_text, STRING, "Its name."),
    MEMBER("symbol", get_element_text, STRING, "Its symbol in DNA."),
    MEMBER("formula", get_element_formula, STRING, "Its formula, as a text."),
    MEMBER("derivative", get_element_formula, STRING, "Its derivative, as a text."),
    MEMBER("doc", get_element_text, STRING, "Its comment."),
    {0},
};
static const struct member molecule_members[] = {
    MEMBER("dna", get_molecule_dna, STRING, "The molecule as a short string."),
    MEMBER("name", get_molecule_name, FAILED, "The name of its declaration, none where it has none."),
    MEMBER("layers", get_molecule_measure, NUMBER, "How many layers it has."),
    MEMBER("depth", get_molecule_measure, NUMBER, "Layers one behind the other on its longest way."),
    MEMBER("width", get_molecule_measure, NUMBER, "The width of its widest layer."),
    MEMBER("params", get_molecule_params, NUMBER,
           "Its parameters, frozen ones too, where it begins with `input` or was trained; else that depends on the data."),
    {0},
};
static const struct member dataset_members[] = {
    MEMBER("rows", get_dataset_count, NUMBER, "How many rows it has."),
    MEMBER("features", get_dataset_count, NUMBER, "How many columns are read, categories counted once."),
    MEMBER("classes", get_dataset_count, NUMBER, "How many classes its target has."),
    MEMBER("name", get_dataset_text, FAILED, "Where it comes from."),
    MEMBER("target", get_dataset_text, FAILED, "The name of its target."),
    MEMBER("names", get_dataset_names, LIST, "The names of its features."),
    MEMBER("class_names", get_dataset_names, FAILED, "The names of its classes, none where they are numbers."),
    {0},
};
static const struct member split_members[] = {
    MEMBER("train", get_split_part, DATASET, "The part that weights are trained on."),
    MEMBER("validation", get_split_part, DATASET, "The part that everything which selects looks at."),
    MEMBER("test", get_split_part, DATASET, "The part that only judges."),
    {0},
};
static const struct member none_members[] = {{0}};

static const struct member *members_of(enum value_kind kind)
{
    static const struct member *const tables[] = {
        [VALUE_STRING] = text_members,       [VALUE_WORD] = text_members,         [VALUE_LIST] = list_members,
        [VALUE_ESTIMATE] = estimate_members, [VALUE_FUNCTION] = function_members, [VALUE_BUILTIN] = builtin_members,
        [VALUE_SPEC] = spec_members,         [VALUE_ELEMENT] = element_members,   [VALUE_MOLECULE] = molecule_members,
        [VALUE_DATASET] = dataset_members,   [VALUE_SPLIT] = split_members,       [VALUE_MODEL] = model_members,
        [VALUE_RUN] = run_members,           [VALUE_RUNS] = runs_members,         [VALUE_ENSEMBLE] = ensemble_members,
        [VALUE_RULE] = rule_members,         [VALUE_GROWTH] = growth_members,     [VALUE_EVOLUTION] = evolution_members,
        [VALUE_MODULE] = none_members,
    };
    return tables[kind] ? tables[kind] : none_members;
}

/* Those whose names are the script's own have other members beside these. */
static const struct member table_members[] = {
    MEMBER("rows", NULL, NUMBER, "How many rows it has."),
    MEMBER("names", NULL, LIST, "The names of its columns. Each column is a member too: the list of its cells."),
    {0},
};
const struct kind_doc kind_docs[] = {
    {"run", "What `train` gives: one training, with its figures, its history and the model.\nSee: train, runs, predict, why",
     run_members},
    {"runs",
     "What `train` gives with `trials` or `folds`: several runs. Every figure is an estimate over them.\n"
     "See: estimate, train, compare",
     runs_members},
    {"ensemble", "Trained networks that answer as one.\nSee: runs, predict, score", ensemble_members},
    {"estimate",
     "One figure of several trials. Prints as mean ± half the 95 % confidence interval, computes trial by trial, compares by "
     "mean.\n"
     "See: runs, compare",
     estimate_members},
    {"evolution", "What `evolve` gives.\nSee: evolve", evolution_members},
    {"model", "A trained network with its weights and the recipe that prepares raw rows for it.\nSee: run", model_members},
    {"molecule",
     "A network as an expression: immutable, comparable, printable. Two that are built alike are equal, however they were "
     "written.\n"
     "Example: print (relu(8) -> tanh(4) * 2).layers  # 3\nSee: dna, element, rule",
     molecule_members},
    {"element",
     "An activation: alone it keeps the width, with a width it is a dense layer. Parameters of its own are members: in a rule "
     "`?a.slope` is the slope that the layer has.\n"
     "Example: print tanh.derivative, leaky_relu.slope  # 1 - tanh(x)^2 0.01\nSee: elements",
     element_members},
    {"data set", "Rows of features, with or without a target.\nExample: print moons(n: 10).rows  # 10\nSee: split, csv, dataset",
     dataset_members},
    {"split", "A data set in parts.\nExample: print (moons(n: 10) |> split(80%)).test.rows  # 2", split_members},
    {"table",
     "Rows and named columns: what sweeps, histories and summaries are. `table[0]` is a row as a record.\nSee: sweep, mean, pivot, "
     "rows",
     table_members},
    {"rule", "A rewrite of molecules; called with arguments, the same rule with its parameters fixed.\nSee: rewrite, places",
     rule_members},
    {"growth", "A growth policy; called with arguments, the same policy with its parameters fixed.\nSee: grow", growth_members},
    {"function", "What `fn` makes.\nExample: fn twice(x) = 2 * x\nSee: fn, molecule", function_members},
    {"built-in", "A function of the language.", builtin_members},
    {"option", "An option with settings, such as `adam(lr: 1e-3)`; each setting is a member.\nExample: print adam().lr  # 0.001",
     spec_members},
    {"text", "Letters, in UTF-8. `\"{x}\"` puts a value in.\nExample: print \"Grüße\".length  # 5\nSee: text, join", text_members},
    {"list", "Values in a row; `xs[0]` is the first.\nExample: print [3, 1, 2][0]  # 3\nSee: map, filter, sort", list_members},
    {"record", "Values with names: each field is a member.\nExample: print { lr: 0.1 }.lr  # 0.1\nSee: keys, values, has", NULL},
    {"number", "A double-precision number. `5%` is 0.05, `60_000` is 60000.", NULL},
    {0},
};

/* ---- the script's own names ---- */

/* Names that `self` has of its own, one after the other; false behind the last. */
static bool own_name(struct value self, size_t number, struct str *name)
{
    if (!self.object)
        return false; /* nel check: only its kind is known */
    const struct record *record = self.kind == VALUE_RECORD ? self.record : self.kind == VALUE_SPEC ? self.spec->fields : NULL;
    if (record && number < record->count)
        *name = string_str(record->fields[number].key);
    else if (self.kind == VALUE_TABLE && number < self.table->columns)
        *name = string_str(self.table->names[number]);
    else if (self.kind == VALUE_MODULE && number < self.module->count)
        *name = self.module->bindings[number].name;
    else if (self.kind == VALUE_ELEMENT && number < self.element->element->param_count)
        *name = str_of(self.element->element->params[number].name);
    else
        return false;
    return true;
}

static struct value table_names(struct eval *eval, const struct table_object *table)
{
    struct value list = value_list(eval);
    for (size_t c = 0; !failed(list) && c < table->columns; c++)
        if (!list_add(eval, list.list, member_name(table->names[c])))
            return value_failed();
    return list;
}

static struct value table_values(struct eval *eval, const struct table_object *table, size_t column)
{
    struct value list = value_list(eval);
    for (size_t r = 0; !failed(list) && r < table->rows; r++)
        if (!list_add(eval, list.list, table->cells[r * table->columns + column]))
            return value_failed();
    if (!failed(list))
        list.list->open = table->open;
    return list;
}

static struct value table_member(struct eval *eval, const struct table_object *table, struct str name, bool *found)
{
    int column = table_column(table, name);
    *found = true;
    if (column >= 0)
        return table_values(eval, table, (size_t)column);
    if (str_is(name, "rows"))
        return table->open ? value_unknown_of(VALUE_NUMBER) : value_number((double)table->rows);
    if (str_is(name, "names"))
        return table_names(eval, table);
    *found = false;
    return value_none();
}

/* A parameter of an element: as the layer has it that a rule found it in, else its default. */
static struct value element_param(const struct element_object *self, struct str name, bool *found)
{
    for (unsigned i = 0; i < self->element->param_count; i++)
        if (str_is(name, self->element->params[i].name)) {
            *found = true;
            return value_number(self->has_layer ? self->layer.traits.params[i] : self->element->params[i].initial);
        }
    *found = false;
    return value_none();
}

static struct value own_member(struct eval *eval, struct value self, struct str name, bool *found)
{
    if (self.kind == VALUE_ELEMENT)
        return element_param(self.element, name, found);
    if (self.kind == VALUE_TABLE)
        return table_member(eval, self.table, name, found);
    const struct value *value = NULL;
    if (self.kind == VALUE_RECORD) {
        value = record_get(self.record, name);
    } else if (self.kind == VALUE_SPEC) {
        value = record_get(self.spec->fields, name);
    } else if (self.kind == VALUE_MODULE) {
        struct binding *binding = frame_find_here(self.module, name);
        value = binding ? &binding->value : NULL;
    }
    *found = value;
    return value ? *value : value_none();
}

/* ---- unknown members ---- */

/* Names that an error lists; past these a list helps nobody. */
#define NAMES_LISTED 30

static void offer(struct suggestion *suggestion, struct text *names, size_t *count, struct str name)
{
    suggest_offer(suggestion, name);
    if (*count < NAMES_LISTED)
        text_addf(names, "%s`%.*s`", *count == 0 ? "" : ", ", STR_ARG(name));
    ++*count;
}

static struct value unknown_member(struct eval *eval, struct value self, struct str name, struct span span)
{
    struct suggestion suggestion;
    struct text names = {0}, help = {0};
    struct str own;
    size_t count = 0;
    suggest_start(&suggestion, name);
    for (size_t i = 0; own_name(self, i, &own); i++)
        offer(&suggestion, &names, &count, own);
    for (const struct member *member = members_of(self.kind); member->name; member++)
        offer(&suggestion, &names, &count, str_of(member->name));
    if (self.kind == VALUE_TABLE) {
        offer(&suggestion, &names, &count, STR("rows"));
        offer(&suggestion, &names, &count, STR("names"));
    }
    const char *foreign = foreign_member(name);
    const struct binding *function = frame_find_here(eval->state->builtins, name);
    if (function && value_callable(function->value))
        text_addf(&help, "`%.*s` is a function: write `%.*s(x, …)`, or `x |> %.*s(…)`", STR_ARG(name), STR_ARG(name),
                  STR_ARG(name));
    else if (foreign)
        text_add(&help, foreign);
    else if (suggestion.best.len)
        text_addf(&help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    else if (count > 0)
        text_addf(&help, "it has %s%s", text_chars(&names), count > NAMES_LISTED ? " …" : "");
    struct value value = eval_error_help(eval, span, help.at, "%s has no `%.*s`",
                                         self.kind == VALUE_RECORD   ? "this record"
                                         : self.kind == VALUE_TABLE  ? "this table"
                                         : self.kind == VALUE_MODULE ? "this module"
                                                                     : value_article(self),
                                         STR_ARG(name));
    text_release(&names);
    text_release(&help);
    return value;
}

/* nel check: the kind tells which members there are, and what kinds they are. */
static struct value member_of_unknown(struct eval *eval, struct value object, struct str name, struct span span)
{
    bool own_names = object.of == VALUE_RECORD || object.of == VALUE_TABLE || object.of == VALUE_MODULE || object.of == VALUE_SPEC;
    if (object.of == VALUE_UNKNOWN || own_names)
        return value_unknown();
    for (const struct member *member = members_of(object.of); member->name; member++)
        if (str_is(name, member->name))
            return member->gives == VALUE_FAILED ? value_unknown() : value_unknown_of(member->gives);
    return unknown_member(eval, (struct value){.kind = object.of}, name, span);
}

struct value value_member(struct eval *eval, struct value object, struct str name, struct span span)
{
    if (object.kind == VALUE_UNKNOWN || failed(object))
        return failed(object) ? object : member_of_unknown(eval, object, name, span);
    bool found = false;
    struct value value = own_member(eval, object, name, &found);
    if (found)
        return value;
    for (const struct member *member = members_of(object.kind); member->name; member++)
        if (str_is(name, member->name))
            return member->get(eval, object, name, span);
    return unknown_member(eval, object, name, span);
}
