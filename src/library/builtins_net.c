/* Built-ins that make and take apart molecules. */
#include <math.h>

#include "export/dot.h"
#include "interp/evaluate.h"
#include "interp/place.h"
#include "interp/weights.h"
#include "library/builtins.h"
#include "molecule/dna.h"
#include "molecule/trait.h"
#include "study/learn.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"
#include "support/vec.h"

static struct value atom(struct eval *eval, struct gene gene, const uint32_t *indices, struct span span)
{
    struct molecule *molecule = molecule_atom(gene, indices, span, eval->diags);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

static bool width_of(struct eval *eval, double number, struct span span, uint32_t *width)
{
    *width = number <= LIMIT_WIDTH ? (uint32_t)number : 0;
    if (*width)
        return true;
    eval_error(eval, span, "a width is at most %s", counted(LIMIT_WIDTH, "", "").text);
    return false;
}

static struct value call_input(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct gene gene = gene_of(GENE_INPUT, args->call);
    return width_of(eval, args->at[0].number, args->span[0], &gene.width) ? atom(eval, gene, NULL, args->call) : value_failed();
}

static bool head_of(struct eval *eval, struct value value, struct span span, uint8_t *head)
{
    struct str word;
    struct suggestion suggestion;
    if (value.kind == VALUE_NONE || !value_word(value, &word))
        return true;
    suggest_start(&suggestion, word);
    for (uint8_t i = 0; head_names[i]; i++) {
        if (str_is(word, head_names[i])) {
            *head = i;
            return true;
        }
        suggest_offer(&suggestion, str_of(head_names[i]));
    }
    struct text help = {0};
    text_addf(&help, suggestion.best.len ? "did you mean `%.*s`?" : "one of linear, sigmoid, softmax, step%.*s",
              STR_ARG(suggestion.best));
    eval_error_help(eval, span, help.at, "`%.*s` is no head", STR_ARG(word));
    text_release(&help);
    return false;
}

/* Behind width and head the signature has the traits of layers. */
static struct value call_out(struct eval *eval, const struct builtin *self, const struct args *args)
{
    enum { FIRST_TRAIT = 2 };
    struct gene gene = gene_of(GENE_OUTPUT, args->call);
    bool well = (args->at[0].kind == VALUE_NONE || width_of(eval, args->at[0].number, args->span[0], &gene.width)) &&
                head_of(eval, args->at[1], args->span[1], &gene.head);
    for (size_t i = FIRST_TRAIT; well && i < self->signature.count; i++) {
        struct argument trait = {self->signature.parameters[i].name, args->at[i], args->span[i], args->span[i]};
        well = trait.value.kind == VALUE_NONE || layer_set_trait(eval, &gene, &trait);
    }
    return well ? atom(eval, gene, NULL, args->call) : value_failed();
}

static struct value call_head(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct gene gene = gene_of(GENE_HEAD, args->call);
    return head_of(eval, args->at[0], args->span[0], &gene.head) ? atom(eval, gene, NULL, args->call) : value_failed();
}

static struct value call_dropout(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct gene gene = gene_of(GENE_DROPOUT, args->call);
    gene.rate = args->at[0].number;
    if (gene.rate >= 1)
        return eval_error(eval, args->span[0], "a dropout of 100%% leaves nothing");
    return atom(eval, gene, NULL, args->call);
}

/* Neuron numbers of gather and scatter. */
static uint32_t *indices_of(struct eval *eval, const struct list *list, struct span span)
{
    if (list->count == 0 || list->count > LIMIT_WIDTH) {
        eval_error(eval, span, "expected 1 to %s of neurons, found %zu", counted(LIMIT_WIDTH, "number", "numbers").text,
                   list->count);
        return NULL;
    }
    uint32_t *indices = mem_array(list->count, sizeof *indices);
    if (!indices) {
        eval_out_of_memory(eval, span);
        return NULL;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct value item = list->items[i];
        if (item.kind != VALUE_NUMBER || item.number < 0 || item.number >= LIMIT_WIDTH || item.number != floor(item.number)) {
            eval_error_type(eval, span_of_item(eval, span, i), "the number of a neuron, counted from 0", item);
            mem_free(indices);
            return NULL;
        }
        indices[i] = (uint32_t)item.number;
    }
    return indices;
}

static struct value call_gather(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct gene gene = gene_of(GENE_GATHER, args->call);
    uint32_t *indices = indices_of(eval, args->at[0].list, args->span[0]);
    gene.index_count = (uint32_t)args->at[0].list->count;
    struct value value = indices ? atom(eval, gene, indices, args->call) : value_failed();
    mem_free(indices);
    return value;
}

static struct value call_scatter(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct gene gene = gene_of(GENE_SCATTER, args->call);
    if (!width_of(eval, args->at[1].number, args->span[1], &gene.width))
        return value_failed();
    uint32_t *indices = indices_of(eval, args->at[0].list, args->span[0]);
    gene.index_count = (uint32_t)args->at[0].list->count;
    struct value value = indices ? atom(eval, gene, indices, args->call) : value_failed();
    mem_free(indices);
    return value;
}

/* ---- sparse(M, density) ---- */

static void make_sparse(struct gene *gene, double density, uint8_t share)
{
    if (gene->kind != GENE_LAYER && gene->kind != GENE_OUTPUT)
        return;
    gene->traits.density = density;
    gene->traits.share = share;
    gene->partial = gene->weights;
}

/* A copy of the molecule in which every layer has this density, the last one that the data will decide on included; of trained
   weights it keeps those of the connections that stay. */
static struct value call_sparse(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    const double density = args->at[1].number;
    struct traits share = traits_default(NULL);
    struct str word = {0};
    if (density <= 0)
        return eval_error(eval, args->span[1], "a density of 0 leaves no connections");
    if (args->at[2].kind != VALUE_NONE && value_word(args->at[2], &word) &&
        !trait_set(&share, NULL, STR("share"), 0, word, args->span[2], eval->diags))
        return value_failed();
    const struct molecule *before = args->at[0].molecule->molecule;
    struct molecule_builder builder = {0};
    builder_open(&builder, GENE_CHAIN, args->call);
    builder_copy(&builder, before, 0);
    if (!molecule_output(before))
        builder_atom(&builder, gene_of(GENE_OUTPUT, args->call), NULL);
    builder_close(&builder);
    for (size_t i = 0; !builder.failed && !builder.too_large && i < builder.count; i++)
        make_sparse(&builder.genes[i], density, share.share);
    struct molecule *after = builder_finish(&builder, args->call, eval->diags);
    return after ? value_molecule(eval, after) : value_failed();
}

static struct value call_body(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct molecule *body = molecule_body(args->at[0].molecule->molecule, &eval->state->elements, eval->diags);
    return body ? value_molecule(eval, body) : value_failed();
}

static struct value call_freeze(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct molecule *frozen = molecule_freeze(args->at[0].molecule->molecule, eval->diags);
    return frozen ? value_molecule(eval, frozen) : value_failed();
}

static struct value call_dna(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct value value = args->at[0];
    if (value.kind == VALUE_RUN || value.kind == VALUE_RUNS || value.kind == VALUE_EVOLUTION)
        return value_member(eval, value, STR("dna"), args->call);
    const enum value_kind kind = value_content(value);
    if (may_be_trained(value) ||
        (value.kind == VALUE_UNKNOWN && (kind == VALUE_MOLECULE || kind == VALUE_ELEMENT || kind == VALUE_FUNCTION)))
        return value_unknown_of(VALUE_STRING);
    const struct molecule *molecule = molecule_of_value(eval, value, args->span[0]);
    if (!molecule)
        return value_failed();
    struct text text = {0};
    dna_encode(molecule, &text);
    molecule_release(molecule);
    return value_text(eval, &text);
}

static struct value call_molecule(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    struct str dna = string_str(args->at[0].string);
    uint32_t source = sources_add(&eval->state->sources, "<dna>", dna);
    if (!source)
        return eval_out_of_memory(eval, args->call);
    struct molecule *molecule = dna_decode(dna, &eval->state->elements, (struct span){source, 0, (uint32_t)dna.len}, eval->diags);
    return molecule ? value_molecule(eval, molecule) : value_failed();
}

static struct value call_dot(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    uint32_t inputs = 0; /* what its input(n) says */
    if (args->given[1] && !width_of(eval, args->at[1].number, args->span[1], &inputs))
        return value_failed();
    struct graph *graph = graph_build(args->at[0].molecule->molecule, inputs, eval->diags);
    if (!graph)
        return value_failed();
    struct text text = {0};
    dot_write(graph, &text);
    graph_release(graph);
    return value_text(eval, &text);
}

const struct builtin_row builtins_net[] = {
    {"input(width: count): molecule", "Checks that the data has so many features; the first stage of a molecule.", call_input},
    {"out(width: count?, head: word?, bias: bool?, density: share?, init: word?, init_scale: number?, l1: number?, "
     "l2: number?, lr_scale: number?, share: word?): molecule",
     "The output layer: its width, its head (linear, sigmoid, softmax or step), and what else a layer can be told. What is not "
     "given, and a molecule without it, fits the data.\n"
     "Example: print dna(relu(8) -> out(3, bias: false))  # R8-O3[bias=0]\nSee: head, traits",
     call_out},
    {"head(kind: word = auto): molecule",
     "The head alone, behind a network that gives as many values as the data asks for: what `out` has behind its layer. `auto` "
     "fits "
     "the "
     "data. With it an output can be a sum: `relu(8) -> linear(3) + (gather([0]) -> tanh(4) -> linear(3)) -> head(softmax)`.\n"
     "Example: print dna(relu(8) -> linear(3) -> head(softmax))  # R8-L3-H[head=softmax]\nSee: out",
     call_head},
    {"dropout(rate: share): molecule",
     "Leaves out a share of the values while training, and scales the others up (Srivastava 2014).", call_dropout},
    {"gather(indices: list): molecule", "Picks some neurons of its input by number.", call_gather},
    {"scatter(indices: list, of: count): molecule", "Spreads its input into a wider vector, zero elsewhere.", call_scatter},
    {"sparse(molecule: molecule, density: share, share: word = uniform): molecule",
     "The molecule with that share of the connections in every layer, the one that the data asks for at its end included. With "
     "`share: erk` all layers together have that share, and small ones more of it.\n"
     "Example: print dna(sparse(relu(64), density: 5%))  # R64%5-O%5\nSee: traits, out, share",
     call_sparse},
    {"body(molecule: molecule): molecule",
     "A molecule without its output layer: of a run, the trained layers below the head, to put a new head on.\n"
     "Example: let old = train tanh(8) * 2 on circles(n: 200, seed: 1) { epochs: 200 }\n"
     "print body(old)\n"
     "See: freeze, run",
     call_body},
    {"freeze(molecule: molecule): molecule",
     "The molecule with everything in it that could be trained frozen: its layers have `lr_scale: 0`, and its batchnorms go by "
     "their "
     "running figures. Dropout in it goes on dropping.\n"
     "Example: print freeze(relu(8) -> batchnorm)  # R8[lr_scale=0]-Bn[lr_scale=0]\n"
     "See: body, run, relu",
     call_freeze},
    {"model(molecule: molecule, weights: list, biases: list?): model",
     "A network with given weights: `weights` has a list for each layer, in it a list for each neuron, in it a number for each "
     "value "
     "that the neuron reads; `biases` a list for each layer with a number for each neuron (0 without them). It predicts as a run "
     "does, "
     "gives its numbers back as `weights` and `biases`, and is an atom: `train` goes on from these weights. An output without a "
     "head is "
     "linear.\n"
     "Example: let net = model(tanh(2) -> out(1), weights: [[[1, 2], [3, 4]], [[5, 6]]], biases: [[0, 0], [7]])\n"
     "print net.weights[1], net.biases  # [[5, 6]] [[0, 0], [7]]\n"
     "print predict(net, [0, 0])  # 7\n"
     "See: run, body, predict",
     call_model},
    {"dna(molecule: any): text", "The molecule as a short string; lossless.", call_dna},
    {"dot(molecule: molecule, inputs: count?): text",
     "The graph of a molecule that reads so many inputs, as DOT text for Graphviz.", call_dot},
    {"molecule_of(dna: text): molecule", "The molecule that a DNA text describes.", call_molecule},
};
const size_t builtins_net_count = sizeof builtins_net / sizeof *builtins_net;
