/* replay - feeds every file of a corpus to a fuzz target, so that each build repeats what fuzzing found. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return -1;
	static uint8_t buf[1 << 20];
	size_t n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	/* A copy of exactly n bytes: the sanitizer sees a read past the end. */
	uint8_t *exact = malloc(n ? n : 1);
	if (!exact)
		return -1;
	for (size_t i = 0; i < n; i++)
		exact[i] = buf[i];
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	DIR *dir = opendir(argv[1]);
	if (!dir) {
		fprintf(stderr, "replay: no corpus at %s\n", argv[1]);
		return 1;
	}
	unsigned count = 0;
	for (struct dirent *e; (e = readdir(dir));) {
		char path[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], e->d_name);
		if (replay_file(path) < 0) {
			fprintf(stderr, "replay: cannot read %s\n", path);
			return 1;
		}
		count++;
	}
	closedir(dir);
	printf("replayed %u inputs\n", count);
	return count ? 0 : 1; /* an empty corpus proves nothing */
}
