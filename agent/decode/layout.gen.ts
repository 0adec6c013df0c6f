// Generated from native/bpf/events.h (through the BTF of native/build/layout.bpf.o) by scripts/gen-layout.mjs.

export const abi = {
  version: 2,
} as const;

export const eventKind = {
  fork: 1,
  exec: 2,
  exit: 3,
  open: 10,
  dup: 11,
  unlink: 12,
  rename: 13,
  link: 14,
  symlink: 15,
  mkdir: 16,
  chmod: 17,
  chown: 18,
  socket: 30,
  connect: 31,
  accept: 32,
  bind: 33,
  listen: 34,
  send: 35,
  setuid: 50,
  setgid: 51,
  ptrace: 60,
  module: 61,
  bpf: 62,
  memfd: 63,
  mount: 70,
  setns: 71,
  unshare: 72,
  heartbeat: 120,
  task: 121,
  socketcall: 122,
  max: 128,
} as const;

export const eventLane = {
  rare: 0,
  lifecycle: 1,
  bulk: 2,
  count: 3,
} as const;

export const eventFlags = {
  truncated: 1,
  pathIncomplete: 2,
  compat: 4,
  ioUring: 8,
  userMemory: 16,
  filesShared: 32,
  readFailed: 64,
} as const;

export const overlayLayer = {
  none: 0,
  upper: 1,
  lower: 2,
} as const;

export const fileFlags = {
  deleted: 1,
  memfd: 2,
  created: 4,
  notPath: 8,
  writableByOthers: 16,
} as const;

export const execFlags = {
  argsTruncated: 1,
  envTruncated: 2,
  setid: 4,
  exeWritable: 8,
} as const;

/** Offsets in bytes from the start of each struct. */
export const vstr = {
  structBytes: 4,
  offset: 0,
  length: 2,
} as const;

export const eventHeader = {
  structBytes: 184,
  abi: 0,
  kind: 2,
  length: 4,
  timeNs: 8,
  sequence: 16,
  cpu: 24,
  lane: 26,
  generation: 28,
  flags: 32,
  syscall: 36,
  result: 40,
  tid: 48,
  pid: 52,
  tidStartNs: 56,
  pidStartNs: 64,
  ppid: 72,
  session: 76,
  ppidStartNs: 80,
  vtid: 88,
  vpid: 92,
  pgid: 96,
  tty: 100,
  uid: 104,
  euid: 108,
  gid: 112,
  egid: 116,
  loginuid: 120,
  exeDev: 124,
  exeInode: 128,
  capEffective: 136,
  cgroupId: 144,
  mntNs: 152,
  pidNs: 156,
  userNs: 160,
  netNs: 164,
  comm: 168,
} as const;

export const fileBlock = {
  structBytes: 56,
  inode: 0,
  ctimeNs: 8,
  mtimeNs: 16,
  dev: 24,
  mode: 28,
  openFlags: 32,
  nlink: 36,
  uid: 40,
  gid: 44,
  path: 48,
  pathRootOffset: 52,
  overlay: 54,
  fileFlags: 55,
} as const;

export const sockBlock = {
  structBytes: 64,
  family: 0,
  type: 2,
  protocol: 4,
  state: 6,
  localPort: 8,
  remotePort: 10,
  local: 16,
  remote: 32,
  inode: 48,
  unixPath: 56,
  unixPeerPath: 60,
} as const;

export const eventBpf = {
  structBytes: 216,
  h: 0,
  cmd: 184,
  progType: 188,
  insnCount: 192,
  attachType: 196,
  progName: 200,
} as const;

export const eventChmod = {
  structBytes: 264,
  h: 0,
  file: 184,
  fd: 240,
  mode: 244,
  flags: 248,
  name: 256,
  dirPath: 260,
} as const;

export const eventChown = {
  structBytes: 264,
  h: 0,
  file: 184,
  fd: 240,
  ownerUid: 244,
  ownerGid: 248,
  flags: 252,
  name: 256,
  dirPath: 260,
} as const;

export const eventDup = {
  structBytes: 320,
  h: 0,
  file: 184,
  sock: 240,
  oldFd: 304,
  newFd: 308,
  flags: 312,
} as const;

export const eventExec = {
  structBytes: 528,
  h: 0,
  exe: 184,
  path: 240,
  interpreter: 244,
  cwd: 248,
  args: 252,
  env: 256,
  argc: 260,
  capPermitted: 264,
  capInheritable: 272,
  stdinFile: 280,
  stdoutFile: 336,
  stdinSock: 392,
  stdoutSock: 456,
  execFlags: 520,
} as const;

