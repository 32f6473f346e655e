/* The inside of an evolution: what its files share. */
#ifndef NEL_LAB_SEARCH_H
#define NEL_LAB_SEARCH_H

#include "engine/cohort.h"
#include "engine/loss_kernel.h"
#include "lab/evolve.h"
#include "lab/form.h"
#include "molecule/cross.h"

/* Where the genes of somebody come from. Shared by all who differ in weights alone; counted on the calling thread. */
struct descent {
    int references;
    uint32_t count;
    uint64_t hash;
    uint64_t genes[]; /* by gene of the molecule, a number that genes of one descent share */
};

struct passage;

/* Vectors of weights come in multiples of sixteen floats; those of up to so many multiples are kept for the next who needs one. */
enum { WEIGHTS_CLASSES = 65 };
/* Lists that passages are kept in. */
enum { PASSAGE_LISTS = 1 << 12 };

/* What one evolution works with. */
struct search {
    const struct evolve_options *options;
    const struct molecule *const *founders; /* [founder_count] */
    size_t founder_count;
    struct prepared *data;
    struct diags *diags;
    struct evolution *evolution;
    size_t everyone_cap, forms_cap, individuals_cap;
    uint32_t *free_places; /* [individuals_cap] of individuals */
    size_t free_count, free_cap;
    size_t *population, *children; /* [options->population], indices into everyone */
    size_t *held; /* [2 * population + 1] whose weights and descent are kept: the population, the best, and new ones */
    size_t held_count;
    struct merit *merits;   /* [2 * options->population], of those who are ranked */
    struct ranking ranking; /* of the population */
    uint64_t rankings;      /* made so far, names them */
    uint32_t *table;        /* open addressing by hash: 1 + place of an individual, 0 empty */
    size_t table_size;      /* a power of two, at most half full */
    size_t table_count;
    size_t *form_table; /* the same of the forms */
    size_t form_table_size;
    size_t lineage_bytes;                    /* of rows, and of forms that they tell of */
    size_t work_bytes;                       /* of forms, made since they were shed last */
    struct passage *passages[PASSAGE_LISTS]; /* by hash (passage.c) */
    size_t passage_count;
    cross_parts parts;                    /* of the child that is crossed */
    float *free_weights[WEIGHTS_CLASSES]; /* lists of blocks, by size */
    float **slabs;                        /* that they were cut from */
    size_t slab_count, slabs_cap;
    struct objective objective; /* of cohorts, but for its head */
    struct loss_kernel formula; /* … and its loss */
    struct cohort *cohorts;     /* [cohort_count] one a thread */
    size_t cohort_count;
    uint32_t distinct;     /* members of the population */
    uint32_t species;      /* counted when the population was ranked last */
    struct diags unkept;   /* why the checkpoint was not written last time */
    double keep_from;      /* when the checkpoint is written again */
    bool unwritten;        /* a generation has ended since it was */
    struct progress quiet; /* trainings do not report, but can be stopped */
};

/* The seed of all trainings, and of the weights that nobody hands on. */
static inline uint64_t search_seed(const struct search *search)
{
    return search->options->train.seed + search->options->seed;
}

bool search_out_of_memory(const struct search *search);

/* Who it is, who is kept. */
static inline struct individual *individual_at(const struct search *search, size_t index)
{
    return &search->evolution->individuals[search->evolution->everyone[index].place];
}

/* archive.c: everyone who was ever trained, each distinct molecule once. */

/* Where a molecule comes from. */
struct birth {
    uint32_t generation;
    uint32_t parent, other; /* NOBODY: none */
    uint32_t by;
    uint32_t variant;
};

/* Who is to be: with `form` and what else it is made of, all of which is handed over. */
struct newborn {
    struct form *form;
    struct descent *descent;
    float *weights; /* NULL where weights are not inherited */
};

/* Finds the newborn in everyone who is kept in mind, or adds it as an individual still to be trained, who is held. Takes over what the newborn
   has, also on failure. Where weights are inherited those are kept in mind who are held, else all. */
