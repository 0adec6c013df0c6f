import { type Case, changed } from './case.ts';

/** Faults of appends and overrides. */
export const CHANGE: readonly Case[] = [
  [
    'append and override',
    changed('- rule: r\n  condition: and proc.name=a\n  append: true\n  override: {condition: append}\n'),
    [
      "file1.yaml:6:3: error in rule 'r': 'append: true' and 'override' exclude each other; keep 'override' [LOAD_ERR_YAML_VALIDATE]",
      "file1.yaml:6:3: warning in rule 'r': 'append: true' is the old way; write for example 'override: {condition: append}' [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'an override of an unknown kind',
    changed('- rule: r\n  condition: a\n  override: {condition: prepend}\n'),
    [
      "file1.yaml:8:25: error in rule 'r': 'override' does not know what to do with 'condition'; found 'prepend'; expected append or replace [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an override without a word',
    changed('- rule: r\n  condition: a\n  override: {condition: }\n'),
    [
      "file1.yaml:8:25: error in rule 'r': 'override' does not know what to do with 'condition'; found no word; expected append or replace [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an append to what takes none',
    changed('- rule: r\n  priority: INFO\n  override: {priority: append}\n'),
    ["file1.yaml:8:14: error in rule 'r': nothing can be appended to 'priority' [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'a replacement of what cannot be',
    changed('- rule: r\n  source: syscall\n  override: {source: replace}\n'),
    ["file1.yaml:8:14: error in rule 'r': 'source' cannot be replaced [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'an override without its key',
    changed('- rule: r\n  override: {condition: append}\n'),
    [
      "file1.yaml:6:3: error in rule 'r': 'override' says append for 'condition', and there is no 'condition' [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a key without its override',
    changed('- rule: r\n  condition: and proc.name=a\n  desc: x\n  override: {condition: append}\n'),
    [
      "file1.yaml:8:9: error in rule 'r': 'override' does not say what to do with 'desc'; expected append or replace [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an append to no list',
    '- list: shel\n  items: [a]\n- list: shell\n  items: [b]\n  override: {items: append}\n',
    [
      "file1.yaml:3:3: error in list 'shell': there is no list of this name yet to append to; did you mean 'shel'? [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'an append to no macro',
    '- macro: m\n  condition: proc.name=a\n  override: {condition: append}\n',
    ["file1.yaml:1:3: error in macro 'm': there is no macro of this name yet to append to [LOAD_ERR_VALIDATE]"],
  ],
  [
    'an append to no rule',
    '- rule: r\n  condition: and proc.name=a\n  override: {condition: append}\n',
    ["file1.yaml:1:3: error in rule 'r': there is no rule of this name yet to append to [LOAD_ERR_VALIDATE]"],
  ],
  [
    'a replacement in no rule',
    '- rule: r\n  priority: INFO\n  override: {priority: replace}\n',
    ["file1.yaml:1:3: error in rule 'r': there is no rule of this name yet to replace parts of [LOAD_ERR_VALIDATE]"],
  ],
  [
    'an append of nothing',
    changed('- rule: r\n  append: true\n'),
    [
      "file1.yaml:6:3: error in rule 'r': nothing is appended; expected condition or exceptions [LOAD_ERR_VALIDATE]",
      "file1.yaml:6:3: warning in rule 'r': 'append: true' is the old way; write for example 'override: {condition: append}' [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'another source',
    changed('- rule: r\n  condition: and proc.name=a\n  source: k8s_audit\n  override: {condition: append}\n'),
    [
      "file1.yaml:6:3: error in rule 'r': the rule is there already with another source; found 'k8s_audit'; expected 'syscall' [LOAD_ERR_VALIDATE]",
    ],
  ],
];
