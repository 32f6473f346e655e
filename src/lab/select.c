/* The order of merit and draws from it. Everything is a function of the members and of the random stream, so that an evolution does not
   depend on who trained first. */
#include "lab/select.h"

#include <math.h>
#include <stdlib.h>

#include "support/memory.h"

struct rank_key {
    double fitness;
    uint32_t member;
};

bool ranking_init(struct ranking *ranking, uint32_t most)
{
    *ranking = (struct ranking){.most = most};
    ranking->order = mem_array(most, sizeof *ranking->order);
    ranking->place = mem_array(most, sizeof *ranking->place);
    ranking->front = mem_array(most, sizeof *ranking->front);
    ranking->crowding = mem_array(most, sizeof *ranking->crowding);
    ranking->fitness = mem_array(most, sizeof *ranking->fitness);
    ranking->keys = mem_array(2 * (size_t)most, sizeof *ranking->keys);
    return ranking->order && ranking->place && ranking->front && ranking->crowding && ranking->fitness && ranking->keys;
}

void ranking_release(struct ranking *ranking)
{
    mem_free(ranking->order);
    mem_free(ranking->place);
    mem_free(ranking->front);
    mem_free(ranking->crowding);
    mem_free(ranking->fitness);
    mem_free(ranking->keys);
}

/* ---- one objective ---- */

static int by_age(const struct merit *a, const struct merit *b)
{
    if (a->params != b->params)
        return a->params < b->params ? -1 : 1;
    return a->age < b->age ? -1 : a->age > b->age;
}

/* Whether `a` comes before `b`. */
static inline bool fitter(const struct merit *merits, const struct rank_key *a, const struct rank_key *b)
{
    return a->fitness != b->fitness ? a->fitness > b->fitness : by_age(&merits[a->member], &merits[b->member]) < 0;
}

/* Merges runs of `from` of `length` each into `to`. */
static void merge_runs(const struct merit *merits, const struct rank_key *from, struct rank_key *to, uint32_t count,
                       uint32_t length)
{
    for (uint32_t start = 0; start < count; start += 2 * length) {
        const uint32_t middle = count - start < length ? count : start + length;
        const uint32_t end = count - middle < length ? count : middle + length;
        for (uint32_t i = start, k = middle, at = start; at < end; at++)
            to[at] = k >= end || (i < middle && !fitter(merits, &from[k], &from[i])) ? from[i++] : from[k++];
    }
}

/* Each generation is sorted once: a merge sort from below, of keys and without calls, takes a third of what qsort does. */
static void sort_by_fitness(struct ranking *ranking)
{
    struct rank_key *from = ranking->keys, *to = from + ranking->most;
    for (uint32_t i = 0; i < ranking->count; i++)
        from[i] = (struct rank_key){ranking->merits[i].objectives[0], i};
    for (uint32_t length = 1; length < ranking->count; length *= 2) {
        merge_runs(ranking->merits, from, to, ranking->count, length);
        struct rank_key *sorted = to;
        to = from;
        from = sorted;
    }
    for (uint32_t i = 0; i < ranking->count; i++)
        ranking->order[i] = from[i].member;
}

/* ---- several ---- */

/* Whether `a` is at least as good in every objective and better in one. */
static bool dominates(const struct merit *a, const struct merit *b, uint32_t objectives)
{
    bool better = false;
    for (uint32_t i = 0; i < objectives; i++) {
        if (a->objectives[i] < b->objectives[i])
            return false;
        better = better || a->objectives[i] > b->objectives[i];
    }
    return better;
}

/* Lexicographic, so that nobody is dominated by one who comes later. */
static int by_objectives(const void *a, const void *b, void *context)
{
    const struct ranking *ranking = context;
    const struct merit *left = &ranking->merits[*(const uint32_t *)a], *right = &ranking->merits[*(const uint32_t *)b];
    for (uint32_t i = 0; i < ranking->objectives; i++)
        if (left->objectives[i] != right->objectives[i])
            return left->objectives[i] > right->objectives[i] ? -1 : 1;
    return by_age(left, right);
}

/* Gives each member the first front in which nobody dominates it (efficient non-dominated sort: Zhang, Tian, Cheng and Jin 2015). */
static void find_fronts(struct ranking *ranking)
{
    qsort_r(ranking->order, ranking->count, sizeof *ranking->order, by_objectives, ranking);
    for (uint32_t i = 0; i < ranking->count; i++) {
        const uint32_t member = ranking->order[i];
        uint32_t front = 0;
        for (uint32_t k = 0; k < i; k++) { /* a dominator's front is below: the last one met decides */
            const uint32_t other = ranking->order[k];
            if (ranking->front[other] >= front && dominates(&ranking->merits[other], &ranking->merits[member], ranking->objectives))
                front = ranking->front[other] + 1;
        }
        ranking->front[member] = front;
    }
}

struct by_objective {
    const struct ranking *ranking;
    uint32_t objective;
};

static int by_front_and_objective(const void *a, const void *b, void *context)
{
    const struct by_objective *by = context;
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    const struct merit *merits = by->ranking->merits;
    if (by->ranking->front[left] != by->ranking->front[right])
        return by->ranking->front[left] < by->ranking->front[right] ? -1 : 1;
    const double x = merits[left].objectives[by->objective], y = merits[right].objectives[by->objective];
    return x != y ? (x > y ? -1 : 1) : by_age(&merits[left], &merits[right]);
}

