/* Places inside what a value was written as, for messages: a built-in knows the span of its argument, and where that is a list or a
   record written out, these find the span of an item or a field in it. The tree is searched, so only errors may ask. */
#ifndef NEL_INTERP_PLACE_H
#define NEL_INTERP_PLACE_H

#include "interp/eval.h"

/* Of item `index` of the list at `whole`; `whole` itself where no list stands there. */
struct span span_of_item(struct eval *eval, struct span whole, size_t index);

/* Of the value of field `key` of the record at `whole`, and of its key; `whole` itself where none stands there. */
struct span span_of_field(struct eval *eval, struct span whole, struct str key);
struct span span_of_field_key(struct eval *eval, struct span whole, struct str key);

#endif
