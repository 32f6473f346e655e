/* Trained parameters as part of a molecule: what its genes begin a training with. A gene that carries them is an ordinary gene
   otherwise, so that building, slicing and rewriting take them along without knowing of them, and a trained network is an atom like
   any other. They are immutable and shared by any number of genes and threads; the count of references is atomic.

   DNA says nothing of them: it is the architecture. They count in the equality and the hash of molecules. */
#ifndef NEL_MOLECULE_WEIGHTS_H
#define NEL_MOLECULE_WEIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/source.h"

/* Where weights come from, for people. */
struct weights_source {
    int references;
    char *name;   /* "T8-O1 on circles, seed 1" */
    char *inputs; /* how its data was scaled, in words; NULL: not known */
};

/* What parameters a gene has: those of its layer (of a skip: of its projection) or norm, and the learned ones of its element. */
struct weights_shape {
    uint32_t width; /* neurons */
    uint32_t depth; /* values a sample that they read */
    size_t factors; /* connections of a layer; scales of a norm; 0: neither */
    size_t shifts;  /* biases of a layer, shifts of a norm: `width` or 0 */
    size_t learned; /* a multiple of `width` */
    size_t running; /* of a batchnorm: means, then variances; 2 x `width` or 0 */
    bool sparse;    /* a layer of stored connections */
};

/* What an optimiser keeps of each trained parameter, in the order of the weights' floats: for a training that goes on behind a rewrite.
   What a rewrite changes is made anew and has none. */
struct weights_state {
    unsigned optimizer;    /* who made it: enum optimizer_kind */
    double power1, power2; /* of its betas, by the steps that it took */
    float *first,
        *second; /* [factors + shifts + learned] each; NULL where the optimiser keeps nothing. NaN: the parameter is new, and
                              the optimiser begins with it as with any */
};

struct weights {
    int references;
    struct weights_shape shape;
    float *factors; /* layers: by neuron. This and the following four: NULL where there are none, and in `nel check` */
    float *shifts;
    float *learned; /* parameter by parameter */
    float *running;
    uint32_t *start;               /* [width + 1] sparse layers: the connections of neuron i are [start[i], start[i + 1]) … */
    uint32_t *input;               /* [factors] … and read these, ascending */
    float *values;                 /* the block that the floats above lie in */
    struct weights_state *state;   /* or NULL */
    uint64_t hash;                 /* of all above */
    struct span span;              /* where the gene was written that was trained */
    struct weights_source *source; /* or NULL */
};

/* One reference each; NULL where memory is exhausted. Texts are copied; `inputs` may be NULL. */
struct weights_source *weights_source_new(const char *name, const char *inputs);
struct weights_source *weights_source_retain(struct weights_source *source); /* NULL is fine */
void weights_source_release(struct weights_source *source);

/* Weights with room for what `shape` says, all zero; without room, to tell of the shape alone. Seal them once they are filled. */
struct weights *weights_new(struct weights_shape shape, struct weights_source *source);
struct weights *weights_outline(struct weights_shape shape, struct weights_source *source);
/* A copy that is not sealed, with the state; NULL where memory is exhausted. */
struct weights *weights_copy(const struct weights *weights);
/* Room for an optimiser's state, all zero; false where memory is exhausted. Of a like kind: as another one began (its moments are
   not copied), and true without one. */
bool weights_add_state(struct weights *weights, unsigned optimizer, bool first, bool second);
bool weights_add_state_like(struct weights *weights, const struct weights_state *other);
size_t weights_trained(const struct weights_shape *shape); /* floats that an optimiser moves */
void weights_seal(struct weights *weights);
const struct weights *weights_retain(const struct weights *weights); /* NULL is fine */
void weights_release(const struct weights *weights);

bool weights_equal(const struct weights *a, const struct weights *b); /* either may be NULL */

#endif
