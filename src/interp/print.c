/* Values on one line: what `print` and interpolation write. Nothing is left out here, however long; a text has a greatest length
   (LIMIT_STRING_BYTES), and printing ends with "…" there, since a list that holds itself many times over has no end to speak of. */
#include "interp/print.h"

#include <math.h>
#include <string.h>

#include "interp/ensemble_figures.h"
#include "interp/figures.h"
#include "lab/estimate.h"
#include "molecule/dna.h"
#include "support/limits.h"
#include "support/number.h"

struct printer {
    struct eval *eval;
    struct text *out;
    size_t limit; /* length of `out` at which to end */
    int depth;
    bool ended;
};

static void print_value(struct printer *printer, struct value value, bool quoted);

/* ---- parts that the rich views share ---- */

void print_figure(double figure, struct text *out)
{
    number_write_figure(out, figure);
}

void print_count(struct text *out, double count, const char *one, const char *many)
{
    number_write_count(out, count);
    text_addf(out, " %s", count == 1 ? one : many);
}

/* Decimals that show `half` to its second significant digit; negative where a plain number serves better. */
static int decimals_of(double mean, double half)
{
    int decimals = 1 - (int)floor(log10(half));
    bool readable = decimals <= 9 && fabs(mean) < 1e9 && half < 1e9;
    return !readable ? -1 : decimals < 0 ? 0 : decimals;
}

void print_estimate(const struct estimate_object *object, struct text *out)
{
    struct estimate estimate = estimate_of(object->values, object->count);
    double half = (estimate.high - estimate.low) / 2;
    if (!isfinite(half) || half <= 0) {
        number_write_short(out, estimate.mean, 6);
        text_add(out, half == 0 ? " ± 0" : "");
        return;
    }
    int decimals = decimals_of(estimate.mean, half);
    if (decimals >= 0) {
        text_addf(out, "%.*f ± %.*f", decimals, estimate.mean, decimals, half);
        return;
    }
    number_write_short(out, estimate.mean, 4);
    text_add(out, " ± ");
    number_write_short(out, half, 2);
}

void print_quoted(struct str text, struct text *out)
{
    text_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\n')
            text_add(out, "\\n");
        else if (c == '\t')
            text_add(out, "\\t");
        else if (c == '\r')
            text_add(out, "\\r");
        else if (c == '"' || c == '\\' || c == '{')
            text_addf(out, "\\%c", c);
        else
            text_add_char(out, c);
    }
    text_add_char(out, '"');
}

struct str source_slice(const struct sources *sources, struct span span)
{
    const struct source *source = sources_get(sources, span.source);
    if (!source || span.end > source->len || span.start >= span.end)
        return STR("");
    return (struct str){source->text + span.start, span.end - span.start};
}

void print_signature(struct eval *eval, const struct function *function, struct text *out)
{
    if (function->node->kind == NODE_PREDICATE) {
        text_add_str(out, source_slice(&eval->state->sources, function->node->span));
        return;
    }
    text_add(out, function->node->kind == NODE_MOLECULE ? "molecule" : "fn");
    if (function->name.len)
        text_addf(out, " %.*s", STR_ARG(function->name));
    text_add_char(out, '(');
    const struct node *params = function->node->items[0];
    for (uint32_t i = 0; i < params->count; i++) {
        const struct node *param = params->items[i];
        text_addf(out, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(param->text));
        if (param->count > 0) {
            text_add(out, " = ");
            text_add_str(out, source_slice(&eval->state->sources, param->items[0]->span));
        }
    }
    text_add_char(out, ')');
}

void print_dna(const struct molecule *molecule, struct text *out)
{
    if (molecule->free_labels)
        text_add(out, "a molecule whose taps are not defined yet");
    else
        dna_encode(molecule, out);
}

/* More names than this help nobody. */
#define SOURCES_MOST 3

void print_sources(const struct molecule *molecule, struct text *out)
{
    const char *names[SOURCES_MOST];
    size_t count = 0;
    bool more = false;
    for (uint32_t i = 0; molecule->trained && i < molecule->count; i++) {
        const struct weights *weights = molecule->genes[i].weights;
        if (!weights || !weights->source)
            continue;
        size_t known = 0;
        while (known < count && strcmp(names[known], weights->source->name) != 0)
            known++;
        if (known == SOURCES_MOST)
            more = true;
        else if (known == count)
            names[count++] = weights->source->name;
    }
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%s%s", i == 0 ? " with weights of " : i + 1 == count && !more ? " and " : ", ", names[i]);
    text_add(out, more ? " and others" : "");
}

/* ---- collections ---- */

/* Whether printing goes on. */
static bool going_on(struct printer *printer)
{
    if (!printer->ended && printer->out->len > printer->limit) {
        printer->ended = true;
        text_add(printer->out, "…");
    }
    return !printer->ended;
}

