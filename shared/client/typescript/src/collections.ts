import { pathOf } from './location.js';
import { type List, listAt } from './pages.js';
import { type ChangeOptions, type Resource, versioned } from './resource.js';
import type { Schemas } from './schema.js';
import type { CallOptions, Transport } from './transport.js';

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
