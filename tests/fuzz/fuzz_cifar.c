/* links: nel_data */
/* Any bytes as a CIFAR-10 file. Records are long, so every byte of the input but the last one stands for 64 of the file. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "data/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    enum { STRETCH = 64 };
    size_t size = len ? (len - 1) * STRETCH + 1 : 0;
    char *file = malloc(size + 1);
    if (!file)
        return 0;
    for (size_t i = 0; i < size; i++)
        file[i] = (char)bytes[i / STRETCH];
    struct diags diags = {0};
    struct dataset *data = cifar_decode((struct str){file, size}, "fuzz", SPAN_NONE, &diags);
    if (!data && diags.errors == 0)
        abort();
    dataset_release(data);
    diags_release(&diags);
    free(file);
    return 0;
}
