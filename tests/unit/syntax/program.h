/* Random programs that parse: every construct of the grammar, line ends and comments wherever the layout rule allows them. */
#ifndef NEL_TEST_SYNTAX_PROGRAM_H
#define NEL_TEST_SYNTAX_PROGRAM_H

#include "support/random.h"
#include "support/text.h"

struct program {
    struct random random;
    struct text *out;
    unsigned open;   /* round and square brackets around: line ends mean nothing there */
    unsigned budget; /* nodes that may still be made */
};

static inline unsigned pick(struct program *program, unsigned n)
{
    return random_below(&program->random, n);
}

static inline void put(struct program *program, const char *text)
{
    text_add(program->out, text);
}

/* A place where a line may end. */
static inline void gap(struct program *program)
{
    switch (pick(program, 24)) {
    case 0:
        put(program, "\n");
        break;
    case 1:
        put(program, " # said in passing\n  ");
        break;
    case 2:
        put(program, "\n\n   # on a line of its own\n # and another\n");
        break;
    case 3:
        break;
    default:
        put(program, " ");
    }
}

static inline void inner_gap(struct program *program)
{
    if (program->open)
        gap(program);
    else
        put(program, " ");
}

static inline void put_name(struct program *program)
{
    static const char *const names[] = {"a", "b", "relu", "größe", "x1", "stop", "rule", "at", "param", "tower", "every", "_k"};
    put(program, names[pick(program, sizeof names / sizeof *names)]);
}

static void put_value(struct program *program);
static void put_expression(struct program *program, unsigned level);
static void put_block(struct program *program);
static void put_record(struct program *program);

static inline void put_items(struct program *program, const char *open, const char *close, void (*item)(struct program *))
{
    unsigned count = pick(program, 4);
    put(program, open);
    program->open++;
    for (unsigned i = 0; i < count; i++) {
        gap(program);
        item(program);
        if (i + 1 < count || pick(program, 8) == 0)
            put(program, ",");
    }
    gap(program);
    program->open--;
    put(program, close);
}

static inline void put_argument(struct program *program)
{
    if (pick(program, 3) == 0) {
        put_name(program);
        put(program, pick(program, 2) ? ": " : " :");
    }
    put_value(program);
}

static inline void put_list_item(struct program *program)
{
    if (pick(program, 6) == 0)
        put(program, "...");
    put_value(program);
}

static inline void put_param(struct program *program)
{
    put_name(program);
    if (pick(program, 2)) {
        put(program, " = ");
        put_value(program);
    }
}

static inline void in_round(struct program *program, unsigned level)
{
    put(program, "(");
    program->open++;
    gap(program);
    put_expression(program, level);
    gap(program);
    program->open--;
    put(program, ")");
}

static inline void put_primary(struct program *program)
{
    static const char *const leaves[] = {
        "1", "2.50", "1e-3", "5%", "60_000", "true", "false", "none", "\"t\"", "`R8-T4`", "\"a\\\"{x}\\n\"", "\"{f(1)}\"", "?v"};
    bool leaf = program->budget == 0;
    if (!leaf)
        program->budget--;
    switch (leaf ? 0 : pick(program, 12)) {
    case 0:
    case 1:
    case 2:
        put(program, leaves[pick(program, sizeof leaves / sizeof *leaves)]);
        break;
    case 3:
        in_round(program, 0);
        break;
    case 4:
        put_items(program, "[", "]", put_list_item);
        break;
    case 5:
        put_record(program);
        break;
    case 6:
        put(program, "[");
        program->open++;
        put_value(program);
        put(program, " for ");
        put_name(program);
        put(program, " in ");
        put_value(program);
        if (pick(program, 2)) {
            put(program, " if ");
            put_value(program);
        }
        program->open--;
        put(program, "]");
        break;
    case 7:
        put(program, "(if ");
        program->open++;
        put_expression(program, 1);
        put(program, " ");
        put_block(program);
        for (unsigned more = pick(program, 3); more; more--) {
            put(program, " else if ");
            put_expression(program, 1);
            put(program, " ");
            put_block(program);
        }
        if (pick(program, 2)) {
            put(program, " else ");
            put_block(program);
        }
        program->open--;
        put(program, ")");
        break;
    default:
        put_name(program);
    }
    while (program->budget && pick(program, 3) == 0) {
        program->budget--;
        switch (pick(program, 3)) {
        case 0:
            put_items(program, "(", ")", put_argument);
            break;
        case 1:
            put(program, "[");
            program->open++;
            put_value(program);
            program->open--;
            put(program, "]");
            break;
        default:
            put(program, ".");
            put_name(program);
        }
    }
}

