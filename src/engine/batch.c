/* How many samples a step takes, and whether the molecule can learn from so many. */
#include <inttypes.h>

#include "engine/train.h"

uint32_t batch_samples(const struct train_options *options, const struct prepared *data)
{
    return options->batch == 0 || options->batch > data->train.count ? data->train.count : options->batch;
}

/* The next larger batch that leaves no sample alone. */
static uint32_t batch_without_rest(uint32_t count, uint32_t batch)
{
    while (batch < count && count % batch == 1)
        batch++;
    return batch;
}

bool batch_serves(const struct molecule *molecule, const struct train_options *options, const struct prepared *data,
                  struct diags *diags)
{
    const uint32_t count = data->train.count, batch = batch_samples(options, data);
    uint32_t gene = 0;
    while (gene < molecule->count && molecule->genes[gene].kind != GENE_BATCHNORM)
        gene++;
    if (options->epochs == 0 || count == 0 || gene == molecule->count)
        return true;
    const struct span span = molecule->genes[gene].span;
    if (batch == 1)
        diag_help(diag_error(diags, span, "`batchnorm` cannot be trained on batches of one sample"),
                  "one sample has no spread: take a larger `batch`, or `layernorm`, which goes by each sample alone");
    else if (count % batch == 1)
        diag_help(diag_warning(diags, span,
                               "of %" PRIu32 " samples in batches of %" PRIu32
                               " the last one is alone, and `batchnorm` learns nothing from one sample",
                               count, batch),
                  "one sample has no spread: `batch: %" PRIu32 "` leaves none alone", batch_without_rest(count, batch));
    return batch > 1;
}
