/* Several trainings in one file: a safetensors file whose tensors "member.0", "member.1", … are bytes, each of them a whole file of
   model_file.h, so that a network reads the same whether it is alone or one of several. In the metadata `nel` is the version and
   `together` says what they are: "trials", "folds", "average" or "vote" (ensembles, by how they answer). Trials and folds have
   `wanted`, how many were asked for; ensembles the tensor "weights" [members], a float64 each, whose sum is 1, and the notes `scores` and `reports` as networks have
   them: how they do together on the parts of the data that all were judged on. */
#ifndef NEL_EXPORT_MODEL_BUNDLE_H
#define NEL_EXPORT_MODEL_BUNDLE_H

#include "engine/report.h"
#include "engine/train.h"
#include "export/safetensors.h"

enum bundle_kind { BUNDLE_TRIALS, BUNDLE_FOLDS, BUNDLE_AVERAGE, BUNDLE_VOTE };
#define BUNDLE_KINDS 4

/* Zero-initialise. */
struct bundle {
    enum bundle_kind kind;
    const struct str *members; /* the bytes of each: borrowed while writing, read pointing into the file's */
    size_t count, wanted;      /* wanted: not below count */
    const double *weights;     /* [count] of an ensemble, else NULL */
    /* Writing: how an ensemble does on each part, or NULL; borrowed. */
    const struct scores *scores[SET_COUNT];
    struct report *reports[SET_COUNT];
    struct tensors tensors; /* private: what was read, or is being written */
    void *room;             /* private: of what was read */
};

/* Appends the file; false with a diagnostic where memory is exhausted. */
bool bundle_write(struct bundle *bundle, struct text *out, struct span span, struct diags *diags);
/* Reads a file; the bytes must live on. A file of one network has 0 members. False with a diagnostic where it is no safetensors file or
   what it says of its members does not hold; the members themselves are not looked into. */
bool bundle_read(struct bundle *bundle, struct str bytes, const char *path, struct span span, struct diags *diags);
/* What the file of an ensemble says of how it does, on data of this kind: NULL in `scores` for parts of which it says nothing; reports are of
   classes. All are the caller's to release, where it fails, too: false with a diagnostic where they cannot be used. */
bool bundle_judged(const struct bundle *bundle, const struct recipe *recipe, const char *path,
                   struct scores *scores[static SET_COUNT], struct report *reports[static SET_COUNT], struct span span,
                   struct diags *diags);
/* In any case, after writing, too. */
void bundle_close(struct bundle *bundle);

#endif
