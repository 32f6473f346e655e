/* See model_recipe.h. */
#include "export/model_recipe.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "export/model_fields.h"
#include "support/limits.h"
#include "support/memory.h"

/* ---- writing ---- */

static void write_names(char *const *names, uint32_t count, struct text *out)
{
    text_add_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            text_add_char(out, ',');
        text_add_json(out, str_of(names[i]));
    }
    text_add_char(out, ']');
}

void recipe_write_inputs(const struct recipe *recipe, struct text *out)
{
    text_add_char(out, '[');
    for (uint32_t i = 0; i < recipe->columns; i++) {
        const struct recipe_step *step = &recipe->steps[i];
        text_add(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        text_add_json(out, str_of(step->name));
        text_addf(out, ",\"kind\":\"%s\"", step->kind == COLUMN_CATEGORY ? "category" : "number");
        if (step->kind == COLUMN_CATEGORY) {
            text_add(out, ",\"categories\":");
            write_names(step->categories, step->width, out);
        }
        text_add(out, ",\"fill\":");
        json_write_number(out, (double)step->fill);
        text_add(out, ",\"mean\":");
        json_write_number(out, (double)step->mean);
        text_add(out, ",\"scale\":");
        json_write_number(out, (double)step->scale);
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static const char *const normalizations[] = {
    [NORMALIZE_NONE] = "none", [NORMALIZE_STANDARD] = "standard", [NORMALIZE_RANGE] = "range", [NORMALIZE_FIXED] = "fixed"};

void recipe_write_target(const struct recipe *recipe, struct text *out)
{
    text_addf(out, "{\"kind\":\"%s\",\"count\":%" PRIu32 ",\"identity\":%s,\"reconstruct\":%s,\"normalize\":\"%s\",\"name\":",
              recipe->target == TARGET_CLASS ? "class"
              : recipe->one_hot              ? "one_hot"
                                             : "value",
              recipe->outputs, recipe->identity ? "true" : "false", recipe->reconstruct ? "true" : "false",
              normalizations[recipe->normalize]);
    if (recipe->target_name)
        text_add_json(out, str_of(recipe->target_name));
    else
        text_add(out, "null");
    if (recipe->class_names) {
        text_add(out, ",\"classes\":");
        write_names(recipe->class_names, recipe->outputs, out);
    }
    if (recipe->target_mean && recipe->target_scale) {
        text_add(out, ",\"mean\":");
        json_write_floats(out, recipe->target_mean, recipe->outputs);
        text_add(out, ",\"scale\":");
        json_write_floats(out, recipe->target_scale, recipe->outputs);
    }
    text_add_char(out, '}');
}

/* ---- reading ---- */

/* What fails is a value that cannot be used, unless memory is exhausted. */
struct reading {
    struct recipe *recipe;
    bool no_memory;
};

/* The text, copied; NULL where it is none. */
static char *copy_text(struct reading *reading, const struct json *json)
{
    const char *text = json_text(json);
    char *copy = text ? mem_copy_text(text, strlen(text)) : NULL;
    reading->no_memory = reading->no_memory || (text && !copy);
    return copy;
}

/* `count` zeroed items. */
static void *room(struct reading *reading, size_t count, size_t size)
{
    void *block = mem_array(count, size);
    reading->no_memory = reading->no_memory || !block;
    return block;
}

/* A list of exactly `count` texts, copied; NULL where it is none. */
static char **copy_names(struct reading *reading, const struct json *list, uint32_t count)
{
    const bool fits = json_is_list(list) && json_count(list) == count && count > 0;
    char **names = fits ? room(reading, count, sizeof *names) : NULL;
    const struct json *item = names ? json_first(list) : NULL;
    for (uint32_t i = 0; names && i < count; i++, item = json_next(item)) {
        names[i] = copy_text(reading, item);
        if (names[i])
            continue;
        while (i-- > 0)
            mem_free(names[i]);
        mem_free(names);
        return NULL;
    }
    return names;
}

static bool read_step(struct reading *reading, const struct json *json, struct recipe_step *step)
{
    const char *kind = json_text(json_member(json, "kind"));
    const struct json *categories = json_member(json, "categories"), *fill = json_member(json, "fill");
    double mean, scale, filled = NAN;
    step->width = 1;
    step->name = copy_text(reading, json_member(json, "name"));
    if (!step->name || !kind || !json_number(json_member(json, "mean"), &mean) ||
        !json_number(json_member(json, "scale"), &scale) || !fill || (!json_is_null(fill) && !json_number(fill, &filled)))
        return false;
    step->mean = (float)mean;
    step->scale = (float)scale;
    step->fill = (float)filled;
    if (strcmp(kind, "number") == 0)
        return isfinite(step->mean) && isfinite(step->scale) && !isinf(step->fill);
    if (strcmp(kind, "category") != 0 || json_count(categories) > LIMIT_CLASSES)
        return false;
    step->kind = COLUMN_CATEGORY;
    step->categories = copy_names(reading, categories, json_count(categories));
    step->width = step->categories ? json_count(categories) : 0;
    return step->categories;
}

static bool read_inputs(struct reading *reading, const struct json *inputs)
{
    struct recipe *recipe = reading->recipe;
    const uint32_t columns = json_is_list(inputs) ? json_count(inputs) : 0;
    if (columns == 0 || columns > LIMIT_COLUMNS)
        return false;
    recipe->steps = room(reading, columns, sizeof *recipe->steps);
    if (!recipe->steps)
        return false;
    recipe->columns = columns;
    const struct json *item = json_first(inputs);
    for (uint32_t i = 0; i < columns; i++, item = json_next(item)) {
        if (!read_step(reading, item, &recipe->steps[i]))
            return false;
        recipe->width += recipe->steps[i].width;
        if (recipe->width > LIMIT_WIDTH)
            return false;
    }
    return true;
}

static bool read_scales(struct reading *reading, const struct json *json)
{
    struct recipe *recipe = reading->recipe;
    const struct json *mean = json_member(json, "mean"), *scale = json_member(json, "scale");
    if (!mean && !scale)
        return true;
    recipe->target_mean = room(reading, recipe->outputs, sizeof *recipe->target_mean);
    recipe->target_scale = room(reading, recipe->outputs, sizeof *recipe->target_scale);
    return recipe->target_mean && recipe->target_scale && json_floats(mean, recipe->target_mean, recipe->outputs) &&
           json_floats(scale, recipe->target_scale, recipe->outputs);
}

static bool read_kind(const struct json *json, struct recipe *recipe)
{
    const char *kind = json_text(json_member(json, "kind"));
    if (!kind)
        return false;
    recipe->one_hot = strcmp(kind, "one_hot") == 0;
    recipe->target = strcmp(kind, "class") == 0                      ? TARGET_CLASS
                     : recipe->one_hot || strcmp(kind, "value") == 0 ? TARGET_VALUE
                                                                     : TARGET_NONE;
    return recipe->target != TARGET_NONE;
}

/* What `normalize` did is in the figures of the columns; its name tells whether other data was treated alike. Files of before it was kept
   have none. */
static void read_normalization(const struct json *json, struct recipe *recipe)
{
    const char *name = json_text(json_member(json, "normalize"));
    for (size_t i = 0; name && i < sizeof normalizations / sizeof *normalizations; i++)
        if (strcmp(name, normalizations[i]) == 0)
            recipe->normalize = (enum normalize_kind)i;
}

static bool read_target(struct reading *reading, const struct json *json)
{
    struct recipe *recipe = reading->recipe;
    const struct json *name = json_member(json, "name"), *classes = json_member(json, "classes");
    uint64_t count;
    if (!read_kind(json, recipe) || !json_whole(json_member(json, "count"), &count) || count == 0 || count > LIMIT_WIDTH ||
        !json_bool(json_member(json, "identity"), &recipe->identity) || (recipe->identity && recipe->width != recipe->columns) ||
        !json_bool(json_member(json, "reconstruct"), &recipe->reconstruct) || !name)
        return false;
    read_normalization(json, recipe);
    recipe->outputs = (uint32_t)count;
    recipe->target_name = copy_text(reading, name);
    recipe->class_names = classes ? copy_names(reading, classes, recipe->outputs) : NULL;
    return (recipe->target_name || json_is_null(name)) && (recipe->class_names || !classes) && read_scales(reading, json);
}

struct recipe *recipe_read(const struct json *inputs, const struct json *target, const char **wrong)
{
    struct reading reading = {.recipe = mem_alloc(sizeof *reading.recipe)};
    *wrong = NULL;
    if (!reading.recipe)
        return NULL;
    reading.recipe->references = 1;
    const bool reads = read_inputs(&reading, inputs);
    if (reads && read_target(&reading, target))
        return reading.recipe;
    if (!reading.no_memory)
        *wrong = reads ? "target" : "inputs";
    recipe_release(reading.recipe);
    return NULL;
}
