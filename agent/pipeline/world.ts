import { readFileSync, statSync } from 'node:fs';
import type { Machine } from '../decode/syscalls.ts';
import type { Accounts } from '../events/accounts.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { TaskFacts, Unsigned64 } from '../events/event.ts';
import type { ContainerIdentity, ContainerInfo, Process } from '../events/process.ts';
import type { CaptureHeader, Fact } from '../sources/capture/header.ts';
import { accountReader } from '../state/account-reader.ts';
import { createCgroupReader } from '../state/cgroup-reader.ts';
import { createCgroups } from '../state/cgroups.ts';
import { createContainerAccounts } from '../state/container-accounts.ts';
import { createProcReader } from '../state/proc-reader.ts';
import { createRootReader } from '../state/root-reader.ts';
import { parseServices } from '../state/services.ts';
import { createAccounts, parseGroup, parsePasswd } from '../state/users.ts';
import { findCgroupMount } from './cgroup-mount.ts';

/** All that state and fields ask beside the events: this machine as it is now, or as a capture has it. */
export interface World {
  readonly hostname: string;
  /** Name of the cluster; absent: not told. */
  readonly cluster?: string | undefined;
  readonly bootId: string;
  readonly machine: Machine;
  readonly accounts: Accounts;
  /** Those of where a process lives; absent: the same for all. */
  readonly accountsOf?: (process: Process | undefined) => Accounts;
  readonly services: ReadonlyMap<number, ByteString>;
  utcOffsetMinutes(timeNs: bigint): number;
  /** Path of a cgroup; the pid is of a process in it. */
  cgroupPath(id: Unsigned64, pid: number): ByteString | undefined;
  /** Takes a cgroup's path that an event told. */
  placeCgroup?(id: Unsigned64, path: ByteString): void;
  /** A process that the events did not tell of. */
  lookUp(pid: number): TaskFacts | undefined;
  /** Asks what a container is. True: its answer will be told to the listener. Absent: there is nobody to ask. */
  readonly askContainer?: (container: ContainerIdentity, pid: number) => boolean;
  /** Who is told what comes later. */
  listener?: WorldListener;
  /** Notices what changed since: accounts, cgroups that are gone. */
  refresh(): void;
  close?(): void;
}

export interface WorldListener {
  /** undefined: nobody knows it. */
  container(fullId: ByteString, info: ContainerInfo | undefined): void;
  cgroupGone(id: Unsigned64): void;
}

/** Somebody who knows containers. */
export interface ContainerRuntimes {
  ask(container: { readonly fullId: ByteString; readonly type: ByteString | undefined; readonly pid: number }): void;
  stop(): void;
}

export interface LiveWorldOptions {
  readonly hostname: string;
  /** The hierarchy that the sensor's cgroup ids are of: v2 or a controller. */
  readonly cgroupHierarchy: string;
  /** Told what was learned, for a capture. */
  readonly onFact?: (fact: Fact) => void;
  readonly cluster?: string | undefined;
  /** Where the host's root is seen: '' = as our own. */
  readonly hostRoot?: string | undefined;
  /** Opens the runtimes, which tell `onAnswer`; absent: there are none. */
  readonly runtimes?: ((onAnswer: WorldListener['container']) => ContainerRuntimes) | undefined;
}

/** Cgroups that are looked at at each refresh: of a node's thousand each one is seen every few seconds. */
const SWEPT_AT_ONCE = 256;

/** This machine. */
export function createLiveWorld(options: LiveWorldOptions): World {
  const { hostname, cgroupHierarchy, onFact = () => {} } = options;
  const { hostRoot = '' } = options;
  const accounts = createAccounts(accountReader, `${hostRoot}/etc/passwd`, `${hostRoot}/etc/group`);
  const mount = findCgroupMount(text('/proc/self/mountinfo'), cgroupHierarchy);
  const cgroups = createCgroups({
    reader: createCgroupReader(),
    mount: mount ?? '/sys/fs/cgroup',
    controller: cgroupHierarchy === 'v2' ? '' : cgroupHierarchy,
  });
  const readProcess = createProcReader({ cgroupId: (pid) => cgroups.idOf(pid) });
  const runtimes = options.runtimes?.((fullId, info) => world.listener?.container(fullId, info));
  const world: World = {
    hostname,
    cluster: options.cluster,
    bootId: bootId(),
    machine: thisMachine(),
    accounts,
    accountsOf: createContainerAccounts({
      reader: createRootReader(),
      host: accounts,
      hostNamespace: hostMountNamespace(),
      nowMs: () => performance.now(),
    }),
    services: parseServices(text('/etc/services')),
    utcOffsetMinutes: (timeNs) => -new Date(Number(timeNs / 1_000_000n)).getTimezoneOffset(),
    cgroupPath: (id, pid) => {
      const path = cgroups.path(id, pid);
      if (path !== undefined) onFact({ kind: 'cgroup', id, path });
      return path;
    },
    placeCgroup: (id, path) => cgroups.place(id, path),
    lookUp: (pid) => {
      const task = readProcess(pid);
      if (task !== undefined) onFact({ kind: 'process', task });
      return task;
    },
    ...(runtimes === undefined
      ? {}
      : {
          askContainer: ({ fullId, type }, pid) => {
            runtimes.ask({ fullId, type, pid });
            return true;
          },
        }),
    refresh: () => {
      accounts.refresh();
      for (const id of cgroups.sweep(SWEPT_AT_ONCE)) world.listener?.cgroupGone(id);
    },
    close: () => runtimes?.stop(),
  };
  return world;
}

/** undefined where the first process cannot be looked at. */
function hostMountNamespace(): number | undefined {
  try {
    return statSync('/proc/1/ns/mnt').ino;
  } catch {
    return undefined;
  }
}

/** The tables of this machine that a capture takes with it, as byte strings. */
export function machineTables(): Pick<CaptureHeader, 'passwd' | 'group' | 'services'> {
  return { passwd: text('/etc/passwd'), group: text('/etc/group'), services: text('/etc/services') };
}

/** Differs from boot to boot. */
export function bootId(): string {
  return text('/proc/sys/kernel/random/boot_id').trim();
}

export function thisMachine(): Machine {
  return process.arch === 'arm64' ? 'arm64' : 'x86_64';
}

/** A machine as a capture has it: nothing here is asked of the one that replays. */
export function createCapturedWorld(header: CaptureHeader): World & { learn(fact: Fact): void } {
  const users = parsePasswd(header.passwd);
  const groups = parseGroup(header.group);
  const tasks = new Map<number, TaskFacts>();
  const paths = new Map<Unsigned64, ByteString>();
  return {
    hostname: header.hostname,
    bootId: header.bootId,
    machine: header.machine,
    accounts: { user: (uid) => users.get(uid), group: (gid) => groups.get(gid) },
    services: parseServices(header.services),
    utcOffsetMinutes: () => header.utcOffsetMinutes,
    cgroupPath: (id) => paths.get(id),
    lookUp: (pid) => tasks.get(pid),
    refresh: () => {},
    learn: (fact) => {
      if (fact.kind === 'process') tasks.set(fact.task.pid, fact.task);
      else paths.set(fact.id, fact.path);
    },
  };
}

/** Bytes of a file of the system; '' when it is not there. */
function text(path: string): ByteString {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
