/* How many short strings of DNA are decoded, and how many molecules encoded, a second on one core; beside it cJSON, a careful parser
   of a general notation, reading the same molecules written as JSON. Medians of several runs, by processor time, so that what else
   the machine does counts little.

   dna_bench */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "library/session.h"
#include "molecule/dna.h"

enum { ROUNDS = 20000, RUNS = 9 };

/* About 25 characters each, as people and evolution write them. */
static const struct {
    const char *dna, *json;
} samples[] = {
    {"T16-~Si16*2-(R16|G16)-O3", "[[\"T\",16],[\"~*\",2,[\"Si\",16]],[\"|\",[\"R\",16],[\"G\",16]],[\"O\",3]]"},
    {"T24-~(Si24*2)-(R24|G24)", "[[\"T\",24],[\"~\",[\"*\",2,[\"Si\",24]]],[\"|\",[\"R\",24],[\"G\",24]]]"},
    {"R8:a-T8-(G8+:a)-R4-T4", "[[\"R\",8,\"a\"],[\"T\",8],[\"+\",[\"G\",8],\"a\"],[\"R\",4],[\"T\",4]]"},
    {"I2-R32*3-D%10-Ln-T8-O3", "[[\"I\",2],[\"*\",3,[\"R\",32]],[\"D\",0.1],[\"Ln\"],[\"T\",8],[\"O\",3]]"},
    {"R64%25-Bn-~(R64-R64)-O10", "[[\"R\",64,0.25],[\"Bn\"],[\"~\",[[\"R\",64],[\"R\",64]]],[\"O\",10]]"},
    {"R8[bias=0]-T8[l2=1e-4]-S1", "[[\"R\",8,{\"bias\":0}],[\"T\",8,{\"l2\":1e-4}],[\"S\",1]]"},
    {"((R16-R8)|(T16-T8))-G8", "[[\"|\",[[\"R\",16],[\"R\",8]],[[\"T\",16],[\"T\",8]]],[\"G\",8]]"},
};
enum { SAMPLES = sizeof samples / sizeof *samples };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum task { DECODE, ENCODE, JSON, TASKS };

/* One round over the samples; how many there were. */
static size_t work(enum task task, const struct elements *elements, struct molecule *const *molecules, struct text *out)
{
    size_t done = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct diags diags = {0};
        if (task == DECODE)
            molecule_release(dna_decode(str_of(samples[i].dna), elements, SPAN_NONE, &diags));
        else if (task == ENCODE)
            text_clear(out), dna_encode(molecules[i], out);
        else
            cJSON_Delete(cJSON_Parse(samples[i].json));
        done++;
    }
    return done;
}

int main(void)
{
    static const char *const names[TASKS] = {"decode", "encode", "cJSON, the same as JSON"};
    static struct nel_state state;
    struct diags diags = {0};
    struct molecule *molecules[SAMPLES] = {0};
    struct text out = {0};
    if (!state_open(&state, &diags))
        return 1;
    for (size_t i = 0; i < SAMPLES; i++)
        if (!(molecules[i] = dna_decode(str_of(samples[i].dna), &state.elements, SPAN_NONE, &diags)))
            return fprintf(stderr, "`%s` is no DNA\n", samples[i].dna), 1;
    for (enum task task = 0; task < TASKS; task++) {
        double rates[RUNS];
        for (int run = 0; run < RUNS; run++) {
            size_t done = 0;
            clock_t start = clock();
            for (int round = 0; round < ROUNDS; round++)
                done += work(task, &state.elements, molecules, &out);
            rates[run] = (double)done * CLOCKS_PER_SEC / (double)(clock() - start);
        }
        qsort(rates, RUNS, sizeof *rates, ascending);
        printf("%-24s %6.2f million a second\n", names[task], rates[RUNS / 2] / 1e6);
    }
    for (size_t i = 0; i < SAMPLES; i++)
        molecule_release(molecules[i]);
    text_release(&out);
    diags_release(&diags);
    state_close(&state);
    return 0;
}
