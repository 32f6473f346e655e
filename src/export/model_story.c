/* See model_story.h. */
#include "export/model_story.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "export/model_fields.h"
#include "support/limits.h"
#include "support/memory.h"

#define OF(name, field, type)                                                                                                      \
    {                                                                                                                              \
        name, FIELD_##type, offsetof(struct story_row, field)                                                                      \
    }
static const struct figure_field figures[] = {
    OF("round", round, COUNT),
    OF("epoch", epoch, NUMBER),
    OF("params", params_before, NUMBER),
    OF("params_after", params_after, NUMBER),
    OF("flops", flops_before, NUMBER),
    OF("flops_after", flops_after, NUMBER),
    OF("accuracy", accuracy_before, NUMBER),
    OF("accuracy_after", accuracy_after, NUMBER),
    OF("accuracy_end", accuracy_end, NUMBER),
    OF("loss", loss_before, NUMBER),
    OF("loss_after", loss_after, NUMBER),
    OF("loss_end", loss_end, NUMBER),
    OF("difference", difference, NUMBER),
    {0},
};
#undef OF

static const struct {
    const char *name;
    size_t offset;
} words[] = {
    {"measured", offsetof(struct story_row, measured)},
    {"what", offsetof(struct story_row, what)},
    {"why", offsetof(struct story_row, why)},
};
enum { WORDS = sizeof words / sizeof *words };

static const char *const story_outcomes[STORY_OUTCOMES] = {
    [STORY_QUIET] = "", [STORY_KEPT] = "kept", [STORY_REFUSED] = "refused", [STORY_UNDONE] = "undone"};

static char **word_at(const struct story_row *row, size_t i)
{
    return (char **)((char *)(uintptr_t)row + words[i].offset);
}

void story_write(const struct story_row *story, size_t rounds, struct text *out)
{
    text_add_char(out, '[');
    for (size_t r = 0; r < rounds; r++) {
        text_add(out, r > 0 ? ",{" : "{");
        fields_write(figures, &story[r], out);
        text_addf(out, ",\"outcome\":\"%s\"", story_outcomes[story[r].outcome]);
        for (size_t i = 0; i < WORDS; i++) {
            text_addf(out, ",\"%s\":", words[i].name);
            text_add_json(out, str_of(*word_at(&story[r], i) ? *word_at(&story[r], i) : ""));
        }
        text_add_char(out, '}');
    }
    text_add_char(out, ']');
}

static bool read_row(const struct json *json, struct story_row *row, bool *memory)
{
    const char *name = NULL, *outcome = json_text(json_member(json, "outcome"));
    if (!fields_read(figures, json, row, &name) || !isfinite(row->epoch) || row->epoch < 0 || !outcome)
        return false;
    int which = 0;
    while (which < STORY_OUTCOMES && strcmp(outcome, story_outcomes[which]) != 0)
        which++;
    row->outcome = (enum story_outcome)which;
    for (size_t i = 0; which < STORY_OUTCOMES && i < WORDS; i++) {
        const char *text = json_text(json_member(json, words[i].name));
        if (!text)
            return false;
        *word_at(row, i) = mem_copy_text(text, strlen(text));
        if (!*word_at(row, i))
            return *memory = false;
    }
    return which < STORY_OUTCOMES;
}

bool story_read(const struct json *json, struct story_row **story, size_t *rounds, bool *memory)
{
    const uint32_t count = json_is_list(json) ? json_count(json) : 0;
    *memory = true;
    *story = NULL;
    *rounds = 0;
    if (!json_is_list(json) || count > LIMIT_GROWTH_ROUNDS)
        return false;
    struct story_row *rows = mem_array(count + (size_t)1, sizeof *rows);
    if (!rows)
        return *memory = false;
    bool well = true;
    size_t read = 0;
    for (const struct json *item = json_first(json); well && item; item = json_next(item))
        well = read_row(item, &rows[read++], memory);
    if (!well) {
        story_release(rows, read);
        return false;
    }
    *story = rows;
    *rounds = read;
    return true;
}
