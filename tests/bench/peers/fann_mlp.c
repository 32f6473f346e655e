/* fann_mlp FOLDER WORKLOAD REPEATS SEED: FANN on the workloads that it can do, each in its own way, for it has neither Adam nor ReLU nor
   cross-entropy: W1 by its batch training, W2 by rprop on tanh, W4 and W5 by a step a sample. The loss is its mean squared error;
   the seed is its own. */
#include <floatfann.h>

#include "../common.h"

static struct fann_train_data *points_data(const char *folder)
{
    struct points points;
    points_read(&points, folder);
    struct fann_train_data *data = fann_create_train(POINTS, 2, 2);
    for (int i = 0; i < POINTS; i++) {
        data->input[i][0] = points.x[i];
        data->input[i][1] = points.y[i];
        data->output[i][0] = points.label[i] ? -1 : 1;
        data->output[i][1] = points.label[i] ? 1 : -1;
    }
    return data;
}

static struct fann_train_data *pictures_data(const char *folder)
{
    struct pictures pictures;
    pictures_read(&pictures, folder);
    struct fann_train_data *data = fann_create_train(ROWS, PIXELS, CLASSES);
    for (int i = 0; i < ROWS; i++) {
        memcpy(data->input[i], pictures.x + (size_t)i * PIXELS, PIXELS * sizeof *pictures.x);
        for (int c = 0; c < CLASSES; c++)
            data->output[i][c] = pictures.label[i] == c ? 1 : -1;
    }
    free(pictures.x);
    free(pictures.label);
    return data;
}

static struct fann_train_data *xor_data(void)
{
    struct fann_train_data *data = fann_create_train(4, 2, 1);
    for (int i = 0; i < 4; i++) {
        data->input[i][0] = (float)(i / 2);
        data->input[i][1] = (float)(i % 2);
        data->output[i][0] = (float)((i / 2) ^ (i % 2));
    }
    return data;
}

static struct fann *network_of(const char *name)
{
    struct fann *ann;
    if (strcmp(name, "W1") == 0)
        ann = fann_create_standard(3, 2, 4, 1);
    else if (strcmp(name, "W2") == 0)
        ann = fann_create_standard(4, 2, 4, 4, 2);
    else if (strcmp(name, "W4") == 0)
        ann = fann_create_standard(3, PIXELS, 128, CLASSES);
    else
        ann = fann_create_sparse(0.02F, 3, PIXELS, 128, CLASSES);
    if (!ann)
        give_up("FANN makes no network");
    const enum fann_activationfunc_enum element = strcmp(name, "W1") == 0 ? FANN_SIGMOID : FANN_SIGMOID_SYMMETRIC;
    fann_set_activation_function_hidden(ann, element);
    fann_set_activation_function_output(ann, element);
    fann_set_training_algorithm(ann, strcmp(name, "W1") == 0   ? FANN_TRAIN_BATCH
                                     : strcmp(name, "W2") == 0 ? FANN_TRAIN_RPROP
                                                               : FANN_TRAIN_INCREMENTAL);
    fann_set_learning_rate(ann, strcmp(name, "W1") == 0 ? 1.0F : 0.01F);
    return ann;
}

int main(int argc, char **argv)
{
    const struct request request = request_read(argc, argv);
    const char *name = request.workload;
    struct fann_train_data *data = strcmp(name, "W1") == 0   ? xor_data()
                                   : strcmp(name, "W2") == 0 ? points_data(request.folder)
                                                             : pictures_data(request.folder);
    const int epochs = fann_length_train_data(data) > POINTS ? 1 : 1000;
    for (unsigned r = 0; r < request.repeats; r++) {
        struct fann *ann = network_of(name);
        float error = 0;
        const double began = clock_now();
        for (int e = 0; e < epochs; e++)
            error = fann_train_epoch(ann, data);
        report(clock_now() - began, error);
        fann_destroy(ann);
    }
    fann_destroy_train(data);
    return 0;
}
