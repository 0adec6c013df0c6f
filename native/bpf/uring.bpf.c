// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * What io_uring does in place of system calls. A request is read when it is submitted, in its submitter's context or in
 * the thread that polls for it, and told when it completes, wherever that is; one that asks for no completion when it
 * succeeds is told at once.
 */
#include "sock.h"
#include "uring.h"

/* enum io_uring_op (uapi/linux/io_uring.h) */
#define OP_SENDMSG    9
#define OP_ACCEPT     13
#define OP_CONNECT    16
#define OP_OPENAT     18
#define OP_SEND	      26
#define OP_OPENAT2    28
#define OP_RENAMEAT   35
#define OP_UNLINKAT   36
#define OP_MKDIRAT    37
#define OP_SYMLINKAT  38
#define OP_LINKAT     39
#define OP_SOCKET     45
#define OP_SEND_ZC    47
#define OP_SENDMSG_ZC 48
#define OP_BIND	      56
#define OP_LISTEN     57

/* The lowest bits of a request's flags are those of its submission entry. */
#define IOSQE_FIXED_FILE	(1 << 0)
#define IOSQE_CQE_SKIP_SUCCESS	(1 << 6)
#define FILE_INDEX_ALLOC	(~0U)
/* Marks in the lowest bits of a pointer in the ring's table (FFS_MASK). */
#define FILE_POINTER_MASK	(~7UL)
#define PF_IO_WORKER		0x00000010
#define PF_KTHREAD		0x00200000
#define AF_MAX			46

/* 64 bits since 6.8, 32 before: the bits needed are the lowest. */
struct io_kiocb___flags {
	u64 flags;
} __attribute__((preserve_access_index));

static __always_inline u32 request__flags(struct io_kiocb *req)
{
	return BPF_CORE_READ((struct io_kiocb___flags *)req, flags);
}

/* A file of the ring's own table ("direct descriptor"). */
static __always_inline struct file *ring__file(struct io_ring_ctx *ring, u32 place)
{
	struct io_rsrc_node **nodes, *node = NULL;

	/* Before 6.13 the table is another; there a direct descriptor stays nameless until it is used. */
	if (!bpf_core_type_exists(struct io_rsrc_data) || !bpf_core_field_exists(struct io_rsrc_data, nodes))
		return NULL;
	if (place >= BPF_CORE_READ(ring, file_table.data.nr))
		return NULL;
	nodes = BPF_CORE_READ(ring, file_table.data.nodes);
	bpf_probe_read_kernel(&node, sizeof(node), nodes + place);
	return node ? (void *)(BPF_CORE_READ(node, file_ptr) & FILE_POINTER_MASK) : NULL;
}

/*
 * The thread that polls a ring is one of its owner's process, with a number that nobody knows: the owner's main thread
 * stands for it.
 */
static __noinline void header__submitter(struct event_header *h, struct task_struct *task)
{
	struct task_struct *leader = task->group_leader;

	header__task(h, task);
	h->flags |= EVENT_IO_URING;
	if (!(task->flags & PF_IO_WORKER))
		return;
	h->tid = leader->pid;
	h->tid_start_ns = h->pid_start_ns;
	h->vtid = h->vpid;
	bpf_probe_read_kernel(h->comm, sizeof(h->comm), __builtin_preserve_access_index(&leader->comm));
}

static __always_inline struct record request__begin(struct task_struct *task, u16 kind, s32 nr, u32 size)
{
	struct record r = record__begin(&record_scratch, size);

	if (!r.bytes)
		return r;
	__builtin_memset(r.bytes + sizeof(struct event_header), 0, size - sizeof(struct event_header));
	header__submitter(record__header(&r), task);
	record__header(&r)->syscall = nr;
	record__header(&r)->kind = kind;
	return r;
}

/* A name that the kernel has copied, and its directory when it is relative. */
static __always_inline void record__copied_name(struct record *r, struct vstr *name, struct vstr *directory,
						struct task_struct *task, s32 dirfd, struct filename *copy)
{
	u64 at = record__used(r);

	record__kernel_string(r, name, BPF_CORE_READ(copy, name));
	barrier_value(at);
	if (at <= STRING_START_MAX && name->length && r->bytes[at] == '/')
		return;
	record__directory(r, directory, task, dirfd);
}

