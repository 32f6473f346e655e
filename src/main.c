/* The command `nel`: what a shell sees. Reads the options, opens a state, gives the work to it, and prints what comes back. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "library/session.h"
#include "repl/progress_line.h"
#include "repl/repl.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/number.h"
#include "support/suggest.h"
#include "syntax/format.h"

enum exit_status { EXIT_DONE = 0, EXIT_SCRIPT = 1, EXIT_USAGE = 2 };

static const char help_text[] = "nel, the Neural Element Language\n"
                                "\n"
                                "  nel FILE.nel [--name value …]   run a script; its `param`s are options\n"
                                "  nel                             the prompt\n"
                                "  nel -e 'EXPRESSION'             evaluate and show one expression\n"
                                "  nel check FILE…                 every error, no training: what the trainings cost\n"
                                "  nel fmt [--check] FILE…         the canonical layout; `-` is the standard input\n"
                                "  nel ir FILE                     the compiled graph and plan of each training\n"
                                "  nel dna STRING [INPUTS]         the molecule of a DNA string drawn, for so many inputs\n"
                                "  nel dna -                       strings from standard input: hash and canonical form\n"
                                "  nel doc [NAME]                  the manual: its contents, or what a name means\n"
                                "\n"
                                "  --seed N       default seed (0)          --threads N    threads to use (all cores)\n"
                                "  --quiet        no progress               --json         diagnostics and progress as JSON\n"
                                "  --version      print the version         --help         this text\n"
                                "\n"
                                "  NEL_PATH       folders where `use` looks, behind the script's own, parted by `:`\n"
                                "  NEL_DATA       the folder of the data sets\n";

struct options {
    double seed, threads;
    bool quiet, json, check, markdown;
    const char *settings[128]; /* names and values for `param` */
    size_t setting_count;
    const char *words[128]; /* what is no option, in order */
    size_t word_count;
    const char *expression; /* of -e */
};

/* The state that Ctrl-C stops; a second Ctrl-C ends the program. */
static struct nel_state *running;

static void on_interrupt(int signal_number)
{
    if (!running || atomic_exchange(&running->cancel, true))
        _exit(128 + signal_number);
}

/* ---- the command line ---- */

__attribute__((format(printf, 1, 2))) static bool usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n`nel --help` tells how it is used\n", stderr);
    return false;
}

static bool read_number(const char *option, const char *text, double most, double *number)
{
    if (text && number_read(str_of(text), number) && *number >= 0 && *number <= most && *number == floor(*number))
        return true;
    return usage("%s needs a whole number", option);
}

static bool read_option(struct options *options, int *at, char **argv)
{
    const char *option = argv[*at], *value = argv[*at + 1];
    if (strcmp(option, "--quiet") == 0 || strcmp(option, "-q") == 0)
        return options->quiet = true;
    if (strcmp(option, "--json") == 0)
        return options->json = true;
    if (strcmp(option, "--markdown") == 0 && options->word_count && strcmp(options->words[0], "doc") == 0)
        return options->markdown = true;
    if (strcmp(option, "--check") == 0 && options->word_count && strcmp(options->words[0], "fmt") == 0)
        return options->check = true;
    if (strcmp(option, "--seed") == 0)
        return read_number(option, argv[++*at], 9007199254740992.0, &options->seed);
    if (strcmp(option, "--threads") == 0)
        return read_number(option, argv[++*at], LIMIT_THREADS, &options->threads);
    if (strcmp(option, "-e") == 0) {
        options->expression = argv[++*at];
        return value || usage("%s needs an expression", option);
    }
    if (strncmp(option, "--", 2) != 0 || options->word_count == 0)
        return usage("unknown option `%s`", option);
    if (!value || options->setting_count + 2 > sizeof options->settings / sizeof *options->settings)
        return usage("`%s` needs a value", option);
    options->settings[options->setting_count++] = option + 2;
    options->settings[options->setting_count++] = value;
    ++*at;
    return true;
}

static bool read_options(struct options *options, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-' && argv[i][1] != '\0' && !(options->word_count && strcmp(options->words[0], "dna") == 0)) {
            if (!read_option(options, &i, argv))
                return false;
        } else if (options->word_count == sizeof options->words / sizeof *options->words) {
            return usage("too many arguments from `%s` on", argv[i]);
        } else {
            options->words[options->word_count++] = argv[i];
        }
    }
    return true;
}

/* ---- the session's surroundings ---- */

/* The face of one run: where text, diagnostics and progress go. */
struct face {
    struct nel_state state;
    struct diags diags;
    struct progress_line progress;
    const struct options *options;
    bool told; /* its diagnostics are among the output */
};

static void write_output(void *context, struct str text)
{
    struct face *face = context;
    progress_line_clear(&face->progress);
    fwrite(text.at, 1, text.len, stdout);
    fflush(stdout);
}

static unsigned terminal_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

