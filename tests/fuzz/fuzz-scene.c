/* fuzz-scene - a scene file of any bytes is read or refused with a reason; what is read can be sailed. */
#include <stdlib.h>

#include "cli/simulate/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene *scene;
	struct scene_error error = { "" };
	struct world world;
	const char *bad = "";

	if (scene_parse("fuzz", (const char *)data, size, &scene, &error) < 0) {
		if (!error.text[0])
			abort(); /* refused without a reason */
		return 0;
	}
	if (world_init(&world, scene, 0, 1, &bad) == 0) {
		for (unsigned i = 0; i < scene->n_vessels && i < 8; i++) {
			struct voyage_state s;
			for (int64_t t = 0; t < 16; t++)
				(void)world_vessel(&world, i, t * INT64_C(977000000000), &s);
		}
		world_done(&world);
	}
	scene_free(scene);
	return 0;
}
