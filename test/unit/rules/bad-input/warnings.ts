import { type Case, changed, ruleWith, withCondition, withExceptions, withOutput } from './case.ts';

/** Faults of what is suspicious. */
export const WARNINGS: readonly Case[] = [
  [
    'an unknown source',
    ruleWith('source: k8s_adit'),
    [
      "file1.yaml:1:3: warning in rule 'r': nothing gives events of the source 'k8s_adit': the rule is left out; expected one of syscall [LOAD_UNKNOWN_SOURCE]",
    ],
  ],
  [
    '<NA> as a text',
    withCondition('evt.type=open and ka.user.name = <NA>'),
    [
      "file1.yaml:3:32: error in rule 'r': there is no field 'ka.user.name'; did you mean 'user.name'? [LOAD_ERR_COMPILE_CONDITION]",
      'file1.yaml:3:32: warning in rule \'r\': comparison with <NA>: an absent value is not the text <NA>; use "exists" [LOAD_UNSAFE_NA_CHECK]',
    ],
  ],
  [
    'no event type',
    withCondition('proc.name=a'),
    [
      "file1.yaml:1:3: warning in rule 'r': the rule is tried for nearly every kind of event, which is slow: compare evt.type [LOAD_NO_EVTTYPE]",
    ],
  ],
  [
    'a rule that is skipped for a field',
    ruleWith('skip-if-unknown-filter: true', 'evt.type=open and proc.nmae=a'),
    [
      "file1.yaml:3:32: warning in rule 'r': there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_UNKNOWN_FILTER]",
    ],
  ],
  [
    'a rule that is skipped for its output',
    `${withOutput('%proc.nmae')}  skip-if-unknown-filter: true\n`,
    [
      "file1.yaml:4:12: warning in rule 'r': no field stands behind %: there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_UNKNOWN_FILTER]",
    ],
  ],
  [
    'a macro that nothing uses',
    '- macro: m\n  condition: evt.type=open\n',
    ["file1.yaml:1:3: warning in macro 'm': no rule and no macro uses the macro [LOAD_UNUSED_MACRO]"],
  ],
  [
    'a list that nothing uses',
    '- list: l\n  items: [a]\n',
    ["file1.yaml:1:3: warning in list 'l': no rule and no macro uses the list [LOAD_UNUSED_LIST]"],
  ],
  [
    'an item of unknown kind',
    '- rul: r\n',
    [
      "file1.yaml:1:3: warning: the item is of no known kind and is ignored; expected one of the keys rule, macro, list, required_engine_version, required_plugin_versions; did you mean 'rule'? [LOAD_UNKNOWN_ITEM]",
    ],
  ],
  [
    'append: true',
    changed('- rule: r\n  condition: and proc.name=a\n  append: true\n'),
    [
      "file1.yaml:6:3: warning in rule 'r': 'append: true' is the old way; write for example 'override: {condition: append}' [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'enabled alone',
    changed('- rule: r\n  enabled: false\n'),
    [
      "file1.yaml:6:3: warning in rule 'r': 'enabled' alone is the old way; add 'override: {enabled: replace}' [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'a field of old in the condition',
    withCondition('evt.type=open and evt.dir=<'),
    ["file1.yaml:3:32: warning in rule 'r': 'evt.dir' tells nothing any more and will go [LOAD_DEPRECATED_ITEM]"],
  ],
  [
    'a field of old in the output',
    withOutput('%evt.dir'),
    [
      "file1.yaml:4:13: warning in rule 'r': 'evt.dir' in the output tells nothing any more and will go [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    '%container.info',
    withOutput('o %container.info'),
    [
      "file1.yaml:4:14: warning in rule 'r': %container.info stands for nothing any more: name the container fields that are wanted [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'an appended exception without values',
    `${withExceptions('- {name: e, fields: [proc.name]}')}- rule: r\n  exceptions: [{name: e}]\n  override: {exceptions: append}\n`,
    [
      "file1.yaml:9:16: warning in rule 'r': the exception that is appended has no values and changes nothing [LOAD_APPEND_NO_VALUES]",
    ],
  ],
  [
    'an exception twice',
    withExceptions('- {name: e, fields: [proc.name]}\n- {name: e, fields: [proc.name]}'),
    ["file1.yaml:8:7: warning in rule 'r': the exception 'e' is defined twice here [LOAD_EXCEPTION_NAME_NOT_UNIQUE]"],
  ],
  [
    'a macro that no condition can name',
    '- macro: a-b\n  condition: evt.type=open\n',
    [
      "file1.yaml:1:3: warning in macro 'a-b': no condition can name this macro; expected a letter, then letters, digits and _ [LOAD_INVALID_MACRO_NAME]",
      "file1.yaml:1:3: warning in macro 'a-b': no rule and no macro uses the macro [LOAD_UNUSED_MACRO]",
    ],
  ],
  [
    'a list that no condition can name',
    '- list: a b\n  items: [c]\n',
    [
      "file1.yaml:1:3: warning in list 'a b': conditions cannot tell this name of a list from what stands beside it; expected a name without blanks, quotes, parentheses, commas and = [LOAD_INVALID_LIST_NAME]",
      "file1.yaml:1:3: warning in list 'a b': no rule and no macro uses the list [LOAD_UNUSED_LIST]",
    ],
  ],
  [
    'a field as a text',
    withCondition('evt.type=open and proc.name=proc.pname'),
    [
      "file1.yaml:3:32: warning in rule 'r': 'proc.pname' is compared as a text, and there is a field of this name: val(proc.pname) is its value [LOAD_COMPILE_CONDITION]",
    ],
  ],
  [
    'a transformer as a text',
    withCondition('evt.type=open and proc.name in ("len(x)")'),
    [
      "file1.yaml:3:32: warning in rule 'r': 'len(x)' is compared as a text, and looks like a transformer: leave the quotes out to apply it [LOAD_COMPILE_CONDITION]",
    ],
  ],
  [
    'a regex that is a text',
    withCondition('evt.type=open and proc.name regex abc'),
    [
      "file1.yaml:3:32: warning in rule 'r': the regex 'abc' is a plain text: =, contains, startswith or endswith is faster [LOAD_COMPILE_CONDITION]",
    ],
  ],
  [
    'an unknown key',
    ruleWith('tagz: [a]'),
    [
      "file1.yaml:6:3: warning in rule 'r': the key 'tagz' means nothing here and is ignored; did you mean 'tags'? [LOAD_UNKNOWN_KEY]",
    ],
  ],
  [
    'a field that is never there',
    withCondition('evt.type=open and k8s.rc.name=a'),
    [
      "file1.yaml:3:32: warning in rule 'r': 'k8s.rc.name' never has a value here: no source has given it for years [NOTE_UNAVAILABLE_FIELD]",
    ],
  ],
  [
    'a field that is never there in the output',
    withOutput('%k8s.rc.name'),
    [
      "file1.yaml:4:13: warning in rule 'r': 'k8s.rc.name' in the output never has a value here: no source has given it for years [NOTE_UNAVAILABLE_FIELD]",
    ],
  ],
  [
    'a comparison that is never true',
    withCondition('evt.type=connect and fd.ip in (1.2.3.4)'),
    [
      "file1.yaml:3:35: warning in rule 'r': 'fd.ip in (1.2.3.4)' is never true: use several comparisons with = [NOTE_NEVER_MATCHES]",
    ],
  ],
  [
    'a key that stands twice',
    ruleWith('condition: evt.type=close'),
    ["file1.yaml:6:3: warning in rule 'r': the key 'condition' stands twice; the first counts [NOTE_DUPLICATE_KEY]"],
  ],
];
