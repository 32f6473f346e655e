/* What is remembered of the dead is bounded: a search may judge millions of networks a second, for hours. When rows and forms have come to
   take too much, those are forgotten who are neither kept nor a parent, or a parent's parent, of somebody who is. Lines of descent soon
   meet, so that this leaves little more than a row a generation; should it leave more than half of the room, it is the eldest who go.

   Rows keep their order, so that nothing that is decided by age changes. Where weights are inherited nothing else hangs on the dead; where
   they are not, somebody who was forgotten is trained again when it comes up again. */
#include <string.h>

#include "lab/search.h"
#include "support/limits.h"
#include "support/memory.h"

/* What a row counts: in a table of a script it takes as much. */
#define ROW_BYTES ((size_t)128)

static size_t row_bytes(const struct search *search)
{
    return ROW_BYTES + (search->options->inherit ? 0 : sizeof(struct individual));
}

static size_t form_bytes(const struct form *form)
{
    return sizeof *form + sizeof *form->molecule + form->molecule->count * sizeof *form->molecule->genes +
           form->molecule->index_count * sizeof *form->molecule->indices;
}

void lineage_add(struct search *search, struct form *form)
{
    search->lineage_bytes += row_bytes(search) + (form->rows == 0 ? form_bytes(form) : 0);
    form->rows++;
}

void lineage_weigh(struct search *search)
{
    struct evolution *evolution = search->evolution;
    search->lineage_bytes = 0;
    for (size_t i = 0; i < evolution->form_count; i++)
        evolution->forms[i]->rows = 0;
    for (size_t i = 0; i < evolution->count; i++)
        lineage_add(search, evolution->forms[evolution->everyone[i].form]);
}

/* Gives each row that stays its new number, the others NOBODY; how many stay. */
static uint32_t choose(struct search *search, size_t most, uint32_t *number)
{
    struct evolution *evolution = search->evolution;
    enum { GOES = 0, STAYS = 1 };
    uint32_t count = 0;
    for (size_t i = 0; i < search->held_count; i++)
        number[search->held[i]] = STAYS;
    search->lineage_bytes = 0;
    for (size_t i = 0; i < evolution->form_count; i++)
        evolution->forms[i]->rows = 0;
    for (size_t i = evolution->count; i-- > 0;) { /* parents come before their children */
        const struct lineage_row *row = &evolution->everyone[i];
        if (number[i] == GOES)
            continue;
        lineage_add(search, evolution->forms[row->form]);
        if (row->parent != NOBODY && search->lineage_bytes <= most / 2)
            number[row->parent] = STAYS;
    }
    for (size_t i = 0; i < evolution->count; i++)
        number[i] = number[i] == STAYS ? count++ : NOBODY;
    return count;
}

static uint32_t renumbered(const uint32_t *number, uint32_t index)
{
    return index == NOBODY ? NOBODY : number[index];
}

static void move_rows(struct search *search, const uint32_t *number)
{
    struct evolution *evolution = search->evolution;
    for (size_t i = 0; i < evolution->count; i++) {
        struct lineage_row row = evolution->everyone[i];
        if (number[i] == NOBODY) {
            if (row.place != NOBODY)
                archive_leave_place(search, i);
            continue;
        }
        row.parent = renumbered(number, row.parent);
        row.other = renumbered(number, row.other);
        evolution->everyone[number[i]] = row;
        if (row.place != NOBODY)
            evolution->individuals[row.place].index = number[i];
    }
}

/* Forms that no row tells of any more, and passages, which may lead to them. */
static bool drop_forms(struct search *search)
{
    struct evolution *evolution = search->evolution;
    uint32_t *number = mem_array(evolution->form_count, sizeof *number);
    uint32_t count = 0;
    if (!number)
        return search_out_of_memory(search);
    passages_forget(search);
    for (size_t i = 0; i < evolution->form_count; i++) {
        struct form *form = evolution->forms[i];
        if (form->rows == 0) {
            form_release(form);
            continue;
        }
        number[i] = form->number = count;
        evolution->forms[count++] = form;
    }
    evolution->form_count = count;
    for (size_t i = 0; i < evolution->count; i++)
        evolution->everyone[i].form = number[evolution->everyone[i].form];
    mem_free(number);
    forms_index(search);
    return true;
}

bool lineage_thin(struct search *search)
{
    struct evolution *evolution = search->evolution;
    const size_t most = search->options->lineage > 0 ? search->options->lineage : LIMIT_LINEAGE_BYTES;
    if (search->lineage_bytes <= most)
        return true;
    uint32_t *number = mem_array(evolution->count, sizeof *number);
    if (!number)
        return search_out_of_memory(search);
    const uint32_t count = choose(search, most, number);
    move_rows(search, number);
    for (size_t i = 0; i < search->held_count; i++)
        search->held[i] = number[search->held[i]];
    for (uint32_t i = 0; i < search->options->population; i++)
        search->population[i] = number[search->population[i]];
    evolution->best = number[evolution->best];
    evolution->forgotten += evolution->count - count;
    evolution->count = count;
    mem_free(number);
    return drop_forms(search) && archive_index(search);
}
