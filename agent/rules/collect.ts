import type { Priority } from '../events/alert.ts';
import { type ByteString, bytesToText } from '../events/bytestring.ts';
import { definitionFault } from './decode.ts';
import { isGiven, normalizeException } from './exceptions.ts';
import type {
  ExceptionItem,
  ExceptionValue,
  ListItem,
  MacroItem,
  PluginRequirement,
  RuleItem,
  RuleUpdate,
  Version,
} from './items.ts';
import { NearestNames, nearestName } from './nearest.ts';
import type { Warn } from './read-exceptions.ts';
import { GrowingText, type Span } from './source-text.ts';
import { shownValue } from './strings.ts';
import { ENGINE_VERSION, parseVersion, satisfies, versionText } from './versions.ts';

/**
 * When something was first defined, and when it last changed, in one count over all definitions of all files. A
 * macro sees the macros, and a list the lists, whose first definition is older than its own last change.
 */
export interface Ages {
  readonly index: number;
  visibility: number;
}

export interface CollectedList extends Ages {
  readonly name: ByteString;
  readonly items: ByteString[];
  readonly span: Span;
}

export interface CollectedMacro extends Ages {
  readonly name: ByteString;
  readonly condition: GrowingText;
  readonly span: Span;
}

export interface CollectedException extends Omit<ExceptionItem, 'values'> {
  readonly values: ExceptionValue[];
}

export interface CollectedRule extends Ages {
  readonly name: ByteString;
  readonly condition: GrowingText;
  readonly output: GrowingText;
  desc: ByteString;
  priority: Priority;
  readonly source: ByteString;
  readonly unknownSource: boolean;
  enabled: boolean;
  capture: boolean;
  captureDurationMs: number;
  warnEventTypes: boolean;
  skipIfUnknownFilter: boolean;
  tags: Set<ByteString>;
  exceptions: Map<ByteString, CollectedException>;
  readonly span: Span;
}

/** Fields that exceptions may name. */
export interface KnownFields {
  /** Whether a field text is known for a source; undefined where the source itself is unknown. */
  has(source: ByteString, field: ByteString): boolean | undefined;
  nearest(field: ByteString): string | undefined;
}

/**
 * Everything that the files read so far define, in order of first definition. Definitions replace, appends and
 * overrides change; what an item said before the point where it is wrong stays.
 */
export class Collector {
  readonly lists = new Map<ByteString, CollectedList>();
  readonly macros = new Map<ByteString, CollectedMacro>();
  readonly rules = new Map<ByteString, CollectedRule>();
  readonly plugins: PluginRequirement[] = [];
  private count = 0;
  private readonly names = new NearestNames();
  private readonly sources: ReadonlySet<ByteString>;
  private readonly fields: KnownFields;
  private readonly warn: Warn;

  constructor(sources: ReadonlySet<ByteString>, fields: KnownFields, warn: Warn) {
    this.sources = sources;
    this.fields = fields;
    this.warn = warn;
  }

  requireEngine(wanted: Version, span: Span): void {
    if (satisfies(ENGINE_VERSION, wanted)) return;
    definitionFault('the rules need another version of the engine', span, {
      found: versionText(wanted),
      expected: `at most ${versionText(ENGINE_VERSION)}`,
    });
  }

  requirePlugin(requirement: PluginRequirement): void {
    const names = new Set<ByteString>();
    for (const { name, version } of requirement.alternatives) {
      if (parseVersion(version) === undefined) {
        definitionFault(`the version of the plugin ${shownValue(name)} is none`, requirement.span, {
          found: shownValue(version),
          expected: 'three numbers with dots',
        });
      }
      if (names.has(name)) {
        definitionFault(`the plugin ${shownValue(name)} is its own alternative`, requirement.span);
      }
      names.add(name);
    }
    this.plugins.push(requirement);
  }

  defineList(list: ListItem): void {
    const ages = this.defined(this.lists.get(list.name));
    this.lists.set(list.name, { ...list, items: [...list.items], ...ages });
  }

  appendList(list: ListItem): void {
    const earlier = this.lists.get(list.name);
    if (earlier === undefined) {
      const message = 'there is no list of this name yet to append to';
      return this.missing(message, list, this.lists.keys());
    }
    for (const item of list.items) earlier.items.push(item);
    earlier.visibility = this.count++;
  }

  defineMacro(macro: MacroItem): void {
    const ages = this.defined(this.macros.get(macro.name));
    this.macros.set(macro.name, { ...macro, condition: new GrowingText(macro.condition), ...ages });
  }

  appendMacro(macro: MacroItem): void {
    const earlier = this.macros.get(macro.name);
    if (earlier === undefined) {
      const message = 'there is no macro of this name yet to append to';
      return this.missing(message, macro, this.macros.keys());
    }
    earlier.condition.append(macro.condition);
    earlier.visibility = this.count++;
  }

  defineRule(rule: RuleItem): void {
    const earlier = this.sameSource(rule);
    const unknownSource = !this.sources.has(rule.source);
    if (unknownSource) {
      const nearest = nearestName(rule.source, this.sources);
      const detail = {
        item: `rule '${bytesToText(rule.name)}'`,
        message: `nothing gives events of the source ${shownValue(rule.source)}: the rule is left out`,
        expected: `one of ${[...this.sources].map(bytesToText).join(', ')}`,
      };
      this.warn('LOAD_UNKNOWN_SOURCE', nearest === undefined ? detail : { ...detail, nearest }, rule.span);
    }
    const checked = rule.exceptions.map((exception) => this.checked(exception, rule.source));
    this.rules.set(rule.name, {
      ...rule,
      condition: new GrowingText(rule.condition),
      output: new GrowingText(rule.output),
      tags: new Set(rule.tags),
      exceptions: byName(checked),
      unknownSource,
      ...this.defined(earlier),
    });
  }

