/* Toys of the plane made of clouds, circles and fields. The definitions stand with the table in toys.c. */
#include <math.h>

#include "data/toys_make.h"

/* `count` points of a Gaussian cloud. */
static void cloud_add(struct plane *plane, double x, double y, int32_t label, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        plane_add(plane, x, y, label);
}

/* `count` points at uniform angles around the origin. Noise is on the radius alone, so it is drawn here. */
static void circle_add(struct plane *plane, double radius, double sd, int32_t label, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        double angle = 2 * M_PI * random_unit(&plane->place);
        double r = radius + sd * random_normal(&plane->noise);
        plane_add(plane, r * cos(angle), r * sin(angle), label);
    }
}

/* `count` points between two radii, uniform over the area: the square of the radius is uniform. */
static void ring_add(struct plane *plane, double inner, double outer, int32_t label, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        double angle = 2 * M_PI * random_unit(&plane->place);
        double r = sqrt(random_between(&plane->place, inner * inner, outer * outer));
        plane_add(plane, r * cos(angle), r * sin(angle), label);
    }
}

struct dataset *toy_xor(const struct toy *toy, const struct toy_args *args)
{
    static const struct {
        double x, y;
        int32_t label;
    } clouds[4] = {{-1, 1, 0}, {1, -1, 0}, {1, 1, 1}, {-1, -1, 1}};
    struct plane plane = plane_start(args, 2);
    for (uint32_t i = 0; i < 4; i++)
        cloud_add(&plane, clouds[i].x, clouds[i].y, clouds[i].label, group_size(args->n, 4, i));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_moons(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    for (int32_t label = 0; label < 2; label++) {
        uint32_t count = group_size(args->n, 2, (uint32_t)label);
        for (uint32_t i = 0; i < count; i++) {
            double t = count > 1 ? M_PI * i / (count - 1) : 0;
            if (label == 0)
                plane_add(&plane, cos(t), sin(t), label);
            else
                plane_add(&plane, 1 - cos(t), 0.5 - sin(t), label);
        }
    }
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_circles(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    plane.sd = 0;
    circle_add(&plane, 1.0, args->noise, 0, group_size(args->n, 2, 0));
    circle_add(&plane, 0.5, args->noise, 1, group_size(args->n, 2, 1));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_rings(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    plane.sd = 0;
    for (uint32_t i = 0; i < 3; i++)
        circle_add(&plane, (i + 1) / 3.0, args->noise / 2, (int32_t)i % 2, group_size(args->n, 3, i));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_annulus(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    plane.sd = 0;
    ring_add(&plane, 0, 1.5, 0, group_size(args->n, 2, 0));
    ring_add(&plane, 2.5, 4, 1, group_size(args->n, 2, 1));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_gaussian_clusters(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    for (uint32_t i = 0; i < 4; i++)
        cloud_add(&plane, 1.5 * cos(M_PI / 2 * i), 1.5 * sin(M_PI / 2 * i), (int32_t)i % 2, group_size(args->n, 4, i));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_blobs(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    cloud_add(&plane, 2, 2, 0, group_size(args->n, 2, 0));
    cloud_add(&plane, 5, 5, 1, group_size(args->n, 2, 1));
    return plane_finish(&plane, toy, args, true);
}

struct dataset *toy_checkerboard(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    for (uint32_t i = 0; i < args->n; i++) {
        double x = random_between(&plane.place, -1, 1), y = random_between(&plane.place, -1, 1);
        plane_add(&plane, x, y, (x >= 0) != (y >= 0));
    }
    return plane_finish(&plane, toy, args, false);
}

struct dataset *toy_linear_separable(const struct toy *toy, const struct toy_args *args)
{
    struct plane plane = plane_start(args, 2);
    cloud_add(&plane, 0, -0.5, 0, group_size(args->n, 2, 0));
    cloud_add(&plane, 0, 0.5, 1, group_size(args->n, 2, 1));
    return plane_finish(&plane, toy, args, true);
}
