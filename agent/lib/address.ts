/** Text of a raw network-order address: dotted quad for 4 bytes, compressed hex groups for 16, '' otherwise. */
export function addressText(raw: string): string {
  if (raw.length === 4) return ipv4Text(raw, 0);
  if (raw.length !== 16) return '';
  return isMappedAddress(raw) ? ipv4Text(raw, 12) : ipv6Text(raw);
}

/** True for ::ffff:a.b.c.d, which is an IPv4 peer of an IPv6 socket. */
export function isMappedAddress(raw: string): boolean {
  return raw.length === 16 && raw.startsWith('\0\0\0\0\0\0\0\0\0\0\xff\xff');
}

/** True when all bytes are zero: the wildcard address, or an end that is not known. */
export function isZeroAddress(raw: string): boolean {
  for (let i = 0; i < raw.length; i++) if (raw.charCodeAt(i) !== 0) return false;
  return true;
}

function ipv4Text(raw: string, at: number): string {
  return `${raw.charCodeAt(at)}.${raw.charCodeAt(at + 1)}.${raw.charCodeAt(at + 2)}.${raw.charCodeAt(at + 3)}`;
}

function ipv6Text(raw: string): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((raw.charCodeAt(i) << 8) | raw.charCodeAt(i + 1));
  const [start, length] = longestZeroRun(groups);
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  // A single zero group is not compressed (RFC 5952, section 4.2.2).
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best = 0;
  let bestLength = 0;
  for (let i = 0; i < groups.length; i++) {
    let length = 0;
    while (groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
    i += length;
  }
  return [best, bestLength];
}
