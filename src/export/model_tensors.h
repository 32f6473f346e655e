/* Where each layer's parameters stand in a model, under the names that they have in a file. Private to model_*.c. */
#ifndef NEL_EXPORT_MODEL_TENSORS_H
#define NEL_EXPORT_MODEL_TENSORS_H

#include "engine/plan.h"
#include "export/safetensors.h"

#define MODEL_HISTORY_COLUMNS 5 /* loss and accuracy on training, then on validation data; the learning rate */
#define SNAPSHOT_PREFIX       "snapshot."

/* One tensor of a layer: parameters (`values`) or, of a sparse layer, connections. */
struct model_tensor {
    char name[48];
    enum tensor_type type;  /* TENSOR_F32 or TENSOR_U32 */
    uint64_t rows, columns; /* rows 0: a vector */
    float *values;
    uint32_t *connections;
};

/* Calls `visit` for each, in order; false as soon as it gives false. */
bool model_tensors_each(const struct plan *plan, float *params, bool (*visit)(void *context, const struct model_tensor *tensor),
                        void *context);

#endif
