/* Compiling walks the tree once, with what each name stands for; functions are put in where they are called. Every step of the program
   writes a number of its own, so that a name is the number of a step. Both sides of an `if` run, and one is taken. */
#include "study/fitness_program.h"

#include <math.h>

#include "interp/eval.h"
#include "interp/panel.h"
#include "support/memory.h"
#include "syntax/ast.h"

enum step_kind {
    STEP_NUMBER,
    STEP_SCORE, /* of a set, at an offset into struct scores */
    STEP_PARAMS,
    STEP_FLOPS,
    STEP_BINARY, /* by enum op; comparisons give 1 or 0 */
    STEP_NEGATE,
    STEP_NOT,
    STEP_CALL, /* a function of one number */
    STEP_LEAST,
    STEP_MOST,
    STEP_CHOOSE /* a, b, by c */
};

struct step {
    enum step_kind kind;
    enum op op;
    bool validation; /* STEP_SCORE; else training */
    uint16_t a, b, c;
    size_t offset;
    double number;
    double (*function)(double);
};

/* More are no simple fitness any more; calls within calls. */
enum { STEPS_MOST = 256, CALLS_MOST = 16 };

struct fitness_program {
    struct step *steps;
    uint16_t count, result;
    unsigned figures;
};

/* ---- compiling ---- */

enum operand_kind { OPERAND_NONE, OPERAND_NUMBER, OPERAND_BOOL, OPERAND_RUN, OPERAND_TRAIN, OPERAND_VALIDATION };

/* What an expression stands for; OPERAND_NONE: nothing that is known here. */
struct operand {
    enum operand_kind kind;
    uint16_t step;
};

/* Names of a function that is being put in, innermost first. */
struct local {
    struct str name;
    struct operand operand;
    const struct local *outer;
};

struct compiler {
    struct fitness_program *program;
    const struct prepared *data;
    struct frame *frame; /* of the names that are not local */
    int calls;
};

static const struct operand unknown = {OPERAND_NONE, 0};

static struct operand add(struct compiler *compiler, enum operand_kind kind, struct step step)
{
    struct fitness_program *program = compiler->program;
    if (program->count >= STEPS_MOST)
        return unknown;
    program->steps[program->count] = step;
    return (struct operand){kind, program->count++};
}

static struct operand number(struct compiler *compiler, double value)
{
    return isfinite(value) ? add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_NUMBER, .number = value}) : unknown;
}

static struct operand compile(struct compiler *compiler, const struct node *node, const struct local *locals);

static struct operand score(struct compiler *compiler, bool validation, struct str name)
{
    const struct score_row *row = score_row_named(name);
    const bool known = str_is(name, "loss") || str_is(name, "accuracy");
    const struct samples *samples = validation ? &compiler->data->validation : &compiler->data->train;
    if (!row || !known || samples->count == 0 || !score_row_applies(row, compiler->data->recipe))
        return unknown;
    compiler->program->figures |= validation ? FIGURES_OF_VALIDATION : FIGURES_OF_TRAIN;
    return add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_SCORE, .validation = validation, .offset = row->offset});
}

/* A figure of no set is of the most honest one there is. */
static struct operand member(struct compiler *compiler, struct operand object, struct str name)
{
    const bool validated = compiler->data->validation.count > 0;
    if (object.kind == OPERAND_TRAIN || object.kind == OPERAND_VALIDATION)
        return score(compiler, object.kind == OPERAND_VALIDATION, name);
    if (object.kind != OPERAND_RUN)
        return unknown;
    if (str_is(name, "params"))
        return add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_PARAMS});
    if (str_is(name, "flops"))
        return add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_FLOPS});
    if (str_is(name, "train"))
        return (struct operand){OPERAND_TRAIN, 0};
    if (str_is(name, "validation") && validated)
        return (struct operand){OPERAND_VALIDATION, 0};
    return score(compiler, validated, name);
}

static struct operand name(struct compiler *compiler, struct str text, const struct local *locals)
{
    for (; locals; locals = locals->outer)
        if (str_equal(locals->name, text))
            return locals->operand;
    const struct binding *binding = frame_find(compiler->frame, text);
    return binding && binding->value.kind == VALUE_NUMBER ? number(compiler, binding->value.number) : unknown;
}

static struct operand operate(struct compiler *compiler, enum op op, struct operand a, struct operand b)
{
    enum operand_kind wants = OPERAND_NUMBER, gives = OPERAND_BOOL;
    switch (op) {
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_POW:
        gives = OPERAND_NUMBER;
        break;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        break;
    case OP_AND:
    case OP_OR:
        wants = OPERAND_BOOL;
        break;
    default:
        return unknown;
    }
    if (a.kind != wants || b.kind != wants)
        return unknown;
    return add(compiler, gives, (struct step){.kind = STEP_BINARY, .op = op, .a = a.step, .b = b.step});
}

