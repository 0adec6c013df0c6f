import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AtalayaError } from '../../agent/lib/errors.ts';

const KEY_FILE = 'evidence.key';
const PUBLIC_FILE = 'evidence.pub';

/** The key of a collector's anchors, made at its first start (mode 0600); `evidence.pub` lies beside. Throws E_DATA_DIR. */
export function openSigningKey(folder: string): KeyObject {
  const path = join(folder, KEY_FILE);
  try {
    if (!existsSync(path)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      write(path, String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
    }
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519')
      throw new Error(`a key of type ${key.asymmetricKeyType}; expected ed25519`);
    const spki = String(createPublicKey(key).export({ type: 'spki', format: 'pem' }));
    if (!existsSync(join(folder, PUBLIC_FILE))) write(join(folder, PUBLIC_FILE), spki, 0o644);
    return key;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AtalayaError('E_DATA_DIR', `the key of evidence ${path} cannot be used: ${why}`, { cause });
  }
}

/** On disk when it returns, whole or not at all. */
function write(path: string, text: string, mode: number): void {
  const file = openSync(`${path}.new`, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}
