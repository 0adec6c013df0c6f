import { type ByteString, bytesToText } from '../events/bytestring.ts';
import type { FieldCatalogue } from '../fields/field.ts';
import type { Steps } from '../lib/steps.ts';
import type { CheckExpr, ExistsExpr, Expr } from './ast.ts';
import type { Checker } from './check.ts';
import type { CollectedMacro, CollectedRule, Collector } from './collect.ts';
import { ItemFault } from './decode.ts';
import type { Detail, Diagnostic, ErrorCode, Place, WarningCode } from './diagnostics.ts';
import { withExceptions } from './exceptions.ts';
import type { OutputExtension } from './extend-output.ts';
import { CONDITION_BYTES_MAX, ListExpander, REPLACEMENTS_MAX, type ResolvedList, resolveLists } from './lists.ts';
import { usesMacro } from './macro-loop.ts';
import { EXPANDED_DEPTH_MAX, EXPANDED_NODES_MAX, expandedSize, resolveMacros } from './macros.ts';
import { NearestNames } from './nearest.ts';
import { type ParseResult, parseCondition } from './parser.ts';
import { RuleCompiler, type RuleDraft } from './rule-compiler.ts';
import { placeOf, type SourceText } from './source-text.ts';
import { leavesOf } from './warnings.ts';

/** All conditions together may not grow beyond this by their lists. */
const EXPANDED_BYTES_MAX = 32 * 1024 * 1024;

export type Report = (diagnostic: Diagnostic) => void;

/**
 * Compiles everything collected so far, as often as files are added. What did not change since the last time is kept:
 * parsed conditions by item and text, compiled rules by their resolved condition.
 */
export class CompilePass<C> {
  rules: readonly RuleDraft<C>[] = [];
  readonly names = new NearestNames();
  readonly lists = new ListExpander();
  private readonly collector: Collector;
  private readonly compiler: RuleCompiler<C>;
  private readonly parsed = new Map<string, Parsed>();
  /** Where the text of each leaf of a parsed condition comes from. */
  private readonly origins = new WeakMap<Expr, SourceText>();
  private readonly resolutions = new Map<Expr, Kept>();

  constructor(
    collector: Collector,
    catalogue: FieldCatalogue<C>,
    checker: Checker<C>,
    extensions: readonly OutputExtension[],
  ) {
    this.collector = collector;
    this.compiler = new RuleCompiler(catalogue, checker, extensions, (leaf, at) => this.placeOfLeaf(leaf, at));
  }

  /**
   * Reports in upstream's order: macros, rules, what nothing uses. After errors of reading, names that are not defined
   * are not reported, for what defines them may be what is wrong. True if it came to the last: nothing was wrong.
   */
  run(report: Report, { afterErrors }: { readonly afterErrors: boolean }): Steps<boolean> {
    return new Run(this.collector, this.compiler, report, afterErrors, this).compile();
  }

  /** Parses the condition of an item whose lists are put in. Items that say the same are told apart by their places. */
  parse(item: string, text: SourceText): ParseResult<Expr> {
    const known = this.parsed.get(item);
    if (known?.text === text) return known.result;
    const result = known?.text.text === text.text ? known.result : parseCondition(text.text);
    this.parsed.set(item, { text, result });
    if (result.ok) for (const leaf of leavesOf(result.value, Number.POSITIVE_INFINITY)) this.origins.set(leaf, text);
    return result;
  }

  /** The same resolution as last time, if every macro that it used is the same. */
  keptResolution(expr: Expr, find: (name: ByteString) => Expr | undefined): Kept | undefined {
    const kept = this.resolutions.get(expr);
    return kept?.uses.every(({ name, expr: before }) => find(name) === before) === true ? kept : undefined;
  }

  keepResolution(expr: Expr, kept: Kept): void {
    this.resolutions.set(expr, kept);
  }

  private placeOfLeaf(leaf: CheckExpr | ExistsExpr, at: number): Place | undefined {
    return this.origins.get(leaf)?.place(at);
  }
}

interface Parsed {
  readonly text: SourceText;
  readonly result: ParseResult<Expr>;
}

/** A resolved condition with the macros that it used, directly or not, and what they were. */
interface Kept {
  readonly expr: Expr;
  readonly uses: readonly { readonly name: ByteString; readonly expr: Expr }[];
}

interface Macro {
  readonly text: SourceText;
  expr: Expr;
}