static void print_list(struct printer *printer, const struct list *list)
{
    text_add_char(printer->out, '[');
    for (size_t i = 0; i < list->count && going_on(printer); i++) {
        if (i > 0)
            text_add(printer->out, ", ");
        print_value(printer, list->items[i], true);
    }
    text_add_char(printer->out, ']');
}

/* `key: value, key: value` */
static void print_fields(struct printer *printer, const struct record *record)
{
    for (size_t i = 0; i < record->count && going_on(printer); i++) {
        text_addf(printer->out, "%s%.*s: ", i == 0 ? "" : ", ", STR_ARG(string_str(record->fields[i].key)));
        print_value(printer, record->fields[i].value, true);
    }
}

static void print_record(struct printer *printer, const struct record *record)
{
    if (record->count == 0) {
        text_add(printer->out, "{}");
        return;
    }
    text_add(printer->out, "{ ");
    print_fields(printer, record);
    text_add(printer->out, " }");
}

static void print_spec(struct printer *printer, const struct spec *spec)
{
    text_add_str(printer->out, spec->name);
    if (spec->fields->count == 0)
        return;
    text_add_char(printer->out, '(');
    print_fields(printer, spec->fields);
    text_add_char(printer->out, ')');
}

static void print_table(const struct table_object *table, struct text *out)
{
    text_add(out, "table of ");
    print_count(out, (double)table->rows, "row", "rows");
    for (size_t c = 0; c < table->columns; c++)
        text_addf(out, "%s%.*s", c == 0 ? ": " : ", ", STR_ARG(string_str(table->names[c])));
}

/* ---- data ---- */

static void print_dataset(const struct dataset *dataset, struct text *out)
{
    const struct table *table = dataset->table;
    text_addf(out, "%s: ", dataset->name ? dataset->name : "data");
    print_count(out, dataset->count, "row", "rows");
    text_add(out, ", ");
    print_count(out, table->columns, "feature", "features");
    if (table->target == TARGET_CLASS) {
        text_add(out, ", ");
        print_count(out, table->outputs, "class", "classes");
    } else if (table->target == TARGET_VALUE) {
        text_add(out, ", ");
        print_count(out, table->outputs, "target", "targets");
    }
}

static void print_split(const struct split *split, struct text *out)
{
    text_addf(out, "%s: train ", split->train->name ? split->train->name : "data");
    number_write_count(out, split->train->count);
    if (split->validation) {
        text_add(out, ", validation ");
        number_write_count(out, split->validation->count);
    }
    if (split->test) {
        text_add(out, ", test ");
        number_write_count(out, split->test->count);
    }
}

/* ---- results ---- */

/* The figure that a run is told by: accuracy of classes, R^2 of values. */
static const char *headline(const struct run *run)
{
    const struct recipe *recipe = run->training ? run->training->model->recipe : run->prepared ? run->prepared->recipe : NULL;
    return recipe && recipe_tells_classes(recipe) ? "accuracy" : "r2";
}

static void print_title(const struct run *run, struct text *out)
{
    if (run->name)
        text_add_str(out, string_str(run->name));
    else
        print_dna(run->molecule, out);
    if (run->data_name)
        text_addf(out, " on %.*s", STR_ARG(string_str(run->data_name)));
}

static void print_run(struct printer *printer, const struct run *run)
{
    struct text *out = printer->out;
    text_add(out, "run of ");
    print_title(run, out);
    if (!run->training)
        return;
    double figure;
    if (run_figure(printer->eval, run, str_of(headline(run)), &figure)) {
        text_addf(out, ": %s ", headline(run));
        print_figure(figure, out);
    }
    text_add(out, ", ");
    print_count(out, run->training->epochs, "epoch", "epochs");
    if (run->growth) {
        text_add(out, ", grown in ");
        print_count(out, (double)run->growth->rounds, "round", "rounds");
    }
    if (run->training->diverged)
        text_add(out, ", diverged");
    if (run->training->cancelled)
        text_add(out, ", interrupted");
}

static void print_runs(struct printer *printer, const struct runs *runs)
{
    const struct run *first = runs->items[0];
    print_count(printer->out, (double)runs->count, "run", "runs");
    if (runs->count < runs->wanted)
        text_addf(printer->out, " (of %zu, interrupted)", runs->wanted);
    text_add(printer->out, " of ");
    print_title(first, printer->out);
    struct value figure = runs_figure(printer->eval, runs, str_of(headline(first)));
    if (figure.kind != VALUE_ESTIMATE)
        return;
    text_addf(printer->out, ": %s ", headline(first));
    print_estimate(figure.estimate, printer->out);
}

