/* The front end alone, side by side with the one of Lua: how many MB of source a second are scanned, parsed and made ready to run.

   For each kind of content one program is written twice, in NEL and in Lua, statement by statement with the same content: the same
   names, numbers and texts, the same shape. The NEL side reads the file, scans, parses and resolves its names and lets everything go
   again (a child process each time, so that no memory is warm); the other side is `luac5.4 -p FILE`, which reads, scans, parses and
   generates code. Both are timed from the start of the process to its end, in turns, and the middle ratio of the pairs counts.

     code       functions with arithmetic, calls, conditions, loops, comments
     records    settings: records in records, lists of numbers
     text       strings, some with something put in, and documentation
     molecules  layers, stacks, branches and skips; for Lua calls that would build them
     numbers    a table of figures
     mixed      all of these in turns

   Then the start of the command: `nel -e 1`, the least and the middle time of many, and its memory.

   front_bench NEL [MEGABYTES [KIND…]]; without luac5.4 the comparison is left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "interp/module.h"
#include "interp/resolve.h"
#include "library/session.h"
#include "support/file.h"
#include "support/limits.h"
#include "support/random.h"

enum { PAIRS = 9, STARTS = 41, MEGABYTE = 1000000 };

static void give_up(const char *what)
{
    fprintf(stderr, "front_bench: %s\n", what);
    exit(1);
}

/* ---- the two programs ---- */

/* One text in two languages, written at the same time. */
struct twins {
    struct text nel, lua;
    struct random random;
    unsigned number; /* of the statement */
};

/* The same line in both languages. */
#define BOTH(twins, ...) (text_addf(&(twins)->nel, __VA_ARGS__), text_addf(&(twins)->lua, __VA_ARGS__))
#define NEL(twins, ...)  text_addf(&(twins)->nel, __VA_ARGS__)
#define LUA(twins, ...)  text_addf(&(twins)->lua, __VA_ARGS__)

static unsigned pick(struct twins *twins, unsigned n)
{
    return random_below(&twins->random, n);
}

static const char *word(struct twins *twins)
{
    static const char *const words[] = {"width",         "depth",  "signal", "threshold", "momentum", "batch_size",
                                        "learning_rate", "noise",  "offset", "velocity",  "energy",   "mass",
                                        "charge",        "period", "phase",  "decay"};
    return words[pick(twins, sizeof words / sizeof *words)];
}

static const char *element(struct twins *twins)
{
    static const char *const elements[] = {"relu", "tanh", "sine", "gelu", "sigmoid", "elu", "swish", "gaussian"};
    return elements[pick(twins, sizeof elements / sizeof *elements)];
}

/* Something that was declared before. */
static unsigned earlier(struct twins *twins)
{
    return twins->number ? pick(twins, twins->number) : 0;
}

static void write_code(struct twins *twins)
{
    const char *name = word(twins);
    unsigned number = twins->number, before = earlier(twins), a = pick(twins, 100), b = pick(twins, 1000);
    NEL(twins, "# the %s of step %u, from what step %u left behind\n", name, number, before);
    LUA(twins, "-- the %s of step %u, from what step %u left behind\n", name, number, before);
    NEL(twins, "fn step_%u(%s, total, scale = %u.5) {\n", number, name, a);
    LUA(twins, "function step_%u(%s, total, scale)\n    scale = scale or %u.5\n", number, name, a);
    NEL(twins, "    let base = %s * %u + total / 2 - scale ^ 2\n", name, b);
    LUA(twins, "    local base = %s * %u + total / 2 - scale ^ 2\n", name, b);
    NEL(twins, "    let sum = 0\n    for i in 1..%u {\n        sum = sum + base * i - %s mod %u\n    }\n", b, name, a + 1);
    LUA(twins, "    local sum = 0\n    for i = 1, %u do\n        sum = sum + base * i - %s %% %u\n    end\n", b, name, a + 1);
    NEL(twins, "    if sum > %u and not (base == total) {\n        sum = max(sum, abs(-base), %u)\n    } else {\n", b, a);
    LUA(twins, "    if sum > %u and not (base == total) then\n        sum = max(sum, abs(-base), %u)\n    else\n", b, a);
    NEL(twins, "        sum = step_%u(sum - 1, base * (total + %u))\n    }\n", before, a);
    LUA(twins, "        sum = step_%u(sum - 1, base * (total + %u))\n    end\n", before, a);
    NEL(twins, "    sum / (scale + %u.25)\n}\n\n", b);
    LUA(twins, "    return sum / (scale + %u.25)\nend\n\n", b);
}

