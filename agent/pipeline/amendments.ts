import { maskedValues, type Template } from '../alert/create-alert.ts';
import type { Redactor } from '../alert/redact.ts';
import type { Amendment, FieldJson } from '../events/alert.ts';
import type { ByteString } from '../events/bytestring.ts';
import type { ContainerIdentity } from '../events/process.ts';
import { catalogue } from '../fields/catalogue.ts';
import type { MatchContext } from '../fields/context.ts';
import { compileFormat } from '../rules/format.ts';
import { type KeptContext, keepProcess } from './copy-context.ts';
import { everyFieldName } from './every-field.ts';
import type { Rule } from './late-rules.ts';

export interface AmendmentsOptions {
  readonly redactor: Redactor;
  readonly nowMs: () => number;
  /** Wall clock, ns since 1970. */
  readonly nowNs: () => bigint;
}

/** One alert that may be told more of. */
interface Told {
  readonly uuid: string;
  revision: number;
  readonly template: Template;
  /** As last told. */
  values: Record<string, FieldJson>;
  readonly context: KeptContext;
  readonly untilMs: number;
}

/** How long after an alert something more is told about it: a cluster may take that long to tell of a pod. */
const KEEP_MS = 30_000;
const ALERTS_MAX = 4096;

/** Alerts that left before all was known of their container, until the rest is. */
export class Amendments {
  readonly counts = { waiting: 0, amended: 0, dropped: 0 };
  private readonly options: AmendmentsOptions;
  private readonly byContainer = new Map<ByteString, Told[]>();
  private readonly templates = new WeakMap<Rule, Template>();

  constructor(options: AmendmentsOptions) {
    this.options = options;
  }

  /** An alert was raised for a process in a container that something is still to come of. */
  remember(uuid: string, rule: Rule, context: MatchContext): void {
    const { process } = context;
    const container = process?.container;
    if (process === undefined || container?.isPending !== true) return;
    this.forgetOld();
    if (this.counts.waiting >= ALERTS_MAX) {
      this.counts.dropped++;
      return;
    }
    const template = this.templateOf(rule);
    const told: Told = {
      uuid,
      revision: 0,
      template,
      values: maskedValues(template, context, this.options.redactor),
      // Late fields look at nothing but the container.
      context: { ...context, process: keepProcess(process, 0) },
      untilMs: this.options.nowMs() + KEEP_MS,
    };
    const others = this.byContainer.get(container.fullId);
    if (others === undefined) this.byContainer.set(container.fullId, [told]);
    else others.push(told);
    this.counts.waiting++;
  }

  /** What changed for the alerts of a container that more became known of. */
  arrived(container: ContainerIdentity): readonly Amendment[] {
    this.forgetOld();
    return (this.byContainer.get(container.fullId) ?? []).flatMap((told) => this.amend(told, container) ?? []);
  }

  private amend(told: Told, container: ContainerIdentity): Amendment | undefined {
    told.context.process.container = container;
    const values = maskedValues(told.template, told.context, this.options.redactor);
    const changed = Object.entries(values).filter(([key, value]) => value !== told.values[key]);
    if (changed.length === 0) return undefined;
    told.values = values;
    told.revision++;
    this.counts.amended++;
    return {
      uuid: told.uuid,
      revision: told.revision,
      timeNs: this.options.nowNs(),
      context: Object.fromEntries(changed),
    };
  }

  /** All of a container's are about as old: the list goes when its last one is. */
  private forgetOld(): void {
    const nowMs = this.options.nowMs();
    for (const [fullId, list] of this.byContainer) {
      const last = list.at(-1);
      if (last !== undefined && last.untilMs > nowMs) return;
      this.byContainer.delete(fullId);
      this.counts.waiting -= list.length;
    }
  }

  /** Every late field, and those that the rule's output asks for with arguments. */
  private templateOf(rule: Rule): Template {
    const known = this.templates.get(rule);
    if (known !== undefined) return known;
    const shown = [rule.format, ...rule.extraFields.map(({ format }) => format)].flatMap(({ fields }) => fields);
    const names = new Set([...everyFieldName.filter(isLate), ...shown.filter(isLate)]);
    const compiled = compileFormat([...names].map((name) => `%${name}`).join(' '), catalogue);
    if (!compiled.ok) throw new Error(`an output has a field that no output can show: ${compiled.error}`);
    this.templates.set(rule, compiled.format);
    return compiled.format;
  }
}

/** Whether a field, as written in an output, can be told later. */
function isLate(field: string): boolean {
  return catalogue.find(field.replace(/\[.*$/s, ''))?.late === 'details';
}
