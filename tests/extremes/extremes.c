/* Scripts that nobody writes by hand: huge, deep, or no text at all. Each is made here, given to the command, and has to end with the
   status and the words that stand beside it: a clear error or correct behaviour, no crash, no flood of output, bounded memory. The
   sizes are such that work for each pair of parts would take minutes, and each has MOST_SECONDS. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/text.h"

enum { MOST_SECONDS = 60, MOST_OUTPUT = 64 << 10, MOST_MEMORY = 2 << 20 /* KiB */ };

/* A script: `before`, `part` so many times, `after`; %d in the part becomes the number of its turn. */
struct extreme {
    const char *name;
    struct str before, part;
    unsigned times;
    struct str after;
    int status;
    const char *says; /* somewhere in what is printed */
};

#define TEXT(literal)                                                                                                              \
    {                                                                                                                              \
        (literal), sizeof(literal) - 1                                                                                             \
    }

static const struct extreme extremes[] = {
    /* a line of a megabyte: read, and shown only around an error */
    {"long_line", TEXT("let a = ["), TEXT("1, "), 333000, TEXT("1]\nprint a[5]\n"), 0, "1\n"},
    {"long_line_syntax", TEXT("let a = ["), TEXT("1, "), 333000, TEXT("1 2]\n"), 1, "found `2`"},
    {"long_line_name", TEXT("let a = ["), TEXT("1, "), 333000, TEXT("nosuch]\nprint a\n"), 1, "unknown name `nosuch`"},
    {"long_line_value", TEXT("let a = ["), TEXT("1, "), 333000, TEXT("1 + \"a\"]\nprint a\n"), 1, "error: "},
    {"long_line_errors", TEXT("let a = ["), TEXT("nosuch, "), 130000, TEXT("1]\nprint a\n"), 1, "too many errors"},
    /* nesting of every kind */
    {"parentheses", TEXT("print "), TEXT("("), 10000, TEXT("1\n"), 1, "nested more than 1000 deep"},
    {"brackets", TEXT("print "), TEXT("["), 10000, TEXT("1\n"), 1, "nested more than 1000 deep"},
    {"braces", TEXT("print "), TEXT("{a:"), 10000, TEXT("1\n"), 1, "nested more than 1000 deep"},
    {"holes", TEXT("print "), TEXT("\"{"), 10000, TEXT("1\n"), 1, "nested more than 1000 deep"},
    {"calls", TEXT("print "), TEXT("abs("), 10000, TEXT("1\n"), 1, "nested more than 1000 deep"},
    {"blocks", TEXT(""), TEXT("for i in 1..1 {\n"), 10000, TEXT(""), 1, "nested more than 1000 deep"},
    {"minus", TEXT("print "), TEXT("-"), 100000, TEXT("1\n"), 1, "nested more than 1000 levels deep"},
    {"skips", TEXT("print "), TEXT("~"), 100000, TEXT("relu\n"), 1, "nested more than 1000 levels deep"},
    {"nots", TEXT("print "), TEXT("not "), 100000, TEXT("true\n"), 1, "nested more than 1000 levels deep"},
    {"powers", TEXT("print 1"), TEXT(" ^ 1"), 100000, TEXT("\n"), 1, "nested more than 1000 levels deep"},
    {"lambdas", TEXT("print "), TEXT("fn(_x) = "), 100000, TEXT("1\n"), 1, "nested more than 1000 levels deep"},
    {"else_ifs", TEXT("let a = 5\nif a == 0 { }"), TEXT(" else if a == %d { }"), 100000, TEXT("\n"), 1,
     "nested more than 1000 levels deep"},
    /* operators in a row are no nesting */
    {"sum", TEXT("let a = 1\nprint a"), TEXT(" + a"), 100000, TEXT("\n"), 0, "100001\n"},
    {"sum_and_difference", TEXT("let a = 1\nprint a"), TEXT(" + a - 2"), 50000, TEXT("\n"), 0, "-49999\n"},
    {"product", TEXT("let a = 7\nprint a"), TEXT(" * 2 / 2 mod 8"), 33000, TEXT("\n"), 0, "7\n"},
    {"and", TEXT("let a = true\nprint a"), TEXT(" and a"), 100000, TEXT("\n"), 0, "true\n"},
    {"or", TEXT("let a = false\nprint a"), TEXT(" or a"), 100000, TEXT(" or not a\n"), 0, "true\n"},
    {"pipes", TEXT("let a = -1\nprint a"), TEXT(" |> abs"), 100000, TEXT("\n"), 0, "1\n"},
    {"texts", TEXT("let a = \"a\"\nlet b = a"), TEXT(" + a"), 100000, TEXT("\nprint length(b)\n"), 0, "100001\n"},
    {"lists", TEXT("let a = [1]\nlet b = a"), TEXT(" + a"), 100000, TEXT("\nprint length(b)\n"), 0, "100001\n"},
    {"branches", TEXT("let m = relu(1)"), TEXT(" | relu(1)"), 90000, TEXT("\nprint m == m\n"), 0, "true\n"},
    {"branches_too_many", TEXT("let m = relu(1)"), TEXT(" | relu(1)"), 200000, TEXT("\nprint m\n"), 1, "error: "},
    {"sum_wrong", TEXT("let a = 1\nprint a"), TEXT(" + a"), 100000, TEXT(" + \"x\"\n"), 1, "does not work between a number and"},
    {"sum_in_a_formula", TEXT("element zz \"Zz\" (x) = x"), TEXT(" + x"), 100000, TEXT("\n"), 1, "this formula has more than"},
    {"sum_in_a_pattern", TEXT("rule r: ?A"), TEXT(" + ?A"), 100000, TEXT(" => ?A\nprint r\n"), 0, "rule r"},
    {"members", TEXT("let a = 1\nprint a"), TEXT(".b"), 100000, TEXT("\n"), 1, "nested more than 1000 levels deep"},
    {"stages", TEXT("let m = relu(1)"), TEXT(" -> relu(1)"), 90000, TEXT("\nprint m == m\n"), 0, "true\n"},
    {"stages_too_many", TEXT("let m = relu(1)"), TEXT(" -> relu(1)"), 200000, TEXT("\nprint m\n"), 1, "error: "},
    /* bytes that are no text */
    {"zero", TEXT("let a = 1"), TEXT("\0"), 1, TEXT("\nprint a\n"), 1, "a zero byte is not text"},
    {"zeros", TEXT(""), TEXT("\0"), 1000000, TEXT(""), 1, "a zero byte is not text"},
    {"byte", TEXT("# "), TEXT("\xff"), 1, TEXT("\n"), 1, "byte 0xFF is not UTF-8 text"},
    {"overlong", TEXT("# "), TEXT("\xc0\xaf"), 1, TEXT("\n"), 1, "byte 0xC0 is not UTF-8 text"},
    {"surrogate", TEXT("# "), TEXT("\xed\xa0\x80"), 1, TEXT("\n"), 1, "byte 0xED is not UTF-8 text"},
    {"past_unicode", TEXT("# "), TEXT("\xf4\x90\x80\x80"), 1, TEXT("\n"), 1, "byte 0xF4 is not UTF-8 text"},
    {"cut_short", TEXT("# "), TEXT("\xe2\x82"), 1, TEXT(""), 1, "byte 0xE2 is not UTF-8 text"},
    {"continuation", TEXT("# "), TEXT("\x80"), 100000, TEXT("\n"), 1, "byte 0x80 is not UTF-8 text"},
    {"utf16_little", TEXT("\xff\xfe"), TEXT("p\0"), 1, TEXT("\n\0"), 1, "this file is UTF-16 text"},
    {"utf16_big", TEXT("\xfe\xff"), TEXT("\0p"), 1, TEXT("\0\n"), 1, "this file is UTF-16 text"},
    {"mark", TEXT("\xef\xbb\xbf"), TEXT("print 7\n"), 1, TEXT(""), 0, "7\n"},
    {"windows", TEXT(""), TEXT("let a%d = [1,\r\n 7]\r\n"), 1, TEXT("print a0[1]\r\n"), 0, "7\n"},
    {"old_mac", TEXT("let a = 7\rprint a"), TEXT("\r"), 1000, TEXT(""), 1, "a carriage return alone does not end a line"},
    /* nothing, and hardly anything */
    {"nothing", TEXT(""), TEXT(""), 0, TEXT(""), 0, ""},
    {"comments", TEXT("# a"), TEXT("\n## b"), 100000, TEXT(""), 0, ""},
    {"no_last_line_end", TEXT(""), TEXT(""), 0, TEXT("print 7"), 0, "7\n"},
    {"blanks", TEXT(""), TEXT(" \n\t"), 500000, TEXT("print 7"), 0, "7\n"},
    {"separators", TEXT(""), TEXT(";"), 1000000, TEXT("print 7"), 0, "7\n"},
    /* many, and long */
    {"names", TEXT(""), TEXT("let _name%d = %d\n"), 300000, TEXT("print _name299999\n"), 0, "299999\n"},
    {"statements", TEXT("let a = 0\n"), TEXT("a = a + 1\n"), 300000, TEXT("print a\n"), 0, "300000\n"},
    {"functions", TEXT(""), TEXT("fn _f%d(x) = x + %d\n"), 100000, TEXT("print _f7(1)\n"), 0, "8\n"},
    {"fields", TEXT("let a = {"), TEXT("f%d: 1, "), 100000, TEXT("g: 1}\nprint a\n"), 1, "a record has at most"},
    {"parameters", TEXT("fn f("), TEXT("_p%d = 1, "), 100000, TEXT("_q = 1) = 7\nprint f()\n"), 0, "7\n"},
    {"long_name", TEXT("let "), TEXT("abcdefghij"), 100000, TEXT(" = 7\nprint 7\n"), 0, "7\n"},
    {"long_name_unknown", TEXT("print "), TEXT("abcdefghij"), 100000, TEXT("\n"), 1, "unknown name `abcdefghij"},
    {"long_string", TEXT("let a = \""), TEXT("abcdefghij"), 100000, TEXT("\"\nprint a == a\n"), 0, "true\n"},
    {"escapes", TEXT("let a = \""), TEXT("\\n\\u{e9}"), 100000, TEXT("\"\nprint a == a\n"), 0, "true\n"},
    {"wrong_escapes", TEXT("let a = \""), TEXT("\\q"), 500000, TEXT("\"\n"), 1, "`\\q` is not an escape"},
    {"holes_in_a_row", TEXT("let a = 1\nlet b = \""), TEXT("{a}"), 100000, TEXT("\"\nprint b == b\n"), 0, "true\n"},
    {"long_comment", TEXT("#"), TEXT(" abcdefghi"), 100000, TEXT("\nprint 7\n"), 0, "7\n"},
    {"documentation", TEXT(""), TEXT("## abc\n"), 200000, TEXT("fn f(x) = x\nprint f(7)\n"), 0, "7\n"},
    {"long_number", TEXT("print "), TEXT("1234567890"), 100000, TEXT("\n"), 1, "is too large for a number"},
    {"long_fraction", TEXT("print 0."), TEXT("3333333333"), 100000, TEXT("\n"), 0, "0.333"},
    {"long_exponent", TEXT("print 1e"), TEXT("1234567890"), 100000, TEXT("\n"), 1, "is too large for a number"},
    /* nothing but mistakes */
    {"mistakes", TEXT(""), TEXT("a b\n"), 300000, TEXT(""), 1, "too many errors"},
    {"characters", TEXT(""), TEXT("$ "), 500000, TEXT(""), 1, "unexpected character `$`"},
    {"quotes", TEXT("print "), TEXT("' “ "), 200000, TEXT("\n"), 1, "straight quotes"},
    {"open_strings", TEXT(""), TEXT("let a = \"\n"), 100000, TEXT(""), 1, "this string is never closed"},
    {"open_brackets", TEXT(""), TEXT("let a = (\n"), 100000, TEXT(""), 1, "this `(` is never closed"},
    {"closing_brackets", TEXT("print (((((((("), TEXT("]"), 1000000, TEXT(""), 1, "does not close"},
};

