/* Readers of data files. Every one checks sizes before it allocates, and names file, row and column of what is wrong. gzip is
   unpacked where the bytes say so. */
#ifndef NEL_DATA_READERS_H
#define NEL_DATA_READERS_H

#include "data/dataset.h"

/* A column that somebody names, and where; nowhere: messages stand where the file is named. */
struct column_wish {
    struct str name;
    struct span span;
};

struct csv_options {
    struct column_wish target;      /* without a name: the last one */
    bool no_target;                 /* features only */
    const struct column_wish *drop; /* columns left out */
    size_t drop_count;
    const struct column_wish *categories; /* columns whose numbers are names (text columns always are) */
    size_t category_count;
    enum missing_kind missing; /* what to do with empty cells, "NA", "?" and "nan"; MISSING_REFUSE: an error */
    bool classes, values;      /* force the target's kind; else text, or whole numbers 0..K-1 with K <= 20 and each present, are
                                     classes (and so is any column named "class" or "label" of whole numbers) */
};

/* CSV with a header line: commas, quotes doubled inside quotes, LF or CRLF, BOM skipped. A column holds numbers where more of its
   cells are numbers than texts (a text among them is then an error), else categories. Categories and classes are coded in sorted
   order, by number where all are numbers. */
struct dataset *csv_read(const char *path, const struct csv_options *options, struct span span, struct diags *diags);
struct dataset *csv_decode(struct str bytes, const char *name, const struct csv_options *options, struct span span,
                           struct diags *diags);

/* IDX images (magic 0x803) and labels (0x801): pixels scaled to 0..1. */
struct dataset *idx_read(const char *images, const char *labels, struct span span, struct diags *diags);
struct dataset *idx_decode(struct str images, struct str labels, const char *name, struct span span, struct diags *diags);

/* CIFAR-10's binary records, several files one after the other: pixels scaled to 0..1. */
struct dataset *cifar_read(const char *const *paths, size_t count, struct span span, struct diags *diags);
struct dataset *cifar_decode(struct str bytes, const char *name, struct span span, struct diags *diags);

/* FANN's text format. One-of-K outputs become classes, a single 0/1 output too; anything else is values. */
struct dataset *fann_read(const char *path, struct span span, struct diags *diags);
struct dataset *fann_decode(struct str bytes, const char *name, struct span span, struct diags *diags);

/* A folder of the four MNIST-style files, or of CIFAR-10's batches, as train and test. `folder` NULL: $NEL_DATA/<name>. */
struct split *mnist_folder(const char *folder, const char *name, struct span span, struct diags *diags);
struct split *cifar_folder(const char *folder, struct span span, struct diags *diags);

#endif
