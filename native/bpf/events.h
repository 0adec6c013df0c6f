/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * THE wire schema between the kernel programs and everything else.
 *
 * A record is: struct event_header, the rest of its kind's struct, then the bytes of its variable
 * strings. Fields are naturally aligned, padding is explicit, nothing is packed (packed structs make
 * clang store byte by byte). All numbers are in the CPU's byte order (little endian on x86_64 and arm64).
 *
 * A string is a struct vstr: the offset of its first byte from the start of the record, and its
 * length in bytes, without a terminating NUL. {0, 0} means that there is none (absent); a present empty
 * string has an offset. Bytes are what the kernel has: any byte but NUL, not always UTF-8.
 *
 * agent/decode/layout.gen.ts is generated from this file's BTF. Change anything here: bump ABI_VERSION.
 */
#ifndef ATALAYA_EVENTS_H
#define ATALAYA_EVENTS_H

enum atalaya_abi {
	ABI_VERSION = 5,
};

enum event_kind {
	/* process */
	KIND_FORK = 1,
	KIND_EXEC = 2,
	KIND_EXIT = 3,
	/* file */
	KIND_OPEN = 10,
	KIND_DUP = 11,
	KIND_UNLINK = 12,
	KIND_RENAME = 13,
	KIND_LINK = 14,
	KIND_SYMLINK = 15,
	KIND_MKDIR = 16,
	KIND_CHMOD = 17,
	KIND_CHOWN = 18,
	KIND_CHDIR = 19,
	KIND_MKNOD = 20,
	KIND_TRUNCATE = 21,
	KIND_UTIMES = 22,
	KIND_XATTR = 23,
	KIND_HANDLE = 24,
	/* net */
	KIND_SOCKET = 30,
	KIND_CONNECT = 31,
	KIND_ACCEPT = 32,
	KIND_BIND = 33,
	KIND_LISTEN = 34,
	KIND_SEND = 35,
	/* cred */
	KIND_SETUID = 50,
	KIND_SETGID = 51,
	KIND_CAPSET = 52,
	KIND_PRCTL = 53,
	KIND_SECCOMP = 54,
	KIND_KEYS = 55,
	/* module, memory (what gives power over other processes or the kernel) */
	KIND_PTRACE = 60,
	KIND_MODULE = 61,
	KIND_BPF = 62,
	KIND_MEMFD = 63,
	KIND_VMACCESS = 64,
	KIND_USERFAULTFD = 65,
	KIND_PERF = 66,
	KIND_RING = 67,
	KIND_KEXEC = 68,
	KIND_MACHINE = 69,
	/* mount and namespaces */
	KIND_MOUNT = 70,
	KIND_SETNS = 71,
	KIND_UNSHARE = 72,
	KIND_CHROOT = 73,
	KIND_PIVOT = 74,
	KIND_UMOUNT = 75,
	KIND_FSMOUNT = 76,
	/* signals */
	KIND_SIGNAL = 80,
	/* the sensor's own */
	KIND_HEARTBEAT = 120,
	KIND_TASK = 121, /* a task that existed before the agent: from the task iterator, never in a ring */
	KIND_SOCKETCALL = 122, /* no record has it: the class of i386's socketcall, one number for many calls */
	KIND_MAX = 128,
};

/* Lanes: one ring buffer each; figures in maps.h. */
enum event_lane {
	LANE_RARE = 0,      /* exec; successful changes of credentials, namespaces, mounts, tracing, modules, bpf */
	LANE_LIFECYCLE = 1, /* fork, exit */
	LANE_BULK = 2,      /* files, sockets, failures, calls that change nothing */
	LANE_COUNT = 3,
};

/* event_header.flags */
enum event_flags {
	EVENT_TRUNCATED = 1 << 0,       /* a string was longer than its limit and is cut */
	EVENT_PATH_INCOMPLETE = 1 << 1, /* a path walk did not reach a root (deeper than the limit, disconnected) */
	EVENT_COMPAT = 1 << 2,          /* 32-bit system call: `syscall` is an i386 number */
	EVENT_IO_URING = 1 << 3,        /* done by io_uring; `syscall` is the call that would have done the same */
	EVENT_USER_MEMORY = 1 << 4,     /* a path or address was read from user memory, not from a kernel object */
	EVENT_FILES_SHARED = 1 << 5,    /* the file table is shared with another thread: a descriptor may have been swapped */
	EVENT_READ_FAILED = 1 << 6,     /* a kernel or user read failed; the value is zero or absent */
	EVENT_RESULT_ASSUMED = 1 << 7,  /* io_uring did not tell the result: 0 stands for "has not failed, as far as is known" */
	EVENT_DIRECT = 1 << 8,          /* the descriptor is a place in the ring's own table, not in the process's */
};

