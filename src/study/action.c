/* See action.h. */
#include "study/action.h"

#include "interp/evaluate.h"
#include "molecule/layers.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"

/* An argument of the action. */
static struct value argument(const struct acting *acting, const char *name)
{
    return *record_get(acting->action->fields, str_of(name));
}

/* ---- what is put in ---- */

/* The gene behind which a layer's values are: a patched one has its element behind the sum. Other genes are themselves. */
static uint32_t end_of_layer(const struct acting *acting)
{
    struct graph *graph = graph_build(acting->molecule, acting->input_width, acting->eval->diags);
    uint32_t count = 0, end = acting->gene;
    struct network_layer *layers = graph ? layers_find(graph, &count) : NULL;
    for (uint32_t i = 0; layers && i < count; i++)
        if (layers[i].gene == acting->gene)
            end = layers[i].end;
    mem_free(layers);
    graph_release(graph);
    return end;
}

/* The width that the stage at `gene` gives: the widest node made from it is its output. */
static uint32_t width_at(const struct molecule *molecule, uint32_t gene, uint32_t input_width, struct diags *diags)
{
    struct graph *graph = graph_build(molecule, input_width, diags);
    uint32_t width = 0;
    for (uint32_t i = 0; graph && i < graph->count; i++)
        if (graph->nodes[i].gene == gene)
            width = graph->nodes[i].width;
    graph_release(graph);
    return width;
}

/* What stands behind the stage in its place, of a stage that gives `width` values. */
typedef void add_behind(const struct acting *acting, uint32_t width, struct molecule_builder *builder);

static void add_molecule(const struct acting *acting, uint32_t width, struct molecule_builder *builder)
{
    (void)width;
    builder_copy(builder, argument(acting, "molecule").molecule->molecule, 0);
}

/* Inside a skip that starts as the identity. */
static void add_skip(const struct acting *acting, uint32_t width, struct molecule_builder *builder)
{
    struct gene last = gene_layer(elements_by_name(&acting->eval->state->elements, STR("linear")), width, acting->span);
    last.traits.init = INIT_ZERO;
    builder_open(builder, GENE_SKIP, acting->span);
    builder_open(builder, GENE_CHAIN, acting->span);
    add_molecule(acting, width, builder);
    builder_atom(builder, last, NULL);
    builder_close(builder);
    builder_close(builder);
}

static struct molecule *put_behind(const struct acting *acting, add_behind *add)
{
    struct eval *eval = acting->eval;
    struct place place = {end_of_layer(acting), 1};
    uint32_t width = width_at(acting->molecule, place.gene, acting->input_width, eval->diags);
    struct molecule *stage = width ? molecule_slice(acting->molecule, place, eval->diags) : NULL;
    if (!stage)
        return NULL;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, acting->span);
    builder_copy(&builder, stage, 0);
    add(acting, width, &builder);
    builder_close(&builder);
    struct molecule *replacement = builder_finish(&builder, acting->span, eval->diags);
    struct molecule *result = replacement ? action_rewrite(acting, acting->molecule, place, replacement) : NULL;
    molecule_release(stage);
    molecule_release(replacement);
    return result;
}

static struct molecule *act_insert(const struct acting *acting)
{
    return put_behind(acting, add_molecule);
}

static struct molecule *act_graft(const struct acting *acting)
{
    return put_behind(acting, add_skip);
}

/* ---- how fast it learns ---- */

static struct molecule *act_scale_rate(const struct acting *acting)
{
    acting->outcome->preserving = true;
    return molecule_scale_rates(acting->molecule, acting->gene, spec_number(acting->action, "factor"), acting->span,
                                acting->eval->diags);
}

/* ---- the table ---- */

/* Connections that go and come are in action_connect.c, patches in action_patch.c. */

