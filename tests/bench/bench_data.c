/* bench_data FOLDER: writes the data that every side of a comparison reads.

     xor.csv                   the four cases of XOR: a, b, class
     spirals.csv               200 points on two arms: x, y, class
     images.idx, labels.idx    60,000 pictures of 28 x 28 normal values in a byte each, in ten classes; each class moves the values by
                               three tenths of their deviation in a pattern of its own, so that there is something to learn */
#include "common.h"

static FILE *create(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        give_up("the folder cannot be written");
    return file;
}

static void finish(FILE *file)
{
    const int bad = ferror(file);
    if (fclose(file) != 0 || bad)
        give_up("the data cannot be written");
}

static void put_number(FILE *file, uint32_t n)
{
    const unsigned char bytes[] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};
    fwrite(bytes, 1, sizeof bytes, file);
}

static void write_xor(const char *folder)
{
    FILE *file = create(folder, "xor.csv");
    fprintf(file, "a,b,class\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n");
    finish(file);
}

static void write_points(const char *folder)
{
    FILE *file = create(folder, "spirals.csv");
    uint32_t state = 1;
    fprintf(file, "x,y,class\n");
    for (int i = 0; i < POINTS; i++) {
        const double turn = 3 * M_PI * sqrt((double)random_share(&state)), side = i % 2 ? -1 : 1;
        fprintf(file, "%.6f,%.6f,%d\n", side * turn * cos(turn) / 10, side * turn * sin(turn) / 10, i % 2);
    }
    finish(file);
}

static void write_pictures(const char *folder)
{
    enum { SIDE = 28, MAGIC_IMAGES = 0x803, MAGIC_LABELS = 0x801 };
    static float pattern[CLASSES][PIXELS];
    FILE *images = create(folder, "images.idx"), *labels = create(folder, "labels.idx");
    uint32_t state = 2;
    for (int i = 0; i < CLASSES * PIXELS; i++)
        pattern[i / PIXELS][i % PIXELS] = random_normal(&state);
    put_number(images, MAGIC_IMAGES);
    put_number(images, ROWS);
    put_number(images, SIDE);
    put_number(images, SIDE);
    put_number(labels, MAGIC_LABELS);
    put_number(labels, ROWS);
    for (int row = 0; row < ROWS; row++) {
        const uint32_t label = random_index(&state, CLASSES);
        putc((int)label, labels);
        for (int i = 0; i < PIXELS; i++) {
            const float value = 127.5F + 42 * (random_normal(&state) + 0.3F * pattern[label][i]);
            putc(value < 0 ? 0 : value > 255 ? 255 : (int)value, images);
        }
    }
    finish(images);
    finish(labels);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        give_up("usage: bench_data FOLDER");
    write_xor(argv[1]);
    write_points(argv[1]);
    write_pictures(argv[1]);
    return 0;
}