struct vstr {
	__u16 offset;
	__u16 length;
};

struct event_header {
	__u16 abi;
	__u16 kind;          /* enum event_kind */
	__u32 length;        /* of the whole record in bytes */
	__u64 time_ns;       /* CLOCK_BOOTTIME */
	__u64 sequence;      /* per (cpu, lane), from 1; failed reserves take a number too */
	__u16 cpu;
	__u8 lane;           /* enum event_lane */
	__u8 pad0;
	__u32 generation;    /* of the plan in force */
	__u32 flags;         /* enum event_flags */
	__s32 syscall;       /* number, or -1 when no system call is behind it; for socketcall, of the call it stands for */
	__s64 result;        /* return value of the call: >= 0 or -errno */
	__u32 tid;
	__u32 pid;           /* thread group id */
	__u64 tid_start_ns;  /* start_boottime of the thread */
	__u64 pid_start_ns;  /* start_boottime of the group leader: (pid, pid_start_ns) is the identity */
	__u32 ppid;          /* real parent's thread group id */
	__u32 session;       /* session leader's pid in the initial pid namespace */
	__u64 ppid_start_ns;
	__u32 vtid;          /* in the process's own pid namespace */
	__u32 vpid;
	__u32 pgid;          /* process group, initial pid namespace */
	__u32 tty;           /* device number as Falco gives it (major << 20 | minor); 0 = none */
	__u32 uid;           /* of the initial user namespace, all four */
	__u32 euid;
	__u32 gid;
	__u32 egid;
	__u32 loginuid;      /* 0xffffffff = unset */
	__u32 exe_dev;       /* kernel's MKDEV encoding: major << 20 | minor */
	__u64 exe_inode;
	__u64 cap_effective;
	__u64 cgroup_id;     /* kernfs id in the hierarchy chosen at load */
	__u32 mnt_ns;        /* inode numbers of the namespaces */
	__u32 pid_ns;
	__u32 user_ns;
	__u32 net_ns;
	__u8 comm[16];       /* NUL-padded */
};

/* What a file descriptor or a name refers to, read from the kernel's inode and dentry. */
struct file_block {
	__u64 inode;
	__u64 ctime_ns;      /* i_ctime, wall clock; 0 when not read */
	__u64 mtime_ns;
	__u32 dev;           /* super block device, MKDEV encoding */
	__u32 mode;          /* i_mode with type bits; 0 = no file */
	__u32 open_flags;    /* struct file's f_flags */
	__u32 nlink;
	__u32 uid;           /* owner */
	__u32 gid;
	/*
	 * The path as the process's mount namespace has it. path_root_offset: where in it the part below
	 * the process's own root begins (0 = the process's root is the namespace's root, or was not
	 * crossed). So path.slice(path_root_offset) is what the process itself would call it.
	 */
	struct vstr path;
	__u16 path_root_offset;
	__u8 overlay;        /* enum overlay_layer */
	__u8 file_flags;     /* enum file_flags */
};

enum overlay_layer {
	OVERLAY_NONE = 0,
	OVERLAY_UPPER = 1,
	OVERLAY_LOWER = 2,
};

enum file_flags {
	FILE_DELETED = 1 << 0,  /* no directory entry any more */
	FILE_MEMFD = 1 << 1,
	FILE_CREATED = 1 << 2,  /* this open created it (FMODE_CREATED) */
	FILE_NOT_PATH = 1 << 3, /* pipe, socket, anon inode: path is the dentry's name or empty */
	FILE_WRITABLE_BY_OTHERS = 1 << 4, /* mode has o+w */
};

/* A socket's own view of itself. Addresses in network byte order; IPv4 in the first 4 bytes. */
struct sock_block {
	__u16 family;        /* AF_* */
	__u16 type;          /* SOCK_* */
	__u16 protocol;      /* IPPROTO_* */
	__u16 state;         /* TCP_* state */
	__u16 local_port;    /* host byte order, both */
	__u16 remote_port;
	__u32 pad0;
	__u8 local[16];
	__u8 remote[16];
	__u64 inode;
	struct vstr unix_path;      /* bound name of this end; abstract names begin with '@' */
	struct vstr unix_peer_path;
};

/* ---- process ---- */

/* In the parent's context; the header is the parent's. */
struct event_fork {
	struct event_header h;
	__u32 child_tid;
	__u32 child_pid;
	__u64 child_tid_start_ns;
	__u64 child_pid_start_ns;
	__u64 clone_flags;   /* CLONE_*, as far as they follow from what parent and child share */
	__u32 child_vtid;
	__u32 child_vpid;
	__u64 child_cgroup_id;
	__u32 child_ppid;    /* differs from h.pid with CLONE_PARENT */
	__u32 child_pid_ns;
	__u64 child_ppid_start_ns;
};