static char folder[] = "/tmp/nel_extremes_XXXXXX";
static const char *nel;
static unsigned failed;

static void add_part(struct text *text, struct str part, unsigned turn)
{
    for (size_t i = 0; i < part.len; i++)
        if (part.at[i] == '%' && i + 1 < part.len && part.at[i + 1] == 'd')
            text_addf(text, "%u", turn), i++;
        else
            text_add_char(text, part.at[i]);
}

static void write_file(const char *path, struct str bytes)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes.at, 1, bytes.len, file) != bytes.len || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

static void read_output(const char *path, struct text *out)
{
    char chunk[4096];
    FILE *file = fopen(path, "rb");
    for (size_t got; file && (got = fread(chunk, 1, sizeof chunk, file)) > 0;)
        text_add_str(out, (struct str){chunk, got});
    if (file)
        fclose(file);
}

/* In the child: everything that is printed goes to one file. */
static void run(const char *script, const char *output)
{
    int file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || dup2(file, STDOUT_FILENO) < 0 || dup2(file, STDERR_FILENO) < 0)
        _exit(126);
    alarm(MOST_SECONDS);
    execl(nel, nel, script, (char *)NULL);
    _exit(127);
}

/* Gives the script to the command and holds what comes back against what was expected. */
static void expect(const char *name, const char *script, int status, const char *says)
{
    char output[128];
    struct text text = {0};
    struct rusage usage = {0};
    int ended = 0;
    snprintf(output, sizeof output, "%s/output", folder);
    pid_t child = fork();
    if (child == 0)
        run(script, output);
    if (child < 0 || wait4(child, &ended, 0, &usage) != child) {
        perror("fork");
        exit(1);
    }
    read_output(output, &text);
    const char *wrong = WIFSIGNALED(ended) && WTERMSIG(ended) == SIGALRM ? "takes too long"
                        : !WIFEXITED(ended)                              ? "crashed"
                        : WEXITSTATUS(ended) != status                   ? "ended with another status"
                        : !strstr(text_chars(&text), says)               ? "says something else"
                        : text.len > MOST_OUTPUT                         ? "prints too much"
                        : usage.ru_maxrss > MOST_MEMORY                  ? "takes too much memory"
                                                                         : NULL;
    if (wrong) {
        printf("%s: %s (status %d, %zu bytes, %ld KiB)\n%.1000s\n", name, wrong, ended, text.len, usage.ru_maxrss,
               text_chars(&text));
        failed++;
    }
    unlink(output);
    text_release(&text);
}

