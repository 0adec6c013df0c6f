const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Resolves when somebody wants the program to end: Ctrl-C, SIGTERM, or a terminal that closes. A second signal ends it
 * at once, in the signal's own way.
 */
export function untilAskedToEnd(signals: readonly NodeJS.Signals[] = SIGNALS): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const asked = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.removeListener(each, asked);
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, asked);
  });
}
