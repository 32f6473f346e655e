/* Names that are values without being functions: the words that options use, and the few values that have a name. */
#include "library/manual.h"

/* Words that options use and that are nothing else; `session.c` makes a value of each. Those of `init:` and of heads, which the
   molecules know too, stand in molecule/trait.c. */
const struct doc_row option_words[] = {
    {"full", "`batch: full`: all samples in one step, so that an epoch is one step along the exact gradient."},
    {"auto", "Let the data decide: `loss: auto` takes the loss that fits the head."},
    {"balanced",
     "`class_weights: balanced`: each class weighs the inverse of its share, so that rare ones count as much as frequent "
     "ones (King and Zeng 2001)."},
    {"uniform", "`init: uniform`: weights evenly between -0.05 and 0.05, times `init_scale`."},
    {"average", "`combine: average`: the members' mean probability of each class, or their mean value; the default of `ensemble`."},
    {"vote",
     "`combine: vote`: each member of an ensemble has a vote, or as many as it weighs, and the class with most of them wins."},
    {"erk",
     "A sparse molecule's connections shared out by the sum of a layer's widths over their product: Erdos-Renyi (Mocanu and others "
     "2018), which is the Erdos-Renyi kernel (Evci and others 2020) where there are no convolutions."},
    {"layer", "`each: layer`: a row of `signals` for each hidden layer; the default."},
    {"neuron", "`each: neuron`: a row of `signals` for each hidden neuron."},
    {"welch", "`test: welch`: the t-test of two samples whose spreads may differ (Welch 1947); the default of `compare`."},
    {"paired", "`test: paired`: the t-test of differences trial by trial, for trials that share their seeds (Student 1908)."},
    {"bonferroni", "`adjust: bonferroni`: every p times the number of comparisons (Dunn 1961)."},
    {"holm", "`adjust: holm`: p values stepped down, never weaker than Bonferroni's (Holm 1979)."},
    {"standard", "`normalize(standard)`: mean 0 and standard deviation 1; the default."},
    {"range", "`normalize(range)`: from 0 to 1."},
    {"gradient", "`regrow(30%, by: gradient)`: connections come where the gradient of those that are absent is greatest."},
    {"magnitude", "`prune(20%, by: magnitude)`: the connections with the least weights go; the default."},
    {"norm", "`prune(20%, by: norm)`: the neurons with the shortest incoming weights go."},
    {"activation", "`prune(20%, by: activation)`: the neurons with the least outputs on training data go."},
    {"median", "`missing: median`: an empty cell gets its column's median over the training rows."},
    {"refuse", "`missing: refuse`: an empty cell is an error; the default."},
    {"most_common", "`missing: most_common`: an empty cell gets what its column has most often."},
    {"classes", "`kind: classes`: the target is a class, whatever it looks like."},
    {"values", "`kind: values`: the target is a number to be met, whatever it looks like."},
    {"first", "`pick: first`: a rule is applied at its first place; the default of `rewrite`."},
    {"random",
     "`pick: random`: a rule is applied at a place drawn by the seed; `regrow(30%, by: random)`: connections come anywhere."},
    {0},
};

const struct doc_row constant_docs[] = {
    {"batchnorm", "A molecule: each value scaled to mean 0 and deviation 1 over the batch, by running figures once trained, with a "
                  "trained scale "
                  "and shift (Ioffe and Szegedy 2015). The width is kept; DNA `Bn`.\n"
                  "Example: print dna(relu(8) -> batchnorm)  # R8-Bn\n"
                  "See: layernorm, dropout"},
    {"layernorm", "A molecule: the values of one sample scaled to mean 0 and deviation 1, with a trained scale and shift, so that "
                  "batches do not "
                  "matter (Ba, Kiros and Hinton 2016). The width is kept; DNA `Ln`.\n"
                  "Example: print dna(tanh(8) -> layernorm)  # T8-Ln\n"
                  "See: batchnorm"},
    {"elements", "The list of all elements of the standard library, for sweeps and for the domains of rules.\n"
                 "Example: print elements |> length  # 16\n"
                 "See: toys"},
    {"toys", "The list of the planar two-class toys as functions, for sweeps: `for set in toys { … set(n: 200, seed: 1) … }`.\n"
             "Example: print toys |> length  # 9\n"
             "See: elements"},
    {0},
};
