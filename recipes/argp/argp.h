/*
 * The part of glibc's <argp.h> that a parser of options needs: argp_parse(), --help, and what to do on a wrong option.
 * What is not declared here does not compile, rather than do something else than in glibc:
 *
 * - The first word that is no option ends the options (as with ARGP_IN_ORDER). A parser is never asked about arguments,
 *   it is only told that there are none; who calls argp_parse() takes them from *arg_index on.
 * - Neither child parsers nor help filters nor translated messages. Those members must be zero.
 */
#ifndef ARGP_H
#define ARGP_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#ifndef __error_t_defined
#define __error_t_defined 1
typedef int error_t;
#endif

/* The value of an option may be left out; it can then only be given as --name=VALUE or -nVALUE. */
#define OPTION_ARG_OPTIONAL 0x1
/* Another name of the option before it; what is parsed by is the other's `arg`, what the parser is given is its own key. */
#define OPTION_ALIAS 0x4

#define ARGP_IN_ORDER 0x08

/* What a parser returns for a key that it does not know. */
#define ARGP_ERR_UNKNOWN E2BIG

/* The key at the end of a command line without arguments. */
#define ARGP_KEY_NO_ARGS 0x1000002

struct argp_option {
	const char *name;
	/* What the parser is given. A printable character is also the short option. */
	int key;
	/* Name of the value in the help; NULL for an option without one. */
	const char *arg;
	int flags;
	const char *doc;
	int group;
};

struct argp_state;

typedef error_t (*argp_parser_t)(int key, char *arg, struct argp_state *state);

struct argp {
	/* Ends with an option of zeros. */
	const struct argp_option *options;
	argp_parser_t parser;
	const char *args_doc;
	const char *doc;
	const void *children;
	const void *help_filter;
	const void *argp_domain;
};

struct argp_state {
	const struct argp *root_argp;
	int argc;
	char **argv;
	/* Index of the word that comes next; a parser may move it on. */
	int next;
	unsigned flags;
	void *input;
	const char *name;
};

/* Where the program's faults are reported, for the help. A program may define it. */
extern const char *argp_program_bug_address;

/*
 * Gives the parser each option, and ARGP_KEY_NO_ARGS if nothing else follows; sets *arg_index to the first argument, or to
 * argc. Returns 0 or what the parser returned. --help ends the program with 0, a wrong option with EX_USAGE.
 */
error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *arg_index, void *input);

#endif