  enableRule(name: ByteString, enabled: boolean, span: Span): void {
    const earlier = this.rules.get(name);
    const message = 'there is no rule of this name yet to enable or disable';
    if (earlier === undefined) return this.missing(message, { name, span }, this.rules.keys());
    earlier.enabled = enabled;
  }

  appendRule(update: RuleUpdate): void {
    const rule = this.sameSource(update);
    if (rule === undefined) {
      const message = 'there is no rule of this name yet to append to';
      return this.missing(message, update, this.rules.keys());
    }
    const { condition, output, desc, tags, exceptions } = update;
    if ([condition, output, desc, tags, exceptions].every((part) => part === undefined)) {
      definitionFault('nothing is appended', update.span, { expected: 'condition or exceptions' });
    }
    if (condition !== undefined) rule.condition.append(condition);
    if (output !== undefined) rule.output.append(output);
    if (desc !== undefined) rule.desc += ` ${desc}`;
    for (const tag of tags ?? []) rule.tags.add(tag);
    for (const exception of exceptions ?? []) this.appendException(rule, exception);
    rule.visibility = this.count++;
  }

  replaceRule(update: RuleUpdate): void {
    const rule = this.sameSource(update);
    if (rule === undefined) {
      const message = 'there is no rule of this name yet to replace parts of';
      return this.missing(message, update, this.rules.keys());
    }
    if (update.condition !== undefined) rule.condition.replace(update.condition);
    if (update.output !== undefined) rule.output.replace(update.output);
    if (update.tags !== undefined) rule.tags = new Set(update.tags);
    if (update.exceptions !== undefined) rule.exceptions = byName(update.exceptions);
    rule.desc = update.desc ?? rule.desc;
    rule.priority = update.priority ?? rule.priority;
    rule.enabled = update.enabled ?? rule.enabled;
    rule.capture = update.capture ?? rule.capture;
    rule.captureDurationMs = update.captureDurationMs ?? rule.captureDurationMs;
    rule.warnEventTypes = update.warnEventTypes ?? rule.warnEventTypes;
    rule.skipIfUnknownFilter = update.skipIfUnknownFilter ?? rule.skipIfUnknownFilter;
    rule.visibility = this.count++;
  }

  private appendException(rule: CollectedRule, added: ExceptionItem): void {
    const earlier = rule.exceptions.get(added.name);
    if (earlier === undefined) {
      const exception = this.newException(added, rule.source);
      rule.exceptions.set(added.name, { ...exception, values: [...exception.values] });
      return;
    }
    if (isGiven(added.fields)) {
      definitionFault('the exception is there already: only values can be appended, no fields', added.span);
    }
    if (isGiven(added.comps)) {
      definitionFault('the exception is there already: only values can be appended, no comps', added.span);
    }
    for (const value of added.values) earlier.values.push(value);
  }

  private newException(exception: ExceptionItem, source: ByteString): ExceptionItem {
    if (!isGiven(exception.fields)) {
      definitionFault('a new exception needs fields', exception.span, { expected: 'fields: [...]' });
    }
    if (exception.values.length === 0) {
      definitionFault('a new exception needs values', exception.span, { expected: 'values: [...]' });
    }
    return this.checked(exception, source);
  }

  private checked(exception: ExceptionItem, source: ByteString): ExceptionItem {
    const { fields } = this;
    return normalizeException(exception, {
      has: (field) => fields.has(source, field),
      nearest: (field) => fields.nearest(field),
    });
  }

  /** The rule of that name; a definition with another source is refused. */
  private sameSource(rule: Pick<RuleUpdate, 'name' | 'source' | 'span'>): CollectedRule | undefined {
    const earlier = this.rules.get(rule.name);
    const source = rule.source ?? '';
    if (earlier !== undefined && source !== '' && earlier.source !== '' && earlier.source !== source) {
      definitionFault('the rule is there already with another source', rule.span, {
        found: shownValue(source),
        expected: shownValue(earlier.source),
      });
    }
    return earlier;
  }

  private missing(
    message: string,
    item: { readonly name: ByteString; readonly span: Span },
    names: Iterable<ByteString>,
  ): never {
    const nearest = this.names.nearest(item.name, names);
    return definitionFault(message, item.span, nearest === undefined ? {} : { nearest: bytesToText(nearest) });
  }

  private defined(earlier: Ages | undefined): Ages {
    const now = this.count++;
    return { index: earlier?.index ?? now, visibility: now };
  }
}

/** Of two exceptions with one name (which is warned about) both stay: upstream compiles both. */
function byName(exceptions: readonly ExceptionItem[]): Map<ByteString, CollectedException> {
  const map = new Map<ByteString, CollectedException>();
  exceptions.forEach((exception, place) => {
    const key = map.has(exception.name) ? `${exception.name}\0${place}` : exception.name;
    map.set(key, { ...exception, values: [...exception.values] });
  });
  return map;
}
