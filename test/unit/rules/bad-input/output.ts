import { type Case, withOutput } from './case.ts';

/** Faults of outputs. */
export const OUTPUT: readonly Case[] = [
  [
    'an unknown field',
    withOutput('o %proc.nmae'),
    [
      "file1.yaml:4:14: error in rule 'r': no field stands behind %: there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_OUTPUT]",
    ],
  ],
  [
    'an unknown field, and one in the condition',
    withOutput('o %proc.nmae').replace('evt.type=open', 'evt.type=open and proc.nmae=a'),
    [
      "file1.yaml:4:14: error in rule 'r': no field stands behind %: there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_OUTPUT]",
      "file1.yaml:3:32: error in rule 'r': there is no field 'proc.nmae'; did you mean 'proc.name'? [LOAD_ERR_COMPILE_CONDITION]",
    ],
  ],
  [
    'a percent at the end',
    withOutput('o %'),
    [
      "file1.yaml:4:14: error in rule 'r': expected a field behind % at the end of the output [LOAD_ERR_COMPILE_OUTPUT]",
    ],
  ],
  [
    'a number at the end',
    withOutput('o %10'),
    [
      "file1.yaml:4:14: error in rule 'r': expected a field behind % at the end of the output [LOAD_ERR_COMPILE_OUTPUT]",
    ],
  ],
  [
    'a percent alone',
    withOutput('100% sure'),
    [
      "file1.yaml:4:15: error in rule 'r': no field stands behind %: expected a field or a transformer [LOAD_ERR_COMPILE_OUTPUT]",
    ],
  ],
  [
    'two percents',
    withOutput('100%%'),
    [
      "file1.yaml:4:15: error in rule 'r': no field stands behind %: expected a field or a transformer [LOAD_ERR_COMPILE_OUTPUT]",
    ],
  ],
  [
    'nothing but what stands for nothing',
    withOutput('%container.info'),
    [
      "file1.yaml:4:12: error in rule 'r': the output is empty [LOAD_ERR_COMPILE_OUTPUT]",
      "file1.yaml:4:12: warning in rule 'r': %container.info stands for nothing any more: name the container fields that are wanted [LOAD_DEPRECATED_ITEM]",
    ],
  ],
  [
    'a width without end',
    withOutput('%99999999proc.name'),
    ["file1.yaml:4:12: error in rule 'r': a width is at most 65536 [LOAD_ERR_COMPILE_OUTPUT]"],
  ],
];
