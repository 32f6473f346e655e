/* See density.h. */
#include "molecule/density.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "molecule/trait.h"

static double least_density(void)
{
    return trait_find(STR("density"))->low;
}

/* Densities are told to people: four digits are more than enough to tell a layer's count of connections. The least that a layer can
   have leaves it one. */
static double rounded(double density)
{
    if (!(density > least_density()))
        return least_density();
    double unit = pow(10, ceil(log10(density)) - 4);
    double whole = round(density / unit);
    return unit < 1 ? whole / round(1 / unit) : whole * unit;
}

uint64_t density_count(double density, uint64_t all)
{
    return density < 1 ? (uint64_t)fmax(1, round(density * (double)all)) : all;
}

double density_of_count(uint64_t count, uint64_t all)
{
    if (count >= all)
        return 1;
    const double share = (double)count / (double)all;
    if (share <= least_density())
        return least_density();
    char text[32];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, share);
        const double density = strtod(text, NULL);
        if (density < 1 && density_count(density, all) == count)
            return density;
    }
    return share;
}

uint64_t density_least_count(uint64_t all)
{
    return density_count(least_density(), all);
}

double density_scaled(double density, double factor)
{
    return rounded(density * factor);
}
