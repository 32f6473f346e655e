# What Bison writes for nel.y: the header with the tokens, the tables, and the actions of the rules as one function. The automaton
# that runs them is plain C, src/syntax/automaton.h, included behind them by the end of nel.y. Bison's own one takes all the steps
# that make an expression of a literal one by one, and twice, once to look ahead: half the time of a parse.

m4_include(b4_skeletonsdir/[c.m4])

# $$ and @$ are what `value` and `place` point to; $1 and @1 stand in the first item of the right-hand side, `at`.
m4_define([b4_lhs_value], [b4_symbol_value([(*value)], [$1], [$2])])
m4_define([b4_rhs_value], [b4_symbol_value([(at@{$2 - 1@}.value)], [$3], [$4])])
m4_define([b4_lhs_location], [(*place)])
m4_define([b4_rhs_location], [(at@{$2 - 1@}.place)])

b4_output_begin([b4_spec_header_file])[
#ifndef NEL_SYNTAX_NEL_TAB_H
#define NEL_SYNTAX_NEL_TAB_H
]b4_percent_code_get([[requires]])[
]b4_token_enums[
]b4_value_type_define[
]b4_percent_code_get([[provides]])[
#endif
]b4_output_end[]dnl

b4_output_begin([b4_parser_file_name])[
]b4_user_pre_prologue[
#include "syntax/nel.tab.h"
]b4_user_post_prologue[
]b4_percent_code_get[

]b4_integral_parser_table_define([pact], [b4_pact], [[What a state looks up: base in yytable.]])[
]b4_integral_parser_table_define([defact], [b4_defact], [[The rule that a state reduces by unless yytable says otherwise.]])[
]b4_integral_parser_table_define([pgoto], [b4_pgoto], [[By symbol: base in yytable.]])[
]b4_integral_parser_table_define([defgoto], [b4_defgoto], [[By symbol: the state that follows unless yytable says otherwise.]])[
]b4_integral_parser_table_define([table], [b4_table], [[A state to go to, or minus a rule to reduce by.]])[
]b4_integral_parser_table_define([check], [b4_check], [[Whom an entry of yytable belongs to.]])[
]b4_integral_parser_table_define([r1], [b4_r1], [[By rule: the symbol on the left.]])[
]b4_integral_parser_table_define([r2], [b4_r2], [[By rule: how many symbols stand on the right.]])[

/* By the code of a token: its symbol. */
static const ]b4_int_type_for([b4_translate])[ yytranslate@{@} = {
  ]b4_translate[
};

enum {
    AUTOMATON_LAST = ]b4_last[,                /* the last entry of yytable */
    AUTOMATON_FINAL = ]b4_final_state_number[, /* the state that accepts */
    AUTOMATON_TOKENS = ]b4_tokens_number[,     /* symbols below it are tokens */
    AUTOMATON_RULES = ]b4_rules_number[ + 1,
    AUTOMATON_BLIND = ]b4_pact_ninf[,          /* in yypact: the state looks at no token */
    AUTOMATON_REFUSED = ]b4_table_ninf[,       /* in yytable: an error */
    AUTOMATON_CODES = ]b4_code_max[ + 1
};

/* By rule: whether it has an action. */
static const bool yyacts@{AUTOMATON_RULES@} = {
]m4_pushdef([b4_case], [@{$1@} = true,])b4_user_actions[]m4_popdef([b4_case])[
};

/* One on the stack. */
struct item {
    ]b4_api_PREFIX[STYPE value;
    struct span place;
    uint16_t state;
};

/* The action of `rule`: its right-hand side begins at `at`, `place` is where all of it lies. */
static void automaton_act(int rule, struct item *at, ]b4_api_PREFIX[STYPE *value, const struct span *place, unsigned *recovering,
                          struct parser *parser)
{
    switch (rule) {
]b4_user_actions[
    default:
        break;
    }
}
]b4_percent_code_get([[epilogue]])[]dnl
b4_epilogue[]dnl
b4_output_end
