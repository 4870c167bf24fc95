#include <assert.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static ucontext_t home, fibre, other;
static sigjmp_buf back;
static char stack[65536], other_stack[65536];
static int visits;

static void prepare(ucontext_t *context, char *memory, size_t size, ucontext_t *link)
{
	assert(getcontext(context) == 0);
	context->uc_stack.ss_sp = memory;
	context->uc_stack.ss_size = size;
	context->uc_link = link;
}

/* The way systemd's fibres use it: start on a fresh stack, leave by siglongjmp. */
static void leave(void)
{
	char here;

	assert(&here >= stack && &here < stack + sizeof stack);
	assert((uintptr_t)__builtin_frame_address(0) % 16 == 0);
	siglongjmp(back, 7);
}

static void many(long a, long b, long c, long d, long e, long f, long g, long h, long i, void *j)
{
	assert(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6 && g == 7 && h == 8 && i == 9 && j == &home);
	visits += 100;
}

static void ping(void)
{
	for (int i = 0; i < 1000; i++) {
		visits++;
		assert(swapcontext(&fibre, &other) == 0);
	}
}

static void pong(void)
{
	double sum = 0;

	for (int i = 0; i < 1000; i++) {
		sum += 0.5;
		assert(swapcontext(&other, &fibre) == 0);
	}
	assert(sum == 500);
}

static void end(void)
{
	puts("ok");
}

int main(void)
{
	sigset_t usr1, now;
	volatile int again = 0;
	int code;

	prepare(&fibre, stack, sizeof stack, NULL);
	makecontext(&fibre, leave, 0);
	code = sigsetjmp(back, 0);
	if (code == 0) {
		swapcontext(&home, &fibre);
		abort();
	}
	assert(code == 7);

	prepare(&fibre, stack, sizeof stack - 8, &home);
	makecontext(&fibre, (void (*)(void))many, 10, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, &home);
	assert(swapcontext(&home, &fibre) == 0 && visits == 100);

	prepare(&fibre, stack, sizeof stack, &home);
	makecontext(&fibre, ping, 0);
	prepare(&other, other_stack, sizeof other_stack, &home);
	makecontext(&other, pong, 0);
	assert(swapcontext(&home, &fibre) == 0 && visits == 1100);

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	assert(getcontext(&home) == 0);
	if (!again) {
		again = 1;
		sigprocmask(SIG_BLOCK, &usr1, NULL);
		setcontext(&home);
	}
	sigprocmask(SIG_BLOCK, NULL, &now);
	assert(!sigismember(&now, SIGUSR1));

	/* Without a uc_link the process ends, and well. */
	prepare(&fibre, stack, sizeof stack, NULL);
	makecontext(&fibre, end, 0);
	setcontext(&fibre);
	abort();
}