/* Levels as the grammar has them: 0 or … 4 pipe, 5 range and commands, 6 chain, 7 stage, 8 branch … 11 prefix, 12 power. Operands
   that would need brackets get them; others do at random. */
static void put_expression(struct program *program, unsigned level)
{
    static const char *const comparisons[] = {"==", "!=", "<", "<=", ">", ">="};
    unsigned choice = program->budget ? pick(program, 22) : 99;
    if (program->budget)
        program->budget--;
#define BINARY(own, operator, left, right)                                                                                         \
    do {                                                                                                                           \
        if (level > (own)) {                                                                                                       \
            in_round(program, 0);                                                                                                  \
            break;                                                                                                                 \
        }                                                                                                                          \
        put_expression(program, (left));                                                                                           \
        put(program, " " operator" ");                                                                                             \
        gap(program);                                                                                                              \
        put_expression(program, (right));                                                                                          \
    } while (0)
    switch (choice) {
    case 0:
        BINARY(0, "or", 0, 1);
        break;
    case 1:
        BINARY(1, "and", 1, 2);
        break;
    case 2:
        if (level > 2) {
            in_round(program, 0);
            break;
        }
        put(program, "not ");
        put_expression(program, 2);
        break;
    case 3:
        if (level > 3) {
            in_round(program, 0);
            break;
        }
        put_expression(program, 4);
        inner_gap(program);
        put(program, comparisons[pick(program, 6)]);
        put(program, " ");
        put_expression(program, 4);
        break;
    case 4:
    case 5:
        if (level > 4) {
            in_round(program, 0);
            break;
        }
        put_expression(program, 4);
        gap(program);
        put(program, "|> ");
        if (pick(program, 4))
            put_primary(program);
        else
            put(program, pick(program, 2) ? "show" : "print");
        break;
    case 6:
        BINARY(5, "..", 6, 6);
        break;
    case 7:
        if (level > 5) {
            in_round(program, 0);
            break;
        }
        put(program, pick(program, 2) ? "train " : "evolve ");
        put_expression(program, 6);
        put(program, pick(program, 2) ? "\n on " : " on ");
        put_expression(program, 6);
        put(program, " ");
        put_record(program);
        break;
    case 8:
        put(program, "(grow "); /* without options it may not stand in front of a brace */
        program->open++;
        put_expression(program, 6);
        put(program, " on ");
        put_expression(program, 6);
        put(program, " by ");
        put_primary(program);
        program->open--;
        put(program, ")");
        break;
    case 9:
        put(program, "(sweep ");
        program->open++;
        put_name(program);
        put(program, " in ");
        put_expression(program, 0);
        if (pick(program, 2)) {
            put(program, ", k in ");
            put_expression(program, 0);
        }
        if (pick(program, 2)) {
            put(program, " where ");
            put_expression(program, 0);
        }
        if (pick(program, 3) == 0)
            put(program, " draw 20");
        put(program, " ");
        put_block(program);
        program->open--;
        put(program, ")");
        break;
    case 10:
    case 11:
        if (level > 6) {
            in_round(program, 0);
            break;
        }
        put_expression(program, 7);
        for (unsigned more = 1 + pick(program, 5); more; more--) {
            gap(program);
            put(program, "->");
            gap(program);
            put_expression(program, 7);
        }
        break;
    case 12:
        if (level > 7) {
            in_round(program, 0);
            break;
        }
        put_expression(program, 8);
        put(program, " as ");
        put_name(program);
        break;
    case 13:
        BINARY(8, "|", 10, 10);
        break;
    case 14:
        BINARY(9, "+", 9, 10);
        break;
    case 15:
        BINARY(9, "-", 9, 10);
        break;
    case 16:
        BINARY(10, "*", 10, 11);
        break;
    case 17:
        BINARY(10, "mod", 10, 11);
        break;
    case 18:
        if (level > 11) {
            in_round(program, 0);
            break;
        }
        put(program, pick(program, 2) ? "-" : "~");
        put_expression(program, 11);
        break;
    case 19:
        if (level > 12) {
            in_round(program, 0);
            break;
        }
        put_primary(program);
        put(program, "^");
        put_expression(program, 11);
        break;
    default:
        put_primary(program);
    }
#undef BINARY
}

static inline void put_function(struct program *program)
{
    put_items(program, "(", ")", put_param);
    if (pick(program, 2)) {
        put(program, " =");
        gap(program);
        put_value(program);
    } else {
        put(program, " ");
        put_block(program);
    }
}

