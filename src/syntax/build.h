/* What the grammar's actions build with. Nodes live in the arena of the parse. When memory is exhausted every function still
   returns a node, the parse ends at the next token, and parse_program returns NULL. */
#ifndef NEL_SYNTAX_BUILD_H
#define NEL_SYNTAX_BUILD_H

#include "support/arena.h"
#include "syntax/ast.h"
#include "syntax/scan.h"

/* A list that is still growing: items [base, base + count) of the parser's stack of nodes. Lists nest, so whatever lies above a
   list that gets another item was left behind by error recovery and is overwritten. */
struct list {
    uint32_t base, count;
};

struct parser {
    struct scanner scanner;
    struct arena *arena;
    VEC(struct node *) nodes; /* the items of all growing lists */
    VEC(uint32_t) selves;     /* places of leading dots whose predicate is not yet closed */
    struct node *program;     /* the result */
    struct token token;       /* being parsed */
    struct token before;      /* the one before it */
    struct token first;       /* the first one of its statement */
    uint32_t indent;          /* of the line of that */
    struct token command;     /* the last train, grow or evolve */
    bool commanded;           /* the statement has one */
    bool complained;          /* of the statement that begins at complained_first, within so many brackets */
    uint32_t complained_first;
    size_t complained_depth;
    bool too_deep;          /* LIMIT_NESTING was reported */
    struct node substitute; /* stands for nodes that memory did not suffice for; last, since nodes end in their items */
};

/* The items of a node; NULLs, that is optional items left out, are dropped. */
#define ITEMS(...) ((struct node *[]){__VA_ARGS__}), sizeof((struct node *[]){__VA_ARGS__}) / sizeof(struct node *)

struct node *node(struct parser *parser, enum node_kind kind, struct span span, struct node *const *items, size_t count);
struct node *node_named(struct parser *parser, enum node_kind kind, struct span span, struct span name, struct node *const *items,
                        size_t count);
struct node *node_list(struct parser *parser, enum node_kind kind, struct span span, struct list list);
struct node *node_leaf(struct parser *parser, enum node_kind kind, struct span span);

/* Tells, once a statement, that it is nested too deep; a NODE_ERROR. */
struct node *node_too_deep(struct parser *parser, struct span span);

/* Leaves, from their text. */
struct node *node_number(struct parser *parser, struct span span);
struct node *node_string(struct parser *parser, struct span span);
struct node *node_dna(struct parser *parser, struct span span);
struct node *node_variable(struct parser *parser, struct span span);
struct node *node_name(struct parser *parser, struct span span);
struct node *node_bool(struct parser *parser, struct span span, bool value);
struct node *node_self(struct parser *parser, struct span dot);

/* Nodes with a twist. */
struct node *node_unary(struct parser *parser, struct span span, enum op op, struct node *operand);
struct node *node_binary(struct parser *parser, struct span span, enum op op, struct node *left, struct node *right);
struct node *node_pipe(struct parser *parser, struct span span, struct node *left, struct node *target);
/* `|`; an operand that is a sum must stand in brackets, which shows in its place being wider than its node. */
struct node *node_branch(struct parser *parser, struct span span, struct node *left, struct span left_place, struct node *right,
                         struct span right_place);
struct node *node_call(struct parser *parser, struct span span, struct node *callee, struct list arguments);
struct node *node_assign(struct parser *parser, struct span span, struct node *target, struct node *value);
struct node *node_sweep(struct parser *parser, struct span span, struct list axes, struct node *where, struct node *draw,
                        struct node *block);
struct node *node_growth(struct parser *parser, struct span span, struct span name, struct node *params, struct list clauses);
struct node *node_use_path(struct parser *parser, struct span span, struct span path, struct node *alias);
struct node *node_string_field(struct parser *parser, struct span span, struct span key, struct node *value);
struct node *node_domain(struct parser *parser, struct span span, struct node *axis);
struct node *node_trait(struct node *param, enum op op);
/* A whole expression, which a leading dot inside makes a predicate. */
struct node *node_whole(struct parser *parser, struct span place, struct node *expression);

struct list list_empty(struct parser *parser);
struct list list_of(struct parser *parser, struct node *item);
struct list list_push(struct parser *parser, struct list list, struct node *item);
struct list list_join(struct parser *parser, struct list list, struct list more); /* `more` began right after `list` */
/* Adds the text of a piece of a string, nothing where that is empty. */
struct list list_text(struct parser *parser, struct list list, struct span piece);

#endif
