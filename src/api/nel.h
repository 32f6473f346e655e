/* nel.h: the Neural Element Language inside your program. Link with libnel (`pkg-config --libs nel`, or `find_package(nel)`).

   A first program:

       #include <nel.h>
       #include <stdio.h>

       int main(void)
       {
           nel_session *session = nel_open();
           const float x[] = {0, 0, 0, 1, 1, 0, 1, 1};
           const int32_t labels[] = {0, 1, 1, 0};
           nel_value *data = nel_data_classes(session, x, 4, 2, labels, 2);
           nel_value *bound = nel_set(session, "gate", data);
           nel_value *run = nel_evaluate(session, "xor", "train tanh(4) on gate { epochs: 500, optimizer: adam(lr: 0.1) }");
           if (nel_status_of(run) != NEL_OK)
               fputs(nel_rendered(run), stderr);
           float answers[8];
           nel_value *done = nel_predict(run, x, 4, 2, answers, 8);
           if (nel_status_of(done) == NEL_OK)
               printf("1 xor 0: %.0f %%\n", 100 * answers[2 * 2 + 1]);
           nel_release(done);
           nel_release(run);
           nel_release(bound);
           nel_release(data);
           nel_close(session);
       }

   Sessions. A session is one interpreter: its names, its settings, its seed. Sessions know nothing of each other and may run side by
   side in as many threads as you like. One session may be used by several threads: its calls take turns, each as a whole, so a thread
   that asks while another trains waits for it. nel_cancel, nel_resume and nel_release never wait, nor does the reading of what a value
   holds at once (marked below). Equal sessions give equal bits, whichever thread they run in and however many threads they train with.

   Values. What the language computes comes to you as a `nel_value *`: a number, a text, a list, a data set, a trained run. Every
   function that returns one gives it to you, never returns NULL, and you give it back with nel_release, once. A value does not
   change, and keeps its session's memory alive, so it may be read after nel_close. Texts (`const char *`) that a function returns are
   UTF-8, belong to the value they were read from, and live as long as it.

   Errors are values too. Where something goes wrong the value is a failure: its kind is NEL_FAILURE, its status says what sort of
   thing happened, and its diagnostics say what, where, and what to do about it. A failure given to a further call comes back as that
   call's result, so a chain of calls needs one check, at its end. A value may also carry warnings. Nothing here prints, exits, aborts
   or installs a signal handler, and a failed allocation is a failure with status NEL_OUT_OF_MEMORY.

   Memory. A text that is evaluated stays in memory as long as its session, since functions and messages point into it. What is done
   over and over belongs into a function of the language: define it once with nel_evaluate, and nel_call it; calls leave nothing behind.

   Stack. A thread that evaluates needs a stack of 512 KiB or more, and the deeper a script nests the more; where there is too little, that
   is a failure too.

   What is the process's: the first training sets OpenBLAS, which the library multiplies large matrices with, to one thread. Numbers are
   written with a decimal point whatever the program's locale, which stays as it is.

   From other languages: all functions are plain, none takes a variable number of arguments, no macro is needed, and all types are
   pointers, numbers and two structs of them, to which later versions only append. Names begin with nel_. */
#ifndef NEL_H
#define NEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NEL_API __attribute__((visibility("default")))
#else
#define NEL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- version -------------------------------------------------------------------------------------------------------------------- */

/* The interface that this header describes. It changes when a program built with an older header would no longer run. */
#define NEL_ABI 0

/* The interface of the library that runs: compare it with NEL_ABI where the two may come from different places. */
NEL_API int nel_abi(void);

/* The version of the library that runs, such as "0.1.0"; a constant, not to be freed. */
NEL_API const char *nel_version(void);

/* ---- sessions ------------------------------------------------------------------------------------------------------------------- */

typedef struct nel_session nel_session;
typedef struct nel_value nel_value;

typedef enum nel_status {
    NEL_OK = 0,
    NEL_ERROR = 1,         /* the script, its data or an argument is wrong: the diagnostics say what */
    NEL_CANCELLED = 2,     /* nel_cancel ended it early; the value is what was reached (a run trained so far) or a failure */
    NEL_OUT_OF_MEMORY = 3, /* an allocation failed; the session can go on */
    NEL_MISUSE = 4         /* the call itself is wrong: NULL, a value of another session, a call from one of the session's sinks */
} nel_status;

