import { type APIKey, type ChangeOptions, type Collection, collectionAt, type IssueOptions, type Issued, issued, type Resource, versioned } from './collections.js';
import { pathOf } from './location.js';
import type { Schemas } from './schema.js';
import { Secret } from './secret.js';
import type { CallOptions, Transport } from './transport.js';

const path = '/v1/apikeys';

type KeyCollection = Collection<APIKey, Schemas['list-apikeys'], Schemas['KeyBody'], Schemas['KeyPutBody'], Schemas['KeyPatch']>;

export interface Keys extends Omit<KeyCollection, 'create'> {
  create(body: Schemas['KeyBody'], options?: IssueOptions): Promise<Resource<Issued>>;
  /** Gives it a new secret. */
  rotate(id: string, body?: Schemas['RotateBody'], options?: IssueOptions & { ifMatch?: string }): Promise<Resource<Issued>>;
  /** Ends the previous secret. */
  endPrevious(id: string, options?: CallOptions & { ifMatch?: string }): Promise<void>;
  /** Brings it back, disabled. */
  restore(id: string, options?: CallOptions): Promise<Resource<APIKey>>;
  reveal(id: string, options?: CallOptions): Promise<Secret>;
  usage(id: string, query?: Schemas['get-apikey-usage'], options?: CallOptions): Promise<Schemas['Usage']>;
  permissions(id: string, options?: CallOptions): Promise<Schemas['PermissionUse']>;
  propagation(id: string, options?: CallOptions): Promise<Schemas['Propagation']>;
}

/** Returns the API keys.
 * @internal */
export function keysOf(transport: Transport): Keys {
  const read = async <T>(id: string, rest: string, query: object | undefined, options: CallOptions | undefined): Promise<T> =>
    (await transport.send<T>('GET', pathOf(path, id, rest), { ...options, query: { ...query } })).value;
  const issue = async (at: string, body: unknown, options: IssueOptions & ChangeOptions = {}): Promise<Resource<Issued>> =>
    issued(await transport.send('POST', at, { ...options, body, idempotencyKey: options.idempotencyKey ?? crypto.randomUUID() }));
  return {
    ...(collectionAt(transport, path) as KeyCollection),
    create: (body, options) => issue(path, body, options),
    rotate: async (id, body, options) => issue(pathOf(path, id, '/rotate'), body, options),
    endPrevious: async (id, options) => { await transport.send('DELETE', pathOf(path, id, '/secrets/previous'), options); },
    restore: async (id, options) => versioned(await transport.send<APIKey>('POST', pathOf(path, id, '/restore'), options)),
    reveal: async (id, options) => new Secret((await transport.send<Schemas['RevealedKey']>('POST', pathOf(path, id, '/reveal'), options)).value.apiKey),
    usage: (id, query, options) => read(id, '/usage', query, options),
    permissions: (id, options) => read(id, '/permissions', undefined, options),
    propagation: (id, options) => read(id, '/propagation', undefined, options),
  };
}