bool archive_enter(struct search *search, const struct newborn *newborn, const struct birth *birth, size_t *index);
/* A place for one of the records, empty but for its index. NULL with a diagnostic. */
struct individual *archive_settle(struct search *search, size_t index);
/* Room for so many records; and the table, made anew, of those that are kept in mind. False with a diagnostic. */
bool archive_reserve(struct search *search, size_t count);
bool archive_index(struct search *search);
/* One more who is held. */
void archive_hold(struct search *search, size_t index);
/* Gives somebody a descent who has none any more: new numbers. False with a diagnostic. */
bool archive_remake_descent(struct search *search, size_t index);
/* Gives back what is held of an individual, but for its training. */
void archive_let_go(struct search *search, size_t index);
/* … and the training too, and the place of one who is needed no more where weights are inherited. */
void archive_part(struct search *search, size_t index);
/* Forgets everyone from `first` on: those whose trainings were interrupted. False with a diagnostic. */
bool archive_forget(struct search *search, size_t first);
/* Its place is free for others. */
void archive_leave_place(struct search *search, size_t index);
/* The weights that an individual hands on. */
const float *archive_weights(const struct individual *individual);

struct descent *descent_new(uint32_t count); /* NULL where memory is exhausted */
/* Of somebody who comes of nobody: numbers of its own, different for each `number`. NULL where memory is exhausted. */
struct descent *descent_of(const struct form *form, uint64_t number);
struct descent *descent_retain(struct descent *descent);
void descent_seal(struct descent *descent);    /* once its genes are filled in */
void descent_release(struct descent *descent); /* NULL is fine */

/* weights.c: a block for a vector of so many weights, not zeroed; NULL where memory is exhausted. */
float *weights_take(struct search *search, size_t count);
void weights_give(struct search *search, float *weights, size_t count); /* NULL is fine */
void weights_release_all(struct search *search);

/* breed.c: children `from` to `to` of a generation, into search->children; generation 0: the founders, then children of them in turn.
   Every child draws from a stream of its own. False with a diagnostic where a rule failed. */
bool breed_founders(struct search *search);
bool breed_children(struct search *search, uint32_t generation, uint32_t from, uint32_t to);

/* passage.c: from one form to another, by a mutation or by crossing; each is found out once. */
struct passage {
    struct passage *next;
    const struct form *from, *other; /* `other` of crossings */
    uint64_t what;                   /* hash of mutation and way, or of the stages that come from each */
    struct form *to;                 /* NULL: nowhere */
    uint32_t *origins; /* [to's genes] 1 + gene of `from`, behind those the genes of `other`; 0: new. Mutations only */
    struct inheritance
        *sources; /* [to's parameters] mutations where weights are inherited; NULL: they have to be carried each time */
};
/* Parameter i of the form after is `factor` times number `from` of the one before, or a constant. */
struct inheritance {
    uint32_t from; /* INHERITS_NOTHING: none */
    float factor;  /* or the constant */
};
#define INHERITS_NOTHING UINT32_MAX

/* The child of an individual by a mutation, a way of which `random` draws; newborn->form NULL: it has no way, or what it makes is beyond the
   limits. False with a diagnostic where the rule failed. */
bool passage_by_mutation(struct search *search, const struct individual *parent, size_t mutation, struct random *random,
                         struct newborn *newborn);
/* … and of two by crossing. */
bool passage_by_crossing(struct search *search, const struct individual *a, const struct individual *b, struct random *random,
                         struct newborn *newborn);
void passages_forget(struct search *search);
void passages_release(struct search *search);

/* lineage.c: counts a row that tells of the form; counts all of them anew. */
void lineage_add(struct search *search, struct form *form);
void lineage_weigh(struct search *search);
/* Forgets the dead without descendants where rows and forms take too much. False with a diagnostic. */
bool lineage_thin(struct search *search);

/* rear.c: trains everyone from `first` on and judges them, in order of birth, the best among them; evolution->cancelled where somebody's
   training was interrupted. False with a diagnostic. */
bool rear(struct search *search, size_t first);
/* Everybody but the population and the best gives back weights and history. False with a diagnostic. */
bool rear_give_back(struct search *search);
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