export const eventExit = {
  structBytes: 192,
  h: 0,
  exitCode: 184,
  groupDead: 188,
} as const;

export const eventFork = {
  structBytes: 248,
  h: 0,
  childTid: 184,
  childPid: 188,
  childTidStartNs: 192,
  childPidStartNs: 200,
  cloneFlags: 208,
  childVtid: 216,
  childVpid: 220,
  childCgroupId: 224,
  childPpid: 232,
  childPidNs: 236,
  childPpidStartNs: 240,
} as const;

export const eventHeartbeat = {
  structBytes: 200,
  h: 0,
  produced: 184,
  failed: 192,
} as const;

export const eventLink = {
  structBytes: 216,
  h: 0,
  oldDirfd: 184,
  newDirfd: 188,
  flags: 192,
  oldName: 200,
  oldDirPath: 204,
  newName: 208,
  newDirPath: 212,
} as const;

export const eventMemfd = {
  structBytes: 248,
  h: 0,
  file: 184,
  flags: 240,
  name: 244,
} as const;

export const eventMkdir = {
  structBytes: 200,
  h: 0,
  dirfd: 184,
  mode: 188,
  name: 192,
  dirPath: 196,
} as const;

export const eventModule = {
  structBytes: 264,
  h: 0,
  file: 184,
  fd: 240,
  flags: 244,
  imageSize: 248,
  params: 256,
} as const;

export const eventMount = {
  structBytes: 208,
  h: 0,
  flags: 184,
  source: 192,
  target: 196,
  targetDir: 200,
  type: 204,
} as const;

export const eventNet = {
  structBytes: 296,
  h: 0,
  sock: 184,
  fd: 248,
  flags: 252,
  size: 256,
  addrFamily: 264,
  addrPort: 266,
  addr: 272,
  addrPath: 288,
} as const;

export const eventOpen = {
  structBytes: 272,
  h: 0,
  file: 184,
  dirfd: 240,
  flags: 244,
  mode: 248,
  resolve: 256,
  name: 264,
  dirPath: 268,
} as const;

export const eventPtrace = {
  structBytes: 232,
  h: 0,
  request: 184,
  addr: 192,
  data: 200,
  targetPid: 208,
  targetHostPid: 212,
  targetComm: 216,
} as const;

export const eventRename = {
  structBytes: 216,
  h: 0,
  oldDirfd: 184,
  newDirfd: 188,
  flags: 192,
  oldName: 200,
  oldDirPath: 204,
  newName: 208,
  newDirPath: 212,
} as const;

export const eventSetid = {
  structBytes: 208,
  h: 0,
  newReal: 184,
  newEffective: 188,
  newSaved: 192,
  newFs: 196,
  oldReal: 200,
  oldEffective: 204,
} as const;

export const eventSetns = {
  structBytes: 256,
  h: 0,
  fd: 184,
  nsType: 188,
  file: 192,
  oldMntNs: 248,
} as const;

export const eventSocket = {
  structBytes: 264,
  h: 0,
  domain: 184,
  type: 188,
  protocol: 192,
  sock: 200,
} as const;

export const eventSymlink = {
  structBytes: 208,
  h: 0,
  dirfd: 184,
  target: 192,
  name: 196,
  dirPath: 200,
} as const;

export const eventTask = {
  structBytes: 264,
  h: 0,
  exe: 184,
  cwd: 240,
  args: 244,
  capPermitted: 248,
  capInheritable: 256,
} as const;

export const eventUnlink = {
  structBytes: 200,
  h: 0,
  dirfd: 184,
  flags: 188,
  name: 192,
  dirPath: 196,
} as const;

export const eventUnshare = {
  structBytes: 192,
  h: 0,
  flags: 184,
} as const;

/** Size of each struct in bytes, without the strings that follow it. */
export const STRUCT_BYTES = {
  vstr: 4,
  eventHeader: 184,
  fileBlock: 56,
  sockBlock: 64,
  eventBpf: 216,
  eventChmod: 264,
  eventChown: 264,
  eventDup: 320,
  eventExec: 528,
  eventExit: 192,
  eventFork: 248,
  eventHeartbeat: 200,
  eventLink: 216,
  eventMemfd: 248,
  eventMkdir: 200,
  eventModule: 264,
  eventMount: 208,
  eventNet: 296,
  eventOpen: 272,
  eventPtrace: 232,
  eventRename: 216,
  eventSetid: 208,
  eventSetns: 256,
  eventSocket: 264,
  eventSymlink: 208,
  eventTask: 264,
  eventUnlink: 200,
  eventUnshare: 192,
} as const;

