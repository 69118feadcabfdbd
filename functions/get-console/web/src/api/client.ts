// The only file that talks to the API.
import { apiURL } from '../base';
import { credential, lost } from '../session';
import { Fault, type Problem } from './fault';

/** What a request may carry besides its method and path. */
export interface Options {
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** The ETag of the version that a change was made from. */
  ifMatch?: string;
  /** Makes a repeated POST safe: the same value, the same outcome. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** A credential to try instead of the session's. */
  authorization?: string;
}

/** An answer with the version of what it shows. */
export interface Answer<T> {
  value: T;
  etag: string;
}

// The gateway gives up after 29 seconds.
const patience = 30_000;

/** Sends a request. It throws a Fault for anything but a success. */
export async function send<T>(method: string, path: string, options: Options = {}): Promise<Answer<T>> {
  const authorization = options.authorization ?? credential();
  const response = await attempt(method, path, options, authorization);
  const text = await response.text().catch(() => { throw new Fault(0, 'CUT_OFF', 'The answer broke off.'); });
  if (response.ok) return { value: (text === '' ? undefined : parse(text)) as T, etag: response.headers.get('ETag') ?? '' };
  const fault = Fault.of(response, text);
  if (fault.status === 401 && options.authorization === undefined) lost('The API does not accept the credential any more.', authorization);
  throw fault;
}

async function attempt(method: string, path: string, options: Options, authorization: string): Promise<Response> {
  const headers: Record<string, string> = { Authorization: authorization };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (options.ifMatch) headers['If-Match'] = options.ifMatch;
  if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
  const limit = AbortSignal.timeout(patience);
  try {
    return await fetch(apiURL + path + search(options.query), {
      method, headers, credentials: 'omit', cache: 'no-store', redirect: 'error', referrerPolicy: 'no-referrer',
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ? AbortSignal.any([options.signal, limit]) : limit,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (limit.aborted) throw new Fault(0, 'TIMEOUT', 'There was no answer in time.');
    throw new Fault(0, 'NETWORK', 'The API cannot be reached.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Fault(0, 'CUT_OFF', 'The answer broke off.');
  }
}

function search(query: Options['query']): string {
  const kept = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  return kept.length === 0 ? '' : '?' + new URLSearchParams(kept.map(([name, value]) => [name, String(value)]));
}

/** Returns the body of an answer, for those who need no version. */
export async function read<T>(path: string, query?: Options['query'], signal?: AbortSignal): Promise<T> {
  return (await send<T>('GET', path, { query, signal })).value;
}

/** Reads a list to its end, or until it has that many items. */
export async function readAll<T>(path: string, signal?: AbortSignal, most = 1000): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: T[]; nextCursor?: string } = await read(path, { limit: 100, cursor }, signal);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor && items.length < most);
  return items;
}

export type { Problem };
