/* Every bound in one place, each with its reason. Reaching one is a clear error, never a crash, and a test reaches each. */
#ifndef NEL_SUPPORT_LIMITS_H
#define NEL_SUPPORT_LIMITS_H

/* Source text: spans are 32-bit byte offsets; a generated script of 100 MB still reads. */
#define LIMIT_SOURCE_BYTES (256u << 20)
/* AST memory per parse: a node is some 64 bytes and a byte of source makes at most about one. */
#define LIMIT_AST_BYTES ((size_t)8 << 30)
/* Nesting of brackets and operators in source: each level costs stack in the evaluator. */
#define LIMIT_NESTING 1000
/* Files that use each other in a row: each level costs stack, and nobody finds the way back out of more. */
#define LIMIT_MODULE_DEPTH 100
/* Depth of calls in a script: each takes some kilobytes of stack, and most that go so deep never end. */
#define LIMIT_CALLS 1000
/* Diagnostics kept in one run: past these nobody reads on. */
#define LIMIT_DIAGS 100
/* Bytes of one message, label or help: a screenful. */
#define LIMIT_MESSAGE_BYTES 2000
/* Items of a list, a range or a comprehension: 10 million numbers are 160 MB. */
#define LIMIT_LIST_ITEMS 10000000
/* Bytes of one string value. */
#define LIMIT_STRING_BYTES (64u << 20)
/* Genes in one molecule, repeats unrolled: far past any network a CPU trains. */
#define LIMIT_GENES 100000
/* Indices of all gathers and scatters of one molecule, repeats unrolled: 16 MB. */
#define LIMIT_GENE_INDICES 4000000
/* Runs of neighbouring neurons by which a rewrite tells who is where now: 48 MB. Beyond, gathers and scatters keep their numbers. */
#define LIMIT_WIRE_RUNS 4000000
/* Nesting of one molecule: the algorithms on it recurse. */
#define LIMIT_MOLECULE_DEPTH 200
/* Width of a layer. */
#define LIMIT_WIDTH 1000000
/* Trainable parameters of one network: at 16 bytes each while training with adam, 8 GiB. */
#define LIMIT_PARAMETERS 500000000.0
/* Activations of one training: 64 samples of a network with eight million neurons. */
#define LIMIT_ARENA_BYTES ((size_t)8 << 30)
/* Parameters that an element can have. */
#define LIMIT_ELEMENT_PARAMETERS 4
/* Parameters that a loss can have, beside the target. */
#define LIMIT_LOSS_PARAMETERS 4
/* Nodes of one formula, derivative included. */
#define LIMIT_FORMULA_NODES 2000
/* Bytes of one printed formula: shared parts are written out at each use, which can double with every `let`. */
#define LIMIT_FORMULA_TEXT 4000
/* Bytes of a data file, unpacked: CIFAR-10's whole training set is 150 MB. */
#define LIMIT_DATA_BYTES ((size_t)2 << 30)
/* Values (rows x columns) of one data set: 1 GiB as floats. */
#define LIMIT_DATA_VALUES ((size_t)1 << 28)
/* Columns of a CSV and categories of one column, before one-hot. */
#define LIMIT_COLUMNS 100000
#define LIMIT_CLASSES 10000
/* Classes whose confusion matrix is kept: 65,536 cells are more than a person reads, and fewer than a run costs. */
#define LIMIT_CONFUSION_CLASSES 256
/* Rows of a toy data set: what a toy teaches shows at a thousandth of it. */
#define LIMIT_TOY_ROWS 10000000
/* Bits of `parity`: 65536 rows. */
#define LIMIT_PARITY_BITS 16
/* Standard deviation of noise: past it the signal is far below what a float resolves. */
#define LIMIT_NOISE 1e6
/* Weight of a class in the loss: past it the others drown in rounding. */
#define LIMIT_CLASS_WEIGHT 1e6
/* Classes that a numeric target may have to be taken for labels unasked. */
#define LIMIT_GUESSED_CLASSES 20
/* Epochs, trials, generations, population, folds: larger wishes are surely slips of the keyboard. */
#define LIMIT_EPOCHS     100000000
#define LIMIT_TRIALS     100000
#define LIMIT_POPULATION 100000
/* Parents and children whom NSGA-II compares in pairs. */
#define LIMIT_FRONT_POPULATION 10000
/* Snapshots of one training, and what they may take together: far more than anybody looks at. */
#define LIMIT_SNAPSHOTS      1000
#define LIMIT_SNAPSHOT_BYTES ((size_t)4 << 30)
/* Header of a model's file: the format's own bound. Values in it: each takes 64 bytes and more once it is parsed. Their nesting: a
   header needs four levels, and the parser recurses. */
#define LIMIT_TENSOR_HEADER_BYTES ((size_t)100000000)
#define LIMIT_JSON_VALUES         ((size_t)4000000)
#define LIMIT_JSON_DEPTH          16
/* Bytes of a model's file, so that none is written which is not read: parameters, best and last, with two moments each (8 GB); as much
   as snapshots and the history of LIMIT_EPOCHS may take (4 GB each); the header. */
#define LIMIT_MODEL_BYTES ((size_t)17 << 30)
/* Cells of one sweep: each keeps its axes and its run, so a million are gigabytes. */
#define LIMIT_SWEEP_CELLS 1000000
/* Stack of a worker thread: a sweep's body is evaluated on it. */
#define LIMIT_THREAD_STACK ((size_t)64 << 20)
/* Stack below which a thread evaluates nothing: half of it is kept for the libraries that evaluation calls. */
#define LIMIT_LEAST_STACK ((size_t)192 << 10)
/* Threads of one process. */
#define LIMIT_THREADS 1024
/* Threads of one training: with more, the pieces of its layers would be too small. */
#define LIMIT_CREW 16
/* Characters across and down a picture: more than any terminal shows, few enough to draw at once. */
#define LIMIT_PICTURE_COLUMNS 1000
#define LIMIT_PICTURE_ROWS    400
/* Rounds of one growth: each keeps a row of its story; a policy whose stop never comes true ends here. */
#define LIMIT_GROWTH_ROUNDS 100000
/* What an evolution remembers of the dead, rows of the lineage at what a script takes for one: four million, or fewer with many forms. Past
   it those without descendants are forgotten. */
#define LIMIT_LINEAGE_BYTES ((size_t)512 << 20)
/* Fields of one record: they are searched in a row. */
#define LIMIT_RECORD_FIELDS 10000

#endif
