import { useLocation } from 'preact-iso';
import { useCallback, useRef, useState } from 'preact/hooks';
import { read } from '../api/client';
import type { Page as ListPage, Schemas } from '../api/schema';
import { to } from '../base';
import { Empty, Failure, Notice, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { useAnswer } from '../parts/useAnswer';
import type { APIKey } from '../rules/keys';
import { type Action, KeyAction } from './actions';
import { Filters } from './Filters';
import { NewKey } from './NewKey';
import { KeyTable } from './Table';
import { asked, queryOf, type View, viewOf } from './view';

type KeyList = ListPage<Schemas['APIKey']>;

export function Keys() {
  const { query, route } = useLocation();
  const view = viewOf(query);
  const [action, setAction] = useState<{ kind: Exclude<Action, 'usage'>; of: APIKey }>();
  const list = useAnswer((signal) => read<KeyList>('/v1/apikeys', asked(view), signal), [queryOf(view)]);
  // The cursor of the page before, by that of a page.
  const before = useRef(new Map<string, string>());
  const show = (change: Partial<View>): void => {
    // This page stays while the next one loads. It must not lead back from there.
    if (location.pathname.replace(/\/+$/, '') !== to('keys')) return;
    // A search that was typed just before the form opened must not close it.
    const creating = new URLSearchParams(location.search).has('new');
    route(withNew({ ...view, cursor: '', ...change }, creating), change.q !== undefined);
  };
  const act = useCallback((kind: Action, of: APIKey): void => {
    if (kind === 'usage') route(to(`keys/${of.id}`));
    else setAction({ kind, of });
  }, []);
  const creating = query.new !== undefined;
  const close = (): void => route(to('keys') + queryOf(view), true);
  return (
    <Page title="API keys" actions={<a class="button primary" href={withNew(view, true)}>New API key</a>}>
      <Filters view={view} show={show} />
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {!list.value && list.loading && <Waiting lines={6} what="Loading the keys" />}
      {list.value && <Found list={list.value} view={view} show={show} busy={list.loading} act={act} />}
      {list.value && <Paging list={list.value} view={view} show={show} before={before.current} />}
      {creating && <NewKey onClose={close} onDone={() => { close(); list.reload(); }} />}
      {action && <KeyAction kind={action.kind} of={action.of} onClose={() => setAction(undefined)} onDone={() => { setAction(undefined); list.reload(); }} />}
    </Page>
  );
}

/** Returns the address of a view, with the form for a new key or without. */
function withNew(view: View, creating: boolean): string {
  const query = queryOf(view);
  return to('keys') + (creating ? `${query || '?'}${query && '&'}new=1` : query);
}

interface FoundProps {
  list: KeyList;
  view: View;
  show: (change: Partial<View>) => void;
  busy: boolean;
  act: (kind: Action, of: APIKey) => void;
}

function Found({ list, view, show, busy, act }: FoundProps) {
  const narrowed = view.show || view.q || view.policy || view.user || view.service;
  return (
    <>
      {list.damaged !== undefined && <Notice tone="warn"><strong>{list.damaged} records cannot be read</strong> and are missing here. The log of the function names them.</Notice>}
      <p class="sr" role="status">{busy ? 'Loading' : `${list.items.length} keys on this page`}</p>
      {list.items.length > 0 && <KeyTable keys={list.items} view={view} show={show} act={act} />}
      {list.items.length === 0 && list.nextCursor && <Empty title="Nothing on this page">There may be more on the next.</Empty>}
      {list.items.length === 0 && !list.nextCursor && (narrowed
        ? <Empty title="No key matches"><button type="button" class="link" onClick={() => show({ show: '', q: '', policy: '', user: '', service: '' })}>Show all keys</button></Empty>
        : <Empty title="There are no keys yet">A key lets a program call your APIs. Make the first one.</Empty>)}
    </>
  );
}

function Paging({ list, view, show, before }: { list: KeyList; view: View; show: (change: Partial<View>) => void; before: Map<string, string> }) {
  const next = list.nextCursor;
  const previous = before.get(view.cursor);
  return (
    <nav class="spread" aria-label="Pages of the list">
      <label class="row small soft">Keys on a page
        <select class="small" style={{ width: 'auto' }} value={view.size || '50'} onChange={(event) => show({ size: event.currentTarget.value })}>
          <option>25</option><option>50</option><option>100</option>
        </select>
      </label>
      <div class="row">
        {view.cursor && <button type="button" onClick={() => show({ cursor: previous ?? '' })}>{previous === undefined ? 'First page' : 'Previous page'}</button>}
        {next && <button type="button" onClick={() => { before.set(next, view.cursor); show({ cursor: next }); }}>Next page</button>}
      </div>
    </nav>
  );
}
