/** In Node.js since version 20, but not in the type declarations of ES2023. */
interface WellFormed {
  toWellFormed(): string;
}

/**
 * Text that UTF-8 can say: lone surrogates (a character that was cut in two) become U+FFFD. Without this the bytes would
 * not be UTF-8, and no reader of the message could read any of it.
 */
export function wellFormed(text: string): string {
  return (text as unknown as WellFormed).toWellFormed();
}