static bool face_open(struct face *face, const struct options *options)
{
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    face->options = options;
    face->progress = (struct progress_line){
        .file = stderr,
        .style = options->json           ? PROGRESS_JSON
                 : options->quiet        ? PROGRESS_QUIET
                 : isatty(STDERR_FILENO) ? PROGRESS_TERMINAL
                                         : PROGRESS_PLAIN,
    };
    bool well = state_open(&face->state, &face->diags);
    face->state.output = (struct output){write_output, face, colour, true, terminal_columns()};
    face->state.progress.report = progress_line_report;
    face->state.progress.context = &face->progress;
    face->state.outlives_stop = true;
    face->state.seed = (uint64_t)options->seed;
    face->state.threads = (unsigned)options->threads;
    face->state.settings = options->settings;
    face->state.setting_count = options->setting_count;
    running = &face->state;
    sigaction(SIGINT, &(struct sigaction){.sa_handler = on_interrupt}, NULL); /* no SA_RESTART: the prompt's read must end */
    return well;
}

/* Prints what was found; the exit status. */
static int tell(const struct options *options, const struct diags *diags, const struct sources *sources)
{
    struct text text = {0};
    if (options->json)
        diags_render_json(diags, sources, &text);
    else
        diags_render(diags, sources, isatty(STDERR_FILENO) && !getenv("NO_COLOR"), &text);
    fputs(text_chars(&text), stderr);
    text_release(&text);
    return diags->errors || fflush(stdout) != 0 || ferror(stdout) ? EXIT_SCRIPT : EXIT_DONE;
}

static int face_close(struct face *face)
{
    progress_line_clear(&face->progress);
    size_t errors = face->diags.errors;
    if (face->told)
        diags_release(&face->diags);
    int status = tell(face->options, &face->diags, &face->state.sources);
    status = errors ? EXIT_SCRIPT : status;
    running = NULL;
    state_close(&face->state);
    diags_release(&face->diags);
    return status;
}

/* ---- what the command does ---- */

static void evaluate_file(struct face *face, const char *path,
                          bool (*evaluate)(struct nel_state *state, const char *name, struct str text, struct diags *diags))
{
    struct text text = {0};
    if (strcmp(path, "-") == 0 ? file_read("/dev/stdin", LIMIT_SOURCE_BYTES, &text, &face->diags, SPAN_NONE)
                               : file_read(path, LIMIT_SOURCE_BYTES, &text, &face->diags, SPAN_NONE))
        evaluate(&face->state, path, text_str(&text), &face->diags);
    text_release(&text);
}

static int run_script(const struct options *options)
{
    struct face face = {0};
    if (face_open(&face, options))
        evaluate_file(&face, options->words[0], state_evaluate);
    return face_close(&face);
}

static int run_expression(const struct options *options)
{
    struct face face = {0};
    if (face_open(&face, options)) {
        face.state.interactive = true;
        state_evaluate(&face.state, "<-e>", str_of(options->expression), &face.diags);
    }
    return face_close(&face);
}

static int run_check(const struct options *options)
{
    int worst = EXIT_DONE;
    for (size_t i = 1; i < options->word_count; i++) {
        struct face face = {0};
        if (face_open(&face, options)) {
            struct text out = {0};
            evaluate_file(&face, options->words[i], state_check);
            state_check_report(&face.state, options->words[i], &face.diags, options->json, &out);
            write_output(&face, text_str(&out));
            text_release(&out);
            face.told = options->json;
        }
        int status = face_close(&face);
        if (status > worst)
            worst = status;
    }
    return options->word_count > 1 ? worst : (usage("`nel check` needs a file"), EXIT_USAGE);
}

static int run_ir(const struct options *options)
{
    struct face face = {0};
    if (options->word_count != 2)
        return usage("`nel ir` needs one file"), EXIT_USAGE;
    if (face_open(&face, options)) {
        struct text out = {0};
        face.state.checking = true;
        face.state.ir = &out;
        evaluate_file(&face, options->words[1], state_evaluate);
        if (out.len)
            write_output(&face, text_str(&out));
        text_release(&out);
    }
    return face_close(&face);
}

/* `nel dna -`: strings from standard input, one a line. */
static void list_dna(struct face *face, struct text *out)
{
    struct text lines = {0};
    if (file_read("/dev/stdin", LIMIT_SOURCE_BYTES, &lines, &face->diags, SPAN_NONE))
        state_list_dna(&face->state, text_str(&lines), out, &face->diags);
    text_release(&lines);
}

static int run_dna(const struct options *options)
{
    struct face face = {0};
    double inputs = 0;
    if (options->word_count < 2 || options->word_count > 3)
        return usage("`nel dna` needs a DNA string"), EXIT_USAGE;
    if (options->word_count == 3 && !read_number("the number of inputs", options->words[2], LIMIT_WIDTH, &inputs))
        return EXIT_USAGE;
    if (face_open(&face, options)) {
        struct text out = {0};
        if (strcmp(options->words[1], "-") == 0)
            list_dna(&face, &out);
        else
            state_explain(&face.state, str_of(options->words[1]), (uint32_t)inputs, &out, &face.diags);
        write_output(&face, text_str(&out));
        text_release(&out);
    }
    return face_close(&face);
}

