/*
 * boot-disk SYSFS-PATH [EFIVARS]: prints HADRON_BOOT_DISK=yes|no|unknown, for udev's IMPORT{program}.
 *
 * The boot loader tells the partition it was read from by UUID only, and a second disk with the same image has the same.
 * The firmware's record of what it started (BootCurrent, Boot####; UEFI 2.10, 3.1.3 and 10.3) is mostly a path of the
 * hardware: PCI bridges and the controller, then the device behind it. It is compared with the disk's place in sysfs.
 * Where the record is a partition only (a short-form path), the answer is "unknown".
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HARDWARE = 1, ACPI = 2, MESSAGING = 3, END = 0x7f };

static const char global[] = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

/* The content of a variable without the four bytes of attributes that efivarfs puts first; its size, or 0. */
static size_t read_variable(const char *directory, const char *name, uint8_t *data, size_t room)
{
	char path[512];
	uint8_t attributes[4];
	size_t size = 0;

	snprintf(path, sizeof path, "%s/%s-%s", directory, name, global);
	FILE *file = fopen(path, "rb");
	if (!file)
		return 0;
	if (fread(attributes, 1, 4, file) == 4)
		size = fread(data, 1, room, file);
	fclose(file);
	return size;
}

static unsigned little16(const uint8_t *p)
{
	return p[0] | p[1] << 8;
}

struct place {
	/* Device and function of each bridge and of the controller, outermost first. */
	unsigned pci[32];
	size_t depth;
	/* Target and unit behind a SCSI controller, -1 where that is not how the disk is reached. */
	long target, unit;
};

static void parse_load_option(const uint8_t *option, size_t size, struct place *place)
{
	size_t at = 6;

	if (size < at + 2)
		return;
	size_t length = little16(option + 4);
	while (at + 2 <= size && little16(option + at))
		at += 2;
	at += 2;
	size_t end = at + length < size ? at + length : size;
	while (at + 4 <= end) {
		const uint8_t *node = option + at;
		size_t bytes = little16(node + 2);
		if (node[0] == END || bytes < 4 || at + bytes > end)
			return;
		if (node[0] == HARDWARE && node[1] == 1 && bytes >= 6 && place->depth < 32)
			place->pci[place->depth++] = node[5] << 8 | node[4];
		if (node[0] == MESSAGING && node[1] == 2 && bytes >= 8) {
			place->target = little16(node + 4);
			place->unit = little16(node + 6);
		}
		at += bytes;
	}
}

static void parse_sysfs(char *path, struct place *place)
{
	for (char *part = strtok(path, "/"); part; part = strtok(NULL, "/")) {
		unsigned domain, bus, device, function, host, channel, target, unit;
		int used = 0;
		if (sscanf(part, "%4x:%2x:%2x.%1x%n", &domain, &bus, &device, &function, &used) == 4 && !part[used]
		    && place->depth < 32)
			place->pci[place->depth++] = device << 8 | function;
		used = 0;
		if (sscanf(part, "%u:%u:%u:%u%n", &host, &channel, &target, &unit, &used) == 4 && !part[used]) {
			place->target = target;
			place->unit = unit;
		}
	}
}

static const char *compare(const struct place *firmware, const struct place *disk)
{
	/* Where the depths differ, firmware and Linux count different things: a single disk must not be ruled out by that. */
	if (!firmware->depth || firmware->depth != disk->depth)
		return "unknown";
	if (memcmp(firmware->pci, disk->pci, disk->depth * sizeof disk->pci[0]))
		return "no";
	if (firmware->target >= 0 && disk->target >= 0
	    && (firmware->target != disk->target || firmware->unit != disk->unit))
		return "no";
	return "yes";
}

int main(int argc, char **argv)
{
	const char *directory = argc > 2 ? argv[2] : "/sys/firmware/efi/efivars";
	struct place firmware = { .target = -1, .unit = -1 }, disk = { .target = -1, .unit = -1 };
	static uint8_t data[65536];
	char name[16];

	if (argc < 2) {
		fprintf(stderr, "Usage: boot-disk SYSFS-PATH [EFIVARS]\n");
		return 2;
	}
	parse_sysfs(argv[1], &disk);
	if (read_variable(directory, "BootCurrent", data, sizeof data) >= 2) {
		snprintf(name, sizeof name, "Boot%04X", little16(data));
		parse_load_option(data, read_variable(directory, name, data, sizeof data), &firmware);
	}
	printf("HADRON_BOOT_DISK=%s\n", compare(&firmware, &disk));
	return 0;
}
