/* `evolve founders on data { … }`: the language's side of lab/evolve.h. Rules become mutations, fitness a call of the script's function. */
#include <math.h>
#include <string.h>

#include "interp/member.h"
#include "interp/place.h"
#include "interp/unknown.h"
#include "lab/admit.h"
#include "study/costs.h"
#include "study/evolve_options.h"
#include "study/finish.h"
#include "study/fitness.h"
#include "study/learn.h"
#include "study/limits.h"
#include "study/marks.h"
#include "study/mutations.h"
#include "study/save.h"
#include "study/tune.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* ---- founders ---- */

static bool add_founder(struct eval *eval, struct value value, struct span span, struct prepared *prepared, enum loss_kind loss,
                        const struct molecule **founder)
{
    const struct molecule *molecule = molecule_of_value(eval, value, span);
    if (!molecule)
        return false;
    /* shapes are checked here, where the molecule was written; evolution itself works without the head */
    struct molecule *whole = molecule_for_data(molecule, prepared, loss, SPAN_NONE, eval->diags);
    *founder = molecule;
    molecule_release(whole);
    return whole;
}

static bool read_founders(struct eval *eval, struct value start, struct span span, struct prepared *prepared, enum loss_kind loss,
                          const struct molecule ***founders, size_t *count)
{
    size_t most = start.kind == VALUE_LIST ? start.list->count : 1;
    *founders = mem_array(most ? most : 1, sizeof **founders);
    if (!*founders)
        return diag_out_of_memory(eval->diags, span);
    if (most == 0) {
        eval_error(eval, span, "evolution needs at least one molecule to start from");
        return false;
    }
    for (size_t i = 0; i < most; i++) {
        struct value value = start.kind == VALUE_LIST ? start.list->items[i] : start;
        bool well = add_founder(eval, value, span_of_item(eval, span, i), prepared, loss, &(*founders)[i]);
        *count = (*founders)[i] ? i + 1 : i;
        if (!well)
            return false;
    }
    return true;
}

struct wish {
    struct value start, data;
    struct span start_span, data_span, span;
    struct tuning tuning;
    struct finish finish;
    struct mutations mutations;
};

/* ---- the result ---- */

static bool weighs_params(const struct fitness *fitness)
{
    return fitness->objectives && record_get(fitness->objectives, STR("params"));
}

/* A row for each of the front: its DNA, its objectives, parameters, and its run. */
static struct value front_table(struct eval *eval, const struct fitness *fitness)
{
    const char *names[OBJECTIVES_MOST + 3] = {"dna", "fitness"};
    size_t columns = 1 + fitness->count;
    for (uint32_t i = 0; fitness->objectives && i < fitness->count; i++)
        names[1 + i] = fitness->objectives->fields[i].key->at;
    if (!weighs_params(fitness))
        names[columns++] = "params";
    names[columns++] = "run";
    return value_table(eval, names, columns);
}

static bool add_front_row(struct eval *eval, const struct fitness *fitness, const struct individual *individual, struct value run,
                          struct table_object *table)
{
    struct value cells[OBJECTIVES_MOST + 3] = {member_dna(eval, individual->form->molecule)};
    size_t columns = 1;
    for (uint32_t i = 0; i < fitness->count; i++)
        cells[columns++] = value_number(fitness->signs[i] * individual->objectives[i]);
    if (!weighs_params(fitness))
        cells[columns++] = value_number(individual->form->params);
    cells[columns++] = run;
    return !failed(cells[0]) && table_add_row(eval, table, cells);
}

