import type { Event } from '../events/event.ts';
import { createMaskSlot } from '../events/mask.ts';
import type { ContainerIdentity, Process } from '../events/process.ts';
import { type MatchContext, namesOf } from '../fields/context.ts';

/** No honest chain is longer. */
const ANCESTORS_MAX = 32;

/** A process as it was, whose container may still become known. */
export interface KeptProcess extends Process {
  container: ContainerIdentity | undefined;
}

export interface KeptContext extends MatchContext {
  readonly process: KeptProcess;
}

/** A context that outlives its event: processes go on changing, so they and their ancestors are copied. */
export function keepContext(context: MatchContext, process: Process, event: Event): KeptContext {
  const kept = keepProcess(process, ANCESTORS_MAX);
  const accounts = context.accounts.at?.(kept) ?? context.accounts;
  return { ...context, event, process: kept, accounts, names: namesOf(accounts, context.processes) };
}

/** The process alone, with as many ancestors. */
export function keepProcess(process: Process, ancestors: number): KeptProcess {
  const { parent } = process;
  return {
    pid: process.pid,
    start: process.start,
    startNs: process.startNs,
    parent: parent === undefined || ancestors === 0 ? undefined : keepProcess(parent, ancestors - 1),
    ppid: process.ppid,
    vpid: process.vpid,
    session: process.session,
    pgid: process.pgid,
    tty: process.tty,
    uid: process.uid,
    gid: process.gid,
    loginuid: process.loginuid,
    capEffective: process.capEffective,
    capPermitted: process.capPermitted,
    capInheritable: process.capInheritable,
    comm: process.comm,
    exe: process.exe,
    exePath: process.exePath,
    args: process.args,
    cmdline: process.cmdline,
    env: process.env,
    cwd: process.cwd,
    exeFacts: process.exeFacts,
    stdin: process.stdin,
    stdout: process.stdout,
    pidNamespace: process.pidNamespace,
    mountNamespace: process.mountNamespace,
    userNamespace: process.userNamespace,
    netNamespace: process.netNamespace,
    children: process.children,
    container: process.container,
    mask: createMaskSlot(),
    virtual: process.virtual,
  };
}
