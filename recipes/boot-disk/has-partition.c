/*
 * has-partition DISK UUID: exit status 0 if the disk's GPT has a partition with this UUID, 1 if not, 2 if that can't be told.
 *
 * udev's rules have to know it when the disk itself is announced, which is before its partitions are, and Linux 6.12 has
 * their UUIDs nowhere in sysfs. Either table will do (UEFI 2.10, 5.3), as it does for a kernel that was started with "gpt".
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static uint64_t little(const uint8_t *p, int bytes)
{
	uint64_t value = 0;

	while (bytes--)
		value = value << 8 | p[bytes];
	return value;
}

/* The first three of a UUID's five groups are stored with their bytes in reverse. */
static int parse_uuid(const char *text, uint8_t uuid[16])
{
	static const uint8_t place[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	int used = 0;

	for (int i = 0; i < 16; i++) {
		unsigned byte;
		int step = 0;
		if ((i == 4 || i == 6 || i == 8 || i == 10) && text[used++] != '-')
			return 0;
		if (sscanf(text + used, "%2x%n", &byte, &step) != 1 || step != 2)
			return 0;
		uuid[place[i]] = byte;
		used += step;
	}
	return !text[used];
}

static int table_has(int disk, uint64_t block, uint64_t header_block, const uint8_t uuid[16])
{
	uint8_t header[92], entry[128];

	if (pread(disk, header, sizeof header, header_block * block) != (ssize_t)sizeof header
	    || memcmp(header, "EFI PART", 8))
		return 0;
	uint64_t start = little(header + 72, 8) * block, count = little(header + 80, 4), size = little(header + 84, 4);
	for (uint64_t i = 0; i < count && i < 1024 && size >= sizeof entry; i++) {
		if (pread(disk, entry, sizeof entry, start + i * size) != (ssize_t)sizeof entry)
			return 0;
		if (!memcmp(entry + 16, uuid, 16))
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t uuid[16];
	int block = 512;

	if (argc != 3 || !parse_uuid(argv[2], uuid)) {
		fprintf(stderr, "Usage: has-partition DISK UUID\n");
		return 2;
	}
	int disk = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (disk < 0) {
		perror(argv[1]);
		return 2;
	}
	/* A file has no sectors of its own. */
	if (ioctl(disk, BLKSSZGET, &block) || block < 512)
		block = 512;
	off_t end = lseek(disk, 0, SEEK_END);
	int found = table_has(disk, block, 1, uuid)
		|| (end >= 2 * block && table_has(disk, block, end / block - 1, uuid));
	close(disk);
	return !found;
}
