/* Pictures. `curve`, `heatmap` and `boundary` say what is to be drawn; `plot` draws a picture, or any value that has one, to the
   terminal or into a text file. */
#include <string.h>

#include "library/builtins.h"
#include "library/show.h"
#include "support/file.h"

/* Files are as wide as a usual page of text. */
#define FILE_COLUMNS 80

static bool is_text_file(struct str path)
{
    static const char ending[] = ".txt";
    size_t length = sizeof ending - 1;
    return path.len > length && memcmp(path.at + path.len - length, ending, length) == 0;
}

static struct value call_plot(struct eval *eval, const struct builtin *self, const struct args *args)
{
    (void)self;
    bool to_file = args->at[1].kind == VALUE_STRING;
    if (to_file && !is_text_file(string_str(args->at[1].string)))
        return eval_error_help(eval, args->span[1], "a name that ends in `.txt` gets the picture as plain text",
                               "`plot` cannot write this kind of file");
    struct text text = {0};
    struct show show = show_start(eval, args->span[0], &text);
    if (to_file) {
        show.style = (struct plot_style){.unicode = true, .columns = FILE_COLUMNS};
        show.terminal = false;
    }
    bool well = show_plot(&show, args->at[0]);
    if (well && text.failed)
        well = diag_out_of_memory(eval->diags, args->call);
    if (well && to_file && !eval->state->checking)
        well = file_write(args->at[1].string->at, text_str(&text), eval->diags, args->span[1]);
    else if (well && !eval->state->checking)
        eval_write(eval, text_str(&text));
    text_release(&text);
    return well ? value_none() : value_failed();
}

const struct builtin_row builtins_plot[] = {
    {"plot(picture: any, to: text?): none",
     "Draws a picture, or the picture of a run, a table, a list of numbers, a data set, an element or an evolution, to the "
     "terminal: of a table its columns, of `result.lineage` the family tree; with `to: \"name.txt\"` into a text file.",
     call_plot},
};
const size_t builtins_plot_count = sizeof builtins_plot / sizeof *builtins_plot;

static const struct spec_row picture_rows[] = {
    {"curve(table: table, x: text, y: text, by: text?)", PICTURE_FAMILY,
     "A picture: the mean of the column `y` over `x`, a line for each value of `by`."},
    {"heatmap(table: table, x: text, y: text, value: text)", PICTURE_FAMILY,
     "A picture: the mean of the column `value`, a column for each value of `x` and a row for each of `y`."},
    {"boundary(run: run)", PICTURE_FAMILY, "A picture: which class a run decides for all over the plane of its two features."},
};

bool pictures_add(struct eval *eval)
{
    return specs_add(eval, picture_rows, sizeof picture_rows / sizeof *picture_rows);
}
