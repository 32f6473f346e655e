/* Pictures of runs in the terminal: the loss by epoch, the decisions of a classifier of two features, the fit of a function of one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interp/figures.h"
#include "library/show.h"
#include "support/memory.h"

/* Pictures are no wider than this, and leave a margin. */
enum { picture_columns = 76, curve_rows = 9, map_columns = 64, map_rows = 20, points_most = 1500, fit_points = 200 };

static struct plot_style picture_style(const struct show *show)
{
    struct plot_style style = show->style;
    style.columns = style.columns > picture_columns ? picture_columns : style.columns;
    style.rows = curve_rows;
    return style;
}

/* ---- loss ---- */

void show_loss_curve(struct show *show, const struct training *training)
{
    if (!training || training->epochs < 3 || !training->history)
        return;
    double *figures = mem_array(3 * (size_t)training->epochs, sizeof *figures);
    if (!figures)
        return;
    double *epoch = figures, *loss = figures + training->epochs, *validation = loss + training->epochs;
    bool validated = false;
    for (uint32_t i = 0; i < training->epochs; i++) {
        epoch[i] = training->history[i].epoch;
        loss[i] = training->history[i].loss;
        validation[i] = training->history[i].validation_loss;
        validated = validated || isfinite(validation[i]);
    }
    struct plot_series series[] = {{"train", epoch, loss, training->epochs}, {"validation", epoch, validation, training->epochs}};
    show_gap(show);
    plot_curves(show->out, series, validated ? 2 : 1, "loss by epoch", picture_style(show));
    mem_free(figures);
}

/* ---- decisions ---- */

/* A feature's range in the network's own inputs, and the way back to the data's units. */
struct axis_range {
    double low, high;
    double mean, scale; /* input = (value - mean) * scale */
};

static struct axis_range range_of(const struct prepared *data, uint32_t feature)
{
    struct axis_range range = {INFINITY, -INFINITY, 0, 1};
    for (uint32_t i = 0; i < data->train.count; i++) {
        double x = (double)data->train.x[(size_t)i * data->train.width + feature];
        range.low = fmin(range.low, x);
        range.high = fmax(range.high, x);
    }
    double margin = (range.high - range.low) * 0.05;
    range.low -= margin > 0 ? margin : 1;
    range.high += margin > 0 ? margin : 1;
    const struct recipe *recipe = data->recipe;
    if (recipe && !recipe->identity && recipe->columns == data->train.width && recipe->steps[feature].scale != 0) {
        range.mean = (double)recipe->steps[feature].mean;
        range.scale = (double)recipe->steps[feature].scale;
    }
    return range;
}

static double in_units(const struct axis_range *range, double input)
{
    return input / range->scale + range->mean;
}

/* Points of a picture, in the inputs of the run that they were laid out for. */
struct points {
    const struct run *owner;
    const float *inputs;
    const struct axis_range *axes[2]; /* of its features */
};

/* A member that prepares its inputs in another way reads the points in the data's own units. */
static bool write_points(struct eval *eval, const struct run *run, const struct asked *asked, float *inputs)
{
    const struct points *points = asked->rows;
    const struct recipe *own = run_recipe(points->owner), *recipe = run_recipe(run);
    const uint32_t width = own->width;
    if (own == recipe) {
        memcpy(inputs, points->inputs, (size_t)asked->count * width * sizeof *inputs);
        return true;
    }
    for (uint32_t i = 0; i < asked->count; i++) {
        float raw[2];
        for (uint32_t f = 0; f < width; f++)
            raw[f] = (float)in_units(points->axes[f], (double)points->inputs[(size_t)i * width + f]);
        if (!recipe_row(recipe, raw, inputs + (size_t)i * width, SPAN_NONE, eval->diags))
            return false;
    }
    return true;
}

/* Whether every member reads so many numbers, each an input of its own. */
static bool reads_numbers(const struct predictor *predictor, uint32_t width)
{
    const struct ensemble *ensemble = predictor->ensemble;
    for (size_t i = 0; ensemble && i < ensemble->count; i++)
        if (run_recipe(ensemble->members[i])->width != width || run_recipe(ensemble->members[i])->columns != width)
            return false;
    return true;
}

/* The class that the outputs for one sample name. */
static int decided(const float *outputs, uint32_t width)
{
    int best = 0;
    for (uint32_t i = 1; i < width; i++)
        best = outputs[i] > outputs[best] ? (int)i : best;
    return best;
}

/* The class of each cell of the plane, top row first; false where the model cannot be asked. */
static bool decide_plane(struct show *show, const struct predictor *predictor, const struct axis_range *x,
                         const struct axis_range *y, unsigned columns, unsigned rows, int *classes)
{
    uint32_t count = columns * rows, width = predictor_width(predictor);
    float *inputs = mem_floats((size_t)count * 2), *outputs = mem_floats((size_t)count * width);
    for (uint32_t i = 0; inputs && i < count; i++) {
        double across = (i % columns + 0.5) / columns, down = (i / columns + 0.5) / rows;
        inputs[2 * i] = (float)(x->low + (x->high - x->low) * across);
        inputs[2 * i + 1] = (float)(y->high - (y->high - y->low) * down);
    }
    const struct points points = {predictor->run, inputs, {x, y}};
    const struct asked asked = {count, show->span, write_points, &points};
    bool well = inputs && outputs && predictor_outputs(show->eval, predictor, &asked, outputs);
    for (uint32_t i = 0; well && i < count; i++)
        classes[i] = decided(&outputs[(size_t)i * width], width);
    mem_free_floats(inputs);
    mem_free_floats(outputs);
    return well;
}

