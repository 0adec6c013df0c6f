/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Which program serves which kind at syscall exit: its place in the table that the dispatcher jumps through. User
 * space fills the table from this list, because the linker of BPF objects cannot.
 */
#ifndef ATALAYA_PROGRAMS_H
#define ATALAYA_PROGRAMS_H

#define OWN_EXIT_CALLS(X)                                                                   \
	X(KIND_EXEC, exec_exit_call)                                                        \
	X(KIND_OPEN, open_exit_call)                                                        \
	X(KIND_DUP, dup_exit_call)                                                          \
	X(KIND_UNLINK, unlink_exit_call)                                                    \
	X(KIND_RENAME, rename_exit_call)                                                    \
	X(KIND_LINK, link_exit_call)                                                        \
	X(KIND_SYMLINK, symlink_exit_call)                                                  \
	X(KIND_MKDIR, mkdir_exit_call)                                                      \
	X(KIND_CHMOD, chmod_exit_call)                                                      \
	X(KIND_CHOWN, chown_exit_call)                                                      \
	X(KIND_SOCKET, socket_exit_call)                                                    \
	X(KIND_CONNECT, connect_exit_call)                                                  \
	X(KIND_ACCEPT, accept_exit_call)                                                    \
	X(KIND_BIND, bind_exit_call)                                                        \
	X(KIND_LISTEN, listen_exit_call)                                                    \
	X(KIND_SEND, send_exit_call)                                                        \
	X(KIND_SETUID, setuid_exit_call)                                                    \
	X(KIND_SETGID, setgid_exit_call)                                                    \
	X(KIND_PTRACE, ptrace_exit_call)                                                    \
	X(KIND_MODULE, module_exit_call)                                                    \
	X(KIND_BPF, bpf_exit_call)                                                          \
	X(KIND_MEMFD, memfd_exit_call)                                                      \
	X(KIND_MOUNT, mount_exit_call)                                                      \
	X(KIND_SETNS, setns_exit_call)                                                      \
	X(KIND_UNSHARE, unshare_exit_call)                                                  \
	X(KIND_CAPSET, capset_exit_call)                                                    \
	X(KIND_SOCKETCALL, socketcall_exit_call)

/* Kinds that have a program in common. */
#define SHARED_EXIT_CALLS(X)                                                                \
	X(KIND_CHDIR, shaped_exit_call)                                                     \
	X(KIND_MKNOD, shaped_exit_call)                                                     \
	X(KIND_TRUNCATE, shaped_exit_call)                                                  \
	X(KIND_UTIMES, shaped_exit_call)                                                    \
	X(KIND_XATTR, shaped_exit_call)                                                     \
	X(KIND_HANDLE, shaped_exit_call)                                                    \
	X(KIND_PRCTL, shaped_exit_call)                                                     \
	X(KIND_SECCOMP, shaped_exit_call)                                                   \
	X(KIND_KEYS, shaped_exit_call)                                                      \
	X(KIND_USERFAULTFD, shaped_exit_call)                                               \
	X(KIND_PERF, shaped_exit_call)                                                      \
	X(KIND_RING, shaped_exit_call)                                                      \
	X(KIND_KEXEC, shaped_exit_call)                                                     \
	X(KIND_MACHINE, shaped_exit_call)                                                   \
	X(KIND_CHROOT, shaped_exit_call)                                                    \
	X(KIND_PIVOT, shaped_exit_call)                                                     \
	X(KIND_UMOUNT, shaped_exit_call)                                                    \
	X(KIND_FSMOUNT, shaped_exit_call)                                                   \
	X(KIND_VMACCESS, target_exit_call)                                                  \
	X(KIND_SIGNAL, target_exit_call)

#define SHARED_EXIT_PROGRAMS(X) X(shaped_exit_call) X(target_exit_call)

#define EXIT_CALLS(X) OWN_EXIT_CALLS(X) SHARED_EXIT_CALLS(X)

#endif
