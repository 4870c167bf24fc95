/* See argp.h for what is here of glibc's argp, and what is not. Own state only: a parser may call argp_parse() again. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "argp.h"

/* The column in which an option's description starts, as in glibc. */
enum { COLUMN = 29 };

#pragma weak argp_program_bug_address

static const struct argp_option help[] = { { "help", '?', NULL, 0, "give this help list", 0 }, { 0 } };

static int is_end(const struct argp_option *option)
{
	return !option->key && !option->name && !option->doc && !option->group;
}

static int is_short(const struct argp_option *option)
{
	return option->key > 0 && option->key <= UCHAR_MAX && isprint(option->key);
}

/* The option whose value and description an alias shares. */
static const struct argp_option *meant(const struct argp_option *option)
{
	while (option->flags & OPTION_ALIAS)
		option--;
	return option;
}

_Noreturn static void refuse(const struct argp_state *state, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fprintf(stderr, "%s: ", state->name);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\nTry `%s --help' for more information.\n", state->name);
	va_end(arguments);
	exit(EX_USAGE);
}

static int print_value(const struct argp_option *option, int is_long)
{
	if (!option->arg)
		return 0;
	if (option->flags & OPTION_ARG_OPTIONAL)
		return printf(is_long ? "[=%s]" : "[%s]", option->arg);
	return printf(is_long ? "=%s" : " %s", option->arg);
}

/* An option with its aliases, short names first. Returns the option after them. */
static const struct argp_option *print_option(const struct argp_option *first)
{
	const struct argp_option *after = first + 1, *option;
	int width = 0, names = 0, has_long = 0;

	while (!is_end(after) && after->flags & OPTION_ALIAS)
		after++;
	for (option = first; option < after; option++)
		has_long |= option->name != NULL;
	for (option = first; option < after; option++)
		if (is_short(option)) {
			width += printf(names++ ? ", -%c" : "  -%c", option->key);
			if (!has_long)
				width += print_value(first, 0);
		}
	for (option = first; option < after; option++)
		if (option->name) {
			width += printf(names++ ? ", --%s" : "      --%s", option->name);
			width += print_value(first, 1);
		}
	if (first->doc && width >= COLUMN) {
		putchar('\n');
		width = 0;
	}
	printf("%*s%s\n", first->doc ? COLUMN - width : 0, "", first->doc ? first->doc : "");
	return after;
}

_Noreturn static void print_help(const struct argp_state *state)
{
	const struct argp *argp = state->root_argp;
	const struct argp_option *option = argp->options;

	printf("Usage: %s [OPTION...] %s\n", state->name, argp->args_doc ? argp->args_doc : "");
	if (argp->doc)
		printf("%s\n", argp->doc);
	putchar('\n');
	while (option && !is_end(option))
		option = print_option(option);
	print_option(help);
	if (&argp_program_bug_address && argp_program_bug_address)
		printf("\nReport bugs to %s.\n", argp_program_bug_address);
	exit(fflush(stdout) ? EX_IOERR : 0);
}

static error_t take(struct argp_state *state, const struct argp_option *option, char *value)
{
	error_t error;

	if (option == help)
		print_help(state);
	error = state->root_argp->parser(option->key, value, state);
	if (error == ARGP_ERR_UNKNOWN)
		refuse(state, "option '%s' is declared, but not handled", option->name ? option->name : (char[]){ option->key, 0 });
	return error;
}

/* A long option may be shortened as long as it is the only one that starts so. */
static const struct argp_option *find_long(const struct argp_state *state, const char *word, size_t length)
{
	const struct argp_option *tables[] = { state->root_argp->options, help }, *found = NULL;
	int count = 0;

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct argp_option *option = tables[i]; option && !is_end(option); option++) {
			if (!option->name || strncmp(option->name, word, length))
				continue;
			if (!option->name[length])
				return option;
			found = option;
			count++;
		}
	if (count > 1)
		refuse(state, "option '--%s' is ambiguous", word);
	if (!found)
		refuse(state, "unrecognized option '--%s'", word);
	return found;
}

static error_t parse_long(struct argp_state *state, char *word)
{
	size_t length = strcspn(word, "=");
	const struct argp_option *option = find_long(state, word, length);
	const struct argp_option *kind = meant(option);
	char *value = word[length] ? word + length + 1 : NULL;

	if (value && !kind->arg)
		refuse(state, "option '--%s' doesn't allow an argument", option->name);
	if (!value && kind->arg && !(kind->flags & OPTION_ARG_OPTIONAL)) {
		if (state->next >= state->argc)
			refuse(state, "option '--%s' requires an argument", option->name);
		value = state->argv[state->next++];
	}
	return take(state, option, value);
}

static const struct argp_option *find_short(const struct argp_state *state, unsigned char letter)
{
	const struct argp_option *tables[] = { state->root_argp->options, help };

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct argp_option *option = tables[i]; option && !is_end(option); option++)
			if (is_short(option) && option->key == letter)
				return option;
	refuse(state, "invalid option -- '%c'", letter);
}

/* -a, -ab, -aVALUE or -a VALUE. */
static error_t parse_short(struct argp_state *state, char *letters)
{
	error_t error = 0;

	for (; *letters && !error; letters++) {
		const struct argp_option *option = find_short(state, *letters);
		const struct argp_option *kind = meant(option);
		char *value = kind->arg && letters[1] ? letters + 1 : NULL;

		if (kind->arg && !value && !(kind->flags & OPTION_ARG_OPTIONAL)) {
			if (state->next >= state->argc)
				refuse(state, "option requires an argument -- '%c'", *letters);
			value = state->argv[state->next++];
		}
		error = take(state, option, value);
		if (kind->arg)
			break;
	}
	return error;
}

error_t argp_parse(const struct argp *argp, int argc, char **argv, unsigned flags, int *arg_index, void *input)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	struct argp_state state = {
		.root_argp = argp, .argc = argc, .argv = argv, .next = 1, .flags = flags, .input = input,
		.name = slash ? slash + 1 : argc > 0 ? argv[0] : "",
	};
	error_t error = 0;

	while (!error && state.next < argc) {
		char *word = argv[state.next];
		if (word[0] != '-' || !word[1])
			break;
		state.next++;
		if (!strcmp(word, "--"))
			break;
		error = word[1] == '-' ? parse_long(&state, word + 2) : parse_short(&state, word + 1);
	}
	if (error)
		return error;
	if (state.next >= argc)
		error = argp->parser(ARGP_KEY_NO_ARGS, NULL, &state);
	else if (!arg_index)
		refuse(&state, "Too many arguments");
	if (arg_index)
		*arg_index = state.next;
	return error == ARGP_ERR_UNKNOWN ? 0 : error;
}
