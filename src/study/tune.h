/* Genes of a training: options of `train` that are lists of values in an evolution, and evolve beside the molecule. */
#ifndef NEL_STUDY_TUNE_H
#define NEL_STUDY_TUNE_H

#include "lab/evolve.h"
#include "study/learn.h"

struct tuning {
    struct value first;             /* the record with the first value of each: what a founder is trained with */
    struct value given;             /* the record as it was written, with its lists; none where there is none */
    struct train_options *variants; /* [variant_count] */
    uint32_t variant_count;         /* 0: no genes */
    uint32_t gene_count, gene_sizes[TRAINING_GENES_MOST];
    const char *names[TRAINING_GENES_MOST]; /* the options */
};

/* Reads the record `train` of an evolution, none where there is none; release in any case. False with a diagnostic. */
bool tuning_read(struct eval *eval, struct value train, struct span span, struct tuning *tuning);
void tuning_release(struct tuning *tuning);

/* The choices of a variant, as a record of these options alone. */
struct value tuning_record(struct eval *eval, const struct tuning *tuning, uint32_t variant);

/* All options that a variant is trained with, as a record; those of `over` (a record, or none) in their place. */
struct value tuning_whole(struct eval *eval, const struct tuning *tuning, uint32_t variant, struct value over);

#endif
