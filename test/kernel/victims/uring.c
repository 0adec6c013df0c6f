// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* What other victims do by system calls, done by io_uring. Runs in a directory of its own. */
#include "ring.h"

#include <linux/openat2.h>
#include <pthread.h>

/* enum event_flags */
#define RESULT_ASSUMED 128
#define DIRECT	       256

static struct io_uring_sqe request(int op, int fd, const void *address, unsigned length, uint64_t offset)
{
	return (struct io_uring_sqe){
		.opcode = op, .fd = fd, .addr = (uintptr_t)address, .len = length, .off = offset,
	};
}

static void names(const char *name, const char *directory, const char *value, int dirfd)
{
	truth_string(name, value);
	if (value[0] == '/')
		truth_absent(directory);
	else
		truth_directory(directory, dirfd);
}

/* ---- open ---- */

static struct io_uring_sqe open_request(int dirfd, const char *name, int flags, int mode)
{
	struct io_uring_sqe entry = request(IORING_OP_OPENAT, dirfd, name, mode, 0);

	entry.open_flags = flags;
	return entry;
}

/* The kernel adds O_LARGEFILE to what is asked for, as its open of 64 bits does. */
static void opened_as(const char *call, long result, const char *name, int dirfd, int flags, int mode)
{
	truth_begin("open", call, result);
	truth_uring();
	names("name", "dirPath", name, dirfd);
	truth_number("dirfd", dirfd);
	truth_number("flags", flags | 0100000);
	truth_number("mode", mode);
}

static void opened(const char *call, long fd, const char *name, int dirfd, int flags, int mode)
{
	opened_as(call, fd, name, dirfd, flags, mode);
	if (fd >= 0) {
		truth_file("file", fd);
		close(fd);
	} else {
		truth_no_file("file");
	}
	truth_end();
}

static void open_and_tell(struct ring *ring, int dirfd, const char *name, int flags, int mode, unsigned sqe_flags)
{
	struct io_uring_sqe entry = open_request(dirfd, name, flags, mode);

	entry.flags = sqe_flags;
	opened("openat", ring_call(ring, &entry), name, dirfd, flags, mode);
}

static void open_act(void)
{
	struct ring ring = ring_open(0);
	struct open_how how = { .flags = O_CREAT | O_WRONLY, .mode = 0600, .resolve = RESOLVE_NO_SYMLINKS };
	struct io_uring_sqe entry = request(IORING_OP_OPENAT2, AT_FDCWD, "by-openat2", sizeof(how), (uintptr_t)&how);
	int below;

	must(mkdir("below", 0700) == 0 && symlink("below/inner", "link") == 0, "mkdir");
	make_file("below/inner", 0644);
	below = open("below", O_PATH | O_DIRECTORY);
	open_and_tell(&ring, AT_FDCWD, "created \n\x1b[31m\xff.txt", O_RDWR | O_CREAT | O_EXCL, 0640, 0);
	open_and_tell(&ring, below, "../below/./inner", O_RDONLY, 0, 0);
	open_and_tell(&ring, AT_FDCWD, "link", O_RDONLY, 0, 0);
	open_and_tell(&ring, AT_FDCWD, "/etc/passwd", O_RDONLY, 0, 0);
	open_and_tell(&ring, AT_FDCWD, "missing", O_RDONLY, 0, 0);
	opened("openat2", ring_call(&ring, &entry), "by-openat2", AT_FDCWD, how.flags, how.mode);
	/* By a worker of the kernel's. */
	open_and_tell(&ring, AT_FDCWD, "below/inner", O_RDONLY, 0, IOSQE_ASYNC);
}

/* By a thread of the kernel's that looks for requests: no system call at all. */
static void polled_act(void)
{
	struct ring ring = ring_open(IORING_SETUP_SQPOLL);

	make_file("polled", 0644);
	open_and_tell(&ring, AT_FDCWD, "polled", O_RDONLY, 0, 0);
	open_and_tell(&ring, AT_FDCWD, "missing", O_RDONLY, 0, 0);
}

static void *submit_in_thread(void *ring)
{
	open_and_tell(ring, AT_FDCWD, "in-thread", O_CREAT | O_WRONLY, 0600, 0);
	return NULL;
}

