/* See checkpoint.h. A checkpoint is a file like those of `save`, so that `load` reads it, too. It is written before the first step, so
   that a name that cannot be written is told before hours of work, and not after; then about once a second; and at the end, whatever
   ended it. What it holds is everything that the next step depends on: when it was written has no influence on any bit. */
#include "study/checkpoint.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "engine/report.h"
#include "molecule/dna.h"
#include "study/learn.h"
#include "study/save.h"
#include "support/file.h"
#include "support/memory.h"

/* Seconds between two writings, and how many times as long as a writing they are at least: 2 % of the time goes into them. */
#define CHECKPOINT_INTERVAL 1.0
#define CHECKPOINT_PAUSE    50.0

struct checkpoint {
    struct nel_state *state;
    struct checkpoint *next; /* of those that the state's trainings have open */
    char *path;
    struct span span;
    struct kept kept;     /* what is written, but for the training; owns its names, borrows the rest */
    struct run *found;    /* what the file held, retained; NULL: there was no file */
    struct trial *trial;  /* whose it is */
    bool begun;           /* it was written once */
    struct diags failure; /* why the last writing failed */
};

/* ---- writing ---- */

/* A training that ended has scores, and reports go with them. */
static bool write_file(const struct kept *kept, const struct prepared *data, const char *path, struct span span,
                       struct diags *diags)
{
    struct text bytes = {0};
    const bool reported = training_report_all(kept->training, data) || diag_out_of_memory(diags, span);
    const bool well = reported && model_file_write(kept, &bytes, span, diags) && file_write(path, text_str(&bytes), diags, span);
    text_release(&bytes);
    return well;
}

/* Called by the training, on its thread. A failure after the first time stops nothing: the old file is whole, and the next time may go
   well. */
static bool keep(void *context, const struct training *training)
{
    struct checkpoint *checkpoint = context;
    struct kept kept = checkpoint->kept;
    const double began = clock_seconds();
    kept.training = (struct training *)training;
    diags_release(&checkpoint->failure);
    const bool well = write_file(&kept, checkpoint->trial->prepared, checkpoint->path, checkpoint->span, &checkpoint->failure);
    checkpoint->trial->watch.interval = fmax(CHECKPOINT_INTERVAL, CHECKPOINT_PAUSE * (clock_seconds() - began));
    if (!well && !checkpoint->begun)
        diags_move(&checkpoint->trial->diags, &checkpoint->failure);
    checkpoint->begun = checkpoint->begun || well;
    return well;
}

void checkpoint_tell(struct eval *eval, const struct trial *trial)
{
    const struct checkpoint *checkpoint = trial->checkpoint;
    if (!checkpoint || checkpoint->failure.count == 0)
        return;
    struct diag *diag = diag_warning(eval->diags, checkpoint->span, "%s", checkpoint->failure.at[0].message);
    diag_note(diag, "the file still holds an earlier state of the training");
    diag_help(diag, "`save(run, to: …)` writes the run elsewhere");
}

/* ---- whether a file belongs to a training ---- */

static bool refuse(struct eval *eval, const struct checkpoint *checkpoint, const char *why)
{
    struct diag *diag = diag_error(eval->diags, checkpoint->span, "`%s` is the checkpoint of another training", checkpoint->path);
    diag_note(diag, "%s", why);
    diag_help(diag, "give this training a file of its own, or delete that one to begin anew");
    return false;
}

static bool same_snapshots(const struct training *training, const struct train_watch *watch)
{
    bool same = training->snapshot_count == watch->snapshot_count;
    for (uint32_t i = 0; same && i < watch->snapshot_count; i++)
        same = training->snapshots[i].epoch == watch->snapshots[i];
    return same;
}

static void compare_molecules(const struct run *found, const struct trial *trial, struct text *why)
{
    struct text here = {0}, there = {0};
    if (found->training->begin == trial->molecule->hash)
        return;
    dna_encode(trial->molecule, &here);
    dna_encode(found->molecule, &there);
    if (str_equal(text_str(&here), text_str(&there)))
        text_add(why, "its molecule began with other weights, or has elements with other formulas");
    else
        text_addf(why, "its molecule is `%.100s`, not `%.100s`", text_chars(&there), text_chars(&here));
    text_release(&here);
    text_release(&there);
}

