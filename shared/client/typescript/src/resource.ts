import type { Schemas } from './schema.js';
import { Secret } from './secret.js';
import type { Answer, CallOptions } from './transport.js';

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