/*
 * Success: result 0; the header is the new image's; exe is its binary, args and env are from its memory.
 * Failure: result < 0; args are absent, path is the user string that was tried (EVENT_USER_MEMORY).
 */
struct event_exec {
	struct event_header h;
	struct file_block exe;
	struct vstr path;    /* the filename as given to execve */
	struct vstr interpreter; /* bprm->interp when it differs from path: the script's interpreter */
	struct vstr cwd;
	struct vstr args;    /* argv joined by NUL, no trailing NUL; at most ARGS_MAX */
	struct vstr env;     /* the same, at most ENV_MAX; absent unless the plan asks */
	__u32 argc;
	__u64 cap_permitted;
	__u64 cap_inheritable;
	struct file_block stdin_file;  /* descriptors 0 and 1 as the new image has them; mode 0 = closed */
	struct file_block stdout_file;
	struct sock_block stdin_sock;  /* family 0 = no socket */
	struct sock_block stdout_sock;
	__u32 exec_flags;    /* enum exec_flags */
	struct vstr cgroup;  /* path in the hierarchy chosen at load; absent = not told (deeper than 64, or a failed exec) */
};

enum exec_flags {
	EXEC_ARGS_TRUNCATED = 1 << 0,
	EXEC_ENV_TRUNCATED = 1 << 1,
	EXEC_SETID = 1 << 2,          /* the file's set-user-ID, set-group-ID or capabilities changed the credentials */
	EXEC_EXE_WRITABLE = 1 << 3,   /* the running user could write the binary (mode and owner bits) */
};

/* The last event of each thread; a process is gone when its last thread is. */
struct event_exit {
	struct event_header h;
	__s32 exit_code;     /* kernel's encoding: status << 8 | signal | 0x80 core */
	__u32 group_dead;    /* 1 when this was the last thread */
};

/* ---- file ---- */

struct event_open {
	struct event_header h;
	struct file_block file;  /* of the descriptor; mode 0 when the call failed */
	__s32 dirfd;
	__u32 flags;         /* O_* as given */
	__u32 mode;
	__u32 pad0;
	__u64 resolve;       /* openat2 */
	struct vstr name;    /* raw string from user memory, read at exit */
	struct vstr dir_path; /* of dirfd, or the working directory, when name is relative */
};

struct event_dup {
	struct event_header h;
	struct file_block file;
	struct sock_block sock;
	__s32 old_fd;
	__s32 new_fd;
	__u32 flags;
	__u32 pad0;
};

/* unlink, unlinkat, rmdir, mkdir, mkdirat: the name does not exist before or after, so it is from user memory. */
struct event_unlink {
	struct event_header h;
	__s32 dirfd;
	__u32 flags;
	struct vstr name;
	struct vstr dir_path; /* of dirfd or the working directory */
};

struct event_mkdir {
	struct event_header h;
	__s32 dirfd;
	__u32 mode;
	struct vstr name;
	struct vstr dir_path;
};

/* rename and link: both names */
struct event_rename {
	struct event_header h;
	__s32 old_dirfd;
	__s32 new_dirfd;
	__u32 flags;
	__u32 pad0;
	struct vstr old_name;
	struct vstr old_dir_path;
	struct vstr new_name;
	struct vstr new_dir_path;
};

struct event_link {
	struct event_header h;
	__s32 old_dirfd;
	__s32 new_dirfd;
	__u32 flags;
	__u32 pad0;
	struct vstr old_name;
	struct vstr old_dir_path;
	struct vstr new_name;
	struct vstr new_dir_path;
};

struct event_symlink {
	struct event_header h;
	__s32 dirfd;
	__u32 pad0;
	struct vstr target;
	struct vstr name;
	struct vstr dir_path;
};

struct event_chmod {
	struct event_header h;
	struct file_block file; /* for fchmod: of the descriptor; else mode 0 */
	__s32 fd;            /* fchmod's descriptor or the dirfd; AT_FDCWD */
	__u32 mode;
	__u32 flags;
	__u32 pad0;
	struct vstr name;    /* absent for fchmod */
	struct vstr dir_path;
};

struct event_chown {
	struct event_header h;
	struct file_block file;
	__s32 fd;
	__u32 owner_uid;
	__u32 owner_gid;
	__u32 flags;
	struct vstr name;
	struct vstr dir_path;
};

/* ---- net ---- */

struct event_socket {
	struct event_header h;
	__u32 domain;
	__u32 type;
	__u32 protocol;
	__u32 pad0;
	struct sock_block sock;
};

