/* The checkpoint of a search: everything that its next generation depends on, in one file, written after each generation. Breeding draws
   from streams that are named by generation and child, so a search that is put back goes on with the very same bits.

   The file has the form of export/safetensors.h. Molecules stand in it as DNA, everyone's figures as rows of a table. Trainings are kept
   where children inherit weights, as files within the file (export/model_file.h); elsewhere a training is its molecule and its seed, and
   the few that are wanted in the end are made again. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "engine/transplant.h"
#include "export/model_file.h"
#include "lab/search.h"
#include "molecule/dna.h"
#include "support/file.h"
#include "support/hash.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/vec.h"

#define KIND "search 3"

/* ---- a row for each individual ---- */

enum { FIGURES = 2 + OBJECTIVES_MOST }; /* parameters, operations, objectives */

enum row_column {
    COLUMN_GENERATION,
    COLUMN_PARENT, /* -1: none */
    COLUMN_OTHER,
    COLUMN_BY, /* as in a record */
    COLUMN_DIVERGED,
    COLUMN_ALIVE,
    COLUMN_VARIANT, /* this and what follows is 0 of those of whom nothing is kept but the record, but for the first three figures */
    COLUMN_EPOCHS,
    COLUMN_HASH_HIGH,
    COLUMN_HASH_LOW,
    COLUMN_BYTES, /* of its training, 0: not kept */
    COLUMN_FIGURES,
    COLUMNS = COLUMN_FIGURES + FIGURES
};

enum { STATE_GENERATIONS, STATE_BEST, STATE_SECONDS, STATE_FORGOTTEN, STATES };
enum { HISTORY_COLUMNS = 6 };

static double number_or_none(uint32_t index)
{
    return index == NOBODY ? -1 : (double)index;
}

static void write_row(const struct search *search, size_t index, double *row)
{
    const struct lineage_row *record = &search->evolution->everyone[index];
    const struct individual *one = evolution_individual(search->evolution, index);
    const struct form *form = evolution_form(search->evolution, index);
    row[COLUMN_GENERATION] = record->generation;
    row[COLUMN_PARENT] = number_or_none(record->parent);
    row[COLUMN_OTHER] = number_or_none(record->other);
    row[COLUMN_BY] = record->by;
    row[COLUMN_FIGURES] = form->params;
    row[COLUMN_FIGURES + 1] = form->flops;
    row[COLUMN_FIGURES + 2] = record->fitness;
    if (!one)
        return;
    row[COLUMN_DIVERGED] = one->diverged;
    row[COLUMN_ALIVE] = one->alive;
    row[COLUMN_VARIANT] = one->variant;
    row[COLUMN_EPOCHS] = one->epochs;
    row[COLUMN_HASH_HIGH] = (double)(one->hash >> 32);
    row[COLUMN_HASH_LOW] = (double)(one->hash & UINT32_MAX);
    memcpy(row + COLUMN_FIGURES + 2, one->objectives, sizeof one->objectives);
}

/* ---- writing ---- */

/* Pieces of memory that the tensors borrow until they are written. */
struct writing {
    struct tensors tensors;
    double *rows, *history, *state;
    uint32_t *population;
    VEC(uint32_t) ancestry;
    VEC(char *) trainings;
};

static void writing_release(struct writing *writing)
{
    for (size_t i = 0; i < writing->trainings.count; i++)
        mem_free(writing->trainings.at[i]);
    vec_release(&writing->trainings);
    vec_release(&writing->ancestry);
    mem_free(writing->rows);
    mem_free(writing->history);
    mem_free(writing->state);
    mem_free(writing->population);
    tensors_release(&writing->tensors);
}

static void training_name(size_t index, struct text *name)
{
    text_addf(name, "training.%zu", index);
}

