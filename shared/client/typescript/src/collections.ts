import type { Schemas } from './schema.js';
import { Secret } from './secret.js';
import type { Answer, CallOptions, Query, Transport } from './transport.js';

/** An answer with its version, which a copy or JSON does not contain. */
export type Resource<T> = T & { readonly etag: string };

export type APIKey = Omit<Schemas['APIKey'], 'apiKey'>;

/** A key with its text, from create and rotate. */
export type Issued = APIKey & { apiKey: Secret };

export interface ChangeOptions extends CallOptions {
  /** The etag of the version that it changes. Any other is a 412. */
  ifMatch?: string;
  /** Even if nobody could administer keys, or withdrawn permissions are in use. */
  force?: boolean;
}

export interface IssueOptions extends CallOptions {
  /** Default: a new one for each call. */
  idempotencyKey?: string;
}

/** Returns an answer's value with its version.
 * @internal */
export const versioned = <T>({ value, etag }: Answer<T>): Resource<T> => Object.defineProperty(value as Resource<T>, 'etag', { value: etag });

/** Returns an answer with the text of a key wrapped.
 * @internal */
export const issued = ({ value, etag }: Answer<Schemas['APIKey']>): Resource<Issued> =>
  versioned({ value: { ...value, apiKey: new Secret(value.apiKey ?? '') }, etag });

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

export interface Policies extends Collection<Schemas['Policy'], Schemas['list-policies'], Schemas['PolicyBody'], Schemas['PolicyBody'], Schemas['PolicyPatch']> {
  /** With the confirm value of a 409: also deletes its keys. */
  delete(id: string, options?: ChangeOptions & { confirm?: string }): Promise<void>;
}

export type Users = Collection<Schemas['User'], Schemas['list-users'], Schemas['UserBody'], Schemas['UserBody'], Schemas['UserPatch']>;

export interface Services extends List<Schemas['Service'], Schemas['list-services']> {
  get(id: string, options?: CallOptions): Promise<Resource<Schemas['Service']>>;
  /** Registers or replaces it. */
  put(id: string, body: Schemas['ServiceBody'], options?: ChangeOptions & { ifNoneMatch?: '*' }): Promise<Resource<Schemas['Service']>>;
  delete(id: string, options?: ChangeOptions): Promise<Schemas['Withdrawal'] | undefined>;
}

export interface Collection<T, Q, New, Body, Patch> extends List<T, Q> {
  create(body: New, options?: CallOptions): Promise<Resource<T>>;
  get(id: string, options?: CallOptions): Promise<Resource<T>>;
  /** Replaces it. */
  update(id: string, body: Body, options?: ChangeOptions): Promise<Resource<T>>;
  patch(id: string, body: Patch, options?: ChangeOptions): Promise<Resource<T>>;
  delete(id: string, options?: ChangeOptions): Promise<void>;
}

/** Returns the collection at a path.
 * @internal */
export function collectionAt<T extends object, Q extends object, New, Body, Patch>(transport: Transport, path: string): Collection<T, Q, New, Body, Patch> {
  const change = async (method: string, id: string, body: unknown, { force, confirm, ...options }: ChangeOptions & { confirm?: string } = {}): Promise<Resource<T>> =>
    versioned(await transport.send<T>(method, pathOf(path, id), { ...options, body, query: { force, confirm } }));
  return {
    ...listAt<T, Q>(transport, path),
    create: async (body, options) => versioned(await transport.send<T>('POST', path, { ...options, body })),
    get: async (id, options) => versioned(await transport.send<T>('GET', pathOf(path, id), options)),
    update: (id, body, options) => change('PUT', id, body, options),
    patch: (id, body, options) => change('PATCH', id, body, options),
    delete: async (id, { force, confirm, ...options }: ChangeOptions & { confirm?: string } = {}) => {
      await transport.send('DELETE', pathOf(path, id), { ...options, query: { force, confirm } });
    },
  };
}

/** Returns the services.
 * @internal */
export function servicesOf(transport: Transport): Services {
  const path = '/v1/services';
  return {
    ...listAt<Schemas['Service'], Schemas['list-services']>(transport, path),
    get: async (id, options) => versioned(await transport.send<Schemas['Service']>('GET', pathOf(path, id), options)),
    put: async (id, body, { force, ...options } = {}) => versioned(await transport.send<Schemas['Service']>('PUT', pathOf(path, id), { ...options, body, query: { force } })),
    delete: async (id, { force, ...options } = {}) => (await transport.send<Schemas['Withdrawal'] | undefined>('DELETE', pathOf(path, id), { ...options, query: { force } })).value,
  };
}

/** Returns a path with an id in it. An id that would make it another path is refused.
 * @internal */
export function pathOf(collection: string, id: string, rest = ''): string {
  if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError('The id is missing.');
  return `${collection}/${encodeURIComponent(id)}${rest}`;
}
