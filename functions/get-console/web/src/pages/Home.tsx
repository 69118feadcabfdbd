import type { ComponentChildren } from 'preact';
import { to } from '../base';
import { Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { type APIKey, called } from '../rules/keys';
import { manages } from '../rules/rights';
import { holds, managesKeys, me } from '../session';
import { expiring, exposed, overPrivileged, refusedOften, unused } from './attention';

/** What needs attention. */
export function Home() {
  const all = managesKeys();
  return (
    <Page title="Home" intro={all ? 'What needs attention, of the keys of your organization.' : 'What needs attention, of your own keys.'}>
      <div class="cards">
        <Card title="Expiring within 30 days" read={expiring} more="keys?show=expiring&sort=expiresOn&order=asc" none="No key expires soon."
          items={(found) => found.items} line={(key) => <><Name of={key} /><span class="small soft"><When at={key.expiresOn} /></span></>} />
        <Card title="Unused for 90 days" read={unused} more="keys?show=unused" none="Every key is in use, or new."
          items={(found) => found.items} line={(key) => <><Name of={key} /><span class="small soft"><When at={key.lastUsedOn} none="never used" /></span></>} />
        {all && holds('ViewAuditEvents') && (
          <Card title="Reported as leaked" read={exposed} none="No key that is there was reported."
            items={(found) => found} line={(key) => <><Name of={key} /><span class="small soft"><When at={key.exposure?.reportedOn} /></span></>} />
        )}
        {holds('AdministerApiKeys') && (
          <Card title="Refused often" read={refusedOften} none="No key was refused in seven days."
            items={(found) => found} line={(one) => <><Name of={one.key} /><span class="small soft">{one.refused.toLocaleString('en')} of {(one.refused + one.allowed).toLocaleString('en')}</span></>} />
        )}
        {all && (
          <Card title="Unused permissions" read={(signal) => overPrivileged(signal)} none="The keys that were used last use all that they have."
            items={({ found }) => found.slice(0, 6)} line={(one) => <><Name of={one.key} /><span class="small soft">{one.unused.length} of {one.unused.length + one.used.length} unused</span></>} />
        )}
      </div>
      {!all && <p class="soft small">You hold: {me.value?.permissions.length ? me.value.permissions.map((name) => <><code key={name}>{name}</code> </>) : 'no permissions'}</p>}
    </Page>
  );
}

const Name = ({ of: key }: { of: APIKey }) => (manages(key) ? <a class="name" dir="auto" href={to(`keys/${key.id}`)}>{called(key)}</a> : <span class="name" dir="auto">{called(key)}</span>);

interface Props<T, I> {
  title: string;
  read: (signal: AbortSignal) => Promise<T>;
  items: (found: T) => I[];
  line: (item: I) => ComponentChildren;
  none: string;
  /** The page with all of them. */
  more?: string;
}

function Card<T, I>({ title, read, items, line, none, more }: Props<T, I>) {
  const found = useAnswer(read, []);
  const list = found.value === undefined ? [] : items(found.value);
  return (
    <section class="card stack attention" aria-label={title}>
      <h2>{title}</h2>
      {found.error !== undefined && <Failure error={found.error} onRetry={found.reload} />}
      {found.value === undefined && found.error === undefined && <Waiting />}
      {found.value !== undefined && list.length === 0 && <p class="soft">{none}</p>}
      {list.length > 0 && <ul class="tight">{list.map((item, i) => <li key={i} class="spread">{line(item)}</li>)}</ul>}
      {list.length > 0 && more && <a class="small" href={to(more)}>Show in the list</a>}
    </section>
  );
}
