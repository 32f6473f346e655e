#include "engine/program.h"

#include <math.h>
#include <string.h>

#include "engine/simd.h"
#include "engine/vecmath.h"
#include "support/memory.h"

enum { BLOCK = 128, MOST_RESULTS = 8, MOST_POWER = 16, MOST_OPERANDS = 3, NO_REGISTER = UINT16_MAX };

/* Beside the formula's own operations: a power with a small whole exponent, by repeated multiplication. */
enum { STEP_WHOLE_POWER = FORMULA_OP_COUNT };

struct step {
    uint8_t op;
    int8_t power;         /* STEP_WHOLE_POWER */
    uint16_t to, a, b, c; /* registers */
};

/* A register that holds one value through a call. */
struct preset {
    uint16_t at;
    bool param;
    float value; /* where `param`: its index */
};

struct program {
    struct step *steps;
    struct preset *presets;
    unsigned step_count, preset_count;
    unsigned row_count; /* x, and the parameters that vary: they are in the first registers */
    unsigned registers;
    uint16_t results[MOST_RESULTS];
    unsigned result_count;
};

static unsigned arity(enum formula_op op)
{
    const unsigned operands = formula_functions[op].arity;
    return operands < MOST_OPERANDS ? operands : MOST_OPERANDS;
}

/* What the compiler knows of one node. */
struct use {
    bool needed;
    uint16_t at;   /* its register */
    uint32_t last; /* node that reads it last; its own number where none does */
};

static void mark_needed(const struct formula *formula, const formula_id *results, unsigned result_count, struct use *uses)
{
    for (unsigned i = 0; i < result_count; i++) {
        uses[results[i]].needed = true;
        uses[results[i]].last = UINT32_MAX;
    }
    for (uint32_t i = formula->count; i-- > 0;) {
        if (!uses[i].needed)
            continue;
        const struct formula_node *node = &formula->nodes[i];
        const formula_id operands[MOST_OPERANDS] = {node->a, node->b, node->c};
        for (unsigned k = 0; k < arity(node->op); k++) {
            struct use *use = &uses[operands[k]];
            use->needed = true;
            if (use->last < i)
                use->last = i;
        }
    }
}

/* A whole exponent that repeated multiplication serves well; 0: none. */
static int whole_power(const struct formula *formula, const struct formula_node *node)
{
    if (node->op != FORMULA_POW || formula->nodes[node->b].op != FORMULA_NUMBER)
        return 0;
    const double power = formula->nodes[node->b].value;
    return power == floor(power) && fabs(power) <= MOST_POWER ? (int)power : 0;
}

/* Registers whose last reader was node `i` may hold something else from now on. */
static void free_operands(const struct formula_node *node, uint32_t i, const struct use *uses, uint16_t *pool, unsigned *pooled,
                          const struct formula *formula)
{
    const formula_id operands[MOST_OPERANDS] = {node->a, node->b, node->c};
    for (unsigned k = 0; k < arity(node->op); k++) {
        bool seen = false;
        for (unsigned j = 0; j < k; j++)
            seen = seen || operands[j] == operands[k];
        if (!seen && uses[operands[k]].last == i && arity(formula->nodes[operands[k]].op) > 0)
            pool[(*pooled)++] = uses[operands[k]].at;
    }
}

static void compile_node(struct program *program, const struct formula *formula, uint32_t i, struct use *uses, uint16_t *pool,
                         unsigned *pooled)
{
    const struct formula_node *node = &formula->nodes[i];
    if (node->op == FORMULA_PARAM && node->value + 1 < program->row_count) {
        uses[i].at = (uint16_t)(node->value + 1);
        return;
    }
    switch (node->op) {
    case FORMULA_X:
        uses[i].at = 0;
        return;
    case FORMULA_NUMBER:
    case FORMULA_PARAM:
        uses[i].at = (uint16_t)program->registers++;
        program->presets[program->preset_count++] = (struct preset){uses[i].at, node->op == FORMULA_PARAM, (float)node->value};
        return;
    default:
        break;
    }
    const int power = whole_power(formula, node);
    struct step step = {.op = power ? (uint8_t)STEP_WHOLE_POWER : node->op, .power = (int8_t)power, .a = uses[node->a].at};
    step.b = arity(node->op) > 1 ? uses[node->b].at : 0;
    step.c = arity(node->op) > 2 ? uses[node->c].at : 0;
    free_operands(node, i, uses, pool, pooled, formula);
    step.to = *pooled > 0 ? pool[--*pooled] : (uint16_t)program->registers++;
    uses[i].at = step.to;
    program->steps[program->step_count++] = step;
}

struct program *program_compile(const struct formula *formula, const formula_id *results, unsigned result_count,
                                unsigned row_params)
{
    struct program *program = mem_alloc(sizeof *program);
    struct use *uses = mem_array(formula->count + 1, sizeof *uses);
    uint16_t *pool = mem_array(formula->count + 1, sizeof *pool);
    bool ok = program && uses && pool;
    if (program) {
        program->steps = mem_array(formula->count + 1, sizeof *program->steps);
        program->presets = mem_array(formula->count + 1, sizeof *program->presets);
        ok = ok && program->steps && program->presets;
    }
    if (ok) {
        program->registers = program->row_count = 1 + row_params;
        program->result_count = result_count;
        mark_needed(formula, results, result_count, uses);
        unsigned pooled = 0;
        for (uint32_t i = 0; i < formula->count; i++)
            if (uses[i].needed)
                compile_node(program, formula, i, uses, pool, &pooled);
        for (unsigned i = 0; i < result_count; i++)
            program->results[i] = uses[results[i]].at;
    } else {
        program_release(program);
        program = NULL;
    }
    mem_free(uses);
    mem_free(pool);
    return program;
}