/* Says what is different about the training in the file; nothing: it is the trial's. */
static void compare(const struct run *found, const struct trial *trial, struct text *why)
{
    const struct training *training = found->training;
    const char *option = options_difference(&found->options, &trial->options);
    compare_molecules(found, trial, why);
    if (why->len > 0)
        return;
    if (option)
        text_addf(why, "its `%s` is another", option);
    else if (!same_snapshots(training, &trial->watch))
        text_add(why, "its `snapshots` are others");
    else if (run_data_note(found).hash != prepared_hash(trial->prepared))
        text_add(why, "it was trained on other data");
    else if (found->past)
        text_add(why, "it has no state of its optimiser to go on from");
    else if (training->epochs > trial->options.epochs)
        text_addf(why, "it has %" PRIu32 " epochs behind it, and `epochs` is %" PRIu32, training->epochs, trial->options.epochs);
    else if (found->options.epochs != trial->options.epochs && schedule_spans_training(&trial->options.schedule))
        text_add(why, "its `epochs` are others, and its schedule is made for them");
}

/* Reads what the file holds; the trial goes on from there. */
static bool go_on(struct eval *eval, struct checkpoint *checkpoint, struct trial *trial)
{
    struct file_identity identity;
    if (file_look(checkpoint->path, &identity) == FILE_MISSING)
        return true;
    struct value found = run_load(eval, checkpoint->path, checkpoint->span);
    if (failed(found))
        return false;
    checkpoint->found = value_retain(found).run;
    struct text why = {0};
    compare(checkpoint->found, trial, &why);
    const bool same = why.len == 0 && !why.failed;
    if (!same)
        refuse(eval, checkpoint, text_chars(&why));
    text_release(&why);
    trial->before = checkpoint->found->training;
    return same;
}

/* ---- opening ---- */

bool checkpoint_check(struct eval *eval, struct value checkpoint, struct span span)
{
    return checkpoint.kind != VALUE_STRING || save_path_check(eval, string_str(checkpoint.string), span);
}

bool checkpoint_try(struct eval *eval, const struct lesson *lesson)
{
    return lesson->checkpoint.kind != VALUE_STRING || file_try(lesson->checkpoint.string->at, eval->diags, lesson->checkpoint_span);
}

/* `net.safetensors`; of several trials `net.3.safetensors`. */
static char *path_of(struct str path, const struct checkpoint_names *names)
{
    struct text text = {0};
    const size_t stem = path.len - strlen(SAVE_ENDING);
    text_add_str(&text, (struct str){path.at, names->several ? stem : path.len});
    if (names->several)
        text_addf(&text, ".%" PRIu64 SAVE_ENDING, names->number);
    if (text.failed)
        text_release(&text);
    return text.at;
}

/* Two trainings side by side would write over each other. */
static bool is_free(struct eval *eval, const struct checkpoint *checkpoint)
{
    for (const struct checkpoint *other = eval->state->checkpoints; other; other = other->next)
        if (strcmp(other->path, checkpoint->path) == 0)
            return refuse(eval, checkpoint, "that one is running beside this one");
    return true;
}

static char *copy_name(const char *name)
{
    return name ? mem_copy_text(name, strlen(name)) : NULL;
}

bool checkpoint_open(struct eval *eval, const struct lesson *lesson, const struct checkpoint_names *names, struct trial *trial)
{
    if (lesson->checkpoint.kind != VALUE_STRING)
        return true;
    struct checkpoint *checkpoint = mem_alloc(sizeof *checkpoint);
    if (!checkpoint)
        return diag_out_of_memory(eval->diags, lesson->checkpoint_span);
    *checkpoint = (struct checkpoint){.state = eval->state,
                                      .next = eval->state->checkpoints,
                                      .path = path_of(string_str(lesson->checkpoint.string), names),
                                      .span = lesson->checkpoint_span,
                                      .trial = trial};
    trial->checkpoint = checkpoint;
    if (!checkpoint->path)
        return diag_out_of_memory(eval->diags, checkpoint->span);
    if (!is_free(eval, checkpoint))
        return false;
    eval->state->checkpoints = checkpoint;
    checkpoint->kept = (struct kept){.options = trial->options,
                                     .name = copy_name(names->molecule),
                                     .data_name = copy_name(names->data),
                                     .data = prepared_note(trial->prepared)};
    trial->watch.keep = keep;
    trial->watch.context = checkpoint;
    trial->watch.interval = CHECKPOINT_INTERVAL;
    trial->options.watch = &trial->watch;
    return go_on(eval, checkpoint, trial);
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    for (struct checkpoint **link = &checkpoint->state->checkpoints; *link; link = &(*link)->next)
        if (*link == checkpoint) {
            *link = checkpoint->next;
            break;
        }
    if (checkpoint->found)
        value_release((struct value){.kind = VALUE_RUN, .run = checkpoint->found});
    mem_free(checkpoint->kept.name);
    mem_free(checkpoint->kept.data_name);
    mem_free(checkpoint->path);
    diags_release(&checkpoint->failure);
    mem_free(checkpoint);
}