/* The contents, all of it as Markdown, or the entries of each name. */
static int run_doc(const struct options *options)
{
    struct face face = {0};
    int found = EXIT_DONE;
    bool open = face_open(&face, options);
    struct text out = {0};
    if (open && options->markdown)
        state_doc_page(&face.state, &out);
    else if (open && options->word_count == 1)
        state_doc_contents(&face.state, &out);
    for (size_t i = 1; open && !options->markdown && i < options->word_count; i++) {
        struct text near = {0};
        text_add(&out, i > 1 ? "\n" : "");
        if (!state_doc(&face.state, str_of(options->words[i]), &out, &near)) {
            fprintf(stderr, "there is no entry `%s`: %s\n", options->words[i], text_chars(&near));
            found = EXIT_SCRIPT;
        }
        text_release(&near);
    }
    write_output(&face, text_str(&out));
    text_release(&out);
    int status = face_close(&face);
    return status ? status : found;
}

/* ---- nel fmt ---- */

/* Names the first line that is laid out otherwise; false. */
static bool report_layout(const char *name, const char *text, const char *layout)
{
    size_t line = 1;
    for (; *text && *text == *layout; text++, layout++)
        line += *text == '\n';
    printf("%s:%zu: not in the canonical layout\n", name, line);
    return false;
}

/* Lays out one file, `-` the standard input. With --check nothing is written: files that are not laid out are named. */
static int format_file(const struct options *options, const char *path)
{
    struct sources sources = {0};
    struct diags diags = {0};
    struct text text = {0}, out = {0};
    bool standard = strcmp(path, "-") == 0, well = true;
    bool read = file_read(standard ? "/dev/stdin" : path, LIMIT_SOURCE_BYTES, &text, &diags, SPAN_NONE);
    uint32_t source = read ? sources_add(&sources, standard ? "<stdin>" : path, text_str(&text)) : 0;
    if (read && !source)
        diag_out_of_memory(&diags, SPAN_NONE);
    if (source && format_source(&sources, source, &out, &diags)) {
        bool same = str_equal(text_str(&text), text_str(&out));
        if (options->check)
            well = same || report_layout(standard ? "<stdin>" : path, text_chars(&text), text_chars(&out));
        else if (standard)
            fwrite(text_chars(&out), 1, out.len, stdout);
        else if (!same)
            file_write(path, text_str(&out), &diags, SPAN_NONE);
    }
    int status = tell(options, &diags, &sources);
    text_release(&out);
    text_release(&text);
    diags_release(&diags);
    sources_release(&sources);
    return well ? status : EXIT_SCRIPT;
}

static int run_fmt(const struct options *options)
{
    int worst = EXIT_DONE;
    for (size_t i = 1; i < options->word_count; i++) {
        int status = format_file(options, options->words[i]);
        worst = status > worst ? status : worst;
    }
    return options->word_count > 1 ? worst : (usage("`nel fmt` needs a file, or `-` for the standard input"), EXIT_USAGE);
}

static int run_prompt(const struct options *options)
{
    struct face face = {0};
    if (face_open(&face, options)) {
        face.state.interactive = true;
        repl_run(&face.state, &face.progress);
    }
    return face_close(&face);
}

/* A near miss of a command is told apart from a file that is not there. */
static int run_word(const struct options *options)
{
    static const struct {
        const char *name;
        int (*run)(const struct options *options);
    } commands[] = {{"check", run_check}, {"ir", run_ir}, {"dna", run_dna}, {"doc", run_doc}, {"fmt", run_fmt}};
    struct suggestion suggestion;
    suggest_start(&suggestion, str_of(options->words[0]));
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(options->words[0], commands[i].name) == 0)
            return commands[i].run(options);
        suggest_offer(&suggestion, str_of(commands[i].name));
    }
    if (suggestion.best.len && !file_exists(options->words[0]) && !strchr(options->words[0], '.')) {
        fprintf(stderr, "unknown command `%s`: did you mean `nel %.*s`?\n", options->words[0], STR_ARG(suggestion.best));
        return EXIT_USAGE;
    }
    return run_script(options);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    signal(SIGXFSZ, SIG_IGN); /* a file past its limit is an error of the write, told as one */
    if (!setlocale(LC_CTYPE, "") || strcmp(setlocale(LC_CTYPE, NULL), "C") == 0)
        setlocale(LC_CTYPE, "C.UTF-8"); /* so that the prompt takes what people type */
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return fputs(help_text, stdout) < 0;
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("nel " NEL_VERSION) < 0;
    if (!read_options(&options, argc, argv))
        return EXIT_USAGE;
    if (options.expression)
        return run_expression(&options);
    return options.word_count ? run_word(&options) : run_prompt(&options);
}