/* Takes over the evolution. */
static struct value result_make(struct eval *eval, struct wish *wish, struct evolution *evolution, struct prepared *prepared,
                                const struct evolve_options *evolve_options)
{
    const struct fitness *fitness = evolve_options->fitness_context;
    struct value value = value_object(eval, sizeof(struct evolution_object), VALUE_EVOLUTION);
    if (failed(value)) {
        evolution_release(evolution);
        return value;
    }
    struct evolution_object *object = value.evolution;
    object->evolution = evolution;
    object->prepared = prepared_retain(prepared);
    object->mutate = value_retain(wish->mutations.given).record;
    const struct individual *best = evolution_individual(evolution, evolution->best);
    const struct value train = tuning_record(eval, &wish->tuning, best->variant);
    if (failed(train))
        return train;
    object->train = value_retain(train);
    object->front = value_retain(front_table(eval, fitness));
    for (size_t i = 0; !failed(object->front) && i < evolution->front_count; i++) {
        const struct individual *individual = evolution_individual(evolution, evolution->front[i]);
        struct value run = finish_run(eval, &wish->finish, evolution, evolution->front[i], prepared);
        if (failed(run) || !add_front_row(eval, fitness, individual, run, object->front.table))
            return value_failed();
        if (i == 0)
            object->best = value_retain(run);
    }
    return failed(object->front) ? value_failed() : value;
}

/* ---- nel check ---- */

/* The trainings of a whole evolution, at most: every child is another molecule, and as large as may be. */
static bool note_costs(struct eval *eval, const struct wish *wish, const struct evolve_options *evolve_options,
                       struct prepared *prepared, const struct molecule *founder)
{
    struct molecule *whole = molecule_for_data(founder, prepared, evolve_options->train.loss, SPAN_NONE, eval->diags);
    double children = evolve_options->population - fmin(evolve_options->elite, evolve_options->population);
    struct training_plan plan = {.kind = COST_EVOLVE,
                                 .span = wish->span,
                                 .molecule = whole,
                                 .prepared = prepared,
                                 .options = &evolve_options->train,
                                 .trainings = evolve_options->population + children * evolve_options->generations,
                                 .epochs = evolve_options->train.epochs,
                                 .most_params = evolve_options->limits.params,
                                 .most = true};
    struct lesson lesson;
    bool well = whole && costs_note(eval, &plan);
    if (well && wish->finish.given.kind == VALUE_RECORD) {
        const struct training_wish finish = finish_wish(eval, &wish->finish, value_none(), 0);
        well = !failed(finish.options) && lesson_of_record(eval, finish.options, finish.options_span, &lesson);
        if (well) {
            plan.options = &lesson.options;
            plan.trainings = fmax(1, lesson.trials);
            plan.epochs = lesson.options.epochs;
            well = costs_note(eval, &plan);
        }
    }
    molecule_release(whole);
    return well;
}

/* An evolution of which only the data is known. */
static struct value check_result(struct eval *eval, const struct wish *wish, const struct fitness *fitness,
                                 struct prepared *prepared, const struct train_options *train)
{
    const struct training_wish finish = finish_wish(eval, &wish->finish, value_unknown_of(VALUE_MOLECULE), 0);
    struct value value = value_object(eval, sizeof(struct evolution_object), VALUE_EVOLUTION);
    if (failed(value) || failed(finish.options))
        return value_failed();
    struct costs *costs = eval->costs; /* what finishing costs is noted with the evolution */
    eval->costs = NULL;
    struct value best = wish->finish.given.kind == VALUE_RECORD
                            ? train_value(eval, &finish)
                            : run_make(eval, NULL, prepared, NULL, value_none(), train, wish->data);
    eval->costs = costs;
    struct value front = failed(best) ? best : front_table(eval, fitness);
    if (failed(front))
        return front;
    front.table->open = true;
    value.evolution->best = value_retain(best);
    value.evolution->train = value_unknown_of(VALUE_RECORD);
    value.evolution->front = value_retain(front);
    return value;
}

static struct value check_evolution(struct eval *eval, const struct wish *wish, const struct evolve_options *evolve_options,
                                    struct prepared *prepared, const struct molecule *const *founders, size_t count)
{
    double objectives[OBJECTIVES_MOST];
    struct fitness *fitness = evolve_options->fitness_context;
    bool well = true;
    for (size_t i = 0; well && i < count; i++)
        well = admit(founders[i], prepared, evolve_options->train.loss, &evolve_options->limits, eval->diags);
    well = fitness_judge(fitness, NULL, objectives, eval->diags) && well;
    well = mutations_try(&wish->mutations, founders, count, eval->diags) && well;
    well = well && note_costs(eval, wish, evolve_options, prepared, founders[0]);
    return well ? check_result(eval, wish, fitness, prepared, &evolve_options->train) : value_failed();
}

