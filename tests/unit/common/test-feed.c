#include "common/feed.h"
#include "tests/assert_near.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SITE "[Site]\nLatitude=54.5 deg\nLongitude=11.2 deg\n"
#define AIS "[Feed]\nFormat=ais\nListen=239.192.0.1:8600\nSource=192.0.2.0/24\n" SITE
#define RADAR                                                                                      \
	"[Feed]\nFormat=asterix\nListen=10.0.0.1:8600\nSource=10.0.0.2\n" SITE                     \
	"[Radar]\nRangeSigma=20 m\nAzimuthSigma=0.1 deg\nScanPeriod=2.5 s\n"
#define CAMERA                                                                                     \
	"[Feed]\nFormat=camera\n" SITE "[Camera]\nUrl=rtsp://camera/main\nYaw=350 deg\nFieldOfView=60 deg\n" \
	"BearingSigma=0.05 deg\n"

static char dir[64];

static int set_up(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/test-feed-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int load(const char *name, const char *text, struct feed *feed, struct conf_error *error)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return feed_load(path, feed, error);
}

static void takes(const char *name, const char *text, struct feed *feed)
{
	struct conf_error error;

	if (load(name, text, feed, &error))
		fail_msg("%s", error.text);
}

/* The message without the directory. */
static void refuses(const char *name, const char *text, const char *expected)
{
	struct feed feed = { .sac = 77 };
	struct conf_error error;

	assert_int_equal(load(name, text, &feed, &error), -EINVAL);
	assert_memory_equal(error.text, dir, strlen(dir));
	assert_string_equal(error.text + strlen(dir) + 1, expected);
	assert_int_equal(feed.sac, 77); /* ret_ untouched on error */
}

static void ais_feed_is_read(void **state)
{
	struct feed f;

	takes("ais1.conf", AIS "Height=42 m\n[Feed]\nInterface=eth0\nSource=198.51.100.7\nRate=2000\n", &f);
	assert_string_equal(f.name, "ais1");
	assert_string_equal(f.site.feed, "ais1");
	assert_int_equal(f.format, FEED_AIS);
	assert_int_equal(f.site.sensor, PLOT_SENSOR_AIS);
	assert_int_equal(ntohl(f.listen.addr.word[0]), 0xefc00001);
	assert_int_equal(ntohs(f.listen.port), 8600);
	assert_string_equal(f.interface, "eth0");
	assert_int_equal(f.n_sources, 2);
	assert_int_equal(ntohl(f.sources[0].addr.word[0]), 0xc0000200);
	assert_int_equal(ntohl(f.sources[0].mask.word[0]), 0xffffff00);
	assert_int_equal(ntohl(f.sources[1].mask.word[0]), 0xffffffff);
	assert_int_equal(f.rate_pps, 2000);
	assert_int_equal(f.burst_packets, 2000); /* one second's worth */
	assert_near(f.site.lat_rad, 54.5 * M_PI / 180, 1e-15);
	assert_near(f.site.height_m, 42, 0);
	assert_true(isnan(f.site.max_range_m));
	assert_near(f.site.view_width_rad, 2 * M_PI, 0);
	assert_int_equal(f.sac, 256);
}

static void radar_feed_is_read(void **state)
{
	struct feed f;

	takes("radar-1.conf", RADAR "[Asterix]\nEdition=21=0.26\nEdition=48=1.15  62=1.18\n", &f);
	assert_int_equal(f.n_editions, 3);
	assert_int_equal(f.editions[0].cat, 21);
	assert_string_equal(f.editions[0].edition, "0.26");
	assert_int_equal(f.editions[2].cat, 62);
	assert_string_equal(f.editions[2].edition, "1.18");
	takes("radar-1.conf", RADAR "[Asterix]\nEdition=21=0.26\nEdition=\nEdition=1=1.1\n", &f);
	assert_int_equal(f.n_editions, 1);
	assert_int_equal(f.editions[0].cat, 1);
	takes("radar-1.conf", RADAR "MaxRange=20 NM\n[Asterix]\nSAC=50\nSIC=0\n[Feed]\nSource=\nSource=0.0.0.0/0\n", &f);
	assert_int_equal(f.site.sensor, PLOT_SENSOR_RADAR);
	assert_near(f.site.range_sigma_m, 20, 0);
	assert_near(f.site.azimuth_sigma_rad, 0.1 * M_PI / 180, 1e-15);
	assert_int_equal(f.site.scan_period_ns, 2500000000);
	assert_near(f.site.max_range_m, 37040, 1e-9);
	assert_int_equal(f.sac, 50);
	assert_int_equal(f.sic, 0);
	assert_int_equal(f.n_sources, 1);
	assert_int_equal(f.sources[0].mask.word[0], 0);
	assert_int_equal(f.rate_pps, 0);
	assert_int_equal(f.burst_packets, 0);
}

