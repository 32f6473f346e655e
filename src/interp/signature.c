/* Signatures of built-ins and of option blocks. A signature is written once, as text, and read at start-up:

     split(data: data, train: share = 80%, validation: share?, seed: whole?): split

   name ":" type, then `?` for "none where not given" or `= default`; `name…: type` collects the rest; behind the brackets the kind of
   value that a call gives, where it is always the same. What a call may give is checked
   against it in one place, so every built-in's errors read alike, and the manual prints the very text that the checks use. */
#include <assert.h>
#include <string.h>

#include "interp/advice.h"
#include "interp/evaluate.h"
#include "interp/spec.h"
#include "support/memory.h"
#include "support/number.h"
#include "support/suggest.h"
#include "syntax/foreign.h"

static const struct {
    const char *name;
    enum parameter_type type;
    const char *expected;
} types[] = {
    {"any", TYPE_ANY, "a value"},
    {"number", TYPE_NUMBER, "a number"},
    {"whole", TYPE_WHOLE, "a whole number from 0"},
    {"count", TYPE_COUNT, "a whole number from 1"},
    {"positive", TYPE_POSITIVE, "a number above 0"},
    {"amount", TYPE_AMOUNT, "a number from 0"},
    {"share", TYPE_SHARE, "a share between 0% and 100%"},
    {"part", TYPE_PART, "a share from 0% to below 100%"},
    {"bool", TYPE_BOOL, "true or false"},
    {"text", TYPE_TEXT, "a text"},
    {"word", TYPE_WORD, "a word"},
    {"list", TYPE_LIST, "a list"},
    {"record", TYPE_RECORD, "a record"},
    {"function", TYPE_FUNCTION, "a function"},
    {"element", TYPE_ELEMENT, "an element"},
    {"molecule", TYPE_MOLECULE, "a molecule"},
    {"data", TYPE_DATA, "a data set"},
    {"run", TYPE_RUN, "a run"},
    {"table", TYPE_TABLE, "a table"},
    {"rule", TYPE_RULE, "a rule"},
    {"change", TYPE_CHANGE, "a rule, or an action such as `prune(20%)`"},
    {"spec", TYPE_SPEC, "an option"},
};

static void skip_blanks(const char **at)
{
    while (**at == ' ')
        ++*at;
}

static struct str read_word(const char **at)
{
    struct str word = {*at, 0};
    while ((**at >= 'a' && **at <= 'z') || (**at >= 'A' && **at <= 'Z') || (**at >= '0' && **at <= '9') || **at == '_')
        ++*at;
    word.len = (size_t)(*at - word.at);
    return word;
}

/* What a value of a type is. VALUE_UNKNOWN: any of several kinds. */
static const struct {
    const char *name;
    enum value_kind kind;
} results[] = {
    {"number", VALUE_NUMBER},     {"bool", VALUE_BOOL},         {"text", VALUE_STRING}, {"list", VALUE_LIST},
    {"record", VALUE_RECORD},     {"molecule", VALUE_MOLECULE}, {"table", VALUE_TABLE}, {"dataset", VALUE_DATASET},
    {"split", VALUE_SPLIT},       {"estimate", VALUE_ESTIMATE}, {"none", VALUE_NONE},   {"model", VALUE_MODEL},
    {"ensemble", VALUE_ENSEMBLE},
};

static enum value_kind read_result(const char *at)
{
    skip_blanks(&at);
    struct str word = read_word(&at);
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (str_is(word, results[i].name))
            return results[i].kind;
    assert(!"a built-in's signature names an unknown result");
    return VALUE_UNKNOWN;
}

static enum parameter_type read_type(const char **at)
{
    struct str word = read_word(at);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(word, types[i].name))
            return types[i].type;
    assert(!"a built-in's signature names an unknown type");
    return TYPE_ANY;
}

