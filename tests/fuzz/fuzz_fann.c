/* links: nel_data */
/* Any bytes as a FANN file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "data/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct diags diags = {0};
    struct dataset *data = fann_decode((struct str){(const char *)bytes, len}, "fuzz", SPAN_NONE, &diags);
    if (!data && diags.errors == 0)
        abort();
    for (uint32_t i = 0; data && data->table->target == TARGET_CLASS && i < data->count; i++)
        if ((uint32_t)dataset_label(data, i) >= data->table->outputs)
            abort();
    dataset_release(data);
    diags_release(&diags);
    return 0;
}
