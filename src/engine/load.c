#include "engine/load.h"

#include "engine/simd.h"
#include "engine/turn.h"

/* A tile asks memory for the one that comes so many later: with fewer the processor waits, with more its lines have left the first-level
   cache again, since the op reads much in between. */
enum { FETCH = 4 };

/* A row of the data may begin anywhere. */
typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

struct load load_of(const float *x, const uint32_t *rows, uint32_t width, uint32_t count, const float **samples, float *to)
{
    const uint32_t stride = (uint32_t)lanes_round(count);
    for (uint32_t s = 0; s < stride; s++) {
        const size_t sample = s < count ? s : 0;
        samples[s] = x + (rows ? rows[sample] : sample) * width;
    }
    return (struct load){samples, width, count, to, stride, (uint32_t)(lanes_round(width) / LANES), 0};
}

/* The values from `column` on of sixteen samples. */
INLINE void load_tile(const float *const samples[LANES], size_t column, float *to, size_t width, size_t stride)
{
    if (width < LANES) {
        for (size_t f = 0; f < width; f++)
            for (size_t s = 0; s < LANES; s++)
                to[f * stride + s] = samples[s][column + f];
        return;
    }
    lanes tile[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        tile[i] = *(const loose_lanes *)(samples[i] + column);
    turn_sixteen(tile);
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        *(lanes *)(to + i * stride) = tile[i];
}

INLINE void fetch_tile(const float *const samples[LANES], size_t column)
{
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        __builtin_prefetch(samples[i] + column);
}

KERNEL void load_run(const struct load *load, size_t from, size_t to)
{
    const uint32_t across = load->across;
    uint32_t first = (uint32_t)from / across * LANES, column = (uint32_t)from % across;
    for (size_t tile = from; tile < to; tile++) {
        const float *const *samples = load->samples + first;
        const uint32_t later = column + FETCH, left = load->stride - first;
        if (later < across)
            fetch_tile(samples, (size_t)later * LANES);
        else if (left > LANES && later - across < across)
            fetch_tile(samples + LANES, (size_t)(later - across) * LANES);
        const size_t at = (size_t)column * LANES;
        load_tile(samples, at, load->to + at * load->stride + first, load->width - at, load->stride);
        if (++column == across)
            column = 0, first += LANES;
    }
}
