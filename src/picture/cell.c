/* Text in a given number of display columns. */
#include "picture/cell.h"

/* One character of a cell as it is shown: its bytes, its columns, its length in the cell. */
struct shown {
    struct str bytes;
    size_t columns, taken;
};

/* Bytes that are not UTF-8 and control characters (which would move the cursor or worse) become a blank. */
static struct shown next_shown(struct str cell, size_t at)
{
    size_t length = utf8_length(cell.at + at, cell.len - at);
    unsigned char first = (unsigned char)cell.at[at];
    bool control = first < 0x20 || first == 0x7f || (length == 2 && first == 0xc2 && (unsigned char)cell.at[at + 1] < 0xa0);
    if (length == 0 || control)
        return (struct shown){STR(" "), 1, length == 0 ? 1 : length};
    struct str bytes = {cell.at + at, length};
    return (struct shown){bytes, text_columns(bytes), length};
}

size_t cell_columns(struct str cell)
{
    size_t columns = 0;
    for (size_t at = 0; at < cell.len;) {
        struct shown shown = next_shown(cell, at);
        columns += shown.columns;
        at += shown.taken;
    }
    return columns;
}

void cell_add(struct text *out, struct str cell, size_t width, enum cell_side side, bool unicode)
{
    size_t columns = cell_columns(cell);
    bool cut = columns > width;
    size_t room = cut ? width - 1 : width;
    if (side == CELL_RIGHT && !cut)
        text_add_repeat(out, " ", width - columns);
    size_t used = 0;
    for (size_t at = 0; at < cell.len;) {
        struct shown shown = next_shown(cell, at);
        if (used + shown.columns > room)
            break;
        text_add_str(out, shown.bytes);
        used += shown.columns;
        at += shown.taken;
    }
    if (cut) {
        text_add(out, unicode ? "…" : "~");
        used++;
    }
    if (side == CELL_LEFT || (side == CELL_RIGHT && cut))
        text_add_repeat(out, " ", width - used);
}