/* A default: a number, true, false, none, or a word. Words stay views into the signature's text, kept as an unowned string. */
static bool read_default(const char **at, struct value *value)
{
    const char *end = *at;
    while (*end && *end != ',' && *end != ')')
        end++;
    struct str text = {*at, (size_t)(end - *at)};
    *at = end;
    double number;
    if (number_read(text, &number)) {
        *value = value_number(number);
    } else if (str_is(text, "true") || str_is(text, "false")) {
        *value = value_bool(text.at[0] == 't');
    } else if (str_is(text, "none")) {
        *value = value_none();
    } else {
        struct string *word = mem_alloc(sizeof *word + text.len + 1);
        if (!word)
            return false;
        word->object = (struct object){1, VALUE_WORD};
        word->len = text.len;
        memcpy(word->at, text.at, text.len);
        *value = (struct value){.kind = VALUE_WORD, .string = word};
    }
    return true;
}

static bool read_parameter(const char **at, struct parameter *parameter)
{
    *parameter = (struct parameter){.initial = value_failed()};
    parameter->name = read_word(at);
    if (strncmp(*at, "…", strlen("…")) == 0) {
        parameter->rest = true;
        *at += strlen("…");
    }
    assert(**at == ':');
    ++*at;
    skip_blanks(at);
    parameter->type = read_type(at);
    if (**at == '?') {
        ++*at;
        parameter->optional = true;
        parameter->initial = value_none();
    }
    skip_blanks(at);
    if (**at == '=') {
        ++*at;
        skip_blanks(at);
        return read_default(at, &parameter->initial);
    }
    return true;
}

static bool read_whole(struct signature *signature, const char *text)
{
    *signature = (struct signature){.text = mem_copy_text(text, strlen(text))};
    size_t most = 1;
    for (const char *c = text; *c; c++)
        most += *c == ':';
    signature->parameters = mem_array(most, sizeof *signature->parameters);
    if (!signature->text || !signature->parameters)
        return false;
    const char *at = signature->text;
    signature->name = read_word(&at);
    assert(*at == '(');
    at++;
    skip_blanks(&at);
    while (*at && *at != ')') {
        if (!read_parameter(&at, &signature->parameters[signature->count++]))
            return false;
        if (*at == ',')
            at++;
        skip_blanks(&at);
    }
    signature->result = at[0] == ')' && at[1] == ':' ? read_result(at + 2) : VALUE_UNKNOWN;
    return true;
}

void signature_release(struct signature *signature)
{
    for (size_t i = 0; i < signature->count; i++)
        value_release(signature->parameters[i].initial);
    mem_free(signature->parameters);
    mem_free(signature->text);
    *signature = (struct signature){0};
}

bool signature_read(struct signature *signature, const char *text)
{
    bool well = read_whole(signature, text);
    if (!well)
        signature_release(signature);
    return well;
}

/* ---- types ---- */

static bool whole(double number)
{
    return number >= 0 && number <= 9007199254740992.0 && number == (double)(long long)number;
}

bool number_fits(double number, enum parameter_type type)
{
    switch (type) {
    case TYPE_WHOLE:
        return whole(number);
    case TYPE_COUNT:
        return whole(number) && number >= 1;
    case TYPE_POSITIVE:
        return number > 0;
    case TYPE_AMOUNT:
        return number >= 0;
    case TYPE_SHARE:
        return number >= 0 && number <= 1;
    case TYPE_PART:
        return number >= 0 && number < 1;
    default:
        return true;
    }
}

/* Whether a value of this kind can be of the type. */
static bool kind_fits(enum value_kind kind, enum parameter_type type)
{
    switch (type) {
    case TYPE_ANY:
        return true;
    case TYPE_NUMBER:
    case TYPE_WHOLE:
    case TYPE_COUNT:
    case TYPE_POSITIVE:
    case TYPE_AMOUNT:
    case TYPE_SHARE:
    case TYPE_PART:
        return kind == VALUE_NUMBER || kind == VALUE_ESTIMATE;
    case TYPE_BOOL:
        return kind == VALUE_BOOL;
    case TYPE_TEXT:
        return kind == VALUE_STRING;
    case TYPE_WORD:
        return kind == VALUE_STRING || kind == VALUE_WORD || kind == VALUE_ELEMENT || kind == VALUE_BUILTIN;
    case TYPE_LIST:
        return kind == VALUE_LIST;
    case TYPE_RECORD:
        return kind == VALUE_RECORD;
    case TYPE_FUNCTION:
        return value_callable((struct value){.kind = kind});
    case TYPE_ELEMENT:
        return kind == VALUE_ELEMENT;
    case TYPE_MOLECULE:
        return kind == VALUE_MOLECULE || kind == VALUE_ELEMENT || kind == VALUE_FUNCTION ||
               value_is_trained((struct value){.kind = kind});
    case TYPE_DATA:
        return kind == VALUE_DATASET || kind == VALUE_SPLIT;
    case TYPE_RUN:
        return kind == VALUE_ENSEMBLE || value_is_trained((struct value){.kind = kind});
    case TYPE_TABLE:
        return kind == VALUE_TABLE;
    case TYPE_RULE:
        return kind == VALUE_RULE;
    case TYPE_CHANGE:
        return kind == VALUE_RULE || kind == VALUE_SPEC || kind == VALUE_BUILTIN;
    case TYPE_SPEC:
        return kind == VALUE_SPEC;
    }
    return false;
}

