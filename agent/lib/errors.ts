/** Every code that an AtalayaError can have, with what it means; docs/errors.md lists the same. */
export const ERROR_CODES = {
  E_USAGE: 'an argument of a command that means nothing',
  E_ADDRESS: 'an address that cannot be understood, or one that plain text must not be sent to',
  E_PORT_IN_USE: 'another program listens on the address',
  E_LISTEN: 'the address cannot be listened on',
  E_DATA_DIR: 'the data folder cannot be made or written',
  E_DATABASE: 'the database cannot be opened or read',
  E_SPOOL_CLOSED: 'the spool was closed before the records were committed',
  E_SPOOL_FULL: 'the spool cannot write and its memory is full: the records are lost and counted',
  E_FILTER: 'a filter does not compile',
  E_CURSOR: 'a cursor that this collector did not give',
  E_REQUEST: 'a request to a collector that means nothing',
  E_NOT_FOUND: 'what a request names is not there',
  E_UNKNOWN_CLIENT: 'the collector does not know this client, or its token has expired',
  E_NOT_ALLOWED: 'the collector does not allow this client what it asks for',
  E_TOO_MANY: 'more subscriptions than a collector serves at once',
  E_COLLECTOR: 'the collector refused or does not answer',
  E_KUBECONFIG: 'a kubeconfig cannot be read or is wrong',
  E_TLS: 'a certificate or key cannot be read or is wrong',
  E_OUTPUT: 'an output cannot be opened or written',
  E_CAPTURE: 'a capture that is damaged, of another schema, or none',
  E_CAPTURE_OPEN: 'a capture cannot be opened',
  E_CAPTURE_WRITE: 'a capture cannot be written',
  E_CONFIG: 'the configuration is wrong',
  E_RULES: 'a rule file is wrong or cannot be read',
  E_SENSOR: 'the kernel refuses the sensor, or lacks what it needs',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure that has a name. `message` says what was found and what was expected; `cause` is the error below it. */
export class AtalayaError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'AtalayaError';
    this.code = code;
  }
}
