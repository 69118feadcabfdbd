import { holds, me } from '../session';
import type { APIKey } from './keys';

/** Reports whether the caller may change a key and see all of it: any with
 * AdministerApiKeys, those that one made with ManageApiKeys, and one's own. */
export function manages(key: APIKey): boolean {
  if (holds('AdministerApiKeys')) return true;
  const who = me.value?.user?.id ?? me.value?.id;
  return key.type === 'personal' && key.onBehalfOf === who || holds('ManageApiKeys') && key.createdBy.userId === who;
}
