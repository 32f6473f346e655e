/* What the parts of carry.h share: two networks, their numbers, and where the new one's weights come from.

   carry.c         the whole, and nodes whose values say themselves what they are
   carry_layer.c   layers and projections of skips
   carry_neuron.c  norms, and parameters that elements learn
   carry_fill.c    the weights
   carry_choice.c  the same where the neurons of a layer were chosen */
#ifndef NEL_ENGINE_CARRIER_H
#define NEL_ENGINE_CARRIER_H

#include "engine/carry.h"
#include "engine/numbering.h"
#include "molecule/graph.h"
#include "support/random.h"

#define NO_NODE UINT32_MAX

/* One of the two networks. The numbers of a node's values are numbers[at[node]] and the following. */
struct numbered {
    const struct graph *graph;
    size_t *at;
    uint32_t *numbers;
};

/* Where a list of numbers has each of them: positions are counted from 0, ascending. */
struct where {
    uint32_t *first, *copies; /* by number: 1 + its first position, how often it is there; 0 nowhere */
    uint32_t *next;           /* by position: 1 + the next one of the same number */
    size_t numbers, positions;
    const uint32_t *list;
    uint32_t count;
};

/* What a neuron of a new layer is: neuron `row` of the old network's `node`; where `node` is NO_NODE, the value of number `row` passed
   on, which for NUMBER_ZERO is nothing. */
struct neuron_source {
    uint32_t node, row;
    bool repeated; /* another neuron has the same source, and it stands first */
    bool lost;     /* not all of its connections found room */
};

/* The nodes of one gene of the molecule before. */
struct gene_nodes {
    uint32_t affine, element, norm, sum; /* NO_NODE: none; `sum`: of a skip */
    bool kept;                           /* some gene of the rewritten molecule comes from it */
    bool placed;                         /* its layer is in the new network already */
};

/* What becomes of a gene's weights. */
enum fate {
    FATE_POSITION, /* of those it came with, what fits */
    FATE_WHOLE,    /* they stay as they are */
    FATE_MADE,     /* they are made of others */
    FATE_PASSED,   /* … and pass its inputs on */
    FATE_FRESH     /* it begins anew */
};

struct carrier {
    const struct molecule *before, *after;
    struct numbered old, now;
    struct numbering *numbering;
    uint32_t known; /* numbers of the old network: all below */
    struct carry_options options;
    struct gene_nodes *nodes;      /* by gene of `before` */
    struct weights **made;         /* by gene of `after`; NULL: none */
    enum fate *fates;              /* by gene of `after` */
    struct where where;            /* of what was looked at last */
    struct neuron_source *sources; /* [widest node] of the layer at work */
    uint32_t *scratch, *rows;      /* [widest node, or most parts of one] */
    uint32_t *pairs;               /* [the same] of carry_layer.c alone: `where` may tell of it */
    float *shares;                 /* [the same] */
    bool fills;                    /* there are weights to carry */
    bool noisy;                    /* noise was added, or neurons went, of which numbers tell nothing */
    bool failed;                   /* memory */
};

static inline uint32_t *numbers_of(const struct numbered *side, uint32_t node)
{
    return side->numbers + side->at[node];
}

static inline uint32_t input_node(const struct graph *graph, uint32_t node, uint32_t i)
{
    return graph->inputs[graph->nodes[node].input_at + i];
}

static inline const struct gene *gene_of_node(const struct numbered *side, uint32_t node)
{
    return &side->graph->molecule->genes[side->graph->nodes[node].gene];
}

static inline uint32_t where_copies(const struct where *where, uint32_t number)
{
    return number < where->numbers ? where->copies[number] : 0;
}

/* Makes carrier->where tell of the values of a node, or of a list that stays where it is. */
void carrier_look(struct carrier *carrier, const struct numbered *side, uint32_t node);
void carrier_look_at(struct carrier *carrier, const uint32_t *numbers, uint32_t count);
/* The nodes that a new node's gene had; NULL where the gene is new. */
struct gene_nodes *origin_of(const struct carrier *carrier, uint32_t node);
/* Numbers of what nothing else computes; those of an old node, whose gene keeps its weights; those of the sources, fresh ones where
   something of them is lost. */
void number_fresh_values(struct carrier *carrier, const struct numbered *side, uint32_t node);
void keep_node(struct carrier *carrier, uint32_t node, uint32_t old_node);
void number_sources(struct carrier *carrier, uint32_t node);
/* Which of the old node's values those of the new one are, by position; NO_NODE: none of them. How many are. */
uint32_t match_values(struct carrier *carrier, uint32_t node, uint32_t old_node, uint32_t *rows);

void carry_layer(struct carrier *carrier, uint32_t node);
void carry_projection(struct carrier *carrier, uint32_t node);
void carry_norm(struct carrier *carrier, uint32_t node);
void carry_learned(struct carrier *carrier, uint32_t node);
/* Whether all that an old layer reads is among the inputs that `where` tells of. */
bool layer_readable(const struct carrier *carrier, uint32_t old_node);
/* Whether the layer is what it was: same inputs in the same order, same shape. */
bool layer_untouched(const struct carrier *carrier, uint32_t node, uint32_t old_node);
/* Parameters with which an element that learns some gives back its argument; false where there are none. */
bool passing_params(const struct gene *gene, double *params);
/* How many parameters of a gene's element each neuron has of its own. */
size_t learned_count(const struct gene *gene);

/* The weights of the layer (or the projection) at `node` of the new network, its neurons as carrier->sources says, `learned` further
   parameters left at 0; carrier->where tells of its inputs. NULL where the old weights are not all there. */
struct weights *fill_layer(struct carrier *carrier, uint32_t node, size_t learned);
/* carry_choice.c: makes the layer (or the projection) at `node` of what the old node's connections still connect. */
void carry_chosen(struct carrier *carrier, uint32_t node, uint32_t old_node);
/* Weights that the old network's node has, whole; NULL where it has none. */
const struct weights *weights_at(const struct carrier *carrier, uint32_t node);

#endif
