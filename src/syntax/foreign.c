/* Words of Python, R, Rust, JavaScript and their libraries. Near misses of the language's own words are no matter of these tables. */
#include "syntax/foreign.h"

#include <stddef.h>

/* Each help line stands behind the words that it serves. */
struct entry {
    const char *const *words;
    const char *help;
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct entry statements[] = {
    {WORDS("var", "const", "val", "auto", "local", "my", "set"), "a name is made by `let x = …` and changed by `x = …`"},
    {WORDS("def", "function", "func", "fun", "proc", "sub"), "a function is written `fn f(x) = …`, or `fn f(x) { … }`"},
    {WORDS("import", "include", "require", "library", "from", "using"),
     "`use rules` takes a module of the standard library, `use \"my/file.nel\"` a file"},
    {WORDS("while", "until", "do", "loop", "repeat", "foreach"), "loops are written `for x in xs { … }`"},
    {WORDS("echo", "puts", "println", "printf", "say"), "write `print …`"},
    {WORDS("elif", "elsif", "elseif"), "write `else if`, behind the `}` of the block before"},
    {WORDS("unless"), "write `if not …`"},
    {WORDS("return", "yield"), "the last value of a block is its result"},
    {WORDS("class", "struct", "type", "interface", "enum", "object", "record", "impl", "trait"),
     "a network is written `molecule Name(w) = …`; values that belong together are a record, `{ a: 1, b: 2 }`"},
    {WORDS("switch", "match", "case"), "choices are written `if a { … } else if b { … } else { … }`"},
    {WORDS("try", "catch", "except", "throw", "raise"),
     "an error ends the script; what must hold is written `assert condition, \"message\"`"},
    {WORDS("model", "network", "net"), "a network is written `molecule Name(w) = …`"},
    {WORDS("layer", "activation", "neuron"), "an activation of your own is written `element name \"N\" (x) = …`"},
    {WORDS("fit"), "write `train M on data { … }`"},
    {WORDS("async", "await", "pub", "public", "private", "static", "export", "global", "mut"), "leave it out"},
    {WORDS("with", "open"),
     "files are read and written by functions: `csv(\"data.csv\")`, `save(run.best, to: \"net.safetensors\")`"},
    {WORDS("del", "delete"), "a name ends with its block"},
    {WORDS("begin"), "a block stands in braces: `{ … }`"},
};

static const struct entry names[] = {
    {WORDS("None", "null", "nil", "NULL", "Null", "NA", "undefined"), "write `none`"},
    {WORDS("True", "TRUE"), "write `true`"},
    {WORDS("False", "FALSE"), "write `false`"},
    {WORDS("len", "size"), "write `length(…)`"},
    {WORDS("Dense", "Linear", "nn"), "a dense layer is called by its activation: `relu(32)`, `linear(10)`"},
    {WORDS("Sequential", "Model"), "stages are joined by `->`: `relu(8) -> tanh(4)`"},
    {WORDS("Conv1D", "Conv2D", "Conv2d", "LSTM", "GRU", "Attention"),
     "networks are made of dense, sparse and elementwise stages only"},
    {WORDS("np", "numpy", "math", "torch", "keras", "tf", "pd"), "functions such as `sqrt` and `mean` are there without a module"},
    {WORDS("str", "String"), "a text is made of a value by braces: `\"{x}\"`"},
    {WORDS("int", "float", "parseInt", "parseFloat"), "`number(text)` reads a text; `floor` and `round` make whole numbers"},
    {WORDS("train_test_split", "random_split"), "write `data |> split(80%)`, which has `.train` and `.test`"},
    {WORDS("StandardScaler", "MinMaxScaler", "scale", "standardize", "Normalizer"), "write `data |> normalize`"},
    {WORDS("read_csv", "load_csv", "loadtxt", "read_table"), "write `csv(\"data.csv\", target: \"y\")`"},
    {WORDS("make_moons"), "write `moons(n: 200, noise: 10%)`"},
    {WORDS("make_circles"), "write `circles(n: 200, noise: 10%)`"},
    {WORDS("MLPClassifier", "MLPRegressor", "MLP"), "write `use molecules`, then `mlp([32, 16])`"},
    {WORDS("exit", "quit", "q"), "the prompt ends with `:quit` or Ctrl-D, a script with its last line"},
    {WORDS("help", "man", "doc"), "`:help` at the prompt; `nel doc NAME`, or `:doc NAME`, explains a name"},
    {WORDS("glorot", "glorot_uniform", "glorot_normal", "xavier_uniform", "xavier_normal"), "write `xavier`"},
    {WORDS("kaiming", "he_normal", "he_uniform", "kaiming_normal"), "write `he`"},
    {WORDS("nesterov", "NAG", "nag"), "write `momentum(nesterov: true)`"},
    {WORDS("adagrad", "adadelta", "nadam", "adamax", "lbfgs"),
     "the optimisers are `sgd`, `momentum`, `rmsprop`, `adam`, `adamw`, `lion` and `rprop`"},
    {WORDS("reduce_on_plateau", "ReduceLROnPlateau"), "write `plateau`"},
    {WORDS("step_lr", "StepLR", "multistep"), "write `stepwise(every: 30)`"},
    {WORDS("warmup", "warm_up"), "every schedule has a warm-up: `schedule: cosine(warmup: 5)`, `schedule: constant(warmup: 5)`"},
    {WORDS("bce", "binary_crossentropy", "BCELoss", "logistic"), "write `binary_cross_entropy`"},
    {WORDS("categorical_crossentropy", "crossentropy", "nll", "CrossEntropyLoss", "softmax_loss"), "write `cross_entropy`"},
    {WORDS("mean_squared_error", "MSELoss", "l2_loss"), "write `mse`"},
    {WORDS("maximize", "maximise", "up"), "what shall be large is `max`, as in `objectives: { accuracy: max }`"},
    {WORDS("minimize", "minimise", "down"), "what shall be small is `min`, as in `objectives: { params: min }`"},
    {WORDS("_", "it"), "a function without a name is written `fn(x) = x > 1`"},
    {WORDS("silu", "SiLU"), "write `swish`"},
    {WORDS("lr", "learning_rate"), "the learning rate is a setting of the optimizer: `optimizer: adam(lr: 1e-2)`"},
    {WORDS("NaN", "nan", "inf", "Infinity", "Inf"), "it is no number here; a value that is missing is `none`"},
    {WORDS("pi", "PI"), "write `3.14159265358979`"},
    {WORDS("lambda", "function", "func"), "a function without a name is written `fn(x) = …`"},
    {WORDS("break", "continue"), "a loop goes on to its end; `if` or `filter` chooses"},
    {WORDS("pass"), "a block may be empty: `{ }`"},
    {WORDS("end"), "a block ends with `}`"},
    {WORDS("self", "this"), "what a function works on is a parameter of it"},
    {WORDS("accuracy", "loss"), "figures are members of a run, as in `run.accuracy`"},
};

/* Arguments: those of which nothing can be said unless what is called has the parameter that the help speaks of. */
static const struct {
    const char *beside;
    struct entry entry;
} arguments[] = {
    {"lr", {WORDS("learning_rate", "learningrate", "step_size", "rate", "eta", "alpha"), "it is called `lr` here"}},
    {"optimizer",
     {WORDS("lr", "learning_rate", "learningrate", "step_size", "eta", "alpha", "learn_rate"),
      "the learning rate is a setting of the optimizer: `optimizer: adam(lr: 1e-2)`"}},
    {"optimizer", {WORDS("opt", "optim", "solver", "optimiser", "algorithm"), "it is called `optimizer` here"}},
    {"optimizer", {WORDS("momentum", "nesterov"), "momentum is an optimizer: `optimizer: momentum(lr: 1e-2)`"}},
    {"optimizer", {WORDS("beta1", "beta2", "betas", "epsilon"), "it is a setting of the optimizer: `optimizer: adam(beta1: 0.9)`"}},
    {"optimizer", {WORDS("verbose", "progress", "disp", "show"), "progress is shown on a terminal; `nel --quiet` leaves it out"}},
    {"optimizer", {WORDS("metrics", "metric"), "nothing need be asked for: a run has its figures, as in `run.accuracy`"}},
    {"optimizer", {WORDS("dropout", "drop"), "dropout is a stage of the molecule: `relu(32) -> dropout(20%)`"}},
    {"optimizer",
     {WORDS("activation", "hidden", "layers", "units", "hidden_layer_sizes"),
      "layers are the molecule: `train relu(32) -> relu(16) on data`"}},
    {"optimizer",
     {WORDS("normalise", "normalize", "standardize", "scale"), "data is scaled before: `train M on (data |> normalize) { … }`"}},
    {"l2",
     {WORDS("weight_decay", "decay", "regularization", "reg", "lambda", "kernel_regularizer", "penalty"),
      "it is called `l2` here"}},
    {"epochs", {WORDS("iterations", "max_iter", "iters", "steps", "nb_epoch", "rounds"), "it is called `epochs` here"}},
    {"batch", {WORDS("bs", "minibatch", "mini_batch", "batchsize", "batch_size"), "it is called `batch` here"}},
    {"stop", {WORDS("early_stopping", "patience", "callbacks", "callback", "early_stop"), "write `stop: patience(20)`"}},
    {"validation",
     {WORDS("validation_split", "validation_data", "val", "val_split", "valid", "eval_set"), "write `validation: 20%`"}},
    {"schedule",
     {WORDS("scheduler", "lr_scheduler", "lr_schedule", "warmup"), "write `schedule`, as in `schedule: cosine(warmup: 5)`"}},
    {"loss", {WORDS("criterion", "objective", "cost", "loss_fn", "loss_function"), "it is called `loss` here"}},
    {"seed", {WORDS("random_state", "random_seed", "rng", "rng_seed"), "it is called `seed` here"}},
    {"folds", {WORDS("cv", "kfold", "k_folds", "n_splits", "cross_validation"), "it is called `folds` here"}},
    {"trials", {WORDS("repeats", "runs", "restarts", "n_runs", "repetitions", "repeat"), "it is called `trials` here"}},
    {"clip",
     {WORDS("max_norm", "grad_clip", "gradient_clipping", "clipnorm", "clip_norm", "gradient_clip_val"),
      "it is called `clip` here"}},
    {"smoothing", {WORDS("label_smoothing"), "it is called `smoothing` here"}},
    {"class_weights", {WORDS("weights", "class_weight", "weight"), "it is called `class_weights` here"}},
    {"generations",
     {WORDS("epochs", "batch", "optimizer", "loss", "lr", "stop", "schedule"),
      "how each network is trained stands in `train`: `train: { epochs: 20 }`"}},
    {"mutate", {WORDS("mutation", "mutations", "rules", "mutators", "mutation_rate"), "write `mutate: { widen: 3, deepen: 2 }`"}},
    {"population", {WORDS("pop", "pop_size", "population_size", "individuals"), "it is called `population` here"}},
    {"generations", {WORDS("gens", "ngen", "n_generations", "rounds", "steps"), "it is called `generations` here"}},
    {"init", {WORDS("units", "neurons", "size", "out_features", "n", "w"), "the width stands first and has no name: `relu(8)`"}},
    {"init", {WORDS("activation", "act"), "a layer is called by its activation: `tanh(8)`"}},
    {"init", {WORDS("dropout", "rate"), "dropout is a stage of its own: `relu(8) -> dropout(20%)`"}},
    {"init", {WORDS("lr", "learning_rate"), "write `lr_scale`, a factor on the optimizer's rate"}},
    {"init",
     {WORDS("gain", "std", "stddev", "sd", "init_std", "init_gain"),
      "write `init_scale`, a factor on the weights that `init` draws"}},
    {"init", {WORDS("use_bias"), "it is called `bias` here"}},
    {"init", {WORDS("kernel_initializer", "initializer", "weights"), "it is called `init` here"}},
    {"init", {WORDS("kernel_regularizer", "weight_decay"), "it is called `l2` here"}},
    {"init", {WORDS("sparsity"), "write `density`, the share of connections that exist"}},
    {"init", {WORDS("input_shape", "input_dim", "in_features", "input"), "the input's width is inferred: leave it out"}},
    {"n", {WORDS("samples", "n_samples", "size", "count", "num", "points", "rows"), "it is called `n` here"}},
    {"target", {WORDS("y", "label", "labels", "target_column", "class", "output"), "it is called `target` here"}},
    {"train", {WORDS("test_size", "test"), "what is given is the share for training, as in `split(80%)`; the rest is for testing"}},
    {"train", {WORDS("train_size"), "write `train`, or the share alone: `split(80%)`"}},
};

static const struct entry members[] = {
    {WORDS("val_loss", "val_accuracy", "val_acc", "valid_loss"), "figures on a part are members of it: `run.validation.loss`"},
    {WORDS("test_loss", "test_accuracy", "test_acc"), "figures on a part are members of it: `run.test.accuracy`"},
    {WORDS("train_loss", "train_accuracy", "train_acc", "training_loss"), "figures on a part are members of it: `run.train.loss`"},
    {WORDS("summary", "describe", "info", "head", "display"), "`show` shows any value"},
    {WORDS("fit", "compile", "forward", "backward"), "a molecule is trained by `train M on data { … }`"},
    {WORDS("evaluate"), "a run knows its figures: `run.accuracy`, `run.test.loss`; `score(run, data)` has those on other data"},
    {WORDS("transform", "fit_transform"), "data goes through functions by `|>`, as in `data |> normalize`"},
    {WORDS("shape"), "data has `rows` and `features`, a molecule `layers`, `depth` and `width`"},
    {WORDS("groupby", "group_by"), "`mean(table, \"accuracy\", by: \"act\")` summarises by groups"},
};

static const char *help_of(const struct entry *entries, size_t count, struct str word)
{
    for (size_t i = 0; i < count; i++)
        for (const char *const *known = entries[i].words; *known; known++)
            if (str_is(word, *known))
                return entries[i].help;
    return NULL;
}

const char *foreign_statement(struct str word)
{
    return help_of(statements, sizeof statements / sizeof *statements, word);
}

const char *foreign_name(struct str word)
{
    return help_of(names, sizeof names / sizeof *names, word);
}

const char *foreign_argument(struct str word, struct str beside)
{
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++)
        if (str_is(beside, arguments[i].beside) && help_of(&arguments[i].entry, 1, word))
            return arguments[i].entry.help;
    return NULL;
}

const char *foreign_member(struct str word)
{
    return help_of(members, sizeof members / sizeof *members, word);
}