/* The training as a file's bytes, filled up to whole words; of one who is not trained, weights and connections are in it all the same. */
static bool add_training(struct writing *writing, struct search *search, size_t index)
{
    struct individual *one = individual_at(search, index);
    struct subject subject = {.training = one->training, .individual = one, .search = search};
    struct kept kept = {.training = subject_training(&subject, search->diags), .options = search_training(search, one)};
    struct text bytes = {0}, name = {0};
    kept.options.loss = LOSS_AUTO; /* the search knows it: a formula of the script need not be written */
    bool well = kept.training && model_file_write(&kept, &bytes, search->options->checkpoint->span, search->diags);
    if (kept.training != one->training)
        training_release(kept.training);
    writing->rows[index * COLUMNS + COLUMN_BYTES] = (double)bytes.len;
    while (well && bytes.len % sizeof(uint32_t) != 0 && !bytes.failed)
        text_add_char(&bytes, ' ');
    training_name(index, &name);
    well = well && !bytes.failed && !name.failed && vec_push(&writing->trainings, bytes.at);
    if (well)
        tensors_add(&writing->tensors, text_chars(&name), TENSOR_U32, 0, bytes.len / sizeof(uint32_t), bytes.at);
    else
        text_release(&bytes);
    text_release(&name);
    return well;
}

static bool add_ancestry(struct writing *writing, const struct individual *one)
{
    for (uint32_t i = 0; one && one->descent && i < one->descent->count; i++)
        if (!vec_push(&writing->ancestry, (uint32_t)(one->descent->genes[i] >> 32)) ||
            !vec_push(&writing->ancestry, (uint32_t)one->descent->genes[i]))
            return false;
    return true;
}

static bool add_everyone(struct writing *writing, struct search *search)
{
    const struct evolution *evolution = search->evolution;
    struct text dna = {0};
    bool well = true;
    for (size_t i = 0; well && i < evolution->count; i++) {
        const struct individual *one = evolution_individual(evolution, i);
        write_row(search, i, writing->rows + i * COLUMNS);
        dna_encode(evolution_form(evolution, i)->molecule, &dna);
        text_add_char(&dna, '\n');
        well = add_ancestry(writing, one) && (!search->options->inherit || !one || !one->held || add_training(writing, search, i));
    }
    tensors_note(&writing->tensors, "dna", text_str(&dna));
    tensors_add(&writing->tensors, "everyone", TENSOR_F64, 0, evolution->count * COLUMNS, writing->rows);
    tensors_add(&writing->tensors, "ancestry", TENSOR_U32, 0, writing->ancestry.count, writing->ancestry.at);
    well = well && !dna.failed;
    text_release(&dna);
    return well;
}

static void add_history(struct writing *writing, const struct evolution *evolution, uint32_t generations)
{
    for (uint32_t i = 0; i < generations; i++) {
        const struct generation_row *row = &evolution->history[i];
        const double cells[HISTORY_COLUMNS] = {row->best, row->mean, row->worst, row->distinct, row->species, (double)row->trained};
        memcpy(writing->history + (size_t)i * HISTORY_COLUMNS, cells, sizeof cells);
    }
    tensors_add(&writing->tensors, "history", TENSOR_F64, 0, (uint64_t)generations * HISTORY_COLUMNS, writing->history);
}

static void add_marks(struct writing *writing, const struct evolve_checkpoint *checkpoint)
{
    struct text mark = {0};
    tensors_note(&writing->tensors, "nel", STR(KIND));
    for (size_t i = 0; i < checkpoint->mark_count; i++) {
        text_clear(&mark);
        text_addf(&mark, "%016llx", (unsigned long long)checkpoint->marks[i].hash);
        tensors_note(&writing->tensors, checkpoint->marks[i].name, text_str(&mark));
    }
    writing->tensors.failed = writing->tensors.failed || mark.failed;
    text_release(&mark);
}