class Run<C> {
  private readonly collector: Collector;
  private readonly compiler: RuleCompiler<C>;
  private readonly report: Report;
  private readonly afterErrors: boolean;
  private readonly pass: CompilePass<C>;
  private readonly macros = new Map<ByteString, Macro>();
  private readonly usedMacros = new Set<ByteString>();
  private readonly usedLists: Set<ByteString>;
  private readonly lists: readonly ResolvedList[];
  private expandedBytes = 0;
  private failed = false;

  constructor(
    collector: Collector,
    compiler: RuleCompiler<C>,
    report: Report,
    afterErrors: boolean,
    pass: CompilePass<C>,
  ) {
    this.collector = collector;
    this.compiler = compiler;
    this.report = report;
    this.afterErrors = afterErrors;
    this.pass = pass;
    const { lists, used } = resolveLists(collector.lists);
    this.lists = lists;
    this.usedLists = new Set(used);
  }

  *compile(): Steps<boolean> {
    for (const macro of this.collector.macros.values()) {
      this.parseMacro(macro);
      yield;
    }
    for (const macro of this.collector.macros.values()) {
      this.resolveMacro(macro);
      yield;
    }
    const drafts: RuleDraft<C>[] = [];
    for (const rule of this.collector.rules.values()) {
      const draft = rule.unknownSource ? undefined : this.compileRule(rule);
      if (draft !== undefined) drafts.push(draft);
      yield;
    }
    this.pass.rules = drafts;
    const complete = !this.failed && !this.afterErrors;
    if (complete) this.reportUnused();
    return complete;
  }

  private parseMacro(macro: CollectedMacro): void {
    const item = `macro '${bytesToText(macro.name)}'`;
    const text = this.expand(macro.condition.read(), item);
    const parsed = text === undefined ? undefined : this.pass.parse(item, text);
    if (text === undefined || parsed === undefined) return;
    if (parsed.ok) this.macros.set(macro.name, { text, expr: parsed.value });
    else this.conditionError(parsed.error.message, text.place(parsed.error.at), item);
  }

  private resolveMacro(info: CollectedMacro): void {
    const macro = this.macros.get(info.name);
    if (macro === undefined) return;
    const visible = (name: ByteString): Expr | undefined => {
      const other = this.collector.macros.get(name);
      return other !== undefined && other.index < info.visibility ? this.macros.get(name)?.expr : undefined;
    };
    const resolved = this.resolve(macro.expr, macro.text, visible, `macro '${bytesToText(info.name)}'`, info.name);
    if (resolved === undefined) this.macros.delete(info.name);
    else macro.expr = resolved;
  }

  private compileRule(rule: CollectedRule): RuleDraft<C> | undefined {
    const item = `rule '${bytesToText(rule.name)}'`;
    try {
      const source = withExceptions(rule.condition.read(), rule.exceptions.values());
      const warn = (code: WarningCode, detail: Detail, place: Place): void =>
        this.report({ severity: 'warning', code, item, ...detail, ...place });
      const fail = (code: ErrorCode, detail: Detail, place: Place): void => this.fail(code, { item, ...detail }, place);
      const output = this.compiler.output(rule, warn, fail);
      if (output === 'skip') return undefined;
      const text = this.expand(source, item);
      const parsed = text === undefined ? undefined : this.pass.parse(item, text);
      if (text === undefined || parsed === undefined) return undefined;
      if (!parsed.ok) {
        this.conditionError(parsed.error.message, text.place(parsed.error.at), item);
        return undefined;
      }
      const expr = this.resolve(parsed.value, text, (name) => this.macros.get(name)?.expr, item);
      return expr === undefined ? undefined : this.compiler.rule(rule, output, expr, text, warn, fail);
    } catch (fault) {
      if (!(fault instanceof ItemFault)) throw fault;
      this.fail(fault.code, { item, ...fault.detail }, placeOf(fault.span));
      return undefined;
    }
  }

  /** Puts lists in; undefined if that makes the condition, or all of them together, too long. */
  private expand(condition: SourceText, item: string): SourceText | undefined {
    const text = this.pass.lists.expand(condition, this.lists, (name) => this.usedLists.add(name));
    if (text === undefined) {
      this.conditionError(`more than ${REPLACEMENTS_MAX} names of lists are replaced`, condition.place(0), item);
      return undefined;
    }
    this.expandedBytes += text.text.length;
    const tooLong = text.text.length > CONDITION_BYTES_MAX;
    if (!tooLong && this.expandedBytes <= EXPANDED_BYTES_MAX) return text;
    const message = tooLong
      ? `condition is longer than ${CONDITION_BYTES_MAX} bytes with its lists`
      : `conditions are longer than ${EXPANDED_BYTES_MAX} bytes together with their lists`;
    this.conditionError(message, condition.place(0), item);
    return undefined;
  }

