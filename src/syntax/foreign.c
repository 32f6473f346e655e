/* Words of Python, R, Rust, JavaScript and their libraries. Near misses of the language's own words are no matter of these tables. */
#include "syntax/foreign.h"

#include <stddef.h>

/* Each help line stands behind the words that it serves. */
struct entry {
    const char *const *words;
    const char *help;
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct entry statements[] = {
    {WORDS("var", "const", "val", "auto", "local", "my", "set"), "a name is made by `let x = …` and changed by `x = …`"},
    {WORDS("def", "function", "func", "fun", "proc", "sub"), "a function is written `fn f(x) = …`, or `fn f(x) { … }`"},
    {WORDS("import", "include", "require", "library", "from", "using"),
     "`use rules` takes a module of the standard library, `use \"my/file.nel\"` a file"},
    {WORDS("while", "until", "do", "loop", "repeat", "foreach"), "loops are written `for x in xs { … }`"},
    {WORDS("echo", "puts", "println", "printf", "say"), "write `print …`"},
    {WORDS("elif", "elsif", "elseif"), "write `else if`, behind the `}` of the block before"},
    {WORDS("unless"), "write `if not …`"},
    {WORDS("return", "yield"), "the last value of a block is its result"},
    {WORDS("class", "struct", "type", "interface", "enum", "object", "record", "impl", "trait"),
     "a network is written `molecule Name(w) = …`; values that belong together are a record, `{ a: 1, b: 2 }`"},
    {WORDS("switch", "match", "case"), "choices are written `if a { … } else if b { … } else { … }`"},
    {WORDS("try", "catch", "except", "throw", "raise"),
     "an error ends the script; what must hold is written `assert condition, \"message\"`"},
    {WORDS("model", "network", "net"), "a network is written `molecule Name(w) = …`"},
    {WORDS("layer", "activation", "neuron"), "an activation of your own is written `element name \"N\" (x) = …`"},
    {WORDS("fit"), "write `train M on data { … }`"},
    {WORDS("async", "await", "pub", "public", "private", "static", "export", "global", "mut"), "leave it out"},
    {WORDS("with", "open"),
     "files are read and written by functions: `csv(\"data.csv\")`, `save(run.best, to: \"net.safetensors\")`"},
    {WORDS("del", "delete"), "a name ends with its block"},
    {WORDS("begin"), "a block stands in braces: `{ … }`"},
};

static const struct entry names[] = {
    {WORDS("None", "null", "nil", "NULL", "Null", "NA", "undefined"), "write `none`"},
    {WORDS("True", "TRUE"), "write `true`"},
    {WORDS("False", "FALSE"), "write `false`"},
    {WORDS("len", "size"), "write `length(…)`"},
    {WORDS("Dense", "Linear", "nn"), "a dense layer is called by its activation: `relu(32)`, `linear(10)`"},
    {WORDS("Sequential", "Model"), "stages are joined by `->`: `relu(8) -> tanh(4)`"},
    {WORDS("Conv1D", "Conv2D", "Conv2d", "LSTM", "GRU", "Attention"),
     "networks are made of dense, sparse and elementwise stages only"},
    {WORDS("np", "numpy", "math", "torch", "keras", "tf", "pd"), "functions such as `sqrt` and `mean` are there without a module"},
    {WORDS("str", "String"), "a text is made of a value by braces: `\"{x}\"`"},
    {WORDS("lambda", "function", "func"), "a function without a name is written `fn(x) = …`"},
    {WORDS("break", "continue"), "a loop goes on to its end; `if` or `filter` chooses"},
    {WORDS("pass"), "a block may be empty: `{ }`"},
    {WORDS("end"), "a block ends with `}`"},
    {WORDS("self", "this"), "what a function works on is a parameter of it"},
    {WORDS("accuracy", "loss"), "figures are members of a run, as in `run.accuracy`"},
};

static const char *help_of(const struct entry *entries, size_t count, struct str word)
{
    for (size_t i = 0; i < count; i++)
        for (const char *const *known = entries[i].words; *known; known++)
            if (str_is(word, *known))
                return entries[i].help;
    return NULL;
}

const char *foreign_statement(struct str word)
{
    return help_of(statements, sizeof statements / sizeof *statements, word);
}

const char *foreign_name(struct str word)
{
    return help_of(names, sizeof names / sizeof *names, word);
}
