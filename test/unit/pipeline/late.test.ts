import { expect, test } from 'vitest';
import { createRedactor } from '../../../agent/alert/redact.ts';
import type { Alert, EnvelopeBody } from '../../../agent/events/alert.ts';
import type { ContainerInfo } from '../../../agent/events/process.ts';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { createPipeline, type Pipeline } from '../../../agent/pipeline/pipeline.ts';
import type { World } from '../../../agent/pipeline/world.ts';
import { compileRules } from '../../../agent/rules/compile.ts';
import { infoOf } from '../support/container-info.ts';
import { buildRecord } from '../support/record-builder.ts';

const ID = 'c'.repeat(64);
const CGROUP = 7;
const WEB = infoOf({
  name: 'app',
  image: 'nginx:1.25',
  imageRepository: 'nginx',
  labels: new Map([['team', 'shop']]),
  pod: { name: 'web-0', namespace: 'shop', uid: 'u1', sandboxId: '', ip: '', cniJson: '', labels: new Map() },
});
const INCOMPLETE = ['container: what the rule asks about it was not known in time'];

const rule = (name: string, condition: string, output = 'o') =>
  `- rule: ${name}\n  desc: d\n  condition: evt.type = openat and ${condition}\n  output: '${output}'\n  priority: INFO\n`;

interface Setting {
  readonly rules: readonly string[];
  readonly matching?: 'all' | 'first';
  readonly waitMs?: number;
  /** The cgroup's path is not known yet. */
  readonly pathless?: boolean;
}

/** An agent's pipeline on a machine with one container, about which the test tells. */
class Machine {
  nowMs = 0;
  path: string | undefined;
  readonly asked: string[] = [];
  readonly all: EnvelopeBody[] = [];
  private readonly pipeline: Pipeline;
  private readonly world: World;

  constructor({ rules, matching = 'all', waitMs = 1000, pathless = false }: Setting) {
    this.path = pathless ? undefined : `/docker/${ID}`;
    this.world = {
      hostname: 'node-1',
      bootId: 'boot-1',
      machine: 'x86_64',
      accounts: { user: () => undefined, group: () => undefined },
      services: new Map(),
      utcOffsetMinutes: () => 0,
      cgroupPath: (id) => (id === CGROUP ? this.path : '/'),
      askContainer: ({ fullId }) => {
        this.asked.push(fullId);
        return true;
      },
      lookUp: () => undefined,
      refresh: () => {},
    };
    const { ok, ruleSet } = compileRules([{ path: 'r.yaml', text: rules.join('') }], catalogue, {
      hash: () => 'digest',
    });
    if (!ok) throw new Error('the rules do not compile');
    this.pipeline = createPipeline({
      world: this.world,
      origin: { machine: 'x86_64', wallOffsetNs: 1_700_000_000_000_000_000n },
      ruleSet,
      matching,
      redactor: createRedactor({ enabled: true, names: [] }),
      processLimitBytes: 1 << 20,
      nowNs: () => 1_800_000_000_000_000_000n,
      late: { waitMs, nowMs: () => this.nowMs, onRaised: () => this.all.push(...this.pipeline.raised()) },
    });
  }

  get counts() {
    return this.pipeline.counts;
  }

  /** A file is opened; gives the rules that raised an alert. */
  open(path: string, header: object = {}): string[] {
    const buffer = buildRecord(
      'open',
      { cgroupId: CGROUP, syscall: 257, result: 3, comm: 'victim', ...header },
      { name: path, file: { mode: 0o100644, path, inode: 5, dev: 8 } },
    );
    return this.show(this.pipeline.run({ buffer, gaps: [] }));
  }

  /** A program is run in the container, whose cgroup the kernel names. */
  exec(cgroup: string): string[] {
    const file = { mode: 0o100755, path: '/bin/true', inode: 6, dev: 8 };
    const header = { cgroupId: CGROUP, syscall: 59, result: 0, pid: 200, tid: 200 };
    const buffer = buildRecord('exec', header, { exe: file, path: '/bin/true', args: 'true', argc: 1, cgroup });
    return this.show(this.pipeline.run({ buffer, gaps: [] }));
  }

  tell(info: ContainerInfo | undefined): string[] {
    return this.later(() => this.world.listener?.container(ID, info));
  }

  wait(ms: number): string[] {
    this.nowMs += ms;
    return this.later(() => {
      this.pipeline.tick();
      this.all.push(...this.pipeline.raised());
    });
  }

  end(): string[] {
    return this.later(() => {
      this.pipeline.endWaiting();
      this.all.push(...this.pipeline.raised());
    });
  }

