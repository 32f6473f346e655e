/* Runs in files, and the data of those that come from there. */
#ifndef NEL_STUDY_SAVE_H
#define NEL_STUDY_SAVE_H

#include "export/model_file.h"
#include "interp/objects.h"

/* What is in the file at `path`: a run, several, an ensemble; or a run and nothing else. VALUE_FAILED with a diagnostic. And writes
   such a value, or the run that another one stands for, to a file; false with a diagnostic. The spans are of the path and of the value. */
struct value saved_load(struct eval *eval, const char *path, struct span span);
struct value run_load(struct eval *eval, const char *path, struct span span);
bool saved_store(struct eval *eval, struct value value, struct span value_span, const char *path, struct span span);

/* The run in bytes, which messages call `path`; and the bytes of a run, appended: false with a diagnostic. */
struct value run_of_bytes(struct eval *eval, struct str bytes, const char *path, struct span span);
bool run_save(struct eval *eval, const struct run *run, struct text *out, struct span span);

/* How the names of such files end. Whether it is such a name; else an error. */
#define SAVE_ENDING ".safetensors"
bool save_path_check(struct eval *eval, struct str path, struct span span);

/* What a file says of the data, of the run's data; borrowed from these. */
struct data_note prepared_note(const struct prepared *prepared);
struct data_note run_data_note(const struct run *run);

/* Prepares `data` for a run without data of its own, as that of its training was; NULL with a diagnostic, also where it is other data,
   and without one where nel check does not know it. */
struct prepared *run_prepare(struct eval *eval, const struct run *run, struct value data, struct span span);

#endif
