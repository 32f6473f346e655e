/* The automaton of the parser: an LALR(1) push parser over the tables that Bison makes of grammar/nel.y. That file includes it at
   its end, once, and nobody else does.

   A stack of items, each with the state the automaton was in behind it. A token is shifted, or a rule is reduced whose right-hand
   side is on top. Three things are not in every textbook:

   Look-ahead correction (Denny, Malloy: "The IELR(1) algorithm", SCP 2010; Bison calls it LAC). LALR's merged states reduce on
   tokens that cannot follow, so that an error shows late, after actions that were wrong and with a wrong set of what would fit.
   Hence before the first reduction that depends on a token the way up to its shift is explored without acting.

   Shortcuts. A literal becomes an expression by a row of rules of one symbol each that have no action (postfix, term, stage, …);
   where the row ends depends on the state below, the state on top and the next token alone. The answer is kept, and the row is
   taken in one step from then on.

   Recovery. At an error items are thrown away until one whose state knows `error`; tokens are thrown away until one fits
   there; reports are held back until three tokens were shifted (or an action says that all is well again). */
#ifndef NEL_SYNTAX_AUTOMATON_H
#define NEL_SYNTAX_AUTOMATON_H

enum { SHORTCUTS = 1024, SYMBOL_END = 0, SYMBOL_ERROR = 1, SYMBOL_UNKNOWN = 2, CALM_AFTER = 3, BOTTOM = 2 };

/* Below, on top, next token; where the row of reductions ends, and what the token does there. */
struct shortcut {
    uint16_t below, top, token, end;
    int16_t action;
};

struct nel_automaton {
    VEC(struct item) items; /* the last one on top */
    VEC(uint16_t) explored; /* states that exploring has put upon `items` */
    unsigned recovering;    /* tokens still to be shifted before an error is reported again */
    enum nel_outcome outcome;
    struct shortcut shortcuts[SHORTCUTS];
};

/* ---- tables ---- */

static bool looks_at_token(int state)
{
    return yypact[state] != AUTOMATON_BLIND;
}

/* A state to shift to, or minus a rule to reduce by; 0: the token does not fit. */
static int action_at(int state, int token)
{
    int entry = yypact[state];
    if (entry != AUTOMATON_BLIND) {
        entry += token;
        if (entry >= 0 && entry <= AUTOMATON_LAST && yycheck[entry] == token)
            return yytable[entry] == AUTOMATON_REFUSED ? 0 : yytable[entry];
    }
    return -yydefact[state];
}

/* Where the automaton goes from `state` when `rule` was reduced. */
static int state_behind(int state, int rule)
{
    int symbol = yyr1[rule] - AUTOMATON_TOKENS;
    int entry = yypgoto[symbol] + state;
    return entry >= 0 && entry <= AUTOMATON_LAST && yycheck[entry] == state ? yytable[entry] : yydefgoto[symbol];
}

/* ---- looking ahead ---- */

static struct item *topmost(const struct nel_automaton *automaton)
{
    return &automaton->items.at[automaton->items.count - 1];
}

/* The row of reductions by rules of one symbol each without an action that the token sets off. */
static const struct shortcut *row(struct nel_automaton *automaton, int below, int top, int token)
{
    struct shortcut *kept =
        &automaton->shortcuts[((unsigned)below * 7u + (unsigned)top * 31u + (unsigned)token * 131u) % SHORTCUTS];
    if (kept->below == below && kept->top == top && kept->token == token)
        return kept;
    int end = top, action;
    while ((action = action_at(end, token)) < 0 && yyr2[-action] == 1 && !yyacts[-action])
        end = state_behind(below, -action);
    *kept = (struct shortcut){(uint16_t)below, (uint16_t)top, (uint16_t)token, (uint16_t)end, (int16_t)action};
    return kept;
}

/* Whether the token will be shifted, perhaps after reductions. False also where memory is exhausted. */
static bool fits(struct nel_automaton *automaton, int token)
{
    const struct item *bottom = topmost(automaton); /* the topmost item still there */
    size_t explored = 0;                            /* states put upon it */
    int top = bottom->state;
    while (token != SYMBOL_UNKNOWN) {
        int below = explored > 1 ? automaton->explored.at[explored - 2] : explored == 1 ? bottom->state : bottom[-1].state;
        int action = row(automaton, below, top, token)->action;
        if (action >= 0)
            return action > 0;
        size_t length = yyr2[-action], there = length < explored ? length : explored;
        bottom -= length - there;
        explored -= there;
        top = state_behind(explored > 0 ? automaton->explored.at[explored - 1] : bottom->state, -action);
        automaton->explored.count = explored;
        if (!vec_push(&automaton->explored, (uint16_t)top)) {
            automaton->outcome = NEL_NO_MEMORY;
            return false;
        }
        explored++;
    }
    return false;
}

void nel_expected(struct nel_automaton *automaton, bool *expected)
{
    for (int code = 0; code < AUTOMATON_CODES; code++) {
        int token = yytranslate[code];
        expected[code] = token != SYMBOL_ERROR && token != SYMBOL_UNKNOWN && fits(automaton, token);
    }
}

/* ---- moving ---- */

static bool make_room(struct nel_automaton *automaton)
{
    if (!vec_reserve(&automaton->items, automaton->items.count + 1))
        automaton->outcome = NEL_NO_MEMORY;
    return automaton->outcome == NEL_MORE;
}