static const struct action_row action_rows[] = {
    {{"insert(molecule: molecule)", "action",
      "Growth: puts a molecule behind a stage; what follows begins anew where widths change."},
     PLACE_BEHIND,
     act_insert,
     NULL},
    {{"graft(molecule: molecule)", "action",
      "Growth: puts a molecule behind a stage, inside a skip whose last layer starts at zero: the network computes the same "
      "function before and after."},
     PLACE_BEHIND,
     act_graft,
     NULL},
    {{
         "patch(hidden: count = 8, targets: count = 4, inputs: count = 20, most: count = 5, scale: amount = 0, lr_scale: amount = "
         "1)",
         "action",
         "Growth: small dense networks beside the connections of a sparse layer. `at extrema.high`: out of each of these neurons, "
         "through "
         "`hidden` relu neurons, into up to `targets` neurons of the next layer, drawn by chance. `at extrema.low`: out of up to "
         "`inputs` "
         "values that its layer reads, drawn by chance, through `hidden` neurons into each of these; a layer that reads the data "
         "has "
         "none. `most` neurons of a layer at a time, the farthest first. A patch begins at zero, and the network computes the same "
         "right "
         "after; with `scale: 0.3` its last layer begins with so much of what layers begin with. `lr_scale` is that of its layers. "
         "The "
         "layer is taken apart for it, `relu(64)` into the sum of `linear(64)` and the patches, and `relu`; further ones join the "
         "sum. In "
         "`rewrite` neurons are named by the layer's number in `signals`.\n"
         "Example: let run = train relu(8) -> relu(8) on moons() { epochs: 20 }\n"
         "print dna(rewrite(run, patch(hidden: 2, targets: 2), at: { layer: 1, high: [3] }, seed: 1))  # "
         "R8-(L8+(Gt[3]-R2-L2[init=zero]-Sc8[5,7]))-R-O1[head=sigmoid]\n"
         "See: extrema, signals, gather, head, rewrite, growth",
     },
     PLACE_NEURONS,
     act_patch,
     NULL},
    {{"scale_rate(factor: amount)", "action",
      "Growth: multiplies the learning rate of layers (`lr_scale`): `at hidden` of the hidden layers that the round began with, "
      "`at "
      "standing` of the output, too; so not of what other actions of the round put in. Without a place of everything. The "
      "optimiser "
      "goes on where it stood. `freeze` is an action in the same way.\n"
      "See: freeze, retune, growth"},
     PLACE_MAY,
     act_scale_rate,
     "it multiplies the learning rates of layers that are not frozen, by a factor other than 1"},
    {{"prune(share: share, by: word = magnitude)", "action",
      "Growth: the share of each layer's connections that have the least magnitudes goes (Han et al. 2015): of all layers, or of "
      "that at a place. What is left keeps its weights, and its density says how much that is. Whole neurons of hidden layers go "
      "with `by: norm`, those whose incoming weights are shortest (Li et al. 2017), and with `by: activation`, those whose outputs "
      "on "
      "training data are least (Hu et al. 2016). Frozen layers stay as they are. Neurons whose "
      "values are added to others' go with those, in all layers of a residual network at once, and patches that read them, too. In "
      "`rewrite` it prunes a trained network once, to be trained on.\n"
      "Example: let run = train relu(16) on moons() { epochs: 20 }\n"
      "let half = rewrite(run, prune(50%))\n"
      "print run.params, (train half on moons() { epochs: 5 }).params  # 65 41\n"
      "print dna(rewrite(run, prune(25%, by: norm)))  # R12-O1[head=sigmoid]\n"
      "See: regrow, density, rewrite, growth"},
     PLACE_MAY,
     act_prune,
     "it takes connections of layers that are not frozen, and one of each stays; with `by: norm` neurons, whose values nothing "
     "else fixes"},
    {{"regrow(share: share, by: word = random)", "action",
      "Growth: in each sparse layer, or in that at a place, the share of the connections with the least magnitudes goes, and as "
      "many "
      "come, with weight 0 and as the optimiser begins. `by: random` takes any that the layer could have: SET (Mocanu et al. "
      "2018). "
      "`by: gradient` takes those whose gradients, measured on training data, are greatest: RigL (Evci et al. 2020).\n"
      "Example: growth Rigged { when epoch < 40 => regrow(30%, by: gradient) }\n"
      "let run = grow sparse(relu(32), density: 20%) on moons() by Rigged { epochs: 20 }\n"
      "print run.params\nSee: prune, sparse, density, growth"},
     PLACE_MAY,
     act_regrow,
     "connections come and go in trained layers that are sparse and not frozen: `sparse(relu(32), density: 20%)`"},
    {{"gradmax(neurons: count = 1)", "action",
      "Growth: new neurons in a hidden layer, which nobody reads yet, so that the network computes the same; what they read is "
      "chosen, "
      "by singular vectors of gradients on training data, so that the gradient of their outgoing weights is as long as it can be "
      "(GradMax: Evci et al. 2022, with incoming and outgoing weights in each other's place). Where a layer's values are added to "
      "others', those layers get as many, which begin at zero; where they are added to the data's, or multiplied, it cannot grow.\n"
      "Example: growth Wider { when improvement < 1% => gradmax(4) at busiest }\n"
      "let run = grow relu(4) on moons() by Wider { epochs: 30, optimizer: adam(lr: 1e-2) }\n"
      "print run.params\nSee: widen, grow, growth"},
     PLACE_LAYER,
     act_gradmax,
     NULL},
    {{"rewind(to: molecule?)", "action",
      "Growth: the network gets the weights again that it began with, on the connections that it has now, and the optimiser begins "
      "anew: behind `prune` what is left is a lottery ticket (Frankle and Carbin 2019). In `rewrite` it takes the network it goes "
      "back "
      "to.\n"
      "Example: let run = train relu(16) on moons() { epochs: 20, snapshots: [0] }\n"
      "let ticket = rewrite(rewrite(run, prune(80%)), rewind(to: run.at(0)))\n"
      "print (train ticket on moons() { epochs: 20 }).params\n"
      "See: prune, snapshots, growth"},
     PLACE_MAY,
     act_rewind,
     "the weights are those that it goes back to"},
    {{"recruit(element: element, pool: count = 8, epochs: count = 200, patience: count = 20)", "action",
      "Growth: puts one unit in front of the output, beside all that the output read, as cascade correlation does (Fahlman and "
      "Lebiere 1990). A pool of candidates is trained, on training data, to follow the errors that are left (the sum over outputs "
      "of the magnitude of their covariance); the best is put in with its weights frozen, and the outputs learn to use it. Each "
      "unit "
      "reads the inputs and all units before it: `(linear | tanh(1, lr_scale: 0)) -> …`, an ordinary molecule. The pool is trained "
      "for "
      "at most so many `epochs`, and until it has gained less than 1 % in `patience` of them.\n"
      "Example: growth Cascade { when true => recruit(tanh) }\n"
      "let run = grow linear on xor() by Cascade { epochs: 30, optimizer: rprop }\n"
      "print run.dna\nSee: growth, freeze"},
     PLACE_MAY,
     act_recruit,
     NULL},
};
enum { ACTIONS = sizeof action_rows / sizeof *action_rows };