  alert(index: number): Alert {
    const body = this.all.filter(({ type }) => type === 'alert')[index];
    if (body?.type !== 'alert') throw new Error(`no alert ${index}`);
    return body.alert;
  }

  private later(act: () => void): string[] {
    const from = this.all.length;
    act();
    return this.all.slice(from).map(nameOf);
  }

  private show(bodies: readonly EnvelopeBody[]): string[] {
    this.all.push(...bodies);
    return bodies.map(nameOf);
  }
}

function nameOf(body: EnvelopeBody): string {
  return body.type === 'alert' ? body.alert.rule : body.type;
}

test('a rule that hangs on the image waits for it, and others do not', () => {
  const machine = new Machine({
    rules: [
      rule('any', 'fd.name = /etc/shadow'),
      rule('nginx', 'fd.name = /etc/shadow and container.image.repository = nginx'),
      rule('not nginx', 'fd.name = /etc/shadow and not container.image.repository = nginx'),
      rule('other file', 'fd.name = /etc/passwd and container.image.repository = nginx'),
    ],
  });
  expect(machine.open('/etc/shadow')).toEqual(['any']);
  expect(machine.counts.decisions).toMatchObject({ waiting: 1, held: 1 });
  expect(machine.tell(WEB)).toEqual(['nginx', 'amendment']);
  expect(machine.counts.decisions).toEqual({ waiting: 0, held: 1, incomplete: 0, notHeld: 0 });
  expect(machine.alert(1)).toMatchObject({
    completeness: 'complete',
    context: { 'container.image.repository': 'nginx', 'fd.name': '/etc/shadow', 'k8s.pod.name': 'web-0' },
    matched: ['evt.type = openat', 'fd.name = /etc/shadow', 'container.image.repository = nginx'],
  });
  expect(machine.asked).toEqual([ID]);
});

test('what does not come in time is decided without, and says so', () => {
  const machine = new Machine({
    rules: [
      rule('nginx', 'container.image.repository = nginx'),
      rule('not nginx', 'container.image.repository != nginx or not container.image.repository = nginx'),
    ],
  });
  expect(machine.open('/x')).toEqual([]);
  expect(machine.wait(999)).toEqual([]);
  expect(machine.wait(1)).toEqual(['not nginx']);
  expect(machine.alert(0).completeness).toEqual(INCOMPLETE);
  expect(machine.counts.decisions).toEqual({ waiting: 0, held: 1, incomplete: 1, notHeld: 0 });
  // What comes later still follows.
  expect(machine.tell(WEB)).toEqual(['amendment']);
});

test('when nobody knows the container the waiting ends at once', () => {
  const machine = new Machine({ rules: [rule('not nginx', 'not container.image.repository = nginx')] });
  machine.open('/x');
  expect(machine.tell(undefined)).toEqual(['not nginx']);
  expect(machine.alert(0).completeness).toBe('complete');
  expect(machine.open('/y')).toEqual(['not nginx']);
});

test('an alert that left without them is told its fields later, and only those that changed', () => {
  const machine = new Machine({
    rules: [rule('any', 'fd.name = /x', '%fd.name %container.name %container.label[team] %toupper(k8s.ns.name)')],
  });
  expect(machine.open('/x')).toEqual(['any']);
  const before = machine.alert(0);
  expect(before.outputFields).toEqual({
    'fd.name': '/x',
    'container.name': null,
    'container.label[team]': null,
    'k8s.ns.name': null,
  });
  machine.tell(WEB);
  machine.tell({ ...WEB, pod: { ...WEB.pod, ip: '10.0.0.2' } as NonNullable<ContainerInfo['pod']> });
  machine.tell({ ...WEB, pod: { ...WEB.pod, ip: '10.0.0.2' } as NonNullable<ContainerInfo['pod']> });
  const amendments = machine.all.flatMap((body) => (body.type === 'amendment' ? [body.amendment] : []));
  expect(amendments).toEqual([
    {
      uuid: before.uuid,
      revision: 1,
      timeNs: 1_800_000_000_000_000_000n,
      context: {
        'container.name': 'app',
        'container.image': 'nginx:1.25',
        'container.image.id': '',
        'container.image.repository': 'nginx',
        'container.image.tag': '',
        'container.image.digest': '',
        'container.privileged': false,
        'container.host_pid': false,
        'container.host_network': false,
        'container.host_ipc': false,
        'container.ip': '',
        'container.cni.json': '',
        'container.labels': 'team:shop',
        'container.mounts': '',
        'container.label[team]': 'shop',
        'k8s.pod.name': 'web-0',
        'k8s.ns.name': 'shop',
        'k8s.pod.uid': 'u1',
        'k8s.pod.id': 'u1',
        'k8s.pod.labels': '',
      },
    },
    { uuid: before.uuid, revision: 2, timeNs: 1_800_000_000_000_000_000n, context: { 'k8s.pod.ip': '10.0.0.2' } },
  ]);
});