/* Opens a session, which is yours: close it with nel_close. NULL where memory is exhausted or the thread has too little stack. It takes
   a few milliseconds. Output and progress go nowhere, the seed is 0, trainings use every core. */
NEL_API nel_session *nel_open(void);

/* Closes a session; `session` is not to be used any more, and NULL is nothing to close. Values that are not yet released stay valid
   and keep its memory; where you released all of them everything is freed here. */
NEL_API void nel_close(nel_session *session);

/* The seed of everything random that the script gives none: 0 to 2^53. Status: NEL_OK or NEL_MISUSE, here and below. */
NEL_API nel_status nel_set_seed(nel_session *session, uint64_t seed);

/* Threads that trials, sweeps and evolution use: 0 (the default) for every core, at most 1024. Results do not depend on it. */
NEL_API nel_status nel_set_threads(nel_session *session, unsigned threads);

/* How `show` draws: with ANSI colours, with characters beyond ASCII, and for a terminal of so many columns (drawn are 40 to 110); columns
   0 is no terminal: 80, and nothing that differs from run to run, such as times. To begin with no colour, ASCII, and no terminal. */
NEL_API nel_status nel_set_style(nel_session *session, bool colour, bool unicode, unsigned columns);

/* What a script prints and shows: `length` bytes of UTF-8 at `text`, borrowed for the call, NUL behind them or not. */
typedef void nel_output(void *context, const char *text, size_t length);

/* Sends what is printed and shown to `write`; NULL drops it. `context` is handed on and stays yours. A sink may be called from another
   thread than the one that evaluates, but never twice at once; it may call nel_cancel and nel_release, and any function on another
   session; on its own session everything else fails with NEL_MISUSE. It returns as usual: no longjmp, no C++ exception. */
NEL_API nel_status nel_set_output(nel_session *session, nel_output *write, void *context);

/* How far a piece of work is. Figures that are not known are NaN. */
typedef struct nel_progress {
    const char *unit;      /* what is counted: "epoch", "trial", "cell", "generation"; borrowed for the call */
    uint64_t done, total;  /* total 0: not known */
    double seconds;        /* since this work began */
    double loss, accuracy; /* of the running training, or the best so far */
    bool finished;         /* the last report of this work */
} nel_progress;
typedef void nel_report(void *context, const nel_progress *progress);

/* Sends reports of trainings, sweeps, growth and evolution to `report`, several a second; NULL drops them. What holds for an output
   sink holds here. */
NEL_API nel_status nel_set_progress(nel_session *session, nel_report *report, void *context);

/* Gives `param name` in scripts evaluated from now on the value that `text` spells, as `--name text` does on the command line; text NULL
   takes it back. Both are copied. A script that has params, but none of this name, is refused with the near names. NEL_OUT_OF_MEMORY
   where there is no memory for the copy. */
NEL_API nel_status nel_set_param(nel_session *session, const char *name, const char *text);

/* Stops what the session is doing, from any thread and at any time, and everything it is asked to do until nel_resume: those calls end
   with NEL_CANCELLED. A training ends within a batch and gives the run reached so far. Neither function waits. */
NEL_API void nel_cancel(nel_session *session);
NEL_API void nel_resume(nel_session *session);

/* ---- evaluating ----------------------------------------------------------------------------------------------------------------- */

/* Evaluates a text (UTF-8, ended by a NUL). `name` stands for it in messages, and `use` looks for files beside it. The value is the last
   statement's, none where that has no value; it is yours. Names that the text defines stay for the next one. */
NEL_API nel_value *nel_evaluate(nel_session *session, const char *name, const char *text);

/* The same for the file at `path`. */
NEL_API nel_value *nel_evaluate_file(nel_session *session, const char *path);

/* The value of a name: a script's own, a built-in function, an element, or a word such as `full`. The value is yours. */
NEL_API nel_value *nel_get(nel_session *session, const char *name);

/* Lets scripts see `value` as `name`, like `let name = …`; the session keeps it, and your value stays yours. Gives none, or a failure;
   it is yours. */
