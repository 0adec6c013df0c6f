import { type Case, changed, ruleWith, withExceptions } from './case.ts';

/** Faults of exceptions. */
export const EXCEPTIONS: readonly Case[] = [
  [
    'exceptions that are no list',
    ruleWith('exceptions: a'),
    [
      "file1.yaml:6:15: error in rule 'r': exceptions are a list; found a single value; expected entries with name, fields, comps and values [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an exception that is no mapping',
    ruleWith('exceptions: [a]'),
    [
      "file1.yaml:6:16: error in rule 'r': an exception is a mapping of keys; found a single value; expected entries with name, fields, comps and values [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an exception without a name',
    withExceptions('- fields: [proc.name]'),
    ["file1.yaml:7:7: error in rule 'r': the key 'name' is missing [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'an exception without fields',
    withExceptions('- name: e'),
    ["file1.yaml:7:7: error in rule 'r': the key 'fields' is missing [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'an exception with no fields',
    withExceptions('- {name: e, fields: []}'),
    ["file1.yaml:7:7: error in rule 'r': the exception names no fields; expected fields: [...] [LOAD_ERR_VALIDATE]"],
  ],
  [
    'an unknown field',
    withExceptions('- {name: e, fields: [proc.nmae]}'),
    [
      "file1.yaml:7:26: error in rule 'r': the exception names no known field: 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'an unknown operator',
    withExceptions('- {name: e, fields: [proc.name], comps: [startwith]}'),
    ["file1.yaml:7:46: error in rule 'r': 'startwith' is no operator; did you mean 'startswith'? [LOAD_ERR_VALIDATE]"],
  ],
  [
    'too few operators',
    withExceptions('- {name: e, fields: [proc.name, fd.name], comps: [=]}'),
    [
      "file1.yaml:7:54: error in rule 'r': each field of an exception needs its operator in comps; found a list of 1; expected a list of 2 [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'one operator for a list of fields',
    withExceptions('- {name: e, fields: [proc.name], comps: =}'),
    [
      "file1.yaml:7:45: error in rule 'r': each field of an exception needs its operator in comps; found a single value; expected a list of 1 [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a list of operators for one field',
    withExceptions('- {name: e, fields: proc.name, comps: [in]}'),
    [
      "file1.yaml:7:43: error in rule 'r': an exception of one field takes one operator; found a list; expected in, pmatch, intersects, or an operator with a modifier such as 'startswith oneof' [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'an operator that takes no list',
    withExceptions('- {name: e, fields: proc.name, comps: startswith}'),
    [
      "file1.yaml:7:43: error in rule 'r': an exception of one field needs an operator that takes a list; found 'startswith'; expected in, pmatch, intersects, or an operator with a modifier such as 'startswith oneof' [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'values that are no list',
    withExceptions('- {name: e, fields: [proc.name], values: a}'),
    [
      "file1.yaml:7:46: error in rule 'r': the values of an exception are a list; found a single value; expected a list [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'too many values',
    withExceptions('- {name: e, fields: [proc.name], values: [[a, b]]}'),
    [
      "file1.yaml:7:47: error in rule 'r': each field of an exception needs its value; found a list of 2; expected a list of 1 [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a single value for a list of fields',
    withExceptions('- {name: e, fields: [proc.name], values: [a]}'),
    [
      "file1.yaml:7:47: error in rule 'r': each field of an exception needs its value; found a single value; expected a list of 1 [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a list for one field',
    withExceptions('- {name: e, fields: proc.name, values: [[a]]}'),
    [
      "file1.yaml:7:45: error in rule 'r': an exception of one field has single values; found a list; expected text [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'an empty value',
    withExceptions('- {name: e, fields: proc.name, values: [""]}'),
    ["file1.yaml:7:45: error in rule 'r': a value of an exception is empty [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'fields for an exception that is there',
    `${withExceptions('- {name: e, fields: [proc.name]}')}- rule: r\n  exceptions: [{name: e, fields: [proc.name], values: [[a]]}]\n  override: {exceptions: append}\n`,
    [
      "file1.yaml:9:16: error in rule 'r': the exception is there already: only values can be appended, no fields [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'comps for an exception that is there',
    `${withExceptions('- {name: e, fields: [proc.name]}')}- rule: r\n  exceptions: [{name: e, comps: [=], values: [[a]]}]\n  override: {exceptions: append}\n`,
    [
      "file1.yaml:9:16: error in rule 'r': the exception is there already: only values can be appended, no comps [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'a new exception without fields',
    changed('- rule: r\n  exceptions: [{name: e, values: [[a]]}]\n  override: {exceptions: append}\n'),
    ["file1.yaml:7:16: error in rule 'r': a new exception needs fields; expected fields: [...] [LOAD_ERR_VALIDATE]"],
  ],
  [
    'a new exception without values',
    changed(
      '- rule: r\n  exceptions: [{name: e, fields: [proc.name], values: []}]\n  override: {exceptions: append}\n',
    ),
    ["file1.yaml:7:16: error in rule 'r': a new exception needs values; expected values: [...] [LOAD_ERR_VALIDATE]"],
  ],
  [
    'a value that breaks the condition',
    withExceptions('- {name: e, fields: [proc.name], values: [["a)"]]}'),
    [
      "file1.yaml:7:47: error in rule 'r': the condition does not go on like this behind ')': expected 'and', 'or' or its end [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
];
