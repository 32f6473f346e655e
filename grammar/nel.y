/* The grammar of NEL: LALR(1), without conflicts but for two declared preferences that stand with their reasons below.

   Shape. A push parser: the driver (src/syntax/parse.c) fetches tokens from the layout filter (src/syntax/layout.c), which has
   already decided which line ends count. Locations are spans of bytes. Actions only build nodes in the arena of the parse, so
   nothing needs a destructor. LAC (look-ahead correction) makes the sets of expected tokens exact.

   Expressions come in layers, loosest first, since `train` takes its operands from the flow on and stands to the left of `|>`:
       value   a lambda, or a whole expression: here a leading-dot predicate ends
       expr    or, and, not, comparison, |>; below them .. and the commands
       flow    a -> b -> c of stages; a stage is a term with an optional `as`; a term has the arithmetic of molecules and numbers
   Inside a layer the precedence table orders the operators.

   Recovery. `error` stands where a statement, field, clause, the inside of a bracket or of a string's hole may stand; the end of
   the line or the closing bracket ends it. While the parser discards tokens, the driver skips bracketed groups whole. */
%skeleton "./automaton.m4"
%define api.prefix {nel_}
%define api.token.prefix {TOKEN_}
%define api.value.type union
%locations
%expect 0

%code requires {
#include "syntax/build.h"
}

%code provides {
/* Text that is no token and was reported: recovery begins without another word. */
#define TOKEN_STRAY TOKEN_NEL_error

/* The automaton, as the driver sees it. */
struct nel_automaton;
enum nel_outcome {
    NEL_MORE, /* tokens are wanted */
    NEL_ACCEPTED,
    NEL_GIVEN_UP, /* an error at the end of the text from which there was no recovery */
    NEL_NO_MEMORY
};
struct nel_automaton *nel_automaton_new(void);
void nel_automaton_free(struct nel_automaton *automaton);
enum nel_outcome nel_push(struct nel_automaton *automaton, int code, struct span place, struct parser *parser);
bool nel_discarding(const struct nel_automaton *automaton); /* the token just pushed was thrown away in recovery */
bool nel_stack_full(const struct nel_automaton *automaton); /* the stack has hardly room for one more token */

#define TOKEN_CODES 384                                             /* more than the largest token code */
void nel_expected(struct nel_automaton *automaton, bool *expected); /* what may come next, by token code */
}

%code {
#include "support/limits.h"
#include "support/memory.h"
#include "syntax/complain.h"

/* The deepest constructs take some five places a level (a record's field, a statement of a block). */
#define DEEPEST_STACK ((size_t)10 * LIMIT_NESTING)

#define yyerrok (*recovering = 0)

static void report_unexpected(struct nel_automaton *automaton, struct parser *parser);
}

%token END 0 NEWLINE
%token NAME LABEL NUMBER STRING STRING_HEAD STRING_MIDDLE STRING_TAIL DNA VARIABLE
/* Reserved words. Before `:` the scanner hands them out as LABEL, after `.` as NAME. */
%token LET FN SHOW PRINT IF ELSE FOR IN AND OR NOT MOD AS TRUE FALSE NONE TRAIN ON GROW BY EVOLVE SWEEP
/* Contextual words: names elsewhere. ASSERT comes only where it begins a statement; the scanner sees to it, since `assert (x)`
   and a call of something named assert look alike. */
%token MOLECULE ELEMENT LOSS RULE GROWTH USE PARAM LEARNED EVERY WHEN ACCEPT STOP AT AFTER BEFORE WHERE DRAW UNDO ASSERT
%token ARROW PIPE MAPS RANGE SPREAD EQ NE LE GE
/* No scanner makes it; see `mistake`. */
%token NEVER

/* `{` right after the data of a train belongs to it, even in `if train a on d { … } { … }`. */
%precedence NO_OPTIONS
%precedence '{'
/* `else` belongs to the nearest if, even in `accept after 1 epochs when if a { b } else { c } else undo`. */
%precedence NO_ELSE
%precedence ELSE

%left OR
%left AND
%precedence NOT
%nonassoc EQ NE '<' LE '>' GE
%left PIPE
%left '|'
%left '+' '-'
%left '*' '/' MOD
%precedence PREFIX
%right '^'

