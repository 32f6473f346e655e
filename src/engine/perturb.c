/* Normal deviates by the method of Box and Muller ("A note on the generation of random normal deviates", 1958), thirty-two at a time: a word
   for the length and one for the angle, twenty-four bits of each, give two deviates; the eight bits that are left tell whether a weight is
   put anew. */
#include "engine/perturb.h"

#include <math.h>
#include <string.h>

#include "engine/simd.h"
#include "engine/vecmath.h"

/* Of 256: one in ten. */
enum { ANEW = 26, WORDS = 2 * LANES };

/* Deviates, and by weight 1 where it is moved and 0 where it is put anew. */
struct moves {
    lanes deviate[2], keep[2];
};

INLINE void draw(const uint32_t *words, struct moves *moves)
{
    const float unit = 0x1p-24F, two_pi = 6.28318531F;
    lanes first, second, keep_first, keep_second;
    for (int i = 0; i < LANES; i++) {
        const uint32_t a = words[i], b = words[LANES + i];
        const float u = (float)((int32_t)(a >> 8) + 1) * unit, angle = (float)(int32_t)(b >> 8) * unit * two_pi;
        const float length = __builtin_sqrtf(-2.0F * vec_log(u));
        float sine, cosine;
        vec_sincos(angle, &sine, &cosine);
        const uint32_t anew_first = a & 255U, anew_second = b & 255U;
        first[i] = length * cosine;
        second[i] = length * sine;
        keep_first[i] = anew_first < ANEW ? 0.0F : 1.0F;
        keep_second[i] = anew_second < ANEW ? 0.0F : 1.0F;
    }
    moves->deviate[0] = first;
    moves->deviate[1] = second;
    moves->keep[0] = keep_first;
    moves->keep[1] = keep_second;
}

typedef float loose_lanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

/* Whole lanes. */
KERNEL static void move(const uint32_t *words, float step, const float *from, float *to, size_t count)
{
    struct moves moves;
    draw(words, &moves);
    for (int half = 0; half < 2 && count > half * (size_t)LANES; half++) {
        const lanes keep = moves.keep[half], old = *(const loose_lanes *)(from + half * LANES);
        *(loose_lanes *)(to + half * LANES) = keep * old + (2.0F - keep) * step * moves.deviate[half];
    }
}

/* `count` of them; `room`: so many can be read and written, of which those behind `count` become anything. */
static void perturb(float step, struct random *random, const float *from, float *to, size_t count, size_t room)
{
    for (size_t at = 0; at < count; at += WORDS) {
        const size_t left = count - at < WORDS ? count - at : WORDS;
        const uint32_t *words = random_words(random, WORDS);
        if (at + lanes_round(left) <= room) {
            move(words, step, from + at, to + at, left);
            continue;
        }
        float old[WORDS] = {0}, new[WORDS];
        memcpy(old, from + at, left * sizeof *old);
        move(words, step, old, new, left);
        memcpy(to + at, new, left * sizeof *to);
    }
}

/* Weights of an op lie before its biases, and those of one op before the next one's: neighbours are moved as one run, and what is between
   runs is copied when the run before it is done. */
bool params_perturb(const struct plan *plan, double step, struct random *random, const float *from, float *to)
{
    const size_t room = lanes_round(plan->param_count);
    size_t start = 0, end = 0;
    bool any = false;
    for (uint32_t i = 0; i < plan->op_count; i++) {
        const struct plan_op *op = &plan->ops[i];
        if (op->frozen || op->weights == PLAN_NONE)
            continue;
        any = true;
        const size_t weights = op->kind == PLAN_DENSE || op->kind == PLAN_SPARSE ? op->weight_count : op->width;
        const size_t runs[2][2] = {{op->weights, weights}, {op->bias, op->bias == PLAN_NONE ? 0 : op->width}};
        for (int run = 0; run < 2; run++) {
            if (runs[run][1] == 0)
                continue;
            if (runs[run][0] != end) {
                perturb((float)step, random, from + start, to + start, end - start, room - start);
                start = runs[run][0];
                memcpy(to + end, from + end, (start - end) * sizeof *to);
            }
            end = runs[run][0] + runs[run][1];
        }
    }
    perturb((float)step, random, from + start, to + start, end - start, room - start);
    if (any && end < plan->param_count)
        memcpy(to + end, from + end, (plan->param_count - end) * sizeof *to);
    return any;
}