static void try_extreme(const struct extreme *extreme)
{
    char script[128];
    struct text text = {0};
    snprintf(script, sizeof script, "%s/%s.nel", folder, extreme->name);
    text_add_str(&text, extreme->before);
    for (unsigned turn = 0; turn < extreme->times; turn++)
        add_part(&text, extreme->part, turn);
    text_add_str(&text, extreme->after);
    write_file(script, text_str(&text));
    expect(extreme->name, script, extreme->status, extreme->says);
    unlink(script);
    text_release(&text);
}

/* ---- what is no regular file ---- */

static void try_other_files(void)
{
    char path[128];
    expect("a folder", folder, 1, "is a folder, not a file");
    expect("no file", "/tmp/nel_extremes_none.nel", 1, "no such file");
    expect("an endless device", "/dev/zero", 1, "is too large");
    expect("an empty device", "/dev/null", 0, "");
    snprintf(path, sizeof path, "%s/pipe", folder);
    if (mkfifo(path, 0600) == 0) {
        pid_t writer = fork();
        if (writer == 0) {
            write_file(path, str_of("print 7\n"));
            _exit(0);
        }
        expect("a pipe", path, 0, "7\n");
        waitpid(writer, NULL, 0);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/locked.nel", folder);
    write_file(path, str_of("print 7\n"));
    chmod(path, 0);
    if (access(path, R_OK) != 0) /* who may read everything cannot try this */
        expect("an unreadable file", path, 1, "cannot");
    unlink(path);
}

/* A file that is one byte too large, without the disk that it would take. */
static void try_too_large(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/large.nel", folder);
    write_file(path, str_of(""));
    if (truncate(path, ((off_t)256 << 20) + 1) == 0)
        expect("a file of more than 256 MiB", path, 1, "is too large");
    unlink(path);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !mkdtemp(folder)) {
        fputs("extremes NEL\n", stderr);
        return 1;
    }
    nel = argv[1];
    for (size_t i = 0; i < sizeof extremes / sizeof *extremes; i++)
        try_extreme(&extremes[i]);
    try_other_files();
    try_too_large();
    rmdir(folder);
    printf("%u failed\n", failed);
    return failed > 0;
}