/* Members `from` to `to` of the order are one front, sorted by an objective: each gets the distance of its neighbours. */
static void crowd(struct ranking *ranking, uint32_t from, uint32_t to, uint32_t objective)
{
    const struct merit *merits = ranking->merits;
    const uint32_t *order = ranking->order;
    const double range = merits[order[from]].objectives[objective] - merits[order[to - 1]].objectives[objective];
    ranking->crowding[order[from]] = ranking->crowding[order[to - 1]] = INFINITY;
    for (uint32_t i = from + 1; range > 0 && isfinite(range) && i + 1 < to; i++)
        ranking->crowding[order[i]] +=
            (merits[order[i - 1]].objectives[objective] - merits[order[i + 1]].objectives[objective]) / range;
}

static void find_crowding(struct ranking *ranking)
{
    for (uint32_t i = 0; i < ranking->count; i++)
        ranking->crowding[i] = 0;
    for (uint32_t objective = 0; objective < ranking->objectives; objective++) {
        struct by_objective by = {ranking, objective};
        qsort_r(ranking->order, ranking->count, sizeof *ranking->order, by_front_and_objective, &by);
        for (uint32_t from = 0, to; from < ranking->count; from = to) {
            to = from + 1;
            while (to < ranking->count && ranking->front[ranking->order[to]] == ranking->front[ranking->order[from]])
                to++;
            crowd(ranking, from, to, objective);
        }
    }
}

static int by_front_and_crowding(const void *a, const void *b, void *context)
{
    const struct ranking *ranking = context;
    const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    if (ranking->front[left] != ranking->front[right])
        return ranking->front[left] < ranking->front[right] ? -1 : 1;
    if (ranking->crowding[left] != ranking->crowding[right])
        return ranking->crowding[left] > ranking->crowding[right] ? -1 : 1;
    return by_age(&ranking->merits[left], &ranking->merits[right]);
}

static void put_in_order(struct ranking *ranking)
{
    for (uint32_t i = 0; i < ranking->count; i++)
        ranking->order[i] = i;
    if (ranking->objectives > 1) {
        find_fronts(ranking);
        find_crowding(ranking);
        qsort_r(ranking->order, ranking->count, sizeof *ranking->order, by_front_and_crowding, ranking);
    } else {
        sort_by_fitness(ranking);
    }
    for (uint32_t i = 0; i < ranking->count; i++)
        ranking->place[ranking->order[i]] = i;
}

static void ranking_fill(struct ranking *ranking, const struct merit *merits, uint32_t count, uint32_t objectives, bool ordered)
{
    ranking->merits = merits;
    ranking->count = count;
    ranking->objectives = objectives;
    ranking->ordered = ordered;
    for (uint32_t i = 0; i < count && objectives == 1; i++) {
        ranking->front[i] = 0;
        ranking->fitness[i] = merits[i].objectives[0];
    }
    if (ordered)
        put_in_order(ranking);
}

void ranking_make(struct ranking *ranking, const struct merit *merits, uint32_t count, uint32_t objectives)
{
    ranking_fill(ranking, merits, count, objectives, true);
}

void ranking_make_for(struct ranking *ranking, const struct merit *merits, uint32_t count, uint32_t objectives,
                      enum selection_kind kind)
{
    const bool compares = kind == SELECT_TOURNAMENT || kind == SELECT_AGING || kind == SELECT_RANDOM;
    ranking_fill(ranking, merits, count, objectives, objectives > 1 || !compares);
}

/* ---- parents ---- */

/* Whether member `a` comes before member `b`. */
static bool comes_before(const struct ranking *ranking, uint32_t a, uint32_t b)
{
    if (ranking->ordered)
        return ranking->place[a] < ranking->place[b];
    const double left = ranking->fitness[a], right = ranking->fitness[b];
    return left > right || (left == right && by_age(&ranking->merits[a], &ranking->merits[b]) < 0);
}

static uint32_t fittest_of(const struct ranking *ranking, uint32_t size, struct random *random)
{
    uint32_t winner = random_below(random, ranking->count);
    for (uint32_t i = 1; i < size; i++) {
        const uint32_t rival = random_below(random, ranking->count);
        winner = comes_before(ranking, rival, winner) ? rival : winner;
    }
    return winner;
}

/* The member at place i expects s - 2 (s - 1) i / (n - 1) children: the distribution is turned round, sqrt and all. */
static uint32_t by_rank(const struct ranking *ranking, double pressure, struct random *random)
{
    const double n = ranking->count, u = random_unit(random);
    double at = u; /* of the way through the order */
    if (pressure > 1 + 1e-9)
        at = (pressure - sqrt(pressure * pressure - 4 * (pressure - 1) * u)) / (2 * (pressure - 1));
    return ranking->order[(uint32_t)fmin(floor(at * n), n - 1)];
}

uint32_t select_parent(const struct ranking *ranking, const struct selection *selection, struct random *random)
{
    switch (selection->kind) {
    case SELECT_TOURNAMENT:
    case SELECT_AGING:
        return fittest_of(ranking, selection->size, random);
    case SELECT_NSGA2:
        return fittest_of(ranking, 2, random);
    case SELECT_RANK:
        return by_rank(ranking, selection->pressure, random);
    case SELECT_TRUNCATION:
        return ranking->order[random_below(random, (uint32_t)fmax(1, floor(selection->share * ranking->count)))];
    case SELECT_RANDOM:
        return random_below(random, ranking->count);
    case SELECT_CLIMB:
        break;
    }
    return ranking->order[0];
}
