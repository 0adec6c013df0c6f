import type { Config } from './config.gen.ts';

/** Of a configuration's section, what a channel or server is told. Empty paths are none; without any there is no TLS. */
export function securityOf({ insecure, tls }: Pick<Config['collector'], 'insecure' | 'tls'>): {
  readonly insecure: boolean;
  readonly tls?: Partial<Config['collector']['tls']>;
} {
  const files = Object.entries(tls).filter(([, path]) => path !== '');
  return files.length === 0 ? { insecure } : { insecure, tls: Object.fromEntries(files) };
}
