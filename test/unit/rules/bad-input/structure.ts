import { type Case, ruleWith } from './case.ts';

/** Faults of the structure of a file. */
export const STRUCTURE: readonly Case[] = [
  [
    'a text',
    'hello',
    [
      'file1.yaml:1:1: error: a rule file is a list of items; found a single value; expected items, each beginning with "- " [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'a mapping',
    'rule: r',
    [
      'file1.yaml:1:1: error: a rule file is a list of items; found a mapping of keys; expected items, each beginning with "- " [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'an item that is a text',
    '- hello',
    [
      'file1.yaml:1:3: error: an item is a mapping of keys; found a single value; expected one of the keys rule, macro, list, required_engine_version, required_plugin_versions [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'an item that is a list',
    '- [a]',
    [
      'file1.yaml:1:3: error: an item is a mapping of keys; found a list; expected one of the keys rule, macro, list, required_engine_version, required_plugin_versions [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'an item of unknown kind',
    '- marco: m\n  condition: a',
    [
      "file1.yaml:1:3: warning: the item is of no known kind and is ignored; expected one of the keys rule, macro, list, required_engine_version, required_plugin_versions; did you mean 'macro'? [LOAD_UNKNOWN_ITEM]",
    ],
  ],
  [
    'an unknown key',
    ruleWith('prioritty: INFO'),
    [
      "file1.yaml:6:3: warning in rule 'r': the key 'prioritty' means nothing here and is ignored; did you mean 'priority'? [LOAD_UNKNOWN_KEY]",
    ],
  ],
  [
    'a missing key',
    '- rule: r\n  desc: d\n  conditon: evt.type=open\n  output: o\n  priority: INFO\n',
    [
      "file1.yaml:1:3: error in rule 'r': the key 'condition' is missing; found 'conditon'; expected 'condition' [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a missing key without a likeness',
    '- macro: m\n',
    ["file1.yaml:1:3: error in macro 'm': the key 'condition' is missing [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'a key without a value',
    '- macro: m\n  condition:\n',
    ["file1.yaml:2:13: error in macro 'm': 'condition' has no value [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'an empty value',
    '- macro: m\n  condition: ""\n',
    ["file1.yaml:2:14: error in macro 'm': 'condition' is empty [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'a list where a text belongs',
    '- macro: m\n  condition: [a]\n',
    [
      "file1.yaml:2:14: error in macro 'm': 'condition' takes one value; found a list; expected text or a number [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a mapping where a text belongs',
    '- macro: {a: b}\n  condition: a\n',
    [
      "file1.yaml:1:10: error: 'macro' takes one value; found a mapping of keys; expected text or a number [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a text where a list belongs',
    '- list: l\n  items: a\n',
    [
      "file1.yaml:2:10: error in list 'l': the value is no list; found a single value; expected a list such as [a, b] [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a mapping where a list belongs',
    ruleWith('tags: {a: b}'),
    [
      "file1.yaml:6:9: error in rule 'r': the value is no list; found a mapping of keys; expected a list such as [a, b] [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a list in a list',
    '- list: l\n  items: [a, [b]]\n',
    [
      "file1.yaml:2:14: error in list 'l': a list holds single values; found a list; expected text or a number [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a boolean that is none',
    ruleWith('enabled: maybe'),
    [
      "file1.yaml:6:12: error in rule 'r': the value is neither true nor false; found 'maybe'; expected true or false [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'a number that is none',
    ruleWith('capture_duration: soon'),
    [
      "file1.yaml:6:21: error in rule 'r': the value is no number that fits; found 'soon'; expected a whole number from 0 to 4294967295 [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an unknown priority',
    ruleWith('').replace('INFO', 'warn'),
    [
      "file1.yaml:5:13: error in rule 'r': there is no such priority; found 'warn'; expected emergency, alert, critical, error, warning, notice, informational, info, debug [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an enabled key alone for an unknown rule',
    '- rule: r\n  enabled: false\n',
    [
      "file1.yaml:1:3: error in rule 'r': there is no rule of this name yet to enable or disable [LOAD_ERR_VALIDATE]",
      "file1.yaml:1:3: warning in rule 'r': 'enabled' alone is the old way; add 'override: {enabled: replace}' [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'nothing but a name',
    '- rule: r\n',
    ["file1.yaml:1:3: error in rule 'r': the key 'enabled' is missing [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'an engine version that is none',
    '- required_engine_version: new\n',
    [
      "file1.yaml:1:28: error: the version of the engine is none; found 'new'; expected three numbers with dots, or one [LOAD_ERR_YAML_VALIDATE]",
    ],
  ],
  [
    'an engine that is newer',
    '- required_engine_version: 0.64.0\n',
    [
      'file1.yaml:1:28: error: the rules need another version of the engine; found 0.64.0; expected at most 0.63.0 [LOAD_ERR_VALIDATE]',
    ],
  ],
  [
    'plugin versions that are no list',
    '- required_plugin_versions: a\n',
    [
      'file1.yaml:1:29: error: required_plugin_versions takes a list; found a single value; expected entries with name and version [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'a plugin that is no mapping',
    '- required_plugin_versions: [a]\n',
    [
      'file1.yaml:1:30: error: a plugin is a mapping of keys; found a single value; expected entries with name and version [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'a plugin without version',
    '- required_plugin_versions: [{name: a}]\n',
    ["file1.yaml:1:30: error: the key 'version' is missing [LOAD_ERR_YAML_VALIDATE]"],
  ],
  [
    'a plugin with a bad version',
    '- required_plugin_versions: [{name: a, version: "1"}]\n',
    [
      "file1.yaml:1:30: error: the version of the plugin 'a' is none; found '1'; expected three numbers with dots [LOAD_ERR_VALIDATE]",
    ],
  ],
  [
    'alternatives that are no list',
    '- required_plugin_versions: [{name: a, version: 1.0.0, alternatives: b}]\n',
    [
      'file1.yaml:1:70: error: alternatives take a list; found a single value; expected entries with name and version [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'an alternative that is no mapping',
    '- required_plugin_versions: [{name: a, version: 1.0.0, alternatives: [b]}]\n',
    [
      'file1.yaml:1:71: error: a plugin is a mapping of keys; found a single value; expected entries with name and version [LOAD_ERR_YAML_VALIDATE]',
    ],
  ],
  [
    'a plugin as its own alternative',
    '- required_plugin_versions: [{name: a, version: 1.0.0, alternatives: [{name: a, version: 2.0.0}]}]\n',
    ["file1.yaml:1:30: error: the plugin 'a' is its own alternative [LOAD_ERR_VALIDATE]"],
  ],
];
