/* Prints what the parser is given, so that the test can compare it with what was on the command line. */
#include <argp.h>
#include <string.h>

const char *argp_program_bug_address = "https://example.org/issues";

static struct argp_option options[] = {
	{ "force", 'f', 0, 0, "do it anyway", 0 },
	{ "format", 'o', "FORMAT", 0, "the output's form", 0 },
	{ "tty", 't', "TTY", OPTION_ARG_OPTIONAL, "a terminal", 0 },
	{ "fail", 1000, 0, 0, 0, 0 },
	{ "next", 1001, 0, 0, "an option that takes the next word by itself", 0 },
	{ "version", 'v', 0, 0, 0, 0 },
	{ 0, 'V', 0, OPTION_ALIAS, 0, 0 },
	{ "lost", 1002, 0, 0, 0, 0 },
	{ 0 },
};

static error_t parse(int key, char *value, struct argp_state *state)
{
	switch (key) {
	case 'f':
	case 'o':
	case 't':
	case 'v':
	case 'V':
		printf("%c%s%s ", key, value ? "=" : "", value ? value : "");
		return 0;
	case 1000:
		return EIO;
	case 1001:
		printf("next=%s ", state->argv[state->next++]);
		return 0;
	case ARGP_KEY_NO_ARGS:
		printf("none ");
		*(int *)state->input = 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static struct argp argp = { options, parse, "COMMAND", "Shows how it parses", NULL, NULL, NULL };

int main(int argc, char **argv)
{
	int first = -1, none = 0;
	/* As a program without arguments of its own would call it. */
	int alone = argc > 1 && !strcmp(argv[1], "alone");
	error_t error = argp_parse(&argp, argc - alone, argv + alone, ARGP_IN_ORDER, alone ? NULL : &first, &none);

	if (error)
		printf("error=%d ", error == EIO);
	if (!error && !alone && none != (first >= argc))
		return 1;
	if (first >= 0 && first < argc)
		printf("first=%s", argv[first]);
	putchar('\n');
	return 0;
}
