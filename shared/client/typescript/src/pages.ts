import type { Query } from './location.js';
import type { CallOptions, Transport } from './transport.js';

export interface Page<T> {
  items: T[];
  /** Absent on the last page only, even if a page is empty. */
  nextCursor?: string;
  /** How many records are missing because they cannot be read. */
  damaged?: number;
}

/** A list that is read page by page. */
export interface List<T, Q> {
  list(query?: Q, options?: CallOptions): Promise<Page<T>>;
  pages(query?: Q, options?: CallOptions): AsyncGenerator<Page<T>, void, undefined>;
  /** Reads all items, page by page. pages() also tells how many are damaged. */
  all(query?: Q, options?: CallOptions): AsyncGenerator<T, void, undefined>;
}

/** Reads the list at a path page by page.
 * @internal */
export async function* pages<T>(transport: Pick<Transport, 'send'>, path: string, query: Query = {}, options: CallOptions = {}): AsyncGenerator<Page<T>, void, undefined> {
  for (let cursor = query.cursor; ;) {
    const { value } = await transport.send<Page<T>>('GET', path, { ...options, query: { ...query, cursor } });
    yield value;
    cursor = value.nextCursor;
    if (!cursor) return;
  }
}

/** Returns the list at a path.
 * @internal */
export function listAt<T, Q extends object>(transport: Transport, path: string): List<T, Q> {
  const read = (query?: Q, options?: CallOptions): AsyncGenerator<Page<T>, void, undefined> => pages<T>(transport, path, { ...query } as Query, options);
  return {
    async list(query, options) {
      return (await transport.send<Page<T>>('GET', path, { ...options, query: { ...query } as Query })).value;
    },
    pages: read,
    async* all(query, options) {
      for await (const page of read(query, options)) yield* page.items;
    },
  };
}