/*
 * The record waits for the result, unless none will be told or there is no room for it. Of success there is no completion
 * with IOSQE_CQE_SKIP_SUCCESS; a failure that it tells comes too late to take the record back.
 */
static __always_inline void request__hold(struct record *r, struct io_kiocb *req)
{
	u64 key = (u64)req;

	record__header(r)->length = record__used(r);
	if (!(request__flags(req) & IOSQE_CQE_SKIP_SUCCESS) && record__used(r) <= HELD_BYTES &&
	    bpf_map_update_elem(&held_records, &key, r->bytes, BPF_ANY) == 0)
		return;
	record__send_assumed(r);
}

/* Requests are used again: that of a held record has ended, and nothing told of it. */
static __always_inline void request__clear(struct io_kiocb *req)
{
	u64 key = (u64)req;
	struct held_record *old = bpf_map_lookup_elem(&held_records, &key);
	struct record r;

	if (!old)
		return;
	r = record__resume(&record_scratch, old);
	if (r.bytes && bpf_map_delete_elem(&held_records, &key) == 0)
		record__send_assumed(&r);
}

/* One or two names: what all operations on names come down to. */
struct named {
	s32 dirfd, second_dirfd;
	struct filename *copy, *second_copy;
	struct vstr name, directory, second_name, second_directory;
};

static __noinline void record__names(struct record *r, struct named *n, struct task_struct *task)
{
	record__copied_name(r, &n->name, &n->directory, task, n->dirfd, n->copy);
	if (n->second_copy)
		record__copied_name(r, &n->second_name, &n->second_directory, task, n->second_dirfd,
				    n->second_copy);
}

static __always_inline void open__submit(struct io_kiocb *req, struct task_struct *task, s32 nr)
{
	struct io_open *open = (void *)req;
	struct named n = { .dirfd = BPF_CORE_READ(open, dfd), .copy = BPF_CORE_READ(open, filename) };
	u32 any = open_flags_any, flags = BPF_CORE_READ(open, how.flags);
	struct event_open *e;
	struct record r;

	if (any && !(flags & any))
		return;
	r = request__begin(task, KIND_OPEN, nr, sizeof(*e));
	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->dirfd = n.dirfd;
	e->flags = flags;
	e->mode = BPF_CORE_READ(open, how.mode);
	e->resolve = BPF_CORE_READ(open, how.resolve);
	if (BPF_CORE_READ(open, file_slot))
		e->h.flags |= EVENT_DIRECT;
	record__names(&r, &n, task);
	e->name = n.name;
	e->dir_path = n.directory;
	request__hold(&r, req);
}

static __always_inline void unlink__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_unlink *unlink = (void *)req;
	struct named n = { .dirfd = BPF_CORE_READ(unlink, dfd), .copy = BPF_CORE_READ(unlink, filename) };
	struct event_unlink *e;
	struct record r = request__begin(task, KIND_UNLINK, NATIVE_unlinkat, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->dirfd = n.dirfd;
	e->flags = BPF_CORE_READ(unlink, flags);
	record__names(&r, &n, task);
	e->name = n.name;
	e->dir_path = n.directory;
	request__hold(&r, req);
}

static __always_inline void mkdir__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_mkdir *mkdir = (void *)req;
	struct named n = { .dirfd = BPF_CORE_READ(mkdir, dfd), .copy = BPF_CORE_READ(mkdir, filename) };
	struct event_mkdir *e;
	struct record r = request__begin(task, KIND_MKDIR, NATIVE_mkdirat, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->dirfd = n.dirfd;
	e->mode = BPF_CORE_READ(mkdir, mode);
	record__names(&r, &n, task);
	e->name = n.name;
	e->dir_path = n.directory;
	request__hold(&r, req);
}

static __always_inline void rename__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_rename *rename = (void *)req;
	struct named n = {
		.dirfd = BPF_CORE_READ(rename, old_dfd),
		.second_dirfd = BPF_CORE_READ(rename, new_dfd),
		.copy = BPF_CORE_READ(rename, oldpath),
		.second_copy = BPF_CORE_READ(rename, newpath),
	};
	struct event_rename *e;
	struct record r = request__begin(task, KIND_RENAME, NATIVE_renameat2, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->old_dirfd = n.dirfd;
	e->new_dirfd = n.second_dirfd;
	e->flags = BPF_CORE_READ(rename, flags);
	record__names(&r, &n, task);
	e->old_name = n.name;
	e->old_dir_path = n.directory;
	e->new_name = n.second_name;
	e->new_dir_path = n.second_directory;
	request__hold(&r, req);
}

