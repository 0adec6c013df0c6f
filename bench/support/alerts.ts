import { createHash } from 'node:crypto';
import type { Alert, Priority } from '../../agent/events/alert.ts';
import { encodeEnvelope } from '../../proto/envelope.ts';

const PRIORITIES: readonly Priority[] = ['Critical', 'Error', 'Warning', 'Notice', 'Notice', 'Informational'];
const WORDS = ['opened', 'shadow', 'shell', 'curl', 'mount', 'kubectl', 'python', 'backup', 'cron', 'token', 'socket'];

export const NAMESPACES = 20;
export const RULES = 60;
export const NODES = 10;

/** Alert number N of a cluster with namespaces, rules and nodes; the same number gives the same alert. */
export function makeAlert(number: number, timeNs: bigint, change: Partial<Alert> = {}): Alert {
  // Multiples of an odd number are spread over every small range.
  const mixed = Math.imul(number, 0x9e3779b1) >>> 0;
  const pick = <T>(list: readonly T[], shift: number): T => list[(mixed >>> shift) % list.length] as T;
  const namespace = `namespace-${mixed % NAMESPACES}`;
  const rule = `Rule ${(mixed >>> 5) % RULES}`;
  const hostname = `node-${number % NODES}`;
  const priority = pick(PRIORITIES, 9);
  const command = `${pick(WORDS, 3)} ${pick(WORDS, 7)} --file /var/lib/${namespace}/${mixed.toString(36)}`;
  const pid = 1000 + (number % 30_000);
  return {
    uuid: `00000000-0000-8000-8000-${number.toString(16).padStart(12, '0')}`,
    timeNs,
    raisedNs: timeNs + 1000n,
    rule,
    ruleSetDigest: 'd'.repeat(64),
    priority,
    source: 'syscall',
    tags: ['container', 'mitre_execution'],
    hostname,
    output: `10:00:00.000000000: ${priority} ${rule} (command=${command} user=root container=${namespace}-${number % 97})`,
    outputFields: { 'evt.time': timeNs, 'user.name': 'root', 'proc.cmdline': command, 'container.id': 'c0ffee' },
    context: {
      'evt.num': number,
      'evt.type': 'execve',
      'k8s.ns.name': namespace,
      'k8s.pod.name': `${namespace}-${number % 97}`,
      'proc.name': pick(WORDS, 3),
      'proc.pid': pid,
      'proc.cmdline': command,
      'proc.exepath': `/usr/bin/${pick(WORDS, 3)}`,
      'user.name': 'root',
      'user.uid': 0,
      'container.id': 'c0ffee',
      'container.image.repository': `registry/${namespace}`,
    },
    matched: ['evt.type = execve'],
    process: { pid, startNs: 5_000_000_000n, name: 'sh', exePath: '/bin/sh', cmdline: command },
    ancestors: [{ pid: 1, startNs: 0n, name: 'init', exePath: '/sbin/init', cmdline: 'init' }],
    completeness: 'complete',
    redactions: [],
    count: 1,
    firstNs: timeNs,
    lastNs: timeNs,
    ...change,
  };
}

/** One run of an agent: envelopes that follow each other. */
export class Run {
  private readonly owner: { readonly agentId: string; readonly bootId: string; readonly epoch: bigint };
  private sequence = 0;
  private hash: Uint8Array = new Uint8Array();

  constructor(agentId: string, epoch: bigint) {
    this.owner = { agentId, bootId: 'bench', epoch };
  }

  next(alert: Alert): Uint8Array {
    const position = { ...this.owner, sequence: ++this.sequence, previousHash: this.hash };
    const bytes = encodeEnvelope(position, { type: 'alert', alert });
    this.hash = createHash('sha256').update(bytes).digest();
    return bytes;
  }
}
