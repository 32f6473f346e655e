/* The syntax tree. One uniform node for everything, so that checker, formatter, highlighter and evaluator walk it alike; the
   table below says what each kind holds. Nodes live in the arena of their parse and are never changed after it; `text` points
   into the source or the arena; that of a name always into the source, so its place is known. A node's span leaves out the
   brackets around it. Documentation comments are not in the tree: `doc_comment` finds them in the source by span. */
#ifndef NEL_SYNTAX_AST_H
#define NEL_SYNTAX_AST_H

#include <stdint.h>

#include "support/source.h"
#include "support/text.h"

/* clang-format off */
enum node_kind {
    /* kind            text                     number    items                                                             */
    NODE_ERROR,     /*                                    what the parser skipped; reported already                          */
    /* leaves */
    NODE_NUMBER,    /* as written               value     ("2%" has value 0.02 and op OP_PERCENT)                            */
    NODE_STRING,    /* unescaped content                                                                                     */
    NODE_BOOL,      /*                          0 or 1                                                                       */
    NODE_NONE,      /*                                                                                                       */
    NODE_NAME,      /* the name                                                                                              */
    NODE_VARIABLE,  /* of a pattern, no `?`                                                                                  */
    NODE_DNA,       /* without its backticks; span.start + 1 is its first byte in the source                                 */
    NODE_SELF,      /*                                    the argument of the NODE_PREDICATE around it                       */
    /* values made of others */
    NODE_INTERPOLATION, /*                                parts: NODE_STRING and expressions, in order                       */
    NODE_LIST,      /*                                    values; NODE_SPREAD allowed                                        */
    NODE_COMPREHENSION, /* the variable                   value, iterated, [condition]                                       */
    NODE_RECORD,    /*                                    NODE_FIELD and NODE_SPREAD                                         */
    NODE_FIELD,     /* the key                            value  (`{ seed }` holds a NODE_NAME of the same span)             */
    NODE_SPREAD,    /*                                    value                                                              */
    NODE_PREDICATE, /*                                    body  (`.loss < 0.1`: holds NODE_SELF where the argument goes)     */
    NODE_FN,        /* the name, empty: lambda            NODE_PARAMS, body (NODE_BLOCK or expression)                       */
    NODE_PARAMS,    /*                                    NODE_PARAM                                                         */
    NODE_PARAM,     /* the name                 0 or 1    [default]; number 1: stands after `;`. op OP_LEARNED: trained;     */
                    /*                                    `to in elements` (of a rule) holds the NODE_AXIS of its domain     */
    NODE_BLOCK,     /*                                    statements; the value of the last is the result                    */
    /* operators */
    NODE_CALL,      /*                                    callee, then arguments: expressions and NODE_ARGUMENT              */
    NODE_ARGUMENT,  /* the label                          value                                                              */
    NODE_INDEX,     /*                                    object, index                                                      */
    NODE_MEMBER,    /* the member                         object                                                             */
    NODE_UNARY,     /*                                    operand; op OP_NEGATE, OP_NOT, OP_SKIP                             */
    NODE_BINARY,    /*                                    operands, at least two; op of the first two, see node_joint        */
    NODE_CHAIN,     /*                                    stages, at least two  (a -> b -> c)                                */
    NODE_AS,        /* the tap                            stage                                                              */
    NODE_PIPE,      /*                                    value, then the calls, NODE_NAMEs or expressions it is fed to;     */
                    /*                                    `|> show` and `|> print` hold a NODE_NAME `show` or `print`        */
    NODE_RANGE,     /*                                    from, to (inclusive)                                               */
    NODE_IF,        /*                                    condition, NODE_BLOCK, [NODE_BLOCK or NODE_IF]                     */
    NODE_TRAIN,     /*                                    molecule, data, [NODE_RECORD]                                      */
    NODE_GROW,      /*                                    molecule, data, policy, [NODE_RECORD]                              */
    NODE_EVOLVE,    /*                                    start, data, [NODE_RECORD]                                         */
    NODE_SWEEP,     /*                                    NODE_AXIS…, [NODE_WHERE], [NODE_DRAW], NODE_BLOCK                  */
    NODE_AXIS,      /* the variable                       values                                                             */
    NODE_WHERE,     /*                                    condition                                                          */
    NODE_DRAW,      /*                                    count                                                              */
    /* statements */
    NODE_LET,       /* the name                           value                                                              */
    NODE_ASSIGN,    /*                                    target (NODE_NAME, NODE_INDEX, NODE_MEMBER), value                 */
    NODE_MOLECULE,  /* the name                           NODE_PARAMS, body                                                  */
    NODE_ELEMENT,   /* the name                           NODE_STRING symbol, NODE_PARAMS, body                              */
    NODE_LOSS,      /* the name                           NODE_PARAMS, NODE_PARAMS output and target, body                   */
    NODE_RULE,      /* the name                           NODE_PARAMS, pattern, replacement, [guard]                         */
    NODE_GROWTH,    /* the name                           NODE_PARAMS, clauses…                                              */
    NODE_EVERY,     /* the unit ("epochs")                count                                                              */
    NODE_WHEN,      /* "", "at", "after", "before"        condition, action, [place]                                         */
    NODE_ACCEPT,    /* the unit                           count, condition   (accept after n epochs when c else undo)        */
    NODE_STOP,      /*                                    condition                                                          */
    NODE_USE,       /* the module or path                 [NODE_NAME alias]; op OP_PATH where a string was written           */
    NODE_SHOW,      /*                                    values                                                             */
    NODE_PRINT,     /*                                    values                                                             */
    NODE_FOR,       /* the variable                       iterated, NODE_BLOCK                                               */
    NODE_SETTING,   /* the name                           default            (param epochs = 500)                            */
    NODE_ASSERT,    /*                                    condition, [message]                                               */
    NODE_PROGRAM    /*                                    statements                                                         */
};
/* clang-format on */

