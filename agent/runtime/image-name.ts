/** A reference to an image, taken apart. Parts that it does not have are ''. */
export interface ImageName {
  /** Without tag and digest; '' for a bare id. */
  readonly repository: string;
  readonly tag: string;
  /** `sha256:...` */
  readonly digest: string;
}

const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/** Parses `[REGISTRY[:PORT]/]PATH[:TAG][@DIGEST]`, or a bare digest. A port is no tag. */
export function parseImageName(reference: string): ImageName {
  if (DIGEST.test(reference)) return { repository: '', tag: '', digest: '' };
  const at = reference.indexOf('@');
  const digest = at < 0 ? '' : reference.slice(at + 1);
  const name = at < 0 ? reference : reference.slice(0, at);
  const colon = name.lastIndexOf(':');
  if (colon < 0 || colon < name.lastIndexOf('/')) return { repository: name, tag: '', digest };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest };
}

/** The 64 digits of `sha256:...`, of `NAME@sha256:...` too; the text itself where it has none. */
export function imageIdOf(reference: string): string {
  return /(?:^|@)sha256:([0-9a-f]{64})$/.exec(reference)?.[1] ?? reference;
}