#define SIX "[Feed]\nFormat=ais\nListen=[ff12::8600]:8600\nSource=2001:db8::/32\n" SITE

static void ipv6_feed_is_read(void **state)
{
	struct feed f;

	takes("ais6.conf", SIX "[Feed]\nInterface=eth0\nSource=fe80::1\nFragments=pass\n", &f);
	assert_int_equal(f.listen.family, AF_INET6);
	assert_int_equal(ntohl(f.listen.addr.word[0]), 0xff120000);
	assert_int_equal(ntohl(f.listen.addr.word[3]), 0x8600);
	assert_int_equal(netaddr_prefix(&f.sources[0]), 32);
	assert_int_equal(netaddr_prefix(&f.sources[1]), 128);
	assert_int_equal(f.fragments, FEED_FRAGMENTS_PASS);
	refuses("ais6.conf", SIX, "ais6.conf: [Feed] Interface=: required for an IPv6 group, but missing");
	refuses("ais6.conf", SIX "[Feed]\nInterface=eth0\nSource=192.0.2.1\n",
		"ais6.conf: [Feed] Source=: must be IPv6, as Listen= is");
	refuses("ais4.conf", AIS "[Feed]\nSource=::1\n", "ais4.conf: [Feed] Source=: must be IPv4, as Listen= is");
}

/* The site is the reference of surface positions: as of every feed, it must be there. */
static void adsb_feed_is_read(void **state)
{
	struct feed feed;

	takes("adsb1.conf", "[Feed]\nFormat=adsb\nListen=192.0.2.1:30005\nSource=192.0.2.40\n" SITE, &feed);
	assert_int_equal(feed.format, FEED_ADSB);
	assert_int_equal(feed.site.sensor, PLOT_SENSOR_ADSB);
	assert_near(feed.site.view_width_rad, 2 * M_PI, 0);
	refuses("adsb1.conf", "[Feed]\nFormat=adsb\nListen=192.0.2.1:30005\nSource=192.0.2.40\n[Site]\nLatitude=54 deg\n",
		"adsb1.conf: [Site] Longitude=: required, but missing");
	refuses("adsb1.conf", "[Feed]\nFormat=adsb\nListen=192.0.2.1:30005\n" SITE,
		"adsb1.conf: [Feed] Source=: required, but missing: nobody could send");
}

static void klv_feed_is_a_camera_seen_from_anywhere(void **state)
{
	struct feed f;

	takes("uav1.conf", AIS "[Feed]\nFormat=klv\n", &f);
	assert_int_equal(f.format, FEED_KLV);
	assert_int_equal(f.site.sensor, PLOT_SENSOR_CAMERA);
	assert_near(f.site.view_width_rad, 2 * M_PI, 0);
}

static void camera_feed_is_read(void **state)
{
	struct feed f;

	takes("camera1.conf", CAMERA "Tilt=2 deg\nRoll=-1 deg\nYawSigma=0.3 deg\nCredential=/etc/vedette/camera1\n"
	      "MaxRange=8 km\n", &f);
	assert_int_equal(f.site.sensor, PLOT_SENSOR_CAMERA);
	assert_string_equal(f.url, "rtsp://camera/main");
	assert_string_equal(f.credential, "/etc/vedette/camera1");
	assert_near(f.site.view_rad, 350 * M_PI / 180, 1e-12);
	assert_near(f.site.view_width_rad, M_PI / 3, 1e-12);
	assert_near(f.camera_tilt_rad, 2 * M_PI / 180, 1e-12);
	assert_near(f.camera_roll_rad, -M_PI / 180, 1e-12);
	assert_near(f.camera_yaw_sigma_rad, 0.3 * M_PI / 180, 1e-12);
	assert_near(f.site.azimuth_sigma_rad, 0.05 * M_PI / 180, 1e-12);
	assert_int_equal(f.site.scan_period_ns, 1000000000);
	assert_int_equal(f.listen.family, 0);

	takes("camera1.conf", CAMERA "Url=rtp://127.0.0.1:5004\nInterval=200 ms\n[Feed]\nSource=127.0.0.1\n", &f);
	assert_int_equal(ntohs(f.listen.port), 5004);
	assert_int_equal(f.site.scan_period_ns, 200000000);
}

