/* Sessions: opened, set, cancelled, closed; their sinks. */
#include <string.h>

#include "api/api.h"
#include "support/limits.h"
#include "support/memory.h"

/* The greatest whole number that a double holds without gaps. */
#define SEED_MOST (UINT64_C(1) << 53)

struct bound_name {
    struct bound_name *next;
    struct str name;
    char at[];
};

int nel_abi(void)
{
    return NEL_ABI;
}

const char *nel_version(void)
{
    return NEL_VERSION;
}

/* ---- sinks ---- */

/* The sinks that run on this thread, innermost first. */
struct sink_call {
    const nel_session *session;
    const struct sink_call *outer;
};
static _Thread_local const struct sink_call *sinks;

bool session_in_sink(const nel_session *session)
{
    for (const struct sink_call *call = sinks; call; call = call->outer)
        if (call->session == session)
            return true;
    return false;
}

/* A sink is the program's: it sees the program's locale. */
static locale_t sink_enter(struct sink_call *call, const nel_session *session)
{
    *call = (struct sink_call){session, sinks};
    sinks = call;
    return uselocale(LC_GLOBAL_LOCALE);
}

static void sink_leave(const struct sink_call *call, locale_t locale)
{
    uselocale(locale);
    sinks = call->outer;
}

static void pass_output(void *context, struct str text)
{
    nel_session *session = context;
    if (!session->write)
        return;
    struct sink_call call;
    locale_t locale = sink_enter(&call, session);
    session->write(session->write_context, text.at, text.len);
    sink_leave(&call, locale);
}

static void pass_progress(void *context, const struct progress_event *event)
{
    nel_session *session = context;
    if (!session->report)
        return;
    nel_progress progress = {event->what, event->done, event->total, event->seconds, event->loss, event->accuracy, event->finished};
    struct sink_call call;
    locale_t locale = sink_enter(&call, session);
    session->report(session->report_context, &progress);
    sink_leave(&call, locale);
}

/* ---- life ---- */

static void session_free(nel_session *session)
{
    for (size_t i = 0; i < session->state.setting_count; i++)
        mem_free((void *)session->state.settings[i]);
    mem_free((void *)session->state.settings);
    state_close(&session->state);
    while (session->names) {
        struct bound_name *name = session->names;
        session->names = name->next;
        mem_free(name);
    }
    pthread_mutex_destroy(&session->lock);
    mem_free(session);
}

nel_session *nel_open(void)
{
    nel_session *session = mem_alloc(sizeof *session);
    if (!session)
        return NULL;
    struct diags diags = {0};
    bool well = state_open(&session->state, &diags);
    diags_release(&diags); /* the standard library is sound, so memory or stack was short */
    pthread_mutex_init(&session->lock, NULL);
    atomic_init(&session->references, 1);
    atomic_init(&session->released, NULL);
    atomic_init(&session->cancels, 0);
    session->state.output = (struct output){.write = pass_output, .context = session};
    session->state.progress.report = pass_progress;
    session->state.progress.context = session;
    session->state.settings_optional = true;
    if (well)
        return session;
    session_free(session);
    return NULL;
}

void session_retain(nel_session *session)
{
    atomic_fetch_add(&session->references, 1);
}

void session_drop(nel_session *session)
{
    if (atomic_fetch_sub(&session->references, 1) == 1)
        session_free(session);
}

static void take_apart(nel_value *value)
{
    value_release(value->value);
    mem_free(value->diagnostics);
    diags_release(&value->diags);
    text_release(&value->rendered);
    text_release(&value->printed);
    text_release(&value->shown);
    mem_free(value);
}

void session_tidy(nel_session *session)
{
    while (atomic_load(&session->released) && pthread_mutex_trylock(&session->lock) == 0) {
        nel_value *list = atomic_exchange(&session->released, NULL);
        long count = 0;
        while (list) {
            nel_value *value = list;
            list = value->next;
            take_apart(value);
            count++;
        }
        pthread_mutex_unlock(&session->lock);
        atomic_fetch_sub(&session->references, count); /* never the last: the caller has one */
    }
}