/* Whether `value` is of the type; where it stands for a value of it (an element for a molecule) it is replaced. */
static bool type_accepts(struct eval *eval, enum parameter_type type, struct value *value, struct span span, bool *told)
{
    *told = false;
    double number;
    if (!kind_fits(value->kind, type) || (type == TYPE_MOLECULE && !value_is_chemical(*value)) ||
        (type == TYPE_CHANGE && value_content(*value) != VALUE_RULE && !value_is_action(*value) && value->kind != VALUE_UNKNOWN))
        return false;
    if (type == TYPE_CHANGE && value->kind == VALUE_BUILTIN) /* by its name alone */
        *value = call_value(eval, *value, NULL, 0, span);
    if (type == TYPE_MOLECULE)
        *value = value_atom(eval, *value, span);
    if (value->kind == VALUE_UNKNOWN || failed(*value)) {
        *told = failed(*value);
        return !*told;
    }
    if (type == TYPE_MOLECULE && value->kind != VALUE_MOLECULE) {
        const struct molecule *molecule = molecule_of_value(eval, *value, span);
        *value = molecule ? value_molecule(eval, molecule) : value_failed();
        *told = failed(*value);
        return !failed(*value);
    }
    return !value_as_number(*value, &number) || number_fits(number, type);
}

static const char *type_expected(enum parameter_type type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].type == type)
            return types[i].expected;
    return "a value";
}

/* Why a number of the right kind was refused is worth its own words: a percent where a count belongs. */
static void type_help(enum parameter_type type, struct value value, struct text *help)
{
    double number;
    const char *advice = advice_kind(type_expected(type), value);
    if (!value_as_number(value, &number)) {
        text_add(help, advice ? advice : "");
    } else if ((type == TYPE_COUNT || type == TYPE_WHOLE) && number > 0 && number < 1) {
        text_add(help, "a share such as `20%` is less than 1: write a count");
    } else if ((type == TYPE_SHARE || type == TYPE_PART) && number > 1 && number <= 100) {
        text_add(help, "a share is written with `%`: `");
        number_write(help, number);
        text_add(help, "%`");
    }
}

/* ---- binding ---- */

static void text_add_names(struct text *text, const struct signature *signature)
{
    for (size_t i = 0; i < signature->count; i++)
        text_addf(text, "%s`%.*s`", i == 0 ? "" : ", ", STR_ARG(signature->parameters[i].name));
}

bool signature_has(const struct signature *signature, struct str name, struct text *help)
{
    struct suggestion suggestion;
    suggest_start(&suggestion, name);
    const char *foreign = NULL;
    for (size_t i = 0; i < signature->count; i++) {
        if (str_equal(signature->parameters[i].name, name))
            return true;
        suggest_offer(&suggestion, signature->parameters[i].name);
        foreign = foreign ? foreign : foreign_argument(name, signature->parameters[i].name);
    }
    if (foreign) {
        text_add(help, foreign);
    } else if (suggestion.best.len) {
        text_addf(help, "did you mean `%.*s`?", STR_ARG(suggestion.best));
    } else if (signature->count > 0) {
        text_add(help, signature->count == 1 ? "there is only " : "there are ");
        text_add_names(help, signature);
    }
    return false;
}

static bool unknown_label(struct eval *eval, const struct signature *signature, const char *what, const struct argument *argument)
{
    struct text help = {0};
    signature_has(signature, argument->label, &help);
    eval_error_help(eval, argument->label_span, help.at, "%s has no `%.*s`", what, STR_ARG(argument->label));
    text_release(&help);
    return false;
}