/* A row of operators, from left to right. */
static struct operand binary(struct compiler *compiler, const struct node *node, const struct local *locals)
{
    struct operand result = compile(compiler, node->items[0], locals);
    for (uint32_t i = 1; result.kind != OPERAND_NONE && i < node->count; i++)
        result = operate(compiler, node_joint(node, i).op, result, compile(compiler, node->items[i], locals));
    return result;
}

static struct operand unary(struct compiler *compiler, const struct node *node, const struct local *locals)
{
    const struct operand a = compile(compiler, node->items[0], locals);
    if (node->op == OP_NEGATE && a.kind == OPERAND_NUMBER)
        return add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_NEGATE, .a = a.step});
    if (node->op == OP_NOT && a.kind == OPERAND_BOOL)
        return add(compiler, OPERAND_BOOL, (struct step){.kind = STEP_NOT, .a = a.step});
    return unknown;
}

static struct operand choice(struct compiler *compiler, const struct node *node, const struct local *locals)
{
    if (node->count < 3)
        return unknown;
    const struct operand condition = compile(compiler, node->items[0], locals), a = compile(compiler, node->items[1], locals),
                         b = compile(compiler, node->items[2], locals);
    const bool alike = a.kind == b.kind && (a.kind == OPERAND_NUMBER || a.kind == OPERAND_BOOL);
    if (condition.kind != OPERAND_BOOL || !alike)
        return unknown;
    return add(compiler, a.kind, (struct step){.kind = STEP_CHOOSE, .a = a.step, .b = b.step, .c = condition.step});
}

/* Statements from number `at` on. */
static struct operand block(struct compiler *compiler, const struct node *node, uint32_t at, const struct local *locals)
{
    const struct node *statement = at < node->count ? node->items[at] : NULL;
    if (!statement)
        return unknown;
    if (statement->kind != NODE_LET)
        return at + 1 == node->count ? compile(compiler, statement, locals) : unknown;
    const struct local local = {statement->text, compile(compiler, statement->items[0], locals), locals};
    return local.operand.kind == OPERAND_NONE ? unknown : block(compiler, node, at + 1, &local);
}

/* ---- calls ---- */

static struct operand call_extreme(struct compiler *compiler, const struct node *node, bool least, const struct local *locals)
{
    struct operand extreme = unknown;
    for (uint32_t i = 1; i < node->count; i++) {
        const struct operand next = compile(compiler, node->items[i], locals);
        if (next.kind != OPERAND_NUMBER)
            return unknown;
        extreme = i == 1 ? next
                         : add(compiler, OPERAND_NUMBER,
                               (struct step){.kind = least ? STEP_LEAST : STEP_MOST, .a = extreme.step, .b = next.step});
        if (extreme.kind == OPERAND_NONE)
            return unknown;
    }
    return extreme;
}

static struct operand call_builtin(struct compiler *compiler, const struct node *node, struct str name, const struct local *locals)
{
    static const struct {
        const char *name;
        double (*function)(double);
    } functions[] = {{"abs", fabs}, {"sqrt", sqrt}, {"exp", exp}, {"log", log}, {"floor", floor}, {"ceil", ceil}};
    if (str_is(name, "min") || str_is(name, "max"))
        return call_extreme(compiler, node, str_is(name, "min"), locals);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!str_is(name, functions[i].name) || node->count != 2)
            continue;
        const struct operand a = compile(compiler, node->items[1], locals);
        if (a.kind == OPERAND_NUMBER)
            return add(compiler, OPERAND_NUMBER, (struct step){.kind = STEP_CALL, .a = a.step, .function = functions[i].function});
    }
    return unknown;
}

/* The body, with the arguments from number `at` on bound to the parameters. */
static struct operand put_in(struct compiler *compiler, const struct function *function, const struct operand *arguments,
                             uint32_t count, uint32_t at, const struct local *locals)
{
    const struct node *params = function->node->items[0];
    if (at < count) {
        const struct local local = {params->items[at]->text, arguments[at], locals};
        return put_in(compiler, function, arguments, count, at + 1, &local);
    }
    struct frame *outer = compiler->frame;
    compiler->frame = function->frame;
    compiler->calls++;
    const struct operand result = compiler->calls <= CALLS_MOST ? compile(compiler, function->node->items[1], locals) : unknown;
    compiler->calls--;
    compiler->frame = outer;
    return result;
}

