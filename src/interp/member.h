/* Tables of members, one a kind of value: what member.c and the files with the getters share. */
#ifndef NEL_INTERP_MEMBER_H
#define NEL_INTERP_MEMBER_H

#include "interp/objects.h"

/* One member; several share a getter, which is given the name. Tables end with a NULL name. */
struct member {
    const char *name;
    struct value (*get)(struct eval *eval, struct value self, struct str name, struct span span);
    enum value_kind gives; /* what it is in `nel check`, where `self` is not known; VALUE_FAILED: that depends */
    const char *doc;       /* for the manual */
};

/* For getters of a single member. */
#define UNUSED_NAME_SPAN ((void)name, (void)span)

/* In tables: a member of one kind. */
#define MEMBER(name, get, gives, doc)                                                                                              \
    {                                                                                                                              \
        name, get, VALUE_##gives, doc                                                                                              \
    }

struct value member_text(struct eval *eval, const char *text); /* none for NULL */
struct value member_name(struct string *name);                 /* none for NULL */
struct value member_dna(struct eval *eval, const struct molecule *molecule);

/* member_result.c */
extern const struct member run_members[], runs_members[], grown_members[], evolution_members[], model_members[];

#endif
