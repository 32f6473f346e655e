/* Training: a molecule and prepared data in, a trained model with its history and scores out. */
#ifndef NEL_ENGINE_TRAIN_H
#define NEL_ENGINE_TRAIN_H

#include <math.h>

#include "data/recipe.h"
#include "engine/model.h"
#include "engine/state.h"
#include "molecule/loss.h"
#include "support/diag.h"
#include "support/progress.h"

/* Samples as the engine reads them. */
struct samples {
    uint32_t count, width, outputs;
    float *x;        /* [count x width], a row contiguous */
    int32_t *labels; /* [count], classes; NULL for values */
    float *y;        /* [count x outputs], values; NULL for classes */
};

/* The class of sample i: its label, or the place of the greatest of its values. */
static inline uint32_t samples_class(const struct samples *samples, uint32_t i)
{
    if (samples->labels)
        return (uint32_t)samples->labels[i];
    const float *values = samples->y + (size_t)i * samples->outputs;
    uint32_t most = 0;
    for (uint32_t r = 1; r < samples->outputs; r++)
        most = values[r] > values[most] ? r : most;
    return most;
}

/* The samples of a data set through a recipe; release in any case. False with a diagnostic. */
bool samples_make(struct samples *samples, const struct recipe *recipe, const struct dataset *dataset, struct span span,
                  struct diags *diags);
void samples_release(struct samples *samples);

/* One training's data, preprocessed: the recipe fitted on the training rows. Shared by trials and by a population. */
struct prepared {
    int references;
    struct samples train, validation, test; /* count 0: not there */
    struct recipe *recipe;
    float *class_weights;      /* [classes] factors of the samples' losses; NULL: all 1 */
    bool validation_split_off; /* taken from the training part here */
    double share;              /* … so large a share of it, */
    uint64_t seed;             /* drawn by this seed */
    struct fold fold;          /* what its test part is in a cross-validation */
    struct prepared *whole;    /* whose samples these are, retained; NULL: its own */
};

/* The share of the training part that becomes the validation part where something selects and nothing else is said. */
#define VALIDATION_SHARE 0.2
/* Prepares a split. Where it has no validation part, the share `validation` of the training part (stratified, drawn by seed; 0: none)
   is set aside first. NULL with a diagnostic. */
struct prepared *prepare(const struct split *split, double validation, uint64_t seed, struct span span, struct diags *diags);
/* The same without its test part, for a search that must not see it; samples are shared. One reference; NULL where memory is exhausted. */
struct prepared *prepared_blind(struct prepared *prepared);
struct prepared *prepared_retain(struct prepared *prepared);
void prepared_release(struct prepared *prepared);
/* A fingerprint of everything that a training sees of it. */
uint64_t prepared_hash(const struct prepared *prepared);

enum optimizer_kind {
    OPTIMIZER_SGD,
    OPTIMIZER_MOMENTUM,
    OPTIMIZER_RMSPROP,
    OPTIMIZER_ADAM,
    OPTIMIZER_ADAMW,
    OPTIMIZER_LION,
    OPTIMIZER_RPROP
};
enum loss_kind {
    LOSS_AUTO,
    LOSS_CROSS_ENTROPY,
    LOSS_BINARY_CROSS_ENTROPY,
    LOSS_MSE,
    LOSS_MAE,
    LOSS_HUBER,
    LOSS_PERCEPTRON,
    LOSS_HINGE,
    LOSS_FORMULA, /* as `formula` says */
    LOSS_KINDS
};
/* What tells which epoch is the best one: the loss, or 1 - accuracy. */
enum stop_figure { STOP_BY_LOSS, STOP_BY_ACCURACY };

struct training;

/* What is kept of a training on its way. */
struct train_watch {
    const uint32_t *snapshots; /* [snapshot_count] epochs, rising */
    uint32_t snapshot_count;
    /* Sees the training as if it ended there: before its first step, then after each `interval` seconds, and at its end, whatever
       ended it. Where it gives false before the first step, the training does not begin; it has told why. NULL: nothing is kept. */
    bool (*keep)(void *context, const struct training *training);
    void *context;
    double interval; /* `keep` may change it */
};

