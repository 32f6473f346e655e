/* Connections as data. Which connections a layer has rides with its weights (molecule/weights.h); how many they are is what the
   density of its gene says. So to prune a network and to let connections grow is to give its layers other weights: those of a connection
   that stays keep their bits, those of the optimiser's state, too; a new connection begins at zero, as the optimiser's state begins, so
   that the network computes what it computed without those that went. What else a layer has (biases, learned parameters) it keeps.

   The layers in a place are all in the subtree of a gene, outputs included; 0 is the whole molecule. Frozen ones stay as they are. */
#ifndef NEL_ENGINE_CONNECT_H
#define NEL_ENGINE_CONNECT_H

#include "engine/gradients.h"
#include "molecule/molecule.h"
#include "support/diag.h"
#include "support/random.h"

/* The molecule without the share of the connections of each layer that have the least magnitudes (Han et al. 2015, arXiv:1506.02626;
   layer by layer as Frankle and Carbin 2019, arXiv:1803.03635); one connection stays. Where a layer carries no weights its density
   alone is lowered. Origins are the genes of `molecule`. One reference, NULL with a diagnostic. */
struct molecule *connections_prune(const struct molecule *molecule, uint32_t gene, double share, struct diags *diags);

/* The molecule in which of each sparse layer the share of the connections with the least magnitudes went, as connections_prune takes
   them, and as many have come: of all that it could have beside those that stayed,

   - any, each with the same chance (`gradients` NULL): SET (Mocanu et al. 2018, arXiv:1707.04780);
   - those whose gradients are greatest: RigL (Evci et al. 2020, arXiv:1911.11134).

   One that went and comes again was never away. Layers without weights, or without gradients where those are asked for, stay as they
   are. One reference, NULL with a diagnostic. */
struct molecule *connections_regrow(const struct molecule *molecule, uint32_t gene, double share,
                                    const struct dense_gradients *gradients, struct random *random, struct diags *diags);

/* The molecule with the weights and learned parameters that `start` has, which is the same network but for which connections there are:
   connections stay those of `molecule`, and one that `start` lacks begins at zero. Optimisers begin anew. What a winning ticket is
   trained from (Frankle and Carbin 2019, arXiv:1803.03635). NULL with a diagnostic, also where the two are not the same network. */
struct molecule *connections_rewind(const struct molecule *molecule, const struct molecule *start, struct diags *diags);

#endif
