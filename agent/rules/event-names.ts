/**
 * Names of events and how many codes (versions, enter and exit) each stands for, from the event table of
 * falcosecurity/libs, schema 4.5.1. Event-type inference counts codes, as upstream does, to say "too many".
 * NA is the name of unused codes.
 */
const CODES: readonly (readonly [codes: number, names: string])[] = [
  [
    1,
    `scapevent signaldeliver procinfo cpu_hotplug k8s tracer mesos notification infra page_fault pluginevent
     useradded userdeleted groupadded groupdeleted asyncevent task task_file_pipe task_file_memfd task_file_regular
     task_file_directory task_file_socket_inet task_file_socket_inet6 task_file_socket_unix task_file_socket_netlink
     task_file_anon_inode close_range keyctl`,
  ],
  [
    2,
    `open close read write procexit socket bind connect listen send sendto recv recvfrom shutdown getsockname
     getpeername socketpair setsockopt getsockopt sendmsg sendmmsg recvmsg recvmmsg creat pipe eventfd futex stat
     lstat fstat stat64 lstat64 fstat64 epoll_wait poll lseek llseek getcwd chdir fchdir pread pwrite readv writev
     preadv pwritev signalfd kill tkill tgkill nanosleep timerfd_create inotify_init getrlimit setrlimit prlimit
     switch drop fcntl mmap mmap2 munmap splice ptrace rename renameat symlink symlinkat sendfile quotactl setresuid
     setresgid setuid setgid getuid geteuid getgid getegid getresuid getresgid getdents getdents64 setns flock semop
     semctl ppoll mount semget access chroot setsid unshare setpgid seccomp mkdirat fchmodat chmod fchmod renameat2
     userfaultfd openat2 mprotect execveat copy_file_range clone3 open_by_handle_at io_uring_setup io_uring_enter
     io_uring_register mlock munlock mlockall munlockall capset dup2 dup3 mlock2 fsconfig epoll_create epoll_create1
     chown lchown fchown fchownat accept4 umount2 pipe2 inotify_init1 eventfd2 signalfd4 prctl memfd_create
     pidfd_getfd pidfd_open init_module finit_module mknod mknodat newfstatat process_vm_readv process_vm_writev
     delete_module setreuid setregid`,
  ],
  [3, `container`],
  [4, `brk select ioctl mkdir rmdir openat link linkat unlink unlinkat dup umount bpf`],
  [6, `fork vfork`],
  [8, `clone accept`],
  [16, `execve`],
  [35, `NA`],
];

