/* What the measuring programs in C share: the clock, the data that bench_data wrote, and the way they report. Each is called as

     PROGRAM FOLDER WORKLOAD REPEATS SEED

   trains REPEATS times, with SEED and those that follow, and prints a line for each training: seconds of the training loop, mean loss
   of its last epoch. They end at the first thing amiss: a measurement has nothing to save. */
#ifndef NEL_BENCH_COMMON_H
#define NEL_BENCH_COMMON_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POINTS = 200, ROWS = 60000, PIXELS = 784, CLASSES = 10 };

static inline void give_up(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

struct request {
    const char *folder, *workload;
    unsigned repeats, seed;
};

static inline struct request request_read(int argc, char **argv)
{
    if (argc != 5)
        give_up("usage: PROGRAM FOLDER WORKLOAD REPEATS SEED");
    return (struct request){argv[1], argv[2], (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4])};
}

static inline double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void report(double seconds, double loss)
{
    printf("%.9g %.6g\n", seconds, loss);
    fflush(stdout);
}

static inline void *allocate(size_t bytes)
{
    void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!memory)
        give_up("out of memory");
    return memset(memory, 0, bytes);
}

/* A 32-bit linear congruential generator (D. E. Knuth, TAOCP 2, 3.3.4, line 16), of which the upper bits are used. */
static inline uint32_t random_bits(uint32_t *state)
{
    return *state = *state * 1664525U + 1013904223U;
}

static inline float random_share(uint32_t *state)
{
    return (float)(random_bits(state) >> 8) / 16777216.0F;
}

static inline uint32_t random_index(uint32_t *state, uint32_t n)
{
    return (uint32_t)((uint64_t)random_bits(state) * n >> 32);
}

/* About normal: twelve uniform ones have variance 1 together. */
static inline float random_normal(uint32_t *state)
{
    float sum = -6;
    for (int i = 0; i < 12; i++)
        sum += random_share(state);
    return sum;
}

static inline void shuffle(uint32_t *order, uint32_t n, uint32_t *state)
{
    for (uint32_t i = n - 1; i > 0; i--) {
        const uint32_t j = random_index(state, i + 1), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

static inline FILE *data_open(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        give_up("the data are not there: run bench_data first");
    return file;
}

struct points {
    float x[POINTS], y[POINTS];
    int label[POINTS];
};

static inline void points_read(struct points *points, const char *folder)
{
    FILE *file = data_open(folder, "spirals.csv");
    if (fscanf(file, "%*[^\n]") != 0)
        give_up("spirals.csv has no head");
    for (int i = 0; i < POINTS; i++)
        if (fscanf(file, "%f,%f,%d", &points->x[i], &points->y[i], &points->label[i]) != 3)
            give_up("spirals.csv is too short");
    fclose(file);
}

struct pictures {
    float *x; /* [ROWS][PIXELS] in 0..1 */
    unsigned char *label;
};

static inline void pictures_read(struct pictures *pictures, const char *folder)
{
    enum { IMAGE_HEAD = 16, LABEL_HEAD = 8, VALUES = ROWS * PIXELS };
    unsigned char *bytes = allocate(VALUES), head[IMAGE_HEAD];
    pictures->x = allocate(VALUES * sizeof *pictures->x);
    pictures->label = allocate(ROWS);
    FILE *images = data_open(folder, "images.idx"), *labels = data_open(folder, "labels.idx");
    if (fread(head, 1, IMAGE_HEAD, images) != IMAGE_HEAD || fread(bytes, 1, VALUES, images) != VALUES ||
        fread(head, 1, LABEL_HEAD, labels) != LABEL_HEAD || fread(pictures->label, 1, ROWS, labels) != ROWS)
        give_up("the pictures are too short");
    for (size_t i = 0; i < VALUES; i++)
        pictures->x[i] = (float)bytes[i] / 255.0F;
    fclose(images);
    fclose(labels);
    free(bytes);
}

#endif
