/** Gives numbers from 0 to below a limit, the same ones in every run (a linear congruential generator). */
function sequence(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}

type Draw = (limit: number) => number;

const WORDS = ['vault', 'ledger', 'portal', 'mesh', 'relay', 'broker', 'index', 'cache', 'billing', 'audit', 'ingest'];
const PLACES = ['/etc', '/var/lib', '/opt', '/usr/local/bin', '/root', '/home', '/run', '/srv', '/usr/lib', '/tmp'];
const TOOLS = ['curl', 'wget', 'nc', 'socat', 'perl', 'ruby', 'php', 'base64', 'xxd', 'dd', 'tar', 'scp', 'rsync'];
const FLAGS = ['--post-file', '-e /bin/', '--checkpoint-action', '-oProxyCommand', ' -i ', '--data-binary', '-lvp'];
const MACROS = ['shell_procs', 'run_by_package_mgmt_binaries', 'server_procs', 'ansible_running_python', 'run_by_chef'];

/** What rules of upstream's files are made like: their macros, lists, transitive exclusions and exceptions. */
const SHAPES: readonly ((draw: Draw, name: string) => string)[] = [
  (draw) =>
    `open_read and fd.name startswith ${place(draw)}/ and not proc.name in (${tools(draw)}) and not ${macro(draw)}`,
  (draw, name) => `open_write and (fd.name in (${paths(draw)}) or fd.directory = ${place(draw)}) and container
    and not (proc.name = ${tool(draw)} and proc.cmdline contains ${name}) and not ${macro(draw)}`,
  (draw, name) => `spawned_process and proc.name in (${tools(draw)}) and (proc.args contains "${flag(draw)}" or
    proc.cmdline contains "${name}") and not proc.pname in (${tools(draw)}) and not ${macro(draw)}`,
  (draw) => `spawned_process and container and proc.pname in (${tools(draw)}) and proc.aname[2] = ${tool(draw)}
    and not proc.cmdline startswith "sh -c ${tool(draw)}" and not ${macro(draw)}`,
  (draw) => `outbound and proc.name in (${tools(draw)}) and fd.sport in (${ports(draw)}) and not ${macro(draw)}`,
  (draw) => `evt.type in (rename, renameat, renameat2, unlink, unlinkat) and (fs.path.name startswith ${place(draw)}/
    or fs.path.target startswith ${place(draw)}/) and not proc.name in (${tools(draw)})`,
  (draw) => `open_read and (fd.name endswith .${word(draw)} or fd.name contains /.${word(draw)}/ or
    fd.name glob ${place(draw)}/*/${word(draw)}/*) and proc.name != ${tool(draw)} and not user.name = ${word(draw)}`,
  (draw) => `evt.type in (chmod, fchmod, fchmodat) and (evt.arg.mode contains S_IXUSR) and
    fs.path.name pmatch (${paths(draw)}) and not ${macro(draw)}`,
  (draw) => `evt.type in (symlink, symlinkat, link, linkat) and fs.path.target in (${paths(draw)})
    and not proc.pname = ${tool(draw)} and container`,
  (draw) => `dup and evt.rawres in (0, 1, 2) and fd.type in (ipv4, ipv6) and proc.name = ${tool(draw)}
    and not ${macro(draw)}`,
];

/** Rules in the style of upstream's, to be loaded behind them: the same ones in every run. */
export function generateRules(count: number): string {
  const draw = sequence(20_240_601);
  return Array.from({ length: count }, (_, place) => {
    const name = `${word(draw)}-${place}`;
    const condition = SHAPES[place % SHAPES.length]?.(draw, name) ?? 'never_true';
    const exception =
      place % 4 === 0
        ? `
  exceptions:
    - name: known
      fields: [proc.name, proc.pname]
      comps: [in, =]
      values:
        - [[${tools(draw)}], ${tool(draw)}]`
        : '';
    return `- rule: Generated ${name}
  desc: One of many, to measure with.
  condition: >
    ${condition}
  output: Generated | file=%fd.name process=%proc.name parent=%proc.pname command=%proc.cmdline
  priority: NOTICE
  tags: [generated]${exception}
`;
  }).join('\n');
}

const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;
const word = (draw: Draw): string => pick(draw, WORDS);
const place = (draw: Draw): string => `${pick(draw, PLACES)}/${word(draw)}`;
const tool = (draw: Draw): string => pick(draw, TOOLS);
const flag = (draw: Draw): string => pick(draw, FLAGS);
const macro = (draw: Draw): string => pick(draw, MACROS);
const several = (draw: Draw, one: (draw: Draw) => string): string =>
  Array.from({ length: 2 + draw(6) }, () => one(draw)).join(', ');
const tools = (draw: Draw): string => several(draw, (d) => (d(2) === 0 ? tool(d) : `${word(d)}-${d(100)}`));
const paths = (draw: Draw): string => several(draw, (d) => `${place(d)}/${word(d)}.conf`);
const ports = (draw: Draw): string => several(draw, (d) => String(1 + d(65_535)));
