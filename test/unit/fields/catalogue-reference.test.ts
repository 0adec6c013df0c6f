import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../agent/fields/catalogue.ts';
import { resolveFieldText } from '../../../agent/rules/resolve-field.ts';
import { compile } from '../rules/support/rules.ts';

interface Fact {
  readonly name: string;
  readonly class: string;
  readonly type: string;
  readonly list: boolean;
  readonly argument: 'none' | 'required' | 'optional';
  readonly print: 'decimal' | 'text' | 'nine digits' | 'hex';
  readonly deprecated?: true;
  readonly filter_only?: true;
  readonly no_right_side?: true;
  readonly no_transformer?: true;
}

const read = (path: string): string => readFileSync(new URL(`../../data/${path}`, import.meta.url), 'utf8');
const FACTS = (JSON.parse(read('fields/fields.json')) as { readonly fields: readonly Fact[] }).fields;

/** Where we say something else, and why. */
const MEANT: Readonly<Record<string, Partial<Fact>>> = {
  // Without an argument it is the path of what the event is about, as upstream's own classes read it.
  'evt.abspath': { argument: 'optional' },
};

/** Ours alone: what upstream does not see. */
const OWN: ReadonlySet<string> = new Set([
  'evt.is_io_uring',
  'fd.is_direct',
  'k8s.pod.service_account',
  'k8s.pod.owners',
  'k8s.workload.kind',
  'k8s.workload.name',
  'k8s.node.name',
  'k8s.cluster.name',
]);

/** Names of files that look like fields. */
const NO_FIELDS: ReadonlySet<string> = new Set(['user.log']);

/** The same facts of our own field. */
function factOf(name: string): Omit<Fact, 'class'> | undefined {
  const def = catalogue.find(name);
  if (def === undefined) return undefined;
  const argument = def.argument === undefined ? 'none' : def.argument.required ? 'required' : 'optional';
  return {
    name,
    type: def.type,
    list: def.list === true,
    argument,
    print: def.format === 'hex' ? 'hex' : def.format === 'dec9' ? 'nine digits' : 'text',
    ...(def.deprecated ? { deprecated: true } : {}),
    ...(def.filterOnly ? { filter_only: true } : {}),
    ...(def.noRightSide ? { no_right_side: true } : {}),
    ...(def.noTransformer ? { no_transformer: true } : {}),
  };
}

describe('the catalogue', () => {
  test('has every field of the system-call source, with the same type, argument and flags', () => {
    const expected = FACTS.map(({ class: _, print, ...fact }) => {
      const shown = print === 'decimal' ? 'text' : print;
      return { ...fact, print: shown, ...MEANT[fact.name] };
    });
    expect(expected.map(({ name }) => factOf(name))).toEqual(expected);
  });

  test('has no field that upstream lacks, but for our own', () => {
    const known = new Set(FACTS.map(({ name }) => name));
    expect(
      catalogue
        .all()
        .map(({ name }) => name)
        .filter((name) => !known.has(name)),
    ).toEqual([...OWN]);
  });

  test('has each class', () => {
    expect([...new Set(FACTS.map((fact) => fact.class))]).toEqual(
      expect.arrayContaining(['evt', 'proc', 'thread', 'user', 'group', 'fd', 'fs.path', 'container', 'k8s']),
    );
  });
});

describe.each(['falco_rules', 'falco-incubating_rules', 'falco-sandbox_rules', 'falco-deprecated_rules'])(
  'of %s.yaml',
  (name) => {
    const text = read(`upstream-rules/${name}.yaml`);

    test('every field that a condition or output names is known', () => {
      const named = [
        ...text
          .replace(/#.*$/gm, '')
          .matchAll(
            /(?<![\w./-])(?:evt|proc|thread|user|group|fd|fs\.path|container|k8s)\.[a-z0-9_.]*[a-z0-9_](?:\[[^\]]*\])?/g,
          ),
      ];
      const fields = [...new Set(named.map(([field]) => field))];
      expect(fields.length).toBeGreaterThan(15);
      expect(fields.filter((field) => !resolveFieldText(catalogue, field).ok && !NO_FIELDS.has(field))).toEqual([]);
    });

    test('every rule loads', () => {
      const { errors, ruleSet } = compile(text);
      expect(errors).toEqual([]);
      expect(ruleSet.rules.length).toBe([...text.matchAll(/^- rule:/gm)].length);
    });
  },
);

const UNAVAILABLE = catalogue.all().filter((field) => field.unavailable !== undefined);

function withArgument(name: string): string {
  const argument = catalogue.find(name)?.argument;
  if (argument?.required !== true) return name;
  if (argument.dotted) return `${name}.x`;
  const isNumber = argument.kind === 'index' || argument.pattern?.test('x') === false;
  return `${name}[${isNumber ? '1' : 'x'}]`;
}

test('there are fields that the sensor never gives, and each says why', () => {
  expect(UNAVAILABLE.length).toBeGreaterThan(20);
  expect(UNAVAILABLE.filter(({ unavailable }) => !/^[a-z].*[a-zA-Z]$/.test(unavailable ?? ''))).toEqual([]);
});

test.each(UNAVAILABLE.map(({ name }) => name))('a rule that compares %s is warned about by name', (name) => {
  const { warnings } = compile(
    `- rule: r\n  desc: d\n  condition: evt.type=open and ${withArgument(name)} exists\n  output: o\n  priority: INFO\n`,
  );
  expect(warnings.map(({ code, message }) => [code, message])).toContainEqual([
    'NOTE_UNAVAILABLE_FIELD',
    `'${name}' never has a value here: ${catalogue.find(name)?.unavailable}`,
  ]);
});

test.each(UNAVAILABLE.map(({ name }) => name))('a rule that shows %s is warned about by name', (name) => {
  const { warnings } = compile(
    `- rule: r\n  desc: d\n  condition: evt.type=open\n  output: o %${withArgument(name)}\n  priority: INFO\n`,
  );
  expect(warnings).toEqual([
    expect.objectContaining({
      code: 'NOTE_UNAVAILABLE_FIELD',
      message: `'${name}' in the output never has a value here: ${catalogue.find(name)?.unavailable}`,
      line: 4,
      column: 14,
    }),
  ]);
});
