/* The frame of every call: its lock, its diagnostics, and how its outcome becomes a handle. */
#include "api/api.h"

#include "support/memory.h"

/* ---- failures that are always there ---- */

#define FAILURE(state, text)                                                                                                       \
    {                                                                                                                              \
        .status = (state), .value = {.kind = VALUE_FAILED}, .diagnostic_count = 1,                                                 \
        .diagnostics = &(nel_diagnostic){.message = (text), .is_error = true},                                                     \
        .rendered = {.at = (char *)"error: " text "\n", .len = sizeof("error: " text "\n") - 1},                                   \
    }

nel_value failure_out_of_memory = FAILURE(NEL_OUT_OF_MEMORY, "out of memory");
nel_value failure_null = FAILURE(NEL_MISUSE, "a session, a value or an array was NULL");
nel_value failure_foreign = FAILURE(NEL_MISUSE, "a value of one session was given to another");
nel_value failure_sink = FAILURE(NEL_MISUSE, "an output or progress sink called its own session");

/* ---- handles ---- */

nel_value *handle_retain(nel_value *value)
{
    if (value->session)
        atomic_fetch_add(&value->references, 1);
    return value;
}

static nel_value *handle_new(nel_session *session)
{
    nel_value *handle = mem_alloc(sizeof *handle);
    if (!handle)
        return NULL;
    handle->session = session;
    atomic_init(&handle->references, 1);
    session_retain(session);
    return handle;
}

static nel_diagnostic view_of(const struct diag *diag, const struct sources *sources)
{
    nel_diagnostic view = {.message = diag->message, .help = diag->help, .is_error = diag->severity == DIAG_ERROR};
    const struct source *source = sources_get(sources, diag->span.source);
    if (!source)
        return view;
    struct position start = source_position(source, diag->span.start), end = source_position(source, diag->span.end);
    view.file = source->name;
    view.line = start.line;
    view.column = start.column;
    view.end_line = end.line;
    view.end_column = end.column;
    return view;
}

/* Moves what was found into the handle, readable without any lock; false where memory is exhausted. */
static bool handle_take_diags(nel_value *handle, struct diags *diags)
{
    const struct nel_state *state = &handle->session->state;
    handle->diags = *diags;
    *diags = (struct diags){0};
    if (handle->diags.count == 0)
        return true;
    handle->diagnostics = mem_array(handle->diags.count, sizeof *handle->diagnostics);
    if (!handle->diagnostics)
        return false;
    for (size_t i = 0; i < handle->diags.count; i++)
        handle->diagnostics[i] = view_of(&handle->diags.at[i], &state->sources);
    handle->diagnostic_count = handle->diags.count;
    diags_render(&handle->diags, &state->sources, state->output.colour, &handle->rendered);
    return !handle->rendered.failed;
}

void nel_release(nel_value *value)
{
    if (!value || !value->session || atomic_fetch_sub(&value->references, 1) > 1)
        return;
    nel_session *session = value->session;
    session_retain(session); /* so that it lasts until this call is done */
    value->next = atomic_load(&session->released);
    while (!atomic_compare_exchange_weak(&session->released, &value->next, value)) {
        /* another thread released one: `next` is fresh, try again */
    }
    session_tidy(session);
    session_drop(session);
}

/* ---- the values that a call is given ---- */

nel_value *values_unfit(const nel_session *session, nel_value *const *values, size_t count)
{
    if (count > 0 && !values)
        return &failure_null;
    for (size_t i = 0; i < count; i++) {
        if (!values[i])
            return &failure_null;
        if (failed(values[i]->value))
            return handle_retain(values[i]);
        if (values[i]->session != session)
            return &failure_foreign;
    }
    return NULL;
}

bool work_utf8(struct work *work, struct str text)
{
    for (size_t at = 0, length; at < text.len; at += length) {
        length = utf8_length(text.at + at, text.len - at);
        if (length == 0)
            return work_error(work, "byte %zu of this text is not UTF-8", at), false;
    }
    return true;
}

/* ---- begin and end ---- */

bool work_begin(struct work *work, nel_session *session, enum work_kind kind)
{
    *work = (struct work){.session = session, .stoppable = kind == WORK_STOPPABLE};
    work->refused = !session ? &failure_null : session_in_sink(session) ? &failure_sink : NULL;
    if (work->refused)
        return false;
    session_retain(session); /* whatever a sink may do */
    pthread_mutex_lock(&session->lock);
    work->cancels = atomic_load(&session->cancels);
    work->late = progress_cancelled(&session->state.progress);
    if (work->stoppable && work->late)
        diag_error(&work->diags, SPAN_NONE, "the session is cancelled");
    else if (state_begin(&session->state, &work->eval, &work->diags))
        return true;
    work->refused = work_end(work, value_failed());
    return false;
}

void work_close(struct work *work)
{
    if (work->eval.state)
        state_end(&work->eval);
    diags_release(&work->diags);
    pthread_mutex_unlock(&work->session->lock);
    session_tidy(work->session);
    session_drop(work->session);
}

static nel_status status_of(const struct work *work, struct value value)
{
    if (work->stoppable && (work->late || atomic_load(&work->session->cancels) != work->cancels))
        return NEL_CANCELLED;
    if (!failed(value))
        return NEL_OK;
    return work->diags.out_of_memory ? NEL_OUT_OF_MEMORY : NEL_ERROR;
}

nel_value *work_end(struct work *work, struct value value)
{
    nel_value *handle = handle_new(work->session);
    if (handle) {
        handle->status = status_of(work, value);
        handle->value = value_retain(value);
        if (!handle_take_diags(handle, &work->diags)) {
            nel_release(handle);
            handle = NULL;
        }
    }
    work_close(work);
    return handle ? handle : &failure_out_of_memory;
}