/* The training points, thinned out evenly where they are many. */
static size_t plane_points(const struct prepared *data, const struct axis_range *x, const struct axis_range *y,
                           struct plot_point *points)
{
    uint32_t step = data->train.count / points_most + 1;
    size_t count = 0;
    for (uint32_t i = 0; i < data->train.count; i += step) {
        const float *row = &data->train.x[(size_t)i * 2];
        points[count++] = (struct plot_point){in_units(x, (double)row[0]), in_units(y, (double)row[1]), data->train.labels[i]};
    }
    return count;
}

void show_decisions(struct show *show, const struct predictor *predictor)
{
    const struct run *run = predictor->run;
    const struct prepared *data = run->prepared;
    if (!run->training || !data || !reads_numbers(predictor, 2) || data->train.width != 2 || !data->train.labels ||
        data->recipe->reconstruct)
        return;
    unsigned columns = show->style.columns - 12 < map_columns ? show->style.columns - 12 : map_columns, rows = 2 * map_rows;
    struct axis_range x = range_of(data, 0), y = range_of(data, 1);
    int *classes = mem_array((size_t)columns * rows, sizeof *classes);
    struct plot_point *points = mem_array(data->train.count + 1, sizeof *points);
    if (classes && points && decide_plane(show, predictor, &x, &y, columns, rows, classes)) {
        size_t count = plane_points(data, &x, &y, points);
        show_gap(show);
        show_note(show, predictor->ensemble ? "its decisions, and the points that its first member was trained on"
                                            : "its decisions, and the points it was trained on");
        plot_regions(show->out, classes, columns, rows, (int)data->train.outputs, in_units(&x, x.low), in_units(&x, x.high),
                     in_units(&y, y.low), in_units(&y, y.high), points, count, show->style);
    }
    mem_free(classes);
    mem_free(points);
}

/* ---- fit ---- */

struct sample_point {
    double x, y;
};

static int by_x(const void *a, const void *b)
{
    const struct sample_point *p = a, *q = b;
    return p->x < q->x ? -1 : p->x > q->x;
}

static bool predict_line(struct show *show, const struct predictor *predictor, const struct axis_range *x, double *across,
                         double *fitted)
{
    float inputs[fit_points], outputs[fit_points];
    for (size_t i = 0; i < fit_points; i++) {
        double input = x->low + (x->high - x->low) * (double)i / (fit_points - 1);
        inputs[i] = (float)input;
        across[i] = in_units(x, input);
    }
    const struct points points = {predictor->run, inputs, {x, NULL}};
    const struct asked asked = {fit_points, show->span, write_points, &points};
    if (!predictor_outputs(show->eval, predictor, &asked, outputs))
        return false;
    for (size_t i = 0; i < fit_points; i++)
        fitted[i] = (double)outputs[i];
    return true;
}

/* Targets in their own units. */
static void gather_targets(const struct prepared *data, const struct axis_range *x, struct sample_point *points)
{
    const struct recipe *recipe = data->recipe;
    double mean = recipe->target_mean ? (double)recipe->target_mean[0] : 0;
    double scale = recipe->target_scale && recipe->target_scale[0] != 0 ? (double)recipe->target_scale[0] : 1;
    for (uint32_t i = 0; i < data->train.count; i++)
        points[i] = (struct sample_point){in_units(x, (double)data->train.x[i]), (double)data->train.y[i] / scale + mean};
    qsort(points, data->train.count, sizeof *points, by_x);
}

void show_fit(struct show *show, const struct predictor *predictor)
{
    const struct run *run = predictor->run;
    const struct prepared *data = run->prepared;
    if (!run->training || !data || !reads_numbers(predictor, 1) || data->train.width != 1 || data->train.outputs != 1 ||
        !data->train.y || data->recipe->reconstruct)
        return;
    struct axis_range x = range_of(data, 0);
    double across[fit_points], fitted[fit_points];
    struct sample_point *points = mem_array(data->train.count + 1, sizeof *points);
    double *data_x = mem_array(2 * (size_t)data->train.count + 1, sizeof *data_x);
    if (points && data_x && predict_line(show, predictor, &x, across, fitted)) {
        double *data_y = data_x + data->train.count;
        gather_targets(data, &x, points);
        for (uint32_t i = 0; i < data->train.count; i++) {
            data_x[i] = points[i].x;
            data_y[i] = points[i].y;
        }
        struct plot_series series[] = {{predictor->ensemble ? "the ensemble" : "the network", across, fitted, fit_points},
                                       {"the data", data_x, data_y, data->train.count}};
        show_gap(show);
        plot_curves(show->out, series, 2, "what it computes", picture_style(show));
    }
    mem_free(points);
    mem_free(data_x);
}
