/* Data sets that come as a folder of several files: where the folder is, which files it must hold, and train and test made of them.
   Each file may be there plain or gzipped. */
#include <stdlib.h>
#include <string.h>

#include "data/readers.h"
#include "support/file.h"
#include "support/memory.h"

/* The folder given, or $NEL_DATA/<name>; false with a diagnostic that says what to set. */
static bool folder_find(const char *folder, const char *name, struct text *path, struct span span, struct diags *diags)
{
    const char *root = getenv("NEL_DATA");
    if (folder) {
        text_add(path, folder);
    } else if (root && *root) {
        text_addf(path, "%s/%s", root, name);
    } else {
        struct diag *diag = diag_error(diags, span, "where is the data set %s?", name);
        diag_note(diag, "NEL_DATA is not set");
        diag_help(diag, "set NEL_DATA to the folder that holds the folder `%s`, or give the folder itself", name);
        return false;
    }
    return !path->failed || diag_out_of_memory(diags, span);
}

/* The path of `file` in `folder`, plain or gzipped; false where neither is there. */
static bool file_find(const struct text *folder, const char *file, struct text *path)
{
    static const char *const endings[] = {"", ".gz"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        text_clear(path);
        text_addf(path, "%s/%s%s", text_chars(folder), file, endings[i]);
        if (!path->failed && file_exists(text_chars(path)))
            return true;
    }
    return false;
}

static bool file_needed(const struct text *folder, const char *file, struct text *path, struct span span, struct diags *diags)
{
    if (file_find(folder, file, path))
        return true;
    if (path->failed)
        return diag_out_of_memory(diags, span);
    struct diag *diag = diag_error(diags, span, "there is no `%s` in the folder `%s`, plain or gzipped", file, text_chars(folder));
    diag_help(diag, "give the folder that holds it, or set NEL_DATA to the folder above");
    return false;
}

/* Images and labels of one part, "train" or "t10k". */
static struct dataset *mnist_part(const struct text *folder, const char *part, struct span span, struct diags *diags)
{
    struct text name = {0}, images = {0}, labels = {0};
    struct dataset *dataset = NULL;
    text_addf(&name, "%s-images-idx3-ubyte", part);
    bool found = file_needed(folder, text_chars(&name), &images, span, diags);
    text_clear(&name);
    text_addf(&name, "%s-labels-idx1-ubyte", part);
    if (found && file_needed(folder, text_chars(&name), &labels, span, diags))
        dataset = idx_read(text_chars(&images), text_chars(&labels), span, diags);
    text_release(&name);
    text_release(&images);
    text_release(&labels);
    return dataset;
}

/* Zalando's names for the labels of Fashion-MNIST, which its files do not hold. */
static const char *const fashion_names[] = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                                            "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
enum { FASHION_CLASSES = sizeof fashion_names / sizeof *fashion_names };

/* Makes the fresh data set one of a family of `classes` classes called `name`; false where memory is exhausted. */
static bool part_describe(struct dataset *part, const char *name, uint32_t classes)
{
    part->table->outputs = classes;
    if (!dataset_name(part, name))
        return false;
    bool fashion = strcmp(name, "fashion-mnist") == 0 && classes == FASHION_CLASSES;
    return !fashion || table_name_classes(part->table, fashion_names);
}

struct split *mnist_folder(const char *folder, const char *name, struct span span, struct diags *diags)
{
    struct text path = {0};
    struct dataset *train = NULL, *test = NULL;
    if (folder_find(folder, name, &path, span, diags)) {
        train = mnist_part(&path, "train", span, diags);
        test = train ? mnist_part(&path, "t10k", span, diags) : NULL;
    }
    text_release(&path);
    if (train && test) {
        uint32_t a = train->table->outputs, b = test->table->outputs, classes = a > b ? a : b;
        if (!part_describe(train, name, classes) || !part_describe(test, name, classes)) {
            diag_out_of_memory(diags, span);
            dataset_release(train);
            train = NULL;
        }
    }
    return split_join(train, NULL, test, span, diags);
}

enum { BATCHES = 5 };

/* All training batches that are in the folder; the first is needed. */
static struct dataset *cifar_train(const struct text *folder, struct span span, struct diags *diags)
{
    struct text paths[BATCHES] = {{0}};
    const char *found[BATCHES];
    size_t count = 0;
    struct dataset *dataset = NULL;
    for (int i = 0; i < BATCHES; i++) {
        char file[] = "data_batch_1.bin";
        file[sizeof "data_batch_" - 1] = (char)('1' + i);
        if (file_find(folder, file, &paths[i]))
            found[count++] = text_chars(&paths[i]);
    }
    if (count > 0)
        dataset = cifar_read(found, count, span, diags);
    else
        file_needed(folder, "data_batch_1.bin", &paths[0], span, diags);
    for (int i = 0; i < BATCHES; i++)
        text_release(&paths[i]);
    return dataset;
}

static struct dataset *cifar_test(const struct text *folder, struct span span, struct diags *diags)
{
    struct text path = {0};
    struct dataset *dataset = NULL;
    if (file_needed(folder, "test_batch.bin", &path, span, diags)) {
        const char *file = text_chars(&path);
        dataset = cifar_read(&file, 1, span, diags);
    }
    text_release(&path);
    return dataset;
}

struct split *cifar_folder(const char *folder, struct span span, struct diags *diags)
{
    struct text path = {0};
    struct dataset *train = NULL, *test = NULL;
    if (folder_find(folder, "cifar-10", &path, span, diags)) {
        train = cifar_train(&path, span, diags);
        test = train ? cifar_test(&path, span, diags) : NULL;
    }
    text_release(&path);
    return split_join(train, NULL, test, span, diags);
}
