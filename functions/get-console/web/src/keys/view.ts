// What the list of keys shows is in the page's URL, so that a view can be shared.
import { managesKeys, me } from '../session';
import { daysFromNow } from '../rules/time';

/** The filters by name, and what each asks the API for. */
export const shows = {
  '': 'All keys',
  active: 'Active',
  expiring: 'Expiring within 30 days',
  unused: 'Unused for 90 days',
  never: 'Never used',
  disabled: 'Disabled',
  expired: 'Expired',
  overlap: 'With two secrets',
  mine: 'Mine',
  deleted: 'Deleted',
} as const;

export type Show = keyof typeof shows;

export interface View {
  show: Show;
  q: string;
  policy: string;
  user: string;
  service: string;
  sort: string;
  order: string;
  size: string;
  cursor: string;
}

/** Returns the view that a URL's query stands for. What it does not know is left out. */
export function viewOf(query: Record<string, string>): View {
  const known = (name: string, values: string[]): string => (values.includes(query[name] ?? '') ? query[name] ?? '' : '');
  return {
    show: known('show', Object.keys(shows)) as Show,
    q: query.q ?? '', policy: query.policy ?? '', user: query.user ?? '', service: query.service ?? '',
    sort: known('sort', ['createdOn', 'name', 'lastUsedOn', 'expiresOn']), order: known('order', ['asc', 'desc']),
    size: known('size', ['25', '50', '100']), cursor: query.cursor ?? '',
  };
}

/** Returns a view as a URL's query. Another view than the one before starts at its
 * first page. */
export function queryOf(view: Partial<View>): string {
  const kept = Object.entries(view).filter(([, value]) => value !== '');
  return kept.length === 0 ? '' : '?' + new URLSearchParams(kept);
}

/** Returns what a view asks the API for. */
export function asked(view: View): Record<string, string | number | boolean | undefined> {
  return {
    limit: Number(view.size || 50), cursor: view.cursor || undefined, q: view.q || undefined,
    policyId: view.policy || undefined, onBehalfOf: view.user || undefined, service: view.service || undefined,
    sort: view.sort || undefined, order: view.sort ? view.order || undefined : undefined,
    ...filters(view.show),
  };
}

function filters(show: Show): Record<string, string | boolean | undefined> {
  switch (show) {
    case 'active': case 'disabled': case 'expired': case 'overlap': case 'deleted':
      return { state: show };
    case 'expiring':
      return { state: 'active', expiresBefore: daysFromNow(30).toISOString() };
    case 'unused':
      return { unusedSince: daysFromNow(-90).toISOString() };
    case 'never':
      return { neverUsed: true };
    case 'mine':
      // Those that one made, or, for whoever makes none for others, one's own.
      return managesKeys() ? { createdBy: me.value?.user?.id ?? me.value?.id } : { onBehalfOf: me.value?.user?.id };
  }
  return {};
}