/* The file's bytes after so many rows of history. */
static bool write_bytes(struct search *search, uint32_t generations, struct text *bytes)
{
    const struct evolution *evolution = search->evolution;
    const uint32_t population = generations > 0 ? search->options->population : 0;
    struct writing writing = {.rows = mem_array(evolution->count * COLUMNS + 1, sizeof(double)),
                              .history = mem_array((size_t)generations * HISTORY_COLUMNS + 1, sizeof(double)),
                              .state = mem_array(STATES, sizeof(double)),
                              .population = mem_array((size_t)population + 1, sizeof(uint32_t))};
    bool well = writing.rows && writing.history && writing.state && writing.population;
    if (well) {
        writing.state[STATE_GENERATIONS] = generations;
        writing.state[STATE_BEST] = (double)evolution->best;
        writing.state[STATE_SECONDS] = evolution->seconds;
        writing.state[STATE_FORGOTTEN] = (double)evolution->forgotten;
        for (uint32_t i = 0; i < population; i++)
            writing.population[i] = (uint32_t)search->population[i];
        add_marks(&writing, search->options->checkpoint);
        tensors_add(&writing.tensors, "state", TENSOR_F64, 0, STATES, writing.state);
        tensors_add(&writing.tensors, "population", TENSOR_U32, 0, population, writing.population);
        add_history(&writing, evolution, generations);
        well = add_everyone(&writing, search) &&
               tensors_write(&writing.tensors, bytes, search->options->checkpoint->span, search->diags);
    }
    writing_release(&writing);
    return well && !bytes->failed;
}

bool search_keep(struct search *search, uint32_t generations)
{
    const struct evolve_checkpoint *checkpoint = search->options->checkpoint;
    struct text bytes = {0};
    const size_t errors = search->diags->errors;
    bool well = write_bytes(search, generations, &bytes);
    if (!well && search->diags->errors == errors)
        search_out_of_memory(search);
    well = well && file_write(checkpoint->path, text_str(&bytes), search->diags, checkpoint->span);
    text_release(&bytes);
    return well;
}

/* ---- reading ---- */

struct reading {
    struct search *search;
    struct tensors tensors;
    const char *dna; /* what is left of it */
    const double *rows;
    const uint32_t *ancestry;
    size_t ancestry_left;
    void *blocks[5]; /* the tensors' data, in memory of its own: in the file it stands anywhere */
    size_t block_count;
};

static bool refuse(const struct search *search, const char *why)
{
    const struct evolve_checkpoint *checkpoint = search->options->checkpoint;
    struct diag *diag = diag_error(search->diags, checkpoint->span, "`%s` is not the checkpoint of this search", checkpoint->path);
    diag_note(diag, "%s", why);
    diag_help(diag, "give this search a file of its own, or delete that one to begin anew");
    return false;
}

static bool damaged(const struct search *search)
{
    return refuse(search, "the file is damaged");
}

/* A tensor's values, copied; NULL where it is not there or of another type. */
static const void *values_of(struct reading *reading, const char *name, enum tensor_type type, size_t *count)
{
    const struct tensor *tensor = tensors_find(&reading->tensors, name);
    const size_t size = type == TENSOR_F64 ? sizeof(double) : sizeof(uint32_t);
    void *values = tensor && tensor->type == type ? mem_array(tensor->bytes / size + 1, size) : NULL;
    if (!values)
        return NULL;
    if (tensor->bytes > 0)
        memcpy(values, tensor->data, tensor->bytes);
    reading->blocks[reading->block_count++] = values;
    *count = tensor->bytes / size;
    return values;
}

/* Whether `value` is a whole number from `least` to `most`. */
static bool whole(double value, double least, double most)
{
    return value >= least && value <= most && value == floor(value);
}

static bool marks_agree(const struct reading *reading)
{
    const struct evolve_checkpoint *checkpoint = reading->search->options->checkpoint;
    for (size_t i = 0; i < checkpoint->mark_count; i++) {
        char mark[17], why[100];
        snprintf(mark, sizeof mark, "%016llx", (unsigned long long)checkpoint->marks[i].hash);
        snprintf(why, sizeof why, "its `%s` is another", checkpoint->marks[i].name);
        const char *found = tensors_text(&reading->tensors, checkpoint->marks[i].name);
        if (!found || strcmp(found, mark) != 0)
            return refuse(reading->search, why);
    }
    return true;
}

