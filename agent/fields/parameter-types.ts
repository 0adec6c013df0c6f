/**
 * Names of event parameters by the type that each has in the first event that has one of that name, in the order of
 * the event table of falcosecurity/libs, schema 4.5.1. Literals that evt.rawarg.NAME is compared with are read as this.
 */
const NAMES_BY_TYPE: readonly (readonly [type: string, names: string])[] = [
  ['ABSTIME', 'exe_ino_ctime exe_ino_mtime start_time'],
  ['BYTEBUF', 'data args msgcontrol env cgroups value_bytebuf img'],
  [
    'CHARBUF',
    `exe cwd target special quotafilepath comm image json desc description scope home shell container_id
     value_charbuf arg2_str uargs`,
  ],
  ['CHARBUFARRAY', 'tags argv'],
  ['DYN', 'val res_or_fd arg2 arg3 arg4 arg5'],
  ['ENUMFLAGS16', 'opcode'],
  ['ENUMFLAGS32', 'domain option'],
  ['ENUMFLAGS8', 'how level optname whence resource cmd'],
  ['ERRNO', 'res maxevents status ret'],
  [
    'FD',
    `fd fd1 fd2 dirfd olddir newdir fd_in fd_out olddirfd newdirfd linkdirfd out_fd in_fd fdin fdout mountfd oldfd
     newfd pid_fd target_fd`,
  ],
  ['FDLIST', 'fds'],
  ['FLAGS16', 'creat_flags op sem_flg_0 sem_flg_1'],
  ['FLAGS32', 'flags prot nstype operation semflg error resolve features'],
  ['FLAGS8', 'quota_fmt dqi_flags quota_fmt_out fd_type'],
  ['FSPATH', 'name path oldpath newpath linkpath dir filename trusted_exepath exepath root sun_path'],
  ['FSRELPATH', 'pathname'],
  ['GID', 'rgid egid sgid'],
  ['INT16', 'sem_op_0 sem_op_1'],
  ['INT32', 'backlog semid semnum key nsems tty aux'],
  ['INT64', 'timeout cur max newcur newmax oldcur oldmax arg2_int'],
  ['IPV4ADDR', 'local_ip remote_ip'],
  ['PID', 'tid pid ptid next reaper_tid vtid vpid spid dpid vpgid pgid'],
  ['PID32', 'ppid sid vtgid'],
  ['PORT', 'local_port remote_port'],
  ['RELTIME', 'interval dqb_btime dqb_itime dqi_bgrace dqi_igrace'],
  ['SIGSET', 'sigmask'],
  ['SIGTYPE', 'sig'],
  ['SOCKADDR', 'addr'],
  ['SOCKTUPLE', 'tuple'],
  ['SYSCALLID', 'ID'],
  ['UID', 'ruid euid suid loginuid'],
  ['UINT16', 'nativeID sem_num_0 sem_num_1 sk_type sk_proto'],
  [
    'UINT32',
    `mode dev size uid gid type proto optlen mask ratio vm_size vm_rss vm_swap id event_type cpu action queuelen
     queuemax nsops plugin_id entries sq_entries cq_entries sq_thread_cpu sq_thread_idle to_submit min_complete
     nr_args mnt_id first last`,
  ],
  [
    'UINT64',
    `ino fdlimit source peer initval offset request pos arg pgft_maj pgft_min length pgoffset argument dqb_bhardlimit
     dqb_bsoftlimit dqb_curspace dqb_ihardlimit dqb_isoftlimit event_data pidns_init_start_ts cpu_usr cpu_sys ip
     cap_inheritable cap_permitted cap_effective exe_ino offin len offout exe_ino_num ino_num sk_pointer`,
  ],
  ['UINT8', 'queuepct clockid core'],
];

/** Those of calls that Falco knows no parameters of, in the kernel's words. */
const OWN_NAMES_BY_TYPE: readonly (readonly [type: string, names: string])[] = [
  ['CHARBUF', 'cmdline fs_name'],
  ['FD', 'from_dirfd to_dirfd'],
  ['FSPATH', 'new_root put_old from_path to_path'],
  ['INT32', 'keyring'],
  ['UINT32', 'magic magic2 attr_flags turn_on'],
  ['UINT64', 'nr_segments from num'],
];

/** Every parameter name, with Falco's type of its value. */
export const PARAMETER_TYPES: ReadonlyMap<string, string> = new Map(
  [...NAMES_BY_TYPE, ...OWN_NAMES_BY_TYPE].flatMap(([type, names]) =>
    names.split(/\s+/).map((name) => [name, type] as const),
  ),
);
