/* Typed unknowns: what `nel check` knows of values that only a training tells.

   `nel check` evaluates a script as a run does, but trains nothing. What a training would tell is then an unknown, and an unknown
   still has its kind, so that whatever is done with it is checked:

   - a leaf whose content is not known is VALUE_UNKNOWN with the kind it has (`of`): a number, a text, a molecule …; of the kind
     VALUE_UNKNOWN where not even that is known, and everything is accepted;
   - a run, the trials of one, a grown network and an evolution are the same objects as in a run, without what a training leaves in
     them: their members are the same, their figures unknown numbers;
   - a list or a table whose length is not known is `open`: it has one item (row), the join of all that it may have;
   - everything else is known, and computed as in a run.

   Where the way of the evaluation hangs on an unknown (`if run.accuracy > 0.9`, `for` over an open list), every way is taken, and
   eval->uncertain counts how many such places evaluation is inside of. There, an assignment joins the new value with the old one,
   and an assertion proves nothing. */
#ifndef NEL_INTERP_UNKNOWN_H
#define NEL_INTERP_UNKNOWN_H

#include "interp/eval.h"

/* Whether all of the value is known, down to the last item. */
bool value_known(struct value value);

/* Whether it is an unknown that may be a number, or an estimate, which stands for its mean. */
bool unknown_number(struct value value);

/* What is either of both: itself where they are equal, else an unknown of the kind that they share. */
struct value value_join(struct eval *eval, struct value a, struct value b);

/* A value like this one, but of another content: an unknown number for a number. */
struct value value_like(struct eval *eval, struct value value);

/* The join of all items, of all rows (as a record) or of one column's cells; anything where there are none. */
struct value list_item_join(struct eval *eval, const struct list *list);
struct value table_row_join(struct eval *eval, const struct table_object *table);
struct value table_cell_join(struct eval *eval, const struct table_object *table, size_t column);

/* A list of unknown length whose items are like this one; the same of what a list holds. */
struct value list_of_unknown(struct eval *eval, struct value item);
struct value list_open(struct eval *eval, const struct list *list);

/* A table of unknown length with rows like those of `table`. */
struct value table_open(struct eval *eval, const struct table_object *table);

/* A list or a table as it is or, where some of `value` is not known, open. */
struct value opened_with(struct eval *eval, struct value whole, struct value value);

/* Whether the built-in with this signature works on arguments that are not all known, too, such as an open list. Of the others `nel
   check` tells the kind of the result, as their signatures have it, and does not call them then. */
bool unknowns_carried(const char *signature);

#endif