#define DIALLED "[Feed]\nFormat=ais\n" SITE "[Feed]\n"

static void dialled_feed_is_read(void **state)
{
	struct feed f;

	takes("a.conf", DIALLED "Connect=ais.example.org:10110\n", &f);
	assert_true(feed_is_dialled(&f));
	assert_string_equal(f.connect_host, "ais.example.org");
	assert_int_equal(f.connect_port, 10110);
	assert_int_equal(f.baud, 0);
	takes("a.conf", DIALLED "Connect=[2001:db8::1]:65535\n", &f);
	assert_string_equal(f.connect_host, "2001:db8::1");
	takes("a.conf", DIALLED "Device=/dev/serial/by-id/usb-AIS_1-if00\n", &f);
	assert_true(feed_is_dialled(&f));
	assert_string_equal(f.device, "/dev/serial/by-id/usb-AIS_1-if00");
	assert_int_equal(f.baud, 38400);
	takes("a.conf", DIALLED "Connect=a:1\nConnect=\nDevice=/dev/ttyS0\nBaud=4800\n", &f);
	assert_string_equal(f.connect_host, "");
	assert_int_equal(f.baud, 4800);
	takes("a.conf", AIS, &f);
	assert_false(feed_is_dialled(&f));
}

static void there_is_one_way_in(void **state)
{
	refuses("a.conf", AIS "[Feed]\nConnect=a:1\n", "a.conf: [Feed] Listen=: not with Connect= or Device=");
	refuses("a.conf", DIALLED "Connect=a:1\nDevice=/dev/ttyS0\n", "a.conf: [Feed] Connect= and Device=: only one of them");
	refuses("a.conf", DIALLED "Connect=a:1\nBaud=4800\n", "a.conf: [Feed] Baud=: only with Device=");
	refuses("a.conf", DIALLED "Connect=a:1\nSource=192.0.2.1\n",
		"a.conf: [Feed] Source=, Interface=, Rate=, Burst= and Fragments=: only with Listen=");
	refuses("a.conf", CAMERA "[Feed]\nDevice=/dev/ttyS0\n",
		"a.conf: [Feed] Connect=, Device= and Baud=: not for Format=camera");
}