/** Every member as [offset, type], for what walks over a record: validation, builders of test records. */
export const STRUCTS = {
  vstr: {
    offset: [0, 'u16'],
    length: [2, 'u16'],
  },
  eventHeader: {
    abi: [0, 'u16'],
    kind: [2, 'u16'],
    length: [4, 'u32'],
    timeNs: [8, 'u64'],
    sequence: [16, 'u64'],
    cpu: [24, 'u16'],
    lane: [26, 'u8'],
    generation: [28, 'u32'],
    flags: [32, 'u32'],
    syscall: [36, 's32'],
    result: [40, 's64'],
    tid: [48, 'u32'],
    pid: [52, 'u32'],
    tidStartNs: [56, 'u64'],
    pidStartNs: [64, 'u64'],
    ppid: [72, 'u32'],
    session: [76, 'u32'],
    ppidStartNs: [80, 'u64'],
    vtid: [88, 'u32'],
    vpid: [92, 'u32'],
    pgid: [96, 'u32'],
    tty: [100, 'u32'],
    uid: [104, 'u32'],
    euid: [108, 'u32'],
    gid: [112, 'u32'],
    egid: [116, 'u32'],
    loginuid: [120, 'u32'],
    exeDev: [124, 'u32'],
    exeInode: [128, 'u64'],
    capEffective: [136, 'u64'],
    cgroupId: [144, 'u64'],
    mntNs: [152, 'u32'],
    pidNs: [156, 'u32'],
    userNs: [160, 'u32'],
    netNs: [164, 'u32'],
    comm: [168, 'u8[16]'],
  },
  fileBlock: {
    inode: [0, 'u64'],
    ctimeNs: [8, 'u64'],
    mtimeNs: [16, 'u64'],
    dev: [24, 'u32'],
    mode: [28, 'u32'],
    openFlags: [32, 'u32'],
    nlink: [36, 'u32'],
    uid: [40, 'u32'],
    gid: [44, 'u32'],
    path: [48, 'vstr'],
    pathRootOffset: [52, 'u16'],
    overlay: [54, 'u8'],
    fileFlags: [55, 'u8'],
  },
  sockBlock: {
    family: [0, 'u16'],
    type: [2, 'u16'],
    protocol: [4, 'u16'],
    state: [6, 'u16'],
    localPort: [8, 'u16'],
    remotePort: [10, 'u16'],
    local: [16, 'u8[16]'],
    remote: [32, 'u8[16]'],
    inode: [48, 'u64'],
    unixPath: [56, 'vstr'],
    unixPeerPath: [60, 'vstr'],
  },
  eventBpf: {
    h: [0, 'eventHeader'],
    cmd: [184, 'u32'],
    progType: [188, 'u32'],
    insnCount: [192, 'u32'],
    attachType: [196, 'u32'],
    progName: [200, 'u8[16]'],
  },
  eventChmod: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    fd: [240, 's32'],
    mode: [244, 'u32'],
    flags: [248, 'u32'],
    name: [256, 'vstr'],
    dirPath: [260, 'vstr'],
  },
  eventChown: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    fd: [240, 's32'],
    ownerUid: [244, 'u32'],
    ownerGid: [248, 'u32'],
    flags: [252, 'u32'],
    name: [256, 'vstr'],
    dirPath: [260, 'vstr'],
  },
  eventDup: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    sock: [240, 'sockBlock'],
    oldFd: [304, 's32'],
    newFd: [308, 's32'],
    flags: [312, 'u32'],
  },
  eventExec: {
    h: [0, 'eventHeader'],
    exe: [184, 'fileBlock'],
    path: [240, 'vstr'],
    interpreter: [244, 'vstr'],
    cwd: [248, 'vstr'],
    args: [252, 'vstr'],
    env: [256, 'vstr'],
    argc: [260, 'u32'],
    capPermitted: [264, 'u64'],
    capInheritable: [272, 'u64'],
    stdinFile: [280, 'fileBlock'],
    stdoutFile: [336, 'fileBlock'],
    stdinSock: [392, 'sockBlock'],
    stdoutSock: [456, 'sockBlock'],
    execFlags: [520, 'u32'],
  },
  eventExit: {
    h: [0, 'eventHeader'],
    exitCode: [184, 's32'],
    groupDead: [188, 'u32'],
  },
  eventFork: {
    h: [0, 'eventHeader'],
    childTid: [184, 'u32'],
    childPid: [188, 'u32'],
    childTidStartNs: [192, 'u64'],
    childPidStartNs: [200, 'u64'],
    cloneFlags: [208, 'u64'],
    childVtid: [216, 'u32'],
    childVpid: [220, 'u32'],
    childCgroupId: [224, 'u64'],
    childPpid: [232, 'u32'],
    childPidNs: [236, 'u32'],
    childPpidStartNs: [240, 'u64'],
  },
  eventHeartbeat: {
    h: [0, 'eventHeader'],
    produced: [184, 'u64'],
    failed: [192, 'u64'],
  },
  eventLink: {
    h: [0, 'eventHeader'],
    oldDirfd: [184, 's32'],
    newDirfd: [188, 's32'],
    flags: [192, 'u32'],
    oldName: [200, 'vstr'],
    oldDirPath: [204, 'vstr'],
    newName: [208, 'vstr'],
    newDirPath: [212, 'vstr'],
  },
  eventMemfd: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    flags: [240, 'u32'],
    name: [244, 'vstr'],
  },
  eventMkdir: {
    h: [0, 'eventHeader'],
    dirfd: [184, 's32'],
    mode: [188, 'u32'],
    name: [192, 'vstr'],
    dirPath: [196, 'vstr'],
  },
  eventModule: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    fd: [240, 's32'],
    flags: [244, 'u32'],
    imageSize: [248, 'u64'],
    params: [256, 'vstr'],
  },
  eventMount: {
    h: [0, 'eventHeader'],
    flags: [184, 'u64'],
    source: [192, 'vstr'],
    target: [196, 'vstr'],
    targetDir: [200, 'vstr'],
    type: [204, 'vstr'],
  },
  eventNet: {
    h: [0, 'eventHeader'],
    sock: [184, 'sockBlock'],
    fd: [248, 's32'],
    flags: [252, 'u32'],
    size: [256, 'u64'],
    addrFamily: [264, 'u16'],
    addrPort: [266, 'u16'],
    addr: [272, 'u8[16]'],
    addrPath: [288, 'vstr'],
  },
  eventOpen: {
    h: [0, 'eventHeader'],
    file: [184, 'fileBlock'],
    dirfd: [240, 's32'],
    flags: [244, 'u32'],
    mode: [248, 'u32'],
    resolve: [256, 'u64'],
    name: [264, 'vstr'],
    dirPath: [268, 'vstr'],
  },
  eventPtrace: {
    h: [0, 'eventHeader'],
    request: [184, 'u64'],
    addr: [192, 'u64'],
    data: [200, 'u64'],
    targetPid: [208, 'u32'],
    targetHostPid: [212, 'u32'],
    targetComm: [216, 'u8[16]'],
  },
  eventRename: {
    h: [0, 'eventHeader'],
    oldDirfd: [184, 's32'],
    newDirfd: [188, 's32'],
    flags: [192, 'u32'],
    oldName: [200, 'vstr'],
    oldDirPath: [204, 'vstr'],
    newName: [208, 'vstr'],
    newDirPath: [212, 'vstr'],
  },
  eventSetid: {
    h: [0, 'eventHeader'],
    newReal: [184, 'u32'],
    newEffective: [188, 'u32'],
    newSaved: [192, 'u32'],
    newFs: [196, 'u32'],
    oldReal: [200, 'u32'],
    oldEffective: [204, 'u32'],
  },
  eventSetns: {
    h: [0, 'eventHeader'],
    fd: [184, 's32'],
    nsType: [188, 'u32'],
    file: [192, 'fileBlock'],
    oldMntNs: [248, 'u32'],
  },
  eventSocket: {
    h: [0, 'eventHeader'],
    domain: [184, 'u32'],
    type: [188, 'u32'],
    protocol: [192, 'u32'],
    sock: [200, 'sockBlock'],
  },
  eventSymlink: {
    h: [0, 'eventHeader'],
    dirfd: [184, 's32'],
    target: [192, 'vstr'],
    name: [196, 'vstr'],
    dirPath: [200, 'vstr'],
  },
  eventTask: {
    h: [0, 'eventHeader'],
    exe: [184, 'fileBlock'],
    cwd: [240, 'vstr'],
    args: [244, 'vstr'],
    capPermitted: [248, 'u64'],
    capInheritable: [256, 'u64'],
  },
  eventUnlink: {
    h: [0, 'eventHeader'],
    dirfd: [184, 's32'],
    flags: [188, 'u32'],
    name: [192, 'vstr'],
    dirPath: [196, 'vstr'],
  },
  eventUnshare: {
    h: [0, 'eventHeader'],
    flags: [184, 'u64'],
  },
} as const satisfies Record<string, Record<string, readonly [offset: number, type: string]>>;