static struct molecule *next_molecule(struct reading *reading)
{
    const char *end = strchr(reading->dna, '\n');
    struct diags unheard = {0};
    struct molecule *molecule = NULL;
    if (end)
        molecule = dna_decode((struct str){reading->dna, (size_t)(end - reading->dna)},
                              reading->search->options->checkpoint->elements, SPAN_NONE, &unheard);
    diags_release(&unheard);
    reading->dna = end ? end + 1 : reading->dna;
    return molecule;
}

/* `one` NULL: nothing is kept of it but the record. */
static bool read_row(const struct search *search, const double *row, size_t index, struct individual *one)
{
    struct lineage_row *record = &search->evolution->everyone[index];
    const double before = (double)index - 1, last_cause = BORN_BY_MUTATION + (double)search->options->mutation_count - 1;
    const bool well = whole(row[COLUMN_GENERATION], 0, search->evolution->generations) && whole(row[COLUMN_PARENT], -1, before) &&
                      whole(row[COLUMN_OTHER], -1, before) && whole(row[COLUMN_BY], 0, last_cause) &&
                      whole(row[COLUMN_VARIANT], 0, search->options->variant_count ? search->options->variant_count - 1.0 : 0) &&
                      whole(row[COLUMN_EPOCHS], 0, UINT32_MAX) && whole(row[COLUMN_HASH_HIGH], 0, UINT32_MAX) &&
                      whole(row[COLUMN_HASH_LOW], 0, UINT32_MAX);
    for (size_t i = 0; i < OBJECTIVES_MOST; i++)
        if (isnan(row[COLUMN_FIGURES + 2 + i]))
            return false;
    if (!well)
        return false;
    record->generation = (uint32_t)row[COLUMN_GENERATION];
    record->parent = row[COLUMN_PARENT] < 0 ? NOBODY : (uint32_t)row[COLUMN_PARENT];
    record->other = row[COLUMN_OTHER] < 0 ? NOBODY : (uint32_t)row[COLUMN_OTHER];
    record->by = (uint32_t)row[COLUMN_BY];
    record->fitness = row[COLUMN_FIGURES + 2];
    if (!one)
        return true;
    one->generation = record->generation;
    one->variant = (uint32_t)row[COLUMN_VARIANT];
    one->epochs = (uint32_t)row[COLUMN_EPOCHS];
    one->diverged = row[COLUMN_DIVERGED] == 1;
    one->alive = row[COLUMN_ALIVE] == 1;
    one->hash = (uint64_t)row[COLUMN_HASH_HIGH] << 32 | (uint64_t)row[COLUMN_HASH_LOW];
    memcpy(one->objectives, row + COLUMN_FIGURES + 2, sizeof one->objectives);
    return true;
}

static bool read_ancestry(struct reading *reading, struct individual *one)
{
    const uint32_t count = one->form->molecule->count;
    if (reading->ancestry_left / 2 < count)
        return false;
    one->descent = descent_new(count);
    if (!one->descent)
        return false;
    for (uint32_t i = 0; i < count; i++)
        one->descent->genes[i] = (uint64_t)reading->ancestry[2 * i] << 32 | reading->ancestry[2 * i + 1];
    descent_seal(one->descent);
    reading->ancestry += 2 * (size_t)count;
    reading->ancestry_left -= 2 * (size_t)count;
    return true;
}

/* The training that is kept of an individual; NULL with a diagnostic. */
static struct training *read_training(struct reading *reading, size_t index, double bytes)
{
    const struct evolve_checkpoint *checkpoint = reading->search->options->checkpoint;
    struct text name = {0};
    training_name(index, &name);
    const struct tensor *tensor = tensors_find(&reading->tensors, text_chars(&name));
    text_release(&name);
    if (!tensor || !whole(bytes, 1, (double)tensor->bytes)) {
        damaged(reading->search);
        return NULL;
    }
    struct model_file file = {0};
    struct kept kept = {0};
    const bool well = model_file_open(&file, (struct str){tensor->data, (size_t)bytes}, checkpoint->path, checkpoint->span,
                                      reading->search->diags) &&
                      model_file_read(&file, checkpoint->elements, NULL, &kept, reading->search->diags);
    model_file_close(&file);
    struct training *training = well ? kept.training : NULL;
    if (training)
        kept.training = NULL;
    kept_release(&kept);
    return training;
}

