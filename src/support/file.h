/* Files, whole: read with a limit, written to a temporary name and renamed. */
#ifndef NEL_SUPPORT_FILE_H
#define NEL_SUPPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "support/diag.h"
#include "support/text.h"

/* Reads the file at `path` whole into `out`, unpacking gzip where the bytes say so. At most `limit` bytes (unpacked).
   Errors go to `diags` at `span` and name the file: missing (with a near name from the same folder), a directory, too large,
   damaged. */
bool file_read(const char *path, size_t limit, struct text *out, struct diags *diags, struct span span);

/* Writes `bytes` to `path` by way of a temporary file beside it, synced and renamed: the old file stays whole on any failure. */
bool file_write(const char *path, struct str bytes, struct diags *diags, struct span span);

bool file_exists(const char *path);

#endif
