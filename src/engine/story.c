/* See story.h. */
#include "engine/story.h"

#include "support/memory.h"

void story_row_release(struct story_row *row)
{
    mem_free(row->measured);
    mem_free(row->what);
    mem_free(row->why);
}

void story_release(struct story_row *story, size_t rounds)
{
    for (size_t i = 0; i < rounds; i++)
        story_row_release(&story[i]);
    mem_free(story);
}
