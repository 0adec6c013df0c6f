import type { Priority } from '../events/alert.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { SourceText, Span } from './source-text.ts';

/** What one item of a rule file says, decoded but not yet joined with what other items say of the same thing. */
export interface ListItem {
  readonly name: ByteString;
  readonly items: readonly ByteString[];
  readonly span: Span;
}

export interface MacroItem {
  readonly name: ByteString;
  readonly condition: SourceText;
  readonly span: Span;
}

/** A value of an exception: a text, a list of values, or nothing that the language knows (a mapping, null). */
export type ExceptionValue =
  | { readonly kind: 'text'; readonly text: ByteString; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly ExceptionValue[]; readonly span: Span };

export interface ExceptionItem {
  readonly name: ByteString;
  readonly fields?: ExceptionValue;
  readonly comps?: ExceptionValue;
  readonly values: readonly ExceptionValue[];
  readonly span: Span;
}

/** A full definition of a rule. */
export interface RuleItem {
  readonly name: ByteString;
  readonly condition: SourceText;
  readonly output: SourceText;
  readonly desc: ByteString;
  readonly priority: Priority;
  readonly source: ByteString;
  readonly enabled: boolean;
  readonly capture: boolean;
  /** Milliseconds. */
  readonly captureDurationMs: number;
  readonly warnEventTypes: boolean;
  readonly skipIfUnknownFilter: boolean;
  readonly tags: ReadonlySet<ByteString>;
  readonly exceptions: readonly ExceptionItem[];
  readonly span: Span;
}

/** What an append or an override says of an earlier rule; an absent part stays as it is. */
export type RuleUpdate = Pick<RuleItem, 'name' | 'span'> & Partial<Omit<RuleItem, 'name' | 'span'>>;

export interface PluginVersion {
  readonly name: ByteString;
  readonly version: ByteString;
}

export interface PluginRequirement {
  readonly alternatives: readonly PluginVersion[];
  readonly span: Span;
}

export type Version = readonly [major: number, minor: number, patch: number];