/* struct io_link of a symlink: the content is the old path, which counts from nowhere. */
static __always_inline void link__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_link *link = (void *)req;
	struct named n = {
		.dirfd = BPF_CORE_READ(link, old_dfd),
		.second_dirfd = BPF_CORE_READ(link, new_dfd),
		.copy = BPF_CORE_READ(link, oldpath),
		.second_copy = BPF_CORE_READ(link, newpath),
	};
	struct event_link *e;
	struct record r = request__begin(task, KIND_LINK, NATIVE_linkat, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->old_dirfd = n.dirfd;
	e->new_dirfd = n.second_dirfd;
	e->flags = BPF_CORE_READ(link, flags);
	record__names(&r, &n, task);
	e->old_name = n.name;
	e->old_dir_path = n.directory;
	e->new_name = n.second_name;
	e->new_dir_path = n.second_directory;
	request__hold(&r, req);
}

static __always_inline void symlink__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_link *link = (void *)req;
	struct named n = { .dirfd = BPF_CORE_READ(link, new_dfd), .copy = BPF_CORE_READ(link, newpath) };
	struct event_symlink *e;
	struct record r = request__begin(task, KIND_SYMLINK, NATIVE_symlinkat, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->dirfd = n.dirfd;
	record__kernel_string(&r, &e->target, BPF_CORE_READ(link, oldpath, name));
	record__names(&r, &n, task);
	e->name = n.name;
	e->dir_path = n.directory;
	request__hold(&r, req);
}

/* ---- sockets ---- */

/* The socket of the request, as it is before the request is carried out. */
static __always_inline struct file *request__file(struct record *r, struct io_kiocb *req, struct task_struct *task)
{
	s32 fd = BPF_CORE_READ(req, cqe.fd);

	if (!(request__flags(req) & IOSQE_FIXED_FILE))
		return task__file(r, task, fd);
	record__header(r)->flags |= EVENT_DIRECT;
	return ring__file(BPF_CORE_READ(req, ctx), fd);
}

static __always_inline void socket__submit(struct io_kiocb *req, struct task_struct *task)
{
	struct io_socket *socket = (void *)req;
	struct event_socket *e;
	struct record r = request__begin(task, KIND_SOCKET, NATIVE_socket, sizeof(*e));

	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->domain = BPF_CORE_READ(socket, domain);
	e->type = BPF_CORE_READ(socket, type);
	e->protocol = BPF_CORE_READ(socket, protocol);
	if (BPF_CORE_READ(socket, file_slot))
		e->h.flags |= EVENT_DIRECT;
	request__hold(&r, req);
}

/* What the operations on a socket have: the address in the kernel's copy. */
struct addressed {
	u32 length, flags;
	u64 size;
	bool is_send;
};

/*
 * Where the copy of an address is: a message's has its place in the message; connect and bind have nothing but the address
 * in newer kernels, a message in older ones. The type of that memory is nowhere to be read, so the family decides, which
 * a message cannot begin with: it begins with a pointer.
 */
static __always_inline u64 address__copied(struct io_async_msghdr *copy, struct sock_block *sock, bool is_send)
{
	u16 family = 0;

	if (!is_send && !bpf_probe_read_kernel(&family, sizeof(family), copy) && family &&
	    (sock->family ? family == sock->family : family < AF_MAX))
		return (u64)copy;
	return (u64)__builtin_preserve_access_index(&copy->addr);
}

static __noinline void net__submit(struct io_kiocb *req, struct task_struct *task, u16 kind, s32 nr,
				   struct addressed *a)
{
	struct io_async_msghdr *copy = BPF_CORE_READ(req, async_data);
	struct event_net *e;
	struct record r;

	/* As with the call: without an address it is no other than a write. */
	if (a->is_send) {
		if (!copy || !BPF_CORE_READ(copy, msg.msg_name))
			return;
		a->length = BPF_CORE_READ(copy, msg.msg_namelen);
	}
	r = request__begin(task, kind, nr, sizeof(*e));
	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->fd = BPF_CORE_READ(req, cqe.fd);
	e->flags = a->flags;
	e->size = a->size;
	sock_block__file(&r, &e->sock, request__file(&r, req, task));
	if (a->length && copy)
		record__address_from(&r, e, address__copied(copy, &e->sock, a->is_send), a->length, false);
	else if (a->length && kind == KIND_CONNECT)
		/* Before 6.10 the address is copied when the request is carried out. */
		record__address_from(&r, e, (u64)BPF_CORE_READ((struct io_connect *)req, addr), a->length, true);
	request__hold(&r, req);
}

