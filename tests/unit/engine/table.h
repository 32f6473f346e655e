/* The periodic table of a group of tests, made before the first and released behind the last. */
#ifndef NEL_TESTS_ENGINE_TABLE_H
#define NEL_TESTS_ENGINE_TABLE_H

#include "fixture.h"

static struct elements elements;

static int setup(void **state)
{
    (void)state;
    elements = fixture_elements();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    elements_release(&elements);
    return 0;
}

#endif
