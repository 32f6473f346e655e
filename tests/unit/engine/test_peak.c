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
    struct prepared *data = fixture_noise(SAMPLES, WIDTH, CLASSES);
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