static void print_ensemble(struct printer *printer, struct ensemble *ensemble)
{
    text_add(printer->out, "ensemble of ");
    print_count(printer->out, (double)ensemble->count, "network", "networks");
    text_add(printer->out, ensemble->rule == ENSEMBLE_VOTE ? ", by vote" : ", averaged");
    if (!ensemble_shares(ensemble, ensemble_honest_set(ensemble)))
        return;
    const char *figure = headline(ensemble->members[0]);
    struct value value = ensemble_figure(printer->eval, ensemble, str_of(figure), SPAN_NONE);
    if (value.kind != VALUE_NUMBER)
        return;
    text_addf(printer->out, ": %s ", figure);
    print_figure(value.number, printer->out);
}

static void print_evolution(const struct evolution *evolution, struct text *out)
{
    text_add(out, "evolution over ");
    print_count(out, evolution->generations, "generation", "generations");
    if (evolution->count == 0)
        return;
    text_add(out, ": best ");
    print_dna(evolution_form(evolution, evolution->best)->molecule, out);
    text_add(out, " with fitness ");
    print_figure(evolution->everyone[evolution->best].fitness, out);
    if (evolution->cancelled)
        text_add(out, ", interrupted");
}

static void print_result(struct printer *printer, struct value value)
{
    switch (value.kind) {
    case VALUE_MODEL:
        text_add(printer->out, "model ");
        print_dna(value.model->model->molecule, printer->out);
        break;
    case VALUE_RUN:
        print_run(printer, value.run);
        break;
    case VALUE_RUNS:
        print_runs(printer, value.runs);
        break;
    case VALUE_ENSEMBLE:
        print_ensemble(printer, value.ensemble);
        break;
    case VALUE_EVOLUTION:
        print_evolution(value.evolution->evolution, printer->out);
        break;
    default:
        break;
    }
}

/* ---- all ---- */

static void print_object(struct printer *printer, struct value value, bool quoted)
{
    struct text *out = printer->out;
    switch (value.kind) {
    case VALUE_STRING:
        if (quoted)
            print_quoted(string_str(value.string), out);
        else
            text_add_str(out, string_str(value.string));
        break;
    case VALUE_WORD:
        text_add_str(out, string_str(value.string));
        break;
    case VALUE_LIST:
        print_list(printer, value.list);
        break;
    case VALUE_RECORD:
        print_record(printer, value.record);
        break;
    case VALUE_ESTIMATE:
        print_estimate(value.estimate, out);
        break;
    case VALUE_FUNCTION:
        print_signature(printer->eval, value.function, out);
        break;
    case VALUE_BUILTIN:
        text_add(out, value.builtin->signature.text);
        break;
    case VALUE_SPEC:
        print_spec(printer, value.spec);
        break;
    case VALUE_ELEMENT:
        text_add(out, value.element->element->name);
        break;
    case VALUE_MOLECULE:
        print_dna(value.molecule->molecule, out);
        print_sources(value.molecule->molecule, out);
        break;
    case VALUE_DATASET:
        print_dataset(value.dataset->dataset, out);
        break;
    case VALUE_SPLIT:
        print_split(value.split->split, out);
        break;
    case VALUE_TABLE:
        print_table(value.table, out);
        break;
    case VALUE_RULE:
        text_addf(out, "rule %.*s", STR_ARG(value.rule->node->text));
        break;
    case VALUE_GROWTH:
        text_addf(out, "growth %.*s", STR_ARG(value.growth->node->text));
        break;
    case VALUE_MODULE:
        text_add(out, "module of ");
        print_count(out, (double)value.module->count, "name", "names");
        break;
    default:
        print_result(printer, value);
        break;
    }
}

static void print_value(struct printer *printer, struct value value, bool quoted)
{
    if (VALUE_IS_OBJECT(value)) {
        if (printer->depth == LIMIT_NESTING) {
            text_add(printer->out, "…");
            return;
        }
        printer->depth++;
        print_object(printer, value, quoted);
        printer->depth--;
    } else if (value.kind == VALUE_NUMBER) {
        number_write(printer->out, value.number);
    } else if (value.kind == VALUE_BOOL) {
        text_add(printer->out, value.boolean ? "true" : "false");
    } else {
        text_add(printer->out, value.kind == VALUE_NONE ? "none" : "unknown");
    }
}

void value_print(struct eval *eval, struct value value, bool quoted, struct text *out)
{
    struct printer printer = {.eval = eval, .out = out, .limit = out->len + LIMIT_STRING_BYTES};
    print_value(&printer, value, quoted);
}

void eval_write(struct eval *eval, struct str text)
{
    const struct output *output = &eval->state->output;
    if (eval->out)
        text_add_str(eval->out, text);
    else if (output->write)
        output->write(output->context, text);
}
