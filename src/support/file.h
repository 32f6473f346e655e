/* Files, whole: read with a limit, written to a temporary name and renamed. */
#ifndef NEL_SUPPORT_FILE_H
#define NEL_SUPPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/diag.h"
#include "support/text.h"

/* Reads the file at `path` whole into `out`, unpacking gzip where the bytes say so. At most `limit` bytes (unpacked).
   Errors go to `diags` at `span` and name the file: missing (with a near name from the same folder), a directory, too large,
   damaged. */
bool file_read(const char *path, size_t limit, struct text *out, struct diags *diags, struct span span);

/* Writes `bytes` to `path` by way of a temporary file beside it, synced and renamed: the old file stays whole on any failure. */
bool file_write(const char *path, struct str bytes, struct diags *diags, struct span span);

/* Whether file_write would come as far as writing, for work that has bytes only after hours; nothing is changed. False with the diagnostic
   of file_write. */
bool file_try(const char *path, struct diags *diags, struct span span);

bool file_exists(const char *path);

/* Which file a path leads to: two paths of one file, by links or by `..`, have equal identities. */
struct file_identity {
    uint64_t device, number;
};
enum file_kind {
    FILE_MISSING,
    FILE_REGULAR,
    FILE_FOLDER,
    FILE_SPECIAL, /* a device, a pipe: reading it may never end */
    FILE_CLOSED   /* it cannot be looked at; file_read tells why */
};
enum file_kind file_look(const char *path, struct file_identity *identity);

/* The name in the folder of `path` that is nearest to its last part, appended to `near`; false where none is near. */
bool file_near(const char *path, struct text *near);

#endif
