/**
 * What a secret in a command line, a variable or a header looks like. Only the secret itself is masked; its name stays.
 * Bounded repetitions keep every pattern linear, whatever an attacker writes.
 */

/** Words at the end of the name of an option, a variable or a header that say that its value is a secret. */
export const SECRET_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'mysql-pwd',
  'secret',
  'token',
  'api-key',
  'apikey',
  'access-key',
  'accesskey',
  'secret-key',
  'auth-key',
  'credential',
  'credentials',
] as const;

/** Names that are secret only as a whole: as an ending it is in too many other words. */
export const SECRET_NAMES = ['pass'] as const;

/** Tokens that their form gives away, wherever they stand. */
export const TOKENS: readonly RegExp[] = [
  /\b(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{16}\b/g,
  /\bgh[oprsu]_[A-Za-z0-9]{36,255}\b/g,
  /\bgithub_pat_[A-Za-z0-9_]{22,255}\b/g,
  /\bglpat-[A-Za-z0-9_-]{20,255}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}/g,
  /\bnpm_[A-Za-z0-9]{36}\b/g,
  /\bsk_live_[A-Za-z0-9]{16,255}\b/g,
  /\bAIza[A-Za-z0-9_-]{35}/g,
  /\beyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}/g,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,8192}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
];

/** `scheme://user:SECRET@host`: the part between the colon and the last @ before the path. */
export const URL_SECRET = /\b([A-Za-z][A-Za-z0-9+.-]{0,30}:\/\/[^\s:/?#@"']{0,256}:)([^\s/?#"']{1,1024})(?=@)/g;

/** `Authorization: Bearer SECRET`, and a bare `Bearer SECRET`. */
export const HEADER_SECRET =
  /\b((?:proxy-)?authorization\s{0,4}:\s{0,4}(?:[A-Za-z]{1,20}\s{1,4})?|bearer\s{1,4})([^\s"',;]{4,4096})/gi;

/** Programs with options of one letter whose value is a secret, as `-pSECRET` or (spaced) `-p SECRET`. */
export const LETTER_OPTIONS: Readonly<Record<string, { readonly letter: string; readonly form: 'attached' | 'both' }>> =
  {
    mysql: { letter: 'p', form: 'attached' },
    mysqldump: { letter: 'p', form: 'attached' },
    mysqladmin: { letter: 'p', form: 'attached' },
    mysqlimport: { letter: 'p', form: 'attached' },
    mariadb: { letter: 'p', form: 'attached' },
    'mariadb-dump': { letter: 'p', form: 'attached' },
    '7z': { letter: 'p', form: 'attached' },
    sshpass: { letter: 'p', form: 'both' },
    zip: { letter: 'P', form: 'both' },
    unzip: { letter: 'P', form: 'both' },
    'redis-cli': { letter: 'a', form: 'both' },
    ldapsearch: { letter: 'w', form: 'both' },
    ldapmodify: { letter: 'w', form: 'both' },
    ldapadd: { letter: 'w', form: 'both' },
  };

/** Programs whose option takes `USER:SECRET` or `USER%SECRET`. */
export const USER_OPTIONS: Readonly<
  Record<string, { readonly options: readonly string[]; readonly separator: string }>
> = {
  curl: { options: ['-u', '--user', '-U', '--proxy-user'], separator: ':' },
  smbclient: { options: ['-U', '--user'], separator: '%' },
  rpcclient: { options: ['-U', '--user'], separator: '%' },
};
