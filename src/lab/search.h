/* The inside of an evolution: what archive.c, breed.c and evolve.c share. */
#ifndef NEL_LAB_SEARCH_H
#define NEL_LAB_SEARCH_H

#include "lab/evolve.h"

/* What one evolution works with. */
struct search {
    const struct evolve_options *options;
    struct prepared *data;
    struct diags *diags;
    struct evolution *evolution;
    size_t everyone_cap;
    size_t *population, *children; /* [options->population], indices into everyone */
    struct merit *merits;          /* [2 * options->population], of those who are ranked */
    struct ranking ranking;        /* of the population */
    size_t *table;                 /* open addressing by hash: 1 + index into everyone, 0 empty */
    size_t table_size;             /* a power of two, at most half full */
    uint32_t species;              /* counted when the population was ranked last */
    struct diags unkept;           /* why the checkpoint was not written last time */
    struct progress quiet;         /* trainings do not report, but can be stopped */
};

bool search_out_of_memory(const struct search *search);

/* archive.c: everyone who was ever trained, each distinct molecule once. */

/* What children come by that come of no rule. */
#define BIRTH_BY_CROSSING "crossover"
#define BIRTH_BY_TRAINING "train"

/* Where a molecule comes from. */
struct birth {
    uint32_t generation;
    int64_t parent, other;
    const char *by;
    uint32_t variant;
};

/* Finds `molecule` in everyone, or adds it as an individual still to be trained. Takes over the references, also on failure. */
bool archive_enter(struct search *search, const struct molecule *molecule, uint64_t *ancestry, const struct birth *birth,
                   size_t *index);
/* Room for so many; and the table, made anew, of those that are there. False with a diagnostic. */
bool archive_reserve(struct search *search, size_t count);
bool archive_index(struct search *search);
/* Forgets everyone from `first` on: those whose trainings were interrupted. */
void archive_forget(struct evolution *evolution, size_t first);

/* breed.c: children `from` to `to` of a generation, into search->children; generation 0: the founders, then children of them in turn.
   Every child draws from a stream of its own. False with a diagnostic where a rule failed. */
bool breed_founders(struct search *search, const struct molecule *const *founders, size_t founder_count);
bool breed_children(struct search *search, uint32_t generation, uint32_t from, uint32_t to);

/* rear.c: trains everyone from `first` on and judges them, in order of birth, the best among them; evolution->cancelled where somebody's
   training was interrupted. False with a diagnostic. */
bool rear(struct search *search, size_t first);
/* Everybody but the population and the best gives back weights and history. */
void rear_give_back(struct search *search);
/* Trains again those of the front whose training was given back, or is not in the checkpoint: the same molecule, the same seed. */
bool rear_front(struct search *search);
/* How an individual is trained, if it comes through all trials. */
struct train_options search_training(const struct search *search, const struct individual *individual);
/* The order of merit of two indices, for qsort_r; the context is the evolution. */
int individuals_compare(const void *a, const void *b, void *evolution);

/* keep.c: writes the search to its checkpoint, with so many rows of history, one a generation; and puts it back as the file has it,
   *generations 0 where there is no file or nothing in it yet. False with a diagnostic. */
bool search_keep(struct search *search, uint32_t generations);
bool search_resume(struct search *search, uint32_t *generations);

#endif