NEL_API nel_value *nel_set(nel_session *session, const char *name, nel_value *value);

/* Calls the function or built-in called `name` with `count` values in order, and with those that the record `named` holds by name (NULL:
   none). Arguments stay yours; so is the result. */
NEL_API nel_value *nel_call(nel_session *session, const char *name, nel_value *const *arguments, size_t count, nel_value *named);

/* The same for a function that you have as a value: from nel_get, a member, or the end of a text (`fn(x) = x * x`). */
NEL_API nel_value *nel_apply(nel_value *function, nel_value *const *arguments, size_t count, nel_value *named);

/* What `train molecule on data { options }` gives. `molecule` is a molecule, an element, a `molecule` function, or a text that is its
   DNA ("T8-R4"); `options` a record, NULL for the defaults. Arguments stay yours; so is the run. */
NEL_API nel_value *nel_train(nel_value *molecule, nel_value *data, nel_value *options);

/* Predicts `rows` rows of `columns` features each, a row contiguous, in the order of the features the model was trained on: raw values as
   the data had them (preprocessing is part of the model), a category as its number, NaN for a missing value where the training data
   said what to do with one. Writes nel_outputs(run) floats a row to `out`, whose room is `size` floats: the probability of each class, or
   the value or values. `run` is a run, several trials (their best speaks), a grown network or an evolution. Gives none, or a failure;
   it is yours. */
NEL_API nel_value *nel_predict(nel_value *run, const float *features, size_t rows, size_t columns, float *out, size_t size);

/* How many floats nel_predict writes a row: the classes, or the values; 0 where `run` is no run. */
NEL_API size_t nel_outputs(nel_value *run);

/* Writes a run, several, or an ensemble to the file at `path`, whose name ends in `.safetensors`, as `save` does: the file is whole or
   not there. Gives none, or a failure; it is yours. */
NEL_API nel_value *nel_save(nel_value *run, const char *path);

/* What nel_save, `save` or the option `checkpoint` wrote to a file. What is damaged, or no such file, is a failure with the
   reason; nothing in a file is obeyed, whoever wrote it. It is yours. */
NEL_API nel_value *nel_load(nel_session *session, const char *path);

/* ---- making values -------------------------------------------------------------------------------------------------------------- */

/* Plain values; each is yours. `text` need not end with a NUL and is copied; it must be UTF-8. */
NEL_API nel_value *nel_none(nel_session *session);
NEL_API nel_value *nel_bool(nel_session *session, bool truth);
NEL_API nel_value *nel_number(nel_session *session, double number);
NEL_API nel_value *nel_text(nel_session *session, const char *text, size_t length);

/* A list of `count` values, or of numbers. What is given is copied (a value: shared) and stays yours; so is the list. */
NEL_API nel_value *nel_list(nel_session *session, nel_value *const *items, size_t count);
NEL_API nel_value *nel_list_numbers(nel_session *session, const double *numbers, size_t count);

/* A record of `count` fields: keys[i] is the key of values[i]; of equal keys the last counts. What is given stays yours; so is the
   record. */
NEL_API nel_value *nel_record(nel_session *session, const char *const *keys, nel_value *const *values, size_t count);

/* A data set of `rows` rows of `columns` features, a row contiguous, and a target for each: a class from 0 to classes - 1, or `outputs`
   values (a row contiguous). `y` NULL: no target, for predictions. NaN stands for a missing feature. Arrays are copied and stay yours;
   so is the data set. */
NEL_API nel_value *nel_data_classes(nel_session *session, const float *x, size_t rows, size_t columns, const int32_t *labels,
                                    size_t classes);
NEL_API nel_value *nel_data_values(nel_session *session, const float *x, size_t rows, size_t columns, const float *y,
                                   size_t outputs);

/* ---- reading values ------------------------------------------------------------------------------------------------------------- */

