/* What the options of `train`, `grow` and `evolve` mean, and the signals of growth policies. Names and defaults stand in the
   signatures that options are bound to; a test holds that both have the same names. */
#include "library/manual.h"

const struct doc_row train_docs[] = {
    {"epochs", "How many times the training goes through the data, at most; `stop` may end it sooner."},
    {"batch",
     "Samples a step, or `full` for all of them. 32 makes the steps noisy enough to generalise and large enough to be fast "
     "(Masters and Luschi 2018)."},
    {"optimizer", "How a gradient becomes a step; by name for its defaults, or with its settings: `adam(lr: 3e-3)`. A head of "
                  "`step` trains with "
                  "`sgd(lr: 1)` where none is given, which is Rosenblatt's rule."},
    {"schedule", "What becomes of the learning rate in the course of the training: `cosine`, or with settings, "
                 "`stepwise(every: 20, factor: 0.5)`; any with a `warmup`."},
    {"clip", "The most that the gradient of all weights together may measure (Euclidean norm); a longer one is scaled down to it "
             "(Pascanu and others 2013). Helps where the loss leaps; 1 is usual."},
    {"loss", "What is made small. `auto` fits the head: cross-entropy for classes, mean squared error for values, the perceptron's "
             "rule for a "
             "`step` head."},
    {"smoothing",
     "Label smoothing: the share of each label that goes to all classes alike, in cross-entropies, and of one-hot values, too; "
     "10 % is usual (Szegedy and others 2016)."},
    {"class_weights", "What a sample of each class weighs in the loss: `balanced`, a list `[1, 5]`, or a record by class names, "
                      "`{ rare: 5 }`, in which the others weigh 1."},
    {"stop", "Early stopping, against overfitting: `patience(20)` ends the training before `epochs` once the validation loss has "
             "not improved for 20 epochs; the weights of the best "
             "epoch are restored. Where there is no validation part, a fifth of the training part becomes one."},
    {"validation",
     "The validation part where the data has none: a share of the training part, stratified and drawn by the seed, or a "
     "data set."},
    {"trials", "So many runs with the seeds seed, seed + 1, …; each figure is then an estimate, mean ± 95 % confidence interval. "
               "Data given as "
               "a function is made anew for each."},
    {"folds", "Cross-validation: the data in so many parts, each of them once the test part. The data must not be split before; "
              "each fold is trained once, without `trials`."},
    {"snapshots", "Epochs after which the network is kept, `[0, 10, 100]`, for `run.at(10)`; 0 is before the first."},
    {"checkpoint",
     "A file, `\"net.safetensors\"`, that the training keeps its state in: at its beginning, about every second, and "
     "when it ends, by "
     "Ctrl-C, too. Where the file is there already, the training is resumed from it, and ends with the same bits as one "
     "that was never "
     "interrupted; a file of another training (molecule, data, options, seed) is refused. Of several trials each has "
     "a file with its "
     "seed in the name, `net.3.safetensors`, of folds with its number. `load` reads these files."},
    {"shuffle", "Whether samples come in a new order every epoch. Without effect where `batch` is `full`."},
    {"noise",
     "Standard deviation of Gaussian noise on the inputs while training, after `normalize`, new in every step (Bishop 1995, "
     "who shows that it punishes steepness). Scores are without it."},
    {"l1", "Weight of the sum of absolute weights in the gradient; drives weights to 0 (Tibshirani 1996). Reported losses are "
           "without it."},
    {"l2", "Weight of the sum of squared weights in the gradient; keeps weights small (Krogh and Hertz 1992). Reported losses are "
           "without it."},
    {"seed",
     "Names the random numbers: weights, order, dropout. The same seed gives the same bits, whatever the number of threads. Where "
     "none is given, that of the command's `--seed`, which is 0."},
    {0},
};

const struct doc_row grow_docs[] = {
    {"epochs", "How many epochs it has, at most; where it is not given, the policy's `stop` alone says when it ends."},
    {"limits", "A record: `params`, the most parameters. A rewrite that would go past them is refused, and counted in `refused`."},
    {0},
};

