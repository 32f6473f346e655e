/* embed.c: a program that has a network learn from its own numbers. It makes points of two classes (inside a ring, and on it), trains,
   follows the training, asks the network about points it has not seen, and shows what an error looks like.

   Build it against the installed library, with one of
       cc embed.c $(pkg-config --cflags --libs nel) -lm -o embed
       cc -static embed.c $(pkg-config --cflags --libs --static nel) -o embed
       cmake -B build && cmake --build build */
#include <math.h>
#include <nel.h>
#include <stdio.h>

enum { POINTS = 240, FEATURES = 2, CLASSES = 2, ASKED = 3 };

/* The program's own data: a disc of radius 1 in a ring of radius 2, by the golden angle, so that it is the same everywhere. */
static void points_make(float x[POINTS * FEATURES], int32_t labels[POINTS])
{
    for (int i = 0; i < POINTS; i++) {
        labels[i] = i % CLASSES;
        const double radius = labels[i] ? 1.7 + 0.3 * (i % 7) / 7 : sqrt((double)i / POINTS);
        const double angle = 2.399963 * i;
        x[i * FEATURES] = (float)(radius * cos(angle));
        x[i * FEATURES + 1] = (float)(radius * sin(angle));
    }
}

static void tell_progress(void *context, const nel_progress *progress)
{
    (void)context;
    if (progress->finished)
        printf("trained for %d epochs\n", (int)progress->done);
}

static void tell_output(void *context, const char *text, size_t length)
{
    (void)context;
    fwrite(text, 1, length, stdout);
}

/* Trains; NULL and a message where that fails. The run is the caller's. */
static nel_value *run_make(nel_session *session)
{
    float x[POINTS * FEATURES];
    int32_t labels[POINTS];
    points_make(x, labels);
    nel_value *data = nel_data_classes(session, x, POINTS, FEATURES, labels, CLASSES);
    nel_value *bound = nel_set(session, "points", data);
    nel_value *run = nel_evaluate(session, "embed.c",
                                  "let parts = points |> split(80%, seed: 1)\n"
                                  "let run = train tanh(8) on parts { epochs: 150, optimizer: adam(lr: 0.02), seed: 1 }\n"
                                  "print \"{run.dna}: {run.params} parameters\"\n"
                                  "run");
    nel_release(bound);
    nel_release(data);
    if (nel_status_of(run) == NEL_OK)
        return run;
    fputs(nel_rendered(run), stderr);
    nel_release(run);
    return NULL;
}

/* What the run says of points that it has not seen. */
static void points_ask(nel_value *run)
{
    const float asked[ASKED * FEATURES] = {0.1F, 0.2F, 1.8F, 0.0F, -1.2F, -1.4F};
    float shares[ASKED * CLASSES];
    nel_value *accuracy = nel_member(run, "accuracy");
    printf("accuracy on points kept aside: %.2f\n", nel_number_of(accuracy));
    nel_release(accuracy);
    nel_value *done = nel_predict(run, asked, ASKED, FEATURES, shares, ASKED * CLASSES);
    for (int i = 0; nel_status_of(done) == NEL_OK && i < ASKED; i++)
        printf("(%4.1f, %4.1f) is %s the ring\n", asked[i * FEATURES], asked[i * FEATURES + 1],
               shares[i * CLASSES + 1] > 0.5F ? "on" : "inside");
    nel_release(done);
}

/* An error is a value like any other. */
static void error_handle(nel_session *session)
{
    nel_value *wrong = nel_evaluate(session, "wrong.nel", "train tahn(8) on points");
    for (size_t i = 0; i < nel_diagnostics(wrong); i++) {
        const nel_diagnostic *diagnostic = nel_diagnostic_at(wrong, i);
        printf("%s:%u:%u: %s; %s\n", diagnostic->file, diagnostic->line, diagnostic->column, diagnostic->message,
               diagnostic->help ? diagnostic->help : "");
    }
    nel_release(wrong);
}

int main(void)
{
    nel_session *session = nel_open();
    if (!session)
        return fputs("out of memory\n", stderr), 1;
    nel_set_output(session, tell_output, NULL);
    nel_set_progress(session, tell_progress, NULL);
    nel_value *run = run_make(session);
    if (run) {
        points_ask(run);
        error_handle(session);
    }
    nel_release(run);
    nel_close(session);
    return run ? 0 : 1;
}
