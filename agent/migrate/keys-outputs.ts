import {
  bySwitch,
  describe,
  elsewhere,
  type Judge,
  type KeyRule,
  none,
  same,
  textOf,
  unless,
  type Verdict,
  wrong,
} from './verdict.ts';

const SUBSCRIBE = '`atalaya subscribe --json` gives the same lines to any program';
const JSON_LINES = 'alerts are JSON lines with all of these properties';

/** Keys of a section that does nothing until it is enabled. */
const gated = (section: string, keys: Readonly<Record<string, Judge>>, fallback = false): readonly KeyRule[] =>
  Object.entries(keys).map(([key, judge]) => ({
    key: `${section}.${key}`,
    judge,
    ...(key === 'enabled' ? {} : { gate: { key: `${section}.enabled`, fallback } }),
  }));

const off: Judge = () => ({ kind: 'unused', text: 'it is switched off' });

const fileName: Judge = (node): Verdict => {
  const path = textOf(node);
  if (path === undefined || path === '' || /[\n\r]/.test(path)) return wrong(describe(node), 'a path');
  return { kind: 'carried', text: `file:${path}`, sets: { outputs: [`file:${path}`] } };
};

const level: Judge = (node) => {
  const levels: Readonly<Record<string, string>> = {
    emergency: 'error',
    alert: 'error',
    critical: 'error',
    error: 'error',
    warning: 'warn',
    notice: 'info',
    informational: 'info',
    info: 'info',
    debug: 'debug',
  };
  const word = (textOf(node) ?? '').toLowerCase();
  const found = Object.hasOwn(levels, word) ? levels[word] : undefined;
  if (found === undefined) return wrong(describe(node), `one of ${Object.keys(levels).join(', ')}`);
  return { kind: 'carried', text: found, sets: { 'log.level': found } };
};

/** Address and port of Falco's web server, as one address. */
const webserver: Judge = (_node, siblings) => {
  const host = siblings.text('webserver.listen_address') ?? '0.0.0.0';
  const port = siblings.text('webserver.listen_port') ?? '8765';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) return wrong(`port ${JSON.stringify(port)}`, '0 to 65535');
  if (!/^[0-9A-Za-z.:_-]+$/.test(host)) return wrong(JSON.stringify(host), 'an address');
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { kind: 'carried', text: address, sets: { http: address } };
};

const partOf =
  (key: string): Judge =>
  () => ({ kind: 'carried', text: `part of \`${key}\`` });

const number =
  (judge: Judge): Judge =>
  (node, siblings) =>
    /^\d+$/.test(textOf(node) ?? '') ? judge(node, siblings) : wrong(describe(node), 'a whole number');

/** Where alerts go and how they are written. */
export const OUTPUT_KEYS: readonly KeyRule[] = [
  {
    key: 'json_output',
    judge: bySwitch(
      same('alerts are JSON lines'),
      elsewhere('alerts are JSON lines; the line of text is their `output`'),
    ),
  },
  { key: 'json_include_output_property', judge: bySwitch(same(JSON_LINES), none(JSON_LINES)) },
  { key: 'json_include_tags_property', judge: bySwitch(same(JSON_LINES), none(JSON_LINES)) },
  { key: 'json_include_output_fields_property', judge: bySwitch(same(JSON_LINES), none(JSON_LINES)) },
  {
    key: 'json_include_message_property',
    judge: bySwitch(none('the text is in `output`'), same('the text is in `output`')),
  },
  {
    key: 'time_format_iso_8601',
    judge: bySwitch(same('times are ISO 8601 in UTC'), none('times are ISO 8601 in UTC')),
  },
  { key: 'buffered_outputs', judge: bySwitch(none('alerts are written at once'), same('alerts are written at once')) },
  {
    key: 'outputs_queue.capacity',
    judge: number(elsewhere('alerts wait on disk: `spool.limit_mib`, then the least urgent go, and a gap says so')),
  },
  { key: 'output_timeout', judge: number(same('no output holds up the others, or the events')) },
  {
    key: 'stdout_output.enabled',
    judge: bySwitch(() => ({ kind: 'carried', text: 'stdout', sets: { outputs: ['stdout'] } }), off),
  },
  ...gated('file_output', {
    enabled: bySwitch(partOf('outputs'), off),
    filename: fileName,
    keep_alive: bySwitch(
      same('the file stays open, and is opened anew when it was moved'),
      same('the file stays open, and is opened anew when it was moved'),
    ),
  }),
  ...gated('syslog_output', {
    enabled: bySwitch(elsewhere('as a service, what goes to stdout is in the journal'), off),
  }),
  ...gated('program_output', {
    enabled: bySwitch(elsewhere(SUBSCRIBE), off),
    program: elsewhere(SUBSCRIBE),
    keep_alive: same('the program decides'),
  }),
  ...gated('http_output', {
    enabled: bySwitch(elsewhere(SUBSCRIBE), off),
    url: elsewhere(SUBSCRIBE),
    ...Object.fromEntries(
      [
        'user_agent',
        'insecure',
        'ca_cert',
        'ca_bundle',
        'ca_path',
        'mtls',
        'client_cert',
        'client_key',
        'echo',
        'compress_uploads',
        'keep_alive',
        'max_consecutive_timeouts',
      ].map((key) => [key, none('the agent makes no HTTP requests')]),
    ),
  }),
  ...gated('grpc', {
    enabled: bySwitch(elsewhere('the collector serves subscribers: `server.listen` and `server.tls`'), off),
    bind_address: elsewhere('`server.listen` of the collector'),
    threadiness: same('no number of threads is set'),
    private_key: elsewhere('`server.tls.key` of the collector'),
    cert_chain: elsewhere('`server.tls.cert` of the collector'),
    root_certs: elsewhere('`server.tls.ca` of the collector'),
  }),
  {
    key: 'grpc_output.enabled',
    judge: bySwitch(elsewhere('`collector.address`: the collector serves `atalaya subscribe`'), off),
  },
  ...gated('webserver', {
    enabled: bySwitch(webserver, () => ({ kind: 'carried', text: 'none', sets: { http: 'none' } })),
    listen_address: partOf('http'),
    listen_port: partOf('http'),
    threadiness: same('no number of threads is set'),
    k8s_healthz_endpoint: unless('/healthz', same('/healthz, and /readyz'), none('the path is /healthz')),
    prometheus_metrics_enabled: bySwitch(
      same('/metrics is served'),
      elsewhere('/metrics is always served with /healthz'),
    ),
    ssl_enabled: bySwitch(none('it is plain HTTP'), same('it is plain HTTP')),
    ssl_certificate: unusedUnless('webserver.ssl_enabled', none('it is plain HTTP')),
  }),
  { key: 'log_stderr', judge: bySwitch(same('logs go to stderr'), none('logs go to stderr')) },
  { key: 'log_syslog', judge: bySwitch(elsewhere('as a service, what goes to stderr is in the journal'), off) },
  { key: 'log_level', judge: level },
  ...gated(
    'libs_logger',
    {
      enabled: bySwitch(elsewhere("what the sensor says is in the agent's log: `log.level`"), off),
      severity: elsewhere("what the sensor says is in the agent's log: `log.level`"),
    },
    true,
  ),
  { key: 'outputs.rate', judge: none('alerts are not left out by their rate') },
  { key: 'outputs.max_burst', judge: none('alerts are not left out by their rate') },
];

function unusedUnless(key: string, judge: Judge): Judge {
  return (node, siblings) =>
    siblings.flag(key, false) ? judge(node, siblings) : { kind: 'unused', text: `${key} is off` };
}
