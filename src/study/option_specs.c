/* Options with parameters of their own, one row each: optimisers, schedules, losses, stops, selections. What their parameters set
   in `struct train_options` stands in engine/choices.c. */
#include "study/learn.h"

static const struct spec_row spec_rows[] = {
    {"sgd(lr: positive = 0.01)", "optimizer", "Plain gradient descent: weight -= lr * gradient (Robbins and Monro 1951)."},
    {"momentum(lr: positive = 0.01, momentum: part = 0.9, nesterov: bool = false)", "optimizer",
     "Gradient descent with a velocity, the heavy ball (Polyak 1964): v = momentum * v + gradient, weight -= lr * v. `nesterov: "
     "true` "
     "looks a step ahead (Nesterov 1983, as Sutskever and others 2013 write it)."},
    {"rmsprop(lr: positive = 0.001, beta2: part = 0.9, epsilon: positive = 1e-8)", "optimizer",
     "Each gradient over the root of the running mean of its square, which forgets by beta2 (Tieleman and Hinton 2012; their "
     "defaults)."},
    {"adam(lr: positive = 0.001, beta1: part = 0.9, beta2: part = 0.999, epsilon: positive = 1e-8)", "optimizer",
     "Running means of the gradient and of its square, corrected for their start at 0 (Kingma and Ba 2015; their defaults). The "
     "default."},
    {"adamw(lr: positive = 0.001, beta1: part = 0.9, beta2: part = 0.999, epsilon: positive = 1e-8, weight_decay: amount = 0.01)",
     "optimizer",
     "adam that shrinks weights apart from the gradient, by lr * weight_decay a step (Loshchilov and Hutter 2019). Biases and "
     "norms "
     "are not shrunk."},
    {"lion(lr: positive = 1e-4, beta1: part = 0.9, beta2: part = 0.99, weight_decay: amount = 0)", "optimizer",
     "Steps of equal length along the sign of a running mean, with decay as adamw has it (Chen and others 2023; their betas). "
     "Wants a "
     "tenth to a third of adam's rate, and more decay."},
    {"rprop(lr: positive = 0.01, grow: positive = 1.2, shrink: part = 0.5, least: positive = 1e-6, most: positive = 50)",
     "optimizer",
     "A step of its own for each weight, from lr on: it grows while the gradient keeps its sign and shrinks where it turns "
     "(Riedmiller "
     "and Braun 1993, in the variant of Igel and Huesken 2000). For `batch: full`: the signs of small batches are noise."},
    {"constant(warmup: amount = 0)", "schedule",
     "The learning rate as it is. As with any schedule, it first rises in a straight line for `warmup` epochs (Goyal and others "
     "2017). "
     "The default."},
    {"stepwise(every: positive = 30, factor: positive = 0.1, warmup: amount = 0)", "schedule",
     "The rate times `factor` after every so many epochs; a tenth every 30 is He and others' 2016."},
    {"exponential(factor: positive = 0.95, warmup: amount = 0)", "schedule", "The rate times `factor` each epoch, step by step."},
    {"cosine(floor: share = 0, epochs: whole = 0, warmup: amount = 0)", "schedule",
     "Down along half a cosine, over so many epochs (0: all), to the share `floor` of the rate (Loshchilov and Hutter 2017, "
     "without "
     "restarts)."},
    {"one_cycle(epochs: whole = 0, warmup: amount = 0)", "schedule",
     "Up from a 25th of the rate during the first 30 % of the steps, then down to almost nothing, along half a cosine each, over "
     "all epochs or so many (Smith "
     "and "
     "Topin 2018)."},
    {"plateau(factor: part = 0.1, patience: whole = 10, warmup: amount = 0)", "schedule",
     "The rate times `factor` whenever the validation loss (the training loss where there is none) has not become better by 0.01 % "
     "for more than `patience` epochs."},
    {"patience(epochs: count = 20, min_delta: amount = 0, by: word = loss)", "stop",
     "Stops when validation has not become better by more than min_delta for so many epochs, and restores the best weights "
     "(Prechelt "
     "1998). `by: \"accuracy\"` goes by accuracy instead of by the loss."},
    {"cross_entropy()", "loss", "Cross-entropy of a softmax over the classes; the default for classes."},
    {"binary_cross_entropy()", "loss", "Cross-entropy of one sigmoid; the default for two classes."},
    {"mse()", "loss", "Mean squared error; the default for values."},
    {"mae()", "loss", "Mean absolute error."},
    {"huber(delta: positive = 1)", "loss", "Squared below delta, absolute above (Huber 1964)."},
    {"hinge()", "loss",
     "The label's output should be ahead of every other by 1; what it lacks is the loss, a mean over the classes (Crammer and "
     "Singer "
     "2001). One linear output a class, also for two."},
    {"perceptron()", "loss", "Rosenblatt's rule; the default for a `step` head."},
    {"tournament(size: count = 3)", "selection",
     "The fittest of so many drawn by chance becomes a parent (Goldberg and Deb 1991). The default."},
    {"rank(pressure: number = 1.5)", "selection",
     "Chances fall evenly, from `pressure` children for the fittest to 2 - pressure for the last; from 1 to 2 (Baker 1985)."},
    {"truncation(share: share = 50%)", "selection", "All of the fittest share alike (Muehlenbein and Schlierkamp-Voosen 1993)."},
    {"nsga2()", "selection",
     "Parents and children compete; the first are those whom nobody surpasses in one objective without being worse in another, "
     "then "
     "those with room around them (Deb and others 2002). The default where there are `objectives`."},
    {"aging(sample: count = 10, batch: count = 4)", "selection",
     "The fittest of a sample has a child, and the oldest dies: regularized evolution (Real and others 2019). `batch` children at "
     "a "
     "time are made and trained side by side."},
    {"random_search()", "selection",
     "Nobody is selected: each network is a sample of its own, by as many mutations of a founder as an evolution could have made. "
     "What as many "
     "trainings find by chance."},
    {"hill_climbing()", "selection",
     "The fittest so far is every child's parent, and gives way to a fitter one alone: steepest ascent among neighbours that are "
     "drawn."},
};

bool learn_specs_add(struct eval *eval)
{
    return specs_add(eval, spec_rows, sizeof spec_rows / sizeof *spec_rows);
}