typedef enum nel_kind {
    NEL_FAILURE = 0,
    NEL_NONE = 1,
    NEL_BOOL = 2,
    NEL_NUMBER = 3,
    NEL_TEXT = 4, /* also a bare word that options use, such as `full` */
    NEL_LIST = 5,
    NEL_RECORD = 6,
    NEL_ESTIMATE = 7, /* one figure of several trials: 0.967 ± 0.012 */
    NEL_TABLE = 8,
    NEL_FUNCTION = 9, /* of the language or built in */
    NEL_ELEMENT = 10,
    NEL_MOLECULE = 11,
    NEL_DATA = 12, /* a data set, whole or split */
    NEL_RUN = 13,  /* of one training or of several trials */
    NEL_OTHER = 14 /* whatever else: nel_kind_name says what */
} nel_kind;

/* From here to nel_numbers: what a value holds, read at once; these never wait, and may be called anywhere, in a sink too. */
NEL_API nel_kind nel_kind_of(const nel_value *value);
NEL_API const char *nel_kind_name(const nel_value *value); /* in words, as messages do: "run of several trials" */
NEL_API nel_status nel_status_of(const nel_value *value);
NEL_API double nel_number_of(const nel_value *value);    /* of an estimate its mean; NaN for other kinds */
NEL_API bool nel_bool_of(const nel_value *value);        /* false for other kinds */
NEL_API const char *nel_text_of(const nel_value *value); /* NUL-terminated; NULL for other kinds */
NEL_API size_t nel_text_length(const nel_value *value);  /* in bytes, without that NUL; 0 for other kinds */

/* Items of a list, fields of a record, rows of a table or of a data set, trials of an estimate; 0 for other kinds. */
NEL_API size_t nel_count(const nel_value *value);

/* Columns of a table, features of a data set; 0 for other kinds. */
NEL_API size_t nel_columns(const nel_value *value);

/* The name of field `index` of a record or column `index` of a table; NULL where there is none. */
NEL_API const char *nel_key(const nel_value *value, size_t index);

/* The numbers in a value, in order: a number; a list of numbers, or of lists of them; an estimate's, trial by trial; a table's,
   or a data set's features, row by row. Writes the first `size` of them to `out` and returns how many there are: call it with size 0 to ask. 0 where
   something else is among them. */
NEL_API size_t nel_numbers(const nel_value *value, double *out, size_t size);

/* From here to nel_release, reading takes its turn with the session's other calls. */

/* `value.name`: a field of a record, a figure of a run ("accuracy", "params", "dna", "history"), a column of a table, a part of a split
   ("train"), and whatever else the language has there. The member is yours. */
NEL_API nel_value *nel_member(nel_value *value, const char *name);

/* Item `index` of a list, counted from 0; a record's field; a table's row, as a record. It is yours. */
NEL_API nel_value *nel_item(nel_value *value, size_t index);

/* One cell of a table; it is yours. */
NEL_API nel_value *nel_cell(nel_value *value, size_t row, size_t column);

/* A value on one line, as `print` writes it; and its rich view, as `show` draws it; of a failure, nel_rendered. The text belongs to the
   value. NULL where memory is exhausted, there is no such view, or the call is misused. */
NEL_API const char *nel_print(nel_value *value);
NEL_API const char *nel_show(nel_value *value);

/* Gives a value back; NULL is nothing to give back. Never waits, and may be called from any thread. */
NEL_API void nel_release(nel_value *value);

/* ---- diagnostics ---------------------------------------------------------------------------------------------------------------- */

/* One error or warning. Lines and columns count from 1, columns in code points; 0 where it lies in no text. */
typedef struct nel_diagnostic {
    const char *message; /* "unknown name `rellu`" */
    const char *help;    /* "did you mean `relu`?", NULL where there is none */
    const char *file;    /* the text's name, NULL where it lies in none */
    uint32_t line, column, end_line, end_column;
    bool is_error; /* else a warning */
} nel_diagnostic;

/* How many a value carries, and one of them (NULL past the last), which belongs to the value. Neither waits. */
NEL_API size_t nel_diagnostics(const nel_value *value);
NEL_API const nel_diagnostic *nel_diagnostic_at(const nel_value *value, size_t index);

/* All of them as the command `nel` prints them, with the lines of source they are about, in colour where nel_set_style says so; "" where
   there are none. Belongs to the value. Never waits. */
NEL_API const char *nel_rendered(const nel_value *value);

#ifdef __cplusplus
}
#endif

#endif
