#include "engine/reference.h"

#include <math.h>

#include "engine/loss_kernel.h"
#include "engine/ops.h"
#include "engine/simd.h"
#include "support/memory.h"

#define REAL           double
#define NAME(function) function##_double
#include "engine/reference.inc"
#undef REAL
#undef NAME

#define REAL           float
#define NAME(function) function##_float
#include "engine/reference.inc"
