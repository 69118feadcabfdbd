import { KeywardError, refusal } from './error.js';
import { type Secret, textOf } from './secret.js';

/** What follows the ? of a URL. undefined and '' are left out.
 * @internal */
export type Query = Record<string, string | number | boolean | undefined>;

/** How to reach Keyward. */
export interface Settings {
  /** Such as https://api.example.com. Only loopback works without https. */
  url: string;
  key?: string | Secret;
  /** Instead of key: returns the header for each attempt, such as `Bearer ${token}`. */
  authorization?: () => string | Promise<string>;
  /** How often to repeat what is safe to repeat. Default: 2. */
  retries?: number;
  /** Milliseconds for an attempt. Default: 30,000. */
  timeout?: number;
  fetch?: typeof fetch;
}

/** What every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** A request besides its method and path.
 * @internal */
export interface Call extends CallOptions {
  query?: Query | undefined;
  /** Sent as JSON; URLSearchParams as a form. */
  body?: unknown;
  /** The ETag of the version that a change was made from. */
  ifMatch?: string | undefined;
  ifNoneMatch?: string | undefined;
  /** Makes a repeated POST safe: the same value, the same outcome. */
  idempotencyKey?: string | undefined;
  /** Asks only, although it is a POST. */
  asks?: boolean;
  /** A credential to use instead of the client's. */
  authorization?: string | undefined;
}

/** An answer with the version of what it shows.
 * @internal */
export interface Answer<T> {
  value: T;
  etag: string;
}

/** Sends requests, and repeats those that are safe to repeat.
 * @internal */
export class Transport {
  readonly #url: string;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#url = baseOf(settings.url);
    this.#settings = settings;
  }

  /** Sends a request and returns its answer. It throws a KeywardError for anything
   * but a success, and the signal's reason after an abort. */
  async send<T>(method: string, path: string, call: Call = {}): Promise<Answer<T>> {
    const { retries = 2 } = this.#settings;
    const request = requestOf(method, call);
    for (let attempt = 0, lost = false; ; attempt++) {
      call.signal?.throwIfAborted();
      try {
        return await this.#attempt<T>(path + search(call.query), request, call);
      } catch (error) {
        if (!(error instanceof KeywardError)) throw error;
        // The answer to an earlier attempt was lost, and that one deleted it.
        if (lost && method === 'DELETE' && error.status === 404) return { value: undefined as T, etag: '' };
        const wait = attempt < retries ? waitOf(error, attempt, repeatable(method, call)) : undefined;
        if (wait === undefined) throw error;
        lost ||= error.status !== 429;
        await pause(wait, call.signal);
      }
    }
  }

  async #attempt<T>(path: string, request: RequestInit & { headers: Record<string, string> }, call: Call): Promise<Answer<T>> {
    const { timeout = 30_000, fetch = globalThis.fetch } = this.#settings;
    const headers = { ...request.headers, Authorization: call.authorization ?? await this.#authorization() };
    if (!/^[ -~]*$/.test(headers.Authorization)) throw new TypeError('The credential contains characters that no key or token has.');
    const end = new AbortController();
    const abort = (): void => end.abort();
    const timer = setTimeout(abort, timeout);
    call.signal?.addEventListener('abort', abort);
    if (call.signal?.aborted) abort();
    let response: Response | undefined;
    let room = 8 << 20; // more than Keyward answers
    const bound = new TransformStream<Uint8Array, Uint8Array>({
      transform: (part, to) => ((room -= part.length) < 0 ? to.error() : to.enqueue(part)),
    });
    try {
      response = await fetch(this.#url + path, { ...request, headers, signal: end.signal });
      const text = await new Response(response.body?.pipeThrough(bound)).text();
      if (!response.ok) throw refusal(response, text);
      return { value: parse<T>(text), etag: response.headers.get('ETag') ?? '' };
    } catch (cause) {
      if (cause instanceof KeywardError) throw cause;
      if (room < 0) throw new KeywardError(0, 'TOO_LARGE', 'The answer is larger than 8 MB.');
      if (call.signal?.aborted) throw call.signal.reason;
      if (end.signal.aborted) throw new KeywardError(0, 'TIMEOUT', 'There was no answer in time.');
      const [code, detail] = response ? ['CUT_OFF', 'The answer broke off.'] as const : ['NETWORK', 'The API cannot be reached.'] as const;
      throw new KeywardError(0, code, detail, {}, undefined, cause);
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', abort);
    }
  }

  async #authorization(): Promise<string> {
    const { key, authorization } = this.#settings;
    return authorization ? authorization() : `Bearer ${textOf(key ?? '')}`;
  }
}

/** Returns a URL without a slash at its end. It refuses one over which a key could be
 * read on its way. It does not repeat the URL, which could contain a password. */
function baseOf(url: string): string {
  if (!url) throw new TypeError('The URL is missing.');
  const at = URL.canParse(url) ? new URL(url) : undefined;
  const safe = at?.protocol === 'https:' || (at?.protocol === 'http:' && /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(at.hostname));
  if (!at || !safe || at.username || at.password || at.search || at.hash) {
    throw new KeywardError(0, 'INSECURE_URL', 'The URL must be like https://api.example.com, without user, query or fragment. http:// is for loopback only.');
  }
  return at.origin + at.pathname.replace(/\/+$/, '');
}

/** Returns a query with its ?, or ''. */
function search(query: Query = {}): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return kept.length === 0 ? '' : '?' + new URLSearchParams(kept.map(([name, value]) => [name, String(value)]));
}

function parse<T>(text: string): T {
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch { // without the cause, which quotes the answer
    throw new KeywardError(0, 'CUT_OFF', 'The answer broke off, or is not Keyward’s.');
  }
}

function requestOf(method: string, call: Call): RequestInit & { headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  const form = call.body instanceof URLSearchParams;
  if (call.body !== undefined) headers['Content-Type'] = form ? 'application/x-www-form-urlencoded' : 'application/json';
  if (call.ifMatch) headers['If-Match'] = call.ifMatch;
  if (call.ifNoneMatch) headers['If-None-Match'] = call.ifNoneMatch;
  if (call.idempotencyKey) headers['Idempotency-Key'] = call.idempotencyKey;
  return {
    method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
    body: call.body === undefined ? null : form ? String(call.body) : JSON.stringify(call.body),
  };
}

// A repeated change of a known version would be refused as somebody else's change, if
// the first had been made and only its answer was lost.
const repeatable = (method: string, call: Call): boolean =>
  method === 'GET' || call.asks === true || call.idempotencyKey !== undefined || (method !== 'POST' && !call.ifMatch && !call.ifNoneMatch);

// The first wait before a repetition, and the longest, in milliseconds.
const firstWait = 200;
const longestWait = 20_000;

/** Returns how many milliseconds to wait before a failed request is repeated, or
 * undefined if it must not be. 429 is repeated always, because nothing was done. 503
 * and lost answers are only if a repetition is safe: something may have been done. A
 * wait that is longer than 20 s is the caller's to decide. */
function waitOf(error: KeywardError, attempt: number, safe: boolean): number | undefined {
  const lost = error.code === 'NETWORK' || error.code === 'CUT_OFF';
  if (error.status !== 429 && !(safe && (error.status === 503 || lost))) return undefined;
  const told = (error.retryAfter ?? 0) * 1000;
  if (told > longestWait) return undefined;
  // Clients that failed together must not come back together.
  return told + Math.random() * Math.min(longestWait, firstWait * 2 ** attempt);
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { clearTimeout(timer); reject(signal?.reason as Error); };
    const timer = setTimeout(() => { signal?.removeEventListener('abort', abort); resolve(); }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}