  private resolve(
    expr: Expr,
    text: SourceText,
    find: (name: ByteString) => Expr | undefined,
    item: string,
    self?: ByteString,
  ): Expr | undefined {
    const kept = this.pass.keptResolution(expr, find);
    if (kept !== undefined) {
      for (const { name } of kept.uses) this.usedMacros.add(name);
      return kept.expr;
    }
    const resolution = resolveMacros(expr, find);
    for (const name of resolution.used) this.usedMacros.add(name);
    for (const fault of resolution.faults) {
      const place =
        fault.within === undefined ? text.place(fault.at) : this.macros.get(fault.within)?.text.place(fault.at);
      this.macroFault(fault, place ?? text.place(0), item, self);
    }
    if (resolution.faults.length > 0) return undefined;
    const size = expandedSize(resolution.expr);
    if (size.nodes > EXPANDED_NODES_MAX || size.depth > EXPANDED_DEPTH_MAX) {
      const found = size.nodes > EXPANDED_NODES_MAX ? `${size.nodes} parts` : `${size.depth} levels`;
      const expected = `at most ${EXPANDED_NODES_MAX} parts and ${EXPANDED_DEPTH_MAX} levels`;
      const detail = { message: 'condition is too large with its macros', found, expected, item };
      this.fail('LOAD_ERR_COMPILE_CONDITION', detail, text.place(0));
      return undefined;
    }
    const uses = [...resolution.used].flatMap((name) => {
      const used = find(name);
      return used === undefined ? [] : [{ name, expr: used }];
    });
    this.pass.keepResolution(expr, { expr: resolution.expr, uses });
    return resolution.expr;
  }

  private macroFault(
    fault: { readonly message: string; readonly unknown?: ByteString },
    place: Place,
    item: string,
    self: ByteString | undefined,
  ): void {
    const { unknown } = fault;
    if (unknown !== undefined && this.isFollowUp(unknown)) {
      this.failed = true;
      return;
    }
    const nearest = unknown === undefined ? undefined : this.pass.names.nearest(unknown, this.collector.macros.keys());
    const hint = nearest === undefined || nearest === unknown ? {} : { nearest };
    const message = (unknown === undefined ? undefined : this.laterMacro(unknown, self)) ?? fault.message;
    this.fail('LOAD_ERR_VALIDATE', { message, item, ...hint }, place);
  }

  /** What is to be said of a macro that is there, but after the one that names it. */
  private laterMacro(name: ByteString, self: ByteString | undefined): string | undefined {
    const later = this.macros.get(name);
    if (later === undefined) return undefined;
    const shown = bytesToText(name);
    if (self !== undefined && usesMacro(later.expr, self, (used) => this.macros.get(used)?.expr))
      return `the macros '${bytesToText(self)}' and '${shown}' use each other`;
    return `the macro '${shown}' comes later in the file; expected before the macro that uses it`;
  }

  /** A macro is missing because its own definition is wrong, which was reported. */
  private isFollowUp(name: ByteString): boolean {
    return this.afterErrors || (this.collector.macros.has(name) && !this.macros.has(name));
  }

  private conditionError(message: string, place: Place, item: string): void {
    this.fail('LOAD_ERR_COMPILE_CONDITION', { message, item }, place);
  }

  private fail(code: ErrorCode, detail: Detail, place: Place): void {
    this.failed = true;
    this.report({ severity: 'error', code, ...detail, ...place });
  }

  private reportUnused(): void {
    const unused = (code: WarningCode, kind: string, name: ByteString, place: Place): void => {
      const message = `no rule and no macro uses the ${kind}`;
      this.report({
        severity: 'warning',
        code,
        item: `${kind} '${bytesToText(name)}'`,
        message,
        ...place,
      });
    };
    for (const { name, span } of this.collector.macros.values()) {
      if (!this.usedMacros.has(name)) unused('LOAD_UNUSED_MACRO', 'macro', name, placeOf(span));
    }
    for (const { name, span } of this.collector.lists.values()) {
      if (!this.usedLists.has(name)) unused('LOAD_UNUSED_LIST', 'list', name, placeOf(span));
    }
  }
}