/** System calls that have no event of their own: all are the one generic event. */
const GENERIC_NAMES = `
  unknown restart_syscall exit time getpid alarm pause utime sync times acct umask ustat getppid getpgrp sethostname
  getrusage gettimeofday settimeofday readlink uselib swapon reboot truncate ftruncate getpriority setpriority
  statfs fstatfs syslog setitimer getitimer uname vhangup wait4 swapoff sysinfo fsync setdomainname adjtimex getpgid
  sysfs personality msync getsid fdatasync sched_setparam sched_getparam sched_setscheduler sched_getscheduler
  sched_yield sched_get_priority_max sched_get_priority_min sched_rr_get_interval mremap rt_sigaction rt_sigprocmask
  rt_sigpending rt_sigtimedwait rt_sigqueueinfo rt_sigsuspend capget getgroups setgroups setfsuid setfsgid
  pivot_root mincore madvise gettid setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr
  flistxattr removexattr lremovexattr fremovexattr sched_setaffinity sched_getaffinity set_thread_area
  get_thread_area io_setup io_destroy io_getevents io_submit io_cancel exit_group epoll_ctl remap_file_pages
  set_tid_address timer_create timer_settime timer_gettime timer_getoverrun timer_delete clock_settime clock_gettime
  clock_getres clock_nanosleep utimes mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
  kexec_load waitid add_key request_key ioprio_set ioprio_get inotify_add_watch inotify_rm_watch futimesat
  readlinkat faccessat pselect6 set_robust_list get_robust_list tee vmsplice getcpu epoll_pwait utimensat
  timerfd_settime timerfd_gettime rt_tgsigqueueinfo perf_event_open fanotify_init prlimit64 clock_adjtime syncfs
  msgsnd msgrcv msgget msgctl shmdt shmget shmctl statfs64 fstatfs64 fstatat64 sendfile64 ugetrlimit bdflush
  sigprocmask ipc socketcall fcntl64 _newselect sgetmask ssetmask sigpending olduname signal nice stime _llseek
  waitpid pread64 pwrite64 arch_prctl shmat rt_sigreturn fallocate setuid32 getuid32 setgid32 geteuid32 getgid32
  setresuid32 setresgid32 getresuid32 getresgid32 sigaltstack getrandom fadvise64 getegid32 fspick fsmount fsopen
  open_tree move_mount mount_setattr memfd_secret ioperm kexec_file_load pidfd_send_signal pkey_alloc pkey_mprotect
  pkey_free landlock_create_ruleset quotactl_fd landlock_restrict_self landlock_add_rule epoll_pwait2 migrate_pages
  move_pages preadv2 pwritev2 kcmp sched_setattr mbind epoll_ctl_old lookup_dcookie modify_ldt statx set_mempolicy
  io_pgetevents set_mempolicy_home_node semtimedop get_kernel_syms readahead futex_waitv getpmsg name_to_handle_at
  process_mrelease nfsservctl epoll_wait_old rseq create_module sched_getattr faccessat2 _sysctl query_module
  get_mempolicy sync_file_range process_madvise membarrier iopl fanotify_mark sched_process_exit sched_switch
  page_fault_user page_fault_kernel signal_deliver timerfd s390_pci_mmio_read sigaction s390_pci_mmio_write readdir
  s390_sthyi sigsuspend idle s390_runtime_instr sigreturn s390_guarded_storage cachestat fchmodat2 map_shadow_stack
  riscv_flush_icache riscv_hwprobe futex_wake futex_requeue futex_wait oldstat switch_endian multiplexer oldlstat
  spu_create sync_file_range2 oldfstat spu_run swapcontext pciconfig_write rtas pciconfig_read sys_debug_setcontext
  vm86 oldolduname subpage_prot pciconfig_iobase listmount statmount lsm_get_self_attr lsm_set_self_attr
  lsm_list_modules mseal uretprobe removexattrat listxattrat getxattrat setxattrat open_tree_attr file_getattr
  file_setattr listns uprobe rseq_slice_yield
`;

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Name of the set member that stands for every system call without its own event. */
export const GENERIC = '<generic>';

/** The generic event has an enter and an exit code. */
const GENERIC_CODES = 2;

/** Event name -> number of codes; includes GENERIC. */
export const EVENT_CODES: ReadonlyMap<string, number> = new Map([
  [GENERIC, GENERIC_CODES],
  ...CODES.flatMap(([codes, names]) => words(names).map((name) => [name, codes] as const)),
]);

export const GENERIC_SYSCALLS: ReadonlySet<string> = new Set(words(GENERIC_NAMES));

/** Valid as a literal of evt.type, though it selects nothing. */
const TABLE_NAME = 'syscall';

/** Whether evt.type may be compared with this name. */
export function isEventName(name: string): boolean {
  return (name !== GENERIC && EVENT_CODES.has(name)) || GENERIC_SYSCALLS.has(name) || name === TABLE_NAME;
}

/** All names that evt.type may be compared with. */
export function* eventNames(): Generator<string> {
  for (const name of EVENT_CODES.keys()) if (name !== GENERIC) yield name;
  yield* GENERIC_SYSCALLS;
}

/** The set member for a name that an event carries in evt.type: itself, or GENERIC. */
export function eventMember(name: string): string {
  return name !== GENERIC && EVENT_CODES.has(name) ? name : GENERIC;
}