/* One shape for connect, accept, bind, listen and send: the socket, and the address that was passed. */
struct event_net {
	struct event_header h;
	struct sock_block sock;      /* of fd; for accept: the new socket */
	__s32 fd;                    /* for accept: the listening descriptor; the new one is h.result */
	__u32 flags;                 /* accept4's, sendto's; listen: the backlog */
	__u64 size;                  /* bytes asked to send */
	/* The address argument, from user memory (EVENT_USER_MEMORY); family 0 = none was given. */
	__u16 addr_family;
	__u16 addr_port;
	__u32 pad0;
	__u8 addr[16];
	struct vstr addr_path;       /* AF_UNIX; abstract names begin with '@' */
};

/* ---- cred ---- */

/* setuid family; ids not named by the call are 0xffffffff. Old ones as they were before. */
struct event_setid {
	struct event_header h;
	__u32 new_real;
	__u32 new_effective;
	__u32 new_saved;
	__u32 new_fs;
	__u32 old_real;      /* 0xffffffff = unknown (the task was not seen before) */
	__u32 old_effective;
};

/* ---- power ---- */

struct event_ptrace {
	struct event_header h;
	__u64 request;
	__u64 addr;
	__u64 data;
	__u32 target_pid;    /* as the caller named it, in its own pid namespace */
	__u32 target_host_pid; /* 0 when it could not be resolved */
	__u8 target_comm[16];  /* empty when it could not be resolved */
};

struct event_module {
	struct event_header h;
	struct file_block file; /* finit_module */
	__s32 fd;            /* -1 for init_module */
	__u32 flags;
	__u64 image_size;
	struct vstr params;
};

struct event_bpf {
	struct event_header h;
	__u32 cmd;           /* BPF_PROG_LOAD only, today */
	__u32 prog_type;
	__u32 insn_count;
	__u32 attach_type;
	__u8 prog_name[16];
};

struct event_memfd {
	struct event_header h;
	struct file_block file;
	__u32 flags;
	struct vstr name;
};

/* ---- mount and namespaces ---- */

struct event_mount {
	struct event_header h;
	__u64 flags;
	struct vstr source;
	struct vstr target;
	struct vstr target_dir; /* the working directory, when target is relative */
	struct vstr type;
};

struct event_setns {
	struct event_header h;
	__s32 fd;
	__u32 ns_type;
	struct file_block file;
	__u32 old_mnt_ns;    /* 0 = unknown */
	__u32 pad0;
};

struct event_unshare {
	struct event_header h;
	__u64 flags;
};

/* ---- many calls, one shape ---- */

/*
 * What a call was given: numbers as they were passed, the file of a descriptor (an argument or the result), names with the
 * directories from which they count, and one text that is no name of a file. syscalls.h has a line for each call.
 */
struct event_call {
	struct event_header h;
	struct file_block file; /* mode 0: there is none */
	__u64 value0;
	__u64 value1;
	__u64 value2;
	__s32 fd;            /* -1: the call takes none */
	__s32 dirfd;
	__s32 second_dirfd;
	__u32 pad0;
	struct vstr name;
	struct vstr dir_path;
	struct vstr second_name;
	struct vstr second_dir_path;
	struct vstr text;
};

/* A process as a call names it, and the numbers beside it. */
struct event_target {
	struct event_header h;
	__u64 value0;        /* the signal; process_vm_*: the number of parts here */
	__u64 value1;        /* tgkill: the thread; process_vm_*: the number of parts there */
	__s32 fd;            /* pidfd_send_signal; -1 for the others */
	__s32 target_pid;    /* as the caller named it, in its own pid namespace; <= 0: a group, or all; pidfd: its number there */
	__u32 target_host_pid; /* 0 when it could not be resolved */
	__u32 pad0;
	__u8 target_comm[16];  /* empty when it could not be resolved */
};

/* The sets that were asked for. */
struct event_capset {
	struct event_header h;
	__u64 cap_inheritable;
	__u64 cap_permitted;
	__u64 cap_effective;
};

/* ---- the sensor's own ---- */

/* Written per (cpu, lane) so that the last gap closes: h.sequence is the last one given out, plus one. */
struct event_heartbeat {
	struct event_header h;
	__u64 produced;      /* records asked for on this (cpu, lane) since load */
	__u64 failed;        /* of these, reserves that failed */
};

/* From the task iterator, one a process, in the stream of the iterator. */
struct event_task {
	struct event_header h;
	struct file_block exe;
	struct vstr cwd;
	struct vstr args;
	__u64 cap_permitted;
	__u64 cap_inheritable;
};

/* Limits, and why */
#define ARGS_MAX 4096  /* as Falco's; longer is flagged, not dropped */
#define ENV_MAX 4096
#define PATH_BYTES_MAX 4096 /* PATH_MAX: a longer one is flagged */
#define RECORD_MAX 32672 /* what a per-cpu map's value may hold, 32 KiB, without the bookkeeping that lies beside */

#endif
