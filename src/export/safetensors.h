/* Safetensors, a file format of named tensors: eight bytes with the length of a header, little-endian; the header, a JSON object of
   `"name": {"dtype", "shape", "data_offsets": [begin, end]}` with texts under `"__metadata__"`; behind it the data, which the tensors
   cover from end to end without holes (https://github.com/huggingface/safetensors, "Format"). Here the bytes alone: no files. */
#ifndef NEL_EXPORT_SAFETENSORS_H
#define NEL_EXPORT_SAFETENSORS_H

#include <stdint.h>

#include "support/diag.h"
#include "support/text.h"
#include "support/vec.h"

enum tensor_type { TENSOR_F64, TENSOR_F32, TENSOR_U32, TENSOR_U8, TENSOR_OTHER };

#define TENSOR_DIMENSIONS 2

struct tensor {
    char *name;
    enum tensor_type type;
    uint32_t dimensions;               /* more than TENSOR_DIMENSIONS: those of a tensor of another's */
    uint64_t shape[TENSOR_DIMENSIONS]; /* the first ones */
    const char *data;                  /* borrowed; little-endian, at no particular boundary */
    size_t bytes;
};

struct tensor_note {
    char *key, *text;
};

/* What a file holds. Zero-initialise; release in any case. */
struct tensors {
    VEC(struct tensor) list;
    VEC(struct tensor_note) notes; /* its metadata */
    bool failed;                   /* memory, while one is being built */
};

/* Building: names and texts are copied, data is borrowed. `rows` 0: a vector of `columns`. */
void tensors_add(struct tensors *tensors, const char *name, enum tensor_type type, uint64_t rows, uint64_t columns,
                 const void *data);
void tensors_note(struct tensors *tensors, const char *key, struct str text);
/* Appends the file. Wide types go first, so that each tensor is aligned in a file that is mapped. False with a diagnostic: memory, a
   header that is longer than the format allows. */
bool tensors_write(const struct tensors *tensors, struct text *out, struct span span, struct diags *diags);

/* Reads a file's bytes, to which the data then points. False with a diagnostic, which names the file, where they do not keep to the
   format in any point: each tensor as long as its shape and type say, all of them side by side to the end of the file, no name twice. */
bool tensors_read(struct tensors *tensors, struct str bytes, const char *file, struct span span, struct diags *diags);
void tensors_release(struct tensors *tensors);

const struct tensor *tensors_find(const struct tensors *tensors, const char *name); /* NULL: none */
const char *tensors_text(const struct tensors *tensors, const char *key);           /* NULL: none */

#endif
