/* What `show` draws with: one view being written, and the pieces that several subjects use. */
#ifndef NEL_LIBRARY_SHOW_H
#define NEL_LIBRARY_SHOW_H

#include "interp/predictor.h"
#include "interp/print.h"
#include "picture/ink.h"
#include "picture/plot.h"

struct show {
    struct eval *eval;
    struct span span;
    struct text *out;
    struct plot_style style; /* with the width of the view */
    bool terminal;           /* a person looks on: what differs from run to run (times) may be shown */
};

/* Starts a view on the state's output; `colour` and `unicode` as it says. */
struct show show_start(struct eval *eval, struct span span, struct text *out);

/* Pieces of text: a bold line, a dim one, one that warns. */
void show_heading(struct show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));
void show_note(struct show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "1.2 s", "3 min 5 s"; for terminals alone, since it differs from time to time. */
void show_duration(double seconds, struct text *out);
void show_warning(struct show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));
void show_paragraph(struct show *show, struct str text); /* broken between words at the view's width */
void show_gap(struct show *show);                        /* an empty line, unless at the start or after one */

/* Text for a person: figures short, texts plain, signs that a plain terminal lacks replaced. */
void show_print(struct show *show, struct value value, struct text *out);
void show_fold(const struct show *show, struct text *text); /* replaces such signs in `text` */

/* A grid of texts under construction, row by row, written by plot_table. */
#define GRID_COLUMNS 64
struct grid {
    const char *header[GRID_COLUMNS];
    bool right[GRID_COLUMNS];
    size_t columns;
    struct text cells; /* all of them, one behind the other */
    size_t *ends;      /* of each cell in `cells` */
    size_t count, cap;
    bool failed;
};
struct text *grid_cell(struct grid *grid); /* where to write the next cell; end it with grid_end */
void grid_end(struct grid *grid);
void grid_text(struct grid *grid, const char *text); /* a whole cell */
void grid_figure(struct grid *grid, double figure);  /* a whole cell; empty for what is not a number */
/* Writes and releases it; columns without a header and a text are left out. */
void grid_show(struct show *show, struct grid *grid);

/* Decimals with which figures of one column stand well under each other, enough for four significant digits of the largest; -1 where they
   are whole, or have no common scale. */
int figure_decimals(const double *figures, size_t count);
void grid_aligned(struct grid *grid, double figure, int decimals); /* a whole cell */

/* Views by subject. */
void show_table(struct show *show, const struct table_object *table);
void show_run(struct show *show, const struct run *run);
void show_runs(struct show *show, const struct runs *runs);
void show_molecule(struct show *show, const struct molecule_object *molecule);
void show_element(struct show *show, const struct element *element);
void show_dataset(struct show *show, const struct dataset *dataset);
void show_split(struct show *show, const struct split *split);
void show_ensemble(struct show *show, struct ensemble *ensemble);
void show_growth(struct show *show, const struct run *run, const char *heading);
void show_growths(struct show *show, const struct runs *runs);
void show_evolution(struct show *show, const struct evolution_object *object);
void show_function(struct show *show, struct value value);
void show_list(struct show *show, const struct list *list);
void show_record(struct show *show, const struct record *record);
void show_estimate(struct show *show, const struct estimate_object *estimate);

/* What `plot` draws of a value; false (with a diagnostic) where there is no picture of it. `curve`, `heatmap` and `boundary` give
   specs of the family "picture", which are drawn when they are shown. */
bool show_plot(struct show *show, struct value value);
bool show_picture(struct show *show, const struct spec *spec);
/* Whether a table is a lineage, with numbers, parents, fitness and DNA; and the family tree of such a one. False with a diagnostic. */
bool table_is_family(const struct table_object *table);
bool show_family(struct show *show, const struct table_object *table);
/* Whether a table is the story of a growth; and that story. */
bool table_is_story(const struct table_object *table);
void show_story(struct show *show, const struct table_object *table);
/* A bar `length` characters long, full up to the share `from` and half full up to `to`, in the colour of a merit from 0 to 1. */
void show_bar(struct show *show, double from, double to, double merit, int length);
#define PICTURE_FAMILY "picture"

/* The diagram of a molecule, with widths and parameters where the graph (may be NULL) knows them; and the line below it. */
void show_structure(struct show *show, const struct molecule *molecule, const struct graph *graph);
void show_model(struct show *show, const struct model *model);
/* A note of where the weights come from that the molecule carries, if any. */
void show_sources(struct show *show, const struct molecule *molecule);
/* The molecule's DNA for a heading, appended: of more than a few lines the beginning, with how long it is and `where` all of it is to be
   had. */
void show_dna(const struct molecule *molecule, const char *where, struct text *out);
void show_totals(struct show *show, double params, double flops);

/* A table of figures: a row a figure, a column a set. Of each set the record that it has, or none. */
void show_scores(struct show *show, const struct value scores[SET_COUNT]);
/* How each class of a classifier is told: its table of classes and its confusion matrix, none of many classes, on the set that is named. */
void show_class_figures(struct show *show, struct value classes, struct value confusion, const char *set, bool several);

/* Pictures of a run or an ensemble; each writes nothing where it has nothing to draw. */
void show_loss_curve(struct show *show, const struct training *training);
void show_decisions(struct show *show, const struct predictor *predictor);
void show_fit(struct show *show, const struct predictor *predictor);
void show_points(struct show *show, const struct dataset *dataset);
void show_fitness(struct show *show, const struct evolution *evolution);

#endif
