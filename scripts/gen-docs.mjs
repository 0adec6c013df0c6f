// Writes docs/fields.md from the field catalogue, docs/errors.md from the error codes, docs/coverage.md from the rules and docs/kinds.md from what the live tests' victims testify. Needs the built TypeScript (npm run build).
// Usage: node scripts/gen-docs.mjs [FOLDER]
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderErrors } from '../dist/agent/cli/errors-document.js';
import { catalogue } from '../dist/agent/fields/catalogue.js';
import { renderFields } from '../dist/agent/fields/document.js';
import { renderCoverage } from './coverage.mjs';
import { renderKinds } from './kinds.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs', import.meta.url));
writeFileSync(`${folder}/fields.md`, renderFields(catalogue.all()));
writeFileSync(`${folder}/errors.md`, renderErrors());
writeFileSync(`${folder}/coverage.md`, renderCoverage());
writeFileSync(`${folder}/kinds.md`, renderKinds());