static void each_mistake_in_a_value_has_its_line(void **state)
{
	refuses("a.conf", "[Feed]\nConnect=mast\n",
		"a.conf:2: [Feed] Connect=mast: must be HOST:PORT, e.g. 192.0.2.1:10110, or [IPV6]:PORT");
	refuses("a.conf", "[Feed]\nConnect=:1\n",
		"a.conf:2: [Feed] Connect=:1: must be HOST:PORT, e.g. 192.0.2.1:10110, or [IPV6]:PORT");
	refuses("a.conf", "[Feed]\nConnect=::1:1\n",
		"a.conf:2: [Feed] Connect=::1:1: not the name or the address of a host; an IPv6 address stands in [ ]");
	refuses("a.conf", "[Feed]\nConnect=[mast]:1\n", "a.conf:2: [Feed] Connect=[mast]:1: not an IPv6 address");
	refuses("a.conf", "[Feed]\nConnect=mast:0\n", "a.conf:2: [Feed] Connect=mast:0: port must be 1 to 65535");
	refuses("a.conf", "[Feed]\nDevice=/dev/../etc/x\n",
		"a.conf:2: [Feed] Device=/dev/../etc/x: must be a serial line, e.g. /dev/ttyUSB0 or /dev/serial/by-id/...");
	refuses("a.conf", "[Feed]\nBaud=38401\n",
		"a.conf:2: [Feed] Baud=38401: must be one of 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600");
	refuses("a.conf", "[Feed]\nFormat=morse\n", "a.conf:2: [Feed] Format=morse: must be one of: ais asterix camera nmea adsb klv");
	refuses("a.conf", "[Feed]\nListen=8600\n",
		"a.conf:2: [Feed] Listen=8600: must be ADDRESS:PORT, e.g. 239.192.0.1:8600, or [IPV6]:PORT");
	refuses("a.conf", "[Feed]\nListen=host:1\n", "a.conf:2: [Feed] Listen=host:1: not an IPv4 address; an IPv6 address stands in [ ]");
	refuses("a.conf", "[Feed]\nListen=[::x]:1\n", "a.conf:2: [Feed] Listen=[::x]:1: not an IPv6 address");
	refuses("a.conf", "[Feed]\nListen=::1:1\n",
		"a.conf:2: [Feed] Listen=::1:1: not an IPv4 address; an IPv6 address stands in [ ]");
	refuses("a.conf", "[Feed]\nListen=1.2.3.4:0\n", "a.conf:2: [Feed] Listen=1.2.3.4:0: port must be 1 to 65535");
	refuses("a.conf", "[Feed]\nListen=1.2.3.4:65536\n",
		"a.conf:2: [Feed] Listen=1.2.3.4:65536: port must be 1 to 65535");
	refuses("a.conf", "[Feed]\nListen=1.2.3.4:\n", "a.conf:2: [Feed] Listen=1.2.3.4:: port must be 1 to 65535");
	refuses("a.conf", "[Feed]\nInterface=eth0/1\n",
		"a.conf:2: [Feed] Interface=eth0/1: not the name of a network interface");
	refuses("a.conf", "[Feed]\nInterface=0123456789012345\n",
		"a.conf:2: [Feed] Interface=0123456789012345: not the name of a network interface");
	refuses("a.conf", "[Feed]\nSource=mast\n",
		"a.conf:2: [Feed] Source=mast: not an address or network, e.g. 192.0.2.0/24 or 2001:db8::/32");
	refuses("a.conf", "[Feed]\nSource=10.0.0.0/33\n",
		"a.conf:2: [Feed] Source=10.0.0.0/33: prefix length must be 0 to 32");
	refuses("a.conf", "[Feed]\nSource=10.0.0.0/\n",
		"a.conf:2: [Feed] Source=10.0.0.0/: prefix length must be 0 to 32");
	refuses("a.conf", "[Feed]\nSource=10.0.0.1/24\n",
		"a.conf:2: [Feed] Source=10.0.0.1/24: has address bits set beyond its prefix length");
	refuses("a.conf", "[Feed]\nSource=1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1\nSource=2.2.2.2\n",
		"a.conf:3: [Feed] Source=2.2.2.2: more than 8 sources");
	refuses("a.conf", "[Feed]\nRate=-1\n", "a.conf:2: [Feed] Rate=-1: not a whole number");
	refuses("a.conf", "[Site]\nLatitude=90.1 deg\n",
		"a.conf:2: [Site] Latitude=90.1 deg: out of range -90 to 90 deg");
	refuses("a.conf", "[Site]\nLongitude=11.2\n", "a.conf:2: [Site] Longitude=11.2: needs a unit: deg rad");
	static const char *const no_editions[] = { "21", "21=", "21=0", "21=0.", "=0.26", "0=0.26", "256=1.0", "21=0.26x",
		"21 =0.26", "21=123.4567", "99999999999999999999=1.0", "21=.26", "-1=1.0", "1=1.0,2=1.0" };

	for (unsigned i = 0; i < sizeof(no_editions) / sizeof(no_editions[0]); i++) {
		char text[64], expected[160];

		snprintf(text, sizeof(text), "[Asterix]\nEdition=%s\n", no_editions[i]);
		snprintf(expected, sizeof(expected), "a.conf:2: [Asterix] Edition=%s: must be CATEGORY=EDITION, e.g. 21=0.26",
			no_editions[i]);
		refuses("a.conf", text, expected);
	}
	refuses("a.conf", "[Asterix]\nEdition=1=1.0 2=1.0 3=1.0 4=1.0 5=1.0 6=1.0 7=1.0 8=1.0 9=1.0 10=1.0 11=1.0 12=1.0\n"
		"Edition=13=1.0 14=1.0 15=1.0 16=1.0 17=1.0\n",
		"a.conf:3: [Asterix] Edition=13=1.0 14=1.0 15=1.0 16=1.0 17=1.0: more than 16 editions");
	refuses("a.conf", "[Asterix]\nSAC=256\n", "a.conf:2: [Asterix] SAC=256: out of range 0 to 255");
	refuses("a.conf", "[Camera]\nUrl=http://x\n",
		"a.conf:2: [Camera] Url=http://x: must be rtsp://..., rtp://ADDRESS:PORT or file:///...");
	refuses("a.conf", "[Camera]\nUrl=rtp://\n", "a.conf:2: [Camera] Url=rtp://: must be rtp://ADDRESS:PORT");
	refuses("a.conf", "[Camera]\nUrl=rtp://x:1\n", "a.conf:2: [Camera] Url=rtp://x:1: not an IPv4 address; an IPv6 address stands in [ ]");
	refuses("a.conf", "[Camera]\nUrl=rtsp://u:p@host/x\n",
		"a.conf:2: [Camera] Url=rtsp://@host/x: holds a login; put it in the file of Credential=");
	refuses("a.conf", "[Camera]\nCredential=secret\n",
		"a.conf:2: [Camera] Credential=secret: must be an absolute path");
}

