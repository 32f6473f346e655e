/* The subjects of built-in functions, in the manual's order. */
#include "library/builtins.h"

const struct builtin_subject builtin_subjects[] = {
    {"Molecules", builtins_net, &builtins_net_count},
    {"Rewriting", builtins_rule, &builtins_rule_count},
    {"Data", builtins_data, &builtins_data_count},
    {"Data of your own", builtins_made, &builtins_made_count},
    {"Predictions", builtins_predict, &builtins_predict_count},
    {"Runs", builtins_learn, &builtins_learn_count},
    {"Trainings that go on", builtins_further, &builtins_further_count},
    {"Signals", builtins_signals, &builtins_signals_count},
    {"Ensembles", builtins_ensemble, &builtins_ensemble_count},
    {"Runs in files", builtins_save, &builtins_save_count},
    {"Tables and statistics", builtins_table, &builtins_table_count},
    {"Lists and records", builtins_core, &builtins_core_count},
    {"Numbers and texts", builtins_number, &builtins_number_count},
    {"Pictures", builtins_plot, &builtins_plot_count},
    {0},
};