/* A ring that another made: whose request it is is who submits it. */
static void others_act(void)
{
	struct ring ring = ring_open(0);
	pthread_t thread;
	int status;
	pid_t child;

	must(pthread_create(&thread, NULL, submit_in_thread, &ring) == 0, "thread");
	pthread_join(thread, NULL);
	child = fork();
	if (child == 0) {
		open_and_tell(&ring, AT_FDCWD, "in-child", O_CREAT | O_WRONLY, 0600, 0);
		_exit(0);
	}
	must(waitpid(child, &status, 0) == child && status == 0, "child");
}

/* Into the ring's own table: the process has no descriptor of it. */
static void direct_act(void)
{
	struct ring ring = ring_open(0);
	int places[4] = { -1, -1, -1, -1 };
	struct io_uring_sqe entry = open_request(AT_FDCWD, "direct", O_RDONLY, 0);
	struct stat s;

	make_file("direct", 0644);
	must(stat("direct", &s) == 0, "stat");
	must(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, places, 4) == 0, "register");
	for (unsigned i = 0; i < 2; i++) {
		entry.file_index = i == 0 ? 3 : IORING_FILE_INDEX_ALLOC;
		opened_as("openat", ring_call(&ring, &entry), "direct", AT_FDCWD, O_RDONLY, 0);
		truth_number("file.inode", s.st_ino);
		truth_number("file.dev", device_number(s.st_dev));
		truth_number("h.flags", DIRECT);
		truth_end();
	}
}

/* Success is not told to anybody. The failure is told to the owner, after the record was sent. */
static void skipped_act(void)
{
	struct ring ring = ring_open(0);
	struct io_uring_sqe entry = open_request(AT_FDCWD, "skipped", O_RDONLY, 0);

	make_file("skipped", 0644);
	entry.flags = IOSQE_CQE_SKIP_SUCCESS;
	ring_submit(&ring, &entry);
	opened_as("openat", 0, "skipped", AT_FDCWD, O_RDONLY, 0);
	truth_no_file("file");
	truth_number("h.flags", RESULT_ASSUMED);
	truth_end();
	entry.addr = (uintptr_t) "missing";
	must(ring_call(&ring, &entry) == -1 && errno == ENOENT, "the failure");
	opened_as("openat", 0, "missing", AT_FDCWD, O_RDONLY, 0);
	truth_no_file("file");
	truth_number("h.flags", RESULT_ASSUMED);
	truth_end();
}

/* A queue of completions that is full: no tracepoint tells which request has ended. */
static void overflow_act(void)
{
	struct ring ring = ring_open_with((struct io_uring_params){ .flags = IORING_SETUP_CQSIZE, .cq_entries = 8 });
	struct io_uring_sqe nothing = request(IORING_OP_NOP, -1, NULL, 0, 0);
	struct io_uring_sqe entry = open_request(AT_FDCWD, "overflown", O_RDONLY, 0);

	make_file("overflown", 0644);
	for (int i = 0; i < 8; i++)
		ring_submit(&ring, &nothing);
	ring_submit(&ring, &entry);
	opened_as("openat", 0, "overflown", AT_FDCWD, O_RDONLY, 0);
	truth_number("h.flags", RESULT_ASSUMED);
	truth_end();
}

/* ---- names ---- */

static void unlink_and_tell(struct ring *ring, int dirfd, const char *name, int flags)
{
	struct io_uring_sqe entry = request(IORING_OP_UNLINKAT, dirfd, name, 0, 0);
	long result;

	entry.unlink_flags = flags;
	result = ring_call(ring, &entry);
	truth_begin("unlink", "unlinkat", result);
	truth_uring();
	names("name", "dirPath", name, dirfd);
	truth_number("dirfd", dirfd);
	truth_number("flags", flags);
	truth_end();
}

static void unlink_act(void)
{
	struct ring ring = ring_open(0);
	int here = open(".", O_PATH | O_DIRECTORY);

	make_file("a", 0600);
	must(mkdir("c", 0700) == 0, "mkdir");
	unlink_and_tell(&ring, here, "a", 0);
	unlink_and_tell(&ring, AT_FDCWD, "./c", AT_REMOVEDIR);
	unlink_and_tell(&ring, AT_FDCWD, "/nowhere/at/all", 0);
}

