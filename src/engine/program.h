/* Register programs: a formula compiled for blocks of samples. Every node of the formula becomes one step that reads and writes
   registers of BLOCK floats, run one after the other over a block that stays in the first-level cache; equal nodes are computed
   once, since the formula shares them. Numbers and parameters are registers that are filled once a call. */
#ifndef NEL_ENGINE_PROGRAM_H
#define NEL_ENGINE_PROGRAM_H

#include "molecule/formula.h"

struct program;

/* A program that gives `results` (at most 8) of `formula`. Its rows are x and the first `row_params` (0 or 1) parameters, which vary from
   sample to sample as x does: the target of a loss. NULL where memory is exhausted. */
struct program *program_compile(const struct formula *formula, const formula_id *results, unsigned result_count,
                                unsigned row_params);
void program_release(struct program *program);

/* Floats of scratch memory that program_run needs. */
size_t program_scratch(const struct program *program);
unsigned program_steps(const struct program *program);

/* Results for rows[0] = x [n] and rows[1 …] = the parameters that vary; n whole lanes; a result may be written over a row. `params`
   holds the others, each at its index. */
void program_run(const struct program *program, const float *params, const float *const *rows, float *const *results, size_t n,
                 float *scratch);

#endif
