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

/**
 * Starts what a signal may end at any moment. Until it works no handler stands in the way of the signal's own action, for
 * JavaScript does not run while rules are compiled and the kernel checks the programs: on a busy machine that takes
 * seconds. What was raised before is on disk by then. Signals of the first process of a container have no action of their
 * own: there a handler stands in for it, which runs between slices of the work. `start` calls `works` before it tells anybody that it does.
 */
export async function startInterruptibly<T>(
  start: (works: () => void) => Promise<T>,
  signals: readonly NodeJS.Signals[] = SIGNALS,
): Promise<{ readonly started: T; readonly asked: Promise<NodeJS.Signals> }> {
  let working = false;
  let asked = process.pid === 1 ? untilAskedToEnd(signals) : undefined;
  void asked?.then(() => {
    if (!working) process.exit(0);
  });
  const works = (): void => {
    working = true;
    asked ??= untilAskedToEnd(signals);
  };
  const started = await start(works);
  works();
  return { started, asked: asked ?? untilAskedToEnd(signals) };
}
