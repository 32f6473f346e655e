/* plain FOLDER WORKLOAD REPEATS SEED: the plain loop (plain.h) on a workload of compare.py. */
#include "plain.h"

int main(int argc, char **argv)
{
    const struct request request = request_read(argc, argv);
    const char *name = request.workload;
    if (strcmp(name, "W1") == 0)
        plain_xor(&request);
    else if (strcmp(name, "W2") == 0)
        plain_spirals(&request, POINTS);
    else if (strcmp(name, "W2b") == 0)
        plain_spirals(&request, 32);
    else if (strcmp(name, "W3") == 0)
        plain_grid(&request);
    else if (strcmp(name, "W4") == 0)
        plain_dense(&request, 2, (const int[]){PIXELS, 128, CLASSES}, 64);
    else if (strcmp(name, "W4b") == 0)
        plain_dense(&request, 3, (const int[]){PIXELS, 512, 256, CLASSES}, 128);
    else if (strcmp(name, "W5") == 0)
        plain_sparse(&request);
    else
        give_up("there is no such workload");
    return 0;
}
