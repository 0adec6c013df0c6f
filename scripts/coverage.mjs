// Text of docs/coverage.md, from the rules and the mappings beside them (rules/attack.json, rules/upstream.json).
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadRules } from '../dist/agent/pipeline/load-rules.js';
import { planRules } from '../dist/agent/rules/plan.js';

const folder = fileURLToPath(new URL('../rules', import.meta.url));
const json = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
const OPTIONAL = 'optional/environment.yaml';

export function renderCoverage() {
  const { techniques, containers } = json('attack');
  const upstream = json('upstream').rules;
  const { ruleSet, errors } = loadRules([folder, `${folder}/${OPTIONAL}`]);
  if (errors.length > 0) throw new Error(`the rules do not compile: ${errors[0].message}`);
  const rules = ruleSet.rules.map((rule) => ({
    name: rule.name,
    priority: rule.priority,
    optional: rule.place.file.endsWith(OPTIONAL),
    kinds: planRules([rule]).kinds.map(({ kind }) => kind),
    techniques: rule.tags.filter((tag) => /^T\d/.test(tag)),
  }));
  const matrix = new Set(Object.values(containers).flat());
  const inMatrix = (id) => matrix.has(id.split('.')[0]);
  const used = [...new Set(rules.flatMap((rule) => rule.techniques))].sort();
  const covered = new Set(used.map((id) => id.split('.')[0]));
  const missing = [...matrix].filter((id) => !covered.has(id)).sort();
  const optional = rules.filter((rule) => rule.optional).length;
  return `${[
    '# What our own rules cover',
    '',
    `${rules.length - optional} rules in rules/, and ${optional} in rules/${OPTIONAL}, which read environments and are loaded only when named.`,
    'Each has tests that fire it and tests in which it is silent (`atalaya rules test rules --coverage`). This page is made from the rules,',
    'rules/attack.json and rules/upstream.json by `npm run gen`.',
    '',
    '## ATT&CK for Containers',
    '',
    ...techniqueTable(used.filter(inMatrix), techniques, rules),
    '',
    `Of the matrix, no rule has ${missing.map((id) => `${id} (${techniques[id]})`).join(', ')}: they show in the API server's`,
    "audit log or in what many events together say, not in single system calls, or in other techniques' events.",
    '',
    '## Other techniques',
    '',
    ...techniqueTable(
      used.filter((id) => !inMatrix(id)),
      techniques,
      rules,
    ),
    '',
    "## What Falco's stable and incubating rules see",
    '',
    '| rule there | rules here | where they differ |',
    '|---|---|---|',
    ...Object.entries(upstream).map(
      ([name, { ours, note = '' }]) => `| ${name} | ${ours.join('; ') || 'none'} | ${note} |`,
    ),
    '',
    '## What is not seen',
    '',
    '- A file that is emptied by truncate(2) on its path or an open descriptor: these calls are not collected. The programs truncate and',
    '  shred are told by the open before.',
    '- Capabilities put on a file (setxattr), device nodes (mknod), and what is written to a file that was opened before.',
    '- Rules that go by the name of a tool (network tools, downloads, searches, wiping) do not know a tool that was compiled anew under',
    '  another name. What it does is still seen by the rules about files, sockets and processes.',
    '- What programs do whose path stands in an exception: the path of the binary is what is trusted, so whoever can replace that file,',
    '  which is itself told, is trusted too.',
  ].join('\n')}\n`;
}

function techniqueTable(ids, techniques, rules) {
  const rows = ids.map((id) => {
    const own = rules.filter((rule) => rule.techniques.includes(id));
    const kinds = [...new Set(own.flatMap((rule) => rule.kinds))].sort();
    const names = own.map(({ name, priority }) => `${name} (${priority})`);
    return `| ${id} ${techniques[id] ?? ''} | ${names.join('; ')} | ${kinds.join(', ')} |`;
  });
  return ['| technique | rules | events |', '|---|---|---|', ...rows];
}
