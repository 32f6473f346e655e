/* See json.h. `struct json` is the parser's own node. */
#include "export/json.h"

#include <cJSON.h>
#include <math.h>
#include <string.h>

#include "support/limits.h"

static const cJSON *node_of(const struct json *json)
{
    return (const cJSON *)json;
}

static const struct json *json_of(const cJSON *node)
{
    return (const struct json *)node;
}

/* ---- what may be parsed ---- */

/* One pass over the text: its strings are UTF-8 without control characters and without an escaped NUL, its brackets are not nested too
   deep, and its values are not too many. Whether it is JSON at all is the parser's business. */
struct admission {
    size_t depth, values;
    bool inside; /* a string */
};

static const char *admit_inside(struct admission *admission, struct str text, size_t *at)
{
    const char c = text.at[*at];
    const size_t length = utf8_length(text.at + *at, text.len - *at);
    if (length == 0)
        return "it is not UTF-8";
    if ((unsigned char)c < 0x20)
        return "it has a control character in a text";
    if (c == '\\') {
        if (text.len - *at >= 6 && memcmp(text.at + *at, "\\u0000", 6) == 0)
            return "it has a NUL in a text";
        *at += 2;
        return NULL;
    }
    if (c == '"')
        admission->inside = false;
    *at += length;
    return NULL;
}

static const char *admit_outside(struct admission *admission, char c)
{
    if ((unsigned char)c >= 0x80 || c == 0)
        return "it is not JSON";
    if (c == '"')
        admission->inside = true;
    if (c == '[' || c == '{')
        admission->depth++;
    if ((c == ']' || c == '}') && admission->depth > 0)
        admission->depth--;
    if (c == ',' || c == '[' || c == '{')
        admission->values++;
    if (admission->depth > LIMIT_JSON_DEPTH)
        return "it is nested too deep";
    if (admission->values > LIMIT_JSON_VALUES)
        return "it holds too many values";
    return NULL;
}

static const char *admit(struct str text)
{
    struct admission admission = {0};
    for (size_t at = 0; at < text.len;) {
        const char *why = admission.inside ? admit_inside(&admission, text, &at) : admit_outside(&admission, text.at[at++]);
        if (why)
            return why;
    }
    return NULL;
}

struct json *json_read(struct str text, const char **why)
{
    *why = admit(text);
    if (*why)
        return NULL;
    const char *end = NULL;
    cJSON *node = text.len > 0 ? cJSON_ParseWithLengthOpts(text.at, text.len, &end, false) : NULL;
    while (node && end < text.at + text.len && (*end == ' ' || *end == '\n' || *end == '\t' || *end == '\r'))
        end++;
    if (node && end == text.at + text.len)
        return (struct json *)node;
    cJSON_Delete(node);
    *why = "it is not JSON";
    return NULL;
}

void json_release(struct json *json)
{
    cJSON_Delete((cJSON *)json);
}

/* ---- looking in ---- */

bool json_is_object(const struct json *json)
{
    return cJSON_IsObject(node_of(json));
}

bool json_is_list(const struct json *json)
{
    return cJSON_IsArray(node_of(json));
}

bool json_is_null(const struct json *json)
{
    return cJSON_IsNull(node_of(json));
}

const struct json *json_member(const struct json *json, const char *name)
{
    return json_is_object(json) ? json_of(cJSON_GetObjectItemCaseSensitive(node_of(json), name)) : NULL;
}

const struct json *json_first(const struct json *json)
{
    return json ? json_of(node_of(json)->child) : NULL;
}

const struct json *json_next(const struct json *json)
{
    return json_of(node_of(json)->next);
}

uint32_t json_count(const struct json *json)
{
    return json_is_object(json) || json_is_list(json) ? (uint32_t)cJSON_GetArraySize(node_of(json)) : 0;
}

const char *json_name(const struct json *json)
{
    return node_of(json)->string;
}

const char *json_text(const struct json *json)
{
    return cJSON_IsString(node_of(json)) ? node_of(json)->valuestring : NULL;
}

bool json_number(const struct json *json, double *number)
{
    if (!cJSON_IsNumber(node_of(json)) || !isfinite(node_of(json)->valuedouble))
        return false;
    *number = node_of(json)->valuedouble;
    return true;
}

bool json_whole(const struct json *json, uint64_t *whole)
{
    double number;
    if (!json_number(json, &number) || number < 0 || number > 9007199254740992.0 || number != floor(number))
        return false;
    *whole = (uint64_t)number;
    return true;
}

bool json_bool(const struct json *json, bool *value)
{
    if (!cJSON_IsBool(node_of(json)))
        return false;
    *value = cJSON_IsTrue(node_of(json));
    return true;
}
