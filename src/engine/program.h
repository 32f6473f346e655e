/* Register programs: a formula compiled for blocks of samples. Every node of the formula becomes one step that reads and writes
   registers of BLOCK floats, run one after the other over a block that stays in the first-level cache; equal nodes are computed
   once, since the formula shares them. Numbers and parameters are registers that are filled once a call. */
#ifndef NEL_ENGINE_PROGRAM_H
#define NEL_ENGINE_PROGRAM_H

#include "molecule/formula.h"

struct program;

/* A program that gives `results` (at most 8) of `formula`. NULL where memory is exhausted. */
struct program *program_compile(const struct formula *formula, const formula_id *results, unsigned result_count);
void program_release(struct program *program);

/* Floats of scratch memory that program_run needs. */
size_t program_scratch(const struct program *program);
unsigned program_steps(const struct program *program);

/* Results at x[0..n), n whole lanes; a result may be written over x. */
void program_run(const struct program *program, const float *params, const float *x, float *const *results, size_t n,
                 float *scratch);

#endif
