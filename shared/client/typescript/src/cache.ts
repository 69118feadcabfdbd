/** A time on both clocks: the wall's goes on while a machine sleeps, and the other
 * is not set back. */
export type Moment = readonly [wall: number, steady: number];

/** Returns this moment. */
export const now = (): Moment => [Date.now(), performance.now()];

/** Returns how many milliseconds ago a moment was, by the clock that says more. */
export const age = ([wall, steady]: Moment): number => Math.max(Date.now() - wall, performance.now() - steady);

interface Entry<T> {
  value: T;
  /** The question began at from; the value may be used until it is that old. */
  from: Moment;
  ttl: number;
  bytes: number;
}

/** Values for a while, by the digest of what they answer. It is bounded in entries and
 * in bytes; the least recently used goes first. */
export class Cache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  bytes = 0;

  constructor(readonly mostEntries: number, readonly mostBytes: number) {}

  get size(): number { return this.#entries.size; }

  /** Returns a value that may still be used. */
  get(id: string): T | undefined {
    const entry = this.#entries.get(id);
    if (!entry) return undefined;
    this.delete(id);
    if (!(age(entry.from) < entry.ttl)) return undefined;
    this.#keep(id, entry); // the most recently used is the last
    return entry.value;
  }

  /** Keeps the answer to a question that began at from, for some milliseconds from then. */
  set(id: string, value: T, from: Moment, ttl: number, bytes: number): void {
    this.delete(id);
    if (!(age(from) < ttl) || bytes > this.mostBytes) return;
    this.#keep(id, { value, from, ttl, bytes });
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= this.mostEntries && this.bytes <= this.mostBytes) return;
      this.delete(oldest);
    }
  }

  delete(id: string): void {
    this.bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }

  #keep(id: string, entry: Entry<T>): void {
    this.#entries.set(id, entry);
    this.bytes += entry.bytes;
  }
}

/** Returns a function that turns texts into digests, under a key of its own that exists
 * in this process's memory only. */
export function digester(): (text: string) => Promise<string> {
  const key = crypto.subtle.importKey('raw', crypto.getRandomValues(new Uint8Array(32)), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return async (text) => {
    const digest = await crypto.subtle.sign('HMAC', await key, new TextEncoder().encode(text));
    return String.fromCharCode(...new Uint8Array(digest));
  };
}
