import { SensorError } from '../../native/sensor-error.ts';
import { AtalayaError, type ErrorCode } from '../lib/errors.ts';
import { safeLine } from '../lib/safe-text.ts';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** A failed rule test, an invalid rule file under `check`. */
  findings: 1,
  /** Wrong usage: flags, configuration, rules that do not compile. */
  usage: 2,
  /** No root, no BTF, a port in use, a folder that cannot be written. */
  environment: 3,
  /** Damaged input (capture, database); what could be read was read. */
  damaged: 4,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_OF_ERROR: Readonly<Record<ErrorCode, ExitCode>> = {
  E_USAGE: EXIT.usage,
  E_ADDRESS: EXIT.usage,
  E_PORT_IN_USE: EXIT.environment,
  E_LISTEN: EXIT.environment,
  E_DATA_DIR: EXIT.environment,
  E_DATABASE: EXIT.damaged,
  E_SPOOL_CLOSED: EXIT.environment,
  E_SPOOL_FULL: EXIT.environment,
  E_FILTER: EXIT.usage,
  E_CURSOR: EXIT.usage,
  E_REQUEST: EXIT.usage,
  E_NOT_FOUND: EXIT.usage,
  E_UNKNOWN_CLIENT: EXIT.environment,
  E_NOT_ALLOWED: EXIT.environment,
  E_TOO_MANY: EXIT.environment,
  E_COLLECTOR: EXIT.environment,
  E_KUBECONFIG: EXIT.usage,
  E_TLS: EXIT.environment,
  E_OUTPUT: EXIT.environment,
  E_CAPTURE: EXIT.damaged,
  E_CAPTURE_OPEN: EXIT.environment,
  E_CAPTURE_WRITE: EXIT.environment,
  E_CONFIG: EXIT.usage,
  E_RULES: EXIT.usage,
  E_SENSOR: EXIT.environment,
};

/** Says on stderr what went wrong and gives the exit code that belongs to it. Unknown errors keep their stack. */
export function report(error: unknown): ExitCode {
  if (error instanceof AtalayaError) {
    process.stderr.write(`atalaya: ${printable(error.message)}\n`);
    return EXIT_OF_ERROR[error.code];
  }
  if (error instanceof SensorError) {
    process.stderr.write(`atalaya: ${printable(error.message)}. ${error.hint}\n`);
    // Why the verifier refused a program: nobody can help without it.
    if (error.code === 'E_BPF_LOAD' && error.verifierLog !== undefined) process.stderr.write(`${error.verifierLog}\n`);
    return EXIT.environment;
  }
  process.stderr.write(`atalaya: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.environment;
}

/** A message may name files and values that others chose; its own line breaks stay. */
function printable(message: string): string {
  return message.split('\n').map(safeLine).join('\n');
}
