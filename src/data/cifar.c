/* CIFAR-10's binary version (Krizhevsky 2009): records of a label byte and 3 x 32 x 32 bytes, the red plane first, then green and
   blue, each row by row. There is no header, so the length and the labels are all that can be checked. */
#include <string.h>

#include "data/pixels.h"
#include "data/readers.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/memory.h"

enum { PIXELS = 3 * 32 * 32, RECORD = 1 + PIXELS, CLASSES = 10 };

static const char *const class_names[CLASSES] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                                 "dog",      "frog",       "horse", "ship", "truck"};

static bool records_check(struct str bytes, const char *name, struct span span, struct diags *diags)
{
    if (bytes.len == 0 || bytes.len % RECORD != 0) {
        diag_error(diags, span, "%s: %zu bytes are no whole number of records of %d", name, bytes.len, RECORD);
        return false;
    }
    for (size_t record = 0; record < bytes.len / RECORD; record++) {
        unsigned label = (unsigned char)bytes.at[record * RECORD];
        if (label >= CLASSES) {
            diag_error(diags, span, "%s: record %zu has the label %u; labels go from 0 to %d", name, record + 1, label,
                       CLASSES - 1);
            return false;
        }
    }
    return true;
}

/* Fills rows of the table from `first` on and returns the row behind the last. */
static uint32_t records_store(struct str bytes, struct table *table, uint32_t first)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    for (size_t record = 0; record < bytes.len / RECORD; record++, first++, at += RECORD) {
        table->labels[first] = at[0];
        pixels_scale(at + 1, PIXELS, table->x + (size_t)first * PIXELS);
    }
    return first;
}

/* The data set of all records of checked `files`, one after the other. */
static struct dataset *files_decode(const struct str *files, size_t count, const char *name, struct span span, struct diags *diags)
{
    uint64_t records = 0;
    for (size_t i = 0; i < count; i++)
        records += files[i].len / RECORD;
    if (!table_size_allowed(name, records, PIXELS, span, diags))
        return NULL;
    struct table *table = table_new((uint32_t)records, PIXELS, TARGET_CLASS, CLASSES);
    struct dataset *dataset = NULL;
    if (table && table_name_target(table, STR("class")) && table_name_classes(table, class_names)) {
        uint32_t row = 0;
        for (size_t i = 0; i < count; i++)
            row = records_store(files[i], table, row);
        dataset = dataset_of(table_retain(table), name);
    }
    table_release(table);
    if (!dataset)
        diag_out_of_memory(diags, span);
    return dataset;
}

struct dataset *cifar_decode(struct str bytes, const char *name, struct span span, struct diags *diags)
{
    return records_check(bytes, name, span, diags) ? files_decode(&bytes, 1, name, span, diags) : NULL;
}

struct dataset *cifar_read(const char *const *paths, size_t count, struct span span, struct diags *diags)
{
    struct text *texts = mem_array(count, sizeof *texts);
    struct str *files = mem_array(count, sizeof *files);
    bool read = texts && files;
    struct dataset *dataset = NULL;
    if (!read)
        diag_out_of_memory(diags, span);
    for (size_t i = 0; read && i < count; i++) {
        read = file_read(paths[i], LIMIT_DATA_BYTES, &texts[i], diags, span);
        files[i] = text_str(&texts[i]);
        read = read && records_check(files[i], basename(paths[i]), span, diags);
    }
    if (read)
        dataset = files_decode(files, count, "cifar-10", span, diags);
    for (size_t i = 0; texts && i < count; i++)
        text_release(&texts[i]);
    mem_free(texts);
    mem_free(files);
    return dataset;
}
