/* Family trees. A child that goes on straight down takes the column of its parent, so that lines of descent of a hundred generations
   are no wider than one; the others are drawn first, one column to the right:

       ● parent
       ├─● a child
       │ ● a grandchild
       ● the child that goes on */
#include "picture/tree.h"

#include "support/memory.h"

struct forest {
    const int64_t *parents;
    size_t count;
    size_t *first, *next; /* children in order of number: 1 + index, 0 for none */
    size_t *straight;     /* the child that goes on: 1 + index, 0 for none */
    bool unicode;
    struct tree_line *lines;
    size_t drawn;
    struct text *leads;
};

/* Of each node the child with the largest branch, and on the way to `best` the one that leads there. Parents come before their
   children, so that one pass from the end sums the branches. */
static bool choose_straight(struct forest *forest, size_t best)
{
    size_t *sizes = mem_array(forest->count, sizeof *sizes);
    if (!sizes)
        return false;
    for (size_t i = forest->count; i-- > 0;) {
        sizes[i]++;
        if (forest->parents[i] < 0)
            continue;
        const size_t parent = (size_t)forest->parents[i];
        sizes[parent] += sizes[i];
        forest->next[i] = forest->first[parent];
        forest->first[parent] = i + 1;
        if (forest->straight[parent] == 0 || sizes[i] > sizes[forest->straight[parent] - 1])
            forest->straight[parent] = i + 1;
    }
    for (size_t i = best; forest->parents[i] >= 0; i = (size_t)forest->parents[i])
        forest->straight[forest->parents[i]] = i + 1;
    mem_free(sizes);
    return true;
}

/* A line of descent and what branches off it. `lead` stands before its first line and is as deep as the others'. */
static void draw(struct forest *forest, size_t node, unsigned depth, bool branch)
{
    for (;;) {
        const size_t from = forest->leads->len;
        text_add_repeat(forest->leads, forest->unicode ? "│ " : "| ", branch ? depth - 1 : depth);
        if (branch)
            text_add(forest->leads, forest->unicode ? "├─" : "|-");
        forest->lines[forest->drawn++] = (struct tree_line){node, from, forest->leads->len};
        if (forest->straight[node] == 0)
            return;
        for (size_t child = forest->first[node]; child > 0; child = forest->next[child - 1])
            if (child != forest->straight[node])
                draw(forest, child - 1, depth + 1, true);
        node = forest->straight[node] - 1;
        branch = false;
    }
}

void tree_layout(const int64_t *parents, size_t count, size_t best, bool unicode, struct tree_line *lines, struct text *leads)
{
    size_t *links = mem_array(3 * count + 1, sizeof *links);
    struct forest forest = {.parents = parents,
                            .count = count,
                            .first = links,
                            .next = links + count,
                            .straight = links + 2 * count,
                            .unicode = unicode,
                            .lines = lines,
                            .leads = leads};
    if (!links || !choose_straight(&forest, best)) {
        leads->failed = true;
        for (size_t i = 0; i < count; i++)
            lines[i] = (struct tree_line){0};
        mem_free(links);
        return;
    }
    for (size_t i = 0; i < count; i++)
        if (parents[i] < 0)
            draw(&forest, i, 0, false);
    mem_free(links);
}
