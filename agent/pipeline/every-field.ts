import { catalogue } from '../fields/catalogue.ts';
import { compileFormat } from '../rules/format.ts';

/** Fields whose value is another field's, or many others' at once. */
const LEFT_OUT: ReadonlySet<string> = new Set(['evt.all', 'evt.info', 'evt.args']);

/** Names of the fields that can stand without an argument and can have a value. */
export const everyFieldName: readonly string[] = catalogue
  .all()
  .filter(
    ({ argument, unavailable, filterOnly, deprecated }) =>
      !argument?.required && !unavailable && !filterOnly && !deprecated,
  )
  .map(({ name }) => name)
  .filter((name) => !LEFT_OUT.has(name));

/** Template of every field that can stand without an argument and can have a value: what an alert's context is made of. */
export const everyField = (() => {
  const compiled = compileFormat(everyFieldName.map((name) => `%${name}`).join(' '), catalogue);
  if (!compiled.ok) throw new Error(`the catalogue has a field that no output can show: ${compiled.error}`);
  return compiled.format;
})();
