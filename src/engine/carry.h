/* Weights through a rewrite: the molecule that came out gets, of what the one before had learned, as much as computes the same.

   Both networks are numbered by what their neurons compute (numbering.h), the new one as its weights are decided, layer by layer. A layer
   whose inputs are all still computed somewhere keeps its function: its neurons multiply each of them as before, and where there are
   several copies of one they share the weight. A layer that became wider repeats its neurons (Net2Net: Chen, Goodfellow and Shlens 2016,
   arXiv:1511.05641), first those of layers that the rewrite took away; one that is new passes its inputs on, where there are as many; a
   projection that a new skip needs starts at zero. Norms and learned parameters of elements go with the neurons they are of. Layers of
   which nothing changed keep their very weights. The rest takes what fits by position (`partial`), and begins anew for what remains.

   Copies of one neuron share the weights of who reads them unevenly, and not with one sign: what they learn differs from the first step
   on, although they compute the same to begin with. Equal shares would leave them equal for ever.

   The function is kept where the new network's outputs have the numbers of the old one's. That is a proof, but for rounding, and it needs
   no weights: a rewrite of an untrained molecule can be asked, too. Of dropout and of batchnorm it is said as they predict. */
#ifndef NEL_ENGINE_CARRY_H
#define NEL_ENGINE_CARRY_H

#include "molecule/rewrite.h"

struct carry_options {
    uint32_t input_width; /* of both networks; 0: as the molecule before tells */
    uint64_t seed;        /* draws the shares, and the noise */
    double noise; /* standard deviation of what is added to the weights of a repeated neuron, as a share of their own size */
    const struct neuron_choices
        *choices; /* neurons of layers and of projections (the gene is the skip), see below; NULL: nobody chose any */
};

/* Where neurons were chosen, rows[i] is what neuron i of the layer afterwards is: a neuron of before, or NEURON_NEW. Whoever reads a neuron
   that is gone just reads it no more. A new one begins at zero, and so do the connections to it; a sparse layer gets as large a share of
   them as it had of all, by chance, and its density says what came out. What stays keeps its bits, those of the optimiser's state, too. */

/* `after`, whose origins point into `before`, with the weights it is to begin with; one reference, NULL with a diagnostic. Whether it
   computes the same goes to `preserving` (may be NULL): false also where one of the two is no network for such inputs. */
struct molecule *molecule_carry(const struct molecule *after, const struct molecule *before, struct carry_options options,
                                bool *preserving, struct diags *diags);

#endif