void nel_close(nel_session *session)
{
    if (!session)
        return;
    session_tidy(session);
    session_drop(session);
}

struct str session_name(nel_session *session, const char *name)
{
    for (struct bound_name *known = session->names; known; known = known->next)
        if (str_is(known->name, name))
            return known->name;
    size_t length = strlen(name);
    struct bound_name *bound = mem_alloc(sizeof *bound + length + 1);
    if (!bound)
        return STR("");
    memcpy(bound->at, name, length);
    bound->name = (struct str){bound->at, length};
    bound->next = session->names;
    session->names = bound;
    return bound->name;
}

/* ---- settings ---- */

/* The lock alone: settings need no evaluation. */
static bool settings_begin(nel_session *session)
{
    if (!session || session_in_sink(session))
        return false;
    pthread_mutex_lock(&session->lock);
    return true;
}

static nel_status settings_end(nel_session *session, nel_status status)
{
    pthread_mutex_unlock(&session->lock);
    session_tidy(session);
    return status;
}

nel_status nel_set_seed(nel_session *session, uint64_t seed)
{
    if (seed > SEED_MOST || !settings_begin(session))
        return NEL_MISUSE;
    session->state.seed = seed;
    return settings_end(session, NEL_OK);
}

nel_status nel_set_threads(nel_session *session, unsigned threads)
{
    if (threads > LIMIT_THREADS || !settings_begin(session))
        return NEL_MISUSE;
    session->state.threads = threads;
    return settings_end(session, NEL_OK);
}

nel_status nel_set_style(nel_session *session, bool colour, bool unicode, unsigned columns)
{
    if (!settings_begin(session))
        return NEL_MISUSE;
    session->state.output.colour = colour;
    session->state.output.unicode = unicode;
    session->state.output.columns = columns;
    return settings_end(session, NEL_OK);
}

nel_status nel_set_output(nel_session *session, nel_output *write, void *context)
{
    if (!settings_begin(session))
        return NEL_MISUSE;
    session->write = write;
    session->write_context = context;
    return settings_end(session, NEL_OK);
}

nel_status nel_set_progress(nel_session *session, nel_report *report, void *context)
{
    if (!settings_begin(session))
        return NEL_MISUSE;
    session->report = report;
    session->report_context = context;
    return settings_end(session, NEL_OK);
}

/* The place of a setting among the state's pairs, their end where it is new. */
static size_t setting_place(const struct nel_state *state, const char *name)
{
    size_t at = 0;
    while (at < state->setting_count && strcmp(state->settings[at], name) != 0)
        at += 2;
    return at;
}

static void setting_remove(struct nel_state *state, const char **pairs, size_t at)
{
    if (at == state->setting_count)
        return;
    mem_free((void *)pairs[at]);
    mem_free((void *)pairs[at + 1]);
    state->setting_count -= 2;
    memmove(pairs + at, pairs + at + 2, (state->setting_count - at) * sizeof *pairs);
}

static nel_status setting_put(struct nel_state *state, const char *name, const char *text)
{
    const char **pairs = (const char **)state->settings;
    size_t at = setting_place(state, name);
    if (!text)
        return setting_remove(state, pairs, at), NEL_OK;
    char *key = mem_copy_text(name, strlen(name)), *value = mem_copy_text(text, strlen(text));
    const char **grown = key && value ? mem_resize(pairs, state->setting_count + 2, sizeof *pairs) : NULL;
    if (!grown) {
        mem_free(key);
        mem_free(value);
        return NEL_OUT_OF_MEMORY;
    }
    state->settings = grown;
    setting_remove(state, grown, at);
    grown[state->setting_count++] = key;
    grown[state->setting_count++] = value;
    return NEL_OK;
}

nel_status nel_set_param(nel_session *session, const char *name, const char *text)
{
    if (!name || !settings_begin(session))
        return NEL_MISUSE;
    return settings_end(session, setting_put(&session->state, name, text));
}

void nel_cancel(nel_session *session)
{
    if (!session)
        return;
    atomic_fetch_add(&session->cancels, 1);
    atomic_store(&session->state.cancel, true);
}

void nel_resume(nel_session *session)
{
    if (session)
        state_resume(&session->state);
}
