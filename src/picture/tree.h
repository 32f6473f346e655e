/* Family trees: who stands below whom, as the characters in front of each line. */
#ifndef NEL_PICTURE_TREE_H
#define NEL_PICTURE_TREE_H

#include <stdint.h>

#include "picture/plot.h"

/* A line of a tree under construction. */
struct tree_line {
    size_t node;
    size_t from, to; /* its lead in the text of all leads */
};

/* Lays out a forest, one line a node: each family is one line of descent straight down, whose other children branch off to the right, each
   above the child that goes on. `parents` [count]: index of the parent, smaller than one's own, or -1; the line of descent to `best`
   goes straight down, elsewhere the largest branch does, so that no more than log2(count) branches stand beside each other. `lines`
   [count], filled in the order of drawing; leads are written to `leads`, which becomes `failed` where memory runs out. */
void tree_layout(const int64_t *parents, size_t count, size_t best, bool unicode, struct tree_line *lines, struct text *leads);

#endif
