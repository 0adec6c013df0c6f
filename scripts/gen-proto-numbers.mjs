// Keeps proto/numbers.json: every field and value that was ever declared, with its number and type. New ones are added; one
// that has another number or type than before, or that is gone without being reserved, is an error, as is one without a
// comment: programs of others rely on all of them.
// Usage: node scripts/gen-proto-numbers.mjs [FOLDER]
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../proto', import.meta.url));
const lock = `${folder}/numbers.json`;
const problems = [];

const before = existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')) : {};
const now = {};
const root = read();
visit(root);
compare();
if (problems.length > 0) {
  for (const problem of problems) console.error(`proto: ${problem}`);
  process.exit(1);
}
const all = Object.entries({ ...before, ...now }).sort(([a], [b]) => (a < b ? -1 : 1));
writeFileSync(lock, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);

function read() {
  const tree = new protobuf.Root();
  tree.resolvePath = (_, target) => (target.startsWith('/') ? target : `${folder}/${target}`);
  const files = readdirSync(`${folder}/atalaya/v1`).filter((name) => name.endsWith('.proto'));
  const paths = files.sort().map((name) => `${folder}/atalaya/v1/${name}`);
  return tree.loadSync(paths, { keepCase: true, alternateCommentMode: true });
}

function visit(object) {
  const name = object.fullName.slice(1);
  if (object instanceof protobuf.Type) {
    for (const field of object.fieldsArray) note(`${name}.${field.name}`, field.id, typeOf(field), field.comment);
  } else if (object instanceof protobuf.Enum) {
    for (const [value, number] of Object.entries(object.values)) {
      note(`${name}.${value}`, number, 'value', object.comments[value]);
    }
  } else if (object instanceof protobuf.Service) {
    for (const method of object.methodsArray) {
      const stream = (streams) => (streams ? 'stream ' : '');
      const type = `${stream(method.requestStream)}${method.requestType} -> ${stream(method.responseStream)}${method.responseType}`;
      note(`${name}.${method.name}`, 0, type, method.comment);
    }
  }
  for (const nested of object.nestedArray ?? []) visit(nested);
}

function typeOf(field) {
  if (field.map) return `map<${field.keyType}, ${field.type}>`;
  return `${field.repeated ? 'repeated ' : ''}${field.type}`;
}

function note(name, number, type, comment) {
  now[name] = { number, type };
  if (!comment) problems.push(`${name} has no comment`);
}

function compare() {
  for (const [name, was] of Object.entries(before)) {
    const is = now[name];
    if (is === undefined) {
      if (!isReserved(name, was.number))
        problems.push(`${name} = ${was.number} is gone; expected its number to be reserved`);
    } else if (is.number !== was.number) {
      problems.push(`${name} has the number ${is.number}; it was ${was.number}, and numbers never change`);
    } else if (is.type !== was.type) {
      problems.push(`${name} is of type ${is.type}; it was ${was.type}, and types never change`);
    }
  }
}

function isReserved(name, number) {
  const owner = root.lookup(`.${name.slice(0, name.lastIndexOf('.'))}`);
  return (owner?.reserved ?? []).some((range) => Array.isArray(range) && range[0] <= number && number <= range[1]);
}
