/* A training as a safetensors file: the model's weights as tensors named by layer ("0.weight"), which any reader of the format can use;
   beside them what NEL needs to predict with it and to go on with it. In the metadata, each a text:

   nel         the version of all this: 1
   dna         the molecule with its head
   elements    the declarations of the elements in it, a list
   loss        the declaration of its loss, where that is a formula; defaults are the values of its parameters
   inputs      how raw columns become inputs: a list of name, kind, categories, fill, mean and scale
   target      its kind, name, count, class names, mean and scale
   options     what it was trained with
   training    how far it is: epochs, steps, counters, the state of optimiser and schedule
   scores      figures on each part of the data
   reports     of classes, what was taken for what on each part: model_report.h
   story       the rounds of a growth, where it was one: model_story.h
   data        its name and a fingerprint, how the validation part was taken, weights of the classes
   name        of the molecule's declaration, where it has one

   Layers are counted in the order of the molecule, those with parameters only. "weight" is [neurons x inputs] as it is elsewhere, of
   a sparse layer [connections], with "weight.start" [neurons + 1] and "weight.input" [connections] in the manner of compressed rows;
   then "bias", "running_mean", "running_var", "learned" [parameters of the element x neurons]. Behind the layers come "training.last"
   (where the training stands, if that is not where it was best), "training.first" and "training.second" (of the optimiser) and
   "snapshot.10", each a plain vector of what the plan has; and "training.history" [epochs x 5]. grammar/files.md tells it to those
   who read such files with other programs. */
#ifndef NEL_EXPORT_MODEL_FILE_H
#define NEL_EXPORT_MODEL_FILE_H

#include "engine/story.h"
#include "engine/train.h"
#include "export/safetensors.h"

#define MODEL_FILE_VERSION 1

struct json;

/* What a file must know of the data to know it again. */
struct data_note {
    uint64_t hash;        /* prepared_hash */
    double share;         /* of the training part that became the validation part; 0: none did */
    uint64_t seed;        /* … by this seed */
    struct fold fold;     /* what the test part was in a cross-validation */
    float *class_weights; /* [classes] or NULL */
    uint32_t classes;
};

/* A training as a file holds it. What is read is owned and released; what is written is borrowed. */
struct kept {
    struct training *training;
    struct train_options options;
    char *name, *data_name; /* of the molecule and of the data, or NULL */
    struct data_note data;
    struct story_row *story; /* [rounds] of a growth; NULL: it is none */
    size_t rounds;
};
void kept_release(struct kept *kept);

/* Appends the file; false with a diagnostic where it cannot be written: memory, a formula too long for a line. */
bool model_file_write(const struct kept *kept, struct text *out, struct span span, struct diags *diags);

/* A file being read: first its outline, which names elements, then what the elements are needed for. Zero-initialise. */
struct model_file {
    const char *path; /* borrowed, for messages */
    struct span span;
    struct tensors tensors; /* point into the bytes */
    struct json *elements;
    const char **declarations; /* [declaration_count] "element relu "R" (x) = max(0, x)" */
    uint32_t declaration_count;
    const char *loss; /* "loss pinball(q = 0.9) (y, t) = max(q * (t - y), (q - 1) * (t - y))", or NULL */
};
/* Both: false with a diagnostic that gives the file and the reason. The bytes must live on for the second. `loss` is what the file's
   declares, NULL where it declares none. */
bool model_file_open(struct model_file *file, struct str bytes, const char *path, struct span span, struct diags *diags);
bool model_file_read(const struct model_file *file, const struct elements *elements, const struct loss *loss, struct kept *kept,
                     struct diags *diags);
void model_file_close(struct model_file *file);

/* Whether this NEL reads files of the version that the metadata tells; false with a diagnostic. */
bool model_version_check(const struct tensors *tensors, const char *path, struct span span, struct diags *diags);

/* Says in `diags` that the file cannot be used, and why; false. */
bool model_file_refuse(const struct model_file *file, struct diags *diags, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/* An element as it is declared: `element relu "R" (x) = max(0, x)`. */
void element_declaration(const struct element *element, struct text *out);
/* A loss as it is declared, these values (NULL: its own) its parameters' defaults. */
void loss_declaration(const struct loss *loss, const double *params, struct text *out);

/* The first option in which two trainings differ, its name; NULL: none. Their epochs are left out. */
const char *options_difference(const struct train_options *a, const struct train_options *b);

#endif