static int parameter_number(const struct signature *signature, struct str name)
{
    for (size_t i = 0; i < signature->count; i++)
        if (str_equal(signature->parameters[i].name, name))
            return (int)i;
    return -1;
}

static bool surplus(struct eval *eval, const struct signature *signature, const char *what, const struct argument *argument)
{
    struct text help = {0};
    if (signature->count) {
        text_add(&help, "it takes ");
        text_add_names(&help, signature);
    }
    eval_error_help(eval, argument->span, help.at, "one argument too many for %s", what);
    text_release(&help);
    return false;
}

static bool check_type(struct eval *eval, const struct parameter *parameter, const char *what, struct value *value,
                       struct span span)
{
    bool told;
    bool absent = parameter->optional && value_content(*value) == VALUE_NONE;
    if (absent || (value->kind == VALUE_UNKNOWN && (value->of == VALUE_UNKNOWN || kind_fits(value->of, parameter->type))))
        return true;
    struct value before = *value;
    if (type_accepts(eval, parameter->type, value, span, &told))
        return true;
    if (told)
        return false;
    struct text found = {0};
    value_describe(eval, before, &found);
    struct text help = {0};
    type_help(parameter->type, before, &help);
    eval_error_help(eval, span, help.len ? help.at : NULL, "`%.*s` of %s must be %s, found %s", STR_ARG(parameter->name), what,
                    type_expected(parameter->type), text_chars(&found));
    text_release(&help);
    text_release(&found);
    return false;
}

bool argument_twice(struct eval *eval, const struct argument *argument, struct str name, const char *what)
{
    if (argument->label.len)
        eval_error(eval, argument->label_span, "`%.*s` of %s is given twice", STR_ARG(name), what);
    else /* one by position can meet only one by name */
        eval_error_help(eval, argument->span, "arguments by position come first, those with names behind them",
                        "this argument has no name, and `%.*s` of %s was given by name before", STR_ARG(name), what);
    return false;
}

/* A signature that fits on a line helps to see what is missing. */
#define SIGNATURE_SHOWN 110

static void needs_argument(struct eval *eval, const struct signature *signature, const char *what, size_t number, struct span span)
{
    const char *end = strrchr(signature->text, ')');
    struct str shown = {signature->text, end ? (size_t)(end + 1 - signature->text) : 0};
    struct text help = {0};
    if (shown.len && shown.len <= SIGNATURE_SHOWN)
        text_addf(&help, "it is `%.*s`", STR_ARG(shown));
    eval_error_help(eval, span, help.at, "%s needs `%.*s`: %s", what, STR_ARG(signature->parameters[number].name),
                    type_expected(signature->parameters[number].type));
    text_release(&help);
}

bool bind_arguments(struct eval *eval, const struct signature *signature, const char *what, const struct argument *arguments,
                    size_t count, struct span span, struct value *values, struct span *spans, bool *given,
                    const struct argument **rest, size_t *rest_count)
{
    for (size_t i = 0; i < signature->count; i++) {
        values[i] = signature->parameters[i].initial;
        spans[i] = span;
        given[i] = false;
    }
    bool well = true;
    size_t next = 0;
    if (rest)
        *rest_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct argument *argument = &arguments[i];
        int number = argument->label.len ? parameter_number(signature, argument->label) : (int)next++;
        if (number < 0) {
            well = unknown_label(eval, signature, what, argument);
            continue;
        }
        if (!argument->label.len && rest && next <= signature->count && signature->parameters[number].rest) {
            *rest = argument;
            *rest_count = count - i;
            given[number] = true;
            break;
        }
        if ((size_t)number >= signature->count)
            return surplus(eval, signature, what, argument);
        if (given[number]) {
            well = argument_twice(eval, argument, signature->parameters[number].name, what);
            continue;
        }
        given[number] = true;
        values[number] = argument->value;
        spans[number] = argument->span;
        well = check_type(eval, &signature->parameters[number], what, &values[number], argument->span) && well;
    }
    for (size_t i = 0; well && i < signature->count; i++)
        if (!given[i] && values[i].kind == VALUE_FAILED && !signature->parameters[i].rest) {
            needs_argument(eval, signature, what, i, span);
            well = false;
        }
    return well;
}
