/* Reads formulas as they are written in source, so that tests name them by their text: the operators, comparisons, `if` and
   functions of the language, by recursive descent. A test fails where the text is no formula. */
#ifndef TEST_MOLECULE_FORMULA_TEXT_H
#define TEST_MOLECULE_FORMULA_TEXT_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "molecule/formula.h"
#include "support/limits.h"

struct formula_reader {
    struct formula *formula;
    const char *at, *whole;
    const char *const *params; /* names; NULL ends */
};

static inline formula_id read_comparison(struct formula_reader *reader);

/* Longer signs are tried before those that they begin with. */
static inline bool read_sign(struct formula_reader *reader, const char *sign)
{
    while (*reader->at == ' ')
        reader->at++;
    size_t len = strlen(sign);
    if (strncmp(reader->at, sign, len) != 0)
        return false;
    reader->at += len;
    return true;
}

static inline void expect_sign(struct formula_reader *reader, const char *sign)
{
    if (!read_sign(reader, sign))
        fail_msg("`%s`: expected `%s` at `%s`", reader->whole, sign, reader->at);
}

static inline formula_id read_if(struct formula_reader *reader)
{
    formula_id parts[3];
    parts[0] = read_comparison(reader);
    expect_sign(reader, "{");
    parts[1] = read_comparison(reader);
    expect_sign(reader, "}");
    expect_sign(reader, "else");
    expect_sign(reader, "{");
    parts[2] = read_comparison(reader);
    expect_sign(reader, "}");
    return formula_apply(reader->formula, FORMULA_SELECT, parts[0], parts[1], parts[2]);
}

static inline formula_id read_call(struct formula_reader *reader, const char *name)
{
    unsigned op = 0;
    while (op < FORMULA_OP_COUNT && !(formula_functions[op].name && strcmp(formula_functions[op].name, name) == 0))
        op++;
    if (op == FORMULA_OP_COUNT)
        fail_msg("`%s`: no function `%s`", reader->whole, name);
    formula_id a = read_comparison(reader), b = 0;
    if (formula_functions[op].arity > 1) {
        expect_sign(reader, ",");
        b = read_comparison(reader);
    }
    expect_sign(reader, ")");
    return formula_apply(reader->formula, op, a, b, 0);
}

static inline formula_id read_name(struct formula_reader *reader)
{
    char name[32] = {0};
    for (size_t i = 0; isalnum((unsigned char)*reader->at) || *reader->at == '_'; i++)
        name[i] = *reader->at++;
    if (strcmp(name, "if") == 0)
        return read_if(reader);
    if (strcmp(name, "x") == 0)
        return formula_x(reader->formula);
    for (unsigned i = 0; reader->params && reader->params[i]; i++)
        if (strcmp(name, reader->params[i]) == 0)
            return formula_param(reader->formula, i);
    expect_sign(reader, "(");
    return read_call(reader, name);
}

static inline formula_id read_atom(struct formula_reader *reader)
{
    if (read_sign(reader, "(")) {
        formula_id inner = read_comparison(reader);
        expect_sign(reader, ")");
        return inner;
    }
    if (!isdigit((unsigned char)*reader->at))
        return read_name(reader);
    char *end;
    double value = strtod(reader->at, &end);
    reader->at = end;
    return formula_number(reader->formula, value);
}

static inline formula_id read_prefix(struct formula_reader *reader)
{
    if (read_sign(reader, "-"))
        return formula_apply(reader->formula, FORMULA_NEGATE, read_prefix(reader), 0, 0);
    formula_id base = read_atom(reader);
    if (!read_sign(reader, "^"))
        return base;
    return formula_apply(reader->formula, FORMULA_POW, base, read_prefix(reader), 0);
}

static inline formula_id read_product(struct formula_reader *reader)
{
    formula_id left = read_prefix(reader);
    for (;;)
        if (read_sign(reader, "*"))
            left = formula_apply(reader->formula, FORMULA_MUL, left, read_prefix(reader), 0);
        else if (read_sign(reader, "/"))
            left = formula_apply(reader->formula, FORMULA_DIV, left, read_prefix(reader), 0);
        else
            return left;
}

static inline formula_id read_sum(struct formula_reader *reader)
{
    formula_id left = read_product(reader);
    for (;;)
        if (read_sign(reader, "+"))
            left = formula_apply(reader->formula, FORMULA_ADD, left, read_product(reader), 0);
        else if (read_sign(reader, "-"))
            left = formula_apply(reader->formula, FORMULA_SUB, left, read_product(reader), 0);
        else
            return left;
}

static inline formula_id read_comparison(struct formula_reader *reader)
{
    formula_id left = read_sum(reader);
    struct formula *formula = reader->formula;
    if (read_sign(reader, "<="))
        return formula_apply(formula, FORMULA_LE, left, read_sum(reader), 0);
    if (read_sign(reader, "<"))
        return formula_apply(formula, FORMULA_LT, left, read_sum(reader), 0);
    if (read_sign(reader, ">="))
        return formula_apply(formula, FORMULA_LE, read_sum(reader), left, 0);
    if (read_sign(reader, ">"))
        return formula_apply(formula, FORMULA_LT, read_sum(reader), left, 0);
    if (read_sign(reader, "=="))
        return formula_apply(formula, FORMULA_EQ, left, read_sum(reader), 0);
    return left;
}

static inline formula_id formula_read(struct formula *formula, const char *text, const char *const *params)
{
    struct formula_reader reader = {formula, text, text, params};
    formula_id id = read_comparison(&reader);
    if (*reader.at)
        fail_msg("`%s`: not read: `%s`", text, reader.at);
    return id;
}

#endif
