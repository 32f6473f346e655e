/* Whole files. Reading checks the kind and the size before and while bytes come in; gzip (RFC 1952) is told by its first two
   bytes and unpacked to the same limit, so that a small file cannot grow without bound. Writing goes to a temporary name in the
   same folder, since a rename within one file system is atomic. */
#include "support/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "support/memory.h"
#include "support/suggest.h"

enum { CHUNK = 64 << 10, TEMPORARY_NAMES = 100 };

/* Where the last part of `path` begins. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash + 1 - path);
}

/* The folder of `path`, opened; NULL where there is none. */
static DIR *folder_open(const char *path)
{
    size_t length = folder_length(path);
    char *folder = length == 0 ? mem_copy_text(".", 1) : mem_copy_text(path, length);
    DIR *entries = folder == NULL ? NULL : opendir(folder);
    mem_free(folder);
    return entries;
}

bool file_near(const char *path, struct text *near)
{
    DIR *entries = folder_open(path);
    struct text best = {0};
    struct suggestion suggestion;
    suggest_start(&suggestion, str_of(path + folder_length(path)));
    for (const struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        suggestion.best = text_str(&best);
        size_t before = suggestion.cost;
        suggest_offer(&suggestion, str_of(entry->d_name));
        if (suggestion.cost < before) {
            text_clear(&best);
            text_add(&best, entry->d_name);
        }
    }
    if (entries != NULL)
        closedir(entries);
    bool found = best.len > 0 && !best.failed;
    if (found)
        text_add_str(near, text_str(&best));
    text_release(&best);
    return found;
}

/* Names the file of the same folder that is nearest to `path`, if any is near. */
static void suggest_file(struct diag *diag, const char *path)
{
    DIR *entries = folder_open(path);
    struct text near = {0};
    int folder = (int)folder_length(path);
    if (entries == NULL)
        diag_help(diag, "there is no folder `%.*s`", folder, path);
    else if (file_near(path, &near))
        diag_help(diag, "did you mean `%.*s%s`?", folder, path, text_chars(&near));
    if (entries != NULL)
        closedir(entries);
    text_release(&near);
}

static bool report_errno(const char *doing, const char *path, struct diags *diags, struct span span)
{
    int code = errno;
    if (code == ENOENT || code == ENOTDIR) {
        suggest_file(diag_error(diags, span, "no such file `%s`", path), path);
    } else {
        char room[128];
        diag_error(diags, span, "cannot %s `%s`: %s", doing, path, strerror_r(code, room, sizeof room));
    }
    return false;
}

static bool report_too_large(const char *path, size_t limit, struct diags *diags, struct span span)
{
    diag_help(diag_error(diags, span, "file `%s` is too large", path), "at most %zu bytes are read", limit);
    return false;
}

/* Reads the open file to its end. */
static bool read_bytes(int file, const char *path, size_t limit, struct text *out, struct diags *diags, struct span span)
{
    char *chunk = mem_alloc(CHUNK);
    if (chunk == NULL)
        return diag_out_of_memory(diags, span);
    ssize_t got;
    while ((got = read(file, chunk, CHUNK)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (size_t)got > limit - out->len)
            break;
        text_add_str(out, (struct str){chunk, (size_t)got});
        if (out->failed)
            break;
    }
    mem_free(chunk);
    if (out->failed)
        return diag_out_of_memory(diags, span);
    if (got < 0)
        return report_errno("read", path, diags, span);
    return got == 0 || report_too_large(path, limit, diags, span);
}

static void *zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    return mem_array(count, size);
}

static void zlib_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

enum unpacked { UNPACKED, UNPACK_DAMAGED, UNPACK_TOO_LARGE, UNPACK_NO_MEMORY };

