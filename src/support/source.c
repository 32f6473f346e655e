/* The registry of source texts: copies the text, notes where its lines begin, and answers where an offset lies. */
#include "support/source.h"

#include <string.h>

#include "support/limits.h"
#include "support/memory.h"
#include "support/vec.h"

struct span span_join(struct span a, struct span b)
{
    if (a.source == 0)
        return b;
    if (b.source != a.source)
        return a;
    return (struct span){a.source, a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end};
}

static void source_free(struct source *source)
{
    if (source != NULL) {
        mem_free(source->name);
        mem_free(source->text);
        mem_free(source->line_start);
        mem_free(source);
    }
}

/* Fills the table of line beginnings; the text after the last newline is a line too, also where it is empty. */
static bool source_find_lines(struct source *source)
{
    VEC(uint32_t) starts = {0};
    const char *at = source->text, *end = at + source->len;
    bool well = vec_push(&starts, 0);
    while (well && (at = memchr(at, '\n', (size_t)(end - at))) != NULL)
        well = vec_push(&starts, (uint32_t)(++at - source->text));
    source->line_start = starts.at;
    source->line_count = (uint32_t)starts.count;
    return well;
}

uint32_t sources_add(struct sources *sources, const char *name, struct str text)
{
    if (text.len > LIMIT_SOURCE_BYTES || sources->count >= UINT32_MAX)
        return 0;
    struct source *source = mem_alloc(sizeof *source);
    if (source == NULL)
        return 0;
    source->name = mem_copy_text(name, strlen(name));
    source->text = mem_copy_text(text.at, text.len);
    source->len = text.len;
    if (source->name == NULL || source->text == NULL || !source_find_lines(source) || !vec_push(sources, source)) {
        source_free(source);
        return 0;
    }
    return (uint32_t)sources->count;
}

const struct source *sources_get(const struct sources *sources, uint32_t number)
{
    return number == 0 || sources == NULL || number > sources->count ? NULL : sources->at[number - 1];
}

void sources_release(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        source_free(sources->at[i]);
    vec_release(sources);
}

struct position source_position(const struct source *source, uint32_t offset)
{
    if (offset > source->len)
        offset = (uint32_t)source->len;
    /* The last line that begins at or before the offset. */
    uint32_t low = 0, high = source->line_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (source->line_start[middle] <= offset)
            low = middle;
        else
            high = middle - 1;
    }
    uint32_t column = 1;
    for (uint32_t at = source->line_start[low]; at < offset; column++) {
        size_t length = utf8_length(source->text + at, source->len - at);
        at += length == 0 ? 1 : (uint32_t)length;
    }
    return (struct position){low + 1, column};
}

struct str source_line(const struct source *source, uint32_t line)
{
    if (line == 0 || line > source->line_count)
        return (struct str){"", 0};
    size_t start = source->line_start[line - 1];
    size_t end = line < source->line_count ? source->line_start[line] - 1 : source->len;
    if (end > start && line < source->line_count && source->text[end - 1] == '\r')
        end--;
    return (struct str){source->text + start, end - start};
}
