/* Numbers without repetition, drawn where there may be far more to draw from than are drawn. */
#ifndef NEL_ENGINE_DRAW_H
#define NEL_ENGINE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/random.h"

/* `count` of 0..universe-1, each with the same chance and at most once, ascending; `count` is at most `universe`. False where memory is
   exhausted. */
bool draw_ranks(uint64_t *ranks, size_t count, uint64_t universe, struct random *random);

#endif