/* Unpacks one or several gzip members behind each other; zeros may pad the end, as on tapes. */
static enum unpacked unpack_members(z_stream *stream, struct str packed, size_t limit, unsigned char *chunk, struct text *out)
{
    size_t left = packed.len;
    stream->next_in = (unsigned char *)(uintptr_t)packed.at;
    for (;;) {
        if (stream->avail_in == 0) {
            stream->avail_in = left > UINT32_MAX ? UINT32_MAX : (uInt)left;
            left -= stream->avail_in;
        }
        stream->next_out = chunk;
        stream->avail_out = CHUNK;
        int status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            return UNPACK_NO_MEMORY;
        if (status != Z_OK && status != Z_STREAM_END)
            return UNPACK_DAMAGED; /* also where it ends too early: no progress is Z_BUF_ERROR */
        size_t got = CHUNK - stream->avail_out;
        if (got > limit - out->len)
            return UNPACK_TOO_LARGE;
        text_add_str(out, (struct str){(const char *)chunk, got});
        if (out->failed)
            return UNPACK_NO_MEMORY;
        if (status == Z_STREAM_END) {
            for (; stream->avail_in > 0 && *stream->next_in == 0; stream->avail_in--)
                stream->next_in++;
            if (stream->avail_in == 0 && left == 0)
                return UNPACKED;
            inflateReset(stream);
        }
    }
}

/* Replaces the gzip in `out` by what it holds. */
static bool unpack(const char *path, size_t limit, struct text *out, struct diags *diags, struct span span)
{
    struct text unpacked = {0};
    z_stream stream = {.zalloc = zlib_alloc, .zfree = zlib_free};
    enum unpacked outcome = UNPACK_NO_MEMORY;
    unsigned char *chunk = mem_alloc(CHUNK);
    if (chunk != NULL && inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK) {
        outcome = unpack_members(&stream, text_str(out), limit, chunk, &unpacked);
        inflateEnd(&stream);
    }
    mem_free(chunk);
    switch (outcome) {
    case UNPACKED:
        text_release(out);
        *out = unpacked;
        return true;
    case UNPACK_TOO_LARGE:
        report_too_large(path, limit, diags, span);
        break;
    case UNPACK_NO_MEMORY:
        diag_out_of_memory(diags, span);
        break;
    case UNPACK_DAMAGED:
        diag_error(diags, span, "file `%s` is damaged: its gzip data cannot be unpacked", path);
        break;
    }
    text_release(&unpacked);
    return false;
}

static bool read_open(int file, const char *path, size_t limit, struct text *out, struct diags *diags, struct span span)
{
    struct stat about;
    if (fstat(file, &about) != 0)
        return report_errno("read", path, diags, span);
    if (S_ISDIR(about.st_mode)) {
        diag_error(diags, span, "`%s` is a folder, not a file", path);
        return false;
    }
    if (S_ISREG(about.st_mode) && (uintmax_t)about.st_size > limit)
        return report_too_large(path, limit, diags, span);
    if (S_ISREG(about.st_mode))
        text_reserve(out, (size_t)about.st_size);
    if (!read_bytes(file, path, limit, out, diags, span))
        return false;
    bool packed = out->len >= 2 && (unsigned char)out->at[0] == 0x1f && (unsigned char)out->at[1] == 0x8b;
    return !packed || unpack(path, limit, out, diags, span);
}

bool file_read(const char *path, size_t limit, struct text *out, struct diags *diags, struct span span)
{
    text_clear(out);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return report_errno("read", path, diags, span);
    bool read = read_open(file, path, limit, out, diags, span);
    close(file);
    if (!read)
        text_release(out);
    return read;
}

static bool write_bytes(int file, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(file, bytes.at, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes.at += put;
        bytes.len -= (size_t)put;
    }
    return true;
}

/* Writes to what is no regular file (a pipe, a terminal, /dev/null), which must not be replaced. */
static bool write_in_place(const char *path, struct str bytes)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    bool fine = write_bytes(file, bytes);
    return close(file) == 0 && fine;
}

/* Whether the open file, whose lock nobody else has, is what stands under the name, and nobody else's. A writer renames before it lets
   go of the lock, so what it wrote is no longer under this name. */
static bool is_left_behind(int file, const char *name)
{
    struct stat own, there;
    return fstat(file, &own) == 0 && lstat(name, &there) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino &&
           S_ISREG(own.st_mode) && own.st_nlink == 1 && own.st_uid == geteuid() && ftruncate(file, 0) == 0;
}

/* Opens a file beside `target`, locked, and leaves its name in `name`; -1 with errno where that fails. It is new, or what a writer that
   was killed left behind: so that a script that is killed again and again leaves one at most. */
