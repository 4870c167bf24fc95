/* Included before everything: libopeniscsiusr prints what strerror_r() returns, which is the text in glibc and a number in musl. */
#include <string.h>

static inline char *text_of_error(int number, char *text, size_t size)
{
	if (strerror_r(number, text, size))
		text[0] = 0;
	return text;
}

#define strerror_r text_of_error
