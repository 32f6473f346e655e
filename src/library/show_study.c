/* Views of evolution, which tell how a network came to be; and of functions, rules and policies, which are told by their source. */
#include <math.h>

#include "library/show.h"
#include "molecule/dna.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- evolution ---- */

void show_fitness(struct show *show, const struct evolution *evolution)
{
    size_t count = (size_t)evolution->generations + 1;
    double *figures = count > 1 && evolution->history ? mem_array(3 * count, sizeof *figures) : NULL;
    if (!figures)
        return;
    for (size_t i = 0; i < count; i++) {
        figures[i] = evolution->history[i].generation;
        figures[count + i] = evolution->history[i].best;
        figures[2 * count + i] = evolution->history[i].mean;
    }
    struct plot_series series[] = {{"best", figures, figures + count, count}, {"mean", figures, figures + 2 * count, count}};
    struct plot_style style = show->style;
    style.columns = style.columns < 76 ? style.columns : 76;
    style.rows = 10;
    show_gap(show);
    plot_curves(show->out, series, 2, "fitness by generation", style);
    mem_free(figures);
}

static void show_lineage(struct show *show, const struct evolution *evolution)
{
    const bool founder = evolution->everyone[evolution->best].parent == NOBODY;
    struct value lineage = founder ? value_none() : evolution_descent(show->eval, evolution);
    if (founder || failed(lineage))
        return;
    show_gap(show);
    show_heading(show, "how the best came to be");
    show_table(show, lineage.table);
}

static void show_front(struct show *show, const struct table_object *front)
{
    show_gap(show);
    show_heading(show, "the front");
    show_table(show, front);
}

void show_evolution(struct show *show, const struct evolution_object *object)
{
    const struct evolution *evolution = object->evolution;
    if (evolution && evolution->count > 0) {
        struct text text = {0};
        dna_encode(evolution_form(evolution, evolution->best)->molecule, &text);
        show_heading(show, "%s", text_chars(&text));
        text_clear(&text);
        text_add(&text, "the best of ");
        print_count(&text, (double)evolution->count, "molecule", "molecules");
        text_add(&text, " in ");
        print_count(&text, evolution->generations, "generation", "generations");
        text_add(&text, ", fitness ");
        print_figure(evolution->everyone[evolution->best].fitness, &text);
        if (evolution->cancelled)
            text_add(&text, "; interrupted");
        if (show->terminal && evolution->seconds > 0) {
            text_add(&text, " · ");
            show_duration(evolution->seconds, &text);
            text_addf(&text, ", %.3g trainings a second", (double)evolution->count / evolution->seconds);
        }
        show_note(show, "%s", text_chars(&text));
        if (object->train.kind == VALUE_RECORD && object->train.record->count > 0) {
            text_clear(&text);
            text_add(&text, "trained with what evolved beside it: ");
            show_print(show, object->train, &text);
            show_note(show, "%s", text_chars(&text));
        }
        text_release(&text);
        show_fitness(show, evolution);
        if (evolution->front_count > 1)
            show_front(show, object->front.table);
        show_lineage(show, evolution);
    }
    if (object->best.kind == VALUE_NONE)
        return;
    show_gap(show);
    if (object->best.kind == VALUE_RUN)
        show_run(show, object->best.run);
    else
        show_runs(show, object->best.runs);
}

/* ---- functions, rules, policies ---- */

static void show_doc(struct show *show, const struct node *node)
{
    const struct source *source = sources_get(&show->eval->state->sources, node->span.source);
    struct text doc = {0};
    if (source && doc_comment(source, node, &doc))
        show_paragraph(show, text_str(&doc));
    text_release(&doc);
}

/* A declaration as it was written. */
static void show_source(struct show *show, const struct node *node)
{
    struct str source = source_slice(&show->eval->state->sources, node->span);
    text_add_str(show->out, source);
    text_add_char(show->out, '\n');
    show_doc(show, node);
}

void show_function(struct show *show, struct value value)
{
    struct text line = {0};
    switch (value.kind) {
    case VALUE_FUNCTION:
        print_signature(show->eval, value.function, &line);
        show_heading(show, "%s", text_chars(&line));
        show_doc(show, value.function->node);
        break;
    case VALUE_BUILTIN:
        show_heading(show, "%s", value.builtin->signature.text);
        show_paragraph(show, str_of(value.builtin->doc));
        break;
    case VALUE_RULE:
        show_source(show, value.rule->node);
        break;
    default:
        show_source(show, value.growth->node);
    }
    text_release(&line);
}