enum op {
    OP_NONE,
    OP_PERCENT,
    OP_LEARNED,
    OP_PATH,
    OP_NEGATE,
    OP_NOT,
    OP_SKIP, /* ~ */
    OP_OR,
    OP_AND,
    OP_EQ,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_BRANCH, /* | */
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_POW
};

/* What joins an operand to those before it: the operator, and where all of them stand, up to this one. */
struct joint {
    struct span span;
    enum op op;
};

struct node {
    uint8_t kind;   /* enum node_kind */
    uint8_t op;     /* enum op */
    uint16_t depth; /* levels of nodes, this one included: at most LIMIT_NESTING, so that walks may recurse */
    uint32_t count;
    struct span span;
    struct str text;
    union {
        double number;
        struct joint *joints; /* of three operands and more, by their number; NULL: of two */
    };
    struct node *items[];
};

/* How operand `i`, from 1 on, of a NODE_BINARY or NODE_PIPE is joined to those before it. Operators that share a precedence and go
   from left to right are one node, `a + b - c` as well as `a |> f |> g`, so that a row of them is no nesting, however long. */
struct joint node_joint(const struct node *node, uint32_t i);

const char *node_kind_name(enum node_kind kind); /* "NODE_CALL", for tests and dumps */
const char *op_text(enum op op);                 /* "+", "and"; "" where it has none */

/* Where the name that a node makes, its label or its key stands; the whole node where it is not read off the source as it is. */
struct span node_name_span(const struct sources *sources, const struct node *node);

/* The text of the `##` comment lines right above a declaration, or at its end on the same line, joined by newlines and without
   the marks; appended to `out`. False where there is none. */
bool doc_comment(const struct source *source, const struct node *declaration, struct text *out);

/* The tree as one s-expression a line, for golden tests. */
void ast_print(const struct node *node, struct text *out);

#endif
