import type { ByteString } from '../events/bytestring.ts';

/** Service names by port, from the text of a services file; TCP's name where the protocols differ. */
export function parseServices(text: ByteString): Map<number, ByteString> {
  const services = new Map<number, ByteString>();
  for (const line of text.split('\n')) {
    const match = /^([^#\s]+)\s+(\d{1,5})\/(tcp|udp)\b/.exec(line);
    if (match === null) continue;
    const [, name = '', port = '', protocol] = match;
    if (protocol === 'tcp' || !services.has(Number(port))) services.set(Number(port), name);
  }
  return services;
}
