/* See advice.h. */
#include "interp/advice.h"

#include <string.h>

#include "interp/evaluate.h"
#include "interp/spec.h"
#include "interp/unknown.h"
#include "molecule/trait.h"

static const struct {
    const char *expected; /* what the expectation begins with, in whole words */
    enum value_kind found;
    const char *help;
} kinds[] = {
    {"a molecule", VALUE_STRING, "DNA stands in backticks; `molecule_of(text)` reads it from a text"},
    {"a molecule", VALUE_LIST, "join its items: `ms[0] -> ms[1]`, or `reduce(ms, fn(a, b) = a -> b)`"},
    {"a molecule", VALUE_NUMBER, "a layer is an element with its width: `relu(8)`"},
    {"a molecule", VALUE_BUILTIN, "call it: a stage such as dropout is made by `dropout(20%)`"},
    {"a data set", VALUE_STRING,
     "a toy is made by its function, `moons()`, and a file is read by `csv(\"data.csv\", target: \"y\")`"},
    {"a data set", VALUE_LIST, "rows and targets become one by `dataset(x, y)`"},
    {"a data set", VALUE_RECORD, "parts that there are already become one by `parts(train, test)`"},
    {"a run", VALUE_MOLECULE, "train it first: `train M on data` gives a run"},
    {"a run", VALUE_ELEMENT, "train it first: `train M on data` gives a run"},
    {"a run", VALUE_LIST, "one of the list is a run: `runs[0]`"},
    {"a run, trials or an ensemble", VALUE_LIST,
     "a file holds what answers as one: `ensemble(runs)`; or each has its own, `for run in runs { save(run, to: "
     "\"{run.seed}.safetensors\") }`"},
    {"a run, trials or an ensemble", VALUE_TABLE,
     "of a sweep's table: `save(row.run, to: …)` for each row, or `ensemble(table.run)`"},
    {"a run, trials or an ensemble", VALUE_MOLECULE, "train it first: `train M on data` gives a run"},
    {"a run, trials or an ensemble", VALUE_ELEMENT, "train it first: `train M on data` gives a run"},
    {"a list, a record or a table", VALUE_RUNS, "its runs are a list: `trials.runs`"},
    {"a list, a record or a table", VALUE_ENSEMBLE, "its networks are a list: `e.members`"},
    {"a row", VALUE_NUMBER, "a row stands in brackets, also one of a single value: `predict(run, [0.5])`"},
    {"a molecule", VALUE_ENSEMBLE, "an ensemble answers, and is no network: `e.members[0]` is one"},
    {"a run", VALUE_ENSEMBLE, "`e.members` are its runs"},
    {"a width", VALUE_STRING, "a number is written without quotes"},
    {"a whole number", VALUE_STRING, "a number is written without quotes"},
    {"a count of epochs", VALUE_NUMBER, "a whole number from 1, such as `every 10 epochs`"},
    {"a width", VALUE_MOLECULE, "stages are joined by `->`: `relu(8) -> tanh(4)`"},
    {"a width", VALUE_ELEMENT, "stages are joined by `->`: `relu(8) -> tanh(4)`"},
    {"a function", VALUE_LIST, "what the function is applied to comes first: `map(xs, f)`, or `xs |> map(f)`"},
    {"a function", VALUE_STRING, "a function without a name is written `fn(x) = …`"},
    {"an element", VALUE_STRING, "its name stands without quotes: `relu`"},
    {"an element", VALUE_MOLECULE, "an element stands without a width: `relu`, not `relu(8)`"},
    {"a growth policy", VALUE_FAILED, "a policy is made by `growth Name { every 5 epochs … }`"},
    {"a rule or an action", VALUE_MOLECULE, "a molecule is put in by `insert(relu(8)) after busiest`, or by `graft`"},
    {"a rule", VALUE_FUNCTION, "a rule is made by `rule name: ?a(?n) => ?a(?n * 2)`"},
    {"true or false", VALUE_STRING, "compare it, as in `x == \"yes\"`"},
    {"a number", VALUE_STRING, "`number(text)` reads a number from a text"},
    {"a list of records", VALUE_NUMBER, "a row is a record: `{ x: 1, y: 2 }`"},
    {"a list, a record or a table", VALUE_DATASET, "`take(data, 5)` is a data set of its first rows, `show` shows some"},
    {"a molecule", VALUE_RULE, "the molecule comes first: `rewrite(m, rule)`"},
    {"a rule, or an action", VALUE_BUILTIN, "a function of molecules is called: `freeze(m)`"},
    {"a rule, or an action", VALUE_FUNCTION, "a function of molecules is called: `f(m)`"},
    {"a rule, or an action", VALUE_MOLECULE, "the molecule comes first: `rewrite(m, rule)`"},
    {"a rule", VALUE_MOLECULE, "the molecule comes first: `rewrite(m, rule)`"},
    {"a list", VALUE_NUMBER, "a list stands in square brackets: `[1, 2]`"},
};

