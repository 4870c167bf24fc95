/*
 * All that libdevmapper asks of libudev is whether udevd runs. The library belongs to systemd, which needs libdevmapper
 * (by way of cryptsetup) to be built; so the question is answered here, the way libudev does it.
 */
#include <unistd.h>

struct udev;
struct udev_queue;

static inline struct udev *udev_new(void) { return (struct udev *)"udev"; }
static inline struct udev *udev_unref(struct udev *udev) { (void)udev; return 0; }
static inline struct udev_queue *udev_queue_new(struct udev *udev) { return (struct udev_queue *)udev; }
static inline struct udev_queue *udev_queue_unref(struct udev_queue *queue) { (void)queue; return 0; }
static inline int udev_queue_get_udev_is_active(struct udev_queue *queue)
{
	(void)queue;
	return access("/run/udev/control", F_OK) >= 0;
}
