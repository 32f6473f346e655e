/* Which neurons compute the same. Every value in a network gets a number, and equal numbers are equal functions of the network's input:
   the value numbering of compilers (Alpern, Wegman and Zadeck 1988), one number a neuron. Two networks numbered by one numbering can be
   compared: that is how a rewrite is known to keep the function (carry.h).

   A sum of weighted inputs is a number of its own. What elements make of it is told apart by what they compute and not by their names:
   an element is sampled at fixed points, one element of another's result is a function again, and functions that agree at all points
   are one. So a ReLU of a ReLU has the number of the ReLU, a linear element that of its argument, and two leaky ReLUs in a row that of
   the leaky ReLU that they make together. */
#ifndef NEL_ENGINE_NUMBERING_H
#define NEL_ENGINE_NUMBERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "molecule/element.h"

/* The number of what is 0 for every input. */
#define NUMBER_ZERO 0U

struct numbering;

struct numbering *numbering_new(void); /* NULL where memory is exhausted */
void numbering_release(struct numbering *numbering);

/* Numbers given out so far: each is smaller. */
uint32_t numbering_count(const struct numbering *numbering);
/* Whether memory was exhausted; then the numbers given since mean nothing. */
bool numbering_failed(const struct numbering *numbering);

/* A number that no other value has; `count` of them in a row, the first of which is returned. */
uint32_t number_fresh(struct numbering *numbering, uint32_t count);
/* Of `element`, its parameters at `params`, of the value `argument`. */
uint32_t number_element(struct numbering *numbering, const struct element *element, const double *params, uint32_t argument);
/* Of the sum (the product) of `count` values; their order does not count, and it is lost. */
uint32_t number_sum(struct numbering *numbering, uint32_t *values, uint32_t count);
uint32_t number_product(struct numbering *numbering, uint32_t *values, uint32_t count);

/* Whether the element with these parameters gives back its argument, whatever it is. */
bool element_is_identity(const struct element *element, const double *params);

#endif