%type <struct node *> statement mistake block body alias params optional_params param traits trait domains domain guard clause
%type <struct node *> value lambda expr target range command options axis where draw flow stage term postfix primary inside
%type <struct node *> argument item string hole list record field if
%type <struct list> statements statement_list values param_list trait_list domain_list clauses clause_list axes chain
%type <struct list> arguments argument_list items item_list fields interpolation

%%

program: statements { parser->program = node_list(parser, NODE_PROGRAM, @$, $1); };

/* ---- statements ---- */

statements: %empty { $$ = list_empty(parser); } | statement_list;
statement_list: statement                       { $$ = list_of(parser, $1); }
              | statement_list newline statement { $$ = list_push(parser, $1, $3); };
newline: NEWLINE { yyerrok; };
/* What recovery skips. NEVER makes the state behind `error` wait for a token that may follow; reduced at once, a token that may
   not would make recovery give up the whole list of statements before it. */
mistake: error                                  { $$ = node_leaf(parser, NODE_ERROR, @$); }
       | error NEVER                            { $$ = node_leaf(parser, NODE_ERROR, @$); };

statement: mistake
         | LET name '=' value                   { $$ = node_named(parser, NODE_LET, @$, @2, ITEMS($4)); }
         | expr '=' value                       { $$ = node_assign(parser, @$, $1, $3); }
         | FN name params body                  { $$ = node_named(parser, NODE_FN, @$, @2, ITEMS($3, $4)); }
         | MOLECULE name optional_params body   { $$ = node_named(parser, NODE_MOLECULE, @$, @2, ITEMS($3, $4)); }
         | ELEMENT name STRING traits body      { $$ = node_named(parser, NODE_ELEMENT, @$, @2,
                                                                  ITEMS(node_string(parser, @3), $4, $5)); }
         | LOSS name params body                { $$ = node_named(parser, NODE_LOSS, @$, @2,
                                                                  ITEMS(node_leaf(parser, NODE_PARAMS, @2), $3, $4)); }
         | LOSS name params params body         { $$ = node_named(parser, NODE_LOSS, @$, @2, ITEMS($3, $4, $5)); }
         | RULE name domains ':' value guard MAPS value
                                                { $$ = node_named(parser, NODE_RULE, @$, @2, ITEMS($3, $5, $8, $6)); }
         | GROWTH name optional_params '{' clauses '}'
                                                { $$ = node_growth(parser, @$, @2, $3, $5); }
         | USE name alias                       { $$ = node_named(parser, NODE_USE, @$, @2, ITEMS($3)); }
         | USE STRING alias                     { $$ = node_use_path(parser, @$, @2, $3); }
         | PARAM name '=' value                 { $$ = node_named(parser, NODE_SETTING, @$, @2, ITEMS($4)); }
         | SHOW values                          { $$ = node_list(parser, NODE_SHOW, @$, $2); }
         | PRINT values                         { $$ = node_list(parser, NODE_PRINT, @$, $2); }
         | FOR name IN value block              { $$ = node_named(parser, NODE_FOR, @$, @2, ITEMS($4, $5)); }
         | ASSERT value                         { $$ = node(parser, NODE_ASSERT, @$, ITEMS($2)); }
         | ASSERT value ',' value               { $$ = node(parser, NODE_ASSERT, @$, ITEMS($2, $4)); }
         | value;

values: value                                   { $$ = list_of(parser, $1); }
      | values ',' value                        { $$ = list_push(parser, $1, $3); };

block: '{' block_begins statements '}'          { yyerrok; $$ = node_list(parser, NODE_BLOCK, @$, $3); };
/* From here on a word such as `let` at a line's start is no sign of a bracket left open. */
block_begins: %empty                            { scanner_enter_block(&parser->scanner); };
body: '=' value                                 { $$ = $2; }
    | block;
alias: %empty                                   { $$ = NULL; }
     | AS name                                  { $$ = node_name(parser, @2); };

/* ---- parameters: plain ones, an element's with traits after `;`, a rule's with domains ----
   `learned` stands before its trait (`x; learned slope = 0.25`), since behind the value it would run into the expression. */

