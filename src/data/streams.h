/* Which stream of random numbers serves what on this floor: the index beside (seed, purpose) of support/random.h. Append only: the
   numbers are part of what makes a script repeatable. */
#ifndef NEL_DATA_STREAMS_H
#define NEL_DATA_STREAMS_H

/* Of RANDOM_DATA. Toys draw places, noise and order from streams of their own, so that the same seed with more noise gives the
   same points, only moved further. */
enum data_stream {
    DATA_STREAM_PLACES = 0, /* where a toy's points lie */
    DATA_STREAM_NOISE = 1,  /* a toy's noise */
    DATA_STREAM_ORDER = 2,  /* the order of a toy's rows */
    DATA_STREAM_ADDED = 3   /* `noise` on any data set */
};

/* Of RANDOM_SPLIT. */
enum split_stream {
    SPLIT_STREAM_PARTS = 0,  /* split and folds */
    SPLIT_STREAM_SHUFFLE = 1 /* shuffle */
};

#endif
