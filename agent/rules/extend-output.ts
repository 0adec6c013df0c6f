import type { FieldCatalogue } from '../fields/field.ts';

/** Additions to the outputs of rules, in Falco's form. */
export interface OutputExtension {
  readonly match?: { readonly source?: string; readonly rule?: string; readonly tags?: readonly string[] };
  /** Added to the output after a blank. */
  readonly extraOutput?: string;
  /** Added to the output fields only: a template under a key, or a plain field under its own name. */
  readonly extraFields?: readonly (string | { readonly key: string; readonly format: string })[];
  /** Adds ` a_b=%a.b` for the fields that say which container and pod it was. */
  readonly suggestedOutput?: boolean;
}

/** Fields of `suggestedOutput`, in order. */
const SUGGESTED = [
  'container.id',
  'container.name',
  'container.image.repository',
  'container.image.tag',
  'k8s.pod.name',
  'k8s.ns.name',
];

/** What upstream once replaced by container fields, and now by nothing. */
export const CONTAINER_INFO = '%container.info';

export interface ExtraFieldTemplate {
  readonly key: string;
  readonly template: string;
  readonly raw: boolean;
}

interface Extendable {
  readonly name: string;
  readonly source: string;
  readonly tags: ReadonlySet<string>;
}

/** Text that the extensions add to a rule's output, with a blank before each part. */
export function addedOutput<C>(
  rule: Extendable,
  extensions: readonly OutputExtension[],
  catalogue: FieldCatalogue<C>,
): string {
  const suggested = SUGGESTED.filter((field) => catalogue.find(field) !== undefined)
    .map((field) => `${field.replaceAll('.', '_')}=%${field}`)
    .join(' ');
  return matching(rule, extensions)
    .flatMap(({ extraOutput, suggestedOutput }) => [
      ...(extraOutput === undefined ? [] : [` ${extraOutput}`]),
      ...(suggestedOutput === true && suggested !== '' ? [` ${suggested}`] : []),
    ])
    .join('');
}

export function addedFields(rule: Extendable, extensions: readonly OutputExtension[]): readonly ExtraFieldTemplate[] {
  return matching(rule, extensions).flatMap(({ extraFields }) =>
    (extraFields ?? []).map((field) =>
      typeof field === 'string'
        ? { key: field, template: `%${field}`, raw: true }
        : { key: field.key, template: field.format, raw: false },
    ),
  );
}

function matching(rule: Extendable, extensions: readonly OutputExtension[]): readonly OutputExtension[] {
  return extensions.filter(({ match }) => {
    const fits = (wanted: string | undefined, have: string): boolean => (wanted ?? '') === '' || wanted === have;
    if (!fits(match?.source, rule.source) || !fits(match?.rule, rule.name)) return false;
    return (match?.tags ?? []).every((tag) => rule.tags.has(tag));
  });
}
