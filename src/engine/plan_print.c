/* The compiled plan as text, for `nel ir`: one op a line, then parameters and memory. */
#include "engine/plan.h"
#include "engine/workspace.h"
#include "molecule/trait.h"
#include "support/number.h"

static void print_range(struct text *out, const char *name, size_t start, size_t count)
{
    if (start != PLAN_NONE && count > 0)
        text_addf(out, "  %s %zu..%zu", name, start, start + count - 1);
}

static void print_inputs(const struct plan *plan, const struct plan_op *op, struct text *out)
{
    for (uint32_t i = 0; i < op->edge_count; i++) {
        const struct plan_edge *edge = &plan->edges[op->edge_at + i];
        text_addf(out, "%s%u%s", i == 0 ? "  from " : " ", edge->op, edge->placed ? " (in place)" : "");
    }
}

static void print_params(const struct plan_op *op, struct text *out)
{
    const bool norm = op->kind == PLAN_BATCHNORM || op->kind == PLAN_LAYERNORM;
    print_range(out, norm ? "scale" : "weights", op->weights, norm ? op->width : op->weight_count);
    print_range(out, norm ? "shift" : "bias", op->bias, op->width);
    if (op->element)
        print_range(out, "learned", op->learned, (size_t)op->width * op->element->learned_count);
    print_range(out, "running", op->running, 2 * (size_t)op->width);
    if (!norm && op->weights != PLAN_NONE)
        text_addf(out, "  init %s", init_names[op->init]);
    if (!norm && op->weights != PLAN_NONE && op->init_scale != 1)
        text_addf(out, " x %g", op->init_scale);
    if (op->frozen)
        text_add(out, "  frozen");
}

static void print_op(const struct plan *plan, uint32_t number, struct text *out)
{
    const struct plan_op *op = &plan->ops[number];
    text_addf(out, "%4u  %-10s", number, plan_op_name(op->kind));
    if (op->edge_count == 1)
        text_addf(out, "  %u -> %u", op->depth, op->width);
    else
        text_addf(out, "  %u", op->width);
    print_inputs(plan, op, out);
    if (op->kind == PLAN_SPARSE && op->kernel != PLAN_KERNEL_STORED)
        text_add(out, "  spread");
    if (op->kind == PLAN_DENSE || (op->kind == PLAN_SPARSE && op->kernel != PLAN_KERNEL_STORED))
        text_add(out, op->kernel == PLAN_KERNEL_BLAS ? "  blas" : "  own kernel");
    if (op->element) {
        text_addf(out, "  %s: ", op->element->element->name);
        element_kernel_print(op->element, out);
    }
    print_range(out, "rows", op->value, op->width);
    print_range(out, "gradient", op->grad, op->width);
    print_params(op, out);
    text_add_char(out, '\n');
}

static void print_bytes(struct text *out, const char *what, double bytes)
{
    text_addf(out, "%s ", what);
    number_write_count(out, bytes);
    text_add(out, " bytes\n");
}

void plan_print(const struct plan *plan, struct text *out)
{
    for (uint32_t i = 0; i < plan->op_count; i++)
        print_op(plan, i, out);
    text_addf(out, "head %s, %u output%s\n", head_names[plan->head], plan->output_width, plan->output_width == 1 ? "" : "s");
    text_add(out, "parameters ");
    number_write_count(out, (double)plan->trained_count);
    if (plan->param_count > plan->trained_count) {
        text_add(out, " and ");
        number_write_count(out, (double)(plan->param_count - plan->trained_count));
        text_add(out, " running statistics");
    }
    for (uint32_t i = 0; i < plan->span_count; i++) {
        const struct plan_span *span = &plan->spans[i];
        if (span->lr_scale != 1 || span->l1 != 0 || span->l2 != 0)
            text_addf(out, "\n  %zu..%zu: lr_scale %g, l1 %g, l2 %g", span->start, span->start + span->count - 1,
                      (double)span->lr_scale, (double)span->l1, (double)span->l2);
    }
    text_addf(out, "\nup to %u samples at once\n", plan->chunk);
    print_bytes(out, "to predict", workspace_bytes(plan, plan->chunk, false));
    print_bytes(out, "to train", workspace_bytes(plan, plan->chunk, true));
}