void program_release(struct program *program)
{
    if (!program)
        return;
    mem_free(program->steps);
    mem_free(program->presets);
    mem_free(program);
}

size_t program_scratch(const struct program *program)
{
    return (size_t)program->registers * BLOCK;
}

unsigned program_steps(const struct program *program)
{
    return program->step_count;
}

INLINE void whole_power_loop(const float *a, float *to, int power, size_t n)
{
    for (size_t i = 0; i < n; i += LANES) {
        const lanes x = *(const lanes *)(a + i);
        lanes result = x;
        for (int k = power < 0 ? -power : power; k > 1; k--)
            result *= x;
        if (power < 0)
            result = 1.0F / result;
        *(lanes *)(to + i) = result;
    }
}

#define EACH(expression)                                                                                                           \
    INDEPENDENT for (size_t i = 0; i < n; i++) to[i] = (expression);                                                               \
    break

/* One step over n <= BLOCK samples, n whole lanes. `to` may be one of the operands. */
KERNEL static void run_step(const struct step *step, float *registers, size_t n)
{
    float *to = registers + (size_t)step->to * BLOCK;
    const float *a = registers + (size_t)step->a * BLOCK, *b = registers + (size_t)step->b * BLOCK,
                *c = registers + (size_t)step->c * BLOCK;
    switch (step->op) {
    case FORMULA_NEGATE:
        EACH(-a[i]);
    case FORMULA_ADD:
        EACH(a[i] + b[i]);
    case FORMULA_SUB:
        EACH(a[i] - b[i]);
    case FORMULA_MUL:
        EACH(a[i] * b[i]);
    case FORMULA_DIV:
        EACH(a[i] / b[i]);
    case FORMULA_POW:
        EACH(powf(a[i], b[i]));
    case FORMULA_EXP:
        EACH(vec_exp(a[i]));
    case FORMULA_LOG:
        EACH(vec_log(a[i]));
    case FORMULA_SQRT:
        EACH(sqrtf(a[i]));
    case FORMULA_ABS:
        EACH(vec_abs(a[i]));
    case FORMULA_SIGN:
        EACH(a[i] > 0.0F ? 1.0F : a[i] < 0.0F ? -1.0F : a[i]);
    case FORMULA_SIN:
        EACH(vec_sin(a[i]));
    case FORMULA_COS:
        EACH(vec_cos(a[i]));
    case FORMULA_TANH:
        EACH(vec_tanh(a[i]));
    case FORMULA_SIGMOID:
        EACH(vec_sigmoid(a[i]));
    case FORMULA_SOFTPLUS:
        EACH(vec_softplus(a[i]));
    case FORMULA_ERF:
        EACH(vec_erf(a[i]));
    case FORMULA_FLOOR:
        EACH(floorf(a[i]));
    case FORMULA_MIN:
        EACH(a[i] < b[i] ? a[i] : b[i]);
    case FORMULA_MAX:
        EACH(a[i] > b[i] ? a[i] : b[i]);
    case FORMULA_LT:
        EACH(a[i] < b[i] ? 1.0F : 0.0F);
    case FORMULA_LE:
        EACH(a[i] <= b[i] ? 1.0F : 0.0F);
    case FORMULA_EQ:
        EACH(a[i] == b[i] ? 1.0F : 0.0F);
    case FORMULA_SELECT:
        EACH(a[i] != 0.0F ? b[i] : c[i]);
    case STEP_WHOLE_POWER:
        whole_power_loop(a, to, step->power, n);
        break;
    default:
        break;
    }
}

void program_run(const struct program *program, const float *params, const float *const *rows, float *const *results, size_t n,
                 float *scratch)
{
    const size_t most = n < BLOCK ? n : BLOCK;
    for (unsigned p = 0; p < program->preset_count; p++) {
        const struct preset *preset = &program->presets[p];
        const float value = preset->param ? params[(unsigned)preset->value] : preset->value;
        float *at = scratch + (size_t)preset->at * BLOCK;
        for (size_t i = 0; i < most; i++)
            at[i] = value;
    }
    for (size_t start = 0; start < n; start += BLOCK) {
        const size_t count = n - start < BLOCK ? n - start : BLOCK;
        for (unsigned r = 0; r < program->row_count; r++)
            memcpy(scratch + (size_t)r * BLOCK, rows[r] + start, count * sizeof **rows);
        for (unsigned s = 0; s < program->step_count; s++)
            run_step(&program->steps[s], scratch, count);
        for (unsigned r = 0; r < program->result_count; r++)
            memcpy(results[r] + start, scratch + (size_t)program->results[r] * BLOCK, count * sizeof **results);
    }
}
