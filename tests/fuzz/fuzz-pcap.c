/* fuzz-pcap - any bytes as a capture file. */
#include <stdint.h>
#include <stdlib.h>

#include "sensor/decode/container.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct container c;
	struct container_datagram d;
	static volatile unsigned keep; /* every byte is read */

	if (container_init(&c, data, size) < 0)
		return 0;
	while (container_next(&c, &d)) {
		if (d.data < data || d.data + d.size > data + size)
			abort();
		for (size_t i = 0; i < d.size; i++)
			keep = keep + d.data[i];
	}
	return 0;
}
