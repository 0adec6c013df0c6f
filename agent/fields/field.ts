import type { EventKind } from '../events/kinds.ts';

/** Falco's parameter types, as far as fields have them. */
export type FieldType =
  | 'CHARBUF'
  | 'BYTEBUF'
  | 'FSPATH'
  | 'BOOL'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'RELTIME'
  | 'ABSTIME'
  | 'PORT'
  | 'IPADDR'
  | 'IPNET'
  | 'DOUBLE'
  | 'DYN';

/** What a field's value depends on, widest first; it may be kept as long as that thing does not change. */
export const SCOPES = ['machine', 'container', 'process', 'file', 'endpoint', 'event'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * One value. Text is a byte string (events/bytestring.ts); BYTEBUF too. Integers are numbers where they always fit
 * 53 bits, else bigint (times, inode change times); comparisons use `==`-like numeric semantics over both. IP addresses
 * are raw network-order byte strings of length 4 or 16. Lists are arrays.
 */
export type FieldScalar = string | number | bigint | boolean;
export type FieldValue = FieldScalar | readonly FieldScalar[];

/** Metadata that has not arrived yet: the outcome may still change. A comparison with it is false, as with absent. */
export const PENDING: unique symbol = Symbol('pending');

/** What `get` gives: a value, `undefined` (absent: every comparison is false), or PENDING. */
export type FieldResult = FieldValue | undefined | typeof PENDING;

/** How the argument of a field is written: `proc.aname[2]`, `proc.env[PATH]`, `evt.arg.flags`. */
export interface FieldArgument {
  readonly required: boolean;
  /** index: decimal number; key: any text; both: a number is an index, other text a key. */
  readonly kind: 'index' | 'key' | 'both';
  /** True where the argument may also be written after a dot (evt.arg.NAME). */
  readonly dotted?: boolean;
  /**
   * The only texts that may stand after the dot, each with Falco's type of its value (evt.arg, evt.rawarg: parameters of
   * events by name, with the type in the first event of the table that has one). A DYN field has the type found here.
   */
  readonly keys?: ReadonlyMap<string, string>;
  /** What the text must look like; absent = anything. */
  readonly pattern?: RegExp;
}

/**
 * A field, as a value. `C` is the context it reads from: the pipeline's MatchContext, or a stored alert in the
 * collector. The rule compiler treats C as opaque.
 */
export interface FieldDef<C = never> {
  readonly name: string;
  readonly type: FieldType;
  readonly list?: boolean;
  readonly doc: string;
  readonly scope: Scope;
  /** Kinds for which it can have a value; absent = all. */
  readonly kinds?: readonly EventKind[];
  readonly argument?: FieldArgument;
  /** Falco's flags. */
  readonly filterOnly?: boolean;
  readonly noTransformer?: boolean;
  readonly noRightSide?: boolean;
  readonly deprecated?: boolean;
  /**
   * What the value can be for a value of another field of the same event (fd.directory follows from fd.name, up to what
   * kind of file it is). Whoever knows the other value can leave out what none of these fits.
   */
  readonly follows?: {
    readonly field: string;
    values(of: FieldValue | undefined): readonly (FieldValue | undefined)[];
  };
  /**
   * It may be PENDING: `identity` until the process's container is told by its cgroup, `details` until the runtime has told
   * about that container too. Its value depends on nothing but the process's container.
   */
  readonly late?: 'identity' | 'details';
  /** How numbers print: decimal by default. */
  readonly format?: 'dec' | 'hex' | 'oct' | 'dec9' | 'time';
  /** Why the sensor never gives a value (a capture of another tool may have one): rules that use it are warned about. */
  readonly unavailable?: string;
  /**
   * Both-ends network fields and any-ancestor fields: `get` gives all candidates as a list and a comparison is true by
   * this quantifier ('any' for most operators; != of both-ends fields means all). See rule-language.md section 16.
   */
  readonly candidates?: 'both-ends' | 'any-ancestor';
  get(context: C, argument: string | number | undefined): FieldResult;
}

/** Looks a field up by its name without argument. */
export interface FieldCatalogue<C = never> {
  find(name: string): FieldDef<C> | undefined;
  all(): readonly FieldDef<C>[];
}
