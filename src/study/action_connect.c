/* Actions on connections: engine/connect.h in the words of policies. */
#include "engine/connect.h"
#include "study/action.h"

struct molecule *act_prune(const struct acting *acting)
{
    return connections_prune(acting->molecule, acting->gene, spec_number(acting->action, "share"), acting->eval->diags);
}

struct molecule *act_regrow(const struct acting *acting)
{
    return connections_regrow(acting->molecule, acting->gene, spec_number(acting->action, "share"), NULL, NULL, acting->random,
                              acting->eval->diags);
}