static void write_record(struct twins *twins)
{
    unsigned number = twins->number, whole = pick(twins, 10), part = pick(twins, 1000);
    const char *name = word(twins);
    NEL(twins, "let setting_%u = {\n    name: \"%s %u\"\n    rate: %u.%u\n    levels: [", number, name, number, whole, part);
    LUA(twins, "setting_%u = {\n    name = \"%s %u\",\n    rate = %u.%u,\n    levels = {", number, name, number, whole, part);
    for (unsigned i = pick(twins, 12); i > 0; i--) {
        unsigned level = pick(twins, 5000);
        BOTH(twins, "%u, ", level);
    }
    NEL(twins, "1]\n    inner: { seed: %u, active: true, parent: none }\n}\n", number);
    LUA(twins, "1},\n    inner = { seed = %u, active = true, parent = nil }\n}\n", number);
}

static void write_text(struct twins *twins)
{
    unsigned number = twins->number;
    const char *first = word(twins), *second = word(twins);
    NEL(twins, "## What is said of the %s when round %u is over.\n", first, number);
    LUA(twins, "--- What is said of the %s when round %u is over.\n", first, number);
    NEL(twins, "let note_%u = \"the %s of round %u fell, while the %s rose to \\\"%u\\\" and stayed\\n\"\n", number, first, number,
        second, number);
    LUA(twins, "note_%u = \"the %s of round %u fell, while the %s rose to \\\"%u\\\" and stayed\\n\"\n", number, first, number,
        second, number);
    NEL(twins, "let report_%u = \"round {%u + 1}: {note_%u}, before that {note_%u}\"\n", number, number, number, earlier(twins));
    LUA(twins, "report_%u = \"round \" .. %u + 1 .. \": \" .. note_%u .. \", before that \" .. note_%u\n", number, number, number,
        earlier(twins));
}

static void write_molecule(struct twins *twins)
{
    unsigned number = twins->number, a = 1 + pick(twins, 200), b = 1 + pick(twins, 6);
    const char *first = element(twins), *second = element(twins), *third = element(twins);
    NEL(twins, "molecule Net_%u(w = %u, d = %u) = %s(w) -> ~(%s(w) * d) -> (%s(%u) | %s(w / 2)) -> linear(%u)\n", number, a, b,
        first, second, third, a, first, b);
    LUA(twins, "function Net_%u(w, d) return stack(%s(w), skip(%s(w) * d), branch(%s(%u), %s(w / 2)), linear(%u)) end\n", number,
        first, second, third, a, first, b);
    NEL(twins, "let wide_%u = %s(%u, density: 5%%, init: he) -> dropout(%u%%) -> %s(w: %u) * %u -> Net_%u(w: %u)\n", number, second,
        a, b, third, a, b, earlier(twins), a);
    LUA(twins, "wide_%u = stack(%s(%u, { density = 5, init = he }), dropout(%u), %s({ w = %u }) * %u, Net_%u({ w = %u }))\n",
        number, second, a, b, third, a, b, earlier(twins), a);
}

static void write_numbers(struct twins *twins)
{
    NEL(twins, "let row_%u = [", twins->number);
    LUA(twins, "row_%u = {", twins->number);
    for (int i = 0; i < 16; i++) {
        unsigned whole = pick(twins, 100), part = pick(twins, 10000);
        BOTH(twins, "%u.%04u, ", whole, part);
    }
    NEL(twins, "-1]\n");
    LUA(twins, "-1}\n");
}

static void write_mixed(struct twins *twins)
{
    write_code(twins);
    write_record(twins);
    write_text(twins);
    write_molecule(twins);
    write_numbers(twins);
}

static const struct {
    const char *name;
    void (*write)(struct twins *twins);
} kinds[] = {{"code", write_code},          {"records", write_record},  {"text", write_text},
             {"molecules", write_molecule}, {"numbers", write_numbers}, {"mixed", write_mixed}};

/* Both programs as files, each of at least so many bytes: statements for the shorter one are left out of the longer. */
static void write_twins(void (*write)(struct twins *twins), size_t bytes, const char *nel_path, const char *lua_path)
{
    struct twins twins = {.random = random_stream(1, RANDOM_TEST, 0)};
    struct text nel = {0}, lua = {0};
    struct diags diags = {0};
    for (; nel.len < bytes || lua.len < bytes; twins.number++) {
        text_clear(&twins.nel);
        text_clear(&twins.lua);
        write(&twins);
        if (nel.len < bytes)
            text_add_str(&nel, text_str(&twins.nel));
        if (lua.len < bytes)
            text_add_str(&lua, text_str(&twins.lua));
    }
    if (nel.failed || lua.failed || !file_write(nel_path, text_str(&nel), &diags, SPAN_NONE) ||
        !file_write(lua_path, text_str(&lua), &diags, SPAN_NONE))
        give_up("the programs could not be written");
    text_release(&nel);
    text_release(&lua);
    text_release(&twins.nel);
    text_release(&twins.lua);
}

