#include "tests/bpf/gate.h"

#include <arpa/inet.h>
#include <assert.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/ingest.skel.h"
#include "bpf/privilege.h"

void gate_excuse(const struct attach *attach, int error)
{
	char missing[64];
	int lacking = privilege_missing(missing, sizeof(missing));

	if (lacking || error == -EPERM || error == -EACCES)
		(void)printf("1..0 # SKIP %s%s%s\n", attach->reason, lacking ? "; missing " : "", missing);
	else
		(void)printf("1..1\nnot ok 1 - the program loads: %s\n", attach->reason);
}

int gate_open(struct gate *ret_gate)
{
	struct gate g = { .attach = calloc(1, sizeof(*g.attach)), .policy = calloc(1, sizeof(*g.policy)) };
	assert(g.attach && g.policy);

	/* "lo" only names an interface that is always there: nothing is attached or pinned. */
	int r = attach_load("lo", "/nowhere", g.attach);
	if (r < 0) {
		gate_excuse(g.attach, r);
		gate_close(&g);
		return r;
	}
	g.prog_fd = bpf_program__fd(g.attach->skel->progs.ingest);
	*ret_gate = g;
	return 0;
}

void gate_close(struct gate *gate)
{
	attach_done(gate->attach);
	free(gate->attach);
	free(gate->policy);
}

void gate_set_strict(struct gate *gate, const struct feed *feeds, unsigned n, bool strict)
{
	struct conf_error error;
	int r = policy_compile(feeds, n, &gate->attach->slots, gate->policy, &error);
	assert(r == 0);
	if (strict)
		policy_be_strict(gate->policy, NULL, 0);
	attach_policy(gate->attach, gate->policy);
}

void gate_set(struct gate *gate, const struct feed *feeds, unsigned n)
{
	gate_set_strict(gate, feeds, n, false);
}

int gate_run(struct gate *gate, const void *frame, size_t size, unsigned repeat, uint32_t *ret_ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = (__u32)size, .repeat = (int)repeat);
	if (bpf_prog_test_run_opts(gate->prog_fd, &opts) < 0)
		return -errno;
	if (ret_ns)
		*ret_ns = opts.duration;
	return (int)opts.retval;
}

unsigned gate_instructions(const struct gate *gate)
{
	struct bpf_prog_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(gate->prog_fd, &info, &size) == 0 ? info.verified_insns : 0;
}

unsigned gate_slot(const struct gate *gate, const char *feed)
{
	for (unsigned i = 1; *feed && i < INGEST_SLOTS; i++)
		if (strcmp(gate->attach->slots.name[i].text, feed) == 0)
			return i;
	return 0;
}

struct feed gate_feed(const char *name, enum feed_format format, const char *address, uint16_t port)
{
	struct feed f = { .format = format };

	(void)snprintf(f.name, sizeof(f.name), "%s", name);
	f.listen.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	f.listen.port = htons(port);
	int r = inet_pton(f.listen.family, address, f.listen.addr.word);
	assert(r == 1);
	return f;
}

void gate_source(struct feed *feed, const char *address, unsigned prefix)
{
	struct netaddr_network *net = &feed->sources[feed->n_sources];
	char text[NETADDR_TEXT_MAX + 8];

	assert(feed->n_sources++ < FEED_SOURCES_MAX);
	(void)snprintf(text, sizeof(text), "::/%u", prefix + (strchr(address, ':') ? 0 : 96));
	assert(!netaddr_network(text, strlen(text), net));
	struct netaddr mask = net->mask;
	net->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	net->mask = net->family == AF_INET6 ? mask : (struct netaddr){ { mask.word[3] } };
	assert(inet_pton(net->family, address, net->addr.word) == 1);
	for (int w = 0; w < 4; w++)
		net->addr.word[w] &= net->mask.word[w];
}
