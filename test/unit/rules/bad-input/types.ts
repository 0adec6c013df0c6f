import { type Case, withCondition } from './case.ts';

/** Faults of names, types and values in conditions. */
export const TYPES: readonly Case[] = [
  [
    'an unknown field',
    withCondition('proc.nmae = a'),
    [
      "file1.yaml:3:14: error in rule 'r': there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'every comparison that is wrong, and every element of a list',
    withCondition('evt.type in (opne, clsoe) and proc.pid = x and fd.num in (1, y, z, y)'),
    [
      "file1.yaml:3:26: error in rule 'r': no event is called 'opne'; expected the name of an event; did you mean 'open'? [LOAD_ERR_COMPILE_CONDITION]",
      "file1.yaml:3:26: error in rule 'r': no event is called 'clsoe'; expected the name of an event; did you mean 'close'? [LOAD_ERR_COMPILE_CONDITION]",
      "file1.yaml:3:55: error in rule 'r': 'x' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]",
      "file1.yaml:3:71: error in rule 'r': 'y' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]",
      "file1.yaml:3:71: error in rule 'r': 'z' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an unknown event',
    withCondition('evt.type = opne'),
    [
      "file1.yaml:3:25: error in rule 'r': no event is called 'opne'; expected the name of an event; did you mean 'open'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an unknown parameter',
    withCondition('evt.type=open and evt.arg.flgas = a'),
    [
      "file1.yaml:3:32: error in rule 'r': no event has a parameter 'flgas'; did you mean 'evt.arg.flags'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an unknown macro',
    `- macro: spawned_process\n  condition: evt.type=execve\n${withCondition('spawn_process')}`,
    [
      "file1.yaml:5:14: error in rule 'r': there is no macro 'spawn_process' that can be used here; did you mean 'spawned_process'? [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a macro that uses itself',
    `- macro: a\n  condition: evt.type=open\n- macro: a\n  condition: or a\n  override: {condition: append}\n${withCondition('a')}`,
    ["file1.yaml:4:17: error in macro 'a': the macro 'a' uses itself [LOAD_ERR_VALIDATE]"],
  ],
  [
    'two macros that use each other',
    `- macro: a\n  condition: evt.type=open\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n${withCondition('a')}`,
    ["file1.yaml:6:14: error in macro 'a': the macro 'b' uses itself [LOAD_ERR_VALIDATE]"],
  ],
  [
    'two macros that use each other from the start',
    `- macro: a\n  condition: b\n- macro: b\n  condition: evt.type=open and a\n${withCondition('a')}`,
    ["file1.yaml:2:14: error in macro 'a': the macros 'a' and 'b' use each other [LOAD_ERR_VALIDATE]"],
  ],
  [
    'three macros that use each other from the start',
    `- macro: a\n  condition: b\n- macro: b\n  condition: not c\n- macro: c\n  condition: a\n${withCondition('a')}`,
    [
      "file1.yaml:2:14: error in macro 'a': the macros 'a' and 'b' use each other [LOAD_ERR_VALIDATE]",
      "file1.yaml:4:18: error in macro 'b': the macro 'c' comes later in the file; expected before the macro that uses it [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a macro of a later file',
    [withCondition('m'), '- macro: m\n  condition: evt.type=open\n'],
    ["file1.yaml:3:14: error in rule 'r': there is no macro 'm' that can be used here [LOAD_ERR_VALIDATE]"],
  ],
  [
    'no number',
    withCondition('proc.pid = abc'),
    ["file1.yaml:3:25: error in rule 'r': 'abc' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a fraction',
    withCondition('proc.pid = 1.5'),
    ["file1.yaml:3:25: error in rule 'r': '1.5' is no number; expected a decimal integer [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'no port',
    withCondition('fd.sport = htpt'),
    [
      "file1.yaml:3:25: error in rule 'r': 'htpt' is no port; expected a port number or the name of a service; did you mean 'http'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'neither true nor false',
    withCondition('evt.failed = yes'),
    [
      "file1.yaml:3:27: error in rule 'r': 'yes' is neither true nor false; expected true or false [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'no address',
    withCondition('fd.sip = 1.2.3'),
    [
      "file1.yaml:3:23: error in rule 'r': '1.2.3' is no address; expected an IPv4 address such as 10.0.0.1 [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'no IPv6 address',
    withCondition('fd.sip = ::g'),
    [
      "file1.yaml:3:23: error in rule 'r': '::g' is no address; expected an IPv6 address such as fe80::1 [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'no network',
    withCondition('fd.snet = 10.0.0.0/33'),
    [
      "file1.yaml:3:24: error in rule 'r': '10.0.0.0/33' is no network; expected a network such as 10.0.0.0/8 [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'no bytes',
    withCondition('evt.buffer bcontains xyz'),
    [
      "file1.yaml:3:35: error in rule 'r': 'xyz' stands for no bytes; expected pairs of hexadecimal digits [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a NUL byte',
    withCondition('\'proc.name = "a\\x00"\''),
    [
      "file1.yaml:3:27: error in rule 'r': no value has a NUL byte; expected a text without \\x00 [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a value that is too long',
    withCondition(`proc.name = ${'a'.repeat(256)}`),
    [
      "file1.yaml:3:26: error in rule 'r': the value that begins with 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' has 256 bytes; expected at most 255 bytes [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'bytes that are too long',
    withCondition(`evt.buffer contains ${'a'.repeat(256)}`),
    [
      "file1.yaml:3:34: error in rule 'r': the value that begins with 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' has 256 bytes; expected at most 255 bytes [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an operator that numbers lack',
    withCondition('proc.pid contains 1'),
    ["file1.yaml:3:14: error in rule 'r': 'contains' does not compare numbers [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that texts lack',
    withCondition('proc.name bcontains 41'),
    ["file1.yaml:3:14: error in rule 'r': 'bcontains' does not compare texts [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that addresses lack',
    withCondition('fd.sip startswith 1.2.3.4'),
    ["file1.yaml:3:14: error in rule 'r': 'startswith' does not compare addresses [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that booleans lack',
    withCondition('evt.failed < 1'),
    ["file1.yaml:3:14: error in rule 'r': '<' does not compare true and false [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that bytes lack',
    withCondition('evt.buffer glob a'),
    ["file1.yaml:3:14: error in rule 'r': 'glob' does not compare bytes [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that lists lack',
    withCondition('fd.types = file'),
    ["file1.yaml:3:14: error in rule 'r': '=' does not compare lists [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an argument too many',
    withCondition('proc.name[1] = a'),
    [
      "file1.yaml:3:14: error in rule 'r': there is no field 'proc.name[1]'; expected proc.name without an argument [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an argument that is no number',
    withCondition('proc.aname[x] = a'),
    [
      "file1.yaml:3:14: error in rule 'r': there is no field 'proc.aname[x]'; expected proc.aname[N] with a number [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an argument that is missing',
    withCondition('evt.type=open and evt.arg = a'),
    [
      "file1.yaml:3:32: error in rule 'r': 'evt.arg' needs an argument; expected evt.arg.NAME [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a label that is missing',
    withCondition('container.label = a'),
    [
      "file1.yaml:3:14: error in rule 'r': 'container.label' needs an argument; expected container.label[NAME] [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an argument of a container field',
    withCondition('container.name[x] = a'),
    [
      "file1.yaml:3:14: error in rule 'r': 'container.name' takes no argument; expected container.name without an argument [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'fields of two types',
    withCondition('proc.name = val(proc.pid)'),
    [
      "file1.yaml:3:14: error in rule 'r': 'proc.name' is CHARBUF and 'proc.pid' is INT64: they cannot be compared [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a field that cannot stand on the right',
    withCondition('proc.name = val(proc.aname)'),
    ["file1.yaml:3:14: error in rule 'r': 'proc.aname' cannot stand on the right [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a field that cannot be compared with one',
    withCondition('fd.ip = val(fd.sip)'),
    ["file1.yaml:3:14: error in rule 'r': 'fd.ip' cannot be compared with a field [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a regex from a field',
    withCondition('proc.name regex val(proc.pname)'),
    ["file1.yaml:3:14: error in rule 'r': regex takes a text on its right, no field [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a regex that cannot be read',
    withCondition('\'proc.name regex "a["\''),
    [
      "file1.yaml:3:31: error in rule 'r': the regex cannot be read: missing closing ]: `[` [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a regex of another dialect',
    withCondition('\'proc.name regex "(?i)a"\''),
    ["file1.yaml:3:31: error in rule 'r': the regex cannot be read: it knows no (?...) [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a transformer of a number',
    withCondition('toupper(proc.pid) = A'),
    [
      "file1.yaml:3:14: error in rule 'r': toupper() cannot take 'proc.pid', which is INT64 [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a field that cannot be transformed',
    withCondition('toupper(proc.aname) = A'),
    ["file1.yaml:3:14: error in rule 'r': 'proc.aname' cannot be transformed [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'too many arguments',
    withCondition('toupper(proc.name, proc.pname) = A'),
    ["file1.yaml:3:14: error in rule 'r': toupper() takes one argument [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'too few arguments',
    withCondition('join(proc.name) = A'),
    ["file1.yaml:3:14: error in rule 'r': join() takes more than one argument [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a join of no list',
    withCondition('join("-", proc.name) = A'),
    ["file1.yaml:3:14: error in rule 'r': what join() joins is a list [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a concat of a list',
    withCondition('concat("-", fd.types) = A'),
    ["file1.yaml:3:14: error in rule 'r': concat() takes single texts [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a getopt of no list',
    withCondition('getopt(proc.name, "a") = A'),
    ["file1.yaml:3:14: error in rule 'r': getopt() reads a list of words [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a getopt of two letters',
    withCondition('getopt((proc.name), "ab")[ab] = A'),
    ["file1.yaml:3:14: error in rule 'r': getopt() takes one letter in brackets [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'brackets behind a call',
    withCondition('toupper(proc.name)[a] = A'),
    ["file1.yaml:3:14: error in rule 'r': toupper() takes no argument in brackets [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a type compared with a field',
    withCondition('evt.type = val(proc.name)'),
    [
      "file1.yaml:3:14: error in rule 'r': the type of an event is compared with names, not with a field [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a type that is transformed',
    withCondition('toupper(evt.type) = OPEN'),
    [
      "file1.yaml:3:14: error in rule 'r': the type of an event is compared as it is, without transformers [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
];
