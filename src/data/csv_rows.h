/* CSV as text: rows of cells, without a thought for what they mean. RFC 4180: commas; cells in quotes may hold commas, line ends
   and doubled quotes. Beyond it: LF, CRLF and CR end a line, a byte-order mark and blank lines are skipped, blanks around a cell
   that is not in quotes do not count. Private to csv*.c. */
#ifndef NEL_DATA_CSV_ROWS_H
#define NEL_DATA_CSV_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/text.h"

struct csv_cell {
    struct str text; /* borrowed from the file or from csv_rows.unquoted: valid until the next row */
    uint32_t line;
};

struct csv_rows {
    struct str bytes;
    size_t at;
    uint32_t line;          /* of `at`, from 1 */
    struct csv_cell *cells; /* [count], of the row read last */
    size_t count, cap;
    struct text unquoted; /* texts that differ from the file's bytes, of this row */
    const char *error;    /* CSV_BROKEN: what is wrong, in cell `count` + 1 on `line` */
};

enum csv_found { CSV_ROW, CSV_END, CSV_BROKEN, CSV_NO_MEMORY };

void csv_rows_start(struct csv_rows *rows, struct str bytes);
enum csv_found csv_rows_next(struct csv_rows *rows);
void csv_rows_release(struct csv_rows *rows);

#endif