static bool put(struct nel_automaton *automaton, int state, NEL_STYPE value, struct span place)
{
    if (automaton->items.count == automaton->items.cap && !make_room(automaton))
        return false;
    automaton->items.at[automaton->items.count++] = (struct item){value, place, (uint16_t)state};
    return true;
}

static bool reduce(struct nel_automaton *automaton, int rule, struct parser *parser)
{
    size_t length = yyr2[rule];
    struct item *at = automaton->items.at + automaton->items.count - length;
    struct span before = at[-1].place, place = {before.source, before.end, before.end};
    NEL_STYPE value = {0};
    if (length > 0) {
        value = at->value;
        place = (struct span){at->place.source, at->place.start, at[length - 1].place.end};
    }
    automaton_act(rule, at, &value, &place, &automaton->recovering, parser);
    automaton->items.count -= length;
    return put(automaton, state_behind(at[-1].state, rule), value, place);
}

/* Reductions that no token can change are made at once: their actions may tell the scanner how to go on. */
static void settle(struct nel_automaton *automaton, struct parser *parser)
{
    for (struct item *top; top = topmost(automaton), !looks_at_token(top->state);) {
        int rule = yydefact[top->state];
        if (yyr2[rule] == 1 && !yyacts[rule])
            top->state = (uint16_t)state_behind(top[-1].state, rule);
        else if (!reduce(automaton, rule, parser))
            break;
    }
}

/* ---- errors ---- */

/* Throws items away until one whose state knows `error`, which is put there and reaches up to the token's end. */
static void make_way(struct nel_automaton *automaton, struct span token)
{
    struct span place = token;
    automaton->recovering = CALM_AFTER;
    for (;;) {
        int state = topmost(automaton)->state;
        int action = looks_at_token(state) ? action_at(state, SYMBOL_ERROR) : 0;
        if (action > 0) {
            place.end = token.end;
            put(automaton, action, (NEL_STYPE){0}, place);
            return;
        }
        if (automaton->items.count == BOTTOM) {
            automaton->outcome = NEL_GIVEN_UP;
            return;
        }
        place = topmost(automaton)->place;
        automaton->items.count--;
    }
}

/* The token does not fit. False where it was thrown away, true where it is to be tried again. */
static bool recover(struct nel_automaton *automaton, int token, struct span place, struct parser *parser)
{
    bool again = automaton->recovering != CALM_AFTER;
    if (automaton->recovering == 0)
        report_unexpected(automaton, parser);
    if (!again && token == SYMBOL_END)
        automaton->outcome = NEL_GIVEN_UP;
    else if (automaton->outcome == NEL_MORE)
        make_way(automaton, place);
    if (automaton->outcome == NEL_MORE)
        settle(automaton, parser);
    return again;
}

/* ---- the door ---- */

void nel_automaton_free(struct nel_automaton *automaton)
{
    if (!automaton)
        return;
    vec_release(&automaton->items);
    vec_release(&automaton->explored);
    mem_free(automaton);
}

/* Below the first item lies one that stands for no state, so that there is always something below; no shortcut in the zeroed table
   has it. */
struct nel_automaton *nel_automaton_new(void)
{
    struct nel_automaton *automaton = mem_alloc(sizeof *automaton);
    struct item nothing = {.state = UINT16_MAX};
    if (automaton && !(vec_push(&automaton->items, nothing) && vec_push(&automaton->items, (struct item){0}))) {
        nel_automaton_free(automaton);
        return NULL;
    }
    return automaton;
}

bool nel_discarding(const struct nel_automaton *automaton)
{
    return automaton->recovering == CALM_AFTER;
}

bool nel_stack_full(const struct nel_automaton *automaton)
{
    enum { MARGIN = 16 }; /* places that one token can take, and more */
    return automaton->items.count >= DEEPEST_STACK - MARGIN;
}

enum nel_outcome nel_push(struct nel_automaton *automaton, int code, struct span place, struct parser *parser)
{
    int token = code == TOKEN_STRAY ? SYMBOL_UNKNOWN : yytranslate[code];
    bool known = false; /* that it fits */
    if (automaton->items.count == BOTTOM)
        topmost(automaton)->place = place;
    if (code == TOKEN_STRAY) {
        make_way(automaton, place);
        if (automaton->outcome == NEL_MORE)
            settle(automaton, parser);
    }
    while (automaton->outcome == NEL_MORE) {
        struct item *top = topmost(automaton);
        struct shortcut ahead = *row(automaton, top[-1].state, top->state, token);
        if (ahead.action > 0) {
            top->state = ahead.end;
            automaton->recovering -= automaton->recovering > 0;
            if (ahead.action == AUTOMATON_FINAL)
                automaton->outcome = NEL_ACCEPTED;
            else if (put(automaton, ahead.action, (NEL_STYPE){0}, place))
                settle(automaton, parser);
            break;
        }
        known = known || (ahead.action < 0 && fits(automaton, token));
        if (known) {
            top->state = ahead.end;
            reduce(automaton, -ahead.action, parser);
        } else if (automaton->outcome == NEL_MORE && !recover(automaton, token, place, parser)) {
            break;
        }
    }
    return automaton->outcome;
}

#endif