/* Whoever was kept with weights has them again, and the form that has its connections; the training, where it was trained. */
static bool revive(struct reading *reading, size_t index, double bytes)
{
    struct search *search = reading->search;
    struct individual *one = individual_at(search, index);
    struct training *training = read_training(reading, index, bytes);
    if (!training)
        return false;
    struct molecule *molecule = model_molecule(training->model, SPAN_NONE, NULL, search->diags);
    struct form *form = molecule ? form_of(search, molecule, search->diags) : NULL;
    molecule_release(molecule);
    bool well = form;
    if (form && (form->molecule->count != one->form->molecule->count || form->params != one->form->params ||
                 model_input_width(training->model) != search->data->train.width ||
                 form->work->plan->param_count != training->model->plan->param_count))
        well = damaged(search);
    const size_t count = well ? form->work->plan->param_count : 0;
    float *weights = well && one->epochs == 0 ? weights_take(search, count) : NULL;
    if (well) {
        one->form = form;
        search->evolution->everyone[index].form = form->number;
    }
    if (weights)
        one->weights = memcpy(weights, training->model->params, count * sizeof *weights);
    else if (well && one->epochs > 0)
        one->training = training;
    else
        well = well && search_out_of_memory(search);
    if (one->training != training)
        training_release(training);
    return well;
}

/* The next one, with a record, and a place where more is kept of it. */
static bool read_one(struct reading *reading, const double *row, bool held)
{
    struct search *search = reading->search;
    struct evolution *evolution = search->evolution;
    const size_t index = evolution->count;
    const bool inherit = search->options->inherit, kept = held || !inherit;
    struct molecule *molecule = next_molecule(reading);
    if (!molecule)
        return damaged(search);
    struct form *form = form_of_dead(search, molecule, row[COLUMN_FIGURES], row[COLUMN_FIGURES + 1]);
    molecule_release(molecule);
    if (!form)
        return false;
    evolution->everyone[index] = (struct lineage_row){.form = form->number, .place = NOBODY};
    struct individual *one = kept ? archive_settle(search, index) : NULL;
    if (kept && !one)
        return false;
    evolution->count++;
    if (one)
        one->form = form;
    if (!read_row(search, row, index, one))
        return damaged(search);
    if (!inherit && one->hash != hash_u64(form->hash, one->variant))
        return refuse(search, "an element in it has another formula");
    if (held && search->held_count > search->options->population)
        return damaged(search);
    if (held && inherit && !revive(reading, index, row[COLUMN_BYTES]))
        return false;
    if (held)
        archive_hold(search, index);
    return !held || read_ancestry(reading, one) || damaged(search);
}

/* Everyone, in order of birth. What was read so far belongs to the evolution, also on failure. */
static bool read_everyone(struct reading *reading, size_t count, size_t best)
{
    struct search *search = reading->search;
    struct evolution *evolution = search->evolution;
    if (!archive_reserve(search, count))
        return false;
    while (evolution->count < count) {
        const double *row = reading->rows + evolution->count * COLUMNS;
        if (!read_one(reading, row, row[COLUMN_ALIVE] == 1 || evolution->count == best))
            return false;
    }
    lineage_weigh(search);
    return archive_index(search);
}

