/* What the files of the public library share: the session and the value behind the opaque types of nel.h, and the frame of every call.

   A session has one lock, which a call holds from its beginning to its end; the state's own lock below it is the interpreter's, which
   lets go of it around trainings. Values are counted by handle: each handle retains one value of the language and one reference to its
   session. Letting a value go needs the session's lock, which a training may hold for hours; so nel_release puts the handle on a list,
   and whoever has the lock, or next gets it, takes the list apart (session_tidy). */
#ifndef NEL_API_API_H
#define NEL_API_API_H

#include <pthread.h>

#include "api/nel.h"
#include "library/session.h"

struct bound_name; /* a name that the program bound; scripts' names live in their sources, these here */

struct nel_session {
    struct nel_state state;
    pthread_mutex_t lock;
    atomic_long references;        /* whoever opened it, and every handle */
    _Atomic(nel_value *) released; /* handles that are given back and not yet taken apart */
    atomic_ulong cancels;          /* how often it was cancelled: a call may end after nel_resume */
    struct bound_name *names;
    nel_output *write;
    void *write_context;
    nel_report *report;
    void *report_context;
};

struct nel_value {
    nel_session *session; /* NULL: one of the failures below, which nobody owns */
    atomic_long references;
    nel_value *next; /* on the session's list of released ones */
    nel_status status;
    struct value value; /* retained */
    struct diags diags;
    nel_diagnostic *diagnostics; /* views of `diags` */
    size_t diagnostic_count;
    struct text rendered;
    struct text printed, shown; /* made when they are asked for */
};

/* Failures that need no memory and no session. */
extern nel_value failure_out_of_memory, failure_null, failure_foreign, failure_sink;

/* ---- sessions (session.c) ---- */

void session_retain(nel_session *session);
void session_drop(nel_session *session); /* frees it with the last reference */
/* Takes apart the handles that were given back, unless somebody has the lock: then he will. Not with the lock held. */
void session_tidy(nel_session *session);
/* Whether this thread is inside one of the session's sinks: whatever needs its lock would wait for itself. */
bool session_in_sink(const nel_session *session);
/* A copy of a name, NUL-terminated, that lives as long as the session, the same for equal names; "" where memory is exhausted. */
struct str session_name(nel_session *session, const char *name);

/* ---- calls (call.c) ---- */

/* One call of the program's: begun, filled, ended. */
struct work {
    nel_session *session;
    struct diags diags;
    struct eval eval;
    nel_value *refused;    /* what the caller gets where it did not begin */
    bool stoppable;        /* nel_cancel ends it */
    bool late;             /* it had been cancelled before this began */
    unsigned long cancels; /* the session's, when it began */
};

/* What kind of call it is: one that reads or makes values goes on after nel_cancel. */
enum work_kind { WORK_PLAIN, WORK_STOPPABLE };

/* Locks the session and begins an evaluation. False where the call is refused; then `return work.refused`. */
bool work_begin(struct work *work, nel_session *session, enum work_kind kind);
/* Ends it and gives its outcome as a handle: the value, or a failure where it failed. */
nel_value *work_end(struct work *work, struct value value);
/* Ends work that gives no value. */
void work_close(struct work *work);

/* The first of the values that stands in the way of a call on `session`: a failure, NULL, or another session's; retained. NULL where
   none does. */
nel_value *values_unfit(const nel_session *session, nel_value *const *values, size_t count);
nel_value *handle_retain(nel_value *value);

/* An error of the call itself; VALUE_FAILED. */
#define work_error(work, ...) eval_error(&(work)->eval, SPAN_NONE, __VA_ARGS__)

/* Whether a text is whole UTF-8; a diagnostic where not. */
bool work_utf8(struct work *work, struct str text);

#endif
