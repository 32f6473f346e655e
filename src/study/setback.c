/* See setback.h. */
#include "study/setback.h"

bool setback_take(struct setback *setback, struct eval *eval, struct diags *told)
{
    if (told->out_of_memory || progress_cancelled(&eval->state->progress))
        return false;
    if (setback->count++ == 0)
        diags_move(&setback->first, told);
    diags_release(told);
    return true;
}

void setback_tell(struct setback *setback, struct eval *eval, struct span span, const char *what, const char *help)
{
    struct diag *diag = diag_warning(eval->diags, span, "%s", what);
    for (size_t i = 0; i < setback->first.count; i++)
        if (setback->first.at[i].severity == DIAG_ERROR) {
            diag_label(diag, setback->first.at[i].span, "%s", setback->first.at[i].message);
            break;
        }
    diag_help(diag, "%s", help);
}

void setback_release(struct setback *setback)
{
    diags_release(&setback->first);
}