const struct doc_row evolve_docs[] = {
    {"population", "Molecules that live at a time."},
    {"generations", "How many times the population is renewed."},
    {"mutate",
     "Mutation: a record of rules and their weights, `{ widen: 3, deepen: 1 }`: a child's rule is drawn with these odds; or a list "
     "of "
     "rules, with the same odds for all, `[widen(k: 3), deepen]`. Must be given. Beside rules a record may have: `train`, where an "
     "option of `train` is a list; `weights`, where weights are inherited, moves each by chance "
     "(as NEAT does: "
     "Stanley and Miikkulainen 2002), so that with `train: { epochs: 0 }` networks evolve without gradients."},
    {"crossover",
     "The share of the children that have two parents: they take stages of one descent from either (as in NEAT: Stanley and "
     "Miikkulainen 2002), or, half of them where weights are not inherited, are cut and spliced between stages. The others come of "
     "a rule."},
    {"select",
     "How parents are chosen: `tournament`, `rank`, `truncation`, `nsga2`, `aging`; `random_search` and `hill_climbing` to "
     "compare with, for as many trainings."},
    {"elite",
     "How many of the best live on unchanged, so that the best fitness never falls. `nsga2` and `aging` keep the best in their "
     "own way."},
    {"inherit",
     "Whether children begin with the weights that their parents ended with (Lamarck), as far as these fit, so that short "
     "trainings add up; else each begins anew, and only what molecules are able to learn is selected (Baldwin)."},
    {"species", "Speciation: molecules less than this apart are of one species and share their fitness, so that several ways are "
                "tried side by side "
                "(Goldberg and Richardson 1987); 0: none do. From 0, equal, to 1, nothing in common."},
    {"fitness",
     "A function of a run; greater is better. Where none is given, accuracy on validation data, for values the validation loss "
     "turned round. A run that diverged is less fit than any other. The run's data has no test part: nothing is selected by it."},
    {"objectives",
     "Instead of a fitness, two to four figures of a run to be weighed against each other: `{ accuracy: max, flops: min "
     "}`. The result's `front` has those whom nobody surpasses in one without being worse in another."},
    {"train",
     "The options of each training, as `train` has them. All molecules are trained with the same seed: they are compared, not "
     "luck. An "
     "option that is a list of values, `batch: [8, 32]`, evolves beside the molecule: founders have the first one, a child has its "
     "parent's, and `train` among the odds of `mutate` says how often one is drawn anew."},
    {"halving",
     "How many times those who are born together are halved: at 2 they first train for a quarter of the epochs, the better half "
     "goes "
     "on to a half of them, and the better half of these to all (successive halving: Jamieson and Talwalkar 2016). Whoever comes "
     "through is trained as without; 0: everybody is trained to the end."},
    {"limits", "A record of what molecules must keep to: `params`, `depth`, `width`, `elements` (a list)."},
    {"finish", "Options in which the last training differs from `train`: with them the best, or the front, is trained anew at the "
               "end and judged on test data. Where none are given, it stays as evolution trained it."},
    {"checkpoint",
     "A file, `\"search.safetensors\"`, that the search keeps its state in after each generation, of fast ones about every second, "
     "and when it ends. Where the file is there already, "
     "the "
     "search goes on from it, and ends with the same bits as one that was never interrupted, or with more `generations`; a file of "
     "another search (founders, data, options, seed) is refused."},
    {"seed", "Names the random numbers of selection and mutation."},
    {0},
};

const struct doc_row signal_docs[] = {
    {"accuracy", "Share of right answers, on validation data. Unknown for values: a condition with it is then false."},
    {"loss", "The loss on validation data."},
    {"improvement", "Against the round before: accuracy gained; for values the share of the loss that was lost. 1 % is 0.01."},
    {"epoch", "Epochs trained so far; 3.25, say, where rounds are of steps."},
    {"round", "Rounds so far, from 1; a round is as long as `every` says."},
    {"refused", "Rewrites so far that were not kept: they would have broken a limit, or `accept` undid them."},
    {"layers", "Hidden layers."},
    {"params", "Trainable parameters."},
    {"dead", "Share of the hidden neurons that never answer: output or slope is 0 at every sample."},
    {"saturated", "Share of the hidden neurons whose slope stays below 0.001 everywhere, and that are not dead."},
    {"extrema", "Neurons whose mean argument stands out from their layer's: `extrema.share` of the hidden neurons; "
                "`extrema.high.count`, more than "
                "two standard deviations above the mean; `extrema.low.count`, below 0.1."},
    {"outliers",
     "The same the robust way: `outliers.share`, `outliers.above.count`, `outliers.below.count`: more than three deviations "
     "from the median of their layer, the deviation taken from the median absolute one (Hampel 1974)."},
    {"rank",
     "The least effective rank of a hidden layer: the number of directions that its outputs vary in (participation ratio)."},
    {"vanishing",
     "The least gradient of a hidden layer over the greatest, each the root mean square over its weights: near 0 where the "
     "early layers hardly learn."},
    {"busiest", "The hidden layer with most extrema: a place, for `at busiest` and `after busiest`."},
    {"narrowest", "The hidden layer of the least effective rank, the bottleneck: a place, as `busiest` is."},
    {"hidden",
     "All hidden layers: a place, for `freeze at hidden`. They are those that the round began with, whatever an action before "
     "this one put in."},
    {"standing", "All hidden layers and the output: a place, as `hidden` is."},
    {0},
};