static void put_value(struct program *program)
{
    switch (program->budget ? pick(program, 10) : 9) {
    case 0:
        program->budget--;
        put(program, "fn");
        put_function(program);
        break;
    case 1:
        program->budget--;
        put(program, ".");
        put_name(program);
        put(program, pick(program, 2) ? " < 0.5" : ".mean");
        break;
    default:
        put_expression(program, 0);
    }
}

static void put_record(struct program *program)
{
    static const char *const keys[] = {"a", "epochs", "\"two words\"", "train", "größe", "fn"};
    unsigned count = pick(program, 4), open = program->open;
    program->open = 0;
    put(program, "{");
    gap(program);
    for (unsigned i = 0; i < count; i++) {
        switch (pick(program, 6)) {
        case 0:
            put(program, "...");
            put_primary(program);
            break;
        case 1:
            put(program, "seed");
            break;
        default:
            put(program, keys[pick(program, sizeof keys / sizeof *keys)]);
            put(program, ": ");
            put_value(program);
        }
        if (i + 1 < count) {
            put(program, pick(program, 2) ? "," : "\n");
            gap(program);
        }
    }
    put(program, pick(program, 4) ? " " : "# at the end\n");
    put(program, "}");
    program->open = open;
}

static inline void put_clauses(struct program *program)
{
    for (unsigned count = pick(program, 4); count; count--) {
        switch (pick(program, 4)) {
        case 0:
            put(program, "every 5 epochs");
            break;
        case 1:
            put(program, "when ");
            put_expression(program, 0);
            put(program, " => ");
            put_primary(program);
            if (pick(program, 2)) {
                put(program, " after ");
                put_primary(program);
            }
            break;
        case 2:
            put(program, "accept after 2 epochs when ");
            put_expression(program, 0);
            put(program, " else undo");
            break;
        default:
            put(program, "stop when ");
            put_expression(program, 0);
        }
        put(program, pick(program, 3) ? "\n" : " # why\n");
    }
}

static inline void put_statement(struct program *program)
{
    switch (pick(program, 14)) {
    case 0:
    case 1:
        put(program, "let ");
        put_name(program);
        put(program, " =");
        gap(program);
        put_value(program);
        break;
    case 2:
        put_name(program);
        put(program, " = ");
        put_value(program);
        break;
    case 3:
        put(program, "fn f");
        put_function(program);
        break;
    case 4:
        put(program, "molecule M");
        put_function(program);
        break;
    case 5:
        put(program, "element bell \"Be\" (x; learned spread = 1, k = 2) = ");
        put_expression(program, 0);
        break;
    case 6:
        put(program, pick(program, 2) ? "loss far(q, d = 1) (y, t) = " : "loss near (y, t) = ");
        put_value(program);
        put(program, "\n");
        put(program, pick(program, 2) ? "rule r(k = 2, to in elements): " : "rule r: ");
        put_expression(program, 0);
        if (pick(program, 2)) {
            put(program, " when ");
            put_expression(program, 0);
        }
        put(program, " =>");
        gap(program);
        put_expression(program, 0);
        break;
    case 7:
        put(program, "growth G {\n");
        put_clauses(program);
        put(program, "}");
        break;
    case 8:
        put(program, pick(program, 2) ? "use rules" : "use \"a/b.nel\" as m");
        break;
    case 9:
        put(program, pick(program, 2) ? "show " : "print ");
        put_value(program);
        put(program, ", ");
        put_value(program);
        break;
    case 10:
        put(program, "for x in ");
        put_expression(program, 8);
        put(program, " ");
        put_block(program);
        break;
    case 11:
        put(program, "param p = ");
        put_value(program);
        break;
    case 12:
        put(program, "assert ");
        put_expression(program, 8);
        break;
    default: /* a leading dot would go on with the line before */
        put_expression(program, 0);
    }
}

static void put_block(struct program *program)
{
    unsigned open = program->open;
    program->open = 0;
    put(program, "{");
    gap(program);
    for (unsigned count = pick(program, 3); count; count--) {
        put_statement(program);
        put(program, pick(program, 3) ? "\n" : "; ");
    }
    put(program, "}");
    program->open = open;
}

/* Program number `index` of the stream `seed`. */
static inline void program_make(uint64_t seed, uint64_t index, struct text *out)
{
    struct program program = {.random = random_stream(seed, RANDOM_TEST, index), .out = out, .budget = 60};
    for (unsigned count = 1 + pick(&program, 6); count; count--) {
        program.budget = 10 + pick(&program, 40);
        put_statement(&program);
        put(&program, pick(&program, 4) ? "\n" : "  # behind it\n");
        if (pick(&program, 3) == 0)
            put(&program, "\n\n\n");
    }
}

#endif
