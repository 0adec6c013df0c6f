import { status } from '@grpc/grpc-js';
import { certificateTrouble, type TlsFiles } from '../../proto/tls.ts';

/** What OpenSSL and Node.js say of a handshake, and what it means for who set the certificates up. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/certificate has expired/, "the collector's certificate has expired"],
  [/certificate is not yet valid/, "the collector's certificate is not valid yet"],
  [
    /unable to (verify the first|get (local )?issuer) certificate|self.signed certificate|certificate signature failure/,
    "the collector's certificate is not of an authority in `tls.ca`",
  ],
  [/does not match certificate's altnames/, "the collector's certificate is for another name than its address"],
  [/alert certificate expired/, 'the collector says that our certificate has expired'],
  [/alert (unknown ca|bad certificate|decrypt error)/, 'the collector does not know who signed our certificate'],
  [/alert certificate required/, 'the collector wants a certificate: `tls.cert` and `tls.key`'],
  [/alert protocol version|unsupported protocol/, 'the collector does not speak TLS 1.3'],
  [/wrong version number|packet length too long/, 'the collector speaks plain text there, not TLS'],
];

/** Says of the end of a stream what is wrong, for people, with gRPC's own text behind it. */
export function createBreakReader(
  tls: TlsFiles | undefined,
  nowMs: () => number = Date.now,
): (end: { readonly code: number; readonly details: string }) => string {
  return ({ code, details }) => {
    const text = `${details} (status ${code})`;
    const meaning = MEANINGS.find(([pattern]) => pattern.test(details))?.[1];
    if (meaning !== undefined) return `${meaning}: ${text}`;
    // With TLS 1.3 the other side judges our certificate after the handshake, and may only hang up.
    const own = tls === undefined || code !== status.UNAVAILABLE ? undefined : ownTrouble(tls, nowMs());
    return own === undefined ? text : `${own}: ${text}`;
  };
}

function ownTrouble(tls: TlsFiles, nowMs: number): string | undefined {
  try {
    return certificateTrouble(tls, nowMs);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
