/* links: nel_data */
/* Any bytes as an IDX file of images and one of labels; the first two bytes say where the one ends. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "data/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return 0;
    size_t cut = (size_t)bytes[0] << 8 | bytes[1];
    const char *at = (const char *)bytes + 2;
    len -= 2;
    cut = cut < len ? cut : len;
    struct diags diags = {0};
    struct dataset *data = idx_decode((struct str){at, cut}, (struct str){at + cut, len - cut}, "fuzz", SPAN_NONE, &diags);
    if (!data && diags.errors == 0)
        abort();
    for (uint32_t i = 0; data && i < data->count; i++)
        if ((uint32_t)dataset_label(data, i) >= data->table->outputs)
            abort();
    dataset_release(data);
    diags_release(&diags);
    return 0;
}