/* Where a training begins that is a part of another one, whose network may have been changed on the way: its batches and masks are those
   that the other one would take next. */
struct train_part {
    uint32_t epochs;    /* … of the other one that are behind it */
    uint32_t position;  /* samples of the next one that are, too, */
    struct tally tally; /* and their sums */
    uint64_t chunk;     /* chunks run */
};

struct train_options {
    enum optimizer_kind optimizer;
    double lr;                    /* the schedule multiplies it; OPTIMIZER_RPROP: the first step of each parameter */
    double momentum;              /* OPTIMIZER_MOMENTUM */
    bool nesterov;                /* OPTIMIZER_MOMENTUM: the gradient's own share comes a step early */
    double beta1, beta2, epsilon; /* adam, adamw, lion; rmsprop has no beta1 */
    double weight_decay;          /* adamw, lion: of every weight, a step, times the rate */
    double grow, shrink;          /* OPTIMIZER_RPROP: factors of a parameter's step */
    double least, most;           /* OPTIMIZER_RPROP: its bounds */
    struct schedule schedule;
    uint64_t scheduled;     /* steps that the schedule counted before this training, of which it is a part; 0: none */
    struct train_part part; /* … and where in that it begins; zeros: at its beginning */
    double clip;            /* the gradient of all parameters together is at most this long; 0: no bound */
    enum loss_kind loss;
    double huber_delta;
    const struct loss *formula; /* LOSS_FORMULA, borrowed, with its parameters */
    double formula_params[LIMIT_LOSS_PARAMETERS];
    double smoothing; /* cross-entropies of classes and one-hot values: the share of a label that goes to all classes alike */
    uint32_t epochs;
    uint64_t steps;    /* it ends when it has taken so many, in the midst of an epoch too (state.position); 0: no bound */
    uint32_t batch;    /* samples a step; 0: all */
    bool shuffle;      /* every epoch; has no effect on full batches */
    uint32_t patience; /* epochs without a better figure of validation before stopping; 0: none. Restores the best weights */
    double min_delta;  /* better by more than this counts as better */
    enum stop_figure stop_by;
    double noise;  /* standard deviation of what is added to the inputs while training */
    double l1, l2; /* on every weight, beside the layers' own */
    uint64_t seed;
    unsigned unscored; /* bits 1 << enum sample_set: these parts are not scored at its end, and have no figures */
    unsigned threads;  /* that may share the work, where there is enough; 0, 1: just the caller's. The bits are the same */
    const struct train_watch *watch; /* what is kept on the way, borrowed until train returns; NULL: nothing */
};
struct train_options train_options_default(void); /* adam(lr: 1e-3), 100 epochs, batch 32, shuffled, seed 0 */

/* Figures of one set that a training leaves; NaN where they do not apply (accuracy of values, R^2 of classes), R^2 also where a target
   does not vary. Of several targets each is a mean over them. Those that need every sample's answer are in report.h. */
struct scores {
    uint32_t count;
    double loss, accuracy, r2, mse, mae, rmse; /* the last three in the target's original units */
};

/* One epoch. Loss and accuracy are those met while it trained, each batch before its step; those of validation are measured behind it. */
struct history_row {
    uint32_t epoch;                                              /* from 1 */
    double loss, accuracy, validation_loss, validation_accuracy; /* NaN where not measured */
    double rate; /* learning rate of the epoch's last step; NaN for OPTIMIZER_RPROP, whose steps are each parameter's own */
};

/* How a training stopped being finite. */
struct divergence {
    double from;    /* loss of the first step; NaN in a training that went on from another */
    double to;      /* of the last epoch, as far as it came: infinite or NaN, or finite where only weights are not */
    uint64_t steps; /* from the first to the last */
    uint32_t gene;  /* of the model's molecule: the first layer whose values or weights are not finite; the output: the loss is */
};

