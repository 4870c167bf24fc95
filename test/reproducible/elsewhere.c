/*
 * Loaded into every program that is linked with the toolbox's C library, by /etc/ld.so.preload: wall clocks are LATER seconds
 * ahead, and the machine seems to have CPUS processors. Times of files stay what they are, and so do clocks that only measure.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now)
{
	/* By the system call: looking for the C library's own function may take memory before there is any. */
	int result = syscall(SYS_clock_gettime, clock, now);

	if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI))
		now->tv_sec += LATER;
	return result;
}

int timespec_get(struct timespec *now, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *now)
{
	struct timespec precise;

	clock_gettime(CLOCK_REALTIME, &precise);
	if (now)
		*now = precise.tv_sec;
	return precise.tv_sec;
}

int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
	(void)process;
	if (size * 8 < CPUS) {
		errno = EINVAL;
		return -1;
	}
	memset(set, 0, size);
	for (int cpu = 0; cpu < CPUS; cpu++)
		CPU_SET_S(cpu, size, set);
	return 0;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set)
{
	(void)thread;
	return sched_getaffinity(0, size, set) == 0 ? 0 : EINVAL;
}

int get_nprocs(void)
{
	return CPUS;
}

int get_nprocs_conf(void)
{
	return CPUS;
}

long sysconf(int name)
{
	static long (*real)(int);

	if (name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF)
		return CPUS;
	if (!real)
		real = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
	return real(name);
}
