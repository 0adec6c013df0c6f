const NAMES: readonly string[] = (
  '- SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM ' +
  'SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF ' +
  'SIGWINCH SIGIO SIGPWR SIGSYS'
).split(' ');

/** Name of a signal (the numbers of x86_64 and arm64); undefined for 0, real-time and unknown ones. */
export function signalName(signal: number): string | undefined {
  return signal > 0 ? NAMES[signal] : undefined;
}
