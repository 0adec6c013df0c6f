import { type Case, ruleWith, withCondition } from './case.ts';

/** Faults of the grammar of conditions. */
export const GRAMMAR: readonly Case[] = [
  [
    'no condition',
    ruleWith('', '" "'),
    [
      "file1.yaml:3:14: error in rule 'r': expected a comparison, the name of a macro, or '(' [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an end too soon',
    withCondition('evt.type=open and'),
    ["file1.yaml:3:31: error in rule 'r': expected a blank or '(' behind 'and' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a word too many',
    withCondition('evt.type=open proc.name=a'),
    [
      "file1.yaml:3:28: error in rule 'r': the condition does not go on like this behind 'open': expected 'and', 'or' or its end [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an open parenthesis',
    withCondition('(evt.type=open'),
    ["file1.yaml:3:28: error in rule 'r': expected ')' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an and without a blank',
    withCondition('evt.type=open andx'),
    ["file1.yaml:3:31: error in rule 'r': expected a blank or '(' behind 'and' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an operator that is misspelt',
    withCondition('proc.name startwith a'),
    [
      "file1.yaml:3:24: error in rule 'r': expected an operator: exists <= < >= > == = != glob iglob contains icontains bcontains startswith bstartswith endswith regex intersects in pmatch; did you mean 'startswith'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a field without operator',
    withCondition('proc.name'),
    [
      "file1.yaml:3:23: error in rule 'r': expected an operator: exists <= < >= > == = != glob iglob contains icontains bcontains startswith bstartswith endswith regex intersects in pmatch [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a value without field',
    withCondition('1 = 1'),
    [
      "file1.yaml:3:14: error in rule 'r': expected a comparison, the name of a macro, or '(' [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a number that is a text',
    withCondition('proc.pid > a'),
    [
      "file1.yaml:3:25: error in rule 'r': expected a number, or a field in one of val() tolower() toupper() b64() basename() len() join() concat() getopt() [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a text that is missing',
    withCondition('proc.name ='),
    [
      "file1.yaml:3:25: error in rule 'r': expected a text, or a field in one of val() tolower() toupper() b64() basename() len() join() concat() getopt() [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a list that is missing',
    withCondition('proc.name in'),
    [
      "file1.yaml:3:26: error in rule 'r': expected a list such as (a, b), its name, or a field in one of val() tolower() toupper() b64() basename() len() join() concat() getopt() [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a list without end',
    withCondition('proc.name in (a, b'),
    ["file1.yaml:3:32: error in rule 'r': expected ')' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a list with two commas',
    withCondition('proc.name in (a,,b)'),
    ["file1.yaml:3:30: error in rule 'r': expected a text [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a modifier without a list',
    withCondition('proc.name = oneof (a'),
    ["file1.yaml:3:34: error in rule 'r': expected ')' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an argument without end',
    withCondition('proc.aname[2 = a'),
    ["file1.yaml:3:26: error in rule 'r': expected ']' [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an argument that is missing',
    withCondition('proc.aname[] = a'),
    ["file1.yaml:3:25: error in rule 'r': expected an argument between [ and ] [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a call without arguments',
    withCondition('len() = 1'),
    [
      "file1.yaml:3:18: error in rule 'r': expected an argument: a field, a transformer, a quoted text, a number or a list of these [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a call without end',
    withCondition('len(proc.name = 1'),
    ["file1.yaml:3:28: error in rule 'r': expected ')' at the end of the arguments [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a list of arguments with a fault',
    withCondition('join("-", (proc.name, %)) = a'),
    [
      "file1.yaml:3:36: error in rule 'r': expected a field, a transformer, a quoted text or a number [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'val without field',
    withCondition('proc.name = val(x)'),
    ["file1.yaml:3:30: error in rule 'r': expected a field in val() [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'an unknown escape',
    withCondition('\'proc.name = "\\q"\''),
    [
      "file1.yaml:3:27: error in rule 'r': the escape '\\q' means nothing in a quoted string [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'an escape of the other quote',
    withCondition("'proc.name = \"\\''\"'"),
    ["file1.yaml:3:27: error in rule 'r': \\' means nothing between \" and \" [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'half a byte',
    withCondition('\'proc.name = "\\x4"\''),
    ["file1.yaml:3:27: error in rule 'r': \\x needs two hexadecimal digits behind it [LOAD_ERR_COMPILE_CONDITION]"],
  ],
  [
    'a byte that is none',
    withCondition('\'proc.name = "\\xzz"\''),
    [
      "file1.yaml:3:27: error in rule 'r': \\x needs two hexadecimal digits behind it, not 'zz' [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
];
