import { read } from '../api/client';
import type { Page, Schemas } from '../api/schema';
import { to } from '../base';
import { actionName } from '../rules/actions';
import { Diff } from './Diff';
import { Empty, Failure, Waiting } from './Notice';
import { useAnswer } from './useAnswer';
import { When } from './When';

export type AuditEvent = Schemas['AuditEvent'];

/** What was done to one thing, the newest first. An organization and a service can
 * have the same id: only says which is meant. */
export function History({ target, only = '' }: { target: string; only?: string }) {
  const log = useAnswer((signal) => read<Page<Schemas['AuditEvent']>>('/v1/audit-events', { target, limit: 50 }, signal), [target]);
  if (log.error !== undefined) return <Failure error={log.error} onRetry={log.reload} />;
  if (!log.value) return <Waiting />;
  const events = log.value.items.filter((event) => event.action.startsWith(only));
  const older = log.value.nextCursor !== undefined;
  return (
    <>
      {events.length > 0 ? <Events events={events} /> : !older && <Empty title="Nothing was recorded" />}
      {older && <p><a href={to(`audit?target=${encodeURIComponent(target)}`)}>Older ones, in the audit trail</a></p>}
    </>
  );
}

/** A table of audit events. */
export function Events({ events, targets }: { events: AuditEvent[]; targets?: boolean }) {
  return (
    <div class="frame">
      <table class="cardly">
        <caption class="sr">Audit events</caption>
        <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Who</th>{targets && <th scope="col">To what</th>}<th scope="col">What changed</th></tr></thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.id}>
              <td class="lead"><When at={event.at} /></td>
              <td data-label="What" class="action">{actionName(event.action)}</td>
              <td data-label="Who" class="actor"><span class="name" title={event.actor.username}>{event.actor.username || event.actor.userId || 'Keyward'}</span>{event.source && <span class="second">{event.source}</span>}</td>
              {targets && <td data-label="To what" class="target"><Target of={event} /></td>}
              <td data-label="What changed" class="changed"><Diff event={event} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const pages: Record<string, string> = { apikey: 'keys', policy: 'policies', user: 'users', service: 'services' };

/** What was changed; it leads to its page unless that is gone. */
function Target({ of: event }: { of: AuditEvent }) {
  const [thing = '', verb = ''] = event.action.split('.');
  const name = event.after?.name ?? event.before?.name ?? '';
  const page = pages[thing];
  return (
    <>
      {name && <span class="name small" title={name}>{name}</span>}
      <span class="second mono" title={event.target}>{page && verb !== 'delete' && verb !== 'purge' ? <a href={to(`${page}/${event.target}`)}>{event.target}</a> : event.target}</span>
    </>
  );
}