/* ---- what is timed ---- */

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* In the child: all that happens to a script before its first statement runs. */
static int read_program(const char *path)
{
    struct nel_state state;
    struct diags diags = {0};
    struct text text = {0};
    struct eval eval;
    if (!state_open(&state, &diags) || !file_read(path, LIMIT_SOURCE_BYTES, &text, &diags, SPAN_NONE))
        return 1;
    eval_start(&eval, &state, state.globals, &diags, (size_t)8 << 20);
    const struct node *program = source_read(&eval, path, text_str(&text));
    text_release(&text);
    bool well = program && diags.errors == 0 && resolve_program(&eval, program, state.globals, false);
    if (!well) {
        struct text told = {0};
        diags_render(&diags, &state.sources, false, &told);
        fprintf(stderr, "%.2000s\n", text_chars(&told));
    }
    eval_end(&eval);
    state_close(&state);
    return !well;
}

/* Seconds of one process, from its start to its end, and its memory. */
static double timed(const char *const *words, const char *path, struct rusage *usage)
{
    fflush(stdout);
    double start = seconds_now();
    pid_t child = fork();
    int status = 1;
    if (child == 0 && !words)
        _exit(read_program(path));
    if (child == 0) {
        if (!freopen("/dev/null", "w", stdout))
            _exit(1);
        execvp(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, usage) != child)
        give_up("a process could not be started");
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? seconds_now() - start : -1;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double middle(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, compare_doubles);
    return values[count / 2];
}

static void compare(int kind, size_t bytes, const char *folder, bool luac)
{
    char nel_path[256], lua_path[256];
    snprintf(nel_path, sizeof nel_path, "%s/%s.nel", folder, kinds[kind].name);
    snprintf(lua_path, sizeof lua_path, "%s/%s.lua", folder, kinds[kind].name);
    write_twins(kinds[kind].write, bytes, nel_path, lua_path);
    const char *const luac_words[] = {"luac5.4", "-p", lua_path, NULL};
    double ours[PAIRS], theirs[PAIRS], ratios[PAIRS];
    struct rusage usage = {0}, luac_usage = {0};
    for (int i = 0; i < PAIRS; i++) {
        ours[i] = timed(NULL, nel_path, &usage);
        theirs[i] = luac ? timed(luac_words, lua_path, &luac_usage) : 0;
        if (ours[i] < 0 || theirs[i] < 0)
            give_up("a program was refused");
        ratios[i] = theirs[i] / ours[i];
    }
    double size = (double)bytes / MEGABYTE;
    printf("%-10s %6.1f", kinds[kind].name, size / middle(ours, PAIRS));
    if (luac)
        printf(" %6.1f %6.2f", size / middle(theirs, PAIRS), middle(ratios, PAIRS));
    printf(" %7.0f\n", (double)usage.ru_maxrss / 1024);
    fflush(stdout);
    unlink(nel_path);
    unlink(lua_path);
}

static void time_start(const char *nel)
{
    const char *const words[] = {nel, "-e", "1", NULL};
    double starts[STARTS];
    struct rusage usage = {0};
    for (int i = 0; i < STARTS; i++)
        if ((starts[i] = timed(words, NULL, &usage)) < 0)
            give_up("`nel -e 1` failed");
    double usual = middle(starts, STARTS);
    printf("nel -e 1: least %.2f ms, middle %.2f ms, memory %.1f MB\n", starts[0] * 1e3, usual * 1e3,
           (double)usage.ru_maxrss / 1024);
}

static bool chosen(const char *name, int argc, char **argv)
{
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 3;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        give_up("front_bench NEL [MEGABYTES [KIND…]]");
    char folder[] = "/tmp/front_bench_XXXXXX";
    size_t megabytes = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : 10;
    struct rusage usage;
    bool luac = timed((const char *const[]){"luac5.4", "-v", NULL}, NULL, &usage) >= 0;
    if (!mkdtemp(folder))
        give_up("no temporary folder");
    if (!luac)
        puts("# luac5.4 is not installed: nothing to compare with");
    printf("# front end, %zu MB each\n%-10s %6s%s %7s\n", megabytes, "kind", "MB/s", luac ? "   luac  ratio" : "", "MB used");
    for (int kind = 0; kind < (int)(sizeof kinds / sizeof *kinds); kind++)
        if (chosen(kinds[kind].name, argc, argv))
            compare(kind, megabytes * MEGABYTE, folder, luac);
    rmdir(folder);
    time_start(argv[1]);
    return 0;
}
