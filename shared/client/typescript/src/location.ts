import { KeywardError } from './error.js';

/** What follows the ? of a URL. undefined and '' are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

/** Returns a URL without a slash at its end. It refuses one over which a key could be
 * read on its way. It does not repeat the URL, which could contain a password. */
export function baseOf(url: string): string {
  const at = URL.canParse(url) ? new URL(url) : undefined;
  const safe = at?.protocol === 'https:' || (at?.protocol === 'http:' && /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(at.hostname));
  if (!at || !safe || at.username || at.password || at.search || at.hash) {
    throw new KeywardError(0, 'INSECURE_URL', 'The URL must be like https://api.example.com, without user, query or fragment. http:// is for loopback only.');
  }
  return at.origin + at.pathname.replace(/\/+$/, '');
}

/** Returns a query with its ?, or ''. */
export function search(query: Query = {}): string {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  return kept.length === 0 ? '' : '?' + new URLSearchParams(kept.map(([name, value]) => [name, String(value)]));
}

/** Returns a path with an id in it. An id that would make it another path is refused. */
export function pathOf(collection: string, id: string, rest = ''): string {
  if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError('The id is missing.');
  return `${collection}/${encodeURIComponent(id)}${rest}`;
}
