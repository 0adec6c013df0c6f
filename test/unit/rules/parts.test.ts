import { expect, it } from 'vitest';
import { finish } from '../../../agent/lib/steps.ts';
import { SourceFile } from '../../../agent/rules/source-text.ts';
import { readYaml, readYamlItems, type YamlNode, type YamlResult } from '../../../agent/rules/yaml-node.ts';

function inParts(text: string): YamlResult {
  return finish(readYamlItems(new SourceFile('f.yaml', text)));
}

function whole(text: string): YamlResult {
  return readYaml(new SourceFile('f.yaml', text));
}

/** Items of all documents, with their places; the file itself left out. */
function itemsOf(result: YamlResult): unknown {
  if (!result.ok) return result.faults;
  const items = result.documents.flatMap((node): readonly YamlNode[] =>
    node.kind === 'sequence' ? node.items : [node],
  );
  return JSON.parse(JSON.stringify(items, (key, value: unknown) => (key === 'file' ? undefined : value)));
}

const item = (place: number): string =>
  `- rule: r${place}\n  condition: >\n    evt.type = open\n    and fd.name = "/a${place}"\n  tags: [x, y]  # ${place}\n`;
const items = (count: number): string => Array.from({ length: count }, (_, place) => item(place)).join('\n');

it('a long list comes in parts that say the same, at the same places', () => {
  for (const count of [0, 1, 15, 16, 17, 33, 100]) {
    for (const around of [
      (text: string) => text,
      (text: string) => `# first\n---\n${text}\n...\n---\n${text}# last\n`,
    ]) {
      const text = around(items(count));
      expect(itemsOf(inParts(text))).toEqual(itemsOf(whole(text)));
    }
  }
  const parts = inParts(items(100));
  expect(parts.ok && parts.documents.length).toBe(7);
});

it('a list that refers from one item to another comes whole', () => {
  const text = `- list: l\n  items: &names [a, b]\n${items(40)}- list: m\n  items: *names\n`;
  const result = inParts(text);
  expect(result.ok && result.documents.length).toBe(1);
  expect(itemsOf(result)).toEqual(itemsOf(whole(text)));
});

it('tells the same fault, and one a document, wherever it stands', () => {
  for (const wrong of ['- rule: "open\n', '- rule: a: b\n', '-\trule: x\n  tags: y\n', '- {a: ]\n', '  - deep\n']) {
    for (const before of [0, 5, 16, 40]) {
      const text = items(before) + wrong + items(40);
      expect(itemsOf(inParts(text))).toEqual(itemsOf(whole(text)));
    }
  }
});
