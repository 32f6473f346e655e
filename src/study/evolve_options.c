/* What `evolve` is told of who has children. */
#include "study/evolve_options.h"

#include <math.h>

#include "interp/place.h"
#include "interp/unknown.h"
#include "support/limits.h"
#include "support/memory.h"
#include "support/suggest.h"

bool evolve_read_selection(struct eval *eval, const struct options *options, const struct fitness *fitness,
                           struct evolve_options *made)
{
    static const struct {
        const char *name;
        enum selection_kind kind;
    } kinds[] = {{"tournament", SELECT_TOURNAMENT}, {"rank", SELECT_RANK},   {"truncation", SELECT_TRUNCATION},
                 {"nsga2", SELECT_NSGA2},           {"aging", SELECT_AGING}, {"random_search", SELECT_RANDOM},
                 {"hill_climbing", SELECT_CLIMB}};
    const struct span span = option_span(options, "select");
    struct value select = option_value(options, "select");
    if (fitness->objectives && !option_given(options, "select"))
        select = frame_find_here(eval->state->builtins, STR("nsga2"))->value;
    if (select.kind == VALUE_UNKNOWN && (select.of == VALUE_SPEC || select.of == VALUE_UNKNOWN))
        select = frame_find_here(eval->state->builtins, STR("tournament"))->value; /* nel check */
    const struct spec *spec = spec_of(eval, select, "selection", span);
    for (size_t i = 0; spec && i < sizeof kinds / sizeof *kinds; i++)
        if (str_is(spec->name, kinds[i].name))
            made->select.kind = kinds[i].kind;
    if (!spec)
        return false;
    if (made->select.kind == SELECT_NSGA2 && !fitness->objectives) {
        eval_error_help(eval, span, "such as `objectives: { accuracy: max, params: min }`",
                        "`nsga2` weighs objectives against each other, and there are none");
        return false;
    }
    made->select.size = (uint32_t)fmin(UINT32_MAX, spec_number(spec, made->select.kind == SELECT_AGING ? "sample" : "size"));
    made->select.batch = (uint32_t)fmin(UINT32_MAX, spec_number(spec, "batch"));
    made->select.share = spec_number(spec, "share");
    made->select.pressure = spec_number(spec, "pressure");
    if (made->select.kind != SELECT_RANK || (made->select.pressure >= 1 && made->select.pressure <= 2))
        return true;
    eval_error_help(eval, span, "at 1 all have the same chance, at 2 the last has none", "`pressure` is from 1 to 2");
    return false;
}
