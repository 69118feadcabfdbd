import { KeywardError, read, readAll, type Whole } from '../api/client';
import type { Schemas } from '../api/schema';
import { holds, managesKeys } from '../session';

export type { Schemas };

/** What one can choose from in a form about keys. A list that the caller may not
 * read is undefined. */
export interface Options {
  catalogue?: Schemas['CatalogueEntry'][] | undefined;
  policies?: Whole<Schemas['Policy']> | undefined;
  users?: Whole<Schemas['User']> | undefined;
  organization?: Schemas['Organization'] | undefined;
}

/** Reads everything that forms about keys offer. */
export async function readOptions(signal: AbortSignal): Promise<Options> {
  if (!managesKeys()) return {};
  const [catalogue, policies, users, organization] = await Promise.all([
    allowed(read<Schemas['PermissionList']>('/v1/permissions', undefined, signal)),
    allowed(readAll<Schemas['Policy']>('/v1/policies', signal)),
    holds('AdministerUsers', 'AdministerApiKeys') ? allowed(readAll<Schemas['User']>('/v1/users', signal)) : undefined,
    allowed(read<Schemas['Organization']>('/v1/organization', undefined, signal)),
  ]);
  return { catalogue: catalogue?.items, policies, users, organization };
}

/** Returns undefined for what the caller may not read. */
export async function allowed<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KeywardError && error.status === 403) return undefined;
    throw error;
  }
}
