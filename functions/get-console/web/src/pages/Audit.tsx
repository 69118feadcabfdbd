import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { read } from '../api/client';
import type { Page as ListPage, Schemas } from '../api/schema';
import { to } from '../base';
import { Field } from '../parts/Field';
import { linesOf } from '../parts/Diff';
import { type AuditEvent, Events } from '../parts/History';
import { Empty, Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { say } from '../parts/said';
import { useAnswer } from '../parts/useAnswer';
import { useSubmit } from '../parts/useSubmit';
import { actionName, actions } from '../rules/actions';
import { csv } from '../rules/csv';

type EventList = ListPage<Schemas['AuditEvent']>;

const names = ['action', 'target', 'actor', 'from', 'to'] as const;
type Filter = Record<(typeof names)[number], string>;

/** The audit trail. Its filter is in the URL. */
export function Audit() {
  const { query, route } = useLocation();
  const filter = Object.fromEntries(names.map((name) => [name, query[name] ?? ''])) as Filter;
  const cursor = query.cursor ?? '';
  const list = useAnswer((signal) => read<EventList>('/v1/audit-events', { ...asked(filter), limit: 50, cursor }, signal), [JSON.stringify(filter), cursor]);
  const show = (change: Partial<Filter> & { cursor?: string }): void => {
    const kept = Object.entries({ ...filter, ...change }).filter(([, value]) => value);
    route(to('audit') + (kept.length > 0 ? '?' + new URLSearchParams(kept as [string, string][]) : ''));
  };
  return (
    <Page title="Audit trail" intro="Every change and every reveal, by whom and from where. Nobody can change or delete a record." actions={<Export filter={filter} />}>
      <Filters filter={filter} show={show} />
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {!list.value && list.loading && <Waiting lines={6} what="Loading the audit trail" />}
      {list.value && list.value.items.length > 0 && <Events events={list.value.items} targets />}
      {list.value?.items.length === 0 && <Empty title={list.value.nextCursor ? 'Nothing on this page' : 'Nothing matches'} />}
      <nav class="row" aria-label="Pages of the audit trail">
        {cursor && <button type="button" onClick={() => show({})}>Newest</button>}
        {list.value?.nextCursor && <button type="button" onClick={() => show({ cursor: list.value?.nextCursor ?? '' })}>Older</button>}
      </nav>
    </Page>
  );
}

/** Returns a filter as the API takes it: days become the times at which they begin
 * and end where the reader is. */
function asked(filter: Filter): Record<string, string | undefined> {
  const start = (text: string, days: number): string | undefined => {
    const time = new Date(`${text}T00:00:00`);
    if (Number.isNaN(time.getTime())) return undefined;
    time.setDate(time.getDate() + days);
    return time.toISOString();
  };
  return { action: filter.action || undefined, target: filter.target || undefined, actor: filter.actor || undefined, from: start(filter.from, 0), to: start(filter.to, 1) };
}

function Filters({ filter, show }: { filter: Filter; show: (change: Partial<Filter>) => void }) {
  const [target, setTarget] = useState(filter.target);
  const [actor, setActor] = useState(filter.actor);
  return (
    <form class="bar" role="search" onSubmit={(event) => { event.preventDefault(); show({ target: target.trim(), actor: actor.trim() }); }}>
      <Field label="What"><select value={filter.action} onChange={(event) => show({ action: event.currentTarget.value })}><option value="">Everything</option>{actions.map((action) => <option key={action} value={action}>{actionName(action)}</option>)}</select></Field>
      <Field label="From"><input type="date" value={filter.from} onChange={(event) => show({ from: event.currentTarget.value })} /></Field>
      <Field label="To"><input type="date" value={filter.to} onChange={(event) => show({ to: event.currentTarget.value })} /></Field>
      <Field label="To what (id)"><input value={target} onInput={(event) => setTarget(event.currentTarget.value)} /></Field>
      <Field label="By whom (id)"><input value={actor} onInput={(event) => setActor(event.currentTarget.value)} /></Field>
      <button type="submit">Search</button>
      {Object.values(filter).some(Boolean) && <button type="button" class="quiet" onClick={() => { setTarget(''); setActor(''); show({ action: '', target: '', actor: '', from: '', to: '' }); }}>Clear</button>}
    </form>
  );
}

const mostExported = 5000;

function Export({ filter }: { filter: Filter }) {
  const submission = useSubmit();
  const save = (): void => void submission.run(async () => {
    const events: AuditEvent[] = [];
    let cursor: string | undefined;
    do {
      const page: EventList = await read('/v1/audit-events', { ...asked(filter), limit: 100, cursor });
      events.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor && events.length < mostExported);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff' + csv([heads, ...events.map(rowOf)])], { type: 'text/csv;charset=utf-8' }));
    link.download = 'audit.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    say(cursor ? `The newest ${events.length} events are exported; narrow the filter for older ones` : `${events.length} events are exported`);
  });
  return <>{submission.error !== undefined && <Failure error={submission.error} />}<button type="button" disabled={submission.busy} onClick={save}>{submission.busy ? 'Exporting…' : 'Export as CSV'}</button></>;
}

const heads = ['time', 'action', 'actor', 'actor id', 'key id', 'target', 'address', 'user agent', 'request id', 'changes'];

const rowOf = (event: AuditEvent): string[] => [
  event.at, event.action, event.actor.username, event.actor.userId, event.keyId ?? '', event.target, event.source ?? '', event.userAgent ?? '', event.requestId ?? '',
  linesOf(event).map((line) => `${line.field}: ${line.from ?? ''} -> ${line.to ?? ''}`).join('\n'),
];
