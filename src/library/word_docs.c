/* The words of the language, for `nel doc WORD`: how each is written and what it means. Their list is syntax/words.c; a test holds
   that each has its text. */
#include "library/manual.h"

const struct word_doc word_docs[] = {
    {"let", "let NAME = VALUE",
     "Makes a name, in this block and those within it. A name begins with a letter or `_`; one with `_` in front is private to its "
     "file.\n"
     "Example: let width = 8\n"
     "See: fn, param"},
    {"fn", "fn NAME(PARAMETER, PARAMETER = DEFAULT) = VALUE",
     "Makes a function. Its body is a value, or a block `{ … }` whose last value is the result; without a name it is a value "
     "itself. A "
     "function sees the names around it.\n"
     "Example: fn twice(x) = 2 * x\n"
     "Example: print [1, 2] |> map(fn(x) = x + 1)  # [2, 3]\n"
     "See: molecule, let"},
    {"show", "show VALUE, VALUE",
     "Writes the rich view of a value: of a run its shapes, figures and curves, of a table its rows, of a molecule its layers and "
     "a "
     "diagram.\n"
     "See: print, plot"},
    {"print", "print VALUE, VALUE",
     "Writes values on one line, blanks between them.\n"
     "Example: print 1, \"and\", [2, 3]  # 1 and [2, 3]\n"
     "See: show, text"},
    {"if", "if CONDITION { … } else { … }",
     "The one block or the other. As a value it is that block's last value, none where the condition is false and there is no "
     "`else`.\n"
     "Example: print if 2 > 1 { \"more\" } else { \"less\" }  # more\n"
     "See: and, or, not"},
    {"else", "if CONDITION { … } else if CONDITION { … } else { … }",
     "What is done where the condition before it is false; and `else undo` ends an `accept` of a growth policy.\n"
     "See: if, accept"},
    {"for", "for NAME in LIST { … }",
     "Does the block once for every item of a list, a range or a table's rows; inside `[ ]` a comprehension.\n"
     "Example: print [x ^ 2 for x in 1..4 if x != 3]  # [1, 4, 16]\n"
     "See: map, filter, sweep"},
    {"in", "for NAME in LIST, sweep NAME in LIST, rule r(NAME in LIST)",
     "Stands between a name and what it goes over.\n"
     "See: for, sweep, rule"},
    {"and", "A and B",
     "Whether both are true; B is not looked at where A is false.\n"
     "Example: print 1 < 2 and 2 < 3  # true\n"
     "See: or, not"},
    {"or", "A or B",
     "Whether one is true; B is not looked at where A is true.\n"
     "Example: print 1 > 2 or 2 < 3  # true\n"
     "See: and, not"},
    {"not", "not A",
     "The contrary. Looser than comparison: `not a == b` is `not (a == b)`.\n"
     "Example: print not 1 > 2  # true\n"
     "See: and, or"},
    {"mod", "A mod B",
     "The remainder of a division, with the sign of the divisor.\n"
     "Example: print 7 mod 3  # 1\n"
     "See: floor"},
    {"as", "STAGE as NAME",
     "In a molecule, names the output of the whole stage before it, for later stages of the same bracket (a tap); behind `use`, "
     "names a "
     "module.\n"
     "Example: print dna(relu(8) as h -> tanh(8) -> gelu(8) + h)  # R8:a-T8-(G8+:a)\n"
     "See: use"},
    {"true", "true", "The one of the two truth values; `number(true)` is 1.\nSee: false"},
    {"false", "false", "The other of the two truth values; `number(false)` is 0.\nSee: true"},
    {"none", "none",
     "No value: what a missing cell, an option that was not given, and an `if` without its block are.\n"
     "Example: print [1, none] |> filter(fn(x) = x != none)  # [1]"},
    {"train", "train MOLECULE on DATA { OPTIONS }",
     "Trains a network and gives a run, or with `trials` or `folds` several. A molecule that does not end in `out` gets a head "
     "that "
     "fits the data: softmax or sigmoid for classes, linear for values.\n"
     "Example: let result = train tanh(8) on moons() { epochs: 5, trials: 2 }\n"
     "See: run, runs, split, sweep, grow, evolve"},
    {"on", "train MOLECULE on DATA",
     "Stands before the data: a data set, a split, or a function that makes one from a `seed`.\n"
     "See: train, grow, evolve"},
    {"grow", "grow MOLECULE on DATA by POLICY { OPTIONS }",
     "Trains a network in rounds; after each it is measured, and the policy may rewrite it. Weights are carried over. The options "
     "are "
     "those of `train` and `limits`.\n"
     "See: growth, run, evolve"},
    {"by", "grow MOLECULE on DATA by POLICY",
     "Stands before the growth policy, with its arguments where it has parameters: `by Careful(step: 5)`.\n"
     "See: grow, growth"},
    {"evolve", "evolve MOLECULES on DATA { OPTIONS }",
     "A population of molecules, changed by rules drawn by chance and selected by fitness on validation data; each is trained "
     "once, "
     "from weights of its own or, with `inherit: true`, from those of its parent (after Holland 1975).\n"
     "See: evolution, rule, grow, tournament"},
    {"sweep", "sweep NAME in LIST, NAME in LIST where CONDITION draw COUNT { … }",
     "Does the block for every combination of its axes, on every core, and gives a table: the axes, then the figures of the run, "
     "or the "
     "fields of the record, or the value that the block ends with. Later axes see earlier ones; a record as an axis gives its keys "
     "as "
     "labels. An outer name cannot be assigned to inside.\n"
     "Example: print (sweep a in 1..2, b in 1..2 { a * b }).value  # [1, 2, 2, 4]\n"
     "See: where, draw, mean, pivot, table"},
    {"molecule", "molecule NAME(PARAMETER = DEFAULT) = VALUE",
     "A function whose result is a molecule, and which gives it its name. Without arguments its bare name is the molecule with its "
     "defaults.\n"
     "Example: molecule Tower(w = 8, d = 2) = relu(w) * d -> linear(w)\n"
     "See: fn, element, dna"},
    {"element", "element NAME \"SYMBOL\" (x; TRAIT = DEFAULT) = FORMULA",
     "Makes an element: its name, its symbol in DNA (a capital, perhaps a small letter) and its formula of `x`. The derivative is "
     "derived. Parameters behind `;` become traits of its layers; with `learned` in front, each neuron trains its own.\n"
     "Example: element bell \"Be\" (x; spread = 1) = exp(-(x / spread)^2)\n"
     "See: learned, elements"},
    {"loss", "loss NAME(PARAMETER = DEFAULT) (y, t) = FORMULA",
     "Makes a loss for `loss:` of a training: what one output `y` costs where the target is `t`. The derivative by `y` is derived. "
     "The loss of a sample is the mean over its outputs. For classes the targets are 1 for the label's output and 0 for the "
     "others, "
     "and the outputs are what the head gives: probabilities, unless it is `linear`. The first brackets may be left out.\n"
     "Example: loss pinball(q = 0.5) (y, t) = max(q * (t - y), (q - 1) * (t - y))\n"
     "See: element, mse, huber, train"},
    {"rule", "rule NAME(PARAMETER = DEFAULT): PATTERN when CONDITION => MOLECULE",
     "A rewrite of molecules. In the pattern `?a(?n)` is any layer, `?A` anything. A parameter `to in LIST` is drawn by chance "
     "where "
     "nobody gives it. Traits that the right side does not name are carried over.\n"
     "Example: rule doubled: ?a(?n) when ?n < 8 => ?a(?n * 2)\n"
     "See: rewrite, places, evolve, growth"},
    {"growth", "growth NAME(PARAMETER = DEFAULT) { CLAUSES }",
     "A growth policy: how long a round is (`every`), what is done when (`when`), when it ends (`stop`). Conditions speak of "
     "signals, "
     "which are measured on validation data after each round. All that hold fire, in order, once a round.\n"
     "See: grow, every, when, stop, graft, insert"},
    {"use", "use NAME, use \"path/file.nel\" as NAME",
     "Brings the names of a module of the standard library, or of a file, found from the file that uses it or along `NEL_PATH`. "
     "With "
     "`as` they become members of one name.\n"
     "Example: use molecules\n"
     "See: as"},
    {"param", "param NAME = DEFAULT",
     "A name that the command line can set: `nel FILE --name value`. The value is read as the default is: a number, true or false, "
     "a "
     "word or a text.\n"
     "Example: param epochs = 500\n"
     "See: let"},
    {"assert", "assert CONDITION, TEXT",
     "Ends the script with an error unless the condition holds; the text, where there is one, says why it should.\n"
     "Example: assert 1 + 1 == 2, \"arithmetic\""},
    {"learned", "element NAME \"SYMBOL\" (x; learned TRAIT = DEFAULT) = FORMULA",
     "In an element: every neuron trains a value of its own of this parameter, from the default on (PReLU: He and others 2015).\n"
     "Example: element beat \"Be\" (x; learned pace = 1) = sin(pace * x)\n"
     "See: element, prelu"},
    {"every", "every COUNT epochs", "In a growth policy: how many epochs a round has; 10 where it does not say.\nSee: growth"},
    {"when", "when CONDITION => ACTION at PLACE",
     "In a growth policy: what is done after a round in which the condition holds; in a rule: the condition under which it "
     "matches.\n"
     "See: growth, rule"},
    {"accept", "accept after COUNT epochs when CONDITION else undo",
     "In a growth policy: keeps a rewrite only where the condition holds so many epochs later.\nSee: growth, undo"},
    {"stop", "stop when CONDITION",
     "In a growth policy: when it ends. With the option `epochs` it ends after those at the latest; a policy without `stop` always "
     "does.\nSee: growth, patience"},
    {"at", "ACTION at PLACE",
     "In a growth policy: the place at which a rule is applied, such as `busiest`.\nSee: growth, after, before"},
    {"after", "ACTION after PLACE", "In a growth policy: behind the place.\nSee: growth, at, before"},
    {"before", "ACTION before PLACE", "In a growth policy: in front of the place.\nSee: growth, at, after"},
    {"where", "sweep … where CONDITION { … }", "In a sweep: only combinations for which the condition holds.\nSee: sweep, draw"},
    {"draw", "sweep … draw COUNT { … }", "In a sweep: so many of the combinations, drawn by chance.\nSee: sweep, where"},
    {"undo", "accept … else undo", "In a growth policy: takes a rewrite back that was not accepted.\nSee: accept"},
    {0},
};
