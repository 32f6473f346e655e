/* Densities and counts of connections: a layer of density d has round(d x all) of all the connections it could have, at least one. */
#ifndef NEL_MOLECULE_DENSITY_H
#define NEL_MOLECULE_DENSITY_H

#include <stdint.h>

uint64_t density_count(double density, uint64_t all);
/* The density with the fewest digits that means this count; 1 where it is all of them. */
double density_of_count(uint64_t count, uint64_t all);
/* The fewest connections that a density can mean. */
uint64_t density_least_count(uint64_t all);
/* `density` times `factor` as it is told to people, to four digits; never below the least there is. */
double density_scaled(double density, double factor);

#endif
