/* The life of a recipe: it copies what it needs to know of its table (names, categories, classes), so that it can be kept with a
   model when the data is gone. */
#include "data/recipe.h"

#include <math.h>
#include <string.h>

#include "data/names.h"
#include "data/recipe_parts.h"
#include "support/references.h"
#include "support/memory.h"

static bool step_start(struct recipe_step *step, const struct column *column)
{
    step->kind = column->kind;
    step->width = 1;
    step->fill = NAN;
    step->scale = 1;
    step->name = mem_copy_text(column->name, strlen(column->name));
    if (column->kind == COLUMN_CATEGORY) {
        step->categories = names_copy(column->categories, column->category_count);
        if (!step->categories)
            return false;
        step->width = column->category_count;
    }
    return step->name != NULL;
}

struct recipe *recipe_start(const struct table *table)
{
    struct recipe *recipe = mem_alloc(sizeof *recipe);
    if (!recipe)
        return NULL;
    recipe->references = 1;
    recipe->columns = table->columns;
    recipe->target = table->target;
    recipe->outputs = table->outputs;
    recipe->steps = mem_array(table->columns, sizeof *recipe->steps);
    bool whole = recipe->steps != NULL;
    for (uint32_t i = 0; whole && i < table->columns; i++) {
        whole = step_start(&recipe->steps[i], &table->column[i]);
        recipe->width += recipe->steps[i].width;
    }
    if (whole && table->class_names) {
        recipe->class_names = names_copy(table->class_names, table->outputs);
        whole = recipe->class_names != NULL;
    }
    if (whole && table->target_name) {
        recipe->target_name = mem_copy_text(table->target_name, strlen(table->target_name));
        whole = recipe->target_name != NULL;
    }
    if (!whole) {
        recipe_release(recipe);
        return NULL;
    }
    return recipe;
}

struct recipe *recipe_as_it_is(const struct table *table)
{
    struct recipe *recipe = recipe_start(table);
    if (recipe)
        recipe->identity = recipe->width == recipe->columns;
    return recipe;
}

struct recipe *recipe_plain(uint32_t inputs, uint32_t outputs)
{
    struct table *table = table_new(1, inputs, TARGET_VALUE, outputs);
    struct recipe *recipe = table ? recipe_as_it_is(table) : NULL;
    table_release(table);
    return recipe;
}

struct recipe *recipe_retain(struct recipe *recipe)
{
    if (recipe)
        references_add(&recipe->references);
    return recipe;
}

void recipe_release(struct recipe *recipe)
{
    if (!recipe || !references_drop(&recipe->references))
        return;
    for (uint32_t i = 0; recipe->steps && i < recipe->columns; i++) {
        mem_free(recipe->steps[i].name);
        names_free(recipe->steps[i].categories, recipe->steps[i].width);
    }
    mem_free(recipe->steps);
    mem_free(recipe->target_mean);
    mem_free(recipe->target_scale);
    names_free(recipe->class_names, recipe->outputs);
    mem_free(recipe->target_name);
    mem_free(recipe);
}