static void mkdir_and_tell(struct ring *ring, int dirfd, const char *name, int mode)
{
	struct io_uring_sqe entry = request(IORING_OP_MKDIRAT, dirfd, name, mode, 0);
	long result = ring_call(ring, &entry);

	truth_begin("mkdir", "mkdirat", result);
	truth_uring();
	names("name", "dirPath", name, dirfd);
	truth_number("dirfd", dirfd);
	truth_number("mode", mode);
	truth_end();
}

static void mkdir_act(void)
{
	struct ring ring = ring_open(0);
	int here = open(".", O_PATH | O_DIRECTORY);

	mkdir_and_tell(&ring, here, "one", 0751);
	mkdir_and_tell(&ring, AT_FDCWD, "one", 0700);
}

/* rename and link: from one name to another. */
static void two_names(struct ring *ring, const char *kind, const char *call, int op, int old_dirfd, const char *old_name,
		      int new_dirfd, const char *new_name, int flags)
{
	struct io_uring_sqe entry = request(op, old_dirfd, old_name, new_dirfd, (uintptr_t)new_name);
	long result;

	entry.rename_flags = flags;
	result = ring_call(ring, &entry);
	truth_begin(kind, call, result);
	truth_uring();
	names("oldName", "oldDirPath", old_name, old_dirfd);
	names("newName", "newDirPath", new_name, new_dirfd);
	truth_number("oldDirfd", old_dirfd);
	truth_number("newDirfd", new_dirfd);
	truth_number("flags", flags);
	truth_end();
}

static void rename_act(void)
{
	struct ring ring = ring_open(0);
	int below;

	must(mkdir("below", 0700) == 0, "mkdir");
	below = open("below", O_PATH | O_DIRECTORY);
	make_file("a", 0600);
	make_file("below/b", 0600);
	two_names(&ring, "rename", "renameat2", IORING_OP_RENAMEAT, AT_FDCWD, "a", below, "b", 2 /* RENAME_EXCHANGE */);
	two_names(&ring, "rename", "renameat2", IORING_OP_RENAMEAT, below, "b", AT_FDCWD, "c", 0);
	two_names(&ring, "rename", "renameat2", IORING_OP_RENAMEAT, AT_FDCWD, "/nowhere/at/all", AT_FDCWD, "d", 0);
}

static void link_act(void)
{
	struct ring ring = ring_open(0);
	int here = open(".", O_PATH | O_DIRECTORY);

	make_file("a", 0600);
	two_names(&ring, "link", "linkat", IORING_OP_LINKAT, AT_FDCWD, "a", here, "b", AT_SYMLINK_FOLLOW);
	two_names(&ring, "link", "linkat", IORING_OP_LINKAT, AT_FDCWD, "a", here, "b", 0);
}

static void symlink_and_tell(struct ring *ring, const char *target, int dirfd, const char *name)
{
	struct io_uring_sqe entry = request(IORING_OP_SYMLINKAT, dirfd, target, 0, (uintptr_t)name);
	long result = ring_call(ring, &entry);

	truth_begin("symlink", "symlinkat", result);
	truth_uring();
	truth_string("target", target);
	names("name", "dirPath", name, dirfd);
	truth_number("dirfd", dirfd);
	truth_end();
}

static void symlink_act(void)
{
	struct ring ring = ring_open(0);
	int here = open(".", O_PATH | O_DIRECTORY);

	symlink_and_tell(&ring, "/etc/shadow", here, "one");
	symlink_and_tell(&ring, "anything", AT_FDCWD, "one");
}

int main(int argc, char **argv)
{
	static const struct act acts[] = {
		{ "open", open_act },	    { "polled", polled_act }, { "others", others_act },
		{ "direct", direct_act },   { "skipped", skipped_act }, { "overflow", overflow_act },
		{ "unlink", unlink_act },   { "mkdir", mkdir_act },	  { "rename", rename_act },
		{ "link", link_act },	    { "symlink", symlink_act }, { NULL, NULL },
	};

	return run_act(acts, argc, argv);
}
