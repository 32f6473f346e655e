/* Which neuron each value of a molecule is: a value behind an activation or a norm is still that neuron, a branch puts neurons side by
   side, a gather picks some. So what names neurons by their numbers (gather, scatter) can be told where they went when a rewrite put
   others before them, or took some away.

   The values of a gene are a list of runs of neurons. Sums, products and skips are named after one of their parts: the first that is
   known and leaves no value out, of a skip what it goes around before what it adds. */
#ifndef NEL_MOLECULE_WIRING_H
#define NEL_MOLECULE_WIRING_H

#include "molecule/rewrite.h"
#include "support/vec.h"

/* Neurons row, row + 1, … of the layer at `gene`. Of data that nobody said the width of, `count` is 0. */
struct wire_run {
    uint32_t gene, row, count;
};

/* In the place of a gene: a value that is always 0, a neuron that was not there before, a value of the data. */
#define WIRE_NOTHING UINT32_MAX
#define WIRE_NEW     (UINT32_MAX - 1)
#define WIRE_DATA    (UINT32_MAX - 2)

/* A list of runs; `owner` is the gene that made it, those that only pass it on have the same one. */
struct wires {
    size_t at;
    uint32_t count, owner;
};

struct wire_directory;

struct wiring {
    const struct molecule *molecule, *before;
    const struct neuron_choices *choices;
    VEC(struct wire_run) runs;
    struct wires *input, *output; /* by gene: what it reads and gives */
    struct wires *target; /* by gene: of a scatter, what it is added to, all of one width; count 0: there is no such thing */
    struct wires *taps;   /* by label */
    struct wire_directory *by_run; /* by owner */
    bool failed;                   /* memory */
    bool crowded;                  /* more than LIMIT_WIRE_RUNS: the lists mean nothing */
};

struct wire {
    uint32_t gene, row;
};

/* Of `molecule`, its neurons named by its own genes; with `before`, from which a rewrite made it, by those that they come from there:
   the first of a layer that got wider or narrower stay, of one with a choice those that it says (NULL: none has). False where memory is
   exhausted. Release it either way. */
bool wiring_build(struct wiring *wiring, const struct molecule *molecule, const struct molecule *before,
                  const struct neuron_choices *choices, uint32_t input_width);
void wiring_release(struct wiring *wiring);

/* How many values these are; false where that depends on the data. */
bool wires_width(const struct wiring *wiring, struct wires wires, uint64_t *width);
/* The value at a position; false where there is none or nobody can say, and where it is no neuron of before and no data. */
bool wires_at(struct wiring *wiring, struct wires wires, uint64_t position, struct wire *wire);

enum wire_fate {
    WIRE_THERE, /* at `position`; of several, at `likely` if it is one of them, else the first */
    WIRE_GONE,  /* others of its layer are there */
    WIRE_AWAY   /* so is its whole layer, or nobody can say */
};
enum wire_fate wires_find(struct wiring *wiring, struct wires wires, struct wire wire, uint64_t likely, uint64_t *position);

#endif