params: '(' param_list ')'                      { $$ = node_list(parser, NODE_PARAMS, @$, $2); }
      | '(' param_list ',' ')'                  { $$ = node_list(parser, NODE_PARAMS, @$, $2); }
      | '(' ')'                                 { $$ = node_leaf(parser, NODE_PARAMS, @$); }
      | '(' mistake ')'                         { yyerrok; $$ = node(parser, NODE_PARAMS, @$, ITEMS($2)); };
optional_params: %empty                         { $$ = node_leaf(parser, NODE_PARAMS, @$); }
               | params;
param_list: param                               { $$ = list_of(parser, $1); }
          | param_list ',' param                { $$ = list_push(parser, $1, $3); };
param: name                                     { $$ = node_named(parser, NODE_PARAM, @$, @1, ITEMS(NULL)); }
     | name '=' value                           { $$ = node_named(parser, NODE_PARAM, @$, @1, ITEMS($3)); };

traits: params
      | '(' param_list ';' trait_list ')'       { $$ = node_list(parser, NODE_PARAMS, @$, list_join(parser, $2, $4)); };
trait_list: trait                               { $$ = list_of(parser, $1); }
          | trait_list ',' trait                { $$ = list_push(parser, $1, $3); };
trait: param                                    { $$ = node_trait($1, OP_NONE); }
     | LEARNED name '=' value                   { $$ = node_trait(node_named(parser, NODE_PARAM, @$, @2, ITEMS($4)), OP_LEARNED); };

domains: %empty                                 { $$ = node_leaf(parser, NODE_PARAMS, @$); }
       | '(' domain_list ')'                    { $$ = node_list(parser, NODE_PARAMS, @$, $2); }
       | '(' domain_list ',' ')'                { $$ = node_list(parser, NODE_PARAMS, @$, $2); }
       | '(' ')'                                { $$ = node_leaf(parser, NODE_PARAMS, @$); }
       | '(' mistake ')'                        { yyerrok; $$ = node(parser, NODE_PARAMS, @$, ITEMS($2)); };
domain_list: domain                             { $$ = list_of(parser, $1); }
           | domain_list ',' domain             { $$ = list_push(parser, $1, $3); };
domain: param
      | axis                                    { $$ = node_domain(parser, @$, $1); };

/* ---- rules and growth ---- */

guard: %empty                                   { $$ = NULL; }
     | WHEN value                               { $$ = $2; };

clauses: %empty                                 { $$ = list_empty(parser); }
       | clause_list;
clause_list: clause                             { $$ = list_of(parser, $1); }
           | clause_list newline clause         { $$ = list_push(parser, $1, $3); };
clause: mistake
      | EVERY value name                        { $$ = node_named(parser, NODE_EVERY, @$, @3, ITEMS($2)); }
      | WHEN value MAPS value                   { $$ = node(parser, NODE_WHEN, @$, ITEMS($2, $4)); }
      | WHEN value MAPS value place value       { $$ = node_named(parser, NODE_WHEN, @$, @5, ITEMS($2, $4, $6)); }
      | ACCEPT AFTER value name WHEN value ELSE UNDO
                                                { $$ = node_named(parser, NODE_ACCEPT, @$, @4, ITEMS($3, $6)); }
      | STOP WHEN value                         { $$ = node(parser, NODE_STOP, @$, ITEMS($3)); };
place: AT | AFTER | BEFORE;

/* ---- expressions ---- */

value: lambda
     | expr                                     { $$ = node_whole(parser, @1, $1); };
lambda: FN params body                          { $$ = node(parser, NODE_FN, @$, ITEMS($2, $3)); };

expr: expr OR expr                              { $$ = node_binary(parser, @$, OP_OR, $1, $3); }
    | expr AND expr                             { $$ = node_binary(parser, @$, OP_AND, $1, $3); }
    | NOT expr                                  { $$ = node_unary(parser, @$, OP_NOT, $2); }
    | expr EQ expr                              { $$ = node_binary(parser, @$, OP_EQ, $1, $3); }
    | expr NE expr                              { $$ = node_binary(parser, @$, OP_NE, $1, $3); }
    | expr '<' expr                             { $$ = node_binary(parser, @$, OP_LT, $1, $3); }
    | expr LE expr                              { $$ = node_binary(parser, @$, OP_LE, $1, $3); }
    | expr '>' expr                             { $$ = node_binary(parser, @$, OP_GT, $1, $3); }
    | expr GE expr                              { $$ = node_binary(parser, @$, OP_GE, $1, $3); }
    | expr PIPE target                          { $$ = node_pipe(parser, @$, $1, $3); }
    | range;
