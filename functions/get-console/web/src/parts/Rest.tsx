import type { Whole } from '../api/client';
import { Notice } from './Notice';

/** Says what a list does not show, and reads more of it. */
export function Rest({ of: list, onMore }: { of: Whole<unknown>; onMore: () => void }) {
  return (
    <>
      {list.damaged > 0 && <Notice tone="warn"><strong>{list.damaged === 1 ? 'One record cannot' : `${list.damaged} records cannot`} be read</strong> and {list.damaged === 1 ? 'is' : 'are'} missing here. The log of the function names {list.damaged === 1 ? 'it' : 'them'}.</Notice>}
      {list.more && <Notice><div class="spread"><span><strong>There are more.</strong> These are the first {list.items.length.toLocaleString('en')}.</span><button type="button" onClick={onMore}>Show more</button></div></Notice>}
    </>
  );
}

/** Returns the hint of a choice that does not offer everything. */
export const restHint = (list: Whole<unknown>): string => (list.more ? ` Only the first ${list.items.length.toLocaleString('en')} are offered; for others, use the API.` : '');
