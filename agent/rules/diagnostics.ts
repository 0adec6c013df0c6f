/** Kinds of error, with the words upstream has for them. */
export const ERROR_CODES = {
  LOAD_ERR_FILE_READ: 'file cannot be read',
  LOAD_ERR_YAML_PARSE: 'not YAML',
  LOAD_ERR_YAML_VALIDATE: 'wrong structure',
  LOAD_ERR_COMPILE_CONDITION: 'wrong condition',
  LOAD_ERR_COMPILE_OUTPUT: 'wrong output',
  LOAD_ERR_VALIDATE: 'wrong definition',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** Kinds of warning. Those that begin with NOTE_ are ours; upstream has no word for them. */
export const WARNING_CODES = {
  LOAD_UNKNOWN_SOURCE: 'source that nobody provides',
  LOAD_UNSAFE_NA_CHECK: 'comparison with <NA>',
  LOAD_NO_EVTTYPE: 'matches too many event types',
  LOAD_UNKNOWN_FILTER: 'skipped for an unknown field',
  LOAD_UNUSED_MACRO: 'macro that nothing uses',
  LOAD_UNUSED_LIST: 'list that nothing uses',
  LOAD_UNKNOWN_ITEM: 'item of unknown kind',
  LOAD_DEPRECATED_ITEM: 'deprecated',
  LOAD_APPEND_NO_VALUES: 'appended exception without values',
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: 'exception defined twice',
  LOAD_INVALID_MACRO_NAME: 'macro name that no condition can use',
  LOAD_INVALID_LIST_NAME: 'list name with delimiters',
  LOAD_COMPILE_CONDITION: 'suspicious constant',
  LOAD_UNKNOWN_KEY: 'unknown key',
  NOTE_UNAVAILABLE_FIELD: 'field that this source can never give',
  NOTE_NEVER_MATCHES: 'comparison that can never be true',
  NOTE_DUPLICATE_KEY: 'key that stands twice in an item',
  NOTE_EMPTY_FOLDER: 'folder without rule files',
} as const;
export type WarningCode = keyof typeof WARNING_CODES;

/** A place in a file; line and column count from 1, columns in characters. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface Finding extends Place {
  readonly message: string;
  /** What it is about: `rule 'Name'`, `macro 'name'`, `list 'name'`; absent for a whole file. */
  readonly item?: string;
  /** What was found there, where that is not plain from the message. */
  readonly found?: string;
  /** What would be right. */
  readonly expected?: string;
  /** The nearest known name. */
  readonly nearest?: string;
}

export interface RuleError extends Finding {
  readonly severity: 'error';
  readonly code: ErrorCode;
}

export interface RuleWarning extends Finding {
  readonly severity: 'warning';
  readonly code: WarningCode;
}

export type Diagnostic = RuleError | RuleWarning;

/** What a finding says beside its place. */
export type Detail = Pick<Finding, 'message'> & Partial<Pick<Finding, 'item' | 'found' | 'expected' | 'nearest'>>;

/** One line for people: place, code, message, nearest name. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = `${diagnostic.file}:${diagnostic.line}:${diagnostic.column}`;
  const about = diagnostic.item === undefined ? '' : ` in ${diagnostic.item}`;
  const found = diagnostic.found === undefined ? '' : `; found ${diagnostic.found}`;
  const expected = diagnostic.expected === undefined ? '' : `; expected ${diagnostic.expected}`;
  const nearest = diagnostic.nearest === undefined ? '' : `; did you mean '${diagnostic.nearest}'?`;
  const text = `${diagnostic.message}${found}${expected}${nearest}`;
  return `${place}: ${diagnostic.severity}${about}: ${text} [${diagnostic.code}]`;
}