static int open_temporary(const char *target, struct text *name)
{
    for (int attempt = 0; attempt < TEMPORARY_NAMES; attempt++) {
        text_clear(name);
        text_addf(name, "%s.%d.tmp", target, attempt);
        if (name->failed) {
            errno = ENOMEM;
            return -1;
        }
        int file = open(name->at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        const bool created = file >= 0;
        if (!created && errno != EEXIST)
            return -1;
        if (!created)
            file = open(name->at, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        const bool locked = file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
        if (locked ? is_left_behind(file, name->at) : created && errno != EWOULDBLOCK) /* not every file system has locks */
            return file;
        if (file >= 0)
            close(file);
    }
    errno = EEXIST;
    return -1;
}

/* Makes the rename last: the folder's entry is on disk too. Some file systems cannot, which is no reason to fail. */
static void sync_folder(const char *target)
{
    const char *slash = strrchr(target, '/');
    char *folder = slash == NULL ? mem_copy_text(".", 1) : mem_copy_text(target, (size_t)(slash - target) + 1);
    int file = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        fsync(file);
        close(file);
    }
    mem_free(folder);
}

/* Replaces `target`, whose permissions are kept where it is there already (`old` is not NULL). */
static bool write_renamed(const char *target, const struct stat *old, struct str bytes)
{
    struct text temporary = {0};
    int file = open_temporary(target, &temporary);
    bool fine = file >= 0;
    if (fine) {
        fine = (old == NULL || fchmod(file, old->st_mode & 07777) == 0) && write_bytes(file, bytes) && fsync(file) == 0 &&
               rename(temporary.at, target) == 0;
        int code = errno;
        if (!fine)
            unlink(temporary.at);
        else
            sync_folder(target);
        close(file); /* with its lock; its bytes are on disk */
        errno = code;
    }
    int code = errno;
    text_release(&temporary);
    errno = code;
    return fine;
}

static void report_unwritten(const char *path, int code, struct diags *diags, struct span span)
{
    const char *slash = strrchr(path, '/');
    char room[128];
    struct diag *diag = diag_error(diags, span, "cannot write `%s`: %s", path, strerror_r(code, room, sizeof room));
    if (code == ENOENT && slash != NULL)
        diag_help(diag, "there is no folder `%.*s`", (int)(slash - path), path);
}

/* Whether a file can be made beside `target`, as writing it by way of one needs. */
static bool can_rename(const char *target)
{
    struct text temporary = {0};
    const int file = open_temporary(target, &temporary);
    int code = errno;
    if (file >= 0) {
        unlink(temporary.at);
        close(file);
    }
    text_release(&temporary);
    errno = code;
    return file >= 0;
}

/* Writes the bytes, or where there are none, sees whether they could be written. */
static bool write_or_try(const char *path, const struct str *bytes, struct diags *diags, struct span span)
{
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
        diag_error(diags, span, "`%s` is a folder, not a file", path);
        return false;
    }
    /* A link stays a link: what it points to is replaced. */
    char *real = exists ? realpath(path, NULL) : NULL;
    const char *target = real == NULL ? path : real;
    bool fine = false;
    if (exists && !S_ISREG(old.st_mode))
        fine = bytes != NULL ? write_in_place(path, *bytes) : access(path, W_OK) == 0;
    else
        fine = bytes != NULL ? write_renamed(target, exists ? &old : NULL, *bytes) : can_rename(target);
    int code = errno;
    free(real);
    if (!fine)
        report_unwritten(path, code, diags, span);
    return fine;
}

bool file_write(const char *path, struct str bytes, struct diags *diags, struct span span)
{
    return write_or_try(path, &bytes, diags, span);
}

bool file_try(const char *path, struct diags *diags, struct span span)
{
    return write_or_try(path, NULL, diags, span);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum file_kind file_look(const char *path, struct file_identity *identity)
{
    struct stat about;
    *identity = (struct file_identity){0};
    if (stat(path, &about) != 0)
        return errno == ENOENT || errno == ENOTDIR ? FILE_MISSING : FILE_CLOSED;
    *identity = (struct file_identity){(uint64_t)about.st_dev, (uint64_t)about.st_ino};
    return S_ISREG(about.st_mode) ? FILE_REGULAR : S_ISDIR(about.st_mode) ? FILE_FOLDER : FILE_SPECIAL;
}
