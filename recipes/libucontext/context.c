/* The part of getcontext's family that C can express; the registers are saved and loaded in <arch>.S. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "context.h"

#define AT(offset, member) _Static_assert(offsetof(ucontext_t, member) == offset, #member)
AT(UC_SIGMASK, uc_sigmask);
#if defined __x86_64__
AT(UC_GREGS, uc_mcontext.gregs);
AT(UC_FPREGS, uc_mcontext.fpregs);
AT(UC_FPREGS_MEM, __fpregs_mem);
_Static_assert(REG_R8 == 0 && REG_RDI == 8 && REG_RSP == 15 && REG_RIP == 16, "order of the registers");
#else
AT(UC_REGS, uc_mcontext.regs);
AT(UC_SP, uc_mcontext.sp);
AT(UC_PC, uc_mcontext.pc);
AT(UC_FPSIMD, uc_mcontext.__reserved);
#endif

#define BEYOND(count) ((count) > REGISTERS ? (count) - REGISTERS : 0)

/* Where a context's function returns to: goes on with uc_link, or ends the process. */
extern void context_return(void) __attribute__((visibility("hidden")));

/* Arguments are taken as whole registers, so that pointers work, as they do with other C libraries. */
void makecontext(ucontext_t *ucp, void (*function)(void), int count, ...)
{
	uintptr_t top = (uintptr_t)ucp->uc_stack.ss_sp + ucp->uc_stack.ss_size;
	va_list arguments;

	va_start(arguments, count);
#if defined __x86_64__
	static const int in_register[] = { REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8, REG_R9 };
	enum { REGISTERS = 6 };
	greg_t *registers = ucp->uc_mcontext.gregs;
	uintptr_t *stack = (uintptr_t *)((top - BEYOND(count) * sizeof *stack) & -16UL) - 1;

	*stack = (uintptr_t)context_return;
	for (int i = 0; i < count; i++)
		if (i < REGISTERS)
			registers[in_register[i]] = va_arg(arguments, greg_t);
		else
			stack[1 + i - REGISTERS] = va_arg(arguments, uintptr_t);
	registers[REG_RIP] = (greg_t)function;
	registers[REG_RSP] = (greg_t)stack;
	registers[REG_RBX] = (greg_t)ucp->uc_link;
	registers[REG_RBP] = 0;
#else
	enum { REGISTERS = 8 };
	unsigned long *registers = ucp->uc_mcontext.regs;
	uintptr_t *stack = (uintptr_t *)((top - BEYOND(count) * sizeof *stack) & -16UL);

	for (int i = 0; i < count; i++)
		if (i < REGISTERS)
			registers[i] = va_arg(arguments, unsigned long);
		else
			stack[i - REGISTERS] = va_arg(arguments, uintptr_t);
	ucp->uc_mcontext.pc = (uintptr_t)function;
	ucp->uc_mcontext.sp = (uintptr_t)stack;
	registers[19] = (uintptr_t)ucp->uc_link;
	registers[29] = 0;
	registers[30] = (uintptr_t)context_return;
#endif
	va_end(arguments);
}

int swapcontext(ucontext_t *restrict from, const ucontext_t *restrict to)
{
	/* getcontext() returns a second time when someone switches back. */
	volatile int returned = 0;

	if (getcontext(from) < 0)
		return -1;
	if (returned)
		return 0;
	returned = 1;
	return setcontext(to);
}
