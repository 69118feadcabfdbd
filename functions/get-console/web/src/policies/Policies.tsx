import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import { readAll, step } from '../api/client';
import { to } from '../base';
import { Empty, Failure, Waiting } from '../parts/Notice';
import { Page } from '../parts/Page';
import { Rest } from '../parts/Rest';
import { useAnswer } from '../parts/useAnswer';
import { When } from '../parts/When';
import { holds } from '../session';
import { type Policy, PolicyForm } from './form';

export function Policies() {
  const { route } = useLocation();
  const [most, setMost] = useState(step);
  const list = useAnswer((signal) => readAll<Policy>('/v1/policies', signal, most), [most]);
  const [creating, setCreating] = useState(false);
  return (
    <Page title="Policies" intro="A named set of permissions for any number of keys. A change of it reaches all of them within seconds."
      actions={holds('AdministerPolicies') && <button type="button" class="primary" onClick={() => setCreating(true)}>New policy</button>}>
      {list.error !== undefined && <Failure error={list.error} onRetry={list.reload} />}
      {!list.value && list.loading && <Waiting lines={4} what="Loading the policies" />}
      {list.value?.items.length === 0 && !list.value.more && list.value.damaged === 0 && <Empty title="There are no policies yet">Keys with the same job can share one.</Empty>}
      {list.value && list.value.items.length > 0 && (
        <div class="frame">
          <table class="cardly">
            <caption class="sr">Policies</caption>
            <thead><tr><th scope="col">Name</th><th scope="col">Permissions</th><th scope="col" class="right">Keys</th><th scope="col">Created</th></tr></thead>
            <tbody>
              {list.value.items.map((policy) => (
                <tr key={policy.id}>
                  <td class="lead keyname"><a class="name" href={to(`policies/${policy.id}`)}>{policy.name}</a>{policy.description && <span class="second name">{policy.description}</span>}</td>
                  <td data-label="Permissions"><Some names={policy.permissions} /></td>
                  <td data-label="Keys" class="right">{policy.keyCount}</td>
                  <td data-label="Created"><When at={policy.createdOn} asDay /><span class="second name">{policy.createdBy.username}</span></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.value && <Rest of={list.value} onMore={() => setMost(most + step)} />}
      {creating && <PolicyForm onClose={() => setCreating(false)} onDone={(policy) => { setCreating(false); route(to(`policies/${policy.id}`)); }} />}
    </Page>
  );
}

function Some({ names }: { names: string[] }) {
  const shown = names.slice(0, 3);
  return <>{shown.map((name) => <><code key={name}>{name}</code> </>)}{names.length > shown.length && <span class="soft">and {names.length - shown.length} more</span>}</>;
}
