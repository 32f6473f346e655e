/* Tables: rows, cells by name or path, and tables made from others. */
#ifndef NEL_INTERP_TABLE_H
#define NEL_INTERP_TABLE_H

#include "interp/objects.h"

/* A row as a record, all rows as a list of records. */
struct value table_row(struct eval *eval, const struct table_object *table, size_t row);
struct value table_rows(struct eval *eval, struct value table);

/* nel check: a table that only a training fills, with one row of unknowns for all that it may have: of these kinds, or with NULL all
   numbers. */
struct value table_unknown(struct eval *eval, const char *const *names, const enum value_kind *kinds, size_t columns);

/* An empty table with the columns of another. */
struct value table_like(struct eval *eval, const struct table_object *table);

/* A table with columns of these names; names are copied. */
struct value table_named(struct eval *eval, const struct str *names, size_t columns);

/* A table from a list that holds records only; a field that one lacks is none. */
struct value table_of_records(struct eval *eval, const struct list *list);

/* The member that a path such as "test.accuracy" names. A record's field of just this name comes first, then members one after the
   other; a row without such a field is asked for its run's. */
struct value value_path(struct eval *eval, struct value value, struct str path, struct span span);

/* The same for row `row` of a table. */
struct value table_cell(struct eval *eval, const struct table_object *table, size_t row, struct str path, struct span span);

/* Means of a figure over the rows that agree in the columns `by` (at most TABLE_BY of them): a table of those columns, the figure as an
   estimate, and `n`; with `diverged`, how many rows say so, where any do. (builtins_table.c) */
#define TABLE_BY 16
struct value table_mean(struct eval *eval, const struct table_object *table, struct str figure, const struct str *by,
                        size_t by_count, struct span span);

/* The number of the column of this name; -1 with a diagnostic that suggests or lists columns. */
int table_column_named(struct eval *eval, const struct table_object *table, struct str name, struct span span);

#endif
