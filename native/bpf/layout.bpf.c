// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Names every structure and number of the wire schema, so that it lands in BTF. Never loaded. */
#include <linux/types.h>
#include "events.h"

#define NAME_STRUCT(name) struct name *layout_##name
#define NAME_ENUM(name)	  enum name layout_##name

NAME_STRUCT(vstr);
NAME_STRUCT(event_header);
NAME_STRUCT(file_block);
NAME_STRUCT(sock_block);
NAME_STRUCT(event_fork);
NAME_STRUCT(event_exec);
NAME_STRUCT(event_exit);
NAME_STRUCT(event_open);
NAME_STRUCT(event_dup);
NAME_STRUCT(event_unlink);
NAME_STRUCT(event_mkdir);
NAME_STRUCT(event_rename);
NAME_STRUCT(event_link);
NAME_STRUCT(event_symlink);
NAME_STRUCT(event_chmod);
NAME_STRUCT(event_chown);
NAME_STRUCT(event_socket);
NAME_STRUCT(event_net);
NAME_STRUCT(event_setid);
NAME_STRUCT(event_ptrace);
NAME_STRUCT(event_module);
NAME_STRUCT(event_bpf);
NAME_STRUCT(event_memfd);
NAME_STRUCT(event_mount);
NAME_STRUCT(event_setns);
NAME_STRUCT(event_unshare);
NAME_STRUCT(event_call);
NAME_STRUCT(event_target);
NAME_STRUCT(event_capset);
NAME_STRUCT(event_heartbeat);
NAME_STRUCT(event_task);
NAME_ENUM(atalaya_abi);
NAME_ENUM(event_kind);
NAME_ENUM(event_lane);
NAME_ENUM(event_flags);
NAME_ENUM(overlay_layer);
NAME_ENUM(file_flags);
NAME_ENUM(exec_flags);