struct report;
/* The parts of the data, and of each its samples and what a training scored on it. */
enum sample_set { SET_TRAIN, SET_VALIDATION, SET_TEST, SET_COUNT };
extern const char *const set_names[SET_COUNT]; /* "train" … */
const struct samples *samples_of(const struct prepared *data, enum sample_set set);
const struct scores *scores_of(const struct training *training, enum sample_set set);

struct training {
    struct model *model;
    struct scores train, validation, test;
    struct report *reports[SET_COUNT]; /* report.h, made when somebody asks; NULL until then */
    struct history_row *history;       /* [epochs] */
    uint32_t epochs;                   /* run, fewer than asked for after a stop or a divergence */
    uint32_t best_epoch;
    double seconds;  /* wall time of the training loop */
    uint64_t params; /* live ones */
    double flops;    /* one sample forward */
    uint64_t seed;
    uint64_t begin; /* hash of the molecule that it began with, its weights included */
    bool diverged;  /* loss or weights became NaN or infinite */
    bool stopped;   /* by patience */
    bool cancelled; /* by the user; the model is what was reached */
    double first_loss, last_loss;
    struct divergence divergence; /* where it diverged; `from` in any case */
    struct training_state state;  /* to go on from */
    struct snapshot *snapshots;   /* [snapshot_count], epochs rising */
    uint32_t snapshot_count;
};

/* The molecule with a head that fits the data: softmax over the classes, sigmoid for two (width 1), linear for values. An output
   stage it has already is checked against the data and the loss; `loss_span` is where that was asked for, SPAN_NONE where nobody did. NULL with a
   diagnostic. */
struct molecule *molecule_for_data(const struct molecule *molecule, const struct prepared *data, enum loss_kind loss,
                                   struct span loss_span, struct diags *diags);

/* batch.c: samples a step. */
uint32_t batch_samples(const struct train_options *options, const struct prepared *data);

/* batch.c: whether batches are large enough for what the molecule makes of them: batchnorm needs two samples. Else an error at it. `train` and
   `train_further` see to it themselves. */
bool batch_serves(const struct molecule *molecule, const struct train_options *options, const struct prepared *data,
                  struct diags *diags);

/* Trains from fresh weights and those that genes of `molecule` carry (molecule/weights.h).
   Nothing is allocated inside the loop. NULL only where nothing could be trained (shapes, memory), with a diagnostic; a run that
   diverges is a result. */
struct training *train(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                       const struct progress *progress, struct diags *diags);
/* Trains a model (taken over, also on failure) from the parameters that it has. Its molecule carries no weights. NULL as above. */
struct training *train_model(struct model *model, struct prepared *data, const struct train_options *options,
                             const struct progress *progress, struct diags *diags);
/* Goes on with a training until it has options->epochs epochs in all: the same bits as if it had been asked for so many at once. The
   options are otherwise those of `before`, the data too, and the molecule (as it is written here, with the head; NULL: as `before` has
   it). A training that diverged or stopped does not go on. A new training; `before` stays as it is. NULL where memory is exhausted,
   with a diagnostic. */
struct training *train_further(const struct training *before, const struct molecule *molecule, struct prepared *data,
                               const struct train_options *options, const struct progress *progress, struct diags *diags);

/* A training of `model` (taken over, also on failure) that has not begun, or stands where `before` (NULL: none) ended, with room for
   options->epochs epochs and the snapshots that are wanted. NULL where memory is exhausted, without a diagnostic. */
struct training *training_new(struct model *model, const struct train_options *options, const struct training *before);
/* One of `molecule`, with the weights that it begins with, or (`before` not NULL) those that it goes on from. NULL with a diagnostic. */
struct training *training_begin(const struct molecule *molecule, struct prepared *data, const struct train_options *options,
                                const struct training *before, struct diags *diags);
void training_release(struct training *training);

/* The model as it was after an epoch that the training kept a snapshot of; NULL without a diagnostic where it has none. */
struct model *training_at(const struct training *training, uint32_t epoch, struct diags *diags);

/* Figures on any samples, with the loss that the options and the factors of classes (may be NULL) say. False where memory is
   exhausted. */
bool model_score(const struct model *model, const struct samples *samples, const struct train_options *options,
                 const float *class_weights, struct scores *scores);

#endif
