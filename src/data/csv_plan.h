/* What a CSV's columns are for and what they hold, found out before any value is kept. Private to csv*.c. */
#ifndef NEL_DATA_CSV_PLAN_H
#define NEL_DATA_CSV_PLAN_H

#include "data/csv_rows.h"
#include "data/names.h"
#include "data/readers.h"

enum csv_role { CSV_FEATURE, CSV_TARGET, CSV_DROPPED };

struct csv_column {
    enum csv_role role;
    bool coded;              /* its cells are names, turned into codes */
    uint32_t numbers, texts; /* cells of each kind; the rest is missing */
};

/* A CSV being read: first its header and a survey of every row, then the values. */
struct csv {
    const char *name; /* for messages */
    const struct csv_options *options;
    struct span span;
    struct diags *diags;
    struct csv_rows rows;
    size_t body; /* where the rows behind the header begin */
    uint32_t body_line;
    struct name_set header;
    struct csv_column *columns; /* [header.count] */
    uint32_t target;            /* column, NAMES_NONE: none */
    uint32_t features;
    uint32_t kept; /* rows that become rows of the table */
    enum target_kind target_kind;
};

/* Starts on `bytes`, reads header and options, and surveys all rows. False with a diagnostic. */
bool csv_plan(struct csv *csv, struct str bytes);
void csv_release(struct csv *csv);

/* Goes to the first row behind the header. */
void csv_rewind(struct csv *csv);
/* The next row, checked to have as many cells as the header; *found is CSV_ROW or CSV_END. False with a diagnostic. */
bool csv_next(struct csv *csv, enum csv_found *found);
/* Whether the row just read becomes one of the table: with `missing: drop`, only where no cell that counts is missing. */
bool csv_row_kept(const struct csv *csv);

/* Errors at a cell of the row just read, "iris.csv:12: column `sepal_width`: …", and at a line. Both return the diagnostic for a help line. */
struct diag *csv_cell_error(struct csv *csv, uint32_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct diag *csv_line_error(struct csv *csv, uint32_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
