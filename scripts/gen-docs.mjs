// Writes docs/fields.md from the field catalogue. Needs the built TypeScript (npm run build).
// Usage: node scripts/gen-docs.mjs [FOLDER]
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../dist/agent/fields/catalogue.js';
import { renderFields } from '../dist/agent/fields/document.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('../docs', import.meta.url));
writeFileSync(`${folder}/fields.md`, renderFields(catalogue.all()));
