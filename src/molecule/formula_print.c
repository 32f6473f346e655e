/* The text of formulas, with no more brackets than needed. Read as source it gives the same formula again: sums and products are
   read from left to right and end in the same normal form. A comparison with a number has the number on its right. */
#include "molecule/formula.h"
#include "support/limits.h"
#include "support/number.h"

/* How tightly a part binds; one that binds less tightly than its surroundings stands in brackets. */
enum tightness { LOOSE, COMPARISON, SUM, PRODUCT, PREFIX, POWER, TIGHT };

struct spelling {
    const char *sign, *swapped; /* swapped: where the operands change sides */
    enum tightness whole, left, right;
};
static const struct spelling spellings[FORMULA_OP_COUNT] = {
    [FORMULA_ADD] = {" + ", NULL, SUM, SUM, PRODUCT},        [FORMULA_SUB] = {" - ", NULL, SUM, SUM, PRODUCT},
    [FORMULA_MUL] = {" * ", NULL, PRODUCT, PRODUCT, PREFIX}, [FORMULA_DIV] = {" / ", NULL, PRODUCT, PRODUCT, PREFIX},
    [FORMULA_POW] = {"^", NULL, POWER, TIGHT, PREFIX},       [FORMULA_LT] = {" < ", " > ", COMPARISON, SUM, SUM},
    [FORMULA_LE] = {" <= ", " >= ", COMPARISON, SUM, SUM},   [FORMULA_EQ] = {" == ", " == ", COMPARISON, SUM, SUM},
};

struct printer {
    const struct formula *formula;
    const char *x;
    const char *const *names;
    struct text *out;
    size_t end; /* length at which printing stops */
};

static void print(const struct printer *printer, formula_id id, enum tightness around);

static void print_operator(const struct printer *printer, const struct formula_node *node, enum tightness around)
{
    const struct spelling *spelling = &spellings[node->op];
    const struct formula_node *nodes = printer->formula->nodes;
    bool brackets = spelling->whole < around;
    bool swap = spelling->swapped && nodes[node->a].op == FORMULA_NUMBER;
    text_add(printer->out, brackets ? "(" : "");
    print(printer, swap ? node->b : node->a, spelling->left);
    text_add(printer->out, swap ? spelling->swapped : spelling->sign);
    print(printer, swap ? node->a : node->b, spelling->right);
    text_add(printer->out, brackets ? ")" : "");
}

static void print_call(const struct printer *printer, const struct formula_node *node)
{
    text_addf(printer->out, "%s(", formula_functions[node->op].name);
    print(printer, node->a, LOOSE);
    if (formula_functions[node->op].arity > 1) {
        text_add(printer->out, ", ");
        print(printer, node->b, LOOSE);
    }
    text_add(printer->out, ")");
}

/* -x, -x^2, -x * y, -(x + y). The sign in front of a product is read as that of its first factor, which gives the same formula;
   only a difference there would be turned round: -((x - y) / z). */
static void print_negate(const struct printer *printer, const struct formula_node *node, enum tightness around)
{
    const struct formula_node *nodes = printer->formula->nodes;
    formula_id first = node->a;
    while (spellings[nodes[first].op].whole == PRODUCT)
        first = nodes[first].a;
    enum tightness whole = first != node->a && nodes[first].op != FORMULA_SUB ? PRODUCT : PREFIX;
    text_add(printer->out, whole < around ? "(-" : "-");
    print(printer, node->a, whole);
    text_add(printer->out, whole < around ? ")" : "");
}

static void print_number(const struct printer *printer, double value, enum tightness around)
{
    bool brackets = value < 0 && around > PREFIX;
    text_add(printer->out, brackets ? "(" : "");
    number_write(printer->out, value);
    text_add(printer->out, brackets ? ")" : "");
}

static void print_select(const struct printer *printer, const struct formula_node *node, enum tightness around)
{
    text_add(printer->out, around > LOOSE ? "(if " : "if ");
    print(printer, node->a, LOOSE);
    text_add(printer->out, " { ");
    print(printer, node->b, LOOSE);
    text_add(printer->out, " } else { ");
    print(printer, node->c, LOOSE);
    text_add(printer->out, around > LOOSE ? " })" : " }");
}

static void print(const struct printer *printer, formula_id id, enum tightness around)
{
    const struct formula_node *node = &printer->formula->nodes[id];
    if (printer->out->len >= printer->end) {
        text_add(printer->out, "…");
        return;
    }
    switch ((enum formula_op)node->op) {
    case FORMULA_NUMBER:
        print_number(printer, node->value, around);
        break;
    case FORMULA_X:
        text_add(printer->out, printer->x);
        break;
    case FORMULA_PARAM:
        text_add(printer->out, printer->names[(size_t)node->value]);
        break;
    case FORMULA_NEGATE:
        print_negate(printer, node, around);
        break;
    case FORMULA_SELECT:
        print_select(printer, node, around);
        break;
    default:
        if (formula_functions[node->op].name)
            print_call(printer, node);
        else
            print_operator(printer, node, around);
    }
}

void formula_print_named(const struct formula *formula, formula_id node, const char *x, const char *const *param_names,
                         struct text *out)
{
    const struct printer printer = {formula, x, param_names, out, out->len + LIMIT_FORMULA_TEXT};
    print(&printer, node, LOOSE);
}

void formula_print(const struct formula *formula, formula_id node, const char *const *param_names, struct text *out)
{
    formula_print_named(formula, node, "x", param_names, out);
}
