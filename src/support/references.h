/* Reference counts that several threads may change at once: trainings on worker threads share data sets, recipes and plans, and copy
   molecules without the lock of the state. */
#ifndef NEL_SUPPORT_REFERENCES_H
#define NEL_SUPPORT_REFERENCES_H

#include <stdbool.h>

static inline void references_add(int *references)
{
    __atomic_add_fetch(references, 1, __ATOMIC_RELAXED);
}

/* True where this was the last one: the caller frees. */
static inline bool references_drop(int *references)
{
    return __atomic_sub_fetch(references, 1, __ATOMIC_ACQ_REL) == 0;
}

#endif