target: postfix                                 { $$ = node_whole(parser, @1, $1); }
      | SHOW                                    { $$ = node_name(parser, @1); }
      | PRINT                                   { $$ = node_name(parser, @1); };

range: flow
     | flow RANGE flow                          { $$ = node(parser, NODE_RANGE, @$, ITEMS($1, $3)); }
     | command;
command: TRAIN flow ON flow options             { $$ = node(parser, NODE_TRAIN, @$, ITEMS($2, $4, $5)); }
       | GROW flow ON flow BY postfix options   { $$ = node(parser, NODE_GROW, @$, ITEMS($2, $4, $6, $7)); }
       | EVOLVE flow ON flow options            { $$ = node(parser, NODE_EVOLVE, @$, ITEMS($2, $4, $5)); }
       | SWEEP axes where draw block            { $$ = node_sweep(parser, @$, $2, $3, $4, $5); };
options: %empty %prec NO_OPTIONS                { $$ = NULL; }
       | record;
axes: axis                                      { $$ = list_of(parser, $1); }
    | axes ',' axis                             { $$ = list_push(parser, $1, $3); };
axis: name IN value                             { $$ = node_named(parser, NODE_AXIS, @$, @1, ITEMS($3)); };
where: %empty                                   { $$ = NULL; }
     | WHERE value                              { $$ = node(parser, NODE_WHERE, @$, ITEMS($2)); };
draw: %empty                                    { $$ = NULL; }
    | DRAW value                                { $$ = node(parser, NODE_DRAW, @$, ITEMS($2)); };

flow: stage
    | chain                                     { $$ = node_list(parser, NODE_CHAIN, @$, $1); };
chain: stage ARROW stage                        { $$ = list_push(parser, list_of(parser, $1), $3); }
     | chain ARROW stage                        { $$ = list_push(parser, $1, $3); };
stage: term
     | term AS name                             { $$ = node_named(parser, NODE_AS, @$, @3, ITEMS($1)); };

term: term '|' term                             { $$ = node_branch(parser, @$, $1, @1, $3, @3); }
    | term '+' term                             { $$ = node_binary(parser, @$, OP_ADD, $1, $3); }
    | term '-' term                             { $$ = node_binary(parser, @$, OP_SUB, $1, $3); }
    | term '*' term                             { $$ = node_binary(parser, @$, OP_MUL, $1, $3); }
    | term '/' term                             { $$ = node_binary(parser, @$, OP_DIV, $1, $3); }
    | term MOD term                             { $$ = node_binary(parser, @$, OP_MOD, $1, $3); }
    | term '^' term                             { $$ = node_binary(parser, @$, OP_POW, $1, $3); }
    | '-' term %prec PREFIX                     { $$ = node_unary(parser, @$, OP_NEGATE, $2); }
    | '~' term %prec PREFIX                     { $$ = node_unary(parser, @$, OP_SKIP, $2); }
    | postfix;

postfix: primary
       | postfix '(' arguments ')'              { $$ = node_call(parser, @$, $1, $3); }
       | postfix '(' error ')'                  { yyerrok; $$ = node_leaf(parser, NODE_ERROR, @$); }
       | postfix '[' value ']'                  { $$ = node(parser, NODE_INDEX, @$, ITEMS($1, $3)); }
       | postfix '[' error ']'                  { yyerrok; $$ = node_leaf(parser, NODE_ERROR, @$); }
       | postfix '.' name                       { $$ = node_named(parser, NODE_MEMBER, @$, @3, ITEMS($1)); };

primary: NUMBER                                 { $$ = node_number(parser, @1); }
       | string
       | DNA                                    { $$ = node_dna(parser, @1); }
       | VARIABLE                               { $$ = node_variable(parser, @1); }
       | name                                   { $$ = node_name(parser, @1); }
       | TRUE                                   { $$ = node_bool(parser, @1, true); }
       | FALSE                                  { $$ = node_bool(parser, @1, false); }
       | NONE                                   { $$ = node_leaf(parser, NODE_NONE, @1); }
       | '.' name                               { $$ = node_named(parser, NODE_MEMBER, @$, @2, ITEMS(node_self(parser, @1))); }
       | '(' inside ')'                         { $$ = $2; }
       | '(' error ')'                          { yyerrok; $$ = node_leaf(parser, NODE_ERROR, @$); }
       | list
       | record
       | if;