bool growth_actions_add(struct eval *eval)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (!specs_add(eval, &action_rows[i].spec, 1))
            return false;
    return true;
}

const struct action_row *action_of(struct value value)
{
    if (value.kind != VALUE_SPEC || !value_is_action(value))
        return NULL;
    for (size_t i = 0; i < ACTIONS; i++) {
        struct str name = str_of(action_rows[i].spec.signature);
        name.len = value.spec->name.len;
        if (str_equal(name, value.spec->name))
            return &action_rows[i];
    }
    return NULL;
}

struct molecule *action_do(const struct acting *acting)
{
    struct value action = {.kind = VALUE_SPEC, .spec = (struct spec *)acting->action};
    struct diags *diags = acting->eval->diags;
    const size_t told = diags->count;
    *acting->outcome = (struct action_outcome){0};
    struct molecule *result = action_of(action)->act(acting);
    diags_move_into(diags, told, acting->span);
    if (result && molecule_equal(result, acting->molecule)) /* there was nothing to do */
        acting->outcome->preserving = true;
    return result;
}

struct molecule *action_rewrite(const struct acting *acting, const struct molecule *molecule, struct place place,
                                const struct molecule *replacement)
{
    struct action_outcome *outcome = acting->outcome;
    struct application application = {.span = acting->span, .input_width = acting->input_width};
    struct molecule *result = rewrite_apply(acting->eval, acting->action->name, molecule, place, replacement, &application);
    outcome->preserving = application.preserving && (outcome->rewrites == 0 || outcome->preserving);
    outcome->projections += application.projections;
    outcome->rewrites++;
    return result;
}

bool action_width(const struct acting *acting, const char *name, uint32_t *width)
{
    const double number = argument(acting, name).number;
    if (number > LIMIT_WIDTH) {
        eval_error(acting->eval, acting->span, "`%s` of `%.*s` is at most %s", name, STR_ARG(acting->action->name),
                   counted(LIMIT_WIDTH, "", "").text);
        return false;
    }
    *width = (uint32_t)number;
    return true;
}

uint32_t action_bound(const struct acting *acting, const char *name)
{
    const double number = argument(acting, name).number;
    return number < UINT32_MAX ? (uint32_t)number : UINT32_MAX;
}
