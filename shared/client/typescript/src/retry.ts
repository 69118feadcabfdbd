import type { KeywardError } from './error.js';

const first = 200; // milliseconds
const most = 20_000;

/** Returns how many milliseconds to wait before a failed request is repeated, or
 * undefined if it must not be. 429 is repeated always, because nothing was done. 503
 * and lost answers are only if a repetition is safe: something may have been done. A
 * wait that is longer than 20 s is the caller's to decide. */
export function waitOf(error: KeywardError, attempt: number, safe: boolean): number | undefined {
  const lost = error.code === 'NETWORK' || error.code === 'CUT_OFF';
  if (error.status !== 429 && !(safe && (error.status === 503 || lost))) return undefined;
  const told = (error.retryAfter ?? 0) * 1000;
  if (told > most) return undefined;
  // Clients that failed together must not come back together.
  return told + Math.random() * Math.min(most, first * 2 ** attempt);
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { clearTimeout(timer); reject(signal?.reason as Error); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', abort); resolve(); }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}
