/* Colours of pictures: ANSI codes of the 256-colour table, which every current terminal knows. */
#ifndef NEL_PICTURE_INK_H
#define NEL_PICTURE_INK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/text.h"

/* A colour's number, or the terminal's own. */
typedef int16_t ink;
#define INK_PLAIN (-1)
#define INK_DIM   244 /* axes, rules, what is not the message */

/* Starts and ends a stretch of coloured text; both write nothing where `colour` is false. */
void ink_start(struct text *out, bool colour, ink foreground, ink background, bool bold);
void ink_end(struct text *out, bool colour);

/* Colours by number, round and round: for lines on the terminal's background; for areas; for marks upon those areas. Neighbours
   differ in lightness too (after Okabe and Ito's palette), so that readers who see few hues tell them apart. */
ink ink_line(size_t number);
ink ink_area(size_t number);
ink ink_mark(size_t number);

/* A ramp from low (0) to high (1), dark to light (viridis), and what is readable upon it. */
ink ink_ramp(double share);
ink ink_on_ramp(double share);

#endif