/* Evolves, with a checkpoint where one is wanted; NULL with a diagnostic. */
static struct evolution *evolve_kept(struct eval *eval, const struct options *options, struct evolve_options *made,
                                     const struct molecule *const *founders, size_t founder_count)
{
    const struct fitness *fitness = made->fitness_context;
    const struct value path = option_value(options, "checkpoint");
    struct marks marks;
    if (path.kind == VALUE_STRING && !marks_make(eval, options, made, founders, founder_count, &marks))
        return NULL;
    const struct evolve_checkpoint checkpoint = {.path = path.kind == VALUE_STRING ? path.string->at : NULL,
                                                 .span = option_span(options, "checkpoint"),
                                                 .elements = &eval->state->elements,
                                                 .marks = marks.at,
                                                 .mark_count = marks.count};
    for (size_t i = 0; checkpoint.path && !made->inherit && i < founder_count; i++)
        if (founders[i]->trained) {
            eval_error_help(eval, checkpoint.span, "`inherit: true` hands their weights on, and the file then holds them",
                            "a search that begins anew from trained networks for each child has no checkpoint");
            return NULL;
        }
    made->checkpoint = checkpoint.path ? &checkpoint : NULL;
    struct evolution *evolution = evolve(founders, founder_count, fitness->prepared, made, &eval->state->progress, eval->diags);
    made->checkpoint = NULL;
    eval_heed_stop(eval);
    return evolution;
}

/* What came of a search that was ended early. */
static void tell_interrupted(struct eval *eval, const struct wish *wish, const struct evolution *evolution,
                             const struct evolve_options *options)
{
    if (!evolution->cancelled)
        return;
    struct diag *diag = diag_warning(eval->diags, wish->span, "this search was interrupted after generation %u of %u",
                                     evolution->generations, options->generations);
    if (wish->finish.given.kind == VALUE_RECORD)
        diag_help(diag, "its best is as the search trained it: `finish` did not begin");
}

/* Whether the options go together; else an error at the one that does not. */
static bool options_agree(struct eval *eval, const struct options *options, const struct evolve_options *made, size_t founder_count)
{
    struct diags told = {0};
    const char *wrong = evolve_options_wrong(made, founder_count, &told);
    if (wrong)
        diags_place(&told, option_span(options, wrong));
    diags_move(eval->diags, &told);
    return !wrong;
}

/* That not everybody is remembered. */
static void tell_forgotten(struct eval *eval, const struct wish *wish, const struct evolution *evolution)
{
    if (evolution->forgotten == 0)
        return;
    const struct counted all = counted((double)evolution->count + (double)evolution->forgotten, "network", "networks");
    diag_help(diag_warning(eval->diags, wish->span, "`lineage` tells of %s of the %s of this search",
                           counted((double)evolution->count, "", "").text, all.text),
              "it has the living and their parents' parents; of the others there were too many to remember");
}

static struct value run_evolution(struct eval *eval, struct wish *wish, const struct options *options,
                                  struct evolve_options *evolve_options, struct prepared *prepared)
{
    const struct molecule **founders = NULL;
    size_t founder_count = 0;
    struct value value = value_failed();
    if (read_founders(eval, wish->start, wish->start_span, prepared, evolve_options->train.loss, &founders, &founder_count) &&
        options_agree(eval, options, evolve_options, founder_count)) {
        struct evolution *evolution = NULL;
        if (eval->state->checking)
            value = check_evolution(eval, wish, evolve_options, prepared, founders, founder_count);
        else if (eval_may_train(eval, wish->span) && finish_ready(eval, &wish->finish, founders[0]) &&
                 mutations_try(&wish->mutations, founders, founder_count, eval->diags)) {
            mutations_begin(&wish->mutations);
            evolution = evolve_kept(eval, options, evolve_options, founders, founder_count);
        }
        if (evolution) {
            tell_interrupted(eval, wish, evolution, evolve_options);
            tell_forgotten(eval, wish, evolution);
            mutations_tell(eval, &wish->mutations, evolution, founder_count);
            fitness_tell(evolve_options->fitness_context);
            value = result_make(eval, wish, evolution, prepared, evolve_options);
        }
    }
    for (size_t i = 0; i < founder_count; i++)
        molecule_release(founders[i]);
    mem_free(founders);
    return value;
}

