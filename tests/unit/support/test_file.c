/* Files: reading with limits and gzip, writing whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "support/file.h"
#include "support/memory.h"

static char folder[] = "/tmp/nel-file-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void put(const char *name, struct str bytes)
{
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* Packs `bytes` as one gzip member behind what `out` holds. */
static void pack(struct text *out, struct str bytes)
{
    static unsigned char room[1 << 17];
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)bytes.at;
    stream.avail_in = (uInt)bytes.len;
    stream.next_out = room;
    stream.avail_out = sizeof room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    text_add_str(out, (struct str){(const char *)room, sizeof room - stream.avail_out});
    deflateEnd(&stream);
}

/* Reading `name` must fail with this message, in which %s stands for the path, and help. */
static void assert_fails(const char *name, size_t limit, const char *message, const char *help)
{
    struct diags diags = {0};
    struct text out = {0};
    assert_false(file_read(in_folder(name), limit, &out, &diags, SPAN_NONE));
    assert_int_equal(diags.errors, 1);
    struct text expected = {0};
    for (const char *at = message; *at != '\0'; at++)
        if (*at == '@')
            text_add(&expected, in_folder(name));
        else
            text_add_char(&expected, *at);
    assert_string_equal(diags.at[0].message, text_chars(&expected));
    if (help == NULL)
        assert_null(diags.at[0].help);
    else
        assert_non_null(strstr(diags.at[0].help, help));
    assert_null(out.at);
    text_release(&expected);
    diags_release(&diags);
}

static void assert_reads(const char *name, size_t limit, struct str expected)
{
    struct diags diags = {0};
    struct text out = {0};
    assert_true(file_read(in_folder(name), limit, &out, &diags, SPAN_NONE));
    assert_int_equal(diags.count, 0);
    assert_true(str_equal(text_str(&out), expected));
    text_release(&out);
}

static void plain_files(void **state)
{
    (void)state;
    put("data.csv", STR("a,b\n1,2\n"));
    put("empty", STR(""));
    assert_reads("data.csv", 8, STR("a,b\n1,2\n"));
    assert_reads("empty", 0, STR(""));
    assert_fails("data.csv", 7, "file `@` is too large", "at most 7 bytes");
    assert_fails("dta.csv", 100, "no such file `@`", "data.csv`?");
    assert_fails("nothing like it", 100, "no such file `@`", NULL);
    assert_fails("none/data.csv", 100, "no such file `@`", "there is no folder");
    assert_fails("", 100, "`@` is a folder, not a file", NULL);
    assert_true(file_exists(in_folder("data.csv")));
    assert_false(file_exists(in_folder("dta.csv")));
    struct diags diags = {0};
    struct text out = {0};
    assert_false(file_read("/dev/zero", 1 << 20, &out, &diags, SPAN_NONE)); /* a file without end */
    assert_int_equal(diags.errors, 1);
    diags_release(&diags);
}

static void gzipped_files(void **state)
{
    (void)state;
    struct text packed = {0};
    pack(&packed, STR("hello "));
    put("one.gz", text_str(&packed));
    assert_reads("one.gz", 100, STR("hello "));
    pack(&packed, STR("world"));
    put("two.gz", text_str(&packed));
    assert_reads("two.gz", 100, STR("hello world"));
    text_add_str(&packed, (struct str){"\0\0\0", 3});
    put("padded.gz", text_str(&packed));
    assert_reads("padded.gz", 100, STR("hello world"));
    text_add(&packed, "rubbish");
    put("rubbish.gz", text_str(&packed));
    assert_fails("rubbish.gz", 1000, "file `@` is damaged: its gzip data cannot be unpacked", NULL);
    text_clear(&packed);
    static char zeros[1 << 20];
    pack(&packed, (struct str){zeros, sizeof zeros});
    put("bomb.gz", text_str(&packed));
    assert_reads("bomb.gz", sizeof zeros, (struct str){zeros, sizeof zeros});
    assert_fails("bomb.gz", sizeof zeros - 1, "file `@` is too large", "at most");
    for (size_t len = 2; len < packed.len; len += 1 + len / 7) {
        put("cut.gz", (struct str){packed.at, len});
        assert_fails("cut.gz", 1 << 21, "file `@` is damaged: its gzip data cannot be unpacked", NULL);
    }
    packed.at[packed.len - 7] ^= 1; /* the checksum */
    put("sum.gz", text_str(&packed));
    assert_fails("sum.gz", 1 << 21, "file `@` is damaged: its gzip data cannot be unpacked", NULL);
    text_release(&packed);
}

static void reading_survives_failing_memory(void **state)
{
    (void)state;
    struct text packed = {0};
    pack(&packed, STR("hello"));
    put("one.gz", text_str(&packed));
    text_release(&packed);
    bool read = false;
    for (long n = 0; !read; n++) {
        struct diags diags = {0};
        struct text out = {0};
        mem_fail_after(n);
        read = file_read(in_folder("one.gz"), 100, &out, &diags, SPAN_NONE);
        mem_fail_after(-1);
        assert_int_equal(diags.errors, read ? 0 : 1);
        assert_true(n < 100);
        text_release(&out);
        diags_release(&diags);
    }
}

static int entries_of_folder(void)
{
    char command[100];
    snprintf(command, sizeof command, "ls -A %s | wc -l", folder);
    FILE *pipe = popen(command, "r");
    int count = -1;
    assert_int_equal(fscanf(pipe, "%d", &count), 1);
    pclose(pipe);
    return count;
}

