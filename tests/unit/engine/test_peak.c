/* The most memory that a training takes, on two threads: beside its data at most five times its parameters and 16 MB. An own program, since the peak is
   that of a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>

#include "fixture.h"

enum { SAMPLES = 60000, WIDTH = 784, CLASSES = 10 };

static double peak_bytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (double)usage.ru_maxrss * 1024;
}

static void test_a_large_training(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    print_message("skipped: a sanitizer keeps for a while what is freed\n");
    skip();
#endif
    struct elements elements = fixture_elements();
    struct molecule *molecule = fixture_chain(
        (const struct gene[]){gene_layer(fixture_element(&elements, "relu"), 128, SPAN_NONE), fixture_out(CLASSES, HEAD_SOFTMAX)},
        2);
    struct prepared *data = mem_alloc(sizeof *data);
    assert_non_null(data);
    data->references = 1;
    data->train = (struct samples){.count = SAMPLES, .width = WIDTH, .outputs = CLASSES};
    data->train.x = mem_floats((size_t)SAMPLES * WIDTH);
    data->train.labels = mem_array(SAMPLES, sizeof *data->train.labels);
    assert_true(data->train.x && data->train.labels);
    struct random random = random_stream(1, RANDOM_TEST, 0);
    for (size_t i = 0; i < (size_t)SAMPLES * WIDTH; i++)
        data->train.x[i] = (float)random_between(&random, -1, 1);
    for (uint32_t i = 0; i < SAMPLES; i++)
        data->train.labels[i] = (int32_t)random_below(&random, CLASSES);
    struct train_options options = train_options_default();
    options.epochs = 1;
    options.batch = 64;
    options.threads = 2;
    struct diags diags = {0};
    struct training *training = train(molecule, data, &options, NULL, &diags);
    assert_non_null(training);
    const double of_data = SAMPLES * (WIDTH * sizeof(float) + sizeof(int32_t)),
                 of_parameters = (double)training->params * sizeof(float);
    const double peak = peak_bytes(), most = of_data + 5 * of_parameters + (16 << 20);
    if (peak > most)
        fail_msg("%.1f MB at the peak, %.1f MB beside data and parameters", peak / 1e6, (peak - of_data - 5 * of_parameters) / 1e6);
    training_release(training);
    prepared_release(data);
    molecule_release(molecule);
    elements_release(&elements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_large_training)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