/* The figures among the options; false with a diagnostic. */
static bool read_figures(struct eval *eval, const struct options *options, struct evolve_options *made)
{
    const double population = number_or(option_value(options, "population"), 30);
    const double generations = number_or(option_value(options, "generations"), 20);
    const double halving = number_or(option_value(options, "halving"), 0);
    const struct value checkpoint = option_value(options, "checkpoint");
    static const char *const counts[] = {"population", "generations"};
    for (size_t i = 0; i < 2; i++)
        if (number_or(option_value(options, counts[i]), 0) > LIMIT_POPULATION) {
            eval_error(eval, option_span(options, counts[i]), "`%s` is at most %s", counts[i],
                       counted(LIMIT_POPULATION, "", "").text);
            return false;
        }
    if (halving > HALVINGS_MOST) {
        eval_error(eval, option_span(options, "halving"), "`halving` is at most %d", HALVINGS_MOST);
        return false;
    }
    const double elite = number_or(option_value(options, "elite"), 1);
    if (option_given(options, "elite") && elite >= population) {
        eval_error_help(eval, option_span(options, "elite"), "`elite` is how many of them go into the next generation as they are",
                        "of a population of %s nobody would be left to be replaced", counted(population, "", "").text);
        return false;
    }
    made->population = (uint32_t)population;
    made->generations = (uint32_t)generations;
    made->halving = (unsigned)halving;
    made->elite = (uint32_t)fmin(elite, population);
    made->crossover = number_or(option_value(options, "crossover"), 0);
    made->species = number_or(option_value(options, "species"), 0);
    made->inherit = option_value(options, "inherit").kind == VALUE_BOOL && option_value(options, "inherit").boolean;
    return checkpoint.kind != VALUE_STRING ||
           save_path_check(eval, string_str(checkpoint.string), option_span(options, "checkpoint"));
}

/* The options of the trainings, and those that evolve; false with a diagnostic. */
static bool read_training(struct eval *eval, const struct options *options, struct lesson *lesson, struct tuning *tuning,
                          struct evolve_options *made)
{
    const struct span span = option_span(options, "train");
    if (!tuning_read(eval, option_value(options, "train"), span, tuning) || !lesson_of_record(eval, tuning->first, span, lesson) ||
        !lesson_keeps_nothing(eval, tuning->first, span))
        return false;
    const double halving = number_or(option_value(options, "halving"), 0);
    if (halving > 0 && lesson->options.epochs >> (unsigned)halving == 0) {
        eval_error_help(eval, option_span(options, "halving"), "each halving leaves the worse half with half of the epochs",
                        "%s cannot be halved %s", counted(lesson->options.epochs, "epoch", "epochs").text,
                        counted(halving, "time", "times").text);
        return false;
    }
    if (lesson->options.epochs == 0 && value_content(option_value(options, "inherit")) == VALUE_BOOL && !made->inherit)
        diag_help(diag_warning(eval->diags, span, "nobody is trained, and nobody inherits weights"),
                  "with `inherit: true` children begin with those of their parent, and `weights` in `mutate` moves them");
    made->train = lesson->options;
    made->gene_count = tuning->gene_count;
    memcpy(made->gene_sizes, tuning->gene_sizes, sizeof made->gene_sizes);
    made->variants = tuning->variants;
    made->variant_count = tuning->variant_count;
    return true;
}

static const char *const limit_names[] = {"params", "depth", "width", "elements", NULL};

