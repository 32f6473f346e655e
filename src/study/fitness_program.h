/* A fitness that is arithmetic over figures of a run, as a program over numbers: what the interpreter does in microseconds it does in some
   nanoseconds, and it needs no run, whose making costs more than to judge a network of a few neurons.

   It knows functions of one expression, with `let` before it, of loss and accuracy on training and validation part, params and flops, numbers
   and functions from around it, arithmetic, comparison, `if`, and the built-ins that make a number of numbers. What it gives is what the
   interpreter gives, to the last bit: where anything is not an ordinary number, or undefined, it gives up, and the interpreter is asked. */
#ifndef NEL_STUDY_FITNESS_PROGRAM_H
#define NEL_STUDY_FITNESS_PROGRAM_H

#include "interp/objects.h"
#include "lab/evolve.h"

struct fitness_program;

/* Compiles a function of a run, or (`function` NULL) the member `name` of one, for data of this kind, of which there is no test part. NULL
   where it is not of that kind, or memory is exhausted: then the interpreter does it. No diagnostics. */
struct fitness_program *fitness_program_make(const struct function *function, struct str name, const struct prepared *data);
void fitness_program_release(struct fitness_program *program); /* NULL is fine */

/* Which figures it reads: enum subject_figures. */
unsigned fitness_program_figures(const struct fitness_program *program);

/* Runs it; false where the interpreter must be asked. */
bool fitness_program_run(const struct fitness_program *program, const struct subject *subject, double *result);

#endif