static bool read_history(struct reading *reading, uint32_t generations)
{
    size_t count = 0;
    struct evolution *evolution = reading->search->evolution;
    const double *cells = values_of(reading, "history", TENSOR_F64, &count);
    if (!cells || count != (size_t)generations * HISTORY_COLUMNS)
        return false;
    for (uint32_t i = 0; i < generations; i++, cells += HISTORY_COLUMNS) {
        for (int k = 3; k < HISTORY_COLUMNS; k++)
            if (!whole(cells[k], 0, k == HISTORY_COLUMNS - 1 ? 0x1p53 : UINT32_MAX))
                return false;
        evolution->history[i] = (struct generation_row){.generation = i,
                                                        .best = cells[0],
                                                        .mean = cells[1],
                                                        .worst = cells[2],
                                                        .distinct = (uint32_t)cells[3],
                                                        .species = (uint32_t)cells[4],
                                                        .trained = (uint64_t)cells[5]};
    }
    return true;
}

static bool read_population(struct reading *reading)
{
    struct search *search = reading->search;
    size_t count = 0;
    const uint32_t *population = values_of(reading, "population", TENSOR_U32, &count);
    if (!population || count != search->options->population)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct individual *one =
            population[i] < search->evolution->count ? evolution_individual(search->evolution, population[i]) : NULL;
        if (!one || !one->alive)
            return false;
        search->population[i] = population[i];
    }
    return true;
}

/* The search as it was after its last whole generation; *generations 0: it had none. */
static bool read_search(struct reading *reading, uint32_t *generations)
{
    struct search *search = reading->search;
    size_t count = 0, rows = 0;
    const double *state = values_of(reading, "state", TENSOR_F64, &count);
    reading->dna = tensors_text(&reading->tensors, "dna");
    reading->rows = values_of(reading, "everyone", TENSOR_F64, &rows);
    reading->ancestry = values_of(reading, "ancestry", TENSOR_U32, &reading->ancestry_left);
    if (!state || count != STATES || !reading->dna || !reading->rows || !reading->ancestry || rows % COLUMNS != 0 ||
        !whole(state[STATE_GENERATIONS], 0, LIMIT_POPULATION + 1.0) || !isfinite(state[STATE_SECONDS]) ||
        !whole(state[STATE_FORGOTTEN], 0, 0x1p53))
        return damaged(search);
    *generations = (uint32_t)state[STATE_GENERATIONS];
    if (*generations == 0)
        return true;
    if (*generations - 1 > search->options->generations) {
        char why[100];
        snprintf(why, sizeof why, "it has %u generations behind it, and `generations` is %u", *generations - 1,
                 search->options->generations);
        return refuse(search, why);
    }
    search->evolution->generations = *generations - 1;
    search->evolution->seconds = state[STATE_SECONDS];
    search->evolution->forgotten = (uint64_t)state[STATE_FORGOTTEN];
    if (!whole(state[STATE_BEST], 0, (double)(rows / COLUMNS) - 1) || rows / COLUMNS >= NOBODY)
        return damaged(search);
    search->evolution->best = (size_t)state[STATE_BEST];
    if (!read_everyone(reading, rows / COLUMNS, search->evolution->best))
        return false;
    return (read_history(reading, *generations) && read_population(reading)) || damaged(search);
}

bool search_resume(struct search *search, uint32_t *generations)
{
    const struct evolve_checkpoint *checkpoint = search->options->checkpoint;
    struct file_identity identity;
    struct text bytes = {0};
    *generations = 0;
    if (file_look(checkpoint->path, &identity) == FILE_MISSING)
        return true;
    struct reading reading = {.search = search};
    bool well = file_read(checkpoint->path, LIMIT_MODEL_BYTES, &bytes, search->diags, checkpoint->span) &&
                tensors_read(&reading.tensors, text_str(&bytes), checkpoint->path, checkpoint->span, search->diags);
    if (well) {
        const char *kind = tensors_text(&reading.tensors, "nel");
        well = kind && strcmp(kind, KIND) == 0 ? marks_agree(&reading) && read_search(&reading, generations)
                                               : refuse(search, "it holds something else, or was written by another version");
    }
    for (size_t i = 0; i < reading.block_count; i++)
        mem_free(reading.blocks[i]);
    tensors_release(&reading.tensors);
    text_release(&bytes);
    return well;
}