static struct operand call_function(struct compiler *compiler, const struct function *function, const struct operand *arguments,
                                    uint32_t count)
{
    if (function->node->kind != NODE_FN || function->node->items[0]->count != count)
        return unknown;
    return put_in(compiler, function, arguments, count, 0, NULL);
}

static struct operand call(struct compiler *compiler, const struct node *node, const struct local *locals)
{
    enum { ARGUMENTS_MOST = 8 };
    const struct node *callee = node->items[0];
    struct operand arguments[ARGUMENTS_MOST];
    if (callee->kind != NODE_NAME || node->count > ARGUMENTS_MOST)
        return unknown;
    for (const struct local *local = locals; local; local = local->outer)
        if (str_equal(local->name, callee->text))
            return unknown;
    const struct binding *binding = frame_find(compiler->frame, callee->text);
    for (uint32_t i = 1; i < node->count; i++)
        if (node->items[i]->kind == NODE_ARGUMENT || node->items[i]->kind == NODE_SPREAD)
            return unknown;
    if (binding && binding->value.kind == VALUE_BUILTIN)
        return call_builtin(compiler, node, binding->value.builtin->signature.name, locals);
    if (!binding || binding->value.kind != VALUE_FUNCTION)
        return unknown;
    for (uint32_t i = 1; i < node->count; i++) {
        arguments[i - 1] = compile(compiler, node->items[i], locals);
        if (arguments[i - 1].kind == OPERAND_NONE)
            return unknown;
    }
    return call_function(compiler, binding->value.function, arguments, node->count - 1);
}

static struct operand compile(struct compiler *compiler, const struct node *node, const struct local *locals)
{
    switch ((enum node_kind)node->kind) {
    case NODE_NUMBER:
        return number(compiler, node->number);
    case NODE_NAME:
        return name(compiler, node->text, locals);
    case NODE_MEMBER:
        return member(compiler, compile(compiler, node->items[0], locals), node->text);
    case NODE_BINARY:
        return binary(compiler, node, locals);
    case NODE_UNARY:
        return unary(compiler, node, locals);
    case NODE_IF:
        return choice(compiler, node, locals);
    case NODE_BLOCK:
        return block(compiler, node, 0, locals);
    case NODE_CALL:
        return call(compiler, node, locals);
    default:
        return unknown;
    }
}

struct fitness_program *fitness_program_make(const struct function *function, struct str name, const struct prepared *data)
{
    struct fitness_program *program = mem_alloc(sizeof *program);
    if (program)
        program->steps = mem_array(STEPS_MOST, sizeof *program->steps);
    if (!program || !program->steps) {
        mem_free(program);
        return NULL;
    }
    struct compiler compiler = {.program = program, .data = data};
    const struct operand run = {OPERAND_RUN, 0};
    const struct operand result = function ? call_function(&compiler, function, &run, 1) : member(&compiler, run, name);
    program->result = result.step;
    if (result.kind == OPERAND_NUMBER)
        return program;
    fitness_program_release(program);
    return NULL;
}

void fitness_program_release(struct fitness_program *program)
{
    if (!program)
        return;
    mem_free(program->steps);
    mem_free(program);
}

unsigned fitness_program_figures(const struct fitness_program *program)
{
    return program->figures;
}

/* ---- running ---- */

static double run_step(const struct step *step, const struct subject *subject, const double *values)
{
    switch (step->kind) {
    case STEP_NUMBER:
        return step->number;
    case STEP_SCORE:
        return *(const double *)((const char *)(step->validation ? subject->validation : subject->train) + step->offset);
    case STEP_PARAMS:
        return subject->params;
    case STEP_FLOPS:
        return subject->flops;
    case STEP_BINARY:
        return operator_compute(step->op, values[step->a], values[step->b]);
    case STEP_NEGATE:
        return -values[step->a];
    case STEP_NOT:
        return values[step->a] == 0;
    case STEP_CALL:
        return step->function(values[step->a]);
    case STEP_LEAST:
        return values[step->b] < values[step->a] ? values[step->b] : values[step->a];
    case STEP_MOST:
        return values[step->b] > values[step->a] ? values[step->b] : values[step->a];
    case STEP_CHOOSE:
        return values[values[step->c] != 0 ? step->a : step->b];
    }
    return NAN;
}

bool fitness_program_run(const struct fitness_program *program, const struct subject *subject, double *result)
{
    double values[STEPS_MOST];
    for (uint16_t i = 0; i < program->count; i++) {
        values[i] = run_step(&program->steps[i], subject, values);
        if (!isfinite(values[i]))
            return false;
    }
    *result = values[program->result];
    return true;
}