/* With data and rules, once all else is read. */
static struct value with_data(struct eval *eval, struct wish *wish, const struct options *options, const struct lesson *lesson,
                              struct fitness *fitness, struct evolve_options *made)
{
    struct value value = value_failed();
    struct value data = data_of_value(eval, wish->data, made->seed, wish->data_span);
    struct split *split = failed(data) || data.kind == VALUE_UNKNOWN ? NULL : split_of_data(eval, data, wish->data_span);
    struct prepared *prepared = split ? lesson_prepare(eval, lesson, split, true, made->seed, wish->data_span) : NULL;
    struct prepared *blind = prepared ? prepared_blind(prepared) : NULL;
    if (prepared && !blind)
        diag_out_of_memory(eval->diags, wish->span);
    fitness->prepared = blind;
    fitness_compile(fitness);
    made->figures = fitness->figures;
    bool unknown = data.kind == VALUE_UNKNOWN || molecule_unknown(wish->start) ||
                   (wish->start.kind == VALUE_LIST && !value_known(wish->start));
    if ((blind || unknown) && mutations_read(eval, options, &wish->tuning, blind ? blind->train.width : 0, &wish->mutations) &&
        limits_read(eval, options, limit_names, &made->limits)) {
        made->mutations = wish->mutations.at;
        made->mutation_count = wish->mutations.count;
        made->retrain = wish->mutations.retrain;
        value = unknown ? check_result(eval, wish, fitness, prepared, &made->train)
                        : run_evolution(eval, wish, options, made, prepared);
    }
    mutations_release(&wish->mutations);
    setback_release(&fitness->setback);
    mem_free((void *)made->limits.elements);
    fitness_release(fitness);
    prepared_release(blind);
    prepared_release(prepared);
    split_release(split);
    return value;
}

static struct value with_options(struct eval *eval, struct wish *wish, const struct options *options)
{
    struct value seed = option_value(options, "seed");
    struct lesson lesson;
    struct evolve_options made = {.seed = seed.kind == VALUE_NUMBER ? (uint64_t)seed.number : eval->state->seed,
                                  .threads = eval->nested ? 1 : eval->state->threads};
    struct fitness fitness;
    if (!fitness_read(eval, options, &fitness) || !evolve_read_selection(eval, options, &fitness, &made) ||
        !read_figures(eval, options, &made) || !read_training(eval, options, &lesson, &wish->tuning, &made))
        return value_failed();
    wish->finish = (struct finish){.given = option_value(options, "finish"),
                                   .span = option_span(options, "finish"),
                                   .tuning = &wish->tuning,
                                   .data = wish->data,
                                   .data_span = wish->data_span,
                                   .options = &made};
    fitness.options = &made.train;
    made.objectives = fitness.count;
    made.fitness = fitness_judge;
    made.fitness_context = &fitness;
    return finish_read(eval, &wish->finish) ? with_data(eval, wish, options, &lesson, &fitness, &made) : value_failed();
}

/* The founders, trained models among them as the molecules that they are. */
static struct value atoms_of(struct eval *eval, struct value start, struct span span)
{
    if (start.kind != VALUE_LIST)
        return value_atom(eval, start, span);
    struct value list = value_list(eval);
    for (size_t i = 0; !failed(list) && i < start.list->count; i++) {
        struct value atom = value_atom(eval, start.list->items[i], span_of_item(eval, span, i));
        if (failed(atom) || !list_add(eval, list.list, atom))
            return value_failed();
    }
    if (!failed(list))
        list.list->open = start.list->open;
    return list;
}

struct value eval_evolve(struct eval *eval, const struct node *node)
{
    struct wish wish = {.span = node->span, .start_span = node->items[0]->span, .data_span = node->items[1]->span};
    wish.start = atoms_of(eval, eval_node(eval, node->items[0]), node->items[0]->span);
    wish.data = failed(wish.start) ? wish.start : eval_node(eval, node->items[1]);
    if (failed(wish.data))
        return wish.data;
    struct options options;
    struct value value = value_failed();
    if (options_bind(eval, &options, EVOLVE_SIGNATURE, node->count > 2 ? node->items[2] : NULL, node->span))
        value = with_options(eval, &wish, &options);
    tuning_release(&wish.tuning);
    options_release(&options);
    return value;
}
