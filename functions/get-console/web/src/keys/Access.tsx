import { read } from '../api/client';
import type { Schemas } from '../api/schema';
import { to } from '../base';
import { Failure, Waiting } from '../parts/Notice';
import { Section } from '../parts/Section';
import { useAnswer } from '../parts/useAnswer';
import type { APIKey } from '../rules/keys';
import { holds, managesKeys } from '../session';

type PermissionUse = Schemas['PermissionUse'];

/** What a key can do, why, and which of it was used. */
export function Access({ of: key }: { of: APIKey }) {
  const use = useAnswer((signal) => read<PermissionUse>(`/v1/apikeys/${key.id}/permissions`, undefined, signal), [key.id, key.lastModifiedOn]);
  return (
    <Section title="What it can do" hint={why(key)}>
      <div class="card stack">
        {key.policyId && <p>From the policy {managesKeys() ? <a class="name" href={to(`policies/${key.policyId}`)}>{key.policyName ?? key.policyId}</a> : <b class="name">{key.policyName ?? key.policyId}</b>}</p>}
        {key.onBehalfOf && <p>{key.type === 'shared' ? 'Names' : 'Acts as'} the user {holds('AdministerUsers', 'AdministerApiKeys') ? <a class="name" href={to(`users/${key.onBehalfOf}`)}>{key.onBehalfOfEmail ?? key.onBehalfOf}</a> : <b class="name">{key.onBehalfOfEmail ?? key.onBehalfOf}</b>}</p>}
        {use.error !== undefined && <Failure error={use.error} onRetry={use.reload} />}
        {!use.value && use.error === undefined && <Waiting />}
        {use.value && <Permissions use={use.value} />}
        <dl class="facts">
          <dt>Addresses</dt><dd>{key.allowIps ? key.allowIps.map((address) => <><code key={address}>{address}</code> </>) : 'From everywhere'}</dd>
          <dt>Services</dt><dd>{key.services ? key.services.join(', ') : 'On all services'}</dd>
        </dl>
      </div>
    </Section>
  );
}

function why(key: APIKey): string {
  if (key.policyId) return 'What its policy grants, now and after each change of it.';
  if (key.type === 'personal') return key.permissions ? 'These, as far as its user holds them.' : 'Whatever its user may do.';
  return 'The permissions that it was given itself.';
}

function Permissions({ use }: { use: PermissionUse }) {
  const rows = [
    ...use.used.map((one) => ({ ...one, name: one.name || 'Routes that need no permission' })),
    ...use.unused.map((name) => ({ name, requests: 0, lastUsedDay: '', granted: true })),
  ].sort((a, b) => Number(b.granted) - Number(a.granted) || a.name.localeCompare(b.name));
  if (rows.length === 0) return <p class="soft">Nothing: it has no permissions. It can use routes that every key opens.</p>;
  return (
    <>
      {use.unused.length > 0 && use.used.length > 0 && <p>{use.unused.length === 1 ? 'One permission was' : `${use.unused.length} permissions were`} not used in 90 days. Without {use.unused.length === 1 ? 'it' : 'them'}, the key could do all that it did.</p>}
      <div class="frame" tabIndex={0} role="group" aria-label="Permissions">
        <table class="cardly">
          <caption class="sr">Permissions of the key, and their use in the last 90 days</caption>
          <thead><tr><th scope="col">Permission</th><th scope="col" class="right">Requests in 90 days</th><th scope="col">Last used</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name}>
                <td class="lead"><code>{row.name}</code>{!row.granted && <span class="second">It does not have it any more</span>}</td>
                <td data-label="Requests in 90 days" class="right">{row.requests.toLocaleString('en')}</td>
                <td data-label="Last used">{row.lastUsedDay || <span class="soft">Not in 90 days</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
