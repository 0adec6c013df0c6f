import { valueOf, type YamlNode } from '../rules/yaml-node.ts';
import { USUAL_SOCKETS } from '../runtime/usual-sockets.ts';
import {
  bySwitch,
  describe,
  elsewhere,
  type Judge,
  type KeyRule,
  none,
  same,
  textOf,
  type Verdict,
  wrong,
} from './verdict.ts';

const KINDS: Readonly<Record<string, Omit<Verdict, 'sets'>>> = {
  modern_ebpf: { kind: 'same', text: 'the sensor is CO-RE eBPF' },
  ebpf: { kind: 'none', text: 'the sensor is CO-RE eBPF, which needs a kernel with BTF (`atalaya doctor`)' },
  kmod: { kind: 'none', text: 'the sensor is CO-RE eBPF, which needs a kernel with BTF (`atalaya doctor`)' },
  gvisor: { kind: 'none', text: 'events of gVisor are not collected' },
  replay: { kind: 'elsewhere', text: '`atalaya replay FILE`' },
  nodriver: { kind: 'elsewhere', text: '`atalaya replay FILE`, or the collector alone' },
};

const engineKind: Judge = (node) => {
  const kind = textOf(node) ?? '';
  const verdict = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return verdict ?? wrong(describe(node), `one of ${Object.keys(KINDS).join(', ')}`);
};

/** Sockets of the Container Runtime Interface. Where they are the usual ones, nothing needs to be said. */
const criSockets: Judge = (node) => {
  const paths = node.kind === 'sequence' ? node.items.map(textOf) : [textOf(node)];
  if (!paths.every((path) => path?.startsWith('/') === true)) return wrong(describe(node), 'a list of absolute paths');
  const sockets = paths.map((path) => `cri:${path}`);
  if (sockets.every((socket) => USUAL_SOCKETS.includes(socket))) return { kind: 'same', text: 'these are looked for' };
  return { kind: 'carried', text: 'and only these are asked', sets: { 'containers.sockets': sockets } };
};

const BUFFERS = none('the rings have fixed sizes; `sensor.pool_mib` is the memory for what the agent has not read yet');
const RINGS = none('all CPUs share three rings, by the urgency of events');
const GVISOR = none('events of gVisor are not collected');
const FAILED = same('failed calls are collected if a rule can match them');
const PLANNED = same('what is collected follows from the rules; `atalaya events` lists what can be');
const COUNTED = same('every loss is a gap record in the stream of alerts, with its count');
const METRICS = elsewhere('/metrics (Prometheus) at `http`');
const ENGINES = same('a container is known by its cgroup, whatever engine runs it');
const RECORD = elsewhere('`atalaya record -o FILE`');
const THREADS = elsewhere('`state.processes_mib`; processes that ended are forgotten');

const each = (section: string, keys: readonly string[], judge: Judge): readonly KeyRule[] =>
  keys.map((key) => ({ key: `${section}.${key}`, judge }));

/** Keys of one engine, which count only when it is the chosen one. */
const ofEngine = (engine: string, keys: Readonly<Record<string, Judge>>): readonly KeyRule[] =>
  Object.entries(keys).map(([key, judge]) => ({
    key: `engine.${engine}.${key}`,
    judge: (node, siblings) => {
      const chosen = siblings.text('engine.kind') ?? 'modern_ebpf';
      return chosen === engine ? judge(node, siblings) : { kind: 'unused', text: `engine.kind is ${chosen}` };
    },
  }));

const metric = (keys: readonly string[]): readonly KeyRule[] =>
  each('metrics', keys, METRICS).map((rule) => ({ ...rule, gate: { key: 'metrics.enabled', fallback: false } }));

const captured = (keys: readonly string[]): readonly KeyRule[] =>
  each('capture', keys, RECORD).map((rule) => ({ ...rule, gate: { key: 'capture.enabled', fallback: false } }));

/** What plugins give that has a place here, by the plugin's name. */
const PLUGINS: Readonly<Record<string, Omit<Verdict, 'sets'>>> = {
  container: { kind: 'same', text: 'container and k8s fields need no plugin' },
  k8smeta: { kind: 'same', text: 'container and k8s fields need no plugin' },
};

function pluginVerdict(name: string): Verdict {
  const known = Object.hasOwn(PLUGINS, name) ? PLUGINS[name] : undefined;
  return known ?? { kind: 'none', text: `there are no plugins; rules with a source of '${name}' are left out` };
}

const plugins: Judge = (node) => {
  if (node.kind !== 'sequence') return wrong(describe(node), 'a list of plugins');
  return together(node.items.map((item) => (item.kind === 'mapping' ? nameOf(item) : undefined)));
};