static void writing(void **state)
{
    (void)state;
    struct diags diags = {0};
    put("out.txt", STR("old"));
    chmod(in_folder("out.txt"), 0640);
    int entries = entries_of_folder();
    assert_true(file_write(in_folder("out.txt"), STR("new bytes"), &diags, SPAN_NONE));
    assert_reads("out.txt", 100, STR("new bytes"));
    struct stat about;
    assert_int_equal(stat(in_folder("out.txt"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    assert_true(file_write(in_folder("fresh.txt"), STR(""), &diags, SPAN_NONE));
    assert_reads("fresh.txt", 100, STR(""));
    assert_true(file_write("/dev/null", STR("gone"), &diags, SPAN_NONE));
    assert_int_equal(stat("/dev/null", &about), 0);
    assert_true(S_ISCHR(about.st_mode));
    assert_int_equal(entries_of_folder(), entries + 1);
    assert_int_equal(diags.count, 0);
}

static void links_stay_links(void **state)
{
    (void)state;
    struct diags diags = {0};
    put("target.txt", STR("old"));
    char link_path[200];
    snprintf(link_path, sizeof link_path, "%s", in_folder("link.txt"));
    assert_int_equal(symlink("target.txt", link_path), 0);
    assert_true(file_write(link_path, STR("new"), &diags, SPAN_NONE));
    assert_reads("target.txt", 100, STR("new"));
    struct stat about;
    assert_int_equal(lstat(link_path, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
}

static void failed_writing_leaves_the_old_file(void **state)
{
    (void)state;
    struct diags diags = {0};
    put("kept.txt", STR("old"));
    int entries = entries_of_folder();
    for (long n = 0; n < 2; n++) {
        mem_fail_after(n);
        file_write(in_folder("kept.txt"), STR("old"), &diags, SPAN_NONE);
        mem_fail_after(-1);
    }
    assert_reads("kept.txt", 100, STR("old"));
    assert_int_equal(entries_of_folder(), entries);
    diags_release(&diags);
    assert_false(file_write(in_folder("none/x"), STR("x"), &diags, SPAN_NONE));
    assert_false(file_write(folder, STR("x"), &diags, SPAN_NONE));
    assert_false(file_write("/dev/full", STR("x"), &diags, SPAN_NONE));
    assert_int_equal(diags.errors, 3);
    assert_non_null(strstr(diags.at[0].message, "cannot write `"));
    assert_non_null(strstr(diags.at[1].message, "is a folder"));
    assert_non_null(strstr(diags.at[2].message, "No space left"));
    diags_release(&diags);
}

/* What could not be written is told with the same words, and nothing is changed. */
static void trying(void **state)
{
    (void)state;
    struct diags diags = {0};
    put("kept.txt", STR("old"));
    int entries = entries_of_folder();
    assert_true(file_try(in_folder("kept.txt"), &diags, SPAN_NONE));
    assert_true(file_try(in_folder("not_yet.txt"), &diags, SPAN_NONE));
    assert_true(file_try("/dev/null", &diags, SPAN_NONE));
    assert_int_equal(diags.count, 0);
    assert_false(file_try(in_folder("none/x"), &diags, SPAN_NONE));
    assert_false(file_try(folder, &diags, SPAN_NONE));
    assert_int_equal(diags.errors, 2);
    assert_non_null(strstr(diags.at[0].message, "cannot write `"));
    assert_non_null(strstr(diags.at[1].message, "is a folder"));
    diags_release(&diags);
    assert_reads("kept.txt", 100, STR("old"));
    assert_int_equal(entries_of_folder(), entries);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void expect_content(const char *name, struct str bytes)
{
    struct diags diags = {0};
    struct text out = {0};
    assert_true(file_read(in_folder(name), 1000, &out, &diags, SPAN_NONE));
    assert_true(str_equal(text_str(&out), bytes));
    text_release(&out);
}

/* What a killed writer left is used up; what a living one has open, and what is a link, is left alone. */
static void left_behind(void **state)
{
    (void)state;
    struct diags diags = {0};
    put("left.0.tmp", STR("half of something longer"));
    assert_true(file_write(in_folder("left"), STR("whole"), &diags, SPAN_NONE));
    expect_content("left", STR("whole"));
    assert_false(file_exists(in_folder("left.0.tmp")));

    put("left.0.tmp", STR("being written"));
    int writer = open(in_folder("left.0.tmp"), O_WRONLY);
    assert_int_equal(flock(writer, LOCK_EX), 0);
    char other[200];
    snprintf(other, sizeof other, "%s", in_folder("linked"));
    put("linked", STR("another file"));
    assert_int_equal(symlink(other, in_folder("left.1.tmp")), 0);
    assert_int_equal(link(other, in_folder("left.2.tmp")), 0);
    assert_true(file_write(in_folder("left"), STR("new"), &diags, SPAN_NONE));
    expect_content("left", STR("new"));
    expect_content("left.0.tmp", STR("being written"));
    expect_content("linked", STR("another file"));
    assert_false(file_exists(in_folder("left.3.tmp")));
    close(writer);
    static const char *const names[] = {"left", "left.0.tmp", "left.1.tmp", "left.2.tmp", "linked"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(unlink(in_folder(names[i])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files),
        cmocka_unit_test(gzipped_files),
        cmocka_unit_test(reading_survives_failing_memory),
        cmocka_unit_test(left_behind),
        cmocka_unit_test(writing),
        cmocka_unit_test(trying),
        cmocka_unit_test(links_stay_links),
        cmocka_unit_test(failed_writing_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