static void what_a_format_needs_must_be_there(void **state)
{
	struct feed f;

	refuses("a.conf", SITE, "a.conf: [Feed] Format=: required, but missing");
	refuses("a.conf", "[Feed]\nFormat=ais\n", "a.conf: [Site] Latitude=: required, but missing");
	refuses("a.conf", "[Feed]\nFormat=ais\n" SITE,
		"a.conf: [Feed] Listen=, Connect= or Device=: one is required for this format");
	refuses("a.conf", AIS "[Feed]\nSource=\n", "a.conf: [Feed] Source=: required, but missing: nobody could send");
	refuses("a.conf", AIS "[Camera]\nUrl=file:///x\n", "a.conf: [Camera] Url=: only for Format=camera");
	refuses("a.conf", "[Feed]\nFormat=asterix\nListen=10.0.0.1:8600\nSource=10.0.0.2\n" SITE,
		"a.conf: [Radar] RangeSigma=: required for Format=asterix, but missing");
	refuses("a.conf", CAMERA "Url=\n", "a.conf: [Camera] Url=: required for Format=camera, but missing");
	refuses("a.conf", CAMERA "Url=rtp://127.0.0.1:5004\n",
		"a.conf: [Feed] Source=: required, but missing: nobody could send");
	takes("a.conf", CAMERA "Url=file:///tmp/x.mp4\n", &f);
}

static void name_of_the_file_is_checked(void **state)
{
	static const char why[] = ": a feed's file must be named NAME.conf, NAME of at most 31 of a-z, 0-9 and -";
	static const char *const bad[] = { "Radar.conf", "a_b.conf", "a b.conf", "0123456789012345678901234567890x.conf" };
	struct feed f;
	char expected[128];

	for (size_t b = 0; b < sizeof(bad) / sizeof(bad[0]); b++) {
		snprintf(expected, sizeof(expected), "%s%s", bad[b], why);
		refuses(bad[b], AIS, expected);
	}
	takes("0123456789012345678901234567890.conf", AIS, &f);
	assert_int_equal(strlen(f.name), 31);
}

static int note(void *user, const struct feed *feed)
{
	char *names = user;

	snprintf(names + strlen(names), 40, "%s ", feed->name);
	return !strcmp(feed->name, "stop") ? -ECANCELED : 0;
}

static void feeds_come_in_byte_order_until_an_error(void **state)
{
	struct feed f;
	struct conf_error error;
	char names[128] = "", path[128];

	takes("b.conf", AIS, &f);
	takes("a.conf", RADAR, &f);
	takes("10.conf", CAMERA, &f);
	assert_int_equal(feed_each(dir, note, names, &error), 0);
	assert_string_equal(names, "10 a b ");

	load("aa.conf", "nonsense", &f, &error);
	names[0] = 0;
	assert_int_equal(feed_each(dir, note, names, &error), -EINVAL);
	assert_string_equal(names, "10 a ");
	assert_non_null(strstr(error.text, "/aa.conf:1: nonsense: not a Key=value line"));

	takes("aa.conf", AIS, &f);
	takes("stop.conf", AIS, &f);
	assert_int_equal(feed_each(dir, note, names, &error), -ECANCELED);

	snprintf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(feed_each(path, note, names, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/none: No such file or directory"));
}

static void every_key_has_its_help(void **state)
{
	for (const struct conf_key *key = feed_keys; key->section; key++)
		assert_non_null(key->help);
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FILE_TEST(ais_feed_is_read),
		FILE_TEST(radar_feed_is_read),
		FILE_TEST(ipv6_feed_is_read),
		FILE_TEST(adsb_feed_is_read),
		FILE_TEST(klv_feed_is_a_camera_seen_from_anywhere),
		FILE_TEST(camera_feed_is_read),
		FILE_TEST(dialled_feed_is_read),
		FILE_TEST(there_is_one_way_in),
		FILE_TEST(each_mistake_in_a_value_has_its_line),
		FILE_TEST(what_a_format_needs_must_be_there),
		FILE_TEST(name_of_the_file_is_checked),
		FILE_TEST(feeds_come_in_byte_order_until_an_error),
		cmocka_unit_test(every_key_has_its_help),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