const loadPlugins: Judge = (node) => {
  if (node.kind !== 'sequence') return wrong(describe(node), 'a list of names');
  return together(node.items.map(textOf));
};

function nameOf(item: Extract<YamlNode, { kind: 'mapping' }>): string | undefined {
  const name = valueOf(item, 'name');
  return name === undefined ? undefined : textOf(name);
}

/** One verdict for several plugins: the first that has no place decides. */
function together(names: readonly (string | undefined)[]): Verdict {
  if (names.length === 0) return { kind: 'unused', text: 'it is empty' };
  const verdicts = names.map((name) =>
    name === undefined ? wrong('a plugin without a name', 'a name') : pluginVerdict(name),
  );
  const bad = verdicts.find(({ kind }) => kind !== 'same') ?? verdicts[0];
  return bad ?? { kind: 'unused', text: 'it is empty' };
}

const off: Judge = () => ({ kind: 'unused', text: 'it is switched off' });

const drops: Judge = (node) => {
  const words = node.kind === 'sequence' ? node.items.map(textOf) : [textOf(node)];
  if (words.includes('exit')) return { kind: 'none', text: 'losses never end the agent: they are told as gaps' };
  return COUNTED(node, { text: () => undefined, flag: () => false });
};

/** Where events come from, what is kept of them, and what is measured. */
export const ENGINE_KEYS: readonly KeyRule[] = [
  { key: 'engine.kind', judge: engineKind },
  ...['kmod', 'ebpf', 'modern_ebpf'].flatMap((kind) =>
    ofEngine(kind, { buf_size_preset: BUFFERS, drop_failed_exit: FAILED }),
  ),
  ...ofEngine('ebpf', { probe: none('`sensor.object` is for other builds of our own programs') }),
  ...ofEngine('modern_ebpf', {
    cpus_for_each_buffer: RINGS,
    disable_iterators: none('what runs already is read from the kernel at start'),
  }),
  ...ofEngine('gvisor', { config: GVISOR, root: GVISOR }),
  ...ofEngine('replay', { capture_file: elsewhere('`atalaya replay FILE`') }),
  { key: 'syscall_buf_size_preset', judge: BUFFERS },
  { key: 'syscall_drop_failed_exit', judge: FAILED },
  ...each('modern_bpf', ['cpus_for_each_syscall_buffer'], RINGS),
  { key: 'capture.enabled', judge: bySwitch(RECORD, off) },
  ...captured(['path_prefix', 'mode', 'default_duration', 'max_file_size_mb']),
  { key: 'load_plugins', judge: loadPlugins },
  { key: 'plugins', judge: plugins },
  { key: 'plugins_hostinfo', judge: same('there are no plugins') },
  ...each(
    'syscall_event_timeouts',
    ['max_consecutives'],
    same('the reader waits; heartbeats tell that the agent lives'),
  ),
  ...each('syscall_event_drops', ['threshold', 'rate', 'max_burst'], COUNTED),
  ...each('syscall_event_drops', ['actions'], drops),
  ...each('syscall_event_drops', ['simulate_drops'], bySwitch(none('losses cannot be simulated'), off)),
  { key: 'metrics.enabled', judge: bySwitch(METRICS, off) },
  ...metric([
    'interval',
    'output_rule',
    'output_file',
    'rules_counters_enabled',
    'resource_utilization_enabled',
    'state_counters_enabled',
    'kernel_event_counters_enabled',
    'kernel_event_counters_per_cpu_enabled',
    'kernel_iter_event_counters_enabled',
    'libbpf_stats_enabled',
    'plugins_metrics_enabled',
    'jemalloc_stats_enabled',
    'convert_memory_to_mb',
    'include_empty_values',
  ]),
  ...each('base_syscalls', ['custom_set', 'repair', 'all'], PLANNED),
  ...each('falco_libs', ['thread_table_size'], THREADS),
  ...each(
    'falco_libs',
    ['thread_table_auto_purging_interval_s', 'thread_table_auto_purging_thread_timeout_s'],
    same('processes that ended are forgotten'),
  ),
  ...each('falco_libs', ['snaplen'], none('the data of reads and writes is not collected')),
  ...['docker', 'podman', 'lxc', 'libvirt_lxc', 'bpm', 'cri'].flatMap((engine) =>
    each(`container_engines.${engine}`, ['enabled'], ENGINES),
  ),
  { key: 'container_engines.cri.sockets', judge: criSockets },
  { key: 'container_engines.cri.disable_async', judge: none('no event waits for the container runtime') },
  ...each('metadata_download', ['max_mb', 'chunk_wait_us', 'watch_freq_sec'], none('nothing is downloaded')),
];
