/* Predictions of raw rows. */
#ifndef NEL_STUDY_PREDICT_H
#define NEL_STUDY_PREDICT_H

#include "interp/predictor.h"

/* Predictions for many raw rows at once, without a value for each. A row is what the model reads, in the order of its features: a
   category as its number, NaN where a value is missing; [rows x columns]. Out come the outputs of each. False with diagnostics. */
bool predict_rows(struct eval *eval, const struct predictor *predictor, const float *features, size_t rows, size_t columns,
                  float *out);

#endif