static __always_inline void sockets__submit(struct io_kiocb *req, struct task_struct *task, u32 op)
{
	struct io_sr_msg *send = (void *)req;
	struct addressed a = {};

	switch (op) {
	case OP_SOCKET:
		return socket__submit(req, task);
	case OP_CONNECT:
		a.length = BPF_CORE_READ((struct io_connect *)req, addr_len);
		return net__submit(req, task, KIND_CONNECT, NATIVE_connect, &a);
	case OP_BIND:
		a.length = BPF_CORE_READ((struct io_bind *)req, addr_len);
		return net__submit(req, task, KIND_BIND, NATIVE_bind, &a);
	case OP_LISTEN:
		a.flags = BPF_CORE_READ((struct io_listen *)req, backlog);
		return net__submit(req, task, KIND_LISTEN, NATIVE_listen, &a);
	case OP_SEND:
	case OP_SEND_ZC:
		a.is_send = true;
		a.flags = BPF_CORE_READ(send, msg_flags);
		a.size = BPF_CORE_READ(send, len);
		return net__submit(req, task, KIND_SEND, NATIVE_sendto, &a);
	case OP_SENDMSG:
	case OP_SENDMSG_ZC:
		a.is_send = true;
		a.flags = BPF_CORE_READ(send, msg_flags);
		return net__submit(req, task, KIND_SEND, NATIVE_sendmsg, &a);
	}
}

/*
 * An accept may wait for days, and one request may accept many. So it is told when a connection comes, by whoever then
 * does its work, which is its owner or a thread of its owner's; what was asked for is noted by what its completions carry.
 */
struct accept_key {
	u64 ring, user_data;
};

struct accept_request {
	s32 fd;
	u32 flags, slot, is_direct;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, struct accept_key);
	__type(value, struct accept_request);
} accept_requests SEC(".maps");

static __always_inline void accept__submit(struct io_kiocb *req)
{
	struct io_accept *accept = (void *)req;
	struct accept_key key = {
		.ring = (u64)BPF_CORE_READ(req, ctx),
		.user_data = BPF_CORE_READ(req, cqe.user_data),
	};
	struct accept_request asked = {
		.fd = BPF_CORE_READ(req, cqe.fd),
		.flags = BPF_CORE_READ(accept, flags),
		.slot = BPF_CORE_READ(accept, file_slot),
		.is_direct = request__flags(req) & IOSQE_FIXED_FILE,
	};

	bpf_map_update_elem(&accept_requests, &key, &asked, BPF_ANY);
}

static __noinline void accept__complete(struct io_ring_ctx *ring, u64 user_data, s32 result, struct task_struct *task)
{
	struct accept_key key = { .ring = (u64)ring, .user_data = user_data };
	struct accept_request *asked = bpf_map_lookup_elem(&accept_requests, &key);
	struct event_net *e;
	struct file *file;
	struct record r;

	/* A thread of the kernel's own: the ring is being taken down. */
	if (!asked || !uring_class[OP_ACCEPT] || task->flags & PF_KTHREAD || !result__wanted(KIND_ACCEPT, result))
		return;
	r = request__begin(task, KIND_ACCEPT, NATIVE_accept4, sizeof(*e));
	if (!r.bytes)
		return;
	e = (void *)r.bytes;
	e->fd = asked->fd;
	e->flags = asked->flags;
	e->h.result = result;
	if (asked->slot || (result < 0 && asked->is_direct))
		e->h.flags |= EVENT_DIRECT;
	if (result < 0)
		file = asked->is_direct ? ring__file(ring, asked->fd) : task__file(&r, task, asked->fd);
	else if (asked->slot)
		file = ring__file(ring, asked->slot == FILE_INDEX_ALLOC ? (u32)result : asked->slot - 1);
	else
		file = task__file(&r, task, result);
	sock_block__file(&r, &e->sock, file);
	record__send(&r, KIND_ACCEPT, LANE_BULK);
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submit, struct io_kiocb *req)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	u32 op = BPF_CORE_READ(req, opcode);

	if (op >= URING_OP_MAX || !uring_class[op] || (cfg_agent_tgid && task->tgid == (int)cfg_agent_tgid))
		return 0;
	request__clear(req);
	switch (op) {
	case OP_OPENAT:
		open__submit(req, task, NATIVE_openat);
		break;
	case OP_OPENAT2:
		open__submit(req, task, NATIVE_openat2);
		break;
	case OP_UNLINKAT:
		unlink__submit(req, task);
		break;
	case OP_MKDIRAT:
		mkdir__submit(req, task);
		break;
	case OP_RENAMEAT:
		rename__submit(req, task);
		break;
	case OP_LINKAT:
		link__submit(req, task);
		break;
	case OP_SYMLINKAT:
		symlink__submit(req, task);
		break;
	case OP_ACCEPT:
		accept__submit(req);
		break;
	default:
		sockets__submit(req, task, op);
	}
	return 0;
}

