/* See story.h. */
#include "engine/story.h"

#include <string.h>

#include "support/memory.h"

const char *story_reason(const struct story_row *row)
{
    const char *at = row->outcome == STORY_REFUSED && row->what ? strstr(row->what, STORY_REASON) : NULL;
    return at ? at + strlen(STORY_REASON) : NULL;
}

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
