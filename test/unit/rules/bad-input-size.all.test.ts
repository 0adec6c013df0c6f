import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../agent/rules/diagnostics.ts';
import { ruleWith, withCondition } from './bad-input/case.ts';
import { compile } from './support/rules.ts';

/** As long as it takes on a busy machine; what is held is that there is an end, and what is said. */
const PATIENCE_MS = 120_000;

/** The first finding of an only rule file, without its file name. */
function first(text: string): string | undefined {
  const { errors, warnings } = compile(text);
  return [...errors, ...warnings].map(formatDiagnostic)[0]?.replace('file1.yaml:', '');
}

describe('rules', () => {
  test(
    'of ten megabytes in one list is read',
    () => {
      const text = `- list: l\n  items:\n${'    - abcdefgh\n'.repeat(700_000)}${withCondition('evt.type=open and proc.name=a')}`;
      expect(first(text)).toBe("1:3: warning in list 'l': no rule and no macro uses the list [LOAD_UNUSED_LIST]");
    },
    PATIENCE_MS,
  );

  test(
    'of sixteen megabytes of the shortest items is refused before memory ends',
    () => {
      expect(first('-\n'.repeat(8_000_000))).toMatch(
        /: error: more than 4500000 words and signs \[LOAD_ERR_YAML_PARSE\]$/,
      );
    },
    PATIENCE_MS,
  );

  test(
    'that are appended fifty thousand times compile',
    () => {
      const append = '- rule: r\n  condition: or proc.name=b\n  override: {condition: append}\n';
      expect(compile(ruleWith('') + append.repeat(50_000)).ok).toBe(true);
    },
    PATIENCE_MS,
  );
});
