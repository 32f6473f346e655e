/* JSON, read: a bounded and checked view of what the parser gives. A text is admitted before it is parsed, so that no text can nest
   too deep, hold more values than it should, or hide a NUL in a name. Writing needs no library: text_add_json and number_write. */
#ifndef NEL_EXPORT_JSON_H
#define NEL_EXPORT_JSON_H

#include <stdint.h>

#include "support/text.h"

struct json; /* a value, part of a parsed text */

/* Parses a whole text (blanks may follow); NULL with the reason in `why` (static text). Release it with json_release. */
struct json *json_read(struct str text, const char **why);
void json_release(struct json *json);

bool json_is_object(const struct json *json);
/* The member of that name; NULL where there is none, or `json` is NULL or no object. Names are told apart by case. */
const struct json *json_member(const struct json *json, const char *name);
/* The first item of a list or member of an object, NULL: none; and the one behind it. */
const struct json *json_first(const struct json *json);
const struct json *json_next(const struct json *json);
uint32_t json_count(const struct json *json); /* 0 where it is neither list nor object */
bool json_is_list(const struct json *json);
const char *json_name(const struct json *json); /* of a member */

/* What the value is; NULL and false where it is of another kind, or `json` is NULL. Whole numbers are exact up to 2^53. */
const char *json_text(const struct json *json);
bool json_number(const struct json *json, double *number);
bool json_whole(const struct json *json, uint64_t *whole);
bool json_bool(const struct json *json, bool *value);
bool json_is_null(const struct json *json);

#endif
