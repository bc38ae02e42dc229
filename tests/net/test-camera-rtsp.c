/*
 * A real RTSP camera, gst-rtsp-server on loopback: frames come, the camera dies, its reason is told, it comes back and
 * so do the frames, without a restart of ours.
 */
#include "common/clock.h"
#include "common/loop.h"
#include "sensor/camera/pipeline.h"
#include "tests/assert_near.h"

#include <gst/gst.h>
#include <gst/rtsp-server/rtsp-server.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define GIVE_UP_NS (40 * CLOCK_NS_PER_S)

struct watch {
	int frames, downs;
	char reason[256];
};

static void on_frame(void *user, const struct pipeline_frame *f)
{
	struct watch *w = user;
	assert_non_null(f->y);
	assert_true(f->y_stride >= PIPELINE_WIDTH && f->uv_stride >= PIPELINE_WIDTH / 2);
	w->frames++;
}

static void on_state(void *user, bool up, const char *reason)
{
	struct watch *w = user;
	if (up)
		return;
	w->downs++;
	snprintf(w->reason, sizeof(w->reason), "%s", reason);
}

/* The camera: this program again, in a process of its own, so that GStreamer starts afresh in it. */
static int serve(const char *port)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	GstRTSPServer *server = gst_rtsp_server_new();
	GstRTSPMediaFactory *factory = gst_rtsp_media_factory_new();
	gst_rtsp_server_set_address(server, "127.0.0.1");
	gst_rtsp_server_set_service(server, port);
	gst_rtsp_media_factory_set_launch(factory,
		"( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=180,framerate=10/1 ! "
		"x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay name=pay0 pt=96 )");
	GstRTSPMountPoints *mounts = gst_rtsp_server_get_mount_points(server);
	gst_rtsp_mount_points_add_factory(mounts, "/cam", factory);
	g_object_unref(mounts);
	if (!gst_rtsp_server_attach(server, NULL))
		return 1;
	g_main_loop_run(g_main_loop_new(NULL, FALSE));
	return 1;
}

static pid_t start_camera(const char *port)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	execl("/proc/self/exe", "test-camera-rtsp", "serve", port, NULL);
	_exit(127);
}

static void kill_camera(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Runs the loop until *count reaches @n; a loop that gives up fails the test. */
static void run_until(sd_event *event, const int *count, int n)
{
	int64_t until_ns = clock_mono_ns() + GIVE_UP_NS;
	while (*count < n && clock_mono_ns() < until_ns)
		assert_true(sd_event_run(event, 100000) >= 0);
	assert_true(*count >= n);
}

static void a_camera_that_dies_is_told_and_found_again(void **state)
{
	char port[8];
	struct feed feed;
	struct watch w = { 0 };
	struct pipeline *pipeline;
	sd_event *event;
	static const struct pipeline_ops ops = { on_frame, on_state };

	snprintf(port, sizeof(port), "%d", 20000 + getpid() % 20000);
	pid_t camera = start_camera(port);
	feed_init(&feed);
	snprintf(feed.url, sizeof(feed.url), "rtsp://127.0.0.1:%s/cam", port);
	assert_int_equal(loop_new(NULL, NULL, &event), 0);
	assert_int_equal(pipeline_new(event, &feed, &ops, &w, &pipeline), 0);

	run_until(event, &w.frames, 5);
	kill_camera(camera);
	int downs = w.downs;
	run_until(event, &w.downs, downs + 1);
	assert_true(*w.reason);
	camera = start_camera(port);
	w.frames = 0;
	run_until(event, &w.frames, 5);

	kill_camera(camera);
	pipeline_free(pipeline);
	sd_event_unref(event);
}

int main(int argc, char **argv)
{
	gst_init(NULL, NULL);
	if (argc == 3 && !strcmp(argv[1], "serve"))
		return serve(argv[2]);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_camera_that_dies_is_told_and_found_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
