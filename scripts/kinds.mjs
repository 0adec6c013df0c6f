// The text of docs/kinds.md, from test/kernel/testified.json (ATALAYA_TESTIFY=1 vitest run test/kernel writes it, as root).
import { readFileSync } from 'node:fs';
import { WAYS } from '../dist/agent/cli/events.js';
import { SYSCALLS } from '../dist/agent/decode/syscalls.js';
import { URING_OPS } from '../dist/agent/decode/uring-ops.js';
import { EVENT_TYPES } from '../dist/agent/events/event-types.js';
import { EVENT_KINDS } from '../dist/agent/events/kinds.js';

const HEAD = `# What the sensor collects, and how each call was tested

A kind of event is a family of system calls. A live test runs a victim program that does the act and prints its own account of
it; the test fails unless the event says the same in every member that the account names. The table has what was testified:
**success** and **failure** by way of a 64-bit call, of a 32-bit one (\`int 0x80\`), and of io_uring.

- *not tested*: the way exists, its calls are told, but no victim stands for it.
- an empty cell: there is no such way.

io_uring's events are marked by \`evt.is_io_uring\` and have the type of the call that does the same. A request that asks for no
completion, and one whose completion is not told within a second, counts as done: the alert says that its result is assumed.
A fork is told as \`clone\`, whichever call made the child: the event comes from the scheduler and not from the call.
A kind costs nothing while no rule, and nothing else in the agent, wants it.

| kind | lane | evt.type | 64-bit | 32-bit | io_uring |
|---|---|---|---|---|---|
`;

const root = new URL('..', import.meta.url);

export function renderKinds() {
  const testified = Object.values(JSON.parse(readFileSync(new URL('test/kernel/testified.json', root), 'utf8'))).flat();
  const outcomes = (kind, type, way) => {
    const call = TYPES_WITHOUT_CALL.has(type) ? '-' : type;
    const found = ['success', 'failure'].filter((outcome) => testified.includes([kind, call, way, outcome].join(' ')));
    return found.join(', ');
  };
  const rows = EVENT_KINDS.flatMap((kind) =>
    EVENT_TYPES[kind].map((type, place) => {
      const call = SYSCALLS.find(({ name }) => name === type);
      const cell = (way, exists) => outcomes(kind, type, way) || (exists ? 'not tested' : '');
      const { lane, otherwise } = WAYS[kind];
      const cells = [
        place === 0 ? kind : '',
        place === 0 ? (otherwise === undefined ? lane : `${lane}, failures ${otherwise}`) : '',
        `\`${type}\``,
        cell('64-bit', call === undefined || call.x86_64 !== undefined),
        cell('32-bit', call !== undefined && (call.i386.length > 0 || type === 'accept')), // i386 accepts by socketcall
        cell(
          'io_uring',
          URING_OPS.some(({ name }) => name === type),
        ),
      ];
      return `| ${cells.join(' | ')} |\n`;
    }),
  );
  return HEAD + rows.join('');
}

/** Told by tracepoints of their own: which of the calls it was, is not. */
const TYPES_WITHOUT_CALL = new Set(['clone', 'procexit']);
