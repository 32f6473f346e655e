/* IDX, the format of MNIST (LeCun, Cortes and Burges): a magic number 0x00 0x00, a type (8: unsigned byte) and the number of
   dimensions; each dimension's size; then the bytes, the last dimension running fastest. All numbers are big-endian 32-bit. */
#include <string.h>

#include "data/pixels.h"
#include "data/readers.h"
#include "support/file.h"
#include "support/limits.h"

enum { MAGIC_LABELS = 0x801, MAGIC_IMAGES = 0x803 };

/* One IDX file, opened: its sizes and where its bytes begin. */
struct idx {
    uint32_t count, rows, columns;
    const unsigned char *at;
};

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool magic_check(uint32_t magic, uint32_t expected, const char *what, const char *name, struct span span,
                        struct diags *diags)
{
    if (magic == expected)
        return true;
    struct diag *diag = diag_error(diags, span, "%s: the %s file does not begin as an IDX file of %s does", name, what, what);
    diag_note(diag, "magic number 0x%08x, expected 0x%08x", magic, expected);
    if (magic == MAGIC_LABELS || magic == MAGIC_IMAGES)
        diag_help(diag, "it is a file of %s: are the two exchanged?", magic == MAGIC_LABELS ? "labels" : "images");
    return false;
}

/* Reads the header of `bytes` and checks that exactly as many bytes follow as it says. */
static bool idx_open(struct idx *idx, struct str bytes, uint32_t expected, const char *name, struct span span, struct diags *diags)
{
    const char *what = expected == MAGIC_IMAGES ? "images" : "labels";
    const unsigned char *at = (const unsigned char *)bytes.at;
    size_t header = expected == MAGIC_IMAGES ? 16 : 8;
    if (bytes.len >= 4 && !magic_check(big_endian(at), expected, what, name, span, diags))
        return false;
    if (bytes.len < header) {
        diag_error(diags, span, "%s: the %s file ends after %zu bytes, within its header of %zu", name, what, bytes.len, header);
        return false;
    }
    idx->count = big_endian(at + 4);
    idx->rows = expected == MAGIC_IMAGES ? big_endian(at + 8) : 1;
    idx->columns = expected == MAGIC_IMAGES ? big_endian(at + 12) : 1;
    idx->at = at + header;
    /* Both products stay within 64 bits: a size that is allowed is at most LIMIT_DATA_VALUES. */
    uint64_t size = (uint64_t)idx->rows * idx->columns;
    if (!table_size_allowed(name, idx->count, size, span, diags))
        return false;
    size_t all = (size_t)size * idx->count;
    if (bytes.len - header != all) {
        diag_error(diags, span, "%s: the %s file has %zu bytes behind its header, where %u x %u x %u are %zu", name, what,
                   bytes.len - header, idx->count, idx->rows, idx->columns, all);
        return false;
    }
    return true;
}

/* Copies the labels; the classes are 0 to the greatest label, and two at least. */
static void labels_store(const struct idx *labels, struct table *table)
{
    table->outputs = 2;
    for (uint32_t i = 0; i < labels->count; i++) {
        table->labels[i] = labels->at[i];
        if (labels->at[i] >= table->outputs)
            table->outputs = labels->at[i] + 1u;
    }
}

struct dataset *idx_decode(struct str images, struct str labels, const char *name, struct span span, struct diags *diags)
{
    struct idx picture, label;
    if (!idx_open(&picture, images, MAGIC_IMAGES, name, span, diags) || !idx_open(&label, labels, MAGIC_LABELS, name, span, diags))
        return NULL;
    if (picture.count != label.count) {
        diag_error(diags, span, "%s: there are %u images, but %u labels", name, picture.count, label.count);
        return NULL;
    }
    struct table *table = table_new(picture.count, picture.rows * picture.columns, TARGET_CLASS, 0);
    struct dataset *dataset = NULL;
    if (table && table_name_target(table, STR("class"))) {
        pixels_scale(picture.at, (size_t)table->rows * table->columns, table->x);
        labels_store(&label, table);
        dataset = dataset_of(table_retain(table), name);
    }
    table_release(table);
    if (!dataset)
        diag_out_of_memory(diags, span);
    return dataset;
}

struct dataset *idx_read(const char *images, const char *labels, struct span span, struct diags *diags)
{
    struct text image_bytes = {0}, label_bytes = {0};
    struct dataset *dataset = NULL;
    if (file_read(images, LIMIT_DATA_BYTES, &image_bytes, diags, span) &&
        file_read(labels, LIMIT_DATA_BYTES, &label_bytes, diags, span))
        dataset = idx_decode(text_str(&image_bytes), text_str(&label_bytes), basename(images), span, diags);
    text_release(&image_bytes);
    text_release(&label_bytes);
    return dataset;
}
