/* Workspaces: the memory in which one thread runs a plan, and the running itself. Everything is allocated when it is made.

   A chunk is up to `capacity` samples. They are loaded as rows of `stride` floats, `stride` being the number of samples rounded up
   to whole lanes; the lanes behind the last sample repeat the first one, so that whatever a layer does with them stays as finite
   as the real samples are, and their gradient is kept at zero. */
#ifndef NEL_ENGINE_WORKSPACE_H
#define NEL_ENGINE_WORKSPACE_H

#include "engine/load.h"
#include "engine/plan.h"
#include "support/crew.h"

struct optimizer;

struct workspace {
    const struct plan *plan;
    const float *params;   /* [param_count], borrowed */
    float *running;        /* params of the training, to which batchnorm's statistics are written; NULL: inference */
    float *gradient;       /* [trained_count], training only */
    float *partial;        /* [whole lanes of trained_count x LANES], small plans in training: partial sums of the gradient */
    float *turned;         /* [plan's turned x capacity], training only: a layer's inputs by sample (dense_step.h) */
    float *arena;          /* [rows x capacity] */
    const float **samples; /* [capacity] where those are that are being loaded (load.h) */
    float *inputs;         /* [input width x capacity] the input's rows, where they are not in the arena: NULL */
    float *spare;          /* [input width x capacity] … and those that are loaded while these are computed with */
    float *stats;          /* [stat_count] */
    float *scratch;        /* [crew's size x scratch] */
    float *spread;         /* [spread_count] sparse layers as matrices (enum plan_kernel); NULL: there are none */
    struct crew *crew;     /* borrowed, by whom large ops are shared; NULL: nobody */
    const struct optimizer *optimizer; /* borrowed, in training: the backward pass steps every parameter when its gradient is
                                          known and nobody needs its old value; NULL: it does not */
    struct load ahead;                 /* of the samples that come next, to `spare`; none: its count is 0 */
    const uint32_t *ahead_rows;        /* … which they are */
    uint32_t capacity;                 /* whole lanes */
    uint32_t stride;                   /* of the present chunk */
    uint32_t count;                    /* its samples */
    uint64_t seed;                     /* dropout */
    uint64_t step;                     /* chunks run in this training; names the dropout masks */
};

/* Memory for chunks of up to `samples`; at most the plan's chunk, but all of them in the training of a plan with batch statistics. False where memory is exhausted; release it then too. */
bool workspace_init(struct workspace *workspace, const struct plan *plan, uint32_t samples, bool training);
void workspace_release(struct workspace *workspace);

/* Whether a chunk of so many samples has ops that are worth sharing. */
bool workspace_shares(const struct plan *plan, uint32_t samples);
/* Has its ops shared by a crew. False where memory is exhausted. */
bool workspace_crew(struct workspace *workspace, struct crew *crew);

/* Bytes that workspace_init takes. */
double workspace_bytes(const struct plan *plan, uint32_t samples, bool training);

/* Whether a batch of that size can be trained on; else a diagnostic. What is trained on as one chunk can be too long for any memory. */
bool workspace_fits(const struct plan *plan, uint32_t batch, struct span span, struct diags *diags);

/* Loads samples `rows[0..count)` of x [… x input width] (rows NULL: the first `count`) into the input's rows. */
void workspace_load(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count);
/* Says which samples are loaded next, so that ops may begin with it (load.h); nothing where none of them does, or `count` is 0. x and what
   it names by `rows` stay as they are until then. */
void workspace_load_ahead(struct workspace *workspace, const float *x, const uint32_t *rows, uint32_t count);

/* Adds Gaussian noise of this standard deviation to the loaded inputs; the chunk's number (`step`) names it. */
void workspace_noise(struct workspace *workspace, double deviation);

/* Runs the plan up to the head: the output op's rows hold the head's arguments afterwards. In training (`running` set) it keeps
   the slopes that workspace_backward needs, drops out and uses the batch's statistics. */
void workspace_forward(struct workspace *workspace);

/* From the output op's grad rows: writes the gradient of every trained parameter, or adds it where `add`. */
void workspace_backward(struct workspace *workspace, bool add);

/* For ops: calls `task` for parts of [0, count) as crew_share does, where the work, in multiply-adds of a value, is enough to share. */
void workspace_share(const struct workspace *workspace, double work, size_t count, size_t unit,
                     void (*task)(void *context, struct crew_part part), void *context);
/* … and steps the parameters [at, at + count), whose gradient is whole, where the workspace has an optimiser. */
void workspace_step(const struct workspace *workspace, size_t at, size_t count);

static inline float *workspace_row(const struct workspace *workspace, size_t row)
{
    if (workspace->inputs) {
        const size_t input = row - workspace->plan->ops[0].value;
        if (input < workspace->plan->input_width)
            return workspace->inputs + input * workspace->stride;
    }
    return workspace->arena + row * workspace->stride;
}

#endif
