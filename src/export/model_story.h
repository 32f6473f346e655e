/* The note "story" of a file: the rounds of a growth (engine/story.h), a list with an object each, its figures under the names of the
   table that `run.story` is, `outcome` "", "kept", "refused" or "undone". Private to model_*.c. */
#ifndef NEL_EXPORT_MODEL_STORY_H
#define NEL_EXPORT_MODEL_STORY_H

#include "engine/story.h"
#include "export/json.h"

void story_write(const struct story_row *story, size_t rounds, struct text *out);

/* The rounds, to be released, in *story and *rounds. False where it is no story, or (*memory is false then) memory is exhausted. */
bool story_read(const struct json *json, struct story_row **story, size_t *rounds, bool *memory);

#endif