const char *advice_kind(const char *expected, struct value found)
{
    const enum value_kind kind = spec_row_of(found) ? VALUE_SPEC : value_content(found);
    if (found.kind == VALUE_MOLECULE && found.molecule->molecule->trained && strcmp(expected, "a run") == 0)
        return "it has weights, and no data that they belong to: `train M on data { epochs: 0 }` gives a run of it as it is";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t len = strlen(kinds[i].expected);
        if ((kinds[i].found == kind || kinds[i].found == VALUE_FAILED) && strncmp(expected, kinds[i].expected, len) == 0 &&
            (expected[len] == ' ' || expected[len] == '\0'))
            return kinds[i].help;
    }
    if (value_is_action(found) && strncmp(expected, "a rule", strlen("a rule")) == 0)
        return "actions are for policies of growth and for `rewrite`";
    struct str word;
    for (size_t i = 0; kind == VALUE_WORD && value_word(found, &word) && head_names[i]; i++)
        if (str_is(word, head_names[i]))
            return "the data decides what the last layer ends in, softmax for classes; `out(3, softmax)` fixes it";
    return NULL;
}

const char *advice_call(struct value found)
{
    switch (value_content(found)) {
    case VALUE_STRING:
        return "a function or an element stands without quotes: `relu`";
    case VALUE_MOLECULE:
        return "stages are joined by `->`; what is called to make a layer is an element without a width, `relu`";
    case VALUE_NUMBER:
    case VALUE_ESTIMATE:
        return "functions and elements are called; a product is written `a * b`";
    case VALUE_WORD:
        return advice_kind("a molecule", found);
    case VALUE_LIST:
    case VALUE_RECORD:
    case VALUE_TABLE:
        return "an item is taken by `[ ]`, a field by its name behind `.`";
    case VALUE_DATASET:
    case VALUE_SPLIT:
        return "it is a data set already: leave the brackets out";
    case VALUE_RUN:
    case VALUE_RUNS:
        return "`predict(run, x)` asks what it says of a row";
    case VALUE_NONE:
        return "`none` is no value: what should be there was not given";
    default:
        return NULL;
    }
}

static bool chemical(struct value value)
{
    enum value_kind kind = value_content(value);
    return value_is_chemical(value) || kind == VALUE_MOLECULE || kind == VALUE_ELEMENT;
}

const char *advice_operator(enum op op, struct value left, struct value right)
{
    enum value_kind a = value_content(left), b = value_content(right);
    if (op == OP_ADD && (a == VALUE_STRING || b == VALUE_STRING))
        return "put values into a text with braces: \"loss {run.loss}\"";
    if (op == OP_MUL && a == VALUE_NUMBER && chemical(right))
        return "a repeat is written with the molecule first: `relu(8) * 3`";
    if (op == OP_BRANCH)
        return "`|` puts molecules side by side; for data, the pipe is `|>`";
    if (op == OP_ADD && a == VALUE_LIST)
        return "an item is put behind a list by `xs + [x]`";
    if (a == VALUE_LIST || b == VALUE_LIST)
        return "each item in turn: `[x * 2 for x in xs]`";
    if (op == OP_POW && chemical(left) && b == VALUE_NUMBER)
        return "a repeat is written `relu(8) * 3`";
    if (op == OP_ADD && chemical(left) && b == VALUE_NUMBER)
        return "both sides of a sum are molecules: `relu(8) + tanh(8)`; a repeat is written `relu(8) * 3`";
    if (chemical(left) && chemical(right))
        return "stages are joined by `->`, branches by `|`, `+` or `*`";
    if (a == VALUE_RECORD || b == VALUE_RECORD)
        return "a record has fields, such as `r.share`: name the one that is meant";
    if (a == VALUE_STRING || b == VALUE_STRING)
        return "`number(text)` reads a number from a text";
    if (a == VALUE_RUN || b == VALUE_RUN || a == VALUE_RUNS || b == VALUE_RUNS)
        return "a run has figures, such as `run.accuracy`: name the one that is meant";
    return NULL;
}
