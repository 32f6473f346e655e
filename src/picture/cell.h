/* One text in a given number of display columns: cells of tables, labels of maps. Whatever the text holds, it stays on its line:
   control characters (which would move the cursor or worse) and bytes that are not UTF-8 are shown as blanks. */
#ifndef NEL_PICTURE_CELL_H
#define NEL_PICTURE_CELL_H

#include "support/text.h"

enum cell_side {
    CELL_LEFT, /* filled up with blanks behind */
    CELL_RIGHT,
    CELL_OPEN /* not filled up: the last one of a line */
};

size_t cell_columns(struct str cell);

/* Appends `cell`, cut with an ellipsis where it is wider than `width`, which is at least 1 then. */
void cell_add(struct text *out, struct str cell, size_t width, enum cell_side side, bool unicode);

#endif