inside: expr | lambda;

arguments: %empty                               { $$ = list_empty(parser); }
         | argument_list
         | argument_list ',';
argument_list: argument                         { $$ = list_of(parser, $1); }
             | argument_list ',' argument       { $$ = list_push(parser, $1, $3); };
argument: value
        | label ':' value                       { $$ = node_named(parser, NODE_ARGUMENT, @$, @1, ITEMS($3)); };

list: '[' items ']'                             { $$ = node_list(parser, NODE_LIST, @$, $2); }
    | '[' error ']'                             { yyerrok; $$ = node_leaf(parser, NODE_ERROR, @$); }
    | '[' value FOR name IN value ']'           { $$ = node_named(parser, NODE_COMPREHENSION, @$, @4, ITEMS($2, $6)); }
    | '[' value FOR name IN value IF value ']'  { $$ = node_named(parser, NODE_COMPREHENSION, @$, @4, ITEMS($2, $6, $8)); };
items: %empty                                   { $$ = list_empty(parser); }
     | item_list
     | item_list ',';
item_list: item                                 { $$ = list_of(parser, $1); }
         | item_list ',' item                   { $$ = list_push(parser, $1, $3); };
item: value
    | SPREAD value                              { $$ = node(parser, NODE_SPREAD, @$, ITEMS($2)); };

record: '{' '}'                                 { $$ = node_leaf(parser, NODE_RECORD, @$); }
      | '{' fields '}'                          { yyerrok; $$ = node_list(parser, NODE_RECORD, @$, $2); }
      | '{' fields separator '}'                { yyerrok; $$ = node_list(parser, NODE_RECORD, @$, $2); };
fields: field                                   { $$ = list_of(parser, $1); }
      | fields separator field                  { $$ = list_push(parser, $1, $3); };
separator: ',' { yyerrok; } | newline;
field: mistake
     | label ':' value                          { $$ = node_named(parser, NODE_FIELD, @$, @1, ITEMS($3)); }
     | STRING ':' value                         { $$ = node_string_field(parser, @$, @1, $3); }
     | SPREAD value                             { $$ = node(parser, NODE_SPREAD, @$, ITEMS($2)); }
     | name                                     { $$ = node_named(parser, NODE_FIELD, @$, @1, ITEMS(node_name(parser, @1))); };

string: STRING                                  { $$ = node_string(parser, @1); }
      | interpolation STRING_TAIL               { $$ = node_list(parser, NODE_INTERPOLATION, @$, list_text(parser, $1, @2)); };
interpolation: STRING_HEAD hole                 { $$ = list_push(parser, list_text(parser, list_empty(parser), @1), $2); }
             | interpolation STRING_MIDDLE hole { $$ = list_push(parser, list_text(parser, $1, @2), $3); };
hole: value
    | mistake;

if: IF expr block %prec NO_ELSE                 { $$ = node(parser, NODE_IF, @$, ITEMS($2, $3)); }
  | IF expr block ELSE block                    { $$ = node(parser, NODE_IF, @$, ITEMS($2, $3, $5)); }
  | IF expr block ELSE if                       { $$ = node(parser, NODE_IF, @$, ITEMS($2, $3, $5)); };

name: NAME | word;
label: name | LABEL;
word: MOLECULE | ELEMENT | LOSS | RULE | GROWTH | USE | PARAM | LEARNED | EVERY | WHEN | ACCEPT | STOP | AT | AFTER | BEFORE | WHERE
    | DRAW | UNDO;

%%

#include "syntax/automaton.h"

static void report_unexpected(struct nel_automaton *automaton, struct parser *parser)
{
    if (parser->scanner.diags->overflowed)
        return; /* nobody will read it, and to find out what would fit takes time */
    _Static_assert(AUTOMATON_CODES <= TOKEN_CODES, "TOKEN_CODES covers every token");
    bool expected[TOKEN_CODES] = {false};
    nel_expected(automaton, expected);
    complain_unexpected(parser, expected);
}
