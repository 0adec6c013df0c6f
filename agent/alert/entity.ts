import type { ProcessEntity } from '../events/alert.ts';
import { bytesToText } from '../events/bytestring.ts';
import type { Process } from '../events/process.ts';
import type { ArgumentSource, Mask } from './redact.ts';

/** No honest chain is longer; an attacker's may be. */
const ANCESTORS_MAX = 32;

/** Parent first. */
export function ancestorsOf(process: Process): Process[] {
  const ancestors: Process[] = [];
  for (let at = process.parent; at !== undefined && ancestors.length < ANCESTORS_MAX; at = at.parent)
    ancestors.push(at);
  return ancestors;
}

export function entityOf(process: Process, mask: Mask): ProcessEntity {
  return {
    pid: process.pid,
    startNs: process.startNs,
    name: mask.text(bytesToText(process.comm)),
    exePath: mask.text(bytesToText(process.exePath)),
    cmdline: mask.text(bytesToText(process.cmdline)),
  };
}

export function argumentsOf(process: Process): ArgumentSource {
  return {
    exe: bytesToText(process.exePath),
    comm: bytesToText(process.comm),
    args: process.args.map(bytesToText),
  };
}
