/* Tables: rows, cells by name or path, and tables made from others. */
#ifndef NEL_INTERP_TABLE_H
#define NEL_INTERP_TABLE_H

#include "interp/objects.h"

/* A row as a record, all rows as a list of records. */
struct value table_row(struct eval *eval, const struct table_object *table, size_t row);
struct value table_rows(struct eval *eval, struct value table);

/* An empty table with the columns of another. */
struct value table_like(struct eval *eval, const struct table_object *table);

/* A table with columns of these names; names are copied. */
struct value table_named(struct eval *eval, const struct str *names, size_t columns);

/* The member that a path such as "test.accuracy" names. A record's field of just this name comes first, then members one after the
   other; a row without such a field is asked for its run's. */
struct value value_path(struct eval *eval, struct value value, struct str path, struct span span);

/* The same for row `row` of a table. */
struct value table_cell(struct eval *eval, const struct table_object *table, size_t row, struct str path, struct span span);

/* The number of the column of this name; -1 with a diagnostic that suggests or lists columns. */
int table_column_named(struct eval *eval, const struct table_object *table, struct str name, struct span span);

#endif