/* What a descriptor of the result refers to; NULL where the completion is told in a process that does not have it. */
static __always_inline struct file *result__file(struct record *r, struct io_kiocb *req, u32 slot,
						 struct task_struct *task)
{
	struct event_header *h = record__header(r);

	if (h->flags & EVENT_DIRECT)
		return ring__file(BPF_CORE_READ(req, ctx), slot == FILE_INDEX_ALLOC ? (u32)h->result : slot - 1);
	return task->tgid == (int)h->pid ? task__file(r, task, h->result) : NULL;
}

/* What the result is, as far as it is more than a number. */
static __always_inline void record__outcome(struct record *r, struct io_kiocb *req, struct task_struct *task)
{
	struct event_header *h = record__header(r);

	if (h->kind == KIND_SOCKET) {
		if (h->result >= 0)
			sock_block__file(r, &((struct event_socket *)r->bytes)->sock,
					 result__file(r, req, BPF_CORE_READ((struct io_socket *)req, file_slot), task));
	} else if (h->kind == KIND_OPEN) {
		if (h->result >= 0) {
			struct file *file =
				result__file(r, req, BPF_CORE_READ((struct io_open *)req, file_slot), task);

			file_block__fill(r, &((struct event_open *)r->bytes)->file, task, file, 0);
			record__note_named(r, &((struct event_open *)r->bytes)->file, file);
		}
	} else if (h->kind >= KIND_CONNECT && h->kind <= KIND_SEND) {
		struct event_net *e = (void *)r->bytes;

		sock_block__file(r, &e->sock, BPF_CORE_READ(req, file));
		if (h->syscall == NATIVE_sendmsg && h->result > 0)
			e->size = h->result;
	}
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(uring_complete, struct io_ring_ctx *ring, void *request, struct io_uring_cqe *cqe)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct io_kiocb *req = request;
	struct held_record *held;
	struct event_header *h;
	u64 key = (u64)request;
	struct record r;
	u32 op;

	op = request ? BPF_CORE_READ(req, opcode) : OP_ACCEPT;
	if (op >= URING_OP_MAX || !uring_class[op])
		return 0;
	if (op == OP_ACCEPT) {
		/* One request may accept many: all but the last completion come without it. */
		accept__complete(ring, req ? BPF_CORE_READ(req, cqe.user_data) : BPF_CORE_READ(cqe, user_data),
				 req ? BPF_CORE_READ(req, cqe.res) : BPF_CORE_READ(cqe, res), task);
		return 0;
	}
	held = bpf_map_lookup_elem(&held_records, &key);
	if (!held)
		return 0;
	r = record__resume(&record_scratch, held);
	/* Whoever takes it out tells of it: it may be expiring on another cpu. */
	if (!r.bytes || bpf_map_delete_elem(&held_records, &key))
		return 0;
	h = record__header(&r);
	h->result = BPF_CORE_READ(req, cqe.res);
	if (!result__wanted(h->kind, h->result))
		return 0;
	record__outcome(&r, req, task);
	record__send(&r, h->kind, LANE_BULK);
	return 0;
}

/* A completion for which the queue has no room: only what it carries says whose it is. */
SEC("tp_btf/io_uring_cqe_overflow")
int BPF_PROG(uring_overflow, struct io_ring_ctx *ring, unsigned long long user_data, s32 result)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	accept__complete(ring, user_data, result, task);
	return 0;
}