test('secrets in what comes later are masked', () => {
  const machine = new Machine({ rules: [rule('any', 'fd.name = /x')] });
  machine.open('/x');
  machine.tell(infoOf({ labels: new Map([['token', 'AKIAIOSFODNN7EXAMPLE']]) }));
  const text = JSON.stringify(machine.all, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  expect(text).toContain('container.labels');
  expect(text).not.toContain('AKIAIOSFODNN7EXAMPLE');
});

test('the event and its process are judged as they were, whatever came after them', () => {
  const machine = new Machine({
    rules: [rule('nginx', 'container.image.repository = nginx', '%fd.name %proc.name %proc.pid %user.uid')],
  });
  machine.open('/first', { euid: 1000 });
  machine.open('/second', { euid: 0 });
  expect(machine.tell(WEB)).toEqual(['nginx', 'nginx']);
  expect([machine.alert(0).outputFields, machine.alert(1).outputFields]).toEqual([
    { 'fd.name': '/first', 'proc.name': 'victim', 'proc.pid': 100, 'user.uid': 1000 },
    { 'fd.name': '/second', 'proc.name': 'victim', 'proc.pid': 100, 'user.uid': 0 },
  ]);
});

test('with one alert an event the first rule that holds raises it, also after waiting', () => {
  const rules = [
    rule('nginx', 'container.image.repository = nginx'),
    rule('any', 'fd.name startswith /'),
    rule('shop', 'k8s.ns.name = shop'),
  ];
  const known = new Machine({ rules, matching: 'first' });
  expect([known.open('/x'), known.tell(WEB)]).toEqual([[], ['nginx']]);
  const unknown = new Machine({ rules, matching: 'first' });
  expect([unknown.open('/x'), unknown.tell(undefined)]).toEqual([[], ['any']]);
  const behind = new Machine({ rules: [...rules.slice(1)], matching: 'first' });
  expect([behind.open('/x'), behind.tell(WEB)]).toEqual([['any'], ['amendment']]);
});

test('a container that is not known yet is waited for too', () => {
  const machine = new Machine({
    rules: [rule('in a container', 'container.id != host and container.image.repository = nginx', '%container.id')],
    pathless: true,
  });
  expect(machine.open('/x')).toEqual([]);
  expect(machine.wait(50)).toEqual([]);
  machine.path = `/docker/${ID}`;
  expect(machine.wait(50)).toEqual([]);
  expect(machine.tell(WEB)).toEqual(['in a container']);
  expect(machine.alert(0).outputFields).toEqual({ 'container.id': 'cccccccccccc' });
});

test('a container is known by the path that its first exec tells, when its cgroup is gone before anybody looked', () => {
  const execRule = `- rule: exec\n  desc: d\n  condition: evt.type = execve and container.id = cccccccccccc\n  output: o\n  priority: INFO\n`;
  const machine = new Machine({ rules: [execRule], pathless: true });
  expect(machine.exec(`/docker/${ID}`)).toEqual(['exec']);
  expect(machine.asked).toEqual([ID]);
});

test('a cgroup that cannot be found is waited for once', () => {
  const machine = new Machine({ rules: [rule('no container', 'not container.id = host')], pathless: true });
  expect([machine.open('/x'), machine.wait(1000), machine.open('/y')]).toEqual([
    [],
    ['no container'],
    ['no container'],
  ]);
  expect(machine.counts.decisions).toMatchObject({ held: 1, incomplete: 1 });
});

test('at most 1,024 events wait; those beyond are decided with what is known, and counted', () => {
  const machine = new Machine({ rules: [rule('not nginx', 'not container.image.repository = nginx')] });
  let atOnce = 0;
  for (let number = 0; number < 1500; number++) atOnce += machine.open(`/${number}`).length;
  expect([atOnce, machine.counts.decisions]).toEqual([476, { waiting: 1024, held: 1024, incomplete: 0, notHeld: 476 }]);
  expect(machine.end().length).toBe(1024);
  expect(machine.counts.decisions?.waiting).toBe(0);
});

test('without time to wait every rule is decided at once', () => {
  const machine = new Machine({ rules: [rule('not nginx', 'not container.image.repository = nginx')], waitMs: 0 });
  expect(machine.open('/x')).toEqual(['not nginx']);
});
